"""The days of a station, a fortnight to a page: what each came to, stated where it is missing or wrong.

One rule: a blank is not zero. A row left as it was says nothing; each row that was changed is a statement of its own,
and whatever is refused comes back as it was typed, beside what was saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from harbour_api.domain.hours import is_shut_all_day, local_day
from harbour_api.domain.problems import Invalid, Problem, Unavailable, Unknown
from harbour_api.domain.station import Station
from harbour_api.domain.tally import LOCKED_AFTER, DayTotal, is_locked
from harbour_api.store.access import Who
from harbour_api.web.api.queries import named_day
from harbour_api.web.api.visit_bodies import ReasonBody
from harbour_api.web.desk.frame import done_text, see_other
from harbour_api.web.desk.statement import figure_of, read_form, recorded_total, state_day, told
from harbour_api.web.desk.station import station_address, station_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.dates import date_text, day_name
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import Administrator, OwnStation, SignedIn
from harbour_api.web.words import Words, mark

PATH = "/manage/stations/{code}/days"
MOST_ROWS = LOCKED_AFTER.days + 1
DONE = {
    "unlocked": mark("已经解锁，可以填写。"),
    "locked": mark("已经重新锁定。"),
    "none": mark("没有改动，没有保存什么。"),
}
TO = page_parameter("to", "Last day of the fortnight, ISO; today by default.")
SAVED = page_parameter("saved", "ISO days, apart by commas: say that they were saved.")
SAID = page_parameter("done", f"one of {', '.join(DONE)}: say that it was done.")
Field = Annotated[str, Form(max_length=400)]
Fields = Annotated[Sequence[str], Form(max_length=MOST_ROWS)]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Typed:
    """One row as it was sent: what the day came to when it was shown, and what was typed."""

    day: date
    was: str
    total: str
    reason: str

    @property
    def is_changed(self) -> bool:
        """Whether the row says anything."""
        return self.total.strip() != self.was


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page is to say of what was sent: what was saved, and what was refused, as it was typed, and why."""

    saved: Sequence[date] = ()
    said: str = ""
    typed: Mapping[date, Typed] = field(default_factory=dict)
    refused: Mapping[date, str] = field(default_factory=dict)
    unlocking: Mapping[str, str] = field(default_factory=lambda: {"day": "", "reason": ""})
    unlock_error: str = ""

    @property
    def status(self) -> int:
        """With what the page is answered."""
        return 422 if self.refused or self.unlock_error else 200


def rows_sent(
    house: InHouse, day: Fields = (), was: Fields = (), total: Fields = (), reason: Fields = (), zero: Field = ""
) -> list[Typed]:
    """Return the rows of the form that were changed, one by its button for zero; Invalid for a form none of ours."""
    if not len(day) == len(was) == len(total) == len(reason):
        raise Invalid.field("/day", "must come with a figure and a reason each")
    typed = [Typed(named_day(one), *rest) for one, *rest in zip(day, was, total, reason, strict=True)]
    if len({row.day for row in typed}) < len(typed):
        raise Invalid.field("/day", "must be named once")
    if any(row.day > local_day(house.now()) for row in typed):
        raise Invalid.field("/day", "must not lie ahead")
    rows = [replace(row, total="0") if str(row.day) == zero else row for row in typed]
    return [row for row in rows if row.is_changed]


RowsSent = Annotated[list[Typed], Depends(rows_sent)]


