"""When a station is shut out of turn: the form that says so in days and halves of days, and the list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from harbour_api.domain.hours import ZONE
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.station import Station
from harbour_api.domain.weekly import minute_of
from harbour_api.web.api.fact_bodies import ClosureBody
from harbour_api.web.api.queries import named_day
from harbour_api.web.desk.statement import read_form
from harbour_api.web.pages.dates import closure_text
from harbour_api.web.words import Words, mark


class Part(StrEnum):
    """How much of the day, or from when to when."""

    DAY = "day"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    SPAN = "span"


PARTS = {
    Part.DAY: mark("整天"),
    Part.MORNING: mark("上午（12:00 以前）"),
    Part.AFTERNOON: mark("下午（12:00 以后）"),
    Part.SPAN: mark("按下面的时间"),
}
NAMES = ("day", "part", "from", "to_day", "to", "reason")


def blank(today: date) -> dict[str, str]:
    """Return the form as it is first shown: this afternoon."""
    return dict.fromkeys(NAMES, "") | {"day": str(today), "part": Part.AFTERNOON.value}


def closure_sent(fields: Mapping[str, str]) -> ClosureBody:
    """Return what the form says, by the bounds of the API; its times are those of Zhongshan."""
    starts_at, ends_at = _span(fields)
    given = {"from": starts_at.isoformat(), "to": ends_at.isoformat(), "reason": fields.get("reason", "")}
    body = read_form(ClosureBody, dict(given))
    body.check()
    return body


def closures_ahead(station: Station, now: datetime, words: Words) -> list[dict[str, object]]:
    """Return the closures that are not over, by time."""
    ahead = sorted((one for one in station.closures if one.ends_at > now), key=lambda one: (one.starts_at, one.id))
    return [{"id": one.id, "span": closure_text(one, words), "reason": one.reason} for one in ahead]


def _span(fields: Mapping[str, str]) -> tuple[datetime, datetime]:
    try:
        day, part = named_day(fields.get("day", "")), Part(fields.get("part", ""))
        if part is Part.SPAN:
            last = named_day(fields.get("to_day") or str(day))
            return _at(day, fields.get("from", "")), _at(last, fields.get("to", ""))
    except (Unknown, ValueError) as error:
        raise Invalid.field("/from", "must be a day and a time") from error
    start, noon, end = (datetime.combine(day, time(), ZONE) + timedelta(hours=hours) for hours in (0, 12, 24))
    return (noon if part is Part.AFTERNOON else start), (noon if part is Part.MORNING else end)


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time(), ZONE) + timedelta(minutes=minute_of(clock))
