"""What may be asked: a misspelt, doubled or unbounded question is refused by name, and never answered as another."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbour_api.domain.hours import ZONE
from tests.web.conftest import Front

LIST = "/api/v1/stations"
NEAREST = f"{LIST}/nearest"
HERE = "lon=113.38&lat=22.52"
MARK = "zqmarkzq"
ON_BOTH = {
    "town": ["x", "", "%00", "442000999", "x" * 41, "%ED%A0%80"],
    "amenity": ["x", "", "%0a", "TOILET"],
    "include_unknown": ["", "maybe", "2"],
    "open_at": [
        "",
        "x",
        "Now",
        "0",
        "1795399200",
        "-1",
        "1e999",
        "2026-11-23",
        "2026-11-23T10:00:00",
        "2026-11-23T25:00:00Z",
        "2026-02-30T10:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00%2B14:00",
        "NaN",
        "20261123T100000Z",
    ],
    "status": ["", "x", "Operating", "open"],
    "limit": [
        "",
        "0",
        "-1",
        "x",
        "1.5",
        "2.0x",
        "1e3",
        "NaN",
        "9223372036854775808",
        "1" * 4999,
        "true",
        "0x10",
        "%20",
    ],
}
ON_LIST = {
    "limit": ["201", "1000000"],
    "bbox": [
        "",
        "1",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "NaN,0,1,1",
        "0,0,1e999,1",
        "-181,0,1,1",
        "0,-91,1,1",
        "0,1,1,0",
        "0,0,181,1",
        "0,0,1_0,1",
        ",,,",
    ],
    "q": ["", "%20", "%00", "%0a", "%1b[31m", "x" * 101],
    "cursor": ["", "!", "!!!!", "x", "%00", "é", "WlMwMDE", "=", "x" * 101, "/w=="],
}
ON_NEAREST = {
    "limit": ["51", "1000000"],
    "lon": [
        "",
        "x",
        "181",
        "-180.1",
        "NaN",
        "Infinity",
        "1e999",
        "113,4",
        "113.4.1",
        "true",
        "%2B-1",
        "0x71",
        "1_0_0_0",
    ],
    "lat": ["", "x", "90.1", "-91", "113.4", "nan", "-inf"],
    "datum": ["", "x", "WGS84", "gcj", "mars"],
    "max_distance_m": ["", "-1", "x", "NaN", "inf"],
}
BAD_LISTS = [(name, value) for table in (ON_BOTH, ON_LIST) for name, values in table.items() for value in values]
BAD_NEAREST = [(name, value) for table in (ON_BOTH, ON_NEAREST) for name, values in table.items() for value in values]


def assert_refused(front: Front, address: str, *names: str) -> None:
    answer = front.client.get(address)
    assert answer.status_code == 422, (address[:200], answer.text[:200])
    assert answer.headers["content-type"] == "application/problem+json"
    assert {fault["parameter"] for fault in answer.json()["errors"]} == set(names)
    assert all(fault["detail"] for fault in answer.json()["errors"])


@pytest.mark.parametrize(("name", "value"), BAD_LISTS)
def test_a_list_refuses_a_value_out_of_form_by_its_name(front: Front, name: str, value: str) -> None:
    assert_refused(front, f"{LIST}?{name}={value}", name)


@pytest.mark.parametrize(("name", "value"), BAD_NEAREST)
def test_nearest_refuses_a_value_out_of_form_by_its_name(front: Front, name: str, value: str) -> None:
    given_there = {"lon": "113.38", "lat": "22.52", name: value}
    assert_refused(front, f"{NEAREST}?{'&'.join(f'{n}={v}' for n, v in given_there.items())}", name)


@pytest.mark.parametrize(
    "name", ["towm", "Town", "amenities", "lng", "x", "LIMIT", "town%20", "", "amenity[]", "format", "lon%00"]
)
@pytest.mark.parametrize(
    "address", [f"{LIST}?", f"{NEAREST}?{HERE}&", f"{LIST}/ZS001?", "/api/v1/towns?", "/health/live?"]
)
def test_an_unknown_or_misspelt_name_is_refused_not_ignored(front: Front, address: str, name: str) -> None:
    answer = front.client.get(f"{address}{name}={MARK}")
    assert answer.status_code == 422
    assert MARK not in answer.text


@pytest.mark.parametrize("name", ["town", "open_at", "status", "include_unknown", "limit", "bbox", "q", "cursor"])
def test_a_list_refuses_a_name_given_twice(front: Front, name: str) -> None:
    value = {
        "town": "442000001",
        "open_at": "now",
        "status": "operating",
        "include_unknown": "true",
        "limit": "5",
        "bbox": "113,22,114,23",
        "q": "x",
        "cursor": "WlMwMDE=",
    }[name]
    assert front.client.get(f"{LIST}?{name}={value}").status_code == 200
    assert_refused(front, f"{LIST}?{name}={value}&{name}={value}", name)


@pytest.mark.parametrize("name", ["lon", "lat", "limit", "datum", "max_distance_m"])
def test_nearest_refuses_a_name_given_twice(front: Front, name: str) -> None:
    value = {"lon": "113.38", "lat": "22.52", "limit": "5", "datum": "wgs84", "max_distance_m": "9"}[name]
    rest = "&".join(part for part in HERE.split("&") if not part.startswith(name))
    assert_refused(front, f"{NEAREST}?{rest}&{name}={value}&{name}={value}", name)


@pytest.mark.parametrize(("query", "missing"), [("", {"lon", "lat"}), ("lon=1", {"lat"}), ("lat=1", {"lon"})])
def test_nearest_of_nowhere_is_refused(front: Front, query: str, missing: set[str]) -> None:
    assert_refused(front, f"{NEAREST}?{query}", *missing)


@pytest.mark.parametrize(
    "code",
    [
        "ZS000",
        "ZS065",
        "zs001",
        "ZS001%20",
        "%20",
        "%00",
        "%2e%2e",
        "ZS001%2fx",
        "%ff%fe",
        "中山",
        "%0d%0aX-A:%20b",
        "1e999",
        "'%20OR%201=1--",
        "{{7*7}}",
        "Z" * 10_000,
    ],
)
def test_an_unknown_code_is_not_found_whatever_its_form(front: Front, code: str) -> None:
    answer = front.client.get(f"{LIST}/{code}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 500


def test_a_question_of_10_kb_is_refused_in_a_small_answer(front: Front) -> None:
    for query in ("&".join(f"x{n}=1" for n in range(1000)), "amenity=x&" * 1000, f"q={'y' * 10_000}", "&" * 10_000):
        answer = front.client.get(f"{LIST}?{query}")
        assert answer.status_code == (200 if query.startswith("&") else 422)
        if answer.status_code == 422:
            assert len(answer.content) < 10_000


@settings(max_examples=60, deadline=None)
@given(q=st.text(min_size=1, max_size=100), cursor=st.text(max_size=100), town=st.text(max_size=60))
def test_no_text_in_any_filter_breaks_an_answer(shared: Front, q: str, cursor: str, town: str) -> None:
    shared.at(datetime(2026, 11, 23, 10, 0, tzinfo=ZONE))
    for name, value in (("q", q), ("cursor", cursor), ("town", town), ("amenity", town), ("bbox", q), ("open_at", q)):
        encoded = quote(value.encode("utf-8", "surrogatepass"))
        answer = shared.client.get(f"{LIST}?limit=1&{name}={encoded}")
        assert answer.status_code in (200, 422), (name, value)


@settings(max_examples=60, deadline=None)
@given(q=st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20).filter(str.strip))
def test_a_search_finds_exactly_what_its_words_are_part_of(shared: Front, q: str) -> None:
    network = shared.house.registry.network
    found = shared.client.get(f"{LIST}?limit=200&q={quote(q)}").json()["features"]
    expected = [
        station.code
        for station, text in zip(network.stations, network._texts, strict=True)
        if all(word in text for word in q.casefold().split())
    ]
    assert [feature["id"] for feature in found] == expected
