"""What the items of the geospatial door are, and which of them a question finds: OGC API - Features, classes core and
geojson."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from gc import collect
from typing import Any
from urllib.parse import quote
from weakref import ref

import pytest
from starlette.datastructures import QueryParams

from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, Offering, OfferingState, Station, Status, Town
from harbour_api.web.ogc.collection import COLLECTIONS
from harbour_api.web.ogc.columns import STATION, TOWN
from harbour_api.web.ogc.questions import CRS84, Question
from harbour_api.web.ogc.seen import Seen
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import Front
from tests.web.geospatial import FIRST, ITEMS, LATER, PLACED, TOWN_ITEMS, ids, inside, links, place_two, read
from tests.web.test_ogc import MARK, refused

SHIQI = Town("442000001", "石岐", "Shiqi", Place.at(1, 2))
FIGURES = ["1e999", "-1e999", "nan", "NaN", "inf", "-inf", "1_0", "0x1", "١", "1e", "1e9999", ".", "-", "+", "1.2.3"]


@pytest.fixture(scope="module")
def door(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """No engine matters to what is answered from the picture."""
    for front in fronts("sqlite"):
        yield place_two(front)


def n_matched(front: Front, query: str) -> int:
    found: int = read(front, f"{ITEMS}?limit=1&{query}")["numberMatched"]
    return found


def test_items_are_a_feature_collection_that_says_how_many_and_when(door: Front) -> None:
    page = read(door, f"{ITEMS}?limit=10")

    assert (page["type"], page["numberMatched"], page["numberReturned"], len(page["features"])) == (
        *("FeatureCollection", 64, 10, 10),
    )
    assert datetime.fromisoformat(page["timeStamp"]) <= MONDAY_MORNING
    assert "next" not in page, "a GeoJSON collection of the standard keeps its links in `links`"


def test_a_feature_has_its_code_as_id_and_links_to_itself_its_page_and_its_collection(door: Front) -> None:
    feature = read(door, f"{ITEMS}/ZS001")

    assert (feature["type"], feature["id"]) == ("Feature", "ZS001")
    assert [link["type"] for link in links(feature, "collection")] == ["application/json", "text/html"]
    assert [inside(door, link["href"]) for link in links(feature, "about")] == ["/stations/ZS001"]
    assert [inside(door, link["href"]) for link in links(feature, "describedby")] == ["/api/v1/stations/ZS001"]


def test_a_feature_is_told_alike_alone_and_on_its_page_of_items(door: Front) -> None:
    for items in (ITEMS, TOWN_ITEMS):
        for feature in read(door, items)["features"][:5]:
            alone = read(door, f"{items}/{feature['id']}")
            assert {name: value for name, value in alone.items() if name != "links"} == feature


def test_positions_are_longitude_and_latitude_in_wgs_84(door: Front) -> None:
    for code, (lon, lat, _) in PLACED.items():
        assert read(door, f"{ITEMS}/{code}")["geometry"] == {"type": "Point", "coordinates": [lon, lat]}


def test_nobody_is_sent_to_an_invented_point(door: Front) -> None:
    told = door.open(f"{ITEMS}?limit=200").text + door.open(f"{ITEMS}?limit=200&f=html").text
    placeholders = [station for station in door.house.registry.network.stations if not station.is_placed]

    assert len(placeholders) == 62
    for station in placeholders:
        assert read(door, f"{ITEMS}/{station.code}")["geometry"] is None
        page = door.open(f"{ITEMS}/{station.code}?f=html").text
        assert not [figure for figure in (station.place.lon, station.place.lat) if str(figure) in told + page]


def test_properties_are_the_columns_and_scalars_all_of_them(door: Front) -> None:
    for items, columns in ((ITEMS, STATION), (TOWN_ITEMS, TOWN)):
        for feature in read(door, f"{items}?limit=200")["features"]:
            assert list(feature["properties"]) == [column.name for column in columns]
            assert all(value is None or isinstance(value, str | int) for value in feature["properties"].values())


def test_facts_are_those_of_the_api_in_its_words_each_with_its_basis(door: Front) -> None:
    for code in ("ZS001", "ZS002"):
        flat, deep = (read(door, path)["properties"] for path in (f"{ITEMS}/{code}", f"/api/v1/stations/{code}"))
        alike = {name for name in flat.keys() & deep.keys() if not isinstance(deep[name], dict | list)}
        yes = [one["code"] for one in deep["amenities"] if one["state"] == "yes"]
        assumed = [one["code"] for one in deep["amenities"] if one["basis"] == "assumed"]

        assert alike >= {"code", "access", "status", "opening_hours", "is_open", "next_change", "location_basis"}
        assert {name: flat[name] for name in alike} == {name: deep[name] for name in alike}
        assert (flat["town"], flat["town_name"]) == (deep["town"]["code"], deep["town"]["name"])
        assert (flat["amenities"], flat["amenities_assumed"]) == (",".join(yes), ",".join(assumed))
        for field, word in deep["basis"].items():
            assert flat[f"{field}_basis"] == word


def test_what_is_there_for_a_season_says_so() -> None:
    season = Season(date(2026, 6, 5), date(2026, 6, 9))
    offerings = (
        Offering("exam_support", OfferingState.YES, Basis.ARTICLE, season=season),
        Offering("wifi", OfferingState.NO, Basis.VERIFIED),
        Offering("toilet", OfferingState.OUT_OF_ORDER, Basis.VERIFIED),
        Offering("tv", OfferingState.UNKNOWN, Basis.ASSUMED),
    )
    told = item(a_station(offerings=offerings))["properties"]

    assert (told["amenities"], told["amenities_no"]) == ("exam_support", "wifi")
    assert told["amenities_out_of_order"] == "toilet"
    assert told["amenities_seasonal"] == "exam_support 2026-06-05/2026-06-09"
    assert told["amenities_assumed"] is None


def a_station(
    code: str = "ZS001", place: Place = SHIQI.place, basis: Basis = Basis.PLACEHOLDER, **more: Any
) -> Station:
    return Station(code, "105603000016", "名", "Name", "442000001", place, basis, **more)


def item(station: Station) -> dict[str, Any]:
    network = Network([station], [SHIQI], ())
    return COLLECTIONS["stations"].one(Seen.of(network, MONDAY_MORNING), "ZS001")


@pytest.mark.parametrize("status", Status)
def test_stations_of_every_status_are_items(status: Status) -> None:
    assert item(a_station(status=status))["properties"]["status"] == status


@pytest.mark.parametrize(
    ("limit", "n"),
    [("1", 1), ("64", 64), ("200", 64), ("201", 64), ("10000", 64), ("9" * 5_000, 64), ("007", 7), ("0010", 10)],
)
def test_a_limit_is_held_and_more_than_the_most_is_the_most(door: Front, limit: str, n: int) -> None:
    assert len(ids(door, f"{ITEMS}?limit={limit}")) == n


@pytest.mark.parametrize("limit", ["0", "-1", "1.0", "1e1", "x", "", " ", "+1", "١", "000", "NaN", "1,2"])
def test_what_is_no_limit_is_refused(door: Front, limit: str) -> None:
    refused(door, f"{ITEMS}?limit={quote(limit)}")


@pytest.mark.parametrize(
    ("items", "size", "query"), [(ITEMS, 1, ""), (ITEMS, 7, "&access=walk_in"), (TOWN_ITEMS, 5, "")]
)
def test_page_by_page_every_item_comes_once_in_order_and_the_last_page_has_no_next(
    door: Front, items: str, size: int, query: str
) -> None:
    whole = ids(door, f"{items}?limit=200{query}")
    found: list[str] = []
    path: str | None = f"{items}?limit={size}{query}"
    while path:
        answer = door.open(path)
        page = answer.json()
        assert page["numberMatched"] == len(whole)
        found += [feature["id"] for feature in page["features"]]
        following = links(page, "next")
        assert all(link["type"] == "application/geo+json" for link in following)
        assert ('rel="next"' in answer.headers.get("link", "")) == bool(following)
        path = inside(door, following[0]["href"]) if following else None

    assert found == whole == sorted(whole)


def test_the_pages_of_the_table_lead_on_too(door: Front) -> None:
    page = door.open(f"{ITEMS}?limit=60&f=html&lang=en").text
    [href] = [part.split('"')[0] for part in page.split('href="') if 'rel="next"' in part.split(">")[0]]

    assert "ZS064" in door.open(href.replace("&amp;", "&")).text
    assert "lang=en" in href


@pytest.mark.parametrize("cursor", ["x", "", "%00", "A" * 200, "wqM=", "=", "5Lit"])
def test_a_cursor_of_somebody_else_is_refused(door: Front, cursor: str) -> None:
    assert [fault["parameter"] for fault in refused(door, f"{ITEMS}?cursor={cursor}")["errors"]] == ["cursor"]


EVERYWHERE = {f"ZS{number:03}" for number in range(1, 65)} - PLACED.keys()


@pytest.mark.parametrize(
    ("bbox", "found"),
    [
        ("-180,-90,180,90", {"ZS001", "ZS003"}),
        ("113.4,22.5,113.41,22.53", {"ZS001"}),
        ("113.4,22.5,-100,113.41,22.53,100", {"ZS001"}),
        ("113.38,22.52,113.38,22.52", {"ZS003"}),
        ("113.4041,22.5236,120,30", {"ZS001"}),
        ("170,-90,-170,90", set()),
        ("113.39,22,113.37,23", {"ZS001"}),
        ("-10.5,-5e0,+10,5.", set()),
    ],
)
def test_a_box_finds_what_lies_in_it_and_whatever_has_no_geometry(door: Front, bbox: str, found: set[str]) -> None:
    told = set(ids(door, f"{ITEMS}?limit=200&bbox={quote(bbox, safe=',')}&bbox-crs={quote(CRS84)}"))

    assert told == found | EVERYWHERE


def test_a_box_finds_towns_by_their_points_and_nothing_else(door: Front) -> None:
    towns = door.house.registry.network.towns.values()
    within = [t.code for t in towns if 113.3 <= t.place.lon <= 113.45 and 22.4 <= t.place.lat <= 22.6]

    assert ids(door, f"{TOWN_ITEMS}?bbox=113.3,22.4,113.45,22.6") == within != []
    assert ids(door, f"{TOWN_ITEMS}?bbox=1,2,3,4") == []


@pytest.mark.parametrize("kind", ["stations", "towns"])
def test_a_box_may_cross_the_antimeridian(kind: str) -> None:
    around = [Place.at(lon, 0) for lon in (169, 170, 180, -180, -170, -169, 0)]
    towns = [Town(f"44200000{number}", "镇", "Town", place) for number, place in enumerate(around)]
    stations = [
        a_station(code=f"ZS00{number}", place=place, basis=Basis.VERIFIED) for number, place in enumerate(around)
    ]
    seen = Seen.of(Network(stations, towns, ()), MONDAY_MORNING)
    found = COLLECTIONS[kind].items(seen, Question.read(QueryParams("bbox=170,-10,-170,10"), ()))

    assert [feature["id"][-1] for feature in found.features] == ["1", "2", "3", "4"]


def test_a_picture_that_was_replaced_is_let_go() -> None:
    network = Network([a_station()], [SHIQI], ())
    query = QueryParams("access=walk_in&datetime=../2026-01-01T00:00:00Z")
    COLLECTIONS["stations"].items(
        Seen.of(network, MONDAY_MORNING), Question.read(query, COLLECTIONS["stations"].filters)
    )
    COLLECTIONS["stations"].extent(network)
    waiting = ref(network)
    del network
    collect()

    assert waiting() is None


@pytest.mark.parametrize(
    "bbox",
    [
        *("", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "1;2;3;4", "1,2,3,", ",,,", "0,0,0,0,0,0,0,0"),
        *("-181,0,0,0", "0,0,181,0", "0,-91,0,0", "0,0,0,91", "0,10,10,0", "0,0,9,1,1,1", "0,0,1e999,1,1,2"),
        *(f"0,0,{figure},1" for figure in FIGURES),
        *(f"0,0,{figure},1,1,{figure}" for figure in FIGURES),
        "1," * 20_000,
    ],
)
def test_what_is_no_box_is_refused(door: Front, bbox: str) -> None:
    refused(door, f"{ITEMS}?bbox={quote(bbox, safe=',')}")


def test_a_box_is_read_in_crs84_and_in_nothing_else(door: Front) -> None:
    refused(door, f"{ITEMS}?bbox=0,0,1,1&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326")


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        (FIRST.isoformat(), {"ZS001"}),
        (FIRST.astimezone(UTC).isoformat().replace("+00:00", "Z"), {"ZS001"}),
        ("2026-11-01t01:00:00.000z", {"ZS001"}),
        (f"{FIRST.isoformat()}/{LATER.isoformat()}", {"ZS001", "ZS003"}),
        ("2026-11-02T00:00:00Z/..", {"ZS003"}),
        ("2026-11-02T00:00:00Z/", {"ZS003"}),
        ("../2026-11-02T00:00:00Z", {"ZS001"}),
        ("/2026-11-02T00:00:00Z", {"ZS001"}),
        ("0001-01-01T00:00:00+14:00/9999-12-31T23:59:59-14:00", {"ZS001", "ZS003"}),
        ("2027-01-01T00:00:00Z", set()),
    ],
)
def test_a_time_finds_what_was_verified_then_and_whatever_never_was(door: Front, moment: str, found: set[str]) -> None:
    assert set(ids(door, f"{ITEMS}?limit=200&datetime={quote(moment)}")) == found | EVERYWHERE


def test_a_town_has_no_time_so_every_time_finds_it(door: Front) -> None:
    assert len(ids(door, f"{TOWN_ITEMS}?datetime=1999-01-01T00:00:00Z")) == 23


@pytest.mark.parametrize(
    "moment",
    [
        *("", "/", "../..", "..", "now", "2026-11-01", "2026", "2026-02-30T00:00:00Z", "2026-11-01T00:00:00", "0"),
        *("2026-11-01T25:00:00Z", "2026-11-01T00:00:00+99:00", "0000-01-01T00:00:00Z", "1e999", "NaN", "x" * 9_999),
        *("2027-01-01T00:00:00Z/2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z/x", "a/b/c", "٢٠٢٦-11-01T00:00:00Z"),
        "2026-01-01T00:00:00Z/2027-01-01T00:00:00Z/..",
    ],
)
def test_what_is_no_time_is_refused(door: Front, moment: str) -> None:
    refused(door, f"{ITEMS}?datetime={quote(moment)}")


@pytest.mark.parametrize(
    ("query", "is_kept"),
    [
        ("town=442000002", lambda one: one["town"] == "442000002"),
        ("access=ask_staff", lambda one: one["access"] == "ask_staff"),
        ("status=operating", lambda one: one["status"] == "operating"),
        ("status=retired", lambda one: one["status"] == "retired"),
        ("location_basis=verified", lambda one: one["location_basis"] == "verified"),
        ("code=ZS007", lambda one: one["code"] == "ZS007"),
        ("code=nobody", lambda one: one is None),
        ("cnaps=105603000016", lambda one: one["cnaps"] == "105603000016"),
        ("amenity=toilet", lambda one: "toilet" in one["amenities"].split(",")),
        ("amenity=toilet,wifi", lambda one: {"toilet", "wifi"} <= set(one["amenities"].split(","))),
        ("town=442000002&amenity=toilet", lambda one: one["town"] == "442000002" and "toilet" in one["amenities"]),
    ],
)
def test_a_property_narrows_and_several_narrow_together(
    door: Front, query: str, is_kept: Callable[[dict[str, Any]], bool]
) -> None:
    whole = read(door, f"{ITEMS}?limit=200")["features"]
    wanted = [feature["id"] for feature in whole if is_kept(feature["properties"])]

    assert ids(door, f"{ITEMS}?limit=200&{query}") == wanted
    assert n_matched(door, query) == len(wanted)


def test_a_town_is_understood_by_its_code_of_2018_too(door: Front) -> None:
    towns = door.house.registry.network.towns.values()
    former, town = next((old.code, town.code) for town in towns for old in town.former if old.code != town.code)

    assert ids(door, f"{ITEMS}?limit=200&town={former}") == ids(door, f"{ITEMS}?limit=200&town={town}") != []
    assert ids(door, f"{TOWN_ITEMS}?code={former}") == [town]
    assert read(door, f"{TOWN_ITEMS}/{former}")["id"] == town


@pytest.mark.parametrize("name", ["town", "access", "status", "location_basis", "amenity"])
@pytest.mark.parametrize("value", ["", MARK, "toilet,", ",", "' OR 1=1--", "x" * 5_000, "\x00", "OPERATING", "名"])
def test_a_value_that_no_station_could_have_is_refused(door: Front, name: str, value: str) -> None:
    assert [fault["parameter"] for fault in refused(door, f"{ITEMS}?{name}={quote(value)}")["errors"]] == [name]


@pytest.mark.parametrize("name", ["amenities", "q", "open_at", "crs", "filter", "properties", "bbox[]", "resultType"])
def test_what_other_doors_know_and_this_one_does_not_is_refused(door: Front, name: str) -> None:
    for path in (ITEMS, TOWN_ITEMS, f"{ITEMS}/ZS001"):
        refused(door, f"{path}?{name}=toilet")


def test_an_empty_answer_is_an_answer(door: Front) -> None:
    page = read(door, f"{ITEMS}?status=retired")

    assert (page["features"], page["numberMatched"], page["numberReturned"], links(page, "next")) == ([], 0, 0, [])
    assert door.open(f"{ITEMS}?status=retired&f=html").status_code == 200
