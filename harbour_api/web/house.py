"""What every route may reach: the objects an application is built from, found at `request.app.state.house`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from jinja2 import Environment

from harbour_api.settings import Settings
from harbour_api.store.access import Accounts
from harbour_api.store.database import Database
from harbour_api.store.registry import Registry
from harbour_api.store.reports import Reports
from harbour_api.store.visits import Visits
from harbour_api.web.assets import Assets
from harbour_api.web.templates_env import environment
from harbour_api.web.wire import Features


def utc_now() -> datetime:
    """Return the current instant; the only clock of the service."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class House:
    """One application's objects."""

    settings: Settings
    database: Database
    registry: Registry
    visits: Visits
    reports: Reports
    accounts: Accounts
    assets: Assets
    pages: Environment
    features: Features
    now: Callable[[], datetime]

    @classmethod
    def build(cls, settings: Settings, now: Callable[[], datetime] = utc_now) -> House:
        """Build everything from the settings; nothing is read from the database yet."""
        database, assets = Database(settings.database_url), Assets.load()
        return cls(
            settings=settings,
            database=database,
            registry=Registry(database, now),
            visits=Visits(database),
            reports=Reports(database),
            accounts=Accounts(database, now),
            assets=assets,
            pages=environment(assets),
            features=Features(),
            now=now,
        )

    def close(self) -> None:
        """Write what is queued and let go of the database."""
        self.registry.close()
        self.visits.close()
        self.database.close()


def house_of(request: Request) -> House:
    """Return the house a request came to."""
    house: House = request.app.state.house
    return house


InHouse = Annotated[House, Depends(house_of)]
