"""What every test may lean on: real databases, and a clock that stands still.

Each test that takes `url` runs on SQLite and, where its programs are here, on a throwaway PostgreSQL cluster with
PostGIS that this run starts and stops. What is not here is left out, said so in the last lines, and required by
TEST_REQUIRE.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from harbour_api.domain.hours import ZONE
from harbour_api.store import passwords
from harbour_api.store.seed import Seed, read_seed
from tests.cluster import IN_HASTE, IS_HERE, cluster

SEED_FOLDER = Path(__file__).parent.parent / "seed_data"
# The browser without its windows, where it is here, does the same with half the work.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
HERE = {
    "postgis": IS_HERE,
    "browser": Path(CHROMIUM).exists(),
}
HOW = {
    "postgis": "apt-get install postgresql-15-postgis-3",
    "browser": "apt-get install chromium-headless-shell fonts-noto-cjk (or chromium, which is slower)",
}
REQUIRED = frozenset(filter(None, os.environ.get("TEST_REQUIRE", "").split(",")))
MONDAY_MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
PASSWORD = "a long enough password"
CLUSTER_BYTES = 4 * 2**30
# The libraries are hundreds of thousands of objects that stay: looking through them for garbage, again and again as the
# defaults have it, is a seventh of the Python's work.
RARELY = (50_000, 20, 50)


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(*RARELY)
    config.addinivalue_line("markers", "postgis: needs PostgreSQL with PostGIS")
    config.addinivalue_line("markers", "browser: needs Chromium")
    unknown = REQUIRED - HERE.keys()
    missing = [name for name in REQUIRED & HERE.keys() if not HERE[name]]
    if unknown or missing:
        told = [f"{name}: not here; {HOW[name]}" for name in missing] + [f"{name}: unknown" for name in unknown]
        raise pytest.UsageError("TEST_REQUIRE cannot be met: " + "; ".join(told))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: some tests wait for a clock or a disk, and another may run meanwhile."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [item for item in items if any(not HERE[name] and item.get_closest_marker(name) for name in HERE)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, is_here in HERE.items():
        if not is_here:
            terminalreporter.write_line(f"left out: tests that need {name}; to run them: {HOW[name]}")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A throwaway cluster of this run, as `host:port`; stopped and removed at its end."""
    with cluster(IN_HASTE, _roomy_memory()) as running:
        yield running.address


def _roomy_memory() -> Path | None:
    """Return where files are kept in memory, if there is plenty: a run makes and forgets some dozens of databases."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > CLUSTER_BYTES else None


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/harbour.db"


@pytest.fixture
def postgis_url(postgresql_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of its own for one test."""
    name = f"t{abs(hash(request.node.nodeid)):x}"
    admin = create_engine(f"postgresql+psycopg://harbour@{postgresql_server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"postgresql+psycopg://harbour@{postgresql_server}/{name}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database's URL, on either engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def seed() -> Seed:
    return read_seed(SEED_FOLDER)


class Clock:
    """A clock that stands still until it is told to go."""

    def __init__(self) -> None:
        self.at = MONDAY_MORNING

    def __call__(self) -> datetime:
        return self.at.astimezone(UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def quick_hashing() -> Iterator[None]:
    """Have what is built meanwhile hash passwords by the same method at a fraction of its price."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=64))
        yield


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
