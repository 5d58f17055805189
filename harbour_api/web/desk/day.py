"""One day of a station: every entry and correction, who made it, when and why; and the forms to put it right.

One rule: nothing here is changed or taken away. A correction is a further entry, and both stay in view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.hours import local_day
from harbour_api.domain.problems import Conflict, Invalid, Problem, Unavailable, Unknown
from harbour_api.domain.station import AUDIENCE_NAMES, Audience, Station
from harbour_api.domain.tally import (
    MOST_VISITORS,
    DayTotal,
    Entry,
    Source,
    check_day,
    correction,
    day_totals,
    is_locked,
)
from harbour_api.store.access import Who
from harbour_api.web.api.queries import named_day, row_id
from harbour_api.web.api.visit_bodies import CorrectionBody
from harbour_api.web.desk.frame import done_text, see_other
from harbour_api.web.desk.statement import figure_of, read_form, recorded_total, state_day, told
from harbour_api.web.desk.station import station_address, station_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.cards import minute_text
from harbour_api.web.pages.dates import day_name
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import OwnStation, SignedIn
from harbour_api.web.words import Words, mark

PATH = "/manage/stations/{code}/days/{day}"
SOURCES = {
    Source.MANAGER: mark("填写"),
    Source.TALLY: mark("计数"),
    Source.IMPORT: mark("导入"),
    Source.SAMPLE: mark("示例"),
}
LINK_ACTOR = "tally:"
DONE = {"corrected": mark("更正已经保存。"), "stated": mark("这天的人次已经保存。")}
SAID = page_parameter("done", "corrected or stated: say that it was done.")
Field = Annotated[str, Form(max_length=400)]
Fields = Annotated[Sequence[str], Form(max_length=len(Audience))]
NamedDay = Annotated[date, Depends(named_day)]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page is to say of what was sent: that it was done, or what was typed and why it was refused."""

    said: str = ""
    error: str = ""
    visit: int = 0  # the one whose correction was refused; 0: the figures by audience were
    counts: Sequence[str] = ()
    reason: str = ""
    status: int = 200


@router.get(PATH, summary="A station's day, as a page", openapi_extra={"parameters": [SAID, LANG]})
def day_page(request: Request, house: InHouse, who: SignedIn, station: OwnStation, day: NamedDay) -> Response:
    """Show a day's total, every entry behind it, and the forms to correct them."""
    words = language_only(request.query_params, "done")
    return _page(request, house, who, station, day, words, Outcome(said=done_text(request, DONE, words)))


@router.post(PATH, summary="State a day by audience from the page", openapi_extra={"parameters": [LANG]})
def state(
    request: Request,
    house: InHouse,
    who: SignedIn,
    station: OwnStation,
    day: NamedDay,
    was: Field = "",
    count: Fields = (),
    reason: Field = "",
) -> Response:
    """Make the day what the thirteen figures say, in the order of the audiences; a blank is none of these."""
    words = language_only(request.query_params)
    try:
        shares = _shares(count)
        total = sum(share or 0 for share in shares.values())
        state_day(house, who, station, day, was=was, total=total, reason=reason, by_audience=shares)  # type: ignore[arg-type]
    except Unavailable:
        raise
    except Problem as problem:
        outcome = Outcome(error=told(problem, words), counts=count, reason=reason, status=problem.status)
        return _page(request, house, who, station, day, words, outcome)
    return see_other(station_address(station, f"/days/{day}"), words, done="stated")


@dataclass(frozen=True, slots=True)
class Typed:
    """A correction as it was sent: what the visit counted when it was shown, what it is to count, and why."""

    was: str
    count: str
    reason: str


def count_sent(was: Field = "", count: Field = "", reason: Field = "") -> Typed:
    """Return what was typed, to be judged where it is read."""
    return Typed(was, count, reason)


TypedCount = Annotated[Typed, Depends(count_sent)]


@router.post(f"{PATH}/visits/{{id}}", summary="Correct a visit from the page", openapi_extra={"parameters": [LANG]})
def correct(
    request: Request,
    house: InHouse,
    who: SignedIn,
    station: OwnStation,
    day: NamedDay,
    id: str,
    typed: TypedCount,
) -> Response:
    """Give a visit another count, with a reason."""
    words = language_only(request.query_params)
    visit = _visit_of(house, station, day, id)
    try:
        _correct(house, who, visit, typed)
    except Unavailable:
        raise
    except Problem as problem:
        tried = visit.corrects or visit.id
        outcome = Outcome(
            error=told(problem, words),
            visit=tried,
            counts=[typed.count],
            reason=typed.reason,
            status=problem.status,
        )
        return _page(request, house, who, station, visit.day, words, outcome)
    return see_other(station_address(station, f"/days/{visit.day}"), words, done="corrected")


