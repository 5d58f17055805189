"""From visit entries to days: the rules by which counts add up, and by which nothing is ever overwritten.

An entry is never changed: a correction is a further entry that names the one it corrects, and the latest says what that
visit counts. A day without an entry is missing, and missing is not zero: its total is None. Sample entries count only
while a station's day has no real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from harbour_api.domain.problems import Invalid
from harbour_api.domain.station import Audience

LOCKED_AFTER = timedelta(days=14)  # how far back a visit may lie
AHEAD = timedelta(minutes=5)  # how far a phone's clock may run ahead of ours


class Source(StrEnum):
    """Who made an entry."""

    MANAGER = "manager"
    TALLY = "tally"
    IMPORT = "import"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Entry:
    """One append-only line: so many visitors of an audience at a station on a local day.

    `corrects` is the id of the first entry of its visit, and `reason` says why; both None on a first entry. `id` is
    given by the store, ascending; 0 until then.
    """

    station: str
    day: date
    audience: Audience
    count: int
    occurred_at: datetime
    recorded_at: datetime
    source: Source
    actor: str
    id: int = 0
    corrects: int | None = None
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DayTotal:
    """A station's local day: `total` is None where nothing was recorded, which is not the same as 0."""

    day: date
    total: int | None
    by_audience: Mapping[Audience, int]
    is_sample: bool = False

    @property
    def recorded(self) -> bool:
        """Whether anybody stated anything about that day."""
        return self.total is not None


def check_time(occurred_at: datetime, now: datetime) -> datetime:
    """Return the instant of a visit, unless it lies too far back or ahead by the server's clock."""
    if occurred_at < now - LOCKED_AFTER:
        raise Invalid.field("/occurred_at", "day_locked: lies more than 14 days back")
    if occurred_at > now + AHEAD:
        raise Invalid.field("/occurred_at", "lies more than 5 minutes ahead of the server's clock")
    return occurred_at


def day_totals(entries: Iterable[Entry], first: date, last: date) -> list[DayTotal]:
    """Return every day of the span, both ends in, from all entries of one station in it."""
    by_day: dict[date, list[Entry]] = {}
    for entry in standing(entries):
        by_day.setdefault(entry.day, []).append(entry)
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [_day_total(day, by_day.get(day, [])) for day in span]


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """Return, for each visit, the entry that holds now: the first one, or its latest correction."""
    latest: dict[int, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.id):
        latest[entry.corrects or entry.id] = entry
    return list(latest.values())


def _day_total(day: date, entries: list[Entry]) -> DayTotal:
    real = [entry for entry in entries if entry.source is not Source.SAMPLE]
    if not entries:
        return DayTotal(day, None, {})
    counted = real or entries
    by_audience: dict[Audience, int] = {}
    for entry in counted:
        by_audience[entry.audience] = by_audience.get(entry.audience, 0) + entry.count
    return DayTotal(day, sum(by_audience.values()), by_audience, is_sample=not real)
