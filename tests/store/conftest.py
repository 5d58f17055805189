"""What the store's tests may lean on: a seeded database on either engine, and a way to hold up its writers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from harbour_api.store.database import Database
from harbour_api.store.registry import Registry
from harbour_api.store.seed import Seed
from tests.conftest import Clock, quick_hashing
from tests.seeded import SeededDatabases

ENGINES = ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)]


@pytest.fixture(scope="package")
def seeded_databases(
    seed: Seed, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> SeededDatabases:
    return SeededDatabases(
        seed, tmp_path_factory.mktemp("store"), lambda: str(request.getfixturevalue("postgresql_server"))
    )


@pytest.fixture(params=ENGINES)
def seeded_url(request: pytest.FixtureRequest, seeded_databases: SeededDatabases) -> str:
    """A seeded database's URL, on either engine.

    A file of tests that says LEAVES_STATIONS_ALONE gets one PostgreSQL database, emptied of all else for each test: a
    copy is many files.
    """
    if request.param == "postgis" and getattr(request.module, "LEAVES_STATIONS_ALONE", False):
        return _emptied(str(request.getfixturevalue("shared_postgis_url")))
    return seeded_databases.copy(request.param)


@pytest.fixture(scope="module")
def shared_postgis_url(seeded_databases: SeededDatabases) -> str:
    return seeded_databases.copy("postgis")


def _emptied(url: str) -> str:
    database = Database(url)
    with database.write() as connection:
        emptied = "visits, receipts, history, audit, sessions, manager_stations, managers"
        connection.exec_driver_sql(f"TRUNCATE {emptied} CASCADE")
    database.close()
    return url


@pytest.fixture
def ground(seeded_url: str) -> Iterator[Database]:
    """A seeded database on either engine."""
    made = Database(seeded_url)
    yield made
    made.close()


@pytest.fixture(scope="module", params=ENGINES)
def module_ground(request: pytest.FixtureRequest, seeded_databases: SeededDatabases) -> Iterator[Database]:
    """A seeded database that all tests of a file share: for those that change nothing."""
    made = Database(seeded_databases.copy(request.param))
    yield made
    made.close()


@pytest.fixture
def registry(ground: Database, clock: Clock) -> Registry:
    made = Registry(ground, clock)
    made.refresh()
    return made


@pytest.fixture
def quick_hashes() -> Iterator[None]:
    """For tests that log in by the dozen."""
    with quick_hashing():
        yield


@pytest.fixture
def held_up(seeded_url: str) -> Callable[[], AbstractContextManager[None]]:
    """Keep every writer of visits waiting, from another connection, until the block ends."""

    @contextmanager
    def hold() -> Iterator[None]:
        other = Database(seeded_url)
        with other.write() as connection:
            if not other.is_sqlite:
                connection.exec_driver_sql("LOCK TABLE visits IN ACCESS EXCLUSIVE MODE")
            yield
        other.close()

    return hold
