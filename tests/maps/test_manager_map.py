"""The managers' map: nothing recorded and a recorded zero stay apart, shades follow the figures, no visit is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harbour_api.domain.station import Basis, Offering, OfferingState, Station, Town
from maps.figures import SHADES, Scale, breaks, most, town_counts, visit_layers
from maps.ground import Ground
from maps.manager import manager_map, map_frame
from maps.marks import roll
from tests.maps.conftest import NORTH, SOUTH, MakeStation

COUNTS = [[0, None, 4], [7, 0, None], [None, None, 6]]


def test_equal_stations_give_equal_bytes(stations: list[Station], towns: dict[str, Town], ground: Ground) -> None:
    assert manager_map(stations, towns, ground) == manager_map(tuple(stations), towns, ground)


def test_the_scripts_roll_is_another_for_every_change_that_would_shift_an_index(
    station: MakeStation, towns: dict[str, Town], ground: Ground
) -> None:
    stations = [station(1, NORTH), station(2, SOUTH)]
    others = [stations[::-1], [station(1, SOUTH), station(2, NORTH)], [stations[0], station(3, SOUTH)], stations[:1]]
    assert len({roll(one) for one in (stations, *others)}) == 5
    assert roll([replace(one, name="another") for one in stations]) == roll(stations), "a name shifts nothing"
    assert f'openDesk(map_m1, {{"roll": {roll(stations)}}})' in manager_map(stations, towns, ground).script


def test_the_frame_without_a_map_is_the_one_the_map_is_drawn_into(
    stations: list[Station], towns: dict[str, Town], ground: Ground
) -> None:
    for own in (stations, []):
        assert map_frame(lang="en") == manager_map(own, towns, ground, lang="en").html


def test_nothing_recorded_and_zero_reach_the_page_as_they_are(stations: list[Station]) -> None:
    assert visit_layers(stations, COUNTS)["station"].figures["counts"] == COUNTS


def test_without_a_station_there_is_nothing_to_draw() -> None:
    for layer in visit_layers([], []).values():
        assert (layer.counts, layer.scale.lows, layer.scale.most) == ([], [1], 1)


def test_a_towns_total_counts_what_was_recorded_and_says_by_how_many(stations: list[Station]) -> None:
    sums, reporting = town_counts(stations, COUNTS)
    assert sums == [[7, 0, None], [0, None, 10]]
    assert reporting == [[1, 1, 0], [1, 0, 2]]


def test_a_station_without_its_figures_is_an_error_not_a_blank(stations: list[Station]) -> None:
    with pytest.raises(ValueError, match="shorter"):
        visit_layers(stations, COUNTS[:2])
    with pytest.raises(ValueError, match="shorter"):
        visit_layers(stations, [[1, 2], [1], [1]])


def test_only_amenities_out_of_order_count_as_broken(
    station: MakeStation, towns: dict[str, Town], ground: Ground
) -> None:
    states = (OfferingState.OUT_OF_ORDER, OfferingState.YES, OfferingState.UNKNOWN, OfferingState.NO)
    offerings = tuple(Offering(f"thing_{state}", state, Basis.VERIFIED) for state in states)
    script = manager_map([station(1, NORTH, offerings=offerings)], towns, ground).script
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


@pytest.mark.parametrize(
    ("counts", "fills"), [([3, 3], [2]), ([1, 9], [0, 4]), ([1, 2, 9, 9], [0, 2, 4]), (range(1, 101), [0, 1, 2, 3, 4])]
)
def test_few_classes_are_spread_over_all_shades(counts: Sequence[int], fills: list[int]) -> None:
    assert Scale.of([counts]).fills == fills


def test_a_figures_circle_has_an_area_in_proportion_to_it() -> None:
    scale = Scale.of([[25, 100]])
    assert (scale.across(100), scale.across(25)) == (48, 24)
    assert Scale.of([[100]], is_small=True).across(100) == 24


def test_zero_looks_unlike_nothing_recorded_and_both_unlike_a_visit() -> None:
    scale = Scale.of([[1, 50]])
    zero, nothing, one = (scale.looks(count) for count in (0, None, 1))
    assert (zero.text, nothing.text) == ("0", "")
    assert nothing.is_none
    assert not zero.is_none
    assert zero.fill == nothing.fill != one.fill == SHADES[0]


def test_what_is_written_into_a_circle_fits_it() -> None:
    scale = Scale.of([[7, 1999]])
    assert (scale.looks(1999).text, scale.looks(7).text) == ("1999", "")
