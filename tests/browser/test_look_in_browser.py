"""A reader's own look in a real browser: one tap gives large text, and a station is read aloud as it stands there."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenTab

pytestmark = pytest.mark.browser
# A machine without a loudspeaker still shows what would be said.
LISTEN = """
window.__said = [];
SpeechSynthesis.prototype.speak = function (words) { window.__said.push([words.lang, words.text]); };
"""


def pixels(page: Page, selector: str, name: str) -> float:
    return float(page.eval_on_selector(selector, f"node => parseFloat(getComputedStyle(node)[{name!r}])"))


def test_one_tap_without_a_script_gives_large_text_on_the_same_page_and_the_next(tab: OpenTab) -> None:
    page = tab(java_script_enabled=False).open("/?town=442000001")

    page.get_by_role("button", name="大字").click()

    assert "town=442000001" in page.url
    assert page.locator("html").get_attribute("data-size") == "elder"
    page.locator(".card h3 a").first.click()
    assert page.locator("html").get_attribute("data-size") == "elder"
    assert not page.locator(".aloud").is_visible()


def test_large_text_is_18_points_and_a_card_is_read_aloud_as_it_stands(tab: OpenTab) -> None:
    opened = tab()
    opened.context.add_cookies([{"name": "look", "value": "elder", "url": opened.served.url}])
    opened.context.add_init_script(LISTEN)
    page = opened.open("/?town=442000001")
    card = page.locator(".card").first

    card.get_by_role("button", name="朗读").click()
    [[lang, text]] = page.evaluate("window.__said")

    assert pixels(page, ".card p", "fontSize") == 24
    assert lang == "zh-CN"
    assert text.startswith(card.locator("h3").inner_text() + "。约 ")
    assert all(fact in text for fact in ("营业中，17:00 关门 推定", "位置未核实", "直接进入"))
    assert card.locator(".aloud").get_attribute("aria-pressed") == "true"


def test_what_a_reader_chooses_stands_above_what_the_device_asks(tab: OpenTab) -> None:
    opened = tab(color_scheme="light", contrast="no-preference")
    page = opened.open("/look?back=/about")
    page.get_by_label("深色").check()
    page.get_by_label("高对比度，粗边框").check()
    page.get_by_role("button", name="就这样显示").click()

    page.wait_for_url("**/about", wait_until="load")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"


def test_every_icon_on_a_page_has_its_drawing(tab: OpenTab) -> None:
    opened = tab()
    for path in ("/", "/stations/ZS001", "/stations/ZS001/poster"):
        page = opened.open(path)
        page.wait_for_load_state("networkidle")
        boxes = page.eval_on_selector_all("main .icon", "icons => icons.map(icon => icon.getBBox().width)")

        assert boxes
        if path != "/":  # the finder's filters are folded away
            assert min(boxes) > 5