def _visit_of(house: House, station: Station, day: date, id: str) -> Entry:
    """Return the entry of the address; Unknown where this day of this station has none of that id."""
    found = house.visits.entry(row_id(id))
    if (found.station, found.day) != (station.code, day):
        raise Unknown("This day has no visit of that id.")
    return found


def _correct(house: House, who: Who, visit: Entry, typed: Typed) -> None:
    """Write a correction; Conflict where the visit has changed since it was shown, nothing where it is that already."""
    given = read_form(CorrectionBody, {"count": figure_of(typed.count), "reason": typed.reason})
    now, entries = house.now(), house.visits.entries(visit.station, visit.day, visit.day)
    standing = _chains(entries)[visit.corrects or visit.id][-1]
    if standing.count == given.count:
        return
    if standing.count != figure_of(typed.was):
        raise Conflict("The visit has changed since it was shown.")
    check_day(visit.day, now, house.visits.unlocked(visit.station))
    entry = correction(visit, given.count, given.reason, source=Source.MANAGER, actor=who.username, at=now)
    house.visits.log(entry).result()


def _shares(counts: Sequence[str]) -> dict[Audience, int | None]:
    """Return the figures by audience; a blank is 0 where another is filled in, for then somebody counted."""
    if len(counts) != len(Audience) or not any(count.strip() for count in counts):
        raise Invalid.field("/by_audience", "must be a figure for each audience")
    return {
        audience: figure_of(count) if count.strip() else 0 for audience, count in zip(Audience, counts, strict=True)
    }


def _chains(entries: Sequence[Entry]) -> dict[int, list[Entry]]:
    """Return the entries of each visit, oldest first, by the id of the first one."""
    chains: dict[int, list[Entry]] = {}
    for entry in entries:
        chains.setdefault(entry.corrects or entry.id, []).append(entry)
    return chains


def _page(
    request: Request, house: House, who: Who, station: Station, day: date, words: Words, outcome: Outcome
) -> Response:
    now = house.now()
    entries = house.visits.entries(station.code, day, day)
    [total] = day_totals(entries, day, day)
    is_closed = is_locked(day, now) and day not in house.visits.unlocked(station.code)
    recorded = recorded_total(total)
    context = {
        "day": str(day),
        "name": day_name(day, words),
        "here": station_address(station, f"/days/{day}"),
        "back": station_address(station, "/days"),
        "back_to": {} if not is_locked(day, now) else {"to": str(day)},
        "recorded": recorded,
        "was": "" if recorded is None else str(recorded),
        "sample": total.total if total.is_sample else None,
        "shares": _shown_shares(total, outcome, words),
        "is_locked": is_closed,
        "may_write": not is_closed and day <= local_day(now),
        "visits": [_visit(chain, total, words) for chain in _chains(entries).values()],
        "most": MOST_VISITORS,
        "outcome": outcome,
    }
    return station_page(request, who, station, "desk_day.html", words, context, status=outcome.status)


def _shown_shares(total: DayTotal, outcome: Outcome, words: Words) -> list[tuple[str, str, str]]:
    """Return each audience's word and name, and what was typed or else is recorded of it: blank where nothing is."""
    is_recorded = recorded_total(total) is not None
    shown = [str(total.by_audience.get(audience, 0)) if is_recorded else "" for audience in Audience]
    if len(outcome.counts) == len(Audience):
        shown = list(outcome.counts)
    return [(one.value, words.pick(*AUDIENCE_NAMES[one]), count) for one, count in zip(Audience, shown, strict=True)]


def _visit(chain: Sequence[Entry], total: DayTotal, words: Words) -> dict[str, Any]:
    first, standing = chain[0], chain[-1]
    is_sample = first.source is Source.SAMPLE
    return {
        "id": first.id,
        "audience": words.pick(*AUDIENCE_NAMES[first.audience]),
        "count": standing.count,
        "is_sample": is_sample,
        "is_retired": is_sample and not total.is_sample,
        "lines": [_line(entry, words) for entry in chain],
    }


def _line(entry: Entry, words: Words) -> dict[str, Any]:
    link = entry.actor.removeprefix(LINK_ACTOR) if entry.actor.startswith(LINK_ACTOR) else ""
    return {
        "count": entry.count,
        "source": words(SOURCES[entry.source]),
        "by": words("计数链接 {n}", n=link) if link else "" if entry.source is Source.SAMPLE else entry.actor,
        "at": minute_text(entry.recorded_at, words),
        "reason": entry.reason or entry.note or "",
        "is_correction": entry.corrects is not None,
    }
