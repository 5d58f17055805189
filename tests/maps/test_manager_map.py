"""The managers' map: nothing recorded and a recorded zero stay apart, and shades follow the figures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from harbour_api.domain.station import Basis, Offering, OfferingState, Station, Town
from maps.manager import breaks, manager_map, most, town_counts
from tests.maps.conftest import NORTH, MakeStation

COUNTS = [[0, None, 4], [7, 0, None], [None, None, 6]]


def told(script: str, function: str) -> Any:
    found = re.search(rf"HarbourMap\.{function}\(\w+, (\{{.*\}})\);", script)
    assert found
    return json.loads(found[1])


def test_equal_figures_give_equal_bytes(
    stations: list[Station], towns: dict[str, Town], ground: Mapping[str, Any]
) -> None:
    drawn = manager_map(stations, towns, ground, COUNTS)
    assert drawn == manager_map(stations, towns, ground, tuple(tuple(row) for row in COUNTS))


def test_nothing_recorded_and_zero_reach_the_script_as_they_are(
    stations: list[Station], towns: dict[str, Town], ground: Mapping[str, Any]
) -> None:
    script = manager_map(stations, towns, ground, COUNTS).script
    assert told(script, "stationVisits")["counts"] == COUNTS
    assert "[0, null, 4]" in script


def test_a_towns_total_counts_what_was_recorded_and_says_by_how_many(stations: list[Station]) -> None:
    sums, reporting = town_counts(stations, COUNTS)
    assert sums == [[7, 0, None], [0, None, 10]]
    assert reporting == [[1, 1, 0], [1, 0, 2]]


def test_a_station_without_its_figures_is_an_error_not_a_blank(
    stations: list[Station], towns: dict[str, Town], ground: Mapping[str, Any]
) -> None:
    with pytest.raises(ValueError, match="shorter"):
        manager_map(stations, towns, ground, COUNTS[:2])
    with pytest.raises(ValueError, match="shorter"):
        manager_map(stations, towns, ground, [[1, 2], [1], [1]])


def test_a_text_among_the_figures_is_refused(
    stations: list[Station], towns: dict[str, Town], ground: Mapping[str, Any]
) -> None:
    with pytest.raises(TypeError):
        manager_map(stations, towns, ground, [["{{7*7}}"], [1], [2]])  # type: ignore[list-item]


def test_only_amenities_out_of_order_count_as_broken(
    station: MakeStation, towns: dict[str, Town], ground: Mapping[str, Any]
) -> None:
    states = (OfferingState.OUT_OF_ORDER, OfferingState.YES, OfferingState.UNKNOWN, OfferingState.NO)
    offerings = tuple(Offering(f"thing_{state}", state, Basis.VERIFIED) for state in states)
    script = manager_map([station(1, NORTH, offerings=offerings)], towns, ground, [[1]]).script
    assert '{"b": 1, "i": 0, "p": 0, "t": 0}' in script


def test_each_shade_holds_about_as_many_figures() -> None:
    assert breaks([list(range(1, 101))]) == [21, 41, 61, 81]


def test_shades_leave_out_zero_and_what_was_not_recorded() -> None:
    assert breaks([[0, None, 1, 2, 3, 4, 5]]) == [2, 3, 4, 5]


@pytest.mark.parametrize(("counts", "expected"), [([], []), ([[None, 0]], []), ([[3, 3, 3]], []), ([[1, 1, 9]], [9])])
def test_few_figures_make_few_shades(counts: list[list[int | None]], expected: list[int]) -> None:
    assert breaks(counts) == expected


def test_the_largest_circle_is_the_largest_figure() -> None:
    assert most(COUNTS) == 7
    assert most([[None, 0]]) == 1
