"""Stations opened and changed. Each route asks the store and answers.

The order of refusal is 401, 404, 403, 422: who asks and which station are settled by the parameters, before any body is
read.
"""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.problems import IfMatchMissing, Invalid, Unknown
from harbour_api.domain.station import Basis, Station
from harbour_api.web.answers import station_etag
from harbour_api.web.api.bodies import StationBody, StationPatch, described, read, specials_of
from harbour_api.web.api.queries import known_parameters_only
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import Administrator, OwnStation, SignedIn
from harbour_api.web.wire import GEOJSON

VERSION = re.compile(r'"(\d{1,9})(?:\.[a-z]+)?"')
IF_MATCH = {"name": "If-Match", "required": True, "description": "the ETag of the station that was read, or *"}
REFUSALS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 404: PROBLEM, 422: PROBLEM, 503: PROBLEM}

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=REFUSALS, default_response_class=Response)


@router.post("/stations", status_code=201, summary="Open a station", openapi_extra=described(StationBody))
async def open_station(request: Request, house: InHouse, who: Administrator) -> Response:
    """Register a station under the next free code; 409 where its clearing code is taken."""
    known_parameters_only(request)
    given = await read(request, StationBody)
    station = _new_station(house, given)
    opened = await run_in_threadpool(house.registry.open_station, station, actor=who.username)
    answer = station_answer(house, opened, status=201)
    answer.headers["Location"] = f"/api/v1/stations/{opened.code}"
    return answer


@router.patch(
    "/stations/{code}",
    summary="Change a station",
    responses={412: PROBLEM, 428: PROBLEM},
    openapi_extra=described(StationPatch, "application/merge-patch+json", header=IF_MATCH),
)
async def change_station(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Change what the body names; If-Match must carry the version that was read (412 where it is stale)."""
    known_parameters_only(request)
    if "if-match" not in request.headers:
        raise IfMatchMissing("Send the ETag of the station you read as If-Match.")
    expected = expected_versions(request)
    given = await read(request, StationPatch)
    changes = given.changes()
    if "town" in changes:
        changes["town"] = _town_code(house, changes["town"])
    changed = await run_in_threadpool(
        house.registry.change_station,
        station.code,
        changes,
        expected=expected,
        basis=given.basis,
        actor=who.username,
    )
    return station_answer(house, changed)


def station_answer(house: House, station: Station, status: int = 200) -> Response:
    """Answer a change with the station as it is now, and the ETag that the next change names."""
    network, now = house.registry.network, house.now()
    etag = station_etag(station.version, network.opening(station, now))
    headers = {"Cache-Control": "no-store, no-transform", "ETag": etag}  # so that If-Match takes this very ETag
    return Response(house.features.one(network, station, now), status, headers, GEOJSON)


def _new_station(house: House, given: StationBody) -> Station:
    basis = {"name": Basis.VERIFIED, "town": Basis.VERIFIED, "location": given.location_basis}
    said = given.model_fields_set & {"name_en", "address", "phone", "access", "opening_hours", "specials"}
    return Station(
        code="",
        cnaps=given.cnaps,
        name=given.name,
        name_en=given.name_en,
        town=_town_code(house, given.town),
        place=given.place(),
        location_basis=given.location_basis,
        official_name=given.name,
        address=given.address,
        phone=given.phone,
        access=given.access,
        opening_hours=given.opening_hours,
        specials=specials_of(given.specials),
        basis=basis | dict.fromkeys(said, Basis.VERIFIED),
    )


def _town_code(house: House, code: str) -> str:
    """Return today's code of the town; a code of 2018 is understood too."""
    try:
        return house.registry.network.town(code).code
    except Unknown as error:
        raise Invalid.field("/town", "must be a code listed under /api/v1/towns") from error


def expected_versions(request: Request) -> frozenset[int] | None:
    """Return the versions If-Match names, None for any or where none is sent; the open state does not count."""
    if_match = request.headers.get("if-match", "*")
    if if_match.strip() == "*":
        return None
    return frozenset(int(version) for version in VERSION.findall(if_match))
