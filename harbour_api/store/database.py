"""Where rows live: the only file that knows there are two databases.

A write is one transaction that has ended, durably, when the `with` block has; a read can never turn into a write. What
a driver says when its database is away, locked or full becomes `Unavailable`: the asker may try again, nothing is half
done.
"""

from __future__ import annotations

import math
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, make_url, select
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from harbour_api.domain.problems import Unavailable

RETRY_AFTER_S = 5
TRUE_FOR_S = 1.0  # for how long it is believed that writes go through: asking takes the lock, and strangers may ask
LOCK_WAIT_MS = 5_000
ROOM_BYTES = 4 * 1024 * 1024  # below it a start of a write may fit and its end not
POOL_SIZE = 48  # one for each thread that may read, and the writer's
CONNECT_TIMEOUT_S = 3
DEADLOCK = "40P01"  # of the SQLSTATE codes


class Database:
    """One database by its URL: `sqlite:///path` or `postgresql+psycopg://...`."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._file = Path(self.engine.url.database) if self.is_sqlite and self.engine.url.database else None
        self._inode: int | None = None
        self._writes = (-math.inf, False)
        self._reading = self.engine.execution_options(**_reading_options(self.is_sqlite))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database and cannot write."""
        self._follow_file()
        with _as_unavailable(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in a transaction: committed when the block ends, rolled back when it raises."""
        self._follow_file()
        with _as_unavailable(), self.engine.begin() as connection:
            yield connection

    def is_there(self) -> bool:
        """Whether there is a database to look at: an SQLite file that is not there would be made by looking."""
        return self._file is None or self._file.exists()

    def takes_writes(self) -> bool:
        """Whether a write would go through now: the disk has room, and one that changes nothing was tried."""
        asked_at, answer = self._writes
        if time.monotonic() - asked_at > TRUE_FOR_S:
            answer = self._has_room() and self._try_a_write()
            self._writes = (time.monotonic(), answer)
        return answer

    def _has_room(self) -> bool:
        """Whether an SQLite file can grow: its log may take a small write when nothing else fits any more."""
        if self._file is None or not self._file.exists():
            return True
        return shutil.disk_usage(self._file.parent).free >= ROOM_BYTES

    def _try_a_write(self) -> bool:
        try:
            with self.write() as connection:
                connection.exec_driver_sql("UPDATE network SET revision = revision")
        except Unavailable:
            return False
        return True

    def _follow_file(self) -> None:
        """Refuse where an SQLite file has gone, which SQLite itself would not notice; take up one put in its place."""
        if self._file is None:
            return
        found = self._file.stat().st_ino if self._file.exists() else None
        if found is None and self._inode is not None:
            raise _unavailable()
        if found != self._inode:
            self.engine.dispose()
            self._inode = found

    def check(self) -> None:
        """Raise ValueError where the database file is damaged; PostgreSQL looks after its own files."""
        if not self.is_sqlite:
            return
        try:
            with self.read() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        except DatabaseError as error:
            found = str(error.orig)
        if found != "ok":
            raise ValueError(f"quick_check failed: {found}; restore the file from a backup")

    def number_on(self, connection: Connection, filled: Iterable[Table]) -> None:
        """Let new rows of these tables be numbered after those that were written with their numbers.

        SQLite does so by itself; PostgreSQL counts apart from its rows.
        """
        for table in () if self.is_sqlite else filled:
            last = func.coalesce(select(func.max(table.c.id)).scalar_subquery(), 0)
            connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last + 1, False)))

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    # No prepared statements: behind a transaction pooler a name from one connection would be called on another.
    options = f"-c lock_timeout={LOCK_WAIT_MS}"
    arguments = {"connect_timeout": CONNECT_TIMEOUT_S, "prepare_threshold": None, "options": options}
    return create_engine(url, pool_size=POOL_SIZE, pool_pre_ping=True, connect_args=arguments, hide_parameters=True)


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    driver = _sqlite_driver()
    engine = create_engine(url, module=driver, pool_size=POOL_SIZE, hide_parameters=True)
    journal = "WAL" if wal_is_safe(driver.sqlite_version_info) else "TRUNCATE"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver would put it off
        settings = (f"busy_timeout={LOCK_WAIT_MS}", f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON")
        for setting in (*settings, "cell_size_check=ON"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("harbour_reads", False)
        connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
        # A write takes its lock at once: two that both read first and then write would overwrite each other.
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _sqlite_driver() -> Any:
    """Return the SQLite to use: the packaged one carries a version whose write-ahead log is safe."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is past the write-ahead log's reset race, which could corrupt (fixed in 3.51.3)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def _reading_options(is_sqlite: bool) -> dict[str, Any]:
    if is_sqlite:
        return {"harbour_reads": True}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def was_deadlock(error: Unavailable) -> bool:
    """Whether PostgreSQL broke a ring of waiting writers here: once more, and the way is free."""
    driver_error = getattr(error.__cause__, "orig", None)
    return getattr(driver_error, "sqlstate", None) == DEADLOCK


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise _unavailable() from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("The database cannot be reached or is busy; nothing was changed.", retry_after_s=RETRY_AFTER_S)
