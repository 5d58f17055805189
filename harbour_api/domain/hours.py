"""When a station is open: the one place that decides it, for the list, the map, the API and the embed alike.

Weekly hours are OSM opening_hours, read by the opening-hours library. That library knows one day a festival of China's
statutory holidays and no make-up working days, so each local date is classed by `chinese_calendar` (the State Council's
notices, 2004 to its last year) and the library is told in words it understands: on a holiday, `PH` is written as that
date's weekday; a make-up day is asked as the nearest Monday. Past the calendar's last year nothing is known, and the
answer is None, never a guess.
"""

from __future__ import annotations

import re
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
_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_GUESSED = re.compile(r'"|[0-9]\+|\b(?:sunrise|sunset|dawn|dusk)\b')
_HOLIDAY = re.compile(r"\bPH\b")
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
    """Return the text if it is OSM opening_hours that we can read on every day; ValueError otherwise.

    Comments, open ends and the sun's times are refused: the library would turn each into an answer nobody gave.
    """
    if guessed := _GUESSED.search(text):
        raise ValueError(f"give plain times: {guessed.group()} would have to be guessed")
    try:
        OpeningHours(text)
    except ParserError as error:
        raise ValueError("not in the OSM opening_hours syntax") from error
    try:
        OpeningHours(_HOLIDAY.sub("Mo,Tu", text))
    except ParserError as error:
        raise ValueError("PH must stand alone or in a list of days, not shifted or narrowed by weekdays") from error
    return text


def local_day(at: datetime) -> date:
    """Return the day an instant falls on in Zhongshan."""
    return at.astimezone(ZONE).date()


def is_open(station: Station, at: datetime) -> bool | None:
    """Return whether the station is open at that instant, None where it is not known, without when that changes."""
    if station.status is not Status.OPERATING:
        return False
    return _state(station.opening_hours, station.closures, at)


def opening(station: Station, at: datetime) -> Opening:
    """Return whether the station is open at that instant and when that changes, by status, closures and hours."""
    if station.status is not Status.OPERATING:
        return Opening(False, None)
    now = _state(station.opening_hours, station.closures, at)
    for instant in _edges(station.opening_hours, station.closures, at):
        if _state(station.opening_hours, station.closures, instant) is not now:
            return Opening(now, instant)
    return Opening(now, None)


def is_shut_all_day(station: Station, day: date) -> bool:
    """Whether it is known that at no minute of that local day the station is open: by status, hours and closures."""
    if station.status is not Status.OPERATING:
        return True
    known = (Span(0, 1440, None),) if station.opening_hours is None else spans(station.opening_hours, day)
    return all(span.is_open is False or _is_covered(span, day, station.closures) for span in known)


def stretches(station: Station, since: datetime, until: datetime) -> list[tuple[datetime, Opening]]:
    """Return each stretch that begins in [since, until): its begin, and what holds from there up to its next change."""
    found, at = [], since
    while at < until:
        state = opening(station, at)
        found.append((at, state))
        at = until if state.next_change is None else state.next_change
    return found


@lru_cache(maxsize=4096)
def spans(hours: str, day: date) -> tuple[Span, ...]:
    """Return the stretches of a local day under these hours, in order, covering all of it.

    Hours that run past the midnight before a make-up day are read as if it were the Monday asked in its place.
    """
    kind = day_kind(day)
    if kind is DayKind.UNKNOWN:
        return (Span(0, 1440, None),)
    text, asked = (hours, _nearest_monday(day)) if kind is DayKind.MAKE_UP else (_with_holidays(hours, day), day)
    start = datetime.combine(asked, time())
    intervals = OpeningHours(text).intervals(start, start + timedelta(days=1))
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


def _is_covered(span: Span, day: date, closures: tuple[Closure, ...]) -> bool:
    """Whether closures, end to end, leave nothing of a stretch of that day."""
    at, end = _instant(day, span.start), _instant(day, span.end)
    for closure in sorted(closures, key=lambda closure: closure.starts_at):
        if closure.starts_at <= at:
            at = max(at, closure.ends_at)
    return at >= end


def _edges(hours: str | None, closures: tuple[Closure, ...], at: datetime) -> Iterator[datetime]:
    """Yield, in order, every instant after `at` at which the state could change."""
    exceptions = sorted({edge for c in closures for edge in (c.starts_at, c.ends_at) if edge > at})
    if hours is not None:
        first = local_day(at)
        for day in (first + timedelta(days=n) for n in range(HORIZON_DAYS)):
            if day_kind(day) is DayKind.UNKNOWN and day_kind(day + timedelta(days=1)) is DayKind.UNKNOWN:
                exceptions = sorted({*exceptions, *(edge for edge in (_instant(day, 0),) if edge > at)})
                break  # from here on nothing but closures can change what is not known
            weekly = [edge for edge in (_instant(day, span.start) for span in spans(hours, day)) if edge > at]
            midnight = _instant(day, 1440)
            yield from sorted({*weekly, *(edge for edge in exceptions if edge < midnight)})
            exceptions = [edge for edge in exceptions if edge >= midnight]
    yield from exceptions


def _instant(day: date, minute: int) -> datetime:
    return (datetime.combine(day, time(), ZONE).astimezone(UTC) + timedelta(minutes=minute)).astimezone(ZONE)


def _minutes(moment: datetime, start: datetime) -> int:
    return int((moment - start).total_seconds() // 60)


def _with_holidays(hours: str, day: date) -> str:
    """Return the hours with `PH` written as the weekdays that are holidays: this day and, for its night, the last."""
    near = (day - timedelta(days=1), day)
    holidays = [_WEEKDAYS[known.weekday()] for known in near if day_kind(known) is DayKind.HOLIDAY]
    return _HOLIDAY.sub(",".join(holidays), hours) if holidays else hours


def _nearest_monday(day: date) -> date:
    """Return the nearest Monday of the same month, so that a season's hours stay in their season."""
    before = day - timedelta(days=day.weekday())
    after = before + timedelta(days=7)
    return before if day - before < after - day or after.month != day.month else after
