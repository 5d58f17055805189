"""A station's state to rows: a new one, and the difference that an edit makes, which is also what the history tells.

One rule: row, version, revision and history lines are written in one transaction, after the lock that every change of
the picture takes; whoever calls holds that transaction, and the registry shows its picture afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from harbour_api.domain.edits import NEW
from harbour_api.domain.history import Change, changes_between, plain
from harbour_api.domain.problems import Stale, Unknown
from harbour_api.domain.station import Closure, Offering, Station
from harbour_api.store import tables
from harbour_api.store.picture import next_revision, read_station

_NOT_COLUMNS = frozenset({"offerings", "closures"})  # they have tables of their own
_NOT_EDITED = frozenset({"code", "version", "pinyin"})


def edit_station(
    connection: Connection,
    code: str,
    edit: Callable[[Station], Station],
    *,
    actor: str,
    at: datetime,
    expected: Container[int] | None = None,
) -> Station:
    """Let an edit make the next state of a station and return it; Stale where somebody else changed it first.

    `expected` holds the versions the edit may be made to, None any. An edit of nothing makes no version.
    """
    before = read_station(connection, code)
    if expected is not None and before.version not in expected:
        raise Stale(f"The station is at version {before.version} now.")
    wanted = edit(before)
    if wanted == before:
        return before
    _write(connection, before, wanted)
    after = read_station(connection, code)
    told = ((code, change) for change in changes_between(before, after))
    remember(connection, told, actor=actor, at=at)
    return after


def insert_stations(connection: Connection, stations: Iterable[Station], revision: int) -> None:
    """Write new stations with their offerings."""
    new = list(stations)
    rows = [row_of(station) | {"revision": revision} for station in new]
    if rows:
        connection.execute(insert(tables.stations), rows)
    _insert_offerings(connection, ((station.code, offering) for station in new for offering in station.offerings))


def row_of(station: Station) -> dict[str, Any]:
    """Return a station as the columns of its row."""
    row = {field.name: getattr(station, field.name) for field in fields(station) if field.name not in _NOT_COLUMNS}
    return row | {"specials": plain(station.specials)}


def offering_row(code: str, offering: Offering) -> dict[str, Any]:
    """Return an offering of a station as the columns of its row."""
    row = {field.name: getattr(offering, field.name) for field in fields(offering) if field.name != "season"}
    season = offering.season
    return row | {"station": code, "first_day": season and season.first, "last_day": season and season.last}


def remember(connection: Connection, changes: Iterable[tuple[str, Change]], *, actor: str, at: datetime) -> None:
    """Write the history's lines of what was changed at once, each with its station's code."""
    known = {"at": at, "actor": actor}
    lines = [known | {"station": code, "field": c.field, "old": c.old, "new": c.new} for code, c in changes]
    if lines:
        connection.execute(insert(tables.history), lines)


def changes_since(connection: Connection, code: str, line: int) -> list[Change]:
    """Return a line of a station's history and all later ones, in order; Unknown where it has none of that id."""
    lines = tables.history.c
    wanted = select(lines.id, lines.field, lines.old, lines.new).where(lines.station == code, lines.id >= line)
    found = connection.execute(wanted.order_by(lines.id)).all()
    if not found or found[0].id != line:
        raise Unknown("This station's history has no line of that id.")
    return [Change(row.field, row.old, row.new) for row in found]


def pinyin_of(name: str) -> str:
    """Return a name's reading, syllables apart by blanks."""
    return " ".join(_reader()(name))


@cache
def _reader() -> Callable[[str], list[str]]:
    """Made at the first new name, for its dictionary is large; and once, for it is gone through at each lesson."""
    from pypinyin import lazy_pinyin, load_single_dict

    load_single_dict({ord("行"): "háng,xíng"})  # a bank's own reading first: zhi hang, not zhi xing
    return lazy_pinyin


def _write(connection: Connection, before: Station, wanted: Station) -> None:
    was, row = row_of(before), row_of(wanted)
    values = {name: value for name, value in row.items() if value != was[name] and name not in _NOT_EDITED}
    values |= {"version": before.version + 1, "revision": next_revision(connection)}
    values |= {"pinyin": pinyin_of(wanted.name)} if "name" in values else {}
    connection.execute(update(tables.stations).where(tables.stations.c.code == before.code), values)
    _write_offerings(connection, before, wanted)
    _write_closures(connection, before, wanted)


def _write_offerings(connection: Connection, before: Station, wanted: Station) -> None:
    columns = tables.offerings.c
    gone = [offering.amenity for offering in before.offerings if offering not in wanted.offerings]
    connection.execute(delete(tables.offerings).where(columns.station == before.code, columns.amenity.in_(gone)))
    new = [offering for offering in wanted.offerings if offering not in before.offerings]
    _insert_offerings(connection, ((before.code, offering) for offering in new))


def _write_closures(connection: Connection, before: Station, wanted: Station) -> None:
    gone = [closure.id for closure in before.closures if closure not in wanted.closures]
    connection.execute(delete(tables.closures).where(tables.closures.c.id.in_(gone)))
    for closure in wanted.closures:
        if closure not in before.closures:
            connection.execute(insert(tables.closures), _closure_row(before.code, closure))


def _insert_offerings(connection: Connection, offered: Iterable[tuple[str, Offering]]) -> None:
    rows = [offering_row(code, offering) for code, offering in offered]
    if rows:
        connection.execute(insert(tables.offerings), rows)


def _closure_row(code: str, closure: Closure) -> dict[str, Any]:
    """Return a closure as a row; one that was taken back returns under its own id, for its history speaks of that."""
    row = asdict(closure) | {"station": code}
    return row if closure.id != NEW else {name: value for name, value in row.items() if name != "id"}
