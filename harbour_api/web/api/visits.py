"""The visits of a station over the API: logged, corrected, stated by the day, unlocked, and read back.

One rule: nothing is answered before it is durable, and a repeat of what was once in time is answered as it was then.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.hours import local_day
from harbour_api.domain.problems import DayLocked, Invalid
from harbour_api.domain.tally import Entry, Source, check_day, check_time, correction, is_locked
from harbour_api.store.writer import Once
from harbour_api.web.answers import private
from harbour_api.web.api.batches import log_batch
from harbour_api.web.api.bodies import described, read
from harbour_api.web.api.queries import DayQuery, DaysQuery, known_parameters_only, named_day, row_id
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.api.stations import REFUSALS
from harbour_api.web.api.visit_bodies import BatchBody, CorrectionBody, DayBody, ReasonBody, SentBatch, VisitBody
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import Administrator, OwnStation, SignedIn, VisitSender
from harbour_api.web.wire import day_json, entry_json, local

KEY = re.compile(r"[!-~]{1,200}")
IDEMPOTENCY_KEY = {"name": "Idempotency-Key", "required": False, "description": "1 to 200 printable characters"}
MOST_BATCH_BYTES = 262_144

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=REFUSALS, default_response_class=Response)
NamedDay = Annotated[date, Depends(named_day)]


@router.post(
    "/stations/{code}/visits",
    status_code=201,
    summary="Log visitors",
    responses={429: PROBLEM},
    openapi_extra=described(VisitBody, header=IDEMPOTENCY_KEY),
)
async def log_visit(request: Request, house: InHouse, sender: VisitSender) -> Response:
    """Add one visit entry, durable before this answers; with an Idempotency-Key a repeat gets the first answer."""
    known_parameters_only(request)
    given = await read(request, VisitBody)
    once, now = await _once(request, sender.actor), house.now()
    try:
        moment = await _in_time(house, sender.station.code, given.occurred_at or now, now)
    except Invalid as refusal:
        return await _first_answer(house, once, refusal)
    entry = Entry(
        station=sender.station.code,
        day=local_day(moment),
        audience=given.audience,
        count=given.count,
        occurred_at=moment,
        recorded_at=now,
        source=sender.source,
        actor=sender.actor,
        note=given.note,
    )
    return await _written(house, entry, once)


@router.post(
    "/stations/{code}/visits/batch",
    status_code=207,
    summary="Log visits from an offline queue",
    responses={429: PROBLEM},
    openapi_extra=described(BatchBody),
)
async def log_visits(request: Request, house: InHouse, sender: VisitSender) -> Response:
    """Return `{results: [{id, status, problem?}]}` in order: 201, 200 for what was there already, or 422."""
    known_parameters_only(request)
    given = await read(request, SentBatch, MOST_BATCH_BYTES)
    return private({"results": await log_batch(house, sender, given.visits)}, status=207)


@router.get("/stations/{code}/visits", summary="List a day's visit entries")
def visits(request: Request, house: InHouse, station: OwnStation, query: Annotated[DayQuery, Query()]) -> Response:
    """Return every entry of a local day, corrections too, oldest first."""
    known_parameters_only(request)
    day = query.day or local_day(house.now())
    entries = house.visits.entries(station.code, day, day)
    return private({"day": day.isoformat(), "visits": [entry_json(entry) for entry in entries]})


def own_visit(id: str, house: InHouse, who: SignedIn) -> Entry:
    """Return the entry of the address; Unknown where there is none, Forbidden where it is another station's."""
    found = house.visits.entry(row_id(id))
    who.may_manage(found.station)
    return found


OwnVisit = Annotated[Entry, Depends(own_visit)]


