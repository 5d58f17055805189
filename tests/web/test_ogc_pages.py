"""The geospatial door as pages: OGC API - Features, class html. What a program is told a person can read too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from harbour_api.web.ogc.columns import STATION
from tests.web.conftest import Front
from tests.web.geospatial import ADDRESSES, ITEMS, ROOT, inside, place_two, read

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def door(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    for front in fronts("sqlite"):
        yield place_two(front)


class Body(HTMLParser):
    """The text of a page's body, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: set[tuple[str, str]] = set()
        self.feed(html[html.index("<body") :])
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            told = dict(attrs)
            self.links.add((told.get("rel") or "", told["href"] or ""))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page(front: Front, path: str, lang: str = "zh") -> str:
    answer = front.open(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), answer.text
    html: str = answer.text
    return html


def values(told: Any) -> Iterator[str]:
    """Every figure and word of a document, but for its links."""
    if isinstance(told, dict):
        told = [value for name, value in told.items() if name not in ("links", "title", "description", "type")]
    if isinstance(told, list):
        for inner in told:
            yield from values(inner)
    elif told is not None:
        yield str(told).lower() if isinstance(told, bool) else str(told)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_every_address_is_an_html_5_page_too(door: Front, path: str, lang: str) -> None:
    html = page(door, path, lang)

    assert html.startswith("<!doctype html>")
    assert f'<html lang="{"en" if lang == "en" else "zh-CN"}"' in html
    assert "<script" not in html.partition("<main")[2]
    assert "style=" not in html
    assert len(re.findall("<h1>", html)) == 1


@pytest.mark.parametrize("path", [path for path in ADDRESSES if path != f"{ROOT}/api"])
def test_a_page_tells_all_that_the_json_tells_and_links_wherever_it_does(door: Front, path: str) -> None:
    told, body = read(door, f"{path}?f=json"), Body(page(door, path))

    missing = [value for value in values(told) if " ".join(value.split()) not in body.text]
    assert missing == []
    whole = [*told["links"], *(link for one in told.get("collections", ()) for link in one["links"])]
    leads = {href for _, href in body.links}
    local = [link["href"] if link["rel"] == "license" else inside(door, link["href"]) for link in whole]
    assert [href for href in local if href not in leads] == []


def test_a_page_stays_in_its_language_and_form(door: Front) -> None:
    body = Body(page(door, f"{ITEMS}?town=442000002", "en"))

    assert (("collection", "/ogc/collections/stations?f=html&lang=en")) in body.links
    assert "?town=442000002&f=html&lang=zh" in {href for _, href in body.links}
    assert "5 match, 5 on this page." in body.text


def test_the_columns_are_named_for_people_and_for_programs(door: Front) -> None:
    body = Body(page(door, ITEMS, "en"))

    assert all(column.name in body.text for column in STATION)
    assert "Basis of the opening hours opening_hours_basis" in body.text


def test_a_place_that_nobody_has_verified_says_so_in_the_table_and_on_its_own(door: Front) -> None:
    assert "ZS002 未核实 未核实 ZS002" in Body(page(door, ITEMS)).text
    assert "geometry 位置未核实" in Body(page(door, f"{ITEMS}/ZS002")).text
    assert "Point 113.4041, 22.5236 (WGS 84)" in Body(page(door, f"{ITEMS}/ZS001")).text


def test_the_definition_as_a_page_has_every_operation_and_its_bounds(door: Front) -> None:
    text = Body(page(door, f"{ROOT}/api")).text

    assert "GET /collections/stations/items/{code}" in text
    assert "limit query integer; at least 1; at most 200; default 100" in text
    assert f"{door.house.settings.public_url}{ROOT}" in text


def test_the_documentation_of_the_api_leads_to_the_door(door: Front) -> None:
    assert ("", "/ogc/?lang=en") in Body(page(door, "/docs", "en")).links


def test_what_is_typed_is_text_on_the_pages_of_the_door(door: Front) -> None:
    text = "</td><script>alert(1)</script>"
    body = {"name": text, "specials": [{"zh": text, "en": text}]}
    sent = door.client.patch("/api/v1/stations/ZS010", json=body, headers={**door.administrator, "if-match": "*"})

    assert sent.status_code == 200, sent.text
    for path in (f"{ITEMS}?limit=200", f"{ITEMS}/ZS010"):
        html = page(door, path)
        assert "<script>alert" not in html
        assert text in unescape(html)
