"""The icons: each word of the vocabulary has a drawing, a new one a neutral one, and a page carries what it shows."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from harbour_api.store.seed import Seed
from harbour_api.web.assets import Assets
from harbour_api.web.icons import NEUTRAL, SPRITE, PageIcons, Sprite
from harbour_api.web.pages.station import REPORTS

SVG = "{http://www.w3.org/2000/svg}"
ASSETS = Assets.load()
DRAWN = Sprite(ASSETS.text(SPRITE), ASSETS.url(SPRITE))


def test_every_icon_the_vocabulary_and_the_reports_name_is_drawn(seed: Seed) -> None:
    named = {amenity.icon for amenity in seed.amenities} | {icon for *_, icon in REPORTS} | {NEUTRAL}

    assert named - set(DRAWN.symbols) == set()


def test_all_icons_share_one_grid_and_leave_colour_and_stroke_to_the_page() -> None:
    symbols = ElementTree.fromstring(ASSETS.text(SPRITE)).findall(f"{SVG}symbol")

    assert {symbol.get("viewBox") for symbol in symbols} == {"0 0 24 24"}
    assert {name for symbol in symbols for part in symbol for name in part.attrib} <= {"d", "cx", "cy", "r"}
    assert len(symbols) == len(DRAWN.symbols)


def test_an_icon_is_hidden_from_screen_readers_and_found_in_the_file() -> None:
    icon = PageIcons(DRAWN)("water")

    assert 'aria-hidden="true" focusable="false"' in icon
    assert f'href="{ASSETS.url(SPRITE)}#i-water"' in icon


def test_a_name_without_a_drawing_shows_the_neutral_one() -> None:
    icon = PageIcons(DRAWN)

    assert icon.here('sauna"><b>') == icon.here(NEUTRAL)


def test_a_page_carries_each_drawing_it_shows_once_and_no_other() -> None:
    icon = PageIcons(DRAWN)
    for name in ("water", "seat", "water"):
        icon.here(name)

    assert re.findall(r'id="i-(\w+)"', icon.carried()) == ["water", "seat"]
