"""When a station is open: the one place that decides it, for the list, the map, the API and the embed alike.

Weekly hours are OSM opening_hours, read by the opening-hours library. That library knows one day a festival of China's
statutory holidays and no make-up working days, so each local date is first classed by `chinese_calendar` (the State
Council's notices, 2004 to its last year) and then asked of the library through a date it does understand: a make-up day
through the nearest Monday, a holiday through the nearest date of the same weekday that the library itself holds to be a
public holiday. Past the calendar's last year nothing is known, and the answer is None, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # its stub leaves one out

from harbour_api.domain.station import Closure, Station, Status

ZONE = ZoneInfo("Asia/Shanghai")
HORIZON_DAYS = 400  # how far ahead a change is looked for: past any yearly season
_COUNTRY = "CN"
_STATES = {State.OPEN: True, State.CLOSED: False, State.UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open (None: not known), and the instant at which that answer changes (None: not foreseen)."""

    is_open: bool | None
    next_change: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one local day: [start, end) in minutes after midnight, open, shut or (None) not known."""

    start: int
    end: int
    is_open: bool | None


class DayKind(Enum):
    """How the State Council's notices class a date."""

    REGULAR = "regular"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"
    UNKNOWN = "unknown"


def check_hours(text: str) -> str:
    """Return the text if it is OSM opening_hours; ValueError otherwise."""
    try:
        OpeningHours(text)
    except ParserError as error:
        raise ValueError("not in the OSM opening_hours syntax") from error
    return text


def local_day(at: datetime) -> date:
    """Return the day an instant falls on in Zhongshan."""
    return at.astimezone(ZONE).date()


def opening(station: Station, at: datetime) -> Opening:
    """Return whether the station is open at that instant and when that changes, by status, closures and hours."""
    if station.status is not Status.OPERATING:
        return Opening(False, None)
    now = _state(station.opening_hours, station.closures, at)
    for instant in _edges(station.opening_hours, station.closures, at):
        if _state(station.opening_hours, station.closures, instant) is not now:
            return Opening(now, instant)
    return Opening(now, None)


@lru_cache(maxsize=4096)
def spans(hours: str, day: date) -> tuple[Span, ...]:
    """Return the stretches of a local day under these hours, in order, covering all of it.

    Hours that run past midnight next to a holiday are read with the neighbours of the stand-in date.
    """
    kind = day_kind(day)
    if kind is DayKind.UNKNOWN:
        return (Span(0, 1440, None),)
    asked, country = _stand_in(day, kind)
    start = datetime.combine(asked, time())
    intervals = OpeningHours(hours, country=country).intervals(start, start + timedelta(days=1))
    return tuple(Span(_minutes(i[0], start), _minutes(i[1], start), _STATES[i[2]]) for i in intervals)


def day_kind(day: date) -> DayKind:
    """Return the date's class; UNKNOWN where no notice has been read."""
    try:
        is_off, festival = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return DayKind.UNKNOWN
    if festival is None:
        return DayKind.REGULAR
    return DayKind.HOLIDAY if is_off else DayKind.MAKE_UP


def _state(hours: str | None, closures: tuple[Closure, ...], at: datetime) -> bool | None:
    if any(closure.starts_at <= at < closure.ends_at for closure in closures):
        return False
    if hours is None:
        return None
    local = at.astimezone(ZONE)
    minute = local.hour * 60 + local.minute
    return next(span.is_open for span in spans(hours, local.date()) if span.start <= minute < span.end)


def _edges(hours: str | None, closures: tuple[Closure, ...], at: datetime) -> Iterator[datetime]:
    """Yield, in order, every instant after `at` at which the state could change."""
    exceptions = sorted({edge for c in closures for edge in (c.starts_at, c.ends_at) if edge > at})
    if hours is not None:
        first = local_day(at)
        for day in (first + timedelta(days=n) for n in range(HORIZON_DAYS)):
            weekly = [edge for edge in (_instant(day, span.start) for span in spans(hours, day)) if edge > at]
            midnight = _instant(day, 1440)
            yield from sorted({*weekly, *(edge for edge in exceptions if edge < midnight)})
            exceptions = [edge for edge in exceptions if edge >= midnight]
    yield from exceptions


def _instant(day: date, minute: int) -> datetime:
    return (datetime.combine(day, time(), ZONE).astimezone(UTC) + timedelta(minutes=minute)).astimezone(ZONE)


def _minutes(moment: datetime, start: datetime) -> int:
    return int((moment - start).total_seconds() // 60)


def _stand_in(day: date, kind: DayKind) -> tuple[date, str | None]:
    """Return the date to ask the library about in this day's place, and the country whose holidays it shall know."""
    if kind is DayKind.HOLIDAY:
        return min(_festivals()[day.weekday()], key=lambda known: (_season_gap(day, known), known)), _COUNTRY
    if kind is DayKind.MAKE_UP:
        return day + timedelta(days=(3 - day.weekday()) % 7 - 3), None
    return day, None


def _season_gap(one: date, other: date) -> int:
    gap = abs(one.timetuple().tm_yday - other.timetuple().tm_yday)
    return min(gap, 365 - gap)


@lru_cache(maxsize=1)
def _festivals() -> tuple[tuple[date, ...], ...]:
    """Return the dates the library holds to be Chinese public holidays, by weekday."""
    begin, end = datetime.combine(date(2004, 1, 1), time()), datetime.combine(date(2030, 1, 1), time())
    stretches = [i for i in OpeningHours("PH", country=_COUNTRY).intervals(begin, end) if i[2] == State.OPEN]
    days = [i[0].date() + timedelta(days=n) for i in stretches for n in range((i[1] - i[0]).days)]
    return tuple(tuple(day for day in days if day.weekday() == weekday) for weekday in range(7))
