"""The public map: numbers in, the same bytes out, nobody's text and nobody else's host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from harbour_api.domain.station import Station, Town
from maps.canvas import MapParts
from maps.ground import Ground
from maps.manager import manager_map
from maps.marks import town_order
from maps.public import public_map
from tests.hostile import HOSTILE
from tests.maps.conftest import NORTH, SOUTH


def collections(script: str) -> list[Any]:
    """Every GeoJSON collection in the script, in order: the ground, then the marks."""
    return [json.loads(found) for found in re.findall(r"_add\((\{.*\})\);", script)]


def marks(parts: MapParts, layer: int) -> list[dict[str, int]]:
    return [feature["properties"] for feature in collections(parts.script)[layer]["features"]]


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def test_equal_stations_give_equal_bytes(stations: list[Station], towns: dict[str, Town], ground: Ground) -> None:
    assert public_map(stations, towns, ground) == public_map(list(stations), dict(towns), ground)


def test_a_moved_station_gives_other_bytes(stations: list[Station], towns: dict[str, Town], ground: Ground) -> None:
    moved = [replace(stations[0], place=stations[1].place), *stations[1:]]
    assert public_map(moved, towns, ground).script != public_map(stations, towns, ground).script


def test_a_new_name_changes_no_byte(stations: list[Station], towns: dict[str, Town], ground: Ground) -> None:
    renamed = [replace(station, name="新名", address="新址") for station in stations]
    assert public_map(renamed, towns, ground) == public_map(stations, towns, ground)


def test_a_station_is_marked_by_its_index_its_town_and_whether_it_is_placed(
    stations: list[Station], towns: dict[str, Town], ground: Ground
) -> None:
    parts = public_map(stations, towns, ground)
    assert marks(parts, 1) == [{"i": 0, "p": 0, "t": 1}, {"i": 1, "p": 0, "t": 0}, {"i": 2, "p": 1, "t": 1}]


def test_a_town_is_marked_by_its_index_and_how_many_stations_it_has(
    stations: list[Station], towns: dict[str, Town], ground: Ground
) -> None:
    assert town_order(stations) == (SOUTH, NORTH)
    assert marks(public_map(stations, towns, ground), 2) == [{"n": 1, "t": 0}, {"n": 2, "t": 1}]


def test_a_mark_stands_at_longitude_then_latitude(
    stations: list[Station], towns: dict[str, Town], ground: Ground
) -> None:
    features = collections(public_map(stations, towns, ground).script)[1]["features"]
    assert features[0]["geometry"]["coordinates"] == [stations[0].place.lon, stations[0].place.lat]


def test_features_carry_integers_and_coordinates_only(
    hostile_stations: list[Station], hostile_towns: dict[str, Town], hostile_ground: Ground
) -> None:
    for collection in collections(public_map(hostile_stations, hostile_towns, hostile_ground).script):
        for feature in collection["features"]:
            assert set(feature) == {"type", "properties", "geometry"}
            assert all(type(value) is int for value in feature["properties"].values())
            assert all(type(value) in (int, float) for value in leaves(feature["geometry"]["coordinates"]))


def test_no_hostile_text_gets_anywhere_near_a_map(
    hostile_stations: list[Station], hostile_towns: dict[str, Town], hostile_ground: Ground
) -> None:
    public = public_map(hostile_stations, hostile_towns, hostile_ground)
    manager = manager_map(hostile_stations, hostile_towns, hostile_ground)
    said = public.html + public.script + manager.html + manager.script
    assert len(HOSTILE) >= 30
    assert [text for text in HOSTILE if text in said] == []
    assert not re.search(r"alert|evil|7\*7|<script|\{\{|\$\{|`", said)


def test_hostile_names_change_no_byte(
    hostile_stations: list[Station], hostile_towns: dict[str, Town], hostile_ground: Ground, ground: Ground
) -> None:
    harmless = [replace(station, name="站", address=None, specials=()) for station in hostile_stations]
    towns = {code: replace(town, name="镇", name_en="Town", former=()) for code, town in hostile_towns.items()}
    expected = public_map(harmless, towns, ground)
    assert public_map(hostile_stations, hostile_towns, hostile_ground) == expected


def test_no_host_no_inline_script_and_no_inline_style(
    stations: list[Station], towns: dict[str, Town], ground: Ground
) -> None:
    parts = public_map(stations, towns, ground)
    assert not re.search(r"https?:|//[a-z]|jquery|bootstrap|\$\(|ajax", parts.html + parts.script)
    assert not re.search(r"<script|<style|style=|\son\w+=", parts.html)


@pytest.mark.parametrize(("lang", "word"), [("zh", "站点地图"), ("en", "Map of the stations"), ("xx", "站点地图")])
def test_the_container_is_a_region_named_in_the_pages_language(
    lang: str, word: str, stations: list[Station], towns: dict[str, Town], ground: Ground
) -> None:
    html = public_map(stations, towns, ground, lang=lang).html
    assert 'role="region"' in html
    assert f'aria-label="{word}' in html


def test_the_script_is_the_same_in_every_language(
    stations: list[Station], towns: dict[str, Town], ground: Ground
) -> None:
    script = public_map(stations, towns, ground).script
    assert script == public_map(stations, towns, ground, lang="en").script
    assert script.isascii()


def test_a_network_without_stations_still_has_a_map(ground: Ground) -> None:
    assert "HarbourMap.open" in public_map([], {}, ground).script
