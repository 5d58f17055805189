"""The notice above every public page: put up and taken down here, and shown from the picture.

One rule: a change lets the revision grow in its own transaction, so that every process shows it with its next picture
and no page has to ask the database.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from harbour_api.domain.notice import Notice
from harbour_api.domain.problems import Unavailable
from harbour_api.store import tables
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database
from harbour_api.store.picture import next_revision, read_notice
from harbour_api.store.registry import Registry

SUBJECT = "notice"


class Notices:
    """The one notice of one database. `clock` gives the current instant."""

    def __init__(self, database: Database, registry: Registry, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock

    def put_up(self, notice: Notice, *, actor: str) -> None:
        """Show this notice from its start to its end, instead of the one before."""
        self._replace(notice, actor, "put_up_notice")

    def take_down(self, *, actor: str) -> None:
        """Show none any more; nothing happens where there is none."""
        self._replace(None, actor, "take_down_notice")

    def _replace(self, notice: Notice | None, actor: str, action: str) -> None:
        with self._database.write() as connection:
            connection.execute(select(tables.network.c.revision).with_for_update())  # the lock that every change takes
            before = read_notice(connection)
            if before == notice:
                return
            next_revision(connection)
            connection.execute(delete(tables.notice))
            if notice is not None:
                _insert(connection, notice)
            Audit.note(connection, actor, action, SUBJECT, _told(before), _told(notice), self._clock())
        with suppress(Unavailable):  # it stands all the same, and is shown with the next picture
            self._registry.refresh()


def _insert(connection: Connection, notice: Notice) -> None:
    facts = {"kind": notice.kind, "starts_at": notice.starts_at, "ends_at": notice.ends_at}
    row = {"id": 1, **facts, "text": notice.text, "text_en": notice.text_en}
    connection.execute(insert(tables.notice), row)


def _told(notice: Notice | None) -> dict[str, Any] | None:
    """Return a notice as the audit keeps it."""
    if notice is None:
        return None
    span = {"from": notice.starts_at.isoformat(), "to": notice.ends_at.isoformat()}
    return {"kind": notice.kind.value, **span, "text": notice.text, "text_en": notice.text_en}
