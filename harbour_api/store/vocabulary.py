"""The amenities' vocabulary: a new word is a filter, a chip and a column at once.

One rule: a word is never taken away and its code never changed, for facts, reports and the history speak by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.problems import Conflict, Unknown
from harbour_api.domain.station import Amenity
from harbour_api.store import tables
from harbour_api.store.audit import Audit
from harbour_api.store.picture import next_revision, read_amenities
from harbour_api.store.registry import Registry


class Vocabulary:
    """The amenities of one database. `clock` gives the current instant."""

    def __init__(self, registry: Registry, clock: Callable[[], datetime]) -> None:
        self._registry = registry
        self._clock = clock

    def add(self, amenity: Amenity, *, actor: str) -> None:
        """Add a word behind all others; Conflict where its code is taken."""
        last = select(func.max(tables.amenities.c.position))
        try:
            with self._registry.changing() as connection:
                row = asdict(amenity) | {"position": (connection.scalar(last) or 0) + 1}
                connection.execute(insert(tables.amenities), row)
                self._told(connection, actor, "add_amenity", amenity.code, None, asdict(amenity))
        except IntegrityError as error:
            raise Conflict("An amenity of that code is already in the vocabulary.") from error

    def change(self, code: str, changes: Mapping[str, Any], *, actor: str) -> Amenity:
        """Change what a word says and return it; Unknown where there is none of that code."""
        with self._registry.changing() as connection:
            before = _one(connection, code)
            after = replace(before, **changes)
            if after != before:
                row = update(tables.amenities).where(tables.amenities.c.code == code)
                connection.execute(row, dict(changes))
                old = {name: value for name, value in asdict(before).items() if name in changes}
                self._told(connection, actor, "change_amenity", code, old, changes)
        return after

    def _told(
        self, connection: Connection, actor: str, action: str, code: str, old: Mapping[str, Any] | None,
        new: Mapping[str, Any],
    ) -> None:  # fmt: skip
        next_revision(connection)
        Audit.note(connection, actor, action, code, old, new, self._clock())


def _one(connection: Connection, code: str) -> Amenity:
    for amenity in read_amenities(connection):
        if amenity.code == code:
            return amenity
    raise Unknown("No amenity has that code.")
