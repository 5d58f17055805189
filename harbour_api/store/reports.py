"""Finders' reports: one per station, kind, amenity and hour, however often it is sent, and the queue they make.

One rule: a stranger may report without an account, so each address may do so only so often.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.problems import TooMany, Unknown
from harbour_api.domain.report import ENDED, Report, ReportKind, ReportState
from harbour_api.store import tables
from harbour_api.store.database import Database

MOST = 500
A_MINUTE, AN_HOUR = 10, 60  # of one address, behind which a whole mobile network may stand


class Reports:
    """The reports of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def file(self, station: str, kind: ReportKind, amenity: str | None, now: datetime, *, address: str) -> int:
        """Keep a report and return its id: the first one's, where the same was reported within the hour."""
        self._senders.take(address)
        same = {"station": station, "kind": kind, "amenity": amenity or "", "hour": _hour(now)}
        try:
            return self._keep(same, now)
        except IntegrityError:  # another process kept the same in this very moment
            return self._keep(same, now)

    def queue(
        self,
        stations: Collection[str] | None,
        states: Collection[ReportState],
        *,
        before: int | None = None,
        limit: int = MOST,
    ) -> list[Report]:
        """Return the reports in these states, newest first, of these stations, None for all; those `before` an id."""
        wanted = select(tables.reports).where(tables.reports.c.state.in_(states))
        if stations is not None:
            wanted = wanted.where(tables.reports.c.station.in_(stations))
        if before is not None:
            wanted = wanted.where(tables.reports.c.id < before)
        newest = wanted.order_by(tables.reports.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [_report(row) for row in connection.execute(newest)]

    def n_by_state(self, stations: Collection[str] | None) -> dict[ReportState, int]:
        """Return how many reports there are in each state, of these stations, None for all of them."""
        columns = tables.reports.c
        counted = select(columns.state, func.count().label("n")).group_by(columns.state)
        if stations is not None:
            counted = counted.where(columns.station.in_(stations))
        with self._database.read() as connection:
            found = {row.state: int(row.n) for row in connection.execute(counted)}
        return {state: found.get(state.value, 0) for state in ReportState}

    def n_unended(self) -> dict[str, int]:
        """Return how many reports nobody has ended yet, by station; a station without any is not in it."""
        columns = tables.reports.c
        counted = select(columns.station, func.count().label("n")).where(columns.state.not_in(ENDED))
        with self._database.read() as connection:
            return {row.station: int(row.n) for row in connection.execute(counted.group_by(columns.station))}

    def times_to_fix(self, stations: Collection[str] | None) -> list[timedelta]:
        """Return how long each report took that was done, of these stations, None for all of them."""
        columns = tables.reports.c
        done = select(columns.reported_at, columns.ended_at).where(columns.state == ReportState.DONE)
        if stations is not None:
            done = done.where(columns.station.in_(stations))
        with self._database.read() as connection:
            return [row.ended_at - row.reported_at for row in connection.execute(done)]

    def one(self, report: int) -> Report:
        """Return one report, or raise Unknown."""
        with self._database.read() as connection:
            return _one(connection, report)

    def move(self, report: int, state: ReportState, *, actor: str, now: datetime) -> Report:
        """Put a report into another state and return it."""
        values = {"state": state, "handled_by": actor, "ended_at": now if state in ENDED else None}
        changed = update(tables.reports).where(tables.reports.c.id == report, tables.reports.c.state != state)
        with self._database.write() as connection:
            connection.execute(changed, values)  # what is in that state already keeps the moment it ended
            return _one(connection, report)

    def _keep(self, same: dict[str, Any], now: datetime) -> int:
        columns = tables.reports.c
        with self._database.write() as connection:
            found = connection.execute(
                select(columns.id).where(*(columns[name] == value for name, value in same.items()))
            ).scalar()
            if found is not None:
                return int(found)
            row = same | {"state": ReportState.OPEN, "reported_at": now}
            return int(connection.execute(insert(tables.reports).returning(columns.id), row).scalar_one())

    @cached_property
    def _senders(self) -> _Senders:
        """Made at the first report: its library takes a while to import."""
        return _Senders()


def answer_reports(connection: Connection, station: str, amenity: str, *, actor: str, now: datetime) -> datetime | None:
    """Put what finders reported of an amenity, and nobody has ended yet, to done: in the transaction of the answer.

    Return since when they waited, None where nobody had reported anything.
    """
    columns = tables.reports.c
    about = (columns.station == station, columns.kind == ReportKind.AMENITY_OUT, columns.amenity == amenity)
    unended = update(tables.reports).where(*about, columns.state.not_in(ENDED)).returning(columns.reported_at)
    done = {"state": ReportState.DONE, "handled_by": actor, "ended_at": now}
    return min(connection.scalars(unended, done), default=None)


class _Senders:
    """How often an address has reported. A restart forgives."""

    def __init__(self) -> None:
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limits = (parse(f"{A_MINUTE}/minute"), 60), (parse(f"{AN_HOUR}/hour"), 3600)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, address: str) -> None:
        """Note a report; TooMany when it is one too many."""
        for limit, wait_s in self._limits:
            if not self._limiter.hit(limit, address):
                raise TooMany("Too many reports from here; try again later.", retry_after_s=wait_s)


def _one(connection: Connection, report: int) -> Report:
    row = connection.execute(select(tables.reports).where(tables.reports.c.id == report)).first()
    if row is None:
        raise Unknown("No report has that id.")
    return _report(row)


def _report(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        station=row.station,
        kind=ReportKind(row.kind),
        amenity=row.amenity or None,
        state=ReportState(row.state),
        reported_at=row.reported_at,
        ended_at=row.ended_at,
        handled_by=row.handled_by,
    )


def _hour(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
