"""The one writer: durable before the reply, one entry a key, and nobody pays for somebody else's fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.hours import local_day
from harbour_api.domain.problems import Invalid, Unavailable
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import Entry, Source
from harbour_api.store import database as database_module
from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.writer import Line, Once, Writer, Written
from tests.conftest import MONDAY_MORNING
from tests.seeded import SeededDatabases

LEAVES_STATIONS_ALONE = True
ENTRY = Entry(
    station="ZS001",
    day=local_day(MONDAY_MORNING),
    audience=Audience.COURIER,
    count=2,
    occurred_at=MONDAY_MORNING,
    recorded_at=MONDAY_MORNING,
    source=Source.MANAGER,
    actor="desk",
)
ONCE = Once("desk", "/api/v1/stations/ZS001/visits", "key-1", "a" * 64)
HeldUp = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def writer(ground: Database) -> Iterator[Writer]:
    made = Writer(ground)
    yield made
    made.close()


def written(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(tables.visits)).scalar_one()


def results(futures: list[Future[Entry]]) -> list[Entry]:
    return [future.result(10) for future in futures]


def test_an_entry_is_in_the_database_once_its_future_says_so(writer: Writer, ground: Database) -> None:
    entry = writer.post(ENTRY, None).result(10)
    with ground.read() as connection:
        row = connection.execute(select(tables.visits)).one()
    assert entry == replace(ENTRY, id=row.id, occurred_at=row.occurred_at, recorded_at=row.recorded_at)
    assert (row.station, row.day, row._mapping["count"], row.source) == ("ZS001", ENTRY.day, 2, "manager")


def test_what_queues_up_is_committed_in_groups_and_each_gets_its_own_entry(
    writer: Writer, ground: Database, held_up: HeldUp
) -> None:
    commits: list[object] = []
    with held_up():
        posted = [writer.post(replace(ENTRY, count=n), None) for n in range(1, 101)]
        event.listen(ground.engine, "commit", commits.append)
    found = results(posted)
    assert [entry.count for entry in found] == list(range(1, 101))
    assert len({entry.id for entry in found}) == written(ground) == 100
    assert len(commits) <= 3


def test_what_was_posted_together_takes_hold_of_its_stations_in_order_of_code(writer: Writer) -> None:
    codes = ["ZS003", "ZS001", "ZS002", "ZS001"]
    outcomes = writer.post_all([Line(replace(ENTRY, station=code), None) for code in codes]).result(10)
    entries = [outcome.entry for outcome in outcomes if isinstance(outcome, Written)]
    assert [entry.station for entry in entries] == codes, "and each is told of its own"
    by_id = sorted(entries, key=lambda entry: entry.id)
    assert [entry.station for entry in by_id] == sorted(codes), "an import holds them in that order too"
    assert entries[1].id < entries[3].id


def test_a_group_that_was_broken_off_for_a_ring_of_waiting_writers_is_written_once_more(
    writer: Writer, ground: Database, seeded_url: str
) -> None:
    if ground.is_sqlite:
        return  # it has one writer at a time
    other = Database(seeded_url)
    with other.write() as connection:
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '60s'")  # so that it is the writer that is broken off
        hold = "SELECT code FROM stations WHERE code = '{}' FOR UPDATE"
        connection.exec_driver_sql(hold.format("ZS002"))
        posted = writer.post_all([Line(replace(ENTRY, station=code), None) for code in ("ZS001", "ZS002")])
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        while not connection.exec_driver_sql(waiting).scalar_one():
            pass
        connection.exec_driver_sql(hold.format("ZS001"))
    assert len(posted.result(10)) == written(ground) == 2
    other.close()


def test_fifty_at_once_with_one_key_are_one_entry(writer: Writer, ground: Database) -> None:
    with ThreadPoolExecutor(50) as pool:
        found = results(list(pool.map(lambda _: writer.post(ENTRY, ONCE), range(50))))
    assert written(ground) == 1
    assert all(entry == found[0] for entry in found)


def test_a_key_is_remembered_by_a_later_writer_and_by_another_process(ground: Database, seeded_url: str) -> None:
    first, elsewhere = Writer(ground), Database(seeded_url)
    entry = first.post(ENTRY, ONCE).result(10)
    first.close()
    second = Writer(elsewhere)
    again = second.post(replace(ENTRY, count=2), ONCE).result(10)
    assert (again.id, again.count, again.occurred_at) == (entry.id, entry.count, entry.occurred_at)
    second.close()
    elsewhere.close()
    assert written(ground) == 1


def test_two_processes_that_race_one_key_write_one_entry(ground: Database, seeded_url: str) -> None:
    others = [Database(seeded_url) for _ in range(4)]
    writers = [Writer(database) for database in others]
    for number in range(10):
        once = replace(ONCE, key=f"race-{number}")
        found = results([writer.post(ENTRY, once) for writer in writers])
        assert len({entry.id for entry in found}) == 1
    assert written(ground) == 10
    for made in (*writers, *others):
        made.close()


def test_two_processes_that_race_the_same_batches_write_each_line_once(ground: Database, seeded_url: str) -> None:
    others = [Database(seeded_url) for _ in range(4)]
    writers = [Writer(database) for database in others]
    for number in range(5):
        batch = [Line(ENTRY, replace(ONCE, key=f"{number}-{place}")) for place in range(20)]
        orders = [batch, batch[::-1], batch[7:] + batch[:7], batch[:12]]
        posted = [writer.post_all(order) for writer, order in zip(writers, orders, strict=True)]
        outcomes = [outcome for future in posted for outcome in future.result(20)]
        assert sum(outcome.is_new for outcome in outcomes if isinstance(outcome, Written)) == 20
        assert len({outcome.entry.id for outcome in outcomes if isinstance(outcome, Written)}) == 20
    assert written(ground) == 100
    for made in (*writers, *others):
        made.close()


def test_what_is_posted_together_is_written_together_or_not_at_all(writer: Writer, ground: Database) -> None:
    lines = [Line(replace(ENTRY, count=n), replace(ONCE, key=str(n))) for n in (1, 2, -1)]
    with pytest.raises(IntegrityError):
        writer.post_all(lines).result(10)
    assert written(ground) == 0
    assert [isinstance(outcome, Written) for outcome in writer.post_all(lines[:2]).result(10)] == [True, True]


@pytest.mark.parametrize("together", [True, False])
def test_the_same_key_with_another_body_is_refused(
    writer: Writer, ground: Database, held_up: HeldUp, together: bool
) -> None:
    other = replace(ONCE, body_hash="b" * 64)
    if together:
        with held_up():
            kept, refused = writer.post(ENTRY, ONCE), writer.post(replace(ENTRY, count=9), other)
    else:
        kept = writer.post(ENTRY, ONCE)
        kept.result(10)
        refused = writer.post(replace(ENTRY, count=9), other)
    assert kept.result(10).count == 2
    with pytest.raises(Invalid):
        refused.result(10)
    assert written(ground) == 1


def test_another_actor_or_path_with_the_same_key_is_another_visit(writer: Writer, ground: Database) -> None:
    keys = [ONCE, replace(ONCE, actor="other"), replace(ONCE, path="/api/v1/stations/ZS002/visits")]
    found = results([writer.post(ENTRY, once) for once in keys])
    assert len({entry.id for entry in found}) == written(ground) == 3


def test_an_entry_at_fault_fails_alone(writer: Writer, ground: Database, held_up: HeldUp) -> None:
    with held_up():
        good = [writer.post(replace(ENTRY, count=n), None) for n in (1, 2)]
        bad = [writer.post(replace(ENTRY, station="ZS999"), None), writer.post(replace(ENTRY, count=-1), ONCE)]
        good.append(writer.post(replace(ENTRY, count=3), ONCE))
    for future in bad:
        with pytest.raises(IntegrityError):
            future.result(10)
    assert [entry.count for entry in results(good)] == [1, 2, 3]
    assert written(ground) == 3
    assert writer.post(ENTRY, None).result(10).id, "the writer goes on"


def test_closing_writes_what_is_queued_and_takes_no_more(ground: Database, held_up: HeldUp) -> None:
    writer = Writer(ground)
    with held_up():
        posted = [writer.post(ENTRY, None) for _ in range(300)]
    writer.close()
    assert all(future.done() for future in posted)
    assert written(ground) == 300
    with pytest.raises(Unavailable):
        writer.post(ENTRY, None)


def test_closing_an_unused_writer_or_twice_is_quiet(ground: Database) -> None:
    writer = Writer(ground)
    writer.close()
    writer.close()


def test_a_locked_database_is_told_to_everybody_waiting_and_leaves_nothing(
    seeded_databases: SeededDatabases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "LOCK_WAIT_MS", 100)
    url = seeded_databases.copy("sqlite")
    holder, waiting = Database(url), Database(url)
    writer = Writer(waiting)
    with holder.write():
        posted = [writer.post(ENTRY, replace(ONCE, key=str(n))) for n in range(5)]
        for future in posted:
            with pytest.raises(Unavailable):
                future.result(10)
    assert written(waiting) == 0
    again = results([writer.post(ENTRY, replace(ONCE, key=str(n))) for n in range(5)])
    assert len({entry.id for entry in again}) == written(waiting) == 5
    writer.close()
    waiting.close()
    holder.close()


def test_an_entry_nobody_waits_for_any_more_is_written_and_found_by_its_key(
    writer: Writer, ground: Database, held_up: HeldUp
) -> None:
    with held_up():
        left = writer.post(ENTRY, ONCE)
        assert left.cancel()
    again = writer.post(ENTRY, ONCE).result(10)
    assert (written(ground), again.count) == (1, 2)
