"""One thread that writes visits and commits them in groups: durable before each reply, at a fraction of the cost.

Whatever has queued up while the last commit was under way goes into the next one. A group that fails is tried again
one by one, so that nobody pays for somebody else's fault; what was posted together stays together. The receipt of an
Idempotency-Key is written in the transaction of its entry, so that neither can be without the other.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Row, select, tuple_
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.problems import Invalid, Unavailable
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import Entry, Source
from harbour_api.store import tables
from harbour_api.store.database import RETRY_AFTER_S, Database, was_deadlock

GROUP = 256
COMPANY_S = 0.005  # while many post, the first waits this long for others: a commit for each costs more than the rest
ENTRY_COLUMNS = [tables.visits.c[column.name] for column in fields(Entry)]
TRIES = 3
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
class Line:
    """An entry to write, and the key under which it is written once."""

    entry: Entry
    once: Once | None


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it is in the database, and whether it was this post that put it there."""

    entry: Entry
    is_new: bool


Outcome = Written | Invalid
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Posted:
    """Lines that are committed together, and who is told what became of them: an outcome each, or why none was."""

    lines: Sequence[Line]
    tell: Callable[[Sequence[Outcome] | Exception], None]


class Writer:
    """The one writer of a process. Posting returns at once; a future holds what is posted once it is durable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Posted | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._is_busy = False

    def post(self, entry: Entry, once: Once | None) -> Future[Entry]:
        """Queue an entry; the future gives it with its id, or the first one where the key was used before."""
        written: Future[Entry] = Future()
        self._put(_Posted([Line(entry, once)], partial(_tell_one, written)))
        return written

    def post_all(self, lines: Sequence[Line]) -> Future[Sequence[Outcome]]:
        """Queue lines to be committed together; the future gives each one's entry, or why that one was refused."""
        written: Future[Sequence[Outcome]] = Future()
        self._put(_Posted(lines, partial(_settle, written)))
        return written

    @property
    def n_waiting(self) -> int:
        """How many posts wait for the commit under way."""
        return self._queue.qsize()

    def _put(self, posted: _Posted) -> None:
        with self._closing:
            if self._closed:
                raise Unavailable("The service is shutting down.", retry_after_s=RETRY_AFTER_S)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="visit-writer", daemon=True)
                self._thread.start()
            self._queue.put(posted)

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
        lines = 0
        while lines < GROUP and (not group or not self._queue.empty()):
            posted = self._queue.get()
            if posted is None:
                self._queue.put(None)
                break
            group.append(posted)
            lines += len(posted.lines)
            if len(group) == 1 and self._is_busy:
                time.sleep(COMPANY_S)
        self._is_busy = len(group) > 1
        return group

    def _write(self, group: Sequence[_Posted]) -> None:
        try:
            outcomes = self._committed_or_again(group)
        except Exception as error:
            outcomes = self._written_alone(group, error)
        for posted, outcome in zip(group, outcomes, strict=True):
            posted.tell(outcome)

    def _committed_or_again(self, group: Sequence[_Posted]) -> list[Sequence[Outcome] | Exception]:
        try:
            return self._committed(group)
        except Unavailable as error:
            if not was_deadlock(error):
                raise
            return self._committed(group)

    def _committed(self, group: Sequence[_Posted]) -> list[Sequence[Outcome] | Exception]:
        with self._database.write() as connection:
            outcomes = iter(_insert(connection, [line for posted in group for line in posted.lines]))
        return [list(islice(outcomes, len(posted.lines))) for posted in group]

    def _written_alone(self, group: Sequence[_Posted], error: Exception) -> list[Sequence[Outcome] | Exception]:
        """Try each by itself: finds the one at fault, and for a key that raced another process that one's receipt."""
        if isinstance(error, Unavailable):
            return [error] * len(group)
        log.warning("visits written one by one", n=len(group), error=type(error).__name__)
        return [self._written_at_last(posted) for posted in group]

    def _written_at_last(self, posted: _Posted) -> Sequence[Outcome] | Exception:
        """Try a few times: of many keys, each may race another process."""
        for _ in range(TRIES):
            try:
                return self._committed([posted])[0]
            except IntegrityError as error:
                fault: Exception = error
            except Exception as error:
                return error
        return fault


