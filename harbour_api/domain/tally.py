"""From visit entries to days: the rules by which counts add up, and by which nothing is ever overwritten.

An entry is never changed: a correction is a further entry that names the one it corrects, and the latest says what that
visit counts. A day without an entry is missing, and missing is not zero: its total is None. Sample entries count only
while a station's day has no real one. Stating a day's total adds the entries that make it so, and takes none away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum, StrEnum

from harbour_api.domain.hours import ZONE, local_day
from harbour_api.domain.problems import Conflict, DayLocked, Invalid, TimeAhead
from harbour_api.domain.station import Audience

LOCKED_AFTER = timedelta(days=14)  # how far back a visit may lie, and a day that is written to
AHEAD = timedelta(minutes=5)  # how far a phone's clock may run ahead of ours
MOST_VISITORS = 1000  # of one entry
MOST_A_DAY = 100_000  # of one station
NOON = time(12, tzinfo=ZONE)  # when a visit is put down to have been of which only the day is known


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


class Unseen(Enum):
    """What somebody says who did not tell which total they saw; None is a day on which they saw nothing recorded."""

    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says a station's day came to, in whole or by audience; `reason` where it was recorded before.

    `was` is the total they saw when they said so: nobody overwrites what came in unseen.
    """

    station: str
    day: date
    total: int
    by_audience: Mapping[Audience, int] | None
    reason: str | None
    source: Source
    actor: str
    at: datetime
    was: int | Unseen | None = Unseen.UNSEEN


def check_time(occurred_at: datetime, now: datetime, unlocked: Collection[date] = ()) -> datetime:
    """Return the instant of a visit, unless it lies too far ahead by the server's clock, or back on a locked day."""
    if occurred_at > now + AHEAD:
        raise TimeAhead.field("/occurred_at", "lies more than 5 minutes ahead of the server's clock")
    day = local_day(occurred_at)
    if is_locked(day, now) and day not in unlocked:
        raise DayLocked.field("/occurred_at", f"day_locked: lies more than {LOCKED_AFTER.days} days back")
    return occurred_at


def is_locked(day: date, now: datetime) -> bool:
    """Whether a day lies so far back that no visit of it can be logged any more."""
    return day < local_day(now) - LOCKED_AFTER


def check_day(day: date, now: datetime, unlocked: Collection[date] = ()) -> None:
    """Raise Invalid for a day that may not be written to: one to come, or one that is locked."""
    if day > local_day(now):
        raise Invalid("That day has not come yet.")
    if is_locked(day, now) and day not in unlocked:
        back = LOCKED_AFTER.days
        raise DayLocked(f"day_locked: the day lies more than {back} days back; an administrator can unlock it.")


def correction(of: Entry, count: int, reason: str, *, source: Source, actor: str, at: datetime) -> Entry:
    """Return the entry that gives a visit, known by any of its entries, another count; Invalid for a sample."""
    if of.source is Source.SAMPLE:
        raise Invalid("This is a sample, no visit: log what was counted or state the day, and its samples give way.")
    changes = {"source": source, "actor": actor, "recorded_at": at, "id": 0, "note": None}
    return replace(of, count=count, corrects=of.corrects or of.id, reason=reason, **changes)  # type: ignore[arg-type]


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


def stating(entries: Iterable[Entry], said: Statement) -> list[Entry]:
    """Return the entries to add to all those of a station's day to make it what is stated: none where it is that.

    What was counted is kept as far as it fits: what is missing is added, and what is too much is taken off the latest
    visits. A total without audiences is made up by the general public, added to last and taken from first. Conflict
    where the day is neither what is stated nor what was seen.
    """
    held = [entry for entry in standing(entries) if entry.source is not Source.SAMPLE]
    latest = sorted(held, key=lambda entry: entry.id, reverse=True)
    if said.by_audience is None:
        latest.sort(key=lambda entry: entry.audience is not Audience.PUBLIC)
        added = _made_so(latest, said.total, Audience.PUBLIC, said)
    else:
        added = []
        for audience in Audience:
            visits = [entry for entry in latest if entry.audience is audience]
            added += _made_so(visits, said.by_audience.get(audience, 0), audience, said)
    added = added if held or added else [_stated(said, Audience.PUBLIC, 0)]
    if added:
        _check_seen(held, said)
    return added


def _check_seen(held: Sequence[Entry], said: Statement) -> None:
    total = sum(entry.count for entry in held) if held else None
    if said.was is not Unseen.UNSEEN and said.was != total:
        raise Conflict("The day has changed since it was shown.")
    if held and said.reason is None:
        raise Invalid.field("/reason", "is needed: the day was recorded with other figures")


def _made_so(visits: Sequence[Entry], wanted: int, audience: Audience, said: Statement) -> list[Entry]:
    """Return what makes these visits count what is wanted: more of an audience, or less of the visits as ordered."""
    missing = wanted - sum(visit.count for visit in visits)
    if missing >= 0:
        full, rest = divmod(missing, MOST_VISITORS)
        return [_stated(said, audience, count) for count in [MOST_VISITORS] * full + [rest] * (rest > 0)]
    return _taken_off(visits, -missing, said)


def _taken_off(visits: Sequence[Entry], surplus: int, said: Statement) -> list[Entry]:
    less: list[Entry] = []
    for visit in visits:
        taken = min(visit.count, surplus)
        surplus -= taken
        if taken:
            reason = said.reason or ""
            less.append(
                correction(visit, visit.count - taken, reason, source=said.source, actor=said.actor, at=said.at)
            )
    return less


def _stated(said: Statement, audience: Audience, count: int) -> Entry:
    noon = datetime.combine(said.day, NOON)
    return Entry(
        station=said.station,
        day=said.day,
        audience=audience,
        count=count,
        occurred_at=min(noon, said.at),
        recorded_at=said.at,
        source=said.source,
        actor=said.actor,
        note=said.reason,
    )


def _day_total(day: date, entries: list[Entry]) -> DayTotal:
    real = [entry for entry in entries if entry.source is not Source.SAMPLE]
    if not entries:
        return DayTotal(day, None, {})
    counted = real or entries
    by_audience: dict[Audience, int] = {}
    for entry in counted:
        by_audience[entry.audience] = by_audience.get(entry.audience, 0) + entry.count
    return DayTotal(day, sum(by_audience.values()), by_audience, is_sample=not real)
