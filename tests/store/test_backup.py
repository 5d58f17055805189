"""A backup holds everything of one moment, and what is restored from it is the same, on either engine."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import func, insert, select, text

from harbour_api.domain.place import Place
from harbour_api.domain.station import Audience, Basis
from harbour_api.domain.tally import Entry, Source
from harbour_api.store import tables
from harbour_api.store.access import Accounts
from harbour_api.store.backup import KEPT, LEAP, back_up, restore
from harbour_api.store.database import Database
from harbour_api.store.migrate import SchemaTooNew, upgrade
from harbour_api.store.registry import Registry
from harbour_api.store.visits import Visits
from tests.conftest import PASSWORD, Clock

FROM_SQLITE = pytest.mark.parametrize("seeded_url", ["sqlite"], indirect=True)
INTO_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture
def place(url: str) -> Iterator[Database]:
    """An empty database to restore into, on either engine."""
    with closing(Database(url)) as made:
        yield made


def rows_of(database: Database) -> dict[str, set[str]]:
    """Everything that a database holds but the log-ins and the revision."""
    kept = [table for table in KEPT if table is not tables.network]
    with database.read() as connection:
        return {table.name: {repr(tuple(row)) for row in connection.execute(select(table))} for table in kept}


def revision_of(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(select(tables.network.c.revision)) or 0)


def lively(database: Database, clock: Clock) -> None:
    """A manager who is logged in, a visit and its correction, and a station that was moved."""
    accounts = Accounts(database, clock)
    accounts.add_manager("desk", PASSWORD, is_administrator=False, stations=["ZS001"])
    accounts.log_in("desk", PASSWORD, address="test")
    with closing(Visits(database)) as visits:
        first = visits.log(visit(clock)).result(10)
        visits.log(replace(first, id=0, count=2, corrects=first.id, reason="two of them")).result(10)
    registry = Registry(database, clock)
    registry.refresh()
    registry.change_station("ZS001", {"phone": "0760-0000"}, expected=None, basis=Basis.VERIFIED, actor="desk")


def visit(clock: Clock) -> Entry:
    now = clock()
    return Entry("ZS001", now.date(), Audience.COURIER, 1, now, now, Source.MANAGER, "desk")


def test_what_is_restored_is_what_was_backed_up(
    ground: Database, place: Database, tmp_path: Path, clock: Clock
) -> None:
    lively(ground, clock)

    told = back_up(ground, tmp_path / "backup")

    assert restore(tmp_path / "backup", place) == told
    assert rows_of(place) == rows_of(ground)
    assert (told["stations"], told["visits"] >= 2, told["history"] >= 1) == (64, True, True)
    assert revision_of(place) == revision_of(ground) + LEAP
    place.check()


@FROM_SQLITE
def test_what_comes_after_a_restore_gets_numbers_of_its_own(
    ground: Database, place: Database, tmp_path: Path, clock: Clock
) -> None:
    lively(ground, clock)
    back_up(ground, tmp_path / "backup")
    restore(tmp_path / "backup", place)

    with closing(Visits(place)) as visits:
        following = visits.log(visit(clock)).result(10)

    with place.read() as connection:
        assert following.id == connection.scalar(select(func.max(tables.visits.c.id)))
    accounts = Accounts(place, clock)
    assert accounts.log_in("desk", PASSWORD, address="test").token


@FROM_SQLITE
def test_a_log_in_of_before_is_none_after_a_restore(ground: Database, tmp_path: Path, clock: Clock) -> None:
    lively(ground, clock)
    back_up(ground, tmp_path / "backup")
    with closing(Database(f"sqlite:///{tmp_path}/restored.db")) as restored:
        restore(tmp_path / "backup", restored)
        with restored.read() as connection:
            assert connection.scalar(select(func.count()).select_from(tables.sessions)) == 0


@INTO_SQLITE
def test_a_backup_made_while_visits_are_logged_is_of_one_moment(
    ground: Database, place: Database, tmp_path: Path, clock: Clock
) -> None:
    accounts = Accounts(ground, clock)
    accounts.add_manager("desk", PASSWORD, is_administrator=False, stations=["ZS001"])
    stop, logged = Event(), []

    def log() -> None:
        with closing(Visits(ground)) as visits:
            while not stop.is_set():
                logged.append(visits.log(visit(clock)).result(10).id)

    writer = Thread(target=log)
    writer.start()
    while len(logged) < 20:
        stop.wait(0.01)
    n_before = len(logged)
    told = back_up(ground, tmp_path / "backup")
    stop.set()
    writer.join()

    restore(tmp_path / "backup", place)
    with place.read() as connection:
        held = connection.scalars(select(tables.visits.c.id).where(tables.visits.c.actor == "desk")).all()
    assert n_before <= len(held) == told["visits"] <= len(logged)
    assert list(held) == logged[: len(held)]


@FROM_SQLITE
def test_a_backup_is_for_its_owner_alone_and_never_overwrites(ground: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    back_up(ground, file)
    written = file.read_bytes()

    with pytest.raises(ValueError, match="never overwrites"):
        back_up(ground, file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == written
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["backup"]


@FROM_SQLITE
def test_a_database_that_holds_anything_takes_no_backup_in(ground: Database, tmp_path: Path) -> None:
    back_up(ground, tmp_path / "backup")
    before, revision = rows_of(ground), revision_of(ground)

    with pytest.raises(ValueError, match=r"holds .*stations"):
        restore(tmp_path / "backup", ground)

    assert (rows_of(ground), revision_of(ground)) == (before, revision)


@INTO_SQLITE
def test_a_backup_of_an_older_schema_is_brought_up_and_left_as_it_is(place: Database, tmp_path: Path) -> None:
    file = tmp_path / "old"
    with closing(Database(f"sqlite:///{file}")) as old, old.write() as connection:
        upgrade(connection, "0002")
        connection.execute(
            insert(tables.towns),
            [{"code": "442000001", "name": "石岐街道", "name_en": "Shiqi", "place": Place.at(113.4, 22.5)}],
        )
    written = file.read_bytes()

    assert restore(file, place)["towns"] == 1
    assert file.read_bytes() == written


@FROM_SQLITE
def test_a_backup_of_a_newer_schema_is_refused_before_anything_is_written(ground: Database, tmp_path: Path) -> None:
    file, empty = tmp_path / "new", tmp_path / "empty.db"
    back_up(ground, file)
    with closing(Database(f"sqlite:///{file}")) as newer, newer.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with closing(Database(f"sqlite:///{empty}")) as place, pytest.raises(SchemaTooNew):
        restore(file, place)

    assert not empty.exists()


@pytest.mark.parametrize("found", [b"", b"no database at all, but long enough to be looked at " * 40])
def test_a_file_that_is_no_backup_is_refused(found: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(found)
    with (
        closing(Database(f"sqlite:///{tmp_path}/empty.db")) as place,
        pytest.raises(ValueError, match=r"no backup|quick_check"),
    ):
        restore(tmp_path / "file", place)


@FROM_SQLITE
@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE offerings SET station = 'ZS999' WHERE rowid = 1", "do not hold together"),
        ("DROP TABLE notice", "lacks notice"),
    ],
)
def test_a_backup_whose_rows_do_not_hold_together_is_refused_in_words(
    ground: Database, tmp_path: Path, damage: str, told: str
) -> None:
    back_up(ground, tmp_path / "backup")
    with closing(sqlite3.connect(tmp_path / "backup")) as file:
        file.execute(damage)
        file.commit()

    with closing(Database(f"sqlite:///{tmp_path}/empty.db")) as place:
        with pytest.raises(ValueError, match=told):
            restore(tmp_path / "backup", place)
        assert not any(rows_of(place).values())


@FROM_SQLITE
def test_a_backup_whose_pages_were_torn_is_refused(ground: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    back_up(ground, file)
    damaged = bytearray(file.read_bytes())
    damaged[4096 * 3 : 4096 * 12] = bytes(4096 * 9)
    file.write_bytes(damaged)

    with closing(Database(f"sqlite:///{tmp_path}/empty.db")) as place, pytest.raises(ValueError, match="quick_check"):
        restore(file, place)
    assert not (tmp_path / "empty.db").exists()
