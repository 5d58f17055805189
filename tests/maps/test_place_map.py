"""The map with one pin: figures only, in the datum of the ground it lies on."""

from __future__ import annotations

from dataclasses import replace

from harbour_api.domain.place import Datum, Place
from harbour_api.domain.station import Town
from maps.ground import Ground
from maps.place import place_map
from tests.maps.conftest import HOSTILE

HERE, TOWN = Place(113.4, 22.5), Place(113.38, 22.52)


def test_the_pin_stands_where_the_station_is_believed_to_be(ground: Ground, towns: dict[str, Town]) -> None:
    script = place_map(HERE, TOWN, towns, ground).script
    assert "HarbourMap.placePin" in script
    assert '"coordinates": [113.4, 22.5]' in script
    assert "HarbourMap.openPlace" in script


def test_on_shifted_tiles_the_pin_is_shifted_with_them(ground: Ground, towns: dict[str, Town]) -> None:
    script = place_map(HERE, TOWN, towns, replace(ground, tile_zooms=(8, 17), datum=Datum.GCJ02)).script
    lon, lat = HERE.figures(Datum.GCJ02)
    assert f'"coordinates": [{lon}, {lat}]' in script


def test_no_text_of_a_town_or_a_ground_enters_it(hostile_ground: Ground, hostile_towns: dict[str, Town]) -> None:
    parts = place_map(HERE, TOWN, hostile_towns, hostile_ground)
    for text in HOSTILE:
        assert text not in parts.script
        assert text not in parts.html
