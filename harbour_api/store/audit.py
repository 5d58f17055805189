"""The audit: who changed what, when, from what to what. Facts of stations are in `history`, all else is in `audit`;
whoever reads sees them as one.

One rule: a line is written in the transaction of the change it tells of, so that neither can be without the other. No
line holds a secret, a password or a hash of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, String, and_, insert, literal, null, or_, select, type_coerce, union_all

from harbour_api.store import tables
from harbour_api.store.database import Database


class Spot(NamedTuple):
    """Where a line stands among all lines: at its instant first `history`, then `audit`, each by its number."""

    at: datetime
    rank: int
    id: int


@dataclass(frozen=True, slots=True)
class Line:
    """One change; `field` is what of a station's facts was changed, None for a change of anything else."""

    spot: Spot
    actor: str
    action: str
    subject: str
    field: str | None
    old: Any
    new: Any


class Audit:
    """What was done to stations, accounts, tally links, locked days and the notice of one database, line by line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, limit: int, *, before: Spot | None = None, station: str | None = None) -> list[Line]:
        """Return the newest lines, or the newest before a spot; of a station's facts only, where one is named."""
        lines = (_history(station) if station is not None else union_all(_history(None), _audit())).subquery().c
        wanted: Select[Any] = select(*lines).order_by(lines.at.desc(), lines.rank.desc(), lines.id.desc()).limit(limit)
        if before is not None:
            earlier = or_(lines.rank < before.rank, and_(lines.rank == before.rank, lines.id < before.id))
            wanted = wanted.where(or_(lines.at < before.at, and_(lines.at == before.at, earlier)))
        with self._database.read() as connection:
            return [_line(row._mapping) for row in connection.execute(wanted)]

    @staticmethod
    def note(
        connection: Connection,
        actor: str,
        action: str,
        subject: str,
        old: Mapping[str, Any] | None,
        new: Mapping[str, Any] | None,
        at: datetime,
    ) -> None:
        """Write a line: `action` is a verb and its noun such as `unlock_day`, `subject` is whom it was done to."""
        row = {"at": at, "actor": actor, "action": action, "subject": subject, "old": old, "new": new}
        connection.execute(insert(tables.audit), row)


def _history(station: str | None) -> Select[Any]:
    lines = tables.history.c
    action, rank = literal("change_station").label("action"), literal(0).label("rank")
    told = select(
        lines.at, rank, lines.id, lines.actor, action, lines.station.label("subject"), lines.field,
        lines.old, lines.new,
    )  # fmt: skip
    return told if station is None else told.where(lines.station == station)


def _audit() -> Select[Any]:
    lines = tables.audit.c
    field, rank = type_coerce(null(), String).label("field"), literal(1).label("rank")
    return select(lines.at, rank, lines.id, lines.actor, lines.action, lines.subject, field, lines.old, lines.new)


def _line(row: Mapping[Any, Any]) -> Line:
    values = dict(row)
    spot = Spot(values.pop("at"), values.pop("rank"), values.pop("id"))
    return Line(spot, **values)
