"""Finders' reports: one per station, kind, amenity and hour, however often it is sent, and the queue they make."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from harbour_api.domain.problems import Unknown
from harbour_api.domain.report import ENDED, Report, ReportKind, ReportState
from harbour_api.store import tables
from harbour_api.store.database import Database

MOST = 500


class Reports:
    """The reports of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def file(self, station: str, kind: ReportKind, amenity: str | None, now: datetime) -> int:
        """Keep a report and return its id: the first one's, where the same was reported within the hour."""
        same = {"station": station, "kind": kind, "amenity": amenity or "", "hour": _hour(now)}
        with self._database.write() as connection:
            found = connection.execute(
                select(tables.reports.c.id).where(*(tables.reports.c[name] == value for name, value in same.items()))
            ).scalar()
            if found is not None:
                return int(found)
            row = same | {"state": ReportState.OPEN, "reported_at": now}
            made = connection.execute(insert(tables.reports).returning(tables.reports.c.id), row)
            return int(made.scalar_one())

    def queue(self, stations: Collection[str] | None, states: Collection[ReportState]) -> list[Report]:
        """Return the reports in these states, newest first, of these stations, None for all of them."""
        wanted = select(tables.reports).where(tables.reports.c.state.in_(states))
        if stations is not None:
            wanted = wanted.where(tables.reports.c.station.in_(stations))
        with self._database.read() as connection:
            return [_report(row) for row in connection.execute(wanted.order_by(tables.reports.c.id.desc()).limit(MOST))]

    def one(self, report: int) -> Report:
        """Return one report, or raise Unknown."""
        with self._database.read() as connection:
            return _one(connection, report)

    def move(self, report: int, state: ReportState, *, actor: str, now: datetime) -> Report:
        """Put a report into another state and return it."""
        values = {"state": state, "handled_by": actor, "ended_at": now if state in ENDED else None}
        with self._database.write() as connection:
            connection.execute(update(tables.reports).where(tables.reports.c.id == report), values)
            return _one(connection, report)


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
