"""The two databases: reads that cannot write, writes that wait no longer than they may, CHECKs behind every value."""

from __future__ import annotations

import math
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import event, make_url, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from harbour_api.domain.place import Place
from harbour_api.domain.problems import Unavailable
from harbour_api.store import database as database_module
from harbour_api.store import tables
from harbour_api.store.database import Database, wal_is_safe
from tests.seeded import SeededDatabases

BAD_PLACES_ON_SQLITE = {
    "NaN": '{"type":"Point","coordinates":[NaN,22.5]}',
    "infinity": '{"type":"Point","coordinates":[1e999,22.5]}',
    "empty": '{"type":"Point","coordinates":[]}',
    "181 degrees": '{"type":"Point","coordinates":[181,22.5]}',
    "91 degrees": '{"type":"Point","coordinates":[113.4,91]}',
    "text": '{"type":"Point","coordinates":["113.4",22.5]}',
    "three figures": '{"type":"Point","coordinates":[113.4,22.5,1]}',
    "a line": '{"type":"LineString","coordinates":[113.4,22.5]}',
    "no JSON": "POINT(113.4 22.5)",
}
BAD_PLACES_ON_POSTGIS = {
    "NaN": "POINT(NaN 22.5)",
    "empty": "POINT EMPTY",
    "a line": "LINESTRING(113.4 22.5, 113.5 22.5)",
}


def test_a_read_cannot_write(ground: Database) -> None:
    with pytest.raises((Unavailable, DBAPIError)), ground.read() as connection:
        connection.execute(update(tables.stations).values(name="x"))
    with ground.read() as connection:
        assert connection.scalars(select(tables.stations.c.name).where(tables.stations.c.name == "x")).all() == []


def test_a_connection_that_read_can_write_when_it_is_used_for_writing(ground: Database) -> None:
    with ground.read() as connection:
        before = connection.scalar(select(tables.network.c.revision))
    with ground.write() as connection:
        connection.execute(update(tables.network).values(revision=tables.network.c.revision + 1))
    with ground.read() as connection:
        assert connection.scalar(select(tables.network.c.revision)) == before + 1


def test_a_read_sees_one_state_of_the_database(ground: Database) -> None:
    with ground.read() as reading:
        before = reading.scalar(select(tables.network.c.revision))
        with ground.write() as writing:
            writing.execute(update(tables.network).values(revision=tables.network.c.revision + 1))
        assert reading.scalar(select(tables.network.c.revision)) == before


