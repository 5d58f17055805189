"""The only door to stations: reads look at `network`, a frozen picture; a change goes to the database and, once it is
committed, a new picture replaces the old one by one assignment.

Other processes learn of a change by the revision, which grows in the transaction of the change itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.network import Network
from harbour_api.domain.problems import Conflict, Stale, Unavailable
from harbour_api.domain.station import Basis, Station
from harbour_api.store import tables
from harbour_api.store.database import RETRY_AFTER_S, Database
from harbour_api.store.picture import read_network, read_revision, read_station
from harbour_api.store.seed import Seed

CLOSE_WITHIN_S = 5.0
LOOK_EVERY_S = 0.4  # other processes' changes are seen within a second
_NOT_COLUMNS = frozenset({"offerings", "closures"})  # they have tables of their own

log = structlog.get_logger()


class Registry:
    """Stations, towns and amenities of one database. `clock` gives the current instant."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._swapping = threading.Lock()
        self._stop = threading.Event()
        self._watching: threading.Thread | None = None
        self._network: Network | None = None
        self.as_of = clock()
        self.is_reachable = False

    @property
    def network(self) -> Network:
        """The picture; Unavailable until one could be read."""
        if self._network is None:
            raise Unavailable("No picture of the network is held yet.", retry_after_s=RETRY_AFTER_S)
        return self._network

    def refresh(self) -> Network:
        """Look at the database, swap the picture where its revision has moved, and return the picture."""
        with self._swapping:
            try:
                self._look()
            except Unavailable:
                self.is_reachable = False
                raise
            self.is_reachable, self.as_of = True, self._clock()
            return self.network

    def watch(self) -> threading.Thread:
        """Keep the picture fresh in the background until `close`; a database away is waited for, never given up."""
        self._watching = threading.Thread(target=self._watch, name="registry-watch", daemon=True)
        self._watching.start()
        return self._watching

    def close(self) -> None:
        """Stop watching; a look under way is waited for, so that its connection is let go of."""
        self._stop.set()
        if self._watching is not None:
            self._watching.join(CLOSE_WITHIN_S)

    def is_empty(self) -> bool:
        """Whether the database has no station yet."""
        with self._database.read() as connection:
            return connection.execute(select(tables.stations.c.code).limit(1)).first() is None

    def open_station(self, station: Station, *, actor: str) -> Station:
        """Add a station under the next free code and return it; Conflict where its clearing code is taken."""
        try:
            with self._database.write() as connection:
                revision = _next_revision(connection)
                code = _next_code(connection)
                row = _row(station) | {"code": code, "pinyin": _pinyin(station.name), "revision": revision}
                connection.execute(tables.stations.insert(), row)
                self._remember(connection, code, actor, {"code": (None, code)})
                opened = read_station(connection, code)
        except IntegrityError as error:
            raise Conflict("A station with that clearing code is already registered.") from error
        self._show_change()
        return opened

    def change_station(
        self, code: str, changes: Mapping[str, Any], *, expected: Container[int] | None, basis: Basis, actor: str
    ) -> Station:
        """Change fields of a station and return it; Stale where somebody else changed it first.

        `expected` holds the versions the change may be made to, None any; a changed field carries `basis` afterwards.
        """
        with self._database.write() as connection:
            _queue_up(connection)
            before = read_station(connection, code)
            if expected is not None and before.version not in expected:
                raise Stale(f"The station is at version {before.version} now.")
            moved = {field: value for field, value in changes.items() if _differs(before, field, value, basis)}
            if moved:
                self._write_change(connection, before, moved, basis, _next_revision(connection))
                self._remember(connection, code, actor, dict(_told(before, moved, basis)))
            after = read_station(connection, code)
        self._show_change()
        return after

    def plant(self, seed: Seed) -> int:
        """Add what the seed has and the database has not, change nothing that is there; return how many stations."""
        with self._database.write() as connection:
            here = set(connection.scalars(select(tables.stations.c.code)))
            new = [station for station in seed.stations if station.code not in here]
            added = _plant_towns(connection, seed) + _plant_amenities(connection, seed)
            if new or added:
                _plant_stations(connection, new, _next_revision(connection))
        self.refresh()
        return len(new)

    def _show_change(self) -> None:
        """Swap the picture after a commit; where that cannot be, the change stands all the same and is shown later."""
        with suppress(Unavailable):
            self.refresh()

    def _look(self) -> None:
        with self._database.read() as connection:
            before, revision = self._network, read_revision(connection)
            if before is None or revision < before.revision:
                before = Network((), (), (), revision=-1)  # nothing read yet, or a backup was put back
            if revision != before.revision:
                self._network = read_network(connection, before)

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self.refresh()
            except Unavailable:
                log.warning("database away, serving the last picture", as_of=self.as_of.isoformat())
            except Exception:
                log.exception("picture not refreshed")

    def _write_change(
        self, connection: Connection, before: Station, moved: Mapping[str, Any], basis: Basis, revision: int
    ) -> None:
        values = _columns(moved)
        values["basis"] = {**before.basis, **dict.fromkeys(moved, basis)}
        values |= {"version": before.version + 1, "revision": revision}
        if basis is Basis.VERIFIED:
            values["verified_at"] = self._clock()
        if "name" in moved:
            values["pinyin"] = _pinyin(moved["name"])
        connection.execute(update(tables.stations).where(tables.stations.c.code == before.code), values)

    def _remember(self, connection: Connection, code: str, actor: str, was: Mapping[str, tuple[Any, Any]]) -> None:
        at = self._clock()
        lines = [
            {"at": at, "actor": actor, "station": code, "field": field, "old": _plain(old), "new": _plain(new)}
            for field, (old, new) in was.items()
        ]
        connection.execute(tables.history.insert(), lines)


