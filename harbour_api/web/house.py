"""What every route may reach: the objects an application is built from, found at `request.app.state.house`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from jinja2 import Environment

from harbour_api.domain.notice import Notice
from harbour_api.domain.problems import Unavailable
from harbour_api.settings import Settings
from harbour_api.store.access import Accounts
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database
from harbour_api.store.facts import Facts
from harbour_api.store.managers import Managers
from harbour_api.store.notice import Notices
from harbour_api.store.registry import Registry
from harbour_api.store.reports import Reports
from harbour_api.store.tally_links import TallyLinks
from harbour_api.store.transfer.imports import Imports
from harbour_api.store.visits import Visits
from harbour_api.store.vocabulary import Vocabulary
from harbour_api.web.assets import Assets
from harbour_api.web.ground import OperatorsGround
from harbour_api.web.templates_env import environment
from harbour_api.web.traffic import Traffic
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
    facts: Facts
    vocabulary: Vocabulary
    visits: Visits
    reports: Reports
    imports: Imports
    accounts: Accounts
    managers: Managers
    audit: Audit
    tally_links: TallyLinks
    notices: Notices
    assets: Assets
    ground: OperatorsGround
    pages: Environment
    features: Features
    traffic: Traffic
    now: Callable[[], datetime]

    @classmethod
    def build(cls, settings: Settings, now: Callable[[], datetime] = utc_now) -> House:
        """Build everything from the settings; nothing is read from the database yet."""
        database, assets = Database(settings.database_url), Assets.load()
        registry, accounts = Registry(database, now), Accounts(database, now)
        return cls(
            settings=settings,
            database=database,
            registry=registry,
            facts=Facts(registry, now),
            vocabulary=Vocabulary(registry, now),
            visits=Visits(database),
            reports=Reports(database),
            imports=Imports(database, registry, now),
            accounts=accounts,
            managers=Managers(database, accounts, now),
            audit=Audit(database),
            tally_links=TallyLinks(database),
            notices=Notices(database, registry, now),
            assets=assets,
            ground=OperatorsGround.of(settings),
            pages=environment(assets),
            features=Features(),
            traffic=Traffic(),
            now=now,
        )

    def notice(self) -> Notice | None:
        """Return the notice that holds now, from the picture; None where there is none, or no picture yet."""
        with suppress(Unavailable):
            notice = self.registry.network.notice
            return notice if notice is not None and notice.holds(self.now()) else None
        return None

    def close(self) -> None:
        """Write what is queued and let go of the database."""
        self.registry.close()
        self.visits.close()
        self.ground.close()
        self.database.close()


def house_of(request: Request) -> House:
    """Return the house a request came to."""
    house: House = request.app.state.house
    return house


InHouse = Annotated[House, Depends(house_of)]
