"""axe-core finds nothing on any page, narrow and wide, in both languages, light and dark.

One exception, by the contract: pins on a crowded map may be closer than fingers are wide, for the list is their equal.
Of cards and rows that all come from one template only the first are looked at, which saves most of the time.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser
AXE = Axe()
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
REPEATED = {
    "exclude": [
        [".cards ~ .cards"],
        [".card:nth-child(n+4)"],
        ["#map-by-town section:nth-child(n+3)"],
        [".map-card:nth-child(n+3)"],
        [".map-towns li:nth-child(n+4)"],
        ["tbody tr:nth-child(n+6)"],
    ]
}
NARROW, WIDE = (360, 640), (1280, 800)
LOOKS = {"zh": ((NARROW, "light"), (WIDE, "dark")), "en": ((NARROW, "dark"), (WIDE, "light"))}


def violations(page: Page, lang: str) -> list[str]:
    """What axe finds narrow and wide, light and dark; the two languages share the four looks between them."""
    found = []
    for (width, height), scheme in LOOKS[lang]:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        found += _told(AXE.run(page, REPEATED, OPTIONS).response, f"{width} {scheme}")
    return found


def _told(response: dict[str, Any], where: str) -> list[str]:
    return [
        f"{where}: {rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in response["violations"]
        for node in rule["nodes"]
        if not (rule["id"] == "target-size" and "leaflet-marker-icon" in node["html"])
    ]


def test_axe_would_tell(tab: OpenTab) -> None:
    page = tab().open("/login")
    page.evaluate("document.querySelector('label').remove(); document.documentElement.removeAttribute('lang')")

    assert {found.split(": ")[1] for found in violations(page, "zh")} == {"html-has-lang", "label"}


def _with(path: str, lang: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={lang}"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?town=442000001",
        "/map",
        "/stations/ZS001",
        "/stations/ZS001/poster",
        "/coverage?town=442000001",
        "/about",
        "/docs",
        "/login",
        "/?twon=1",
    ],
)
def test_axe_finds_nothing_on_a_public_page(tab: OpenTab, path: str, lang: str) -> None:
    opened = tab()
    page = opened.open(_with(path, lang))
    opened.errors.clear()  # the browser calls the 400 an error

    assert violations(page, lang) == []


def _popup(opened: Tab) -> Page:
    page = opened.open("/map#s3")
    page.wait_for_selector(".leaflet-popup")
    return page


def test_axe_finds_nothing_on_the_map_with_a_popup(tab: OpenTab) -> None:
    assert violations(_popup(tab()), "zh") == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_the_desk(tab: OpenTab, lang: str) -> None:
    assert violations(tab().open_desk(lang=lang), lang) == []
