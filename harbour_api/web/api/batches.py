"""An offline queue of visits, taken in one by one: what is wrong with one of them is told of that one alone.

One rule: an item's id counts once at its station, whoever sends it, so a queue may be sent again by another link, and
as often as it takes. What is no id at all is told of as null: an answer echoes nothing of a stranger's.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.hours import local_day
from harbour_api.domain.problems import Invalid
from harbour_api.domain.tally import Entry, check_time
from harbour_api.store.writer import Line, Once, Outcome
from harbour_api.web.api.visit_bodies import BatchVisit
from harbour_api.web.house import House
from harbour_api.web.refusals import faults_of, members
from harbour_api.web.security import Sender

log = structlog.get_logger()
Sent = Mapping[str, Any]  # a visit as it came


async def log_batch(house: House, sender: Sender, sent: Sequence[Sent]) -> list[dict[str, Any]]:
    """Write what is new and sound of a batch, and return of each visit what became of it, in order."""
    now = house.now()
    read = {place: _read(visit, place) for place, visit in enumerate(sent)}
    lines = {place: _line(visit, sender, now) for place, visit in read.items() if isinstance(visit, BatchVisit)}
    outcomes: dict[int, Outcome] = {place: fault for place, fault in read.items() if isinstance(fault, Invalid)}
    untimely = {place: line for place, line in lines.items() if _fault(line, place, now) is not None}
    if untimely:
        outcomes |= await run_in_threadpool(_looked_into, house, sender.station.code, untimely, now)
    fresh = {place: line for place, line in lines.items() if place not in outcomes}
    if fresh:
        written = await asyncio.wrap_future(house.visits.log_all(list(fresh.values())))
        outcomes |= dict(zip(fresh, written, strict=True))
    return _results(sent, outcomes)


def _read(sent: Sent, place: int) -> BatchVisit | Invalid:
    """Return a visit as the API takes it, or what is wrong with it, by JSON pointers into the batch."""
    try:
        # Through JSON again: read strictly, a word of JSON is no value of Python's.
        return BatchVisit.model_validate_json(json.dumps(sent))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        faults = faults_of([{**fault, "loc": ("visits", place, *fault["loc"])} for fault in found], body=True)
        return Invalid("This visit is not valid.", errors=faults)


def _line(visit: BatchVisit, sender: Sender, now: datetime) -> Line:
    station, moment = sender.station.code, visit.occurred_at.astimezone(UTC)
    entry = Entry(
        station=station,
        day=local_day(moment),
        audience=visit.audience,
        count=visit.count,
        occurred_at=moment,
        recorded_at=now,
        source=sender.source,
        actor=sender.actor,
    )
    told = f"{visit.audience} {visit.count} {moment.isoformat()}"
    once = Once(station, f"/api/v1/stations/{station}/visits/batch", str(visit.id), _hash(told))
    return Line(entry, once)


def _looked_into(house: House, station: str, untimely: Mapping[int, Line], now: datetime) -> dict[int, Outcome]:
    """Return, by place, what was answered before and what is refused; what is of an unlocked day is neither."""
    answered = house.visits.answered([line.once for line in untimely.values() if line.once is not None])
    unlocked = house.visits.unlocked(station)
    found: dict[int, Outcome] = {}
    for place, line in untimely.items():
        known = None if line.once is None else answered.get(line.once.name)
        outcome = known or _fault(line, place, now, unlocked)
        if outcome is not None:
            found[place] = outcome
    return found


def _fault(line: Line, place: int, now: datetime, unlocked: Collection[date] = ()) -> Invalid | None:
    """Return why a visit lies too far back or ahead, None where it does not."""
    try:
        check_time(line.entry.occurred_at, now, unlocked)
    except Invalid as problem:
        [fault] = problem.errors
        return type(problem).field(f"/visits/{place}{fault.pointer}", fault.detail)
    return None


def _results(sent: Sequence[Sent], outcomes: dict[int, Outcome]) -> list[dict[str, Any]]:
    reference = secrets.token_hex(6)
    refused = sum(isinstance(outcome, Invalid) for outcome in outcomes.values())
    if refused:
        log.info("batch refused in part", reference=reference, refused=refused, n=len(sent))
    return [_result(visit, place, outcomes[place], reference) for place, visit in enumerate(sent)]


def _result(sent: Sent, place: int, outcome: Outcome, reference: str) -> dict[str, Any]:
    told: dict[str, Any] = {"id": _id_of(sent)}
    if not isinstance(outcome, Invalid):
        return told | {"status": 201 if outcome.is_new else 200}
    if not outcome.errors:
        outcome = Invalid.field(f"/visits/{place}/id", "came with another audience, count or time before")
    return told | {"status": outcome.status, "problem": members(outcome, reference)}


def _id_of(sent: Sent) -> str | None:
    try:
        return str(UUID(sent.get("id")))
    except (ValueError, TypeError, AttributeError):
        return None


def _hash(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()
