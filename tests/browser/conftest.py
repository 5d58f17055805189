"""What the browser's tests lean on: the application behind a real server, and a real Chromium that reports all it does.

Every page opened here must end without a console error, without a violation of the Content-Security-Policy and without
a request to another host; a test that expects an error says so by clearing it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from harbour_api.domain.hours import local_day
from harbour_api.settings import Settings
from harbour_api.store.database import Database
from harbour_api.store.migrate import migrate
from harbour_api.store.registry import Registry
from harbour_api.store.samples import sample_visits
from harbour_api.store.seed import Seed
from harbour_api.web.application import create_app
from harbour_api.web.house import House
from tests.conftest import CHROMIUM, MONDAY_MORNING, PASSWORD, quick_hashing

OWN_STATION = "ZS007"
PATIENCE_S = 20
NO_WORKER = "Service Worker registration blocked by Playwright"
WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.__violations.push(event.violatedDirective + ' ' + event.blockedURI);
});
"""


@dataclass
class Service:
    """The application behind a server of its own, with an administrator `admin` and a manager `desk` of one station."""

    house: House
    url: str


@contextmanager
def serving(folder: Path, seed: Seed, **settings: Any) -> Iterator[Service]:
    """Serve a fresh SQLite database planted with a seed, at MONDAY_MORNING."""
    url = f"sqlite:///{folder}/harbour.db"
    _plant(url, seed)
    with quick_hashing():
        app = create_app(Settings(database_url=url, **settings), lambda: MONDAY_MORNING)
    house: House = app.state.house
    house.accounts.add_manager("admin", PASSWORD, is_administrator=True)
    house.accounts.add_manager("desk", PASSWORD, stations=(OWN_STATION,))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none", access_log=False))
    thread = threading.Thread(target=server.run, name="browser-tests-server")
    thread.start()
    try:
        yield Service(house, f"http://127.0.0.1:{_port(server)}")
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)


def _plant(url: str, seed: Seed) -> None:
    database = Database(url)
    migrate(database)
    registry = Registry(database, lambda: MONDAY_MORNING)
    registry.plant(seed)
    yesterday = local_day(MONDAY_MORNING) - timedelta(days=1)
    codes = [station.code for station in registry.network.stations]
    house = House.build(Settings(database_url=url), lambda: MONDAY_MORNING)
    house.visits.plant_samples(sample_visits(codes, yesterday, days=30), MONDAY_MORNING)
    house.close()
    database.close()


def _port(server: uvicorn.Server) -> int:
    patience = time.monotonic() + PATIENCE_S
    while not server.started:
        assert time.monotonic() < patience, "the server did not start"
        time.sleep(0.02)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory, seed: Seed) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service"), seed) as made:
        yield made


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this folder; it ends with it, for its event loop would hinder asynchronous tests elsewhere."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page, with what it asked for and what went wrong on it."""

    page: Page
    context: BrowserContext
    served: Service
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.requests.clear()
        self.page.goto(self.served.url + path, wait_until="load")
        return self.page

    def hear(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning") and line.text != NO_WORKER:
            self.errors.append(line.text)

    def log_in(self, username: str = "admin") -> None:
        """Give the tab a session that is already there."""
        token = self.served.house.accounts.log_in(username, PASSWORD, address="test").token
        self.context.add_cookies([{"name": "harbour", "value": token, "url": self.served.url}])

    def open_desk(self, username: str = "admin", lang: str = "zh") -> Page:
        """Open the managers' map, logged in."""
        self.log_in(username)
        return self.open(f"/manage/map?lang={lang}")

    def violations(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.__violations || []")
        return found

    @property
    def foreign(self) -> list[str]:
        return [url for url in self.requests if not url.startswith("data:") and urlsplit(url).hostname != "127.0.0.1"]


OpenTab = Callable[..., Tab]


@pytest.fixture
def tab(chromium: Browser, service: Service) -> Iterator[OpenTab]:
    """Open a tab of one's own: `tab(width=360, color_scheme="dark")`; what it did is judged at the test's end."""
    opened: list[Tab] = []

    def open_tab(served: Service = service, *, width: int = 360, height: int = 640, **options: Any) -> Tab:
        size = {"width": width, "height": height}
        # Only tests of the worker let one in: it would keep four pages for each of the others.
        options.setdefault("service_workers", "block")
        context = chromium.new_context(viewport=size, reduced_motion="reduce", **options)  # type: ignore[arg-type]
        context.add_init_script(WATCH)
        made = Tab(context.new_page(), context, served)
        context.on("request", lambda request: made.requests.append(request.url))
        made.page.on("pageerror", lambda error: made.errors.append(str(error)))
        made.page.on("console", made.hear)
        opened.append(made)
        return made

    yield open_tab
    for one in opened:
        seen = replace(one, requests=one.foreign)
        violations = one.violations()
        one.context.close()
        assert (seen.errors, seen.requests, violations) == ([], [], [])
