"""The managers' API: every change of a station, and the visits of its desk. Each route asks the store and answers.

The order of refusal is 401, 404, 403, 422: who asks and which station are settled by the parameters, before any body is
read.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.hours import local_day
from harbour_api.domain.problems import IfMatchMissing, Invalid, Unknown
from harbour_api.domain.station import Basis, Station
from harbour_api.domain.tally import Entry, Source, check_time
from harbour_api.store.writer import Once
from harbour_api.web.answers import private, station_etag
from harbour_api.web.api.bodies import LogInBody, StationBody, StationPatch, VisitBody, described, read, specials_of
from harbour_api.web.api.queries import DayQuery, DaysQuery, known_parameters_only
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import Administrator, OwnStation, SignedIn, address_of, token_of, who_asks
from harbour_api.web.wire import GEOJSON, day_json, entry_json, local

KEY = re.compile(r"[!-~]{1,200}")
VERSION = re.compile(r'"(\d{1,9})(?:\.[a-z]+)?"')
IF_MATCH = {"name": "If-Match", "required": True, "description": "the ETag of the station that was read, or *"}
IDEMPOTENCY_KEY = {"name": "Idempotency-Key", "required": False, "description": "1 to 200 printable characters"}
REFUSALS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 404: PROBLEM, 422: PROBLEM, 503: PROBLEM}

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=REFUSALS, default_response_class=Response)
NoQuery = Depends(known_parameters_only)


@router.post("/sessions", status_code=201, summary="Log in", openapi_extra=described(LogInBody))
async def log_in(request: Request, house: InHouse) -> Response:
    """Return a new session: `{token, expires_at}`. It also ends after half an hour unused."""
    known_parameters_only(request)
    given = await read(request, LogInBody)
    session = await run_in_threadpool(
        house.accounts.log_in, given.username, given.password, address=address_of(request)
    )
    return private({"token": session.token, "expires_at": local(session.expires_at)}, status=201)


@router.delete("/sessions/current", status_code=204, summary="Log out here", dependencies=[Depends(who_asks), NoQuery])
def log_out(request: Request, house: InHouse, _who: SignedIn) -> Response:
    """End this session."""
    house.accounts.log_out(token_of(request, house))
    return Response(status_code=204)


@router.delete("/sessions", status_code=204, summary="Log out everywhere", dependencies=[Depends(who_asks), NoQuery])
def log_out_everywhere(house: InHouse, who: SignedIn) -> Response:
    """End every session of this account."""
    house.accounts.log_out_everywhere(who.username)
    return Response(status_code=204)


@router.get("/me", summary="Who am I", dependencies=[Depends(who_asks), NoQuery])
async def me(who: SignedIn) -> Response:
    """Return the account and its stations; an administrator has all."""
    role = "administrator" if who.is_administrator else "manager"
    return private({"username": who.username, "role": role, "stations": sorted(who.stations)})


@router.post("/stations", status_code=201, summary="Open a station", openapi_extra=described(StationBody))
async def open_station(request: Request, house: InHouse, who: Administrator) -> Response:
    """Register a station under the next free code; 409 where its clearing code is taken."""
    known_parameters_only(request)
    given = await read(request, StationBody)
    station = _new_station(house, given)
    opened = await run_in_threadpool(house.registry.open_station, station, actor=who.username)
    answer = _feature(house, opened, status=201)
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
    expected = _expected_versions(request)
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
    return _feature(house, changed)


@router.post(
    "/stations/{code}/visits",
    status_code=201,
    summary="Log visitors",
    openapi_extra=described(VisitBody, header=IDEMPOTENCY_KEY),
)
async def log_visit(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Add one visit entry, durable before this answers; with an Idempotency-Key a repeat gets the first answer."""
    known_parameters_only(request)
    given = await read(request, VisitBody)
    once, now = await _once(request, who.username), house.now()
    try:
        moment = check_time(given.occurred_at or now, now)
    except Invalid:  # a repeat of what was once in time is answered as it was then
        earlier = await run_in_threadpool(house.visits.answered, once) if once else None
        if earlier is None:
            raise
        return private(entry_json(earlier), status=201)
    entry = Entry(
        station=station.code,
        day=local_day(moment),
        audience=given.audience,
        count=given.count,
        occurred_at=moment,
        recorded_at=now,
        source=Source.MANAGER,
        actor=who.username,
        note=given.note,
    )
    written = await asyncio.wrap_future(house.visits.log(entry, once))
    return private(entry_json(written), status=201)


@router.get("/stations/{code}/visits", summary="List a day's visit entries")
def visits(request: Request, house: InHouse, station: OwnStation, query: Annotated[DayQuery, Query()]) -> Response:
    """Return every entry of a local day, corrections too, oldest first."""
    known_parameters_only(request)
    day = query.day or local_day(house.now())
    entries = house.visits.entries(station.code, day, day)
    return private({"day": day.isoformat(), "visits": [entry_json(entry) for entry in entries]})


@router.get("/stations/{code}/days", summary="List a station's daily totals")
def days(request: Request, house: InHouse, station: OwnStation, query: Annotated[DaysQuery, Query()]) -> Response:
    """Return every day of the span; `total` is null where nothing was recorded, which is not 0."""
    known_parameters_only(request)
    first, last = query.span(local_day(house.now()))
    return private({"days": [day_json(day) for day in house.visits.days(station.code, first, last)]})


def _feature(house: House, station: Station, status: int = 200) -> Response:
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


def _expected_versions(request: Request) -> frozenset[int] | None:
    """Return the versions If-Match names, None for any; the open state after the point does not count."""
    if_match = request.headers.get("if-match")
    if if_match is None:
        raise IfMatchMissing("Send the ETag of the station you read as If-Match.")
    if if_match.strip() == "*":
        return None
    return frozenset(int(version) for version in VERSION.findall(if_match))


async def _once(request: Request, actor: str) -> Once | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise Invalid("The header Idempotency-Key must have 1 to 200 printable ASCII characters.")
    return Once(actor, request.url.path, key, hashlib.sha256(await request.body()).hexdigest())
