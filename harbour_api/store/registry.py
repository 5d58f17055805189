"""The only door to stations: reads look at `network`, a frozen picture; a change goes to the database and, once it is
committed, a new picture replaces the old one by one assignment.

Other processes learn of a change by the revision, which grows in the transaction of the change itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.edits import change_fields
from harbour_api.domain.history import Change
from harbour_api.domain.network import Network
from harbour_api.domain.problems import Conflict, Unavailable
from harbour_api.domain.station import Basis, Station
from harbour_api.store import tables
from harbour_api.store.database import RETRY_AFTER_S, Database
from harbour_api.store.edits import edit_station, insert_stations, pinyin_of, remember
from harbour_api.store.picture import next_revision, read_network, read_revision, read_station
from harbour_api.store.seed import Seed

CLOSE_WITHIN_S = 5.0
LOOK_EVERY_S = 0.4  # other processes' changes are seen within a second

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

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """Give the connection of a change of the picture: one change at a time, shown as soon as it is committed."""
        with self._database.write() as connection:
            _queue_up(connection)
            yield connection
        with suppress(Unavailable):  # the change stands all the same, and is shown with the next picture
            self.refresh()

    def open_station(self, station: Station, *, actor: str) -> Station:
        """Add a station under the next free code and return it; Conflict where its clearing code is taken."""
        try:
            with self.changing() as connection:
                new = replace(station, code=next_code(connection), pinyin=pinyin_of(station.name))
                insert_stations(connection, [new], next_revision(connection))
                opening = [(new.code, Change("code", None, new.code))]
                remember(connection, opening, actor=actor, at=self._clock())
                return read_station(connection, new.code)
        except IntegrityError as error:
            raise Conflict("A station with that clearing code is already registered.") from error

    def change_station(
        self, code: str, changes: Mapping[str, Any], *, expected: Container[int] | None, basis: Basis, actor: str
    ) -> Station:
        """Change fields of a station and return it; Stale where somebody else changed it first.

        `expected` holds the versions the change may be made to, None any; a changed field carries `basis` afterwards.
        """
        at = self._clock()
        edit = partial(change_fields, changes=changes, basis=basis, at=at)
        with self.changing() as connection:
            return edit_station(connection, code, edit, actor=actor, at=at, expected=expected)

    def plant(self, seed: Seed) -> int:
        """Add what the seed has and the database has not, change nothing that is there; return how many stations."""
        with self._database.write() as connection:
            here = set(connection.scalars(select(tables.stations.c.code)))
            new = [station for station in seed.stations if station.code not in here]
            added = _plant_towns(connection, seed) + _plant_amenities(connection, seed)
            if new or added:
                insert_stations(connection, new, next_revision(connection))
        self.refresh()
        return len(new)

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


def _queue_up(connection: Connection) -> None:
    """Take the lock that every change of the picture takes first, so that what is read next holds."""
    connection.execute(update(tables.network).values(revision=tables.network.c.revision))


def next_code(connection: Connection) -> str:
    """Return the next free code of a station."""
    codes = connection.scalars(select(tables.stations.c.code).where(tables.stations.c.code.like("ZS%")))
    return f"ZS{max((int(code[2:]) for code in codes), default=0) + 1:03d}"


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
