"""The door sign on paper: one sheet a station, nothing cut off, nothing of the screen's page around it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenTab

pytestmark = pytest.mark.browser
CUT_OFF = """() => [...document.querySelectorAll('.sign')].filter((sign) => {
  const rest = sign.querySelector('.rest');
  return sign.scrollHeight > sign.clientHeight || rest.scrollHeight > rest.clientHeight;
}).length"""


def sheets(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_signs_are_one_whole_sheet_each(tab: OpenTab, lang: str) -> None:
    page = tab().open(f"/posters?lang={lang}")
    page.emulate_media(media="print")

    assert sheets(page) == 64
    assert page.evaluate(CUT_OFF) == 0
    assert not page.locator("footer").is_visible()


def test_one_click_prints_and_without_script_the_page_says_how(tab: OpenTab) -> None:
    page = tab().open("/stations/ZS001/poster")
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="打印").click()

    assert page.evaluate("window.printed")
    assert not page.locator("#print-hint").is_visible()
    assert sheets(page) == 1


def test_without_script_the_hint_stands_where_the_button_would(tab: OpenTab) -> None:
    page = tab(java_script_enabled=False).open("/stations/ZS001/poster")

    assert page.locator("#print-hint").is_visible()
    assert not page.locator("#print").is_visible()
