"""One thread that writes visits and commits them in groups: durable before each reply, at a fraction of the cost.

Whatever has queued up while the last commit was under way goes into the next one. A group that fails is tried again
one by one, so that nobody pays for somebody else's fault. The receipt of an Idempotency-Key is written in the
transaction of its entry, so that neither can be without the other.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, fields, replace
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select, tuple_

from harbour_api.domain.problems import Invalid, Unavailable
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import Entry, Source
from harbour_api.store import tables
from harbour_api.store.database import RETRY_AFTER_S, Database

GROUP = 256
COMPANY_S = 0.005  # while many post, the first waits this long for others: a commit for each costs more than the rest
ENTRY_COLUMNS = [tables.visits.c[column.name] for column in fields(Entry)]
_RECEIPT = (tables.receipts.c.actor, tables.receipts.c.path, tables.receipts.c.key)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Once:
    """An Idempotency-Key: the same actor, path and key mean the same visit, and the body must then be the same too."""

    actor: str
    path: str
    key: str
    body_hash: str

    @property
    def name(self) -> tuple[str, str, str]:
        """What makes it one and the same."""
        return self.actor, self.path, self.key


@dataclass(frozen=True, slots=True)
class _Posted:
    entry: Entry
    once: Once | None
    written: Future[Entry] = field(default_factory=Future)


class Writer:
    """The one writer of a process. `post` returns at once; the future holds the entry once it is durable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Posted | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._is_busy = False

    def post(self, entry: Entry, once: Once | None) -> Future[Entry]:
        """Queue an entry; the future gives it with its id, or the first one where the key was used before."""
        posted = _Posted(entry, once)
        with self._closing:
            if self._closed:
                raise Unavailable("The service is shutting down.", retry_after_s=RETRY_AFTER_S)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="visit-writer", daemon=True)
                self._thread.start()
            self._queue.put(posted)
        return posted.written

    def close(self) -> None:
        """Write what is queued, then stop."""
        with self._closing:
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            self._write(group)

    def _next_group(self) -> list[_Posted]:
        """Return what has queued up, waiting for the first; nothing once closed."""
        group: list[_Posted] = []
        while len(group) < GROUP and (not group or not self._queue.empty()):
            posted = self._queue.get()
            if posted is None:
                self._queue.put(None)
                break
            group.append(posted)
            if len(group) == 1 and self._is_busy:
                time.sleep(COMPANY_S)
        self._is_busy = len(group) > 1
        return group

    def _write(self, group: Sequence[_Posted]) -> None:
        try:
            outcomes = self._committed(group)
        except Exception as error:
            outcomes = self._written_alone(group, error)
        for posted, outcome in zip(group, outcomes, strict=True):
            _settle(posted.written, outcome)

    def _committed(self, group: Sequence[_Posted]) -> list[Entry | Exception]:
        with self._database.write() as connection:
            return _insert(connection, group)

    def _written_alone(self, group: Sequence[_Posted], error: Exception) -> list[Entry | Exception]:
        """Try each by itself: finds the one at fault, and for a key that raced another process that one's receipt."""
        if isinstance(error, Unavailable):
            return [error] * len(group)
        log.warning("visits written one by one", n=len(group), error=type(error).__name__)
        outcomes: list[Entry | Exception] = []
        for posted in group:
            try:
                outcomes += self._committed([posted])
            except Exception as fault:
                outcomes.append(fault)
        return outcomes


def entry_of(row: Row[Any]) -> Entry:
    """Return a row of `visits` as an entry."""
    values = dict(row._mapping)
    return Entry(**values | {"audience": Audience(values["audience"]), "source": Source(values["source"])})


def row_of(entry: Entry) -> dict[str, Any]:
    """Return an entry as a row of `visits` that has no id yet."""
    return {column.name: getattr(entry, column.name) for column in fields(entry) if column.name != "id"}


def _settle(future: Future[Entry], outcome: Entry | Exception) -> None:
    if not future.set_running_or_notify_cancel():
        return  # nobody waits any more; the entry stands, and its key finds it
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _insert(connection: Connection, group: Sequence[_Posted]) -> list[Entry | Exception]:
    """Insert what is new of a group, and return each one's entry, or why it is refused."""
    found = _receipts(connection, [posted.once for posted in group if posted.once is not None])
    new: dict[object, _Posted] = {}
    for number, posted in enumerate(group):
        name = number if posted.once is None else posted.once.name
        if name not in found:
            new.setdefault(name, posted)
    found |= _insert_new(connection, new)
    names = [number if posted.once is None else posted.once.name for number, posted in enumerate(group)]
    return [_outcome(posted.once, *found[name]) for name, posted in zip(names, group, strict=True)]


def _insert_new(connection: Connection, new: Mapping[object, _Posted]) -> dict[object, tuple[str, Entry]]:
    if not new:
        return {}
    insert = tables.visits.insert().returning(tables.visits.c.id, sort_by_parameter_order=True)
    ids = connection.scalars(insert, [row_of(posted.entry) for posted in new.values()]).all()
    receipts = [
        {"actor": o.actor, "path": o.path, "key": o.key, "body_hash": o.body_hash, "visit": id_}
        for posted, id_ in zip(new.values(), ids, strict=True)
        if (o := posted.once) is not None
    ]
    if receipts:
        connection.execute(tables.receipts.insert(), receipts)
    return {
        name: (posted.once.body_hash if posted.once else "", replace(posted.entry, id=id_))
        for (name, posted), id_ in zip(new.items(), ids, strict=True)
    }


def answered(connection: Connection, once: Once) -> Entry | None:
    """Return the entry a key was answered with before; None where it is new, Invalid where the body was another."""
    found = _receipts(connection, [once]).get(once.name)
    if found is None:
        return None
    outcome = _outcome(once, *found)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _receipts(connection: Connection, keys: Sequence[Once]) -> dict[object, tuple[str, Entry]]:
    if not keys:
        return {}
    found = connection.execute(select(tables.receipts).where(tuple_(*_RECEIPT).in_([once.name for once in keys]))).all()
    entries = select(*ENTRY_COLUMNS).where(tables.visits.c.id.in_([row.visit for row in found]))
    by_id = {entry.id: entry for entry in map(entry_of, connection.execute(entries))} if found else {}
    return {(row.actor, row.path, row.key): (row.body_hash, by_id[row.visit]) for row in found}


def _outcome(once: Once | None, body_hash: str, entry: Entry) -> Entry | Exception:
    if once is not None and once.body_hash != body_hash:
        return Invalid("That Idempotency-Key came with another body before.")
    return entry
