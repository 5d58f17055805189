"""The facts that managers make true on the spot: what a station has, when it is closed, where it is.

One rule: each route changes one fact, so If-Match is honoured where it is sent (412) and not demanded: two who toggle
different things at once must not hold each other up. PATCH of a station, which changes many, demands it.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.problems import Unknown
from harbour_api.domain.station import Closure, Station
from harbour_api.store.facts import By
from harbour_api.web.answers import private
from harbour_api.web.api.bodies import described, read
from harbour_api.web.api.fact_bodies import ClosureBody, OfferingBody, VerificationBody
from harbour_api.web.api.queries import ClosuresQuery, known_parameters_only, row_id
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.api.stations import REFUSALS, expected_versions, station_answer
from harbour_api.web.house import InHouse
from harbour_api.web.security import OwnStation, SignedIn
from harbour_api.web.wire import local

IF_MATCH = {"name": "If-Match", "required": False, "description": "the ETag of the station that was read"}
NO_BODY = {"parameters": [{"in": "header", "schema": {"type": "string"}, **IF_MATCH}]}
MORE: dict[int | str, dict[str, Any]] = {**REFUSALS, 412: PROBLEM}

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=MORE, default_response_class=Response)


def station_of_offering(code: str, amenity: str, who: SignedIn, house: InHouse) -> Station:
    """Return the station of the address; Unknown where there is no such station or amenity, Forbidden for others'."""
    network = house.registry.network
    station = network.station(code)
    if amenity not in network.amenities:
        raise Unknown("No amenity has that code.")
    who.may_manage(station.code)
    return station


StationOfOffering = Annotated[Station, Depends(station_of_offering)]


@router.put(
    "/stations/{code}/amenities/{amenity}",
    summary="Set what is known of an amenity",
    openapi_extra=described(OfferingBody, header=IF_MATCH),
)
async def set_offering(
    request: Request, house: InHouse, who: SignedIn, station: StationOfOffering, amenity: str
) -> Response:
    """Set state, count, note and days (`from`, `to`), verified now, and return the station's Feature with its new ETag.

    What is left out is emptied: without days the amenity is there always. Finders' open reports of it are done with
    it, unless the state is `unknown`; `reported_at` then says since when the first of them waited.
    """
    known_parameters_only(request)
    by = By(who.username, expected_versions(request))
    given = await read(request, OfferingBody)
    season = given.season()
    changed = await run_in_threadpool(
        house.facts.set_offering, station.code, amenity, given.state, given.count, given.note, by, season=season
    )
    return station_answer(house, changed)


@router.delete(
    "/stations/{code}/amenities/{amenity}", status_code=204, summary="Forget an amenity", openapi_extra=NO_BODY
)
def forget_offering(
    request: Request, house: InHouse, who: SignedIn, station: StationOfOffering, amenity: str
) -> Response:
    """Forget what is known of an amenity here; 204 also where nothing was."""
    known_parameters_only(request)
    house.facts.forget_offering(station.code, amenity, By(who.username, expected_versions(request)))
    return Response(status_code=204)


@router.get("/stations/{code}/closures", summary="List a station's closures")
def closures(
    request: Request, house: InHouse, station: OwnStation, query: Annotated[ClosuresQuery, Query()]
) -> Response:
    """Return `{closures: [{id, from, to, reason}]}`, the coming and the current ones, with `past=true` all, by time."""
    known_parameters_only(request)
    now = house.now()
    listed = [closure for closure in station.closures if query.past or closure.ends_at > now]
    listed.sort(key=lambda closure: (closure.starts_at, closure.id))
    return private({"closures": [_shown(closure) for closure in listed]})


@router.post(
    "/stations/{code}/closures",
    status_code=201,
    summary="Close a station for a while",
    responses={409: PROBLEM},
    openapi_extra=described(ClosureBody, header=IF_MATCH),
)
async def close(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Close from `from` up to `to`; closures may overlap, but 409 where one stands for the very same time."""
    known_parameters_only(request)
    by = By(who.username, expected_versions(request))
    given = await read(request, ClosureBody)
    given.check()
    made = await run_in_threadpool(house.facts.close, station.code, given.starts_at, given.ends_at, given.reason, by)
    return private(_shown(made), status=201)


@router.delete("/stations/{code}/closures/{id}", status_code=204, summary="Take a closure away", openapi_extra=NO_BODY)
def reopen(request: Request, house: InHouse, who: SignedIn, station: OwnStation, id: str) -> Response:
    """Take a closure away, as if it had never been; the history keeps it."""
    known_parameters_only(request)
    house.facts.reopen(station.code, row_id(id), By(who.username, expected_versions(request)))
    return Response(status_code=204)


@router.post(
    "/stations/{code}/verification",
    summary="Verify where a station is",
    openapi_extra=described(VerificationBody, header=IF_MATCH),
)
async def verify(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Put the station where the asker stands, points or says, and return its Feature: the placeholder ends.

    Methods: `device` (at the door, with `accuracy_m`, 50 at most), `map` (a pin) and `typed` (figures from elsewhere).
    A point farther than 30 km from that of the station's town is refused, with the slip that would explain it.
    """
    known_parameters_only(request)
    by = By(who.username, expected_versions(request))
    given = await read(request, VerificationBody)
    place = given.place_in(house.registry.network.town(station.town))
    return station_answer(house, await run_in_threadpool(house.facts.verify_place, station.code, place, by))


@router.post(
    "/stations/{code}/history/{id}/take-back",
    summary="Take a change back",
    responses={409: PROBLEM},
    openapi_extra=NO_BODY,
)
def take_back(request: Request, house: InHouse, who: SignedIn, station: OwnStation, id: str) -> Response:
    """Undo one line of the history by a further change, and return the station's Feature.

    The old value returns with the basis it had; 409 where the fact has changed since: take the later change back first.
    """
    known_parameters_only(request)
    by = By(who.username, expected_versions(request))
    return station_answer(house, house.facts.take_back(station.code, row_id(id), by))


def _shown(closure: Closure) -> dict[str, Any]:
    return {
        "id": closure.id,
        "from": local(closure.starts_at),
        "to": local(closure.ends_at),
        "reason": closure.reason,
    }