def entry_of(row: Row[Any]) -> Entry:
    """Return a row of `visits` as an entry."""
    values = dict(row._mapping)
    return Entry(**values | {"audience": Audience(values["audience"]), "source": Source(values["source"])})


def row_of(entry: Entry) -> dict[str, Any]:
    """Return an entry as a row of `visits` that has no id yet."""
    return {column.name: getattr(entry, column.name) for column in fields(entry) if column.name != "id"}


def _tell_one(future: Future[Entry], outcomes: Sequence[Outcome] | Exception) -> None:
    outcome = outcomes if isinstance(outcomes, Exception) else outcomes[0]
    _settle(future, outcome.entry if isinstance(outcome, Written) else outcome)


def _settle(future: Future[Result], result: Result | Exception) -> None:
    if not future.set_running_or_notify_cancel():
        return  # nobody waits any more; the entry stands, and its key finds it
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


def _insert(connection: Connection, lines: Sequence[Line]) -> list[Outcome]:
    """Insert what is new, and return each line's entry, or why it is refused."""
    found = _receipts(connection, [line.once for line in lines if line.once is not None])
    names = [number if line.once is None else line.once.name for number, line in enumerate(lines)]
    new: dict[object, Line] = {}
    for name, line in zip(names, lines, strict=True):
        if name not in found:
            new.setdefault(name, line)
    found |= _insert_new(connection, new)
    return [
        _outcome(line.once, *found[name], is_new=new.get(name) is line) for name, line in zip(names, lines, strict=True)
    ]


def _insert_new(connection: Connection, new: Mapping[object, Line]) -> dict[object, tuple[str, Entry]]:
    if not new:
        return {}
    insert = tables.visits.insert().returning(tables.visits.c.id, sort_by_parameter_order=True)
    # Each row holds its station: in order of code, as an import holds them, nobody waits for another in a ring.
    new = dict(sorted(new.items(), key=lambda named: named[1].entry.station))
    ids = connection.scalars(insert, [row_of(line.entry) for line in new.values()]).all()
    receipts = [
        {"actor": o.actor, "path": o.path, "key": o.key, "body_hash": o.body_hash, "visit": id_}
        for line, id_ in zip(new.values(), ids, strict=True)
        if (o := line.once) is not None
    ]
    if receipts:  # in one order everywhere: two processes with the same keys wait for each other in turn, not in a ring
        receipts.sort(key=lambda receipt: (receipt["actor"], receipt["path"], receipt["key"]))
        connection.execute(tables.receipts.insert(), receipts)
    return {
        name: (line.once.body_hash if line.once else "", replace(line.entry, id=id_))
        for (name, line), id_ in zip(new.items(), ids, strict=True)
    }


def answered(connection: Connection, keys: Sequence[Once]) -> dict[object, Outcome]:
    """Return what keys were answered with before, by the key's name; Invalid where the body was another."""
    found = _receipts(connection, keys)
    return {once.name: _outcome(once, *found[once.name], is_new=False) for once in keys if once.name in found}


def _receipts(connection: Connection, keys: Sequence[Once]) -> dict[object, tuple[str, Entry]]:
    if not keys:
        return {}
    found = connection.execute(select(tables.receipts).where(tuple_(*_RECEIPT).in_([once.name for once in keys]))).all()
    entries = select(*ENTRY_COLUMNS).where(tables.visits.c.id.in_([row.visit for row in found]))
    by_id = {entry.id: entry for entry in map(entry_of, connection.execute(entries))} if found else {}
    return {(row.actor, row.path, row.key): (row.body_hash, by_id[row.visit]) for row in found}


def _outcome(once: Once | None, body_hash: str, entry: Entry, *, is_new: bool) -> Outcome:
    if once is not None and once.body_hash != body_hash:
        return Invalid("That key came with another body before.")
    return Written(entry, is_new)
