"""The geospatial door as a program finds its way through it: OGC API - Features, Part 1, class core.

Each test is a requirement of the standard, or of the contract's rules for all reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from harbour_api.domain.problems import Unavailable
from harbour_api.domain.station import Basis
from harbour_api.web.ogc.collection import COLLECTIONS, Items
from harbour_api.web.ogc.questions import Question
from harbour_api.web.ogc.seen import Seen
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import Front
from tests.web.geospatial import (
    ADDRESSES,
    FIRST,
    ITEMS,
    LATER,
    ROOT,
    STATIONS,
    TOWN_ITEMS,
    TOWNS,
    inside,
    links,
    place_two,
    read,
)

PART_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CLASSES = [f"{PART_1}/core", f"{PART_1}/oas30", f"{PART_1}/html", f"{PART_1}/geojson"]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MARK = "zqmarkzq"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.fixture(scope="module")
def door(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """No engine matters to what is answered from the picture."""
    for front in fronts("sqlite"):
        yield place_two(front)


def every_link(told: Any) -> Iterator[dict[str, str]]:
    if isinstance(told, dict):
        yield from told.get("links", ())
    for inner in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from every_link(inner)


def test_the_landing_page_leads_to_the_definition_the_conformance_and_the_data(door: Front) -> None:
    landing = read(door, f"{ROOT}/")

    assert {"title", "description", "links"} == landing.keys()
    for rel, kind in (
        ("service-desc", "application/vnd.oai.openapi+json;version=3.0"),
        ("service-doc", "text/html"),
        ("conformance", "application/json"),
        ("data", "application/json"),
        ("self", "application/json"),
        ("alternate", "text/html"),
    ):
        assert kind in [link["type"] for link in links(landing, rel)], rel


def test_the_last_stroke_of_the_root_makes_no_difference(door: Front) -> None:
    assert door.open(ROOT).content == door.open(f"{ROOT}/").content
    assert door.open(f"{ROOT}?f=html").status_code == 200


def test_every_link_there_is_leads_to_what_it_says(door: Front) -> None:
    seen: set[str] = set()
    waiting = [f"{ROOT}/", f"{ITEMS}/ZS001", f"{TOWN_ITEMS}/442000001"]
    while waiting:
        path = waiting.pop()
        answer = door.open(path)
        for link in every_link(answer.json()):
            assert {"href", "rel", "type", "title"} == link.keys()
            if link["rel"] == "license" or link["href"] in seen:
                continue
            seen.add(link["href"])
            found = door.open(inside(door, link["href"]))
            assert found.status_code == 200, link
            assert found.headers["content-type"].split(";")[0] == link["type"].split(";")[0], link
            if link["type"] in ("application/json", "application/geo+json"):
                waiting.append(inside(door, link["href"]))
    assert len(seen) > 20


@pytest.mark.parametrize("path", [path for path in ADDRESSES if path != f"{ROOT}/api"])
def test_an_answer_names_its_own_address_and_that_of_its_page(door: Front, path: str) -> None:
    answer = door.open(path)
    [own], [page] = links(answer.json(), "self"), links(answer.json(), "alternate")

    assert door.open(inside(door, own["href"])).content == answer.content
    assert own["type"] == answer.headers["content-type"]
    assert page["type"] == "text/html"


def test_only_what_is_tested_is_claimed(door: Front) -> None:
    assert read(door, f"{ROOT}/conformance")["conformsTo"] == CLASSES


def test_a_collection_is_told_alike_alone_and_among_the_others(door: Front) -> None:
    whole = read(door, f"{ROOT}/collections")

    assert [one["id"] for one in whole["collections"]] == ["stations", "towns"]
    assert whole["collections"] == [read(door, STATIONS), read(door, TOWNS)]


@pytest.mark.parametrize("path", [STATIONS, TOWNS])
def test_a_collection_leads_to_its_items_in_both_forms(door: Front, path: str) -> None:
    collection = read(door, path)

    assert [link["type"] for link in links(collection, "items")] == ["application/geo+json", "text/html"]
    assert collection["crs"] == [CRS84]
    assert collection["itemType"] == "feature"


def test_the_extents_hold_every_geometry_and_every_time(door: Front) -> None:
    stations, towns = read(door, STATIONS)["extent"], read(door, TOWNS)["extent"]

    for extent, items in ((stations, ITEMS), (towns, TOWN_ITEMS)):
        [(west, south, east, north)] = extent["spatial"]["bbox"]
        points = [one["geometry"]["coordinates"] for one in read(door, items)["features"] if one["geometry"]]
        assert points
        assert all(west <= lon <= east and south <= lat <= north for lon, lat in points)
    assert stations["temporal"]["interval"] == [[FIRST.isoformat(), LATER.isoformat()]]
    assert "temporal" not in towns


def test_without_a_verified_station_there_is_no_temporal_extent(fronts: Callable[..., Iterator[Front]]) -> None:
    for front in fronts("sqlite"):
        assert "temporal" not in read(front, STATIONS)["extent"]
        assert front.open(f"{ROOT}/collections?f=html").status_code == 200


@pytest.mark.parametrize("query", [f"{MARK}=1", "f=json&f=html", "lang=en&lang=en", f"f={MARK}", "f=", f"lang={MARK}"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_what_the_definition_does_not_know_is_a_400_everywhere(door: Front, path: str, query: str) -> None:
    refused(door, f"{path}?{query}")


def test_a_query_of_nothing_but_faults_gets_a_small_answer(door: Front) -> None:
    answer = door.open(f"{ITEMS}?{'&'.join(f'a{number}=1&a{number}=2' for number in range(3_000))}")

    assert (answer.status_code, len(answer.content) < 10_000) == (400, True)


def refused(door: Front, path: str, status: int = 400) -> Any:
    answer = door.open(path)
    told = answer.json()

    assert (answer.status_code, told["status"]) == (status, status), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert MARK not in answer.text.replace(f'"parameter":"{MARK}"', "")
    return told


@pytest.mark.parametrize(
    "path",
    [
        f"{ITEMS}/{MARK}",
        f"{ITEMS}/ZS999?{MARK}=1",
        f"{TOWN_ITEMS}/{MARK}",
        f"{ROOT}/collections/{MARK}",
        f"{ROOT}/collections/{MARK}/items",
        f"{ROOT}/{MARK}",
        f"{ROOT}/collections/",
    ],
)
def test_what_is_not_there_is_a_404(door: Front, path: str) -> None:
    refused(door, path, 404)


@pytest.mark.parametrize(
    ("accept", "status", "form"),
    [
        ("", 200, "json"),
        ("*/*", 200, "json"),
        ("application/json", 200, "json"),
        ("application/geo+json", 200, "json"),
        ("application/*;q=0.5", 200, "json"),
        (BROWSER, 200, "html"),
        ("text/html;q=0.5, application/geo+json;q=0.4", 200, "html"),
        ("text/html;q=0.5, application/geo+json;q=0.6", 200, "json"),
        ("TEXT/HTML", 200, "html"),
        ("text/html;q=0, */*", 200, "json"),
        ("application/gml+xml", 406, ""),
        ("text/html;q=0", 406, ""),
        ("a/b;q=nan, ,;;,text/html;level=1", 200, "html"),
        ("nonsense", 200, "json"),
        ("x/y," * 5_000, 406, ""),
    ],
)
def test_the_form_is_what_the_asker_likes_best(door: Front, accept: str, status: int, form: str) -> None:
    answer = door.open(ITEMS, headers={"accept": accept})

    assert answer.status_code == status, answer.text
    kinds = {"json": "application/geo+json", "html": "text/html; charset=utf-8", "": "application/problem+json"}
    assert answer.headers["content-type"] == kinds[form]
    assert status == 406 or "Accept" in answer.headers["vary"]


def test_f_stands_above_the_accept_header(door: Front) -> None:
    assert door.open(f"{ITEMS}?f=json", headers={"accept": BROWSER}).headers["content-type"] == "application/geo+json"
    assert door.open(f"{ITEMS}?f=html", headers={"accept": "image/png"}).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ADDRESSES)
def test_the_door_is_read_as_every_public_read_is(door: Front, path: str) -> None:
    answer = door.open(path)
    etag = answer.headers["etag"]
    again = door.open(path, headers={"if-none-match": etag})
    head = door.client.head(path, headers={"accept-encoding": "identity"})
    options = door.client.options(path)
    coded = door.client.get(path, headers={"accept-encoding": "br"})

    assert etag.startswith('"')
    assert (again.status_code, again.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
    assert (options.status_code, options.headers["access-control-allow-origin"]) == (204, "*")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"].startswith("public, max-age=")
    assert coded.json() == answer.json()
    assert len(answer.content) < 1_000 or coded.headers["content-encoding"] == "br"


def test_another_sites_script_may_read_why_it_was_refused(door: Front) -> None:
    for path in (f"{ITEMS}?limit=0", f"{ITEMS}/ZS999"):
        assert door.open(path).headers["access-control-allow-origin"] == "*"


def test_it_answers_while_the_database_is_away(door: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise Unavailable("away")

    monkeypatch.setattr(door.house.database, "read", away)
    monkeypatch.setattr(door.house.database, "write", away)

    assert {door.open(f"{path}?f={f}").status_code for path in ADDRESSES for f in ("json", "html")} == {200}


@pytest.mark.parametrize("change", ["an edit", "an hour at which stations shut"])
def test_what_changes_while_an_answer_is_made_belongs_to_the_next(
    door: Front, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    collection = COLLECTIONS["stations"]
    items = collection.items

    def overtaken(seen: Seen, question: Question) -> Items:
        found = items(seen, question)
        if change == "an edit":
            facts, registry = {"phone": "0760-4321"}, door.house.registry
            registry.change_station("ZS011", facts, expected=None, basis=Basis.VERIFIED, actor="admin")
        else:
            door.at(MONDAY_MORNING + timedelta(hours=12))
        return found

    with monkeypatch.context() as patched:
        patched.setattr(collection, "items", overtaken)
        old = door.open(ITEMS)
    new = door.open(ITEMS, headers={"if-none-match": old.headers["etag"]})
    door.at(MONDAY_MORNING)

    assert (new.status_code, new.headers["etag"] == old.headers["etag"]) == (200, False)
    assert new.json()["features"] != old.json()["features"]


def test_an_edit_is_seen_at_once_and_has_another_etag(door: Front) -> None:
    before = door.open(f"{ITEMS}/ZS009")
    door.client.patch(
        "/api/v1/stations/ZS009", json={"phone": "0760-1234"}, headers={**door.administrator, "if-match": "*"}
    )
    after = door.open(f"{ITEMS}/ZS009", headers={"if-none-match": before.headers["etag"]})

    assert after.json()["properties"]["phone"] == "0760-1234"
    assert after.json()["properties"]["phone_basis"] == "verified"
