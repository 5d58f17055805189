"""The amenities' vocabulary, kept by administrators: a new word is a filter, a chip and a column at once."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.problems import Unknown
from harbour_api.web.answers import private
from harbour_api.web.api.bodies import described, read
from harbour_api.web.api.fact_bodies import AmenityBody, AmenityPatch
from harbour_api.web.api.queries import known_parameters_only
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.house import InHouse
from harbour_api.web.security import Administrator, SignedIn
from harbour_api.web.wire import amenity_json

REFUSALS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 422: PROBLEM, 503: PROBLEM}

router = APIRouter(prefix="/api/v1/amenities", tags=["managers"], responses=REFUSALS, default_response_class=Response)


@router.post(
    "", status_code=201, summary="Add a kind of amenity", responses={409: PROBLEM}, openapi_extra=described(AmenityBody)
)
async def add(request: Request, house: InHouse, who: Administrator) -> Response:
    """Add a word behind all others and return it; 409 where its code is taken."""
    known_parameters_only(request)
    amenity = (await read(request, AmenityBody)).amenity()
    await run_in_threadpool(house.vocabulary.add, amenity, actor=who.username)
    return private(amenity_json(amenity), status=201)


@router.patch(
    "/{amenity}",
    summary="Change a kind of amenity",
    responses={404: PROBLEM},
    openapi_extra=described(AmenityPatch, "application/merge-patch+json"),
)
async def change(request: Request, house: InHouse, who: SignedIn, amenity: str) -> Response:
    """Change what the body names of a word and return it. Words have no version: the last change stands."""
    if amenity not in house.registry.network.amenities:
        raise Unknown("No amenity has that code.")
    who.may_administer()
    known_parameters_only(request)
    changes = (await read(request, AmenityPatch)).changes()
    changed = await run_in_threadpool(house.vocabulary.change, amenity, changes, actor=who.username)
    return private(amenity_json(changed))
