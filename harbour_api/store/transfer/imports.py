"""Sheets taken in: in one transaction, all of a sheet or nothing of it.

One rule: what a sheet changes is decided inside the transaction that writes it, against the rows as they are then; a
dry run decides the same and writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_, update

from harbour_api.domain.history import Change, changes_between
from harbour_api.domain.network import Network
from harbour_api.domain.sheet import Kind, Reject, Sheet, SheetRefused
from harbour_api.domain.sheet_days import DayWish, day_wishes, settled
from harbour_api.domain.sheet_in import Edit, Own, Plan, offering_plan
from harbour_api.domain.sheet_stations import station_plan
from harbour_api.domain.station import Offering, Station
from harbour_api.domain.tally import Entry, Source
from harbour_api.store import tables
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database
from harbour_api.store.edits import insert_stations, offering_row, pinyin_of, remember, row_of
from harbour_api.store.picture import next_revision, read_network
from harbour_api.store.registry import Registry, next_code
from harbour_api.store.writer import ENTRY_COLUMNS, entry_of
from harbour_api.store.writer import row_of as row_of_entry

AT_ONCE = 500  # rows named in one statement: SQLite takes 32,766 values


@dataclass(frozen=True, slots=True)
class Taken:
    """How many rows of a sheet made something, changed something, or said what was so already."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _Import:
    """What every step of one import needs."""

    connection: Connection
    network: Network
    own: Own
    actor: str
    at: datetime
    is_dry: bool


class Imports:
    """Sheets for one database. `clock` gives the current instant."""

    def __init__(self, database: Database, registry: Registry, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock

    def take(self, sheet: Sheet, kind: Kind, own: Own, *, actor: str, is_dry: bool) -> Taken:
        """Take a sheet in, of one's own stations; SheetRefused where any row is at fault, and nothing is changed then.

        A dry run tells what would be, and leaves everything as it is.
        """
        with self._database.read() if is_dry else self._registry.changing() as connection:
            network = read_network(connection, self._registry.network)
            one = _Import(connection, network, own, actor, self._clock(), is_dry)
            taken = _TAKE[kind](one, sheet)
            if not is_dry and (taken.created or taken.updated):
                Audit.note(connection, actor, f"import_{kind}", kind, None, asdict(taken), one.at)
        return taken


def _take_stations(one: _Import, sheet: Sheet) -> Taken:
    return _carried_out(one, station_plan(sheet, one.network, one.own))


def _take_offerings(one: _Import, sheet: Sheet) -> Taken:
    return _carried_out(one, offering_plan(sheet, one.network, one.own))


def _take_days(one: _Import, sheet: Sheet) -> Taken:
    rejects: list[Reject] = []
    wishes = day_wishes(sheet, one.network, one.own, rejects)
    if not one.is_dry:
        _hold(one.connection, {wish.station for wish in wishes})
    entries, unlocked = _entries(one.connection, wishes), _unlocked(one.connection)
    added: list[Entry] = []
    n_created = n_updated = 0
    for wish in wishes:
        held = entries[wish.station, wish.day]
        new = settled(wish, held, unlocked[wish.station], actor=one.actor, at=one.at)
        is_first = all(entry.source is Source.SAMPLE for entry in held)
        n_created += bool(new) and is_first
        n_updated += bool(new) and not is_first
        added += new
    if rejects:
        raise SheetRefused(rejects)
    if added and not one.is_dry:
        one.connection.execute(insert(tables.visits), [row_of_entry(entry) for entry in added])
    return Taken(n_created, n_updated, len(wishes) - n_created - n_updated)


_TAKE: dict[Kind, Callable[[_Import, Sheet], Taken]] = {
    Kind.STATIONS: _take_stations,
    Kind.OFFERINGS: _take_offerings,
    Kind.DAYS: _take_days,
}


def _carried_out(one: _Import, plan: Plan) -> Taken:
    if not one.is_dry and (plan.opened or plan.edits):
        revision = next_revision(one.connection)
        opened = _named(one.connection, plan.opened)
        insert_stations(one.connection, opened, revision)
        _write_edits(one.connection, plan.edits, revision)
        told = [(station.code, Change("code", None, station.code)) for station in opened]
        told += [
            (edit.before.code, change) for edit in plan.edits for change in changes_between(edit.before, edit.after)
        ]
        remember(one.connection, told, actor=one.actor, at=one.at)
    return Taken(plan.created, plan.updated, plan.unchanged)


def _named(connection: Connection, stations: Sequence[Station]) -> list[Station]:
    """Return new stations under the next free codes."""
    first = int(next_code(connection)[2:])
    return [
        replace(station, code=f"ZS{number:03d}", pinyin=pinyin_of(station.name))
        for number, station in enumerate(stations, start=first)
    ]


def _write_edits(connection: Connection, edits: Sequence[Edit], revision: int) -> None:
    """Write the stations anew, thousands in few statements, and of their offerings what is different."""
    rows = [_row(edit, revision) for edit in edits]
    if rows:
        # Not `code` itself: whoever sets a key makes SQLite look for the rows that point at it.
        named: dict[str, Any] = {name: bindparam(f"to_{name}") for name in rows[0] if name != "code"}
        changed = update(tables.stations).where(tables.stations.c.code == bindparam("to_code")).values(named)
        connection.execute(changed, [{f"to_{name}": value for name, value in row.items()} for row in rows])
    gone = [(edit.before.code, offering.amenity) for edit in edits for offering in _only_in(edit.before, edit.after)]
    offerings = tables.offerings.c
    for part in _parts(gone):
        connection.execute(delete(tables.offerings).where(tuple_(offerings.station, offerings.amenity).in_(part)))
    new = [(edit.before.code, offering) for edit in edits for offering in _only_in(edit.after, edit.before)]
    if new:
        connection.execute(insert(tables.offerings), [offering_row(code, one) for code, one in new])


def _row(edit: Edit, revision: int) -> dict[str, Any]:
    before, after = edit.before, edit.after
    pinyin = after.pinyin if after.name == before.name else pinyin_of(after.name)
    return row_of(replace(after, version=before.version + 1, pinyin=pinyin)) | {"revision": revision}


def _only_in(station: Station, other: Station) -> list[Offering]:
    held = {offering.amenity: offering for offering in other.offerings}
    return [offering for offering in station.offerings if held.get(offering.amenity) != offering]


def _hold(connection: Connection, stations: Iterable[str]) -> None:
    """Keep everybody else from writing visits of these stations until the transaction ends."""
    for part in _parts(sorted(stations)):
        held = select(tables.stations.c.code).where(tables.stations.c.code.in_(part)).order_by(tables.stations.c.code)
        connection.execute(held.with_for_update())


def _entries(connection: Connection, wishes: Sequence[DayWish]) -> defaultdict[tuple[str, date], list[Entry]]:
    """Return all entries of the days that are wished for, by station and day."""
    stations = {wish.station for wish in wishes}
    found: defaultdict[tuple[str, date], list[Entry]] = defaultdict(list)
    for part in _parts(sorted({wish.day for wish in wishes})):
        query = select(*ENTRY_COLUMNS).where(tables.visits.c.day.in_(part)).order_by(tables.visits.c.id)
        for row in connection.execute(query):
            if row.station in stations:
                found[row.station, row.day].append(entry_of(row))
    return found


def _unlocked(connection: Connection) -> defaultdict[str, set[date]]:
    found: defaultdict[str, set[date]] = defaultdict(set)
    for row in connection.execute(select(tables.unlocked_days.c.station, tables.unlocked_days.c.day)):
        found[row.station].add(row.day)
    return found


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
