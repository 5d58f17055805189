"""axe-core finds nothing on any page, narrow and wide, in both languages, light and dark, large and in high contrast.

One exception, by the contract: pins on a crowded map may be closer than fingers are wide, for the list is their equal.
Of cards and rows that all come from one template only the first are looked at, which saves most of the time. A page is
opened once, in large text. A look changes the style alone: taking it off, or asking as the device would, shows the
others, and in those only the rules that a style can break are run.
"""

from __future__ import annotations

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import OpenTab, Tab

pytestmark = pytest.mark.browser
AXE = Axe()
# Only a rule about sound and an experimental one need axe to fetch every style sheet again, at half of the price.
FRUGAL = {"resultTypes": ["violations"], "preload": False}
OPTIONS = {**FRUGAL, "rules": {"target-size": {"enabled": True}}}
# The wide look has the colours of the narrow one: contrast, half of the work, is looked at there, in light and in dark.
PLAIN = {**FRUGAL, "rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}}}
REPEATED = ", ".join(
    (
        ".cards ~ .cards",
        ".card:nth-child(n+4)",
        "#map-by-town section:nth-child(n+3)",
        ".map-card:nth-child(n+3)",
        ".map-towns li:nth-child(n+4)",
        "tbody tr:nth-child(n+6)",
        ".operation:nth-of-type(n+3)",
        ".docs nav li:nth-child(n+4)",
    )
)
# What axe is told to leave out it still measures, so it is out of the page while axe looks, and back afterwards.
LOOK = """async ([repeated, options]) => {
  const aside = Array.from(document.querySelectorAll(repeated), (node) => {
    const mark = document.createComment('');
    node.replaceWith(mark);
    return [mark, node];
  });
  scrollTo(0, document.body.scrollHeight); // where a bar that sticks to the foot lies on nothing
  const seen = await axe.run(document, options);
  aside.forEach(([mark, node]) => mark.replaceWith(node));
  return seen;
}"""
NARROW, WIDE = (360, 640), (1280, 800)
Scheme = Literal["light", "dark"]
LOOKS: dict[str, tuple[tuple[tuple[int, int], Scheme], ...]] = {
    "zh": ((NARROW, "light"), (WIDE, "dark")),
    "en": ((NARROW, "dark"),),
}
# Large text has the same colours as the rest and is held to less contrast: where it may fail is room.
ROOM = {**FRUGAL, "runOnly": ["target-size", "scrollable-region-focusable", "link-in-text-block"]}
STRONG = {**FRUGAL, "runOnly": ["color-contrast-enhanced"]}  # AAA: 7 to 1
# Large text in dark and high contrast in light for one language, the other way round for the other.
CHOSEN: dict[str, tuple[Scheme, Scheme]] = {"zh": ("dark", "light"), "en": ("light", "dark")}
WITH_ELDER = "is => { document.querySelector('link[href*=\"elder.css\"]').disabled = !is; }"
TARGETS = """() => {
  const small = [];
  const shown = (node) => node.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
  for (const node of document.querySelectorAll('a[href],button,input,select,summary,label.tick')) {
    const box = node.getBoundingClientRect();
    // Off the screen until it has the focus; a tick within its label; a link that covers its whole card; a map's pin.
    if (!shown(node) || box.right <= 0 || node.closest('.leaflet-marker-pane,.unseen')) continue;
    const whole = node.matches('.tick input') ? 'label' : node.matches('.card h3 a,.near a') ? 'li' : '*';
    const {width, height} = node.closest(whole).getBoundingClientRect();
    // A link within a sentence is as high as its line.
    const isInline = getComputedStyle(node).display === 'inline';
    if (!isInline && (width < 59.5 || height < 59.5)) small.push(`${node.outerHTML.slice(0, 90)} ${width}x${height}`);
  }
  return small;
}"""


def violations(page: Page, lang: str) -> list[str]:
    """What axe finds narrow and wide, light and dark; the two languages share the looks between them."""
    found = []
    for size, scheme in LOOKS[lang]:
        found += _seen(page, size, scheme, PLAIN if size == WIDE else OPTIONS)
    return found


def violations_in_chosen_looks(page: Page, lang: str) -> list[str]:
    """What axe finds on a small phone in large text and with high contrast."""
    large, strong = CHOSEN[lang]
    page.evaluate(WITH_ELDER, True)
    found = _seen(page, NARROW, large, ROOM)
    page.evaluate(WITH_ELDER, False)
    page.emulate_media(contrast="more")
    return [*found, *_seen(page, NARROW, strong, STRONG)]


def _seen(page: Page, size: tuple[int, int], scheme: Scheme, options: dict[str, Any]) -> list[str]:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)
    return _told(_run(page, options), f"{size[0]} {scheme} {options.get('runOnly', 'all')}")


def _run(page: Page, options: dict[str, Any]) -> dict[str, Any]:
    """Run axe, which is half a megabyte of script: a page takes it in once."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    response: dict[str, Any] = page.evaluate(LOOK, [REPEATED, options])
    return response


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
        "/ogc/collections/stations/items?limit=5",
        "/ogc/collections/stations/items/ZS001",
        "/look",
        "/embed/code",
        "/login",
        "/?twon=1",
    ],
)
def test_axe_finds_nothing_on_a_public_page(tab: OpenTab, path: str, lang: str) -> None:
    opened = tab()
    opened.context.add_cookies([{"name": "look", "value": "elder", "url": opened.served.url}])
    page = opened.open(_with(path, lang))
    opened.errors.clear()  # the browser calls the 400 an error
    too_small = page.evaluate(TARGETS)
    page.evaluate(WITH_ELDER, False)
    found = violations(page, lang)

    assert too_small == []
    assert found + violations_in_chosen_looks(page, lang) == []


def _popup(opened: Tab) -> Page:
    page = opened.open("/map#s3")
    page.wait_for_selector(".leaflet-popup")
    return page


def test_axe_finds_nothing_on_the_map_with_a_popup(tab: OpenTab) -> None:
    assert violations(_popup(tab()), "zh") == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_the_desk(tab: OpenTab, lang: str) -> None:
    assert violations(tab().open_desk(lang=lang), lang) == []