def test_a_block_that_raises_leaves_nothing_behind(ground: Database) -> None:
    def half_done() -> None:
        with ground.write() as connection:
            connection.execute(update(tables.stations).values(name="x"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_done()
    with ground.read() as connection:
        assert "x" not in connection.scalars(select(tables.stations.c.name)).all()


def test_a_locked_database_is_unavailable_after_the_wait_and_still_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "LOCK_WAIT_MS", 200)
    monkeypatch.setattr(database_module, "TRUE_FOR_S", 0)
    holder, waiter = (Database(f"sqlite:///{tmp_path}/locked.db") for _ in range(2))
    with holder.write() as connection:
        connection.execute(text("CREATE TABLE network (revision INTEGER)"))
    with holder.write():
        began = time.monotonic()
        with pytest.raises(Unavailable) as refused, waiter.write():
            pass
        waited = time.monotonic() - began
        assert not waiter.takes_writes()
        with waiter.read() as connection:
            assert connection.execute(text("SELECT count(*) FROM network")).scalar_one() == 0
    assert refused.value.retry_after_s
    assert 0.2 <= waited < 2
    assert waiter.takes_writes()
    holder.close()
    waiter.close()


def test_a_full_disk_is_unavailable_keeps_what_was_there_and_recovers_with_space(
    seeded_databases: SeededDatabases,
) -> None:
    database = Database(seeded_databases.copy("sqlite"))
    pages = [1]
    with database.read() as connection:
        stations = connection.execute(select(tables.stations.c.code)).all()

    @event.listens_for(database.engine, "checkout")
    def limit(connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages[0]}")  # type: ignore[attr-defined]

    def fill() -> None:
        with database.write() as connection:
            connection.execute(text("CREATE TABLE filling (body BLOB)"))
            connection.execute(text("INSERT INTO filling VALUES (zeroblob(1000000))"))

    with pytest.raises(Unavailable):
        fill()
    with database.read() as connection:
        assert connection.execute(select(tables.stations.c.code)).all() == stations
    pages[0] = 1_000_000
    fill()
    database.check()
    database.close()


def test_a_disk_without_room_takes_no_writes_though_a_small_one_would_still_fit(
    seeded_databases: SeededDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(seeded_databases.copy("sqlite"))
    room = database_module.ROOM_BYTES
    for free, answer in ((room - 1, False), (room, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        monkeypatch.setattr(database, "_writes", (float("-inf"), False))
        assert database.takes_writes() is answer
    database.close()


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "harbour.db").mkdir()
    for url in (f"sqlite:///{tmp_path}/harbour.db", "postgresql+psycopg://harbour@127.0.0.1:1/none"):
        database = Database(url)
        with pytest.raises(Unavailable), database.read():
            pass
        assert not database.takes_writes()
        database.close()


@pytest.mark.parametrize("bad", sorted(BAD_PLACES_ON_SQLITE.keys() | BAD_PLACES_ON_POSTGIS.keys()))
def test_no_bad_place_gets_in_by_sql(module_ground: Database, bad: str) -> None:
    places = BAD_PLACES_ON_SQLITE if module_ground.is_sqlite else BAD_PLACES_ON_POSTGIS
    if bad not in places:
        return  # that engine's own type has no such form
    with pytest.raises((DBAPIError, Unavailable)), module_ground.write() as connection:
        connection.execute(text("UPDATE stations SET place = :place WHERE code = 'ZS001'"), {"place": places[bad]})


@pytest.mark.parametrize("figures", [(181.0, 22.5), (113.4, 90.1), (math.nan, 22.5), (113.4, math.inf)])
def test_the_column_type_refuses_what_postgis_would_wrap_or_keep(
    module_ground: Database, figures: tuple[float, float]
) -> None:
    with pytest.raises(StatementError, match="must lie between"), module_ground.write() as connection:
        connection.execute(update(tables.stations).values(place=Place(*figures)))


@pytest.mark.parametrize("count", [-1, 1001, 10**9])
def test_no_count_out_of_bounds_gets_in_by_sql(module_ground: Database, count: int) -> None:
    row = (
        "INSERT INTO visits (station, day, audience, count, occurred_at, recorded_at, source, actor) VALUES"
        " ('ZS001', '2026-11-23', 'public', :count, '2026-11-23 02:00', '2026-11-23 02:00', 'manager', 'x')"
    )
    with pytest.raises(DBAPIError), module_ground.write() as connection:
        connection.execute(text(row), {"count": count})


@pytest.mark.parametrize(
    ("column", "word"), [("status", "closed"), ("access", "window"), ("location_basis", "guess"), ("version", 0)]
)
def test_no_word_outside_the_vocabulary_gets_in_by_sql(module_ground: Database, column: str, word: object) -> None:
    with pytest.raises(DBAPIError), module_ground.write() as connection:
        connection.execute(text(f"UPDATE stations SET {column} = :word"), {"word": word})


def test_a_sound_file_passes_the_check(module_ground: Database) -> None:
    module_ground.check()


@pytest.mark.parametrize("first_page", [0, 3, 20])
def test_a_damaged_file_is_named_and_never_repaired(seeded_databases: SeededDatabases, first_page: int) -> None:
    url = seeded_databases.copy("sqlite")
    path = Path(str(make_url(url).database))
    body = bytearray(path.read_bytes())
    body[first_page * 4096 : (first_page + 30) * 4096] = b"\xa5" * (30 * 4096)
    path.write_bytes(body)
    damaged = Database(url)
    with pytest.raises(ValueError, match=r"quick_check failed: .*; restore the file from a backup"):
        damaged.check()
    damaged.close()
    assert path.read_bytes() == body


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_its_race_is_fixed(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_sqlite_commits_are_durable_and_foreign_keys_hold(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/folder/x.db")
    with database.read() as connection:
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in
                    ("synchronous", "foreign_keys", "busy_timeout", "journal_mode")}  # fmt: skip
    database.close()
    wal = "wal" if wal_is_safe(database_module._sqlite_driver().sqlite_version_info) else "truncate"
    assert settings == {"synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000, "journal_mode": wal}
