"""A backup is one SQLite file, whatever the database is; restored, it fills an empty database of either kind.

One rule: neither is taken on trust. Every row that was written is read again and compared before the file is called a
backup, and before the restored rows are committed. Log-ins are left out: one that was ended since must not come back.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, delete, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.migrate import current, head, migrate

KEPT = tuple(table for table in tables.metadata.sorted_tables if table is not tables.sessions)
AT_ONCE = 2_000  # rows held at a time
LEAP = 1_000_000  # by which a restored picture's revision passes any that a browser may still know by its ETag


class Contents(NamedTuple):
    """What a table holds: how many rows, and a sum of their hashes, which no order of rows changes."""

    n_rows: int
    digest: int


def back_up(database: Database, file: Path) -> Mapping[str, int]:
    """Write a backup, readable by its owner alone, and return the rows of each table; ValueError says why not.

    Others may go on writing: the rows are those of one moment.
    """
    if file.exists():
        raise ValueError(f"{file} is there already: a backup never overwrites")
    if current(database) != head():
        raise ValueError(f"the database is not at schema {head()}: run `migrate` first")
    with TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
        made = Path(folder) / "backup.db"
        with _in_file(made) as copy, database.read() as source:
            migrate(copy)
            with copy.write() as target:
                _copy(source, target)
            told = _contents(source)
        with _in_file(made) as again, again.read() as connection:
            again.check()
            _refuse_differences(told, _contents(connection))
        made.chmod(0o600)
        _put_in_place(made, file)
    return {name: held.n_rows for name, held in told.items()}


def restore(file: Path, database: Database) -> Mapping[str, int]:
    """Fill an empty database from a backup and return the rows of each table; ValueError says why not.

    A backup of an older schema is brought to the newest on a copy; the file itself is never changed.
    """
    if not file.is_file():
        raise ValueError(f"{file}: there is no such file")
    with TemporaryDirectory(prefix="harbour-restore-") as folder:
        made = Path(shutil.copy(file, folder))
        with _in_file(made) as backup:
            backup.check()
            if current(backup) is None:
                raise ValueError(f"{file} is no backup")
            migrate(backup)
            if current(database) not in (None, head()):
                raise ValueError("the database is of another schema already: a backup is restored into an empty one")
            migrate(database)
            with backup.read() as source:
                if lacking := {table.name for table in KEPT} - set(inspect(source).get_table_names()):
                    raise ValueError(f"{file} is no backup: it lacks {', '.join(sorted(lacking))}")
                try:
                    with database.write() as target:
                        return _filled(database, source, target)
                except IntegrityError:
                    raise ValueError(f"{file} is damaged: its rows do not hold together; nothing was kept") from None


def _filled(database: Database, source: Connection, target: Connection) -> Mapping[str, int]:
    """Copy everything into an empty database, compare, and make the picture a new one to everybody."""
    held = [name for name, contents in _contents(target).items() if contents.n_rows and name != tables.network.name]
    if held:
        raise ValueError(f"the database holds {', '.join(held)} already: a backup is restored into an empty one")
    _copy(source, target)
    told = _contents(source)
    _refuse_differences(told, _contents(target))
    target.execute(update(tables.network).values(revision=tables.network.c.revision + LEAP))
    database.number_on(target, [table for table in KEPT if "id" in table.c])
    return {name: contents.n_rows for name, contents in told.items()}


def _copy(source: Connection, target: Connection) -> None:
    target.execute(delete(tables.network))  # a migration puts the first row there
    for table in KEPT:
        for rows in _rows(source, table):
            target.execute(insert(table), rows)


def _contents(connection: Connection) -> dict[str, Contents]:
    return {table.name: _contents_of(connection, table) for table in KEPT}


def _contents_of(connection: Connection, table: Table) -> Contents:
    n_rows = digest = 0
    for rows in _rows(connection, table):
        n_rows += len(rows)
        digest += sum(int.from_bytes(sha256(repr(row).encode()).digest()) for row in rows)
    return Contents(n_rows, digest % 2**256)


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[dict[str, Any]]]:
    """Yield all rows, in the order of their keys, so that a correction comes after what it corrects."""
    asked = select(table).order_by(*table.primary_key).execution_options(yield_per=AT_ONCE)
    for part in connection.execute(asked).mappings().partitions():
        yield [dict(row) for row in part]


def _refuse_differences(wanted: Mapping[str, Contents], found: Mapping[str, Contents]) -> None:
    differing = [name for name in wanted if wanted[name] != found[name]]
    if differing:
        raise ValueError(f"what was read again differs from what was written: {', '.join(differing)}; nothing was kept")


def _put_in_place(made: Path, file: Path) -> None:
    """Give the file its name once it is on the disk; the name is taken only if nobody took it meanwhile.

    A hard link would do both at once, but a USB stick knows none.
    """
    _sync(made)
    os.close(os.open(file, os.O_CREAT | os.O_EXCL))
    os.replace(made, file)
    _sync(file.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _in_file(path: Path) -> closing[Database]:
    return closing(Database(f"sqlite:///{path}"))
