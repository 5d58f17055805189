"""Visits: logged as append-only entries by one writer, read back as entries, days and totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import UTC, date, datetime, time

from sqlalchemy import delete, select

from harbour_api.domain.hours import ZONE
from harbour_api.domain.tally import DayTotal, Entry, Source, day_totals
from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.samples import SampleVisit
from harbour_api.store.writer import ENTRY_COLUMNS, Once, Writer, answered, entry_of, row_of

SAMPLE_ACTOR = "sample"
_NOON = time(12, tzinfo=ZONE)  # a sample has a day but no hour


class Visits:
    """The visit entries of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = Writer(database)

    def close(self) -> None:
        """Write what is queued, then stop."""
        self._writer.close()

    def log(self, entry: Entry, once: Once | None = None) -> Future[Entry]:
        """Queue an entry; the future gives it with its id once durable, or the first one for a key used before."""
        return self._writer.post(entry, once)

    def answered(self, once: Once) -> Entry | None:
        """Return the entry a key was answered with before; None where it is new."""
        with self._database.read() as connection:
            return answered(connection, once)

    def entries(self, station: str, first: date, last: date) -> list[Entry]:
        """Return every entry of a station's days from `first` to `last`, both in, corrections too, oldest first."""
        mine = (tables.visits.c.station == station) & tables.visits.c.day.between(first, last)
        with self._database.read() as connection:
            rows = connection.execute(select(*ENTRY_COLUMNS).where(mine).order_by(tables.visits.c.id))
            return [entry_of(row) for row in rows]

    def days(self, station: str, first: date, last: date) -> list[DayTotal]:
        """Return every day of the span, both ends in; `total` is None where nothing was recorded."""
        return day_totals(self.entries(station, first, last), first, last)

    def network_days(self, first: date, last: date) -> dict[str, list[DayTotal]]:
        """Return the same for every station that recorded anything in the span, by code."""
        by_station: defaultdict[str, list[Entry]] = defaultdict(list)
        with self._database.read() as connection:
            for row in connection.execute(select(*ENTRY_COLUMNS).where(tables.visits.c.day.between(first, last))):
                by_station[row.station].append(entry_of(row))
        return {code: day_totals(entries, first, last) for code, entries in by_station.items()}

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


def _sample_entry(sample: SampleVisit, now: datetime) -> Entry:
    return Entry(
        station=sample.station,
        day=sample.day,
        audience=sample.audience,
        count=sample.count,
        occurred_at=datetime.combine(sample.day, _NOON).astimezone(UTC),
        recorded_at=now,
        source=Source.SAMPLE,
        actor=SAMPLE_ACTOR,
    )
