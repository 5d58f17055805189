"""GDAL reads the geospatial door by its OAPIF driver, as every GIS that is built on it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pyogrio
import pytest
from shapely import from_wkb

from tests.processes.conftest import WITHOUT_SAMPLES, Server, serving

PLACED = {"ZS001": (113.404, 22.523), "ZS002": (113.38, 22.52), "ZS003": (113.376, 22.519)}
SMALL_PAGES = {"PAGE_SIZE": "10"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service with three stations that somebody placed and 61 placeholders."""
    with serving() as start:
        started = start(f"sqlite:///{tmp_path_factory.mktemp('gdal') / Path('harbour.db')}", **WITHOUT_SAMPLES)
        headers = started.log_in()
        for code, (lon, lat) in PLACED.items():
            body = {"lon": lon, "lat": lat, "datum": "wgs84", "accuracy_m": 5, "method": "device"}
            path = f"{started.address}/api/v1/stations/{code}/verification"
            assert httpx2.post(path, json=body, headers=headers).status_code == 200
        yield started


def layer(server: Server, name: str, **asked: Any) -> dict[str, dict[str, Any]]:
    """What GDAL reads of a collection: each feature's columns, with its point as `at`, by its code."""
    meta, _, points, columns = pyogrio.raw.read(f"OAPIF:{server.address}/ogc", layer=name, **asked)
    names = list(meta["fields"])
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    places = [None if point is None else from_wkb(point).coords[0] for point in points]
    assert len({row["code"] for row in rows}) == len(rows), "every feature once"
    return {row["code"]: {**row, "at": place} for row, place in zip(rows, places, strict=True)}


def codes_of(server: Server, query: str) -> list[str]:
    told = server.get(f"/ogc/collections/stations/items?limit=200&{query}").json()
    return [feature["id"] for feature in told["features"]]


def test_it_finds_both_collections(server: Server) -> None:
    assert [name for name, _ in pyogrio.list_layers(f"OAPIF:{server.address}/ogc")] == ["stations", "towns"]


@pytest.mark.parametrize("root", ["/ogc", "/ogc/"])
def test_it_counts_by_number_matched_and_knows_where_the_layer_lies(server: Server, root: str) -> None:
    told = pyogrio.read_info(f"OAPIF:{server.address}{root}", layer="stations", force_feature_count=True)
    west, south, east, north = told["total_bounds"]

    assert (told["features"], told["crs"]) == (64, "EPSG:4326")
    assert all(113 < west < lon < east < 114 and 22 < south < lat < north < 23 for lon, lat in PLACED.values())


def test_page_by_page_it_reads_every_station_once_with_its_columns(server: Server) -> None:
    found = layer(server, "stations", **SMALL_PAGES)

    assert list(found) == [f"ZS{number:03}" for number in range(1, 65)]
    assert {code: row["at"] for code, row in found.items() if row["at"]} == PLACED
    assert {row["location_basis"] for row in found.values() if not row["at"]} == {"placeholder"}
    assert "toilet" in found["ZS001"]["amenities"].split(",")
    assert all(value is None or not isinstance(value, list | dict) for row in found.values() for value in row.values())


def test_page_by_page_it_reads_every_town_once_each_with_a_point(server: Server) -> None:
    found = layer(server, "towns", **SMALL_PAGES)

    assert len(found) == 23
    assert all(113 < row["at"][0] < 114 and 22 < row["at"][1] < 23 for row in found.values())


def test_its_box_finds_what_lies_in_it(server: Server) -> None:
    found = layer(server, "stations", bbox=(113.37, 22.51, 113.39, 22.53), **SMALL_PAGES)
    towns = layer(server, "towns", bbox=(113.3, 22.4, 113.45, 22.6))

    assert {code for code, row in found.items() if row["at"]} == {"ZS002", "ZS003"}
    assert 0 < len(towns) < 23


def test_its_attribute_filter_finds_what_the_door_finds(server: Server) -> None:
    by_town = layer(server, "stations", where="town = '442000002' AND access = 'walk_in'", **SMALL_PAGES)
    by_basis = layer(server, "stations", where="location_basis = 'verified'")

    assert list(by_town) == codes_of(server, "town=442000002&access=walk_in") != []
    assert list(by_basis) == list(PLACED)
    assert layer(server, "stations", where="status = 'retired'") == {}
