"""Visits: logged as append-only entries by one writer, stated by the day, read back as entries, days and totals.

One rule: what depends on what is there already, a statement or a lock, is decided inside the transaction that writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Future
from datetime import UTC, date, datetime

from sqlalchemy import Connection, delete, insert, select

from harbour_api.domain.periods import PeriodTotals
from harbour_api.domain.problems import Unknown
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import NOON, DayTotal, Entry, Source, Statement, check_day, day_totals, stating
from harbour_api.store import tables
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database
from harbour_api.store.samples import SampleVisit
from harbour_api.store.visit_sums import read_days, read_period_totals
from harbour_api.store.writer import ENTRY_COLUMNS, Line, Once, Outcome, Writer, answered, entry_of, row_of

SAMPLE_ACTOR = "sample"


class Visits:
    """The visit entries of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = Writer(database)

    @property
    def n_waiting(self) -> int:
        """How many posts wait to be written."""
        return self._writer.n_waiting

    def close(self) -> None:
        """Write what is queued, then stop."""
        self._writer.close()

    def log(self, entry: Entry, once: Once | None = None) -> Future[Entry]:
        """Queue an entry; the future gives it with its id once durable, or the first one for a key used before."""
        return self._writer.post(entry, once)

    def log_all(self, lines: Sequence[Line]) -> Future[Sequence[Outcome]]:
        """Queue entries to be written together; the future gives each one's entry, or why that one was refused."""
        return self._writer.post_all(lines)

    def answered(self, keys: Sequence[Once]) -> dict[object, Outcome]:
        """Return what keys were answered with before, by the key's name; what is new is not among them."""
        with self._database.read() as connection:
            return answered(connection, keys)

    def entry(self, visit: int) -> Entry:
        """Return one entry, or raise Unknown."""
        with self._database.read() as connection:
            row = connection.execute(select(*ENTRY_COLUMNS).where(tables.visits.c.id == visit)).first()
        if row is None:
            raise Unknown("No visit has that id.")
        return entry_of(row)

    def state(self, said: Statement) -> DayTotal:
        """Make a station's day what is stated, and return it; two who state it at once end in one of the two totals."""
        with self._database.write() as connection:
            _hold(connection, said.station)
            check_day(said.day, said.at, _unlocked(connection, said.station))
            entries = _entries(connection, said.station, said.day, said.day)
            added = stating(entries, said)
            if added:
                connection.execute(insert(tables.visits), [row_of(entry) for entry in added])
            [day] = day_totals(_entries(connection, said.station, said.day, said.day), said.day, said.day)
            return day

    def unlocked(self, station: str) -> frozenset[date]:
        """Return the days of a station that an administrator has unlocked."""
        with self._database.read() as connection:
            return _unlocked(connection, station)

    def unlock(self, station: str, day: date, reason: str, *, actor: str, now: datetime) -> None:
        """Let a day be written to however far it lies back; another reason takes the place of the one before."""
        row = {"station": station, "day": day, "reason": reason, "actor": actor, "unlocked_at": now}
        with self._database.write() as connection:
            _hold(connection, station)
            before = _lock_again(connection, station, day)
            connection.execute(insert(tables.unlocked_days), row)
            Audit.note(connection, actor, "unlock_day", _subject(station, day), before, {"reason": reason}, now)

    def lock(self, station: str, day: date, *, actor: str, now: datetime) -> None:
        """Lock an unlocked day again; Unknown where it is not unlocked."""
        with self._database.write() as connection:
            _hold(connection, station)
            before = _lock_again(connection, station, day)
            if before is None:
                raise Unknown("That day is not unlocked.")
            Audit.note(connection, actor, "lock_day", _subject(station, day), before, None, now)

    def entries(self, station: str, first: date, last: date) -> list[Entry]:
        """Return every entry of a station's days from `first` to `last`, both in, corrections too, oldest first."""
        with self._database.read() as connection:
            return _entries(connection, station, first, last)

    def days(self, station: str, first: date, last: date) -> list[DayTotal]:
        """Return every day of the span, both ends in; `total` is None where nothing was recorded."""
        found = self.network_days(first, last, [station])
        return found.get(station) or day_totals([], first, last)

    def network_days(
        self, first: date, last: date, stations: Collection[str] | None = None
    ) -> dict[str, list[DayTotal]]:
        """Return the same for every station that recorded anything in the span, by code; of these stations, or all."""
        with self._database.read() as connection:
            return read_days(connection, first, last, stations)

    def period_totals(
        self, starts: Sequence[date], last: date, audience: Audience | None = None
    ) -> dict[str, PeriodTotals]:
        """Return every recording station's totals of the periods that begin so, by code; of one audience or of all."""
        with self._database.read() as connection:
            return read_period_totals(connection, starts, last, audience)

    def plant_samples(self, samples: Iterable[SampleVisit], now: datetime) -> int:
        """Store sample visits, marked as such, unless there is any entry at all; return how many entries."""
        with self._database.write() as connection:
            if connection.execute(select(tables.visits.c.id).limit(1)).first() is not None:
                return 0
            rows = [row_of(_sample_entry(sample, now)) for sample in samples]
            if rows:
                connection.execute(tables.visits.insert(), rows)
            return len(rows)

    def forget_samples(self) -> int:
        """Remove every sample entry and return how many there were."""
        with self._database.write() as connection:
            gone = connection.execute(delete(tables.visits).where(tables.visits.c.source == Source.SAMPLE))
            return gone.rowcount


def _hold(connection: Connection, station: str) -> None:
    """Keep everybody else from writing visits of a station until the transaction ends; SQLite has one writer anyhow."""
    connection.execute(select(tables.stations.c.code).where(tables.stations.c.code == station).with_for_update())


def _entries(connection: Connection, station: str, first: date, last: date) -> list[Entry]:
    mine = (tables.visits.c.station == station) & tables.visits.c.day.between(first, last)
    return [
        entry_of(row) for row in connection.execute(select(*ENTRY_COLUMNS).where(mine).order_by(tables.visits.c.id))
    ]


def _unlocked(connection: Connection, station: str) -> frozenset[date]:
    unlocked = tables.unlocked_days.c
    return frozenset(connection.scalars(select(unlocked.day).where(unlocked.station == station)))


def _lock_again(connection: Connection, station: str, day: date) -> dict[str, str] | None:
    """Lock a day, and return what it was unlocked with, None where it was not."""
    unlocked = tables.unlocked_days.c
    gone = delete(tables.unlocked_days).where(unlocked.station == station, unlocked.day == day)
    reason = connection.scalar(gone.returning(unlocked.reason))
    return None if reason is None else {"reason": reason}


def _subject(station: str, day: date) -> str:
    return f"{station} {day.isoformat()}"


def _sample_entry(sample: SampleVisit, now: datetime) -> Entry:
    return Entry(
        station=sample.station,
        day=sample.day,
        audience=sample.audience,
        count=sample.count,
        occurred_at=datetime.combine(sample.day, NOON).astimezone(UTC),
        recorded_at=now,
        source=Source.SAMPLE,
        actor=SAMPLE_ACTOR,
    )
