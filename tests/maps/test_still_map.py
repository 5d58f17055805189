"""The managers' map as a still drawing: every figure at its place, whatever there is to show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harbour_api.domain.place import Place
from maps.figures import Looks, Scale
from maps.ground import Ground
from maps.still import WIDTH, Sheet, still_map

SCALE = Scale.of([[9, 100]])
PLACES = (Place.at(113.3, 22.7), Place.at(113.5, 22.4), Place.at(113.4, 22.5))


def looks(*counts: int | None) -> list[Looks]:
    return [SCALE.looks(count) for count in counts]


def test_every_figure_lies_on_the_sheet_as_it_lies_on_the_ground(ground: Ground) -> None:
    still = still_map(PLACES, looks(9, None, 100), ground)
    north_west, south_east, middle = sorted(still.circles, key=lambda one: one.index)
    assert north_west.x < middle.x < south_east.x
    assert north_west.y < middle.y < south_east.y
    for circle in still.circles:
        assert 20 <= circle.x <= still.width - 20
        assert 20 <= circle.y <= still.height - 20


def test_small_circles_lie_above_large_ones(ground: Ground) -> None:
    assert [one.index for one in still_map(PLACES, looks(9, None, 100), ground).circles] == [2, 0, 1]


@pytest.mark.parametrize("n", [0, 1])
def test_no_station_or_one_is_seen_within_its_city(ground: Ground, n: int) -> None:
    still = still_map(PLACES[:n], looks(9)[:n], ground)
    assert len(still.circles) == n
    assert all((one.x, one.y) == (WIDTH / 2, still.height / 2) for one in still.circles)


def test_a_boundary_of_several_parts_is_drawn_whole(ground: Ground) -> None:
    ring = [[113.3, 22.4], [113.5, 22.4], [113.5, 22.6], [113.3, 22.4]]
    parts = {"type": "MultiPolygon", "coordinates": [[ring], [ring]]}
    assert still_map(PLACES, looks(1, 2, 3), replace(ground, boundary=parts)).boundary.count("M") == 2


def test_degrees_of_longitude_are_shorter_than_those_of_latitude() -> None:
    sheet = Sheet.on(((22.0, 113.0), (23.0, 114.0)))
    west, east, south = sheet.at(113.0, 22.5), sheet.at(114.0, 22.5), sheet.at(113.0, 21.5)
    assert (east[0] - west[0]) / (south[1] - west[1]) == pytest.approx(0.9239, abs=0.001)