@router.get(PATH, summary="A station's days, as a page", openapi_extra={"parameters": [TO, SAVED, SAID, LANG]})
def days(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Show a fortnight, newest day first, to be filled in where it may be."""
    words = language_only(request.query_params, "to", "saved", "done")
    saved = _saved(request.query_params)
    said = done_text(request, DONE, words) or _said(saved, words)
    return _page(request, house, who, station, words, Outcome(saved=saved, said=said))


@router.post(PATH, summary="State days from the page", openapi_extra={"parameters": [TO, LANG]})
def state(request: Request, house: InHouse, who: SignedIn, station: OwnStation, rows: RowsSent) -> Response:
    """State each day whose row was changed; what is refused is shown again beside what was saved."""
    words = language_only(request.query_params, "to")
    refused = _state_all(house, who, station, rows, words)
    saved = [row.day for row in rows if row.day not in refused]
    if refused:
        typed = {row.day: row for row in rows if row.day in refused}
        outcome = Outcome(saved=saved, said=_said(saved, words), typed=typed, refused=refused)
        return _page(request, house, who, station, words, outcome)
    done = {"saved": ",".join(str(one) for one in saved)} if saved else {"done": "none"}
    return see_other(station_address(station, "/days"), words, **_kept(request.query_params), **done)


@router.post(f"{PATH}/unlock", summary="Unlock a day from the page", openapi_extra={"parameters": [LANG]})
def unlock(
    request: Request, house: InHouse, station: OwnStation, who: Administrator, day: Field = "", reason: Field = ""
) -> Response:
    """Let a locked day be written to, and lead to it."""
    words = language_only(request.query_params)
    try:
        wanted, given = _locked_day(house, day), read_form(ReasonBody, {"reason": reason})
    except Problem:
        error = words("请选一个 14 天以前的日期，并写一行原因。")
        outcome = Outcome(unlocking={"day": day, "reason": reason}, unlock_error=error)
        return _page(request, house, who, station, words, outcome)
    house.visits.unlock(station.code, wanted, given.reason, actor=who.username, now=house.now())
    return see_other(station_address(station, "/days"), words, to=str(wanted), done="unlocked")


@router.post(f"{PATH}/lock", summary="Lock a day again from the page", openapi_extra={"parameters": [LANG]})
def lock(request: Request, house: InHouse, station: OwnStation, who: Administrator, day: Field = "") -> Response:
    """Lock an unlocked day again."""
    words = language_only(request.query_params)
    wanted = named_day(day)
    house.visits.lock(station.code, wanted, actor=who.username, now=house.now())
    return see_other(station_address(station, "/days"), words, to=str(wanted), done="locked")


def _locked_day(house: House, text: str) -> date:
    day = named_day(text)
    if not is_locked(day, house.now()):
        raise Invalid("That day is not locked.")
    return day


def _state_all(house: House, who: Who, station: Station, rows: Sequence[Typed], words: Words) -> dict[date, str]:
    """State each row by itself, and return why those were refused that were."""
    refused = {}
    for row in rows:
        try:
            state_day(house, who, station, row.day, was=row.was, total=figure_of(row.total), reason=row.reason)
        except Unavailable:
            raise
        except Problem as problem:
            is_blank = not row.total.strip()
            refused[row.day] = (
                words("记录过的一天不能变回没有记录；没人来就填 0。") if is_blank else told(problem, words)
            )
    return refused


def _page(request: Request, house: House, who: Who, station: Station, words: Words, outcome: Outcome) -> Response:
    now = house.now()
    today, newest_locked = local_day(now), local_day(now) - LOCKED_AFTER - timedelta(days=1)
    last = _last(request.query_params, today)
    first = last - LOCKED_AFTER
    unlocked = house.visits.unlocked(station.code)
    rows = [
        _row(day, station, outcome, words)
        | {"is_locked": is_locked(day.day, now) and day.day not in unlocked, "is_today": day.day == today}
        for day in reversed(house.visits.days(station.code, first, last))
    ]
    context = {
        "rows": rows,
        "may_write": not all(row["is_locked"] for row in rows),
        "here": station_address(station, "/days"),
        "to": "" if last == today else str(last),
        "last": str(last),
        "today": str(today),
        "span": words("{first} 至 {last}", first=date_text(first, words), last=date_text(last, words)),
        "earlier": str(first - timedelta(days=1)),
        "newest_locked": str(newest_locked),
        "unlocked": [(str(day), day_name(day, words)) for day in sorted(unlocked, reverse=True)],
        "outcome": outcome,
    }
    return station_page(request, who, station, "desk_days.html", words, context, status=outcome.status)


def _row(day: DayTotal, station: Station, outcome: Outcome, words: Words) -> dict[str, object]:
    recorded = recorded_total(day)
    shown = "" if recorded is None else str(recorded)
    row = outcome.typed.get(day.day)
    return {
        "day": str(day.day),
        "name": day_name(day.day, words),
        "recorded": recorded,
        "was": shown,
        "total": row.total if row else shown,
        "reason": row.reason if row else "",
        "sample": day.total if day.is_sample else None,
        "is_saved": day.day in outcome.saved,
        "refused": outcome.refused.get(day.day, ""),
        "is_shut": recorded is None and is_shut_all_day(station, day.day),
    }


def _last(query: QueryParams, today: date) -> date:
    """Return the last day of the fortnight that is asked for."""
    text = query.get("to")
    try:
        return min(named_day(text), today) if text else today
    except Unknown as error:
        raise Invalid.parameter("to", "must be an ISO date") from error


def _kept(query: QueryParams) -> dict[str, str]:
    return {"to": query["to"]} if query.get("to") else {}


def _saved(query: QueryParams) -> list[date]:
    """Return the days that the page is to say were saved."""
    try:
        return [named_day(text) for text in query.get("saved", "").split(",")[:MOST_ROWS] if text]
    except Unknown as error:
        raise Invalid.parameter("saved", "must be ISO dates, apart by commas") from error


def _said(saved: Sequence[date], words: Words) -> str:
    listed = words.pick("、", ", ").join(date_text(day, words) for day in saved)
    return words("已保存：{days}。", days=listed) if saved else ""
