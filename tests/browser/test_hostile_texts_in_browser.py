"""Texts that would like to run: whatever anybody typed into any field is shown as text on every page, and none runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from harbour_api.domain.station import Basis, Offering, OfferingState, Special, Station
from harbour_api.store import tables
from harbour_api.store.seed import Seed
from tests.browser.conftest import OpenTab, Service, serving
from tests.conftest import MONDAY_MORNING

pytestmark = pytest.mark.browser
HOSTILE = (
    '<img src=x onerror="window.__x=1">',
    "</script><script>window.__x=1</script>",
    '"><svg onload=window.__x=1>',
    "'-(window.__x=1)-'",
    "`+(window.__x=1)+`${window.__x=1}",
    "{{7*7}}{{ self.__init__.__globals__ }}",
    "{% for x in (1,2) %}x{% endfor %}{{constructor.constructor('window.__x=1')()}}",
    "javascript:window.__x=1",
    "<a href=javascript:window.__x=1>x</a><iframe srcdoc='<script>parent.__x=1</script>'>",
    "\u2028window.__x=1\u2029//*/window.__x=1/*",
    "&lt;script&gt;window.__x=1&lt;/script&gt;",
    "<style>*{background:url(//evil.example/x)}</style><base href=//evil.example>",
)
RAN = "[window.__x, document.querySelectorAll('main img, main iframe, main base, main style').length]"


def poisoned(station: Station, text: str) -> Station:
    """The station with the text in every field that somebody may type into."""
    offerings = tuple(
        Offering(code, OfferingState.OUT_OF_ORDER, Basis.VERIFIED, note=text) for code in ("toilet", "nursing_room")
    )
    words = dict.fromkeys(("name", "name_en", "official_name", "address", "phone"), text)
    return replace(station, specials=(Special(text, text),), offerings=offerings, **words)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, seed: Seed) -> Iterator[Service]:
    """A service in which towns, amenities and a dozen stations carry hostile texts."""
    text = HOSTILE[0] + HOSTILE[1] + HOSTILE[5]
    planted = replace(
        seed,
        stations=tuple(poisoned(*pair) for pair in zip(seed.stations, HOSTILE, strict=False)),
        towns=tuple(replace(town, name=text, name_en=text) for town in seed.towns),
        amenities=tuple(replace(amenity, zh=text, en=text) for amenity in seed.amenities),
    )
    with serving(tmp_path_factory.mktemp("hostile"), planted) as service:
        _close_all(service)
        yield service


def _close_all(service: Service) -> None:
    """Give every station a closure whose reason is hostile."""
    span = {"starts_at": MONDAY_MORNING, "ends_at": MONDAY_MORNING + timedelta(days=2)}
    with service.house.database.write() as connection:
        connection.execute(
            tables.closures.insert(),
            [{"station": f"ZS{n:03}", "reason": text, **span} for n, text in enumerate(HOSTILE, start=1)],
        )
        connection.execute(tables.stations.update().values(revision=tables.stations.c.revision + 1))
        connection.execute(tables.network.update().values(revision=tables.network.c.revision + 1))
    service.house.registry.refresh()


def assert_only_text(page: Page) -> None:
    assert page.evaluate(RAN) == [None, 0]
    assert "49" not in page.locator("h1, h3, h4").all_inner_texts()


def test_the_finder_shows_hostile_texts_as_texts(tab: OpenTab, hostile: Service) -> None:
    opened = tab(hostile)
    page = opened.open("/")

    assert_only_text(page)
    assert {" ".join(text.split()) for text in page.locator(".card h3").all_text_contents()} == {
        " ".join(text.split()) for text in HOSTILE
    }
    assert_only_text(opened.open("/?q=<script>window.__x=1</script>"))


def test_the_map_and_every_popup_show_hostile_texts_as_texts(tab: OpenTab, hostile: Service) -> None:
    page = tab(hostile).open("/map")
    links = page.locator(".map-card [data-show]")

    for index, text in enumerate(page.locator(".map-card .map-name").all_text_contents()):
        links.nth(index).dispatch_event("click")
        assert page.locator(".leaflet-popup .map-name").text_content() == text
    assert links.count() == len(HOSTILE)
    assert_only_text(page)


def test_a_stations_page_shows_hostile_texts_as_texts(tab: OpenTab, hostile: Service) -> None:
    opened = tab(hostile)

    for number, text in enumerate(HOSTILE, start=1):
        page = opened.open(f"/stations/ZS{number:03}")
        assert page.locator("h1").text_content() == text
        assert text in (page.locator("main").text_content() or "").replace("\xa0", " ")
        assert_only_text(page)


@pytest.mark.parametrize("unit", ["station", "town"])
def test_the_desk_and_every_circle_show_hostile_texts_as_texts(tab: OpenTab, hostile: Service, unit: str) -> None:
    page = tab(hostile, width=1280).open_desk()
    page.check(f'[name="map-unit"][value="{unit}"]')

    circles = page.locator("button.map-circle")
    for index in range(circles.count()):
        circles.nth(index).dispatch_event("click")
        assert page.locator(".leaflet-popup .map-name").count() == 1
    assert_only_text(page)