def _differs(before: Station, field: str, value: Any, basis: Basis) -> bool:
    """Whether a change says anything new: another value, or the same for a better reason."""
    return bool(getattr(before, field) != value) or before.basis.get(field) is not basis


def _told(before: Station, moved: Mapping[str, Any], basis: Basis) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Yield what the history says of a change: a field's old and new value, or the basis where only that is new."""
    for field, value in moved.items():
        old = getattr(before, field)
        yield (field, (old, value)) if old != value else (f"basis.{field}", (before.basis.get(field), basis))


def _queue_up(connection: Connection) -> None:
    """Take the lock that every change of the picture takes first, so that what is read next holds."""
    connection.execute(update(tables.network).values(revision=tables.network.c.revision))


def _next_revision(connection: Connection) -> int:
    grown = update(tables.network).values(revision=tables.network.c.revision + 1)
    revision: int = connection.execute(grown.returning(tables.network.c.revision)).scalar_one()
    return revision


def _next_code(connection: Connection) -> str:
    codes = connection.scalars(select(tables.stations.c.code).where(tables.stations.c.code.like("ZS%")))
    return f"ZS{max((int(code[2:]) for code in codes), default=0) + 1:03d}"


def _row(station: Station) -> dict[str, Any]:
    return _columns({field.name: getattr(station, field.name) for field in fields(station)})


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in values.items() if name not in _NOT_COLUMNS}
    return kept | ({"specials": _plain(kept["specials"])} if "specials" in kept else {})


def _pinyin(name: str) -> str:
    from pypinyin import lazy_pinyin, load_single_dict  # its dictionary is large, and only a new name needs it

    load_single_dict({ord("行"): "háng,xíng"})  # a bank's own reading first: zhi hang, not zhi xing
    return " ".join(lazy_pinyin(name))


def _plain(value: Any) -> Any:
    """Return a value the way JSON can hold it."""
    if isinstance(value, tuple):
        return [asdict(part) for part in value]
    return value


def _plant_towns(connection: Connection, seed: Seed) -> int:
    here = set(connection.scalars(select(tables.towns.c.code)))
    new = [town for town in seed.towns if town.code not in here]
    if new:
        rows = [{"code": t.code, "name": t.name, "name_en": t.name_en, "place": t.place} for t in new]
        connection.execute(tables.towns.insert(), rows)
        former = [{"code": old.code, "name": old.name, "town": town.code} for town in new for old in town.former]
        connection.execute(tables.former_towns.insert(), former)
    return len(new)


def _plant_amenities(connection: Connection, seed: Seed) -> int:
    here = set(connection.scalars(select(tables.amenities.c.code)))
    rows = [
        asdict(amenity) | {"position": position}
        for position, amenity in enumerate(seed.amenities)
        if amenity.code not in here
    ]
    if rows:
        connection.execute(tables.amenities.insert(), rows)
    return len(rows)


def _plant_stations(connection: Connection, stations: list[Station], revision: int) -> None:
    if not stations:
        return
    connection.execute(tables.stations.insert(), [_row(station) | {"revision": revision} for station in stations])
    offerings = [asdict(offering) | {"station": station.code} for station in stations for offering in station.offerings]
    if offerings:
        connection.execute(tables.offerings.insert(), offerings)
