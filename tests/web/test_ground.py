"""The operator's ground: what settings are refused, what the policy admits, and the tiles we serve ourselves."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shapely import box
from shapely.geometry import mapping

from harbour_api.domain.place import Datum
from harbour_api.settings import Settings, SettingsRefused, read_settings
from harbour_api.store.seed import Seed
from harbour_api.web.application import create_app
from harbour_api.web.ground import OperatorsGround
from tests.web.conftest import Front
from tests.web.test_embed import directives
from tests.web.test_problems import routes

Fronts = Callable[..., Iterator[Front]]
FOREIGN = "https://tiles.example:8443/{z}/{x}/{y}.png?key=a"
ORIGIN = "https://tiles.example:8443"
CREDIT = "© Somebody <b>&</b> {{7*7}}"
MAPS = {"/map", "/embed", "/coverage", "/manage/map", "/manage/stations/ZS001/place"}
CITY = mapping(box(113.0, 22.0, 114.0, 23.0))
PICTURE = b"\x89PNG\r\n\x1a\n picture"


def tile_file(path: Path, *rows: tuple[int, int, int], kind: str | None = "png") -> Path:
    """An .mbtiles file with the same picture at each (zoom, column, row from the south)."""
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE metadata (name, value)")
        file.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        if kind:
            file.execute("INSERT INTO metadata VALUES ('format', ?)", (kind,))
        file.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", [(*row, PICTURE) for row in rows])
    file.close()
    return path


def boundary_file(path: Path, document: Any) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://tiles.example/{z}/{x}/{y}", "http:// or https://"),
        ("tiles/{z}/{x}/{y}.png", "mbtiles"),
        ("https://tiles.example/{z}/{x}", "once each"),
        ("https://{s}.tiles.example/{z}/{x}/{y}", "no other braces"),
        ("https://tiles.example/{z}/{x}/{-y}", "once each"),
        ("https://tiles.example/{z}/{x}/{y}/{y}", "once each"),
        ("https://tiles.example/{z}/{x}/{y}{", "no other braces"),
        ("https://{z}.example/{x}/{y}", "plain host"),
        ("https://me:secret@tiles.example/{z}/{x}/{y}", "user name"),
        ("https://tiles.example; script-src *;/{z}/{x}/{y}", "plain host"),
        ("https://tiles.example,a/{z}/{x}/{y}", "plain host"),
        ("https:///{z}/{x}/{y}", "plain host"),
        ("https://tiles.example/{z}/{x}/{y}\n", "plain host"),
        ("/nowhere/city.mbtiles", "no such file"),
    ],
)
def test_an_address_that_names_no_tiles_stops_the_start(url: str, told: str) -> None:
    with pytest.raises(SettingsRefused, match=rf"HARBOUR_TILES_URL: .*{re.escape(told)}"):
        read_settings({"HARBOUR_TILES_URL": url, "HARBOUR_TILES_ATTRIBUTION": "Somebody"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"TILES_URL": FOREIGN}, "HARBOUR_TILES_ATTRIBUTION: .*must be set"),
        ({"TILES_URL": FOREIGN, "TILES_ATTRIBUTION": "  "}, "HARBOUR_TILES_ATTRIBUTION: .*must be set"),
        ({"TILES_DATUM": "bd09"}, "HARBOUR_TILES_DATUM: .*wgs84 or gcj02"),
        ({"TILES_DATUM": "nad27"}, "HARBOUR_TILES_DATUM: "),
        ({"BOUNDARY_FILE": "/nowhere/city.geojson"}, "HARBOUR_BOUNDARY_FILE: .*no such file"),
        ({"TILES_URI": FOREIGN}, "did you mean HARBOUR_TILES_URL"),
    ],
)
def test_a_ground_that_is_not_whole_stops_the_start(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsRefused, match=told):
        read_settings({f"HARBOUR_{name}": value for name, value in given.items()})


def test_the_settings_are_read(tmp_path: Path) -> None:
    plain = read_settings({})
    given = {"TILES_URL": FOREIGN, "TILES_DATUM": "gcj02", "TILES_ATTRIBUTION": " Somebody "}
    settings = read_settings({f"HARBOUR_{name}": value for name, value in given.items()})

    assert (plain.tiles_url, plain.tile_file, plain.boundary_file) == ("", None, None)
    assert (settings.tiles_datum, settings.tiles_attribution) == (Datum.GCJ02, "Somebody")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("not json", "cannot be read as GeoJSON"),
        ('{"type": "Polygon", "coordinates": [[[NaN, 1]]]}', "NaN"),
        ("[" * 100_000, "cannot be read as GeoJSON"),
        ({"type": "Point", "coordinates": [113, 22]}, "polygons only"),
    ],
)
def test_a_boundary_that_is_none_stops_the_start(tmp_path: Path, document: Any, told: str) -> None:
    path = boundary_file(tmp_path / "b.geojson", document)

    with pytest.raises(SettingsRefused, match=rf"HARBOUR_BOUNDARY_FILE: .*{told}"):
        OperatorsGround.of(Settings(boundary_file=path))


def test_a_boundary_that_leaves_out_a_station_stops_the_start_by_its_name(
    fronts: Fronts, tmp_path: Path, seed: Seed
) -> None:
    east = max(seed.stations, key=lambda station: station.place.lon)
    path = boundary_file(tmp_path / "b.geojson", mapping(box(113.0, 22.0, east.place.lon - 1e-5, 23.0)))
    for front in fronts("sqlite"):
        app = create_app(Settings(database_url=front.url, boundary_file=path), front.clock)

        with pytest.raises(SettingsRefused, match=f"{east.code} {east.name} lies outside"), TestClient(app):
            raise AssertionError("it started")


@pytest.mark.parametrize(
    ("rows", "kind", "told"),
    [
        (((1, 0, 0),), "pbf", "format png"),
        (((1, 0, 0),), None, "format png"),
        ((), "png", "holds no tile"),
        (((25, 0, 0),), "png", "zoom levels"),
    ],
)
def test_a_file_without_pictures_stops_the_start(
    tmp_path: Path, rows: tuple[tuple[int, int, int], ...], kind: str | None, told: str
) -> None:
    path = tile_file(tmp_path / "t.mbtiles", *rows, kind=kind)

    with pytest.raises(SettingsRefused, match=f"HARBOUR_TILES_URL: .*{told}"):
        OperatorsGround.of(Settings(tiles_url=str(path), tiles_attribution="Somebody"))


def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "t.mbtiles"
    path.write_bytes(b"nothing of the kind" * 100)

    with pytest.raises(SettingsRefused, match=r"not an \.mbtiles file"):
        OperatorsGround.of(Settings(tiles_url=str(path), tiles_attribution="Somebody"))


def test_foreign_tiles_are_admitted_on_the_maps_pages_and_as_pictures_only(fronts: Fronts) -> None:
    for front in fronts("sqlite", tiles_url=FOREIGN, tiles_attribution=CREDIT):
        wider = set()
        for method, path in [*routes(front), ("GET", "/map/"), ("GET", "/tiles/1/0/0")]:
            told = directives(front.client.request(method, path))
            pictures = told.pop("img-src")
            assert ORIGIN not in " ".join(told.values())
            if pictures != "'self' data:":
                assert pictures == f"'self' data: {ORIGIN}"
                wider.add(path)
        assert wider == MAPS


def test_without_tiles_no_policy_is_wider_and_no_page_has_their_script(front: Front) -> None:
    for path in ("/map", "/embed", "/coverage"):
        answer = front.open(path)
        assert directives(answer)["img-src"] == "'self' data:"
        assert "tiles.js" not in answer.text
        assert "示意图" in answer.text
    assert front.open("/tiles/1/0/0").status_code == 404


def test_a_map_says_whose_ground_it_stands_on(fronts: Fronts) -> None:
    settings = {"tiles_url": FOREIGN, "tiles_attribution": CREDIT, "tiles_approval": "GS(2026)1号"}
    for front in fronts("sqlite", **settings):
        for path in ("/map", "/embed", "/coverage", "/map?lang=en"):
            page = front.open(path).text
            [face] = re.findall(r'<p class="map-schematic map-credit">(.*?)</p>', page)
            assert unescape(re.sub("<[^>]+>", "", face)).startswith(CREDIT + " ")
            assert "GS(2026)1号" in face
            assert "示意图" not in page
            words = json.loads(re.findall(r'id="map-words">(.*?)</script>', page, re.DOTALL)[0])
            assert words["tiles"] == FOREIGN
            assert "tiles.js" in page


def test_our_own_tiles_are_served_from_the_north_and_kept(fronts: Fronts, tmp_path: Path) -> None:
    path = tile_file(tmp_path / "city #1?.mbtiles", (10, 834, 1023 - 446), (12, 3337, 2000))
    before = path.read_bytes()
    for front in fronts("sqlite", tiles_url=str(path), tiles_attribution="Somebody"):
        answer = front.open("/tiles/10/834/446")

        assert (answer.status_code, answer.content) == (200, PICTURE)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "public, max-age=2592000"
        again = front.open("/tiles/10/834/446", headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert front.open("/tiles/10/834/577").status_code == 204, "the row counted from the south"
        page = front.open("/map").text
        words = json.loads(re.findall(r'id="map-words">(.*?)</script>', page, re.DOTALL)[0])
        assert re.fullmatch(r"/tiles/\{z\}/\{x\}/\{y\}\?v=[0-9a-f]{8}", words["tiles"])
        assert front.open(words["tiles"].format(z=10, x=834, y=446)).content == PICTURE
        assert directives(front.open("/map"))["img-src"] == "'self' data:"
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "tile",
    ["1/2/0", "1/0/2", "25/0/0", "-1/0/0", "1/0/0.png", "1/0/zqmarkzq", "01/0/0", "٣/0/0", "1/0/99999999999999999"],
)
def test_what_can_be_no_tile_is_not_found(tiled: Front, tile: str) -> None:
    assert tiled.open(f"/tiles/{tile}").status_code == 404


@pytest.fixture(scope="module")
def tiled(fronts: Fronts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    path = tile_file(tmp_path_factory.mktemp("tiles") / "t.mbtiles", (1, 0, 0))
    yield from fronts("sqlite", tiles_url=str(path), tiles_attribution="Somebody")


def test_the_coverage_counts_inside_the_boundary_only(fronts: Fronts, tmp_path: Path, seed: Seed) -> None:
    lons = [one.place.lon for one in (*seed.stations, *seed.towns)]
    lats = [one.place.lat for one in (*seed.stations, *seed.towns)]
    tight = box(min(lons), min(lats), max(lons), max(lats))
    path = boundary_file(tmp_path / "b.geojson", mapping(tight))
    for front in fronts("sqlite", boundary_file=path):
        body = front.open("/api/v1/coverage?radius_m=100").json()
        page = front.open("/coverage").text
        points = [gap["geometry"]["coordinates"] for gap in body["gaps"]["features"]]

        assert all(min(lons) <= lon <= max(lons) and min(lats) <= lat <= max(lats) for lon, lat in points)
        assert 0 < body["n_points"] < 1863
        assert "只取界线以内的点" in page
        assert "map-boundary" in front.open("/coverage/map.js").text
        assert "界线由本站运营方提供" in front.open("/map").text


def test_the_coverage_map_has_a_digit_for_every_point(front: Front) -> None:
    page = front.open("/coverage?town=442000118&radius_m=500").text
    words = json.loads(re.findall(r'id="map-words">(.*?)</script>', page, re.DOTALL)[0])
    script = front.open("/coverage/map.js")
    drawn = json.loads(re.findall(r"HarbourMap\.samples\(\w+, (\{.*\})\);", script.text)[0])
    [told] = re.findall(r"没有开门站点：(\d+) 个取点", page)

    assert len(words["near"]) == len(drawn["points"]) == 1863
    assert words["near"].count("1") == int(told) > 0
    assert words["near"].count("2") > 0
    assert words["at"] == list(front.house.registry.network.town("442000118").place.figures())[::-1]
    etag = script.headers["etag"]
    assert front.open("/coverage/map.js", headers={"if-none-match": etag}).status_code == 304
    assert (
        "2"
        not in json.loads(re.findall(r'id="map-words">(.*?)</script>', front.open("/coverage").text, re.DOTALL)[0])[
            "near"
        ]
    )
