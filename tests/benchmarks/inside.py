"""The real application inside this process, asked without a network between: what a route costs by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from fastapi.testclient import TestClient

from harbour_api.settings import read_settings
from harbour_api.store.access import Accounts
from harbour_api.store.database import Database
from harbour_api.web.application import create_app
from harbour_api.web.house import House, utc_now

MANAGER, PASSWORD = "benchmark", "measured, not kept"


@dataclass(frozen=True)
class Inside:
    """An application, and a client of it who is logged in as its administrator."""

    house: House
    client: TestClient


@contextmanager
def inside(database: str) -> Iterator[Inside]:
    """Run the application on a database."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    app = create_app(read_settings({"HARBOUR_DATABASE_URL": database}))
    headers = {"Authorization": f"Bearer {log_in(database)}"}
    with TestClient(app, base_url="http://127.0.0.1:8000", headers=headers) as client:
        yield Inside(app.state.house, client)


def log_in(url: str) -> str:
    """Make an administrator of a database, and return the token of a log-in."""
    database = Database(url)
    try:
        accounts = Accounts(database, utc_now)
        accounts.add_manager(MANAGER, PASSWORD, is_administrator=True)
        return accounts.log_in(MANAGER, PASSWORD, address="benchmark").token
    finally:
        database.close()
