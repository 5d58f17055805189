"""What the tests of the doors may lean on: the application over a seeded database on either engine, made in a tenth of
a second, with a manager and an administrator who are logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.testclient import TestClient

from harbour_api.settings import Settings
from harbour_api.store.seed import Seed
from harbour_api.web.application import create_app
from harbour_api.web.house import House
from tests.conftest import MONDAY_MORNING, PASSWORD, Clock, bearer, quick_hashing
from tests.seeded import SeededDatabases

ENGINES = ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)]
OWN, FOREIGN = "ZS001", "ZS002"


@dataclass(frozen=True)
class Front:
    """A running application as its askers meet it."""

    app: FastAPI
    client: TestClient
    clock: Clock
    url: str
    manager: dict[str, str]  # headers of the manager of OWN
    administrator: dict[str, str]

    @property
    def house(self) -> House:
        house: House = self.app.state.house
        return house

    def at(self, moment: datetime) -> None:
        self.clock.at = moment

    def open(self, path: str, **more: Any) -> Any:
        """GET without any coding, so that bytes and ETags are the plain ones."""
        headers = {"accept-encoding": "identity", **more.pop("headers", {})}
        return self.client.get(path, headers=headers, **more)


@pytest.fixture(scope="package", autouse=True)
def quiet_log() -> Iterator[None]:
    """Keep the log of refusals off the screen; what is written of them is tested where logs are."""
    before = structlog.get_config()
    structlog.configure(processors=[_drop])
    yield
    structlog.configure(**before)


def _drop(*_: Any) -> Any:
    raise structlog.DropEvent


@pytest.fixture(scope="package")
def seeded_databases(
    seed: Seed, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> SeededDatabases:
    return SeededDatabases(
        seed, tmp_path_factory.mktemp("web"), lambda: str(request.getfixturevalue("postgresql_server"))
    )


@pytest.fixture(scope="package")
def fronts(seeded_databases: SeededDatabases) -> Callable[..., Iterator[Front]]:
    """Build applications: `fronts(engine)` yields one that runs until the generator is closed."""
    names = count(1)

    def build(engine: str, **settings: Any) -> Iterator[Front]:
        url, clock = seeded_databases.copy(engine), Clock()
        with quick_hashing():
            app = create_app(Settings(database_url=url, **settings), clock)
        base = f"http://127.0.0.1:{8000 + next(names) % 1000}"
        with TestClient(app, base_url=base, raise_server_exceptions=False, follow_redirects=False) as client:
            accounts = app.state.house.accounts
            accounts.add_manager("desk", PASSWORD, stations=[OWN])
            accounts.add_manager("chief", PASSWORD, is_administrator=True)
            tokens = [accounts.log_in(name, PASSWORD, address="test").token for name in ("desk", "chief")]
            yield Front(app, client, clock, url, bearer(tokens[0]), bearer(tokens[1]))

    return build


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts(request.param)


@pytest.fixture
def front(shared: Front) -> Front:
    """An application that all tests of a file share: each keeps to stations and keys of its own."""
    shared.at(MONDAY_MORNING)
    return shared


@pytest.fixture(params=ENGINES)
def own_front(request: pytest.FixtureRequest, fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """An application of this test's own, to break as it likes."""
    yield from fronts(request.param)