@router.post(
    "/visits/{id}/corrections",
    status_code=201,
    summary="Correct a visit",
    openapi_extra=described(CorrectionBody, header=IDEMPOTENCY_KEY),
)
async def correct(request: Request, house: InHouse, who: SignedIn, visit: OwnVisit) -> Response:
    """Give a visit, named by its entry or by a correction of it, another count, as a further entry with a reason."""
    known_parameters_only(request)
    given = await read(request, CorrectionBody)
    once, now = await _once(request, who.username), house.now()
    try:
        check_day(visit.day, now, await run_in_threadpool(house.visits.unlocked, visit.station))
        entry = correction(visit, given.count, given.reason, source=Source.MANAGER, actor=who.username, at=now)
    except Invalid as refusal:
        return await _first_answer(house, once, refusal)
    return await _written(house, entry, once)


@router.get("/stations/{code}/days", summary="List a station's daily totals")
def days(request: Request, house: InHouse, station: OwnStation, query: Annotated[DaysQuery, Query()]) -> Response:
    """Return every day of the span; `total` is null where nothing was recorded, which is not 0."""
    known_parameters_only(request)
    first, last = query.span(local_day(house.now()))
    return private({"days": [day_json(day) for day in house.visits.days(station.code, first, last)]})


@router.put("/stations/{code}/days/{day}", summary="State a day's total", openapi_extra=described(DayBody))
async def state_day(request: Request, house: InHouse, who: SignedIn, station: OwnStation, day: NamedDay) -> Response:
    """Make a day's total what is stated, 0 included, by adding entries and corrections; return the day."""
    known_parameters_only(request)
    given = await read(request, DayBody)
    said = given.statement(station.code, day, actor=who.username, at=house.now())
    return private(day_json(await run_in_threadpool(house.visits.state, said)))


@router.put("/stations/{code}/days/{day}/unlock", summary="Unlock a day", openapi_extra=described(ReasonBody))
async def unlock(request: Request, house: InHouse, station: OwnStation, who: Administrator, day: NamedDay) -> Response:
    """Let a day that lies more than 14 days back be written to, until it is locked again."""
    known_parameters_only(request)
    given, now = await read(request, ReasonBody), house.now()
    if not is_locked(day, now):
        raise Invalid("That day is not locked: only one that lies more than 14 days back is.")
    await run_in_threadpool(house.visits.unlock, station.code, day, given.reason, actor=who.username, now=now)
    told = {"station": station.code, "day": day.isoformat(), "reason": given.reason}
    return private(told | {"unlocked_by": who.username, "unlocked_at": local(now)})


@router.delete("/stations/{code}/days/{day}/unlock", status_code=204, summary="Lock a day again")
def lock(request: Request, house: InHouse, station: OwnStation, who: Administrator, day: NamedDay) -> Response:
    """Lock an unlocked day again; 404 where it is not unlocked."""
    known_parameters_only(request)
    house.visits.lock(station.code, day, actor=who.username, now=house.now())
    return Response(status_code=204)


async def _in_time(house: House, station: str, moment: datetime, now: datetime) -> datetime:
    """Return the instant of a visit; which days are unlocked is looked up only where it lies too far back."""
    try:
        return check_time(moment, now)
    except DayLocked:
        return check_time(moment, now, await run_in_threadpool(house.visits.unlocked, station))


async def _written(house: House, entry: Entry, once: Once | None) -> Response:
    return private(entry_json(await asyncio.wrap_future(house.visits.log(entry, once))), status=201)


async def _first_answer(house: House, once: Once | None, refusal: Invalid) -> Response:
    """Return what a key was answered with when that was still in time, or raise the refusal of what is new."""
    found = await run_in_threadpool(house.visits.answered, [once]) if once else {}
    if not found:
        raise refusal
    [earlier] = found.values()
    if isinstance(earlier, Invalid):
        raise earlier
    return private(entry_json(earlier.entry), status=201)


async def _once(request: Request, actor: str) -> Once | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not KEY.fullmatch(key):
        raise Invalid("The header Idempotency-Key must have 1 to 200 printable ASCII characters.")
    return Once(actor, request.url.path, key, hashlib.sha256(await request.body()).hexdigest())
