"""What a map lies on: the schematic or an operator's tiles, the boundary, and the datum that decides where all goes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from harbour_api.domain.place import Datum, Place
from harbour_api.domain.station import Station, Town
from maps.coverage import coverage_map
from maps.ground import Ground, view_of
from maps.manager import manager_map
from maps.public import public_map
from tests.hostile import HOSTILE
from tests.maps.conftest import land
from tests.maps.test_public_map import collections, leaves

SQUARE = {"type": "Polygon", "coordinates": (((113.1, 22.2), (113.7, 22.2), (113.7, 22.8), (113.1, 22.2)),)}
TILES = Ground(land(), tile_zooms=(3, 14))
SHIFTED = replace(TILES, datum=Datum.GCJ02)


def told(script: str, function: str) -> Any:
    found = re.search(rf"HarbourMap\.{function}\(\w+, (\{{.*\}})\);", script)
    return json.loads(found[1]) if found else None


def test_tiles_take_the_place_of_the_schematic(stations: list[Station], towns: dict[str, Town]) -> None:
    script = public_map(stations, towns, TILES).script

    assert told(script, "tiles") == {"extent": [[22.2, 113.1], [22.8, 113.7]], "zooms": [3, 14], "shifted": 0}
    assert told(script, "sheet") is None
    assert "map-land" not in script
    assert not re.search(r"https?:|\{z\}", script), "the page brings the tiles' address"


def test_without_tiles_nothing_asks_for_any(stations: list[Station], towns: dict[str, Town], ground: Ground) -> None:
    assert told(public_map(stations, towns, ground).script, "tiles") is None


def test_every_layer_moves_with_the_tiles_datum(stations: list[Station], towns: dict[str, Town]) -> None:
    points = [station.place for station in stations]
    plain, shifted = (replace(ground, boundary=SQUARE) for ground in (TILES, SHIFTED))
    for draw in (
        lambda ground: public_map(stations, towns, ground),
        lambda ground: manager_map(stations, towns, ground),
        lambda ground: coverage_map(points, stations, towns, ground),
    ):
        before, after = (collections(draw(ground).script) for ground in (plain, shifted))
        for one, other in zip(before, after, strict=True):
            for was, now in zip(positions(one), positions(other), strict=True):
                lon, lat = Place.at(*was).figures(Datum.GCJ02)
                assert now == pytest.approx([lon, lat], abs=2e-5)
                assert Place.at(*was).distance_m(Place.at(*now)) > 500
    assert told(public_map(stations, towns, shifted).script, "tiles")["shifted"] == 1


def positions(collection: Any) -> list[list[float]]:
    flat = [list(leaves(feature["geometry"]["coordinates"])) for feature in collection["features"]]
    return [figures[i : i + 2] for figures in flat for i in range(0, len(figures), 2)]


def test_a_view_moves_with_the_datum() -> None:
    here = Place(113.4, 22.5)
    (south, west), _ = view_of([here], here, Datum.GCJ02)
    lon, lat = here.figures(Datum.GCJ02)

    assert (south, west) == (round(lat - 0.01, 4), round(lon - 0.01, 4))


def test_a_boundary_is_an_outline_without_properties(stations: list[Station], towns: dict[str, Town]) -> None:
    poisoned = {**SQUARE, "properties": dict.fromkeys(HOSTILE, HOSTILE[0]), "name": HOSTILE[1]}
    script = public_map(stations, towns, Ground(land(), poisoned)).script

    assert "map-boundary" in script
    assert script == public_map(stations, towns, Ground(land(), SQUARE)).script


def test_the_map_of_the_coverage_holds_every_point_and_no_text(
    hostile_stations: list[Station], hostile_towns: dict[str, Town], hostile_ground: Ground
) -> None:
    points = [Place(113.4, 22.5), Place(113.41, 22.51)]
    parts = coverage_map(points, hostile_stations, hostile_towns, hostile_ground)

    assert told(parts.script, "samples") == {"step": 400, "points": [[22.5, 113.4], [22.51, 113.41]]}
    assert not re.search(r"alert|evil|7\*7|<script|\{\{|\$\{|`", parts.html + parts.script)
    assert parts.script == coverage_map(points, hostile_stations, hostile_towns, hostile_ground, lang="en").script
    assert "Map of the coverage" in coverage_map(points, [], hostile_towns, hostile_ground, lang="en").html
