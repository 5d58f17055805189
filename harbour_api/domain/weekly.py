"""Weekly hours as a form has them: a row a weekday of at most two stretches, and whether holidays are days off.

One rule: what a form cannot say exactly is not a `Week`: hours read here and written again mean the same on every day,
and all others stay the text they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MOST_STRETCHES = 2
LAST_MINUTE = 23 * 60 + 59  # the last that a clock in a form can show
Stretch = tuple[int, int]  # minutes after midnight, the end after the start
Row = tuple[Stretch, ...]

_HOLIDAYS_OFF = re.compile(r"PH (off|closed)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_RULE = re.compile(r"(?:(?P<days>[A-Z][a-z](?:[-,][A-Z][a-z])*) )?(?P<times>off|closed|[\d:,-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven rows from Monday on; an empty row is a day off."""

    rows: tuple[Row, ...]
    is_off_on_holidays: bool

    @classmethod
    def read(cls, hours: str) -> Week | None:
        """Return what OSM opening_hours say as a week, or None where a form could not say the same."""
        *weekly, last = (" ".join(rule.split()) for rule in hours.split(";"))
        is_off = _HOLIDAYS_OFF.fullmatch(last) is not None
        try:
            return cls(_rows(weekly if is_off else [*weekly, last]), is_off)
        except ValueError:
            return None

    def written(self) -> str:
        """Return the week as OSM opening_hours."""
        rules = list(_rules(self.rows)) or ["Mo-Su off"]
        return "; ".join([*rules, *(["PH off"] if self.is_off_on_holidays else [])])


def row_of(clocks: Sequence[tuple[str, str]]) -> Row:
    """Return a day of pairs of clock times, in order; ValueError where a stretch ends before it begins or overlaps."""
    row = tuple((minute_of(first), minute_of(last)) for first, last in clocks)
    edges = [edge for stretch in row for edge in stretch]
    if not 1 <= len(row) <= MOST_STRETCHES or edges != sorted(set(edges)):
        raise ValueError("must be one or two stretches that follow each other")
    return row


def minute_of(clock: str) -> int:
    """Return the minute of the day that a clock time names; ValueError where it names none."""
    found = _CLOCK.fullmatch(clock.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else LAST_MINUTE + 1
    if minute > LAST_MINUTE:
        raise ValueError("must be a time of the day")
    return minute


def clock_of(minute: int) -> str:
    """Return a minute of the day as the clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _rows(rules: Sequence[str]) -> tuple[Row, ...]:
    rows: list[Row] = [()] * len(DAYS)
    for rule in rules:
        found = _RULE.fullmatch(rule)
        if found is None:
            raise ValueError("not a rule of weekdays and times")
        times = found["times"]
        row = () if times in ("off", "closed") else row_of([_pair(part) for part in times.split(",")])
        for day in _days(found["days"] or "Mo-Su"):
            rows[day] = row
    return tuple(rows)


def _pair(text: str) -> tuple[str, str]:
    first, _, last = text.partition("-")
    return first, last


def _days(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = DAYS.index(first), DAYS.index(last or first)
        yield from (day % len(DAYS) for day in range(start, end + 1 if end >= start else end + len(DAYS) + 1))


def _rules(rows: Sequence[Row]) -> Iterator[str]:
    for row, run in groupby(range(len(DAYS)), key=lambda day: rows[day]):
        days = list(run)
        if row:
            named = DAYS[days[0]] if len(days) == 1 else f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
            yield f"{named} {','.join(f'{clock_of(first)}-{clock_of(last)}' for first, last in row)}"
