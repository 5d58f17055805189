"""The finder in a real browser: by form without JavaScript, by the phone's position with it, and small either way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page
from pyproj import Geod

from harbour_api.store.seed import Seed
from tests.browser.conftest import OpenTab, Service, Tab

pytestmark = pytest.mark.browser
GEOD = Geod(ellps="WGS84")
HERE = {"longitude": 113.38261, "latitude": 22.51768}
PAGE_BYTES = 14 * 1024
SCRIPT_BYTES = 15 * 1024
STATUSES = "links => Promise.all(links.map(async (link) => [link, (await fetch(link)).status]))"
PUBLIC = ("/", "/map", "/stations/ZS001", "/login", "/?town=442000001")


def by_distance(seed: Seed, lon: float, lat: float) -> list[str]:
    """The stations' codes in the order Geod gives."""
    metres = {s.code: round(GEOD.inv(lon, lat, s.place.lon, s.place.lat)[2], 3) for s in seed.stations}
    return sorted(metres, key=lambda code: (metres[code], code))


def shown(page: Page) -> list[str]:
    codes: list[str] = page.eval_on_selector_all(".card", "cards => cards.map(card => card.id)")
    return codes


def sizes(tab: Tab, path: str) -> dict[str, int]:
    """Bytes on the wire, headers included, for each request of a first visit, by its path."""
    wire = tab.context.new_cdp_session(tab.page)
    wire.send("Network.enable")
    asked: dict[str, str] = {}
    took: dict[str, int] = {}
    wire.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    wire.on(
        "Network.loadingFinished",
        lambda event: took.update({asked[event["requestId"]]: int(event["encodedDataLength"])}),
    )
    tab.open(path)
    tab.page.wait_for_load_state("networkidle")
    return {url.removeprefix(tab.served.url): size for url, size in took.items() if url.startswith("http")}


def test_without_a_script_the_form_leads_to_the_nearest_station(tab: OpenTab, seed: Seed) -> None:
    page = tab(java_script_enabled=False).open("/")
    town = next(town for town in seed.towns if town.name == "神湾镇")

    assert not page.locator("#near").is_visible()
    page.select_option("#town", label="神湾镇")
    page.click(".row button")

    assert shown(page) == by_distance(seed, town.place.lon, town.place.lat)[:10]
    assert "神湾镇附近" in page.locator("main h2").first.inner_text()


def test_one_tap_sorts_by_where_the_phone_is(tab: OpenTab, seed: Seed) -> None:
    opened = tab(geolocation=HERE, permissions=["geolocation"])
    page = opened.open("/")

    page.get_by_role("button", name="离我最近").click()
    page.wait_for_selector("#summary:not([hidden])")

    assert shown(page) == by_distance(seed, HERE["longitude"], HERE["latitude"])[:10]
    assert page.locator(".go").first.get_attribute("href").startswith("https://uri.amap.com/")  # type: ignore[union-attr]
    assert page.url == f"{opened.served.url}/"
    assert not [url for url in opened.requests if "113.38" in url or "22.51" in url or "lon" in url]


def test_a_refused_position_is_said_plainly_and_the_town_has_the_focus(tab: OpenTab) -> None:
    opened = tab()
    session = opened.context.new_cdp_session(opened.page)
    page = opened.open("/")
    session.send("Browser.setPermission", {"permission": {"name": "geolocation"}, "setting": "denied"})

    page.get_by_role("button", name="离我最近").click()
    page.wait_for_function("document.activeElement.id === 'town'")

    assert page.locator("#near-says").inner_text() == "没有取得位置，请选一个镇街。"


def test_three_results_are_in_sight_on_a_small_phone(tab: OpenTab) -> None:
    page = tab().open("/?town=442000001")

    third = page.locator(".card").nth(2)
    name, hours = third.locator("h3").bounding_box(), third.locator("p").nth(1).bounding_box()

    assert name is not None
    assert hours is not None
    assert hours["y"] + hours["height"] < 640


def test_no_page_is_wider_than_the_screen(tab: OpenTab) -> None:
    opened = tab()
    too_wide = []
    for path in (*PUBLIC, "/nowhere"):
        page = opened.open(f"{path}{'&' if '?' in path else '?'}lang=en")
        for width in (320, 360, 1280):
            page.set_viewport_size({"width": width, "height": 640})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                too_wide.append((path, width))
    opened.errors.clear()  # the browser calls the 404 an error

    assert too_wide == []


@pytest.mark.parametrize("path", ["/", "/?lang=en", "/?town=442000001"])
def test_the_first_load_of_the_finder_is_one_small_page_and_a_small_script(tab: OpenTab, path: str) -> None:
    took = sizes(tab(), path)
    scripts = {name: size for name, size in took.items() if Path(name).suffix == ".js"}

    assert set(took) - set(scripts) == {path}
    assert took[path] <= PAGE_BYTES
    assert sum(scripts.values()) <= SCRIPT_BYTES


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_load_of_the_map_is_light(tab: OpenTab, lang: str) -> None:
    took = sizes(tab(), f"/map?lang={lang}")

    assert len(took) <= 6
    assert sum(took.values()) <= 60 * 1024


def test_no_page_links_to_an_address_that_answers_nothing(tab: OpenTab, service: Service) -> None:
    opened = tab()
    opened.open_desk()
    links = set()
    for path in (*PUBLIC, "/manage/map"):
        found = opened.open(path).eval_on_selector_all(":not(use)[href]", "nodes => nodes.map(node => node.href)")
        links |= {link.partition("#")[0] for link in found if link.startswith(service.url)}

    answers = opened.page.evaluate(STATUSES, sorted(links))
    dead = [link for link, status in answers if status >= 400]

    assert len(links) > 64
    assert dead == []
