"""The public map in a real browser: every station within reach of a finger and of the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from harbour_api.store.seed import Seed
from tests.browser.conftest import OpenTab

pytestmark = pytest.mark.browser
IN_VIEW = """
() => {
  const frame = document.querySelector('.map-frame').getBoundingClientRect();
  const across = (box) => box.left >= frame.left && box.right <= frame.right;
  const inside = (box) => across(box) && box.top >= frame.top && box.bottom <= frame.bottom;
  return [...document.querySelectorAll('button.map-station')]
    .filter((marker) => inside(marker.getBoundingClientRect()))
    .map((marker) => marker.getAttribute('aria-label'));
}
"""


def enter_town(page: Page, index: int) -> None:
    page.locator("button.map-bubble").nth(index).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("button.map-station")


@pytest.mark.parametrize("width", [360, 1280])
def test_every_station_is_reached_from_its_town_by_the_keyboard(tab: OpenTab, seed: Seed, width: int) -> None:
    page = tab(width=width, height=700).open("/map")
    n_towns = page.locator("button.map-bubble").count()
    seen: set[str] = set()
    for index in range(n_towns):
        enter_town(page, index)
        seen |= set(page.evaluate(IN_VIEW))
        page.get_by_role("button", name="看全市").click()

    assert n_towns == 23
    assert seen == {f"{station.name}，查看详情 (位置未核实)" for station in seed.stations}


def test_towns_are_buttons_that_say_their_name_and_number(tab: OpenTab) -> None:
    page = tab().open("/map?lang=en")

    names = page.eval_on_selector_all("button.map-bubble", "all => all.map(one => one.getAttribute('aria-label'))")

    assert "Shiqi Subdistrict, stations: 10" in names
    assert sum(int(name.rpartition(" ")[2]) for name in names) == 64


def test_a_popup_opens_by_the_keyboard_and_escape_gives_the_focus_back(tab: OpenTab) -> None:
    page = tab().open("/map")
    enter_town(page, 0)
    marker = page.locator("button.map-station:focus")
    name = (marker.get_attribute("aria-label") or "").partition("，")[0]

    page.keyboard.press("Enter")
    popup = page.get_by_role("dialog", name=name)

    expect(popup.get_by_role("heading", name=name)).to_be_focused()
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    assert (page.locator("button.map-station:focus").get_attribute("aria-label") or "").startswith(name)


def test_an_open_popup_is_whole_and_nothing_lies_on_it(tab: OpenTab) -> None:
    page = tab().open("/map")
    enter_town(page, 0)
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup-content-wrapper").bounding_box()
    frame = page.locator(".map-frame").bounding_box()
    assert popup is not None
    assert frame is not None

    assert popup["x"] >= frame["x"]
    assert popup["x"] + popup["width"] <= frame["x"] + frame["width"]
    for other in (".map-schematic", ".leaflet-control-zoom"):
        box = page.locator(other).bounding_box()
        assert box is not None
        assert frame["y"] <= popup["y"]
        assert popup["y"] + popup["height"] <= box["y"]


def test_a_link_from_a_stations_page_opens_its_popup_on_the_map(tab: OpenTab) -> None:
    page = tab().open("/stations/ZS005")
    name = page.locator("h1").inner_text()

    with page.expect_navigation():
        page.locator(".station").get_by_role("link", name="看地图").click()

    expect(page.get_by_role("dialog", name=name)).to_be_visible()


def test_the_map_sorts_its_list_by_where_the_phone_is(tab: OpenTab) -> None:
    page = tab(geolocation={"longitude": 113.38, "latitude": 22.52}, permissions=["geolocation"]).open("/map")

    page.get_by_role("button", name="离我最近").click()
    page.wait_for_selector("#map-near:not([hidden])")

    first = page.locator("#map-near .map-name").first.inner_text()
    assert page.locator("#map-near .map-card").count() == 64
    assert first in page.locator("#map-status").inner_text()


def test_without_a_script_the_list_says_everything(tab: OpenTab) -> None:
    page = tab(java_script_enabled=False).open("/map")

    assert page.locator(".map-card:visible").count() == 64
    assert not page.locator(".map-with-script:visible").count()
