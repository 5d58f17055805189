"""A day's total as a form of the desk states it: read, held against what is there, and written.

One rule: nobody overwrites what came in unseen. A form says what the day came to when it was shown, and where that has
changed it is shown again with what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from harbour_api.domain.problems import Conflict, DayLocked, Invalid, Problem
from harbour_api.domain.station import Audience, Station
from harbour_api.domain.tally import MOST_A_DAY, MOST_VISITORS, DayTotal
from harbour_api.store.access import Who
from harbour_api.web.api.visit_bodies import DayBody
from harbour_api.web.house import House
from harbour_api.web.refusals import faults_of
from harbour_api.web.words import Words

Form = TypeVar("Form", bound=BaseModel)
FIGURES = 6  # digits of the largest count, and more


def figure_of(text: str) -> int | None:
    """Return the whole number that was typed; None where it is none."""
    stripped = text.strip()
    return int(stripped) if stripped.isascii() and stripped.isdecimal() and len(stripped) <= FIGURES else None


def recorded_total(day: DayTotal) -> int | None:
    """Return what a day came to by what was really recorded: a sample is no record."""
    return None if day.is_sample else day.total


def state_day(
    house: House,
    who: Who,
    station: Station,
    day: date,
    *,
    was: str,
    total: int | None,
    reason: str,
    by_audience: dict[Audience, int] | None = None,
) -> None:
    """Make a day's total what was typed; Conflict where the day has changed since the form was shown.

    The same form sent twice changes nothing.
    """
    body = read_form(DayBody, {"total": total, "by_audience": by_audience, "reason": reason.strip() or None})
    house.visits.state(body.statement(station.code, day, actor=who.username, at=house.now(), was=figure_of(was)))


def read_form(body: type[Form], fields: Mapping[str, object]) -> Form:
    """Return what a form says by the API's own bounds; Invalid names the field."""
    try:
        return body(**fields)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise Invalid("A field is not valid.", errors=faults_of(found, body=True)) from error


def told(problem: Problem, words: Words) -> str:
    """Return why a figure was not saved, in the page's language."""
    if isinstance(problem, DayLocked):
        return words("这天已锁定，请管理员解锁。")
    if isinstance(problem, Conflict):
        return words("您打开这页以后又有了新的记录；请看现在的数字，再保存一次。")
    faults = {
        "/total": words("要填 0 到 {most} 的整数。", most=MOST_A_DAY),
        "/by_audience": words("要填 0 到 {most} 的整数。", most=MOST_A_DAY),
        "/count": words("要填 0 到 {most} 的整数。", most=MOST_VISITORS),
        "/reason": words("已有记录，改动要写原因：一行，最多 200 字。"),
    }
    fields = ["/" + (fault.pointer or "/").split("/")[1] for fault in problem.errors]
    return next((faults[field] for field in fields if field in faults), problem.detail)
