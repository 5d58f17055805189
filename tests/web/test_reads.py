"""The public reads: what the contract says of every filter, page, datum and header, on both databases."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import brotli  # type: ignore[import-untyped]
import pytest
from pyproj import Geod

from harbour_api.domain.hours import ZONE
from harbour_api.domain.place import Datum, Place
from harbour_api.web.answers import lifetime_s
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import Front

GEOD = Geod(ellps="WGS84")
LIST = "/api/v1/stations"
NEAREST = "/api/v1/stations/nearest?lon=113.38&lat=22.52"
READS = [LIST, NEAREST, f"{LIST}/ZS001", "/api/v1/amenities", "/api/v1/towns", "/api/v1/audiences"]
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=ZONE)


def codes(front: Front, query: str = "") -> list[str]:
    answer = front.client.get(f"{LIST}?limit=200{query}")
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def facts(front: Front) -> dict[str, dict[str, Any]]:
    return {feature["id"]: feature for feature in front.client.get(f"{LIST}?limit=200").json()["features"]}


def test_nearest_names_the_five_that_brute_force_names(front: Front) -> None:
    expected = sorted(
        (round(GEOD.inv(113.38, 22.52, *feature["geometry"]["coordinates"])[2], 3), code)
        for code, feature in facts(front).items()
    )[:5]
    found = front.client.get(NEAREST).json()["features"]
    assert [(f["properties"]["distance_m"], f["id"]) for f in found] == expected


@pytest.mark.parametrize("asker", [(180, 90), (-180, -90), (0, 0), (-66.62, -22.52), (179.999999, 0)])
def test_wherever_one_asks_all_stations_come_in_order(front: Front, asker: tuple[float, float]) -> None:
    found = front.client.get(f"{LIST}/nearest?lon={asker[0]}&lat={asker[1]}&limit=50").json()["features"]
    order = [(f["properties"]["distance_m"], f["id"]) for f in found]
    assert order == sorted(order)
    assert len(order) == 50
    assert all(0 <= f["properties"]["bearing_deg"] < 360 for f in found)


def test_a_feature_carries_every_fact_of_the_contract(front: Front) -> None:
    feature = front.client.get(f"{LIST}/ZS001").json()
    assert feature.keys() == {"type", "id", "geometry", "properties"}
    assert feature["properties"].keys() == {
        "code", "cnaps", "name", "name_en", "town", "address", "phone", "access", "status", "opening_hours", "is_open",
        "next_change", "amenities", "specials", "basis", "location_basis", "verified_at", "answered_at",
        "version",
    }  # fmt: skip
    assert feature["properties"]["town"].keys() == {"code", "name", "name_en"}
    assert feature["properties"]["next_change"] == "2026-11-23T17:00:00+08:00"
    offering = feature["properties"]["amenities"][0]
    assert offering.keys() == {
        "code", "state", "count", "note", "from", "to", "basis", "verified_at", "reported_at",
    }  # fmt: skip


def test_the_vocabularies_are_bilingual_and_whole(front: Front) -> None:
    towns = front.client.get("/api/v1/towns").json()["towns"]
    amenities = front.client.get("/api/v1/amenities").json()["amenities"]
    audiences = front.client.get("/api/v1/audiences").json()["audiences"]
    assert (len(towns), len(amenities), len(audiences)) == (23, 63, 13)
    assert sum(len(town["former"]) for town in towns) == 24
    assert all(word["zh"] and word["en"] for word in amenities + audiences)


def test_a_town_answers_to_its_codes_of_today_and_of_2018(front: Front) -> None:
    every = facts(front)
    for town in front.client.get("/api/v1/towns").json()["towns"]:
        expected = [code for code, f in every.items() if f["properties"]["town"]["code"] == town["code"]]
        for code in (town["code"], *(former["code"] for former in town["former"])):
            assert codes(front, f"&town={code}") == expected
    assert codes(front, "&town=442000001"), "every town has a station"


def test_an_amenity_means_known_to_be_there_and_several_mean_all_of_them(front: Front) -> None:
    def having(*wanted: str, unknown: bool = False) -> list[str]:
        out = []
        for code, feature in facts(front).items():
            states = {o["code"]: o["state"] for o in feature["properties"]["amenities"]}
            fits = {"yes", "unknown"} if unknown else {"yes"}
            if all(states.get(amenity, "unknown") in fits for amenity in wanted):
                out.append(code)
        return out

    assert codes(front, "&amenity=nursing_room") == having("nursing_room")
    assert codes(front, "&amenity=nursing_room&amenity=toilet") == having("nursing_room", "toilet")
    assert 0 < len(codes(front, "&amenity=nursing_room")) < 64
    assert codes(front, "&amenity=aed") == []
    assert codes(front, "&amenity=aed&include_unknown=true") == having("aed", unknown=True) != []


def test_open_now_and_open_at_an_instant_are_decided_by_hours_and_holidays(front: Front) -> None:
    assert len(codes(front, "&open_at=now")) == 64
    assert codes(front, "&open_at=2026-11-22T10:00:00%2B08:00") == []
    assert len(codes(front, "&open_at=2026-11-23T08:59:59Z")) == 64
    assert codes(front, "&open_at=2026-11-23T09:00:00Z") == []
    assert codes(front, "&open_at=2026-10-05T02:00:00Z") == [], "a statutory holiday"
    assert len(codes(front, "&open_at=2026-10-10T02:00:00Z")) == 64, "a make-up Saturday"
    front.at(SUNDAY)
    assert codes(front, "&open_at=now") == []


def test_hours_nobody_knows_count_as_open_only_where_unknown_is_let_through(front: Front) -> None:
    assert codes(front, "&open_at=2031-03-03T10:00:00%2B08:00") == []
    assert len(codes(front, "&open_at=2031-03-03T10:00:00%2B08:00&include_unknown=true")) == 64


@pytest.mark.parametrize("moment", ["1902-01-01T00:00:00Z", "2199-12-31T23:59:59Z", "1985-05-05T05:05:05-14:00"])
def test_asking_about_another_time_leaves_the_present_as_it_was(front: Front, moment: str) -> None:
    before = front.open(LIST)
    codes(front, f"&open_at={quote(moment)}")
    after = front.open(LIST)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    assert after.json()["features"][0]["properties"]["is_open"] is True


def test_a_box_holds_its_edges_and_may_cross_the_antimeridian(front: Front) -> None:
    every = facts(front)
    lon, lat = every["ZS010"]["geometry"]["coordinates"]
    assert codes(front, f"&bbox={lon},{lat},{lon},{lat}") == ["ZS010"]
    inside = [c for c, f in every.items() if f["geometry"]["coordinates"][0] <= lon]
    assert codes(front, f"&bbox=-180,-90,{lon},90") == inside
    assert codes(front, f"&bbox=170,-90,{lon},90") == inside
    assert codes(front, "&bbox=0,0,1,1") == []


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("兴中道", "ZS002"),
        ("zsxzdzh", "ZS002"),
        ("Xingzhongdao", "ZS002"),
        ("zs064", "ZS064"),
        ("105603000024", "ZS002"),
    ],
)
def test_search_takes_chinese_english_pinyin_initials_and_codes(front: Front, q: str, expected: str) -> None:
    assert expected in codes(front, f"&q={quote(q)}")


@pytest.mark.parametrize("q", ["%", "_", "'", '"', "\\", "' OR 1=1 --", "*", ".*", "{{7*7}}", "<b>", "𠮷"])
def test_a_search_is_text_and_never_a_pattern_or_a_program(front: Front, q: str) -> None:
    assert codes(front, f"&q={quote(q)}") == []


def test_filters_narrow_together_and_the_order_is_by_code(front: Front) -> None:
    all_of_them = codes(front)
    assert all_of_them == [f"ZS{number:03}" for number in range(1, 65)]
    town = facts(front)["ZS001"]["properties"]["town"]["code"]
    together = codes(front, f"&town={town}&amenity=toilet&open_at=now&q=zhongshan&bbox=113,22,114,23")
    assert together == [code for code in all_of_them if code in codes(front, f"&town={town}")]


@pytest.mark.parametrize("limit", [1, 7, 63, 64, 200])
def test_pages_lead_from_one_to_the_next_and_miss_nobody(front: Front, limit: int) -> None:
    found: list[str] = []
    following: str | None = f"{LIST}?limit={limit}&amenity=toilet&q=zhong"
    everybody = codes(front, "&amenity=toilet&q=zhong")
    while following:
        page = front.client.get(following)
        found += [feature["id"] for feature in page.json()["features"]]
        following = page.json()["next"]
        assert page.headers.get("link") == (f'<{following}>; rel="next"' if following else None)
        assert len(page.json()["features"]) <= limit
    assert found == everybody != []


def test_a_page_goes_on_where_it_stopped_though_a_station_before_it_has_gone(own_front: Front) -> None:
    first = own_front.client.get(f"{LIST}?limit=7").json()
    headers = {**own_front.administrator, "If-Match": "*"}
    for code in ("ZS003", "ZS007"):
        patched = own_front.client.patch(f"{LIST}/{code}", json={"status": "retired"}, headers=headers)
        assert patched.status_code == 200
    assert own_front.client.get(first["next"]).json()["features"][0]["id"] == "ZS008"
    assert len(codes(own_front)) == 62
    assert codes(own_front, "&status=retired") == ["ZS003", "ZS007"]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_another_datum_is_taken_given_back_and_named(front: Front, datum: str) -> None:
    plain = front.client.get(NEAREST).json()
    lon, lat = Place.at(113.38, 22.52).figures(Datum(datum))
    moved = front.client.get(f"{LIST}/nearest?lon={lon}&lat={lat}&datum={datum}").json()

    assert moved["datum"] == datum
    assert "datum" not in plain
    assert [f["id"] for f in moved["features"]] == [f["id"] for f in plain["features"]]
    for here, there in zip(plain["features"], moved["features"], strict=True):
        assert there["geometry"]["coordinates"] == list(Place(*here["geometry"]["coordinates"]).figures(Datum(datum)))
        assert there["properties"]["distance_m"] == pytest.approx(here["properties"]["distance_m"], abs=0.2)
        shifted = GEOD.inv(*here["geometry"]["coordinates"], *there["geometry"]["coordinates"])[2]
        assert 400 < shifted < 1500


def test_a_radius_leaves_out_what_is_farther_and_no_radius_never_ends_empty(front: Front) -> None:
    distances = [f["properties"]["distance_m"] for f in front.client.get(f"{NEAREST}&limit=50").json()["features"]]
    within = front.client.get(f"{NEAREST}&limit=50&max_distance_m={distances[2]}").json()["features"]
    assert [f["properties"]["distance_m"] for f in within] == distances[:3]
    assert front.client.get(f"{NEAREST}&max_distance_m=0").json()["features"] == []
    assert len(front.client.get(f"{LIST}/nearest?lon=-70&lat=-30").json()["features"]) == 5


def test_nobody_is_told_the_way_on_foot_to_an_invented_point(own_front: Front) -> None:
    found = own_front.client.get(NEAREST).json()["features"]
    assert {f["properties"]["walk_minutes"] for f in found} == {None}
    body = {
        "cnaps": "105603000872",
        "name": "新站",
        "name_en": "New",
        "town": "442000002",
        "lon": 113.381,
        "lat": 22.52,
    }
    new = own_front.client.post(LIST, json={**body, "location_basis": "verified"}, headers=own_front.administrator)
    assert new.status_code == 201
    first = own_front.client.get(NEAREST).json()["features"][0]
    assert (first["id"], first["properties"]["walk_minutes"]) == ("ZS065", 2)
    assert first["properties"]["distance_m"] == round(GEOD.inv(113.38, 22.52, 113.381, 22.52)[2], 3)


@pytest.mark.parametrize("path", READS)
def test_every_read_may_be_kept_revalidated_and_read_by_other_sites(front: Front, path: str) -> None:
    plain = front.open(path)
    etag = plain.headers["etag"]
    assert plain.headers["access-control-allow-origin"] == "*"
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert plain.headers["cache-control"].startswith("public, max-age=")
    assert "x-data-as-of" not in plain.headers
    assert "set-cookie" not in plain.headers
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        again = front.open(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert again.headers["cache-control"] == plain.headers["cache-control"]
    assert front.open(path, headers={"if-none-match": '"x"'}).content == plain.content


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize("path", [LIST, NEAREST, "/api/v1/amenities", "/"])
def test_each_coding_has_an_etag_of_its_own_and_the_same_content(front: Front, path: str, coding: str) -> None:
    plain = front.open(path)
    with front.client.stream("GET", path, headers={"accept-encoding": coding}) as coded:
        raw = b"".join(coded.iter_raw())
    decoded = brotli.decompress(raw) if coding == "br" else gzip.decompress(raw)
    assert coded.headers["content-encoding"] == coding
    assert decoded == plain.content
    assert len(raw) == int(coded.headers["content-length"]) < len(plain.content) / 3
    if "etag" in plain.headers:
        etag = f'{plain.headers["etag"][:-1]}-{coding}"'
        assert coded.headers["etag"] == etag
        again = front.client.get(path, headers={"accept-encoding": coding, "if-none-match": etag})
        assert (again.status_code, again.headers["etag"]) == (304, etag)


def test_a_stations_etag_is_its_version_and_open_state_in_every_coding(front: Front) -> None:
    for coding in ("identity", "gzip", "br"):
        answer = front.client.get(f"{LIST}/ZS064", headers={"accept-encoding": coding})
        assert answer.headers["etag"] == '"1.open"'
    front.at(SUNDAY)
    assert front.client.get(f"{LIST}/ZS064").headers["etag"] == '"1.closed"'
    front.at(datetime(2027, 3, 1, 10, 0, tzinfo=ZONE))
    assert front.client.get(f"{LIST}/ZS064").headers["etag"] == '"1.unknown"'


@pytest.mark.parametrize("path", [LIST, NEAREST, f"{LIST}/ZS001"])
@pytest.mark.parametrize("before", [0.2, 1, 30, 59, 61, 3600])
def test_no_answer_outlives_the_next_opening_or_shutting(front: Front, path: str, before: float) -> None:
    shut = datetime(2026, 11, 23, 17, 0, tzinfo=ZONE)
    front.at(shut - timedelta(seconds=before))
    open_answer = front.open(path)
    assert int(open_answer.headers["cache-control"].split("max-age=")[1].split(",")[0]) == min(60, int(before))
    front.at(shut)
    shut_answer = front.open(path, headers={"if-none-match": open_answer.headers["etag"]})
    assert shut_answer.status_code == 200
    assert '"is_open":false' in shut_answer.text
    front.at(MONDAY_MORNING)
    assert lifetime_s(shut, shut - timedelta(seconds=1)) == 0


def test_an_edit_changes_the_etag_of_every_answer_that_shows_it(own_front: Front) -> None:
    before = [own_front.open(path).headers["etag"] for path in READS[:3]]
    headers = {**own_front.manager, "If-Match": before[2]}
    assert own_front.client.patch(f"{LIST}/ZS001", json={"phone": "1"}, headers=headers).status_code == 200
    after = [own_front.open(path).headers["etag"] for path in READS[:3]]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert after[2] == '"2.open"'
