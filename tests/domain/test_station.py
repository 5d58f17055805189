"""The clearing code's check digit, held against the 64 real codes."""

from __future__ import annotations

import pytest

from harbour_api.domain.place import Place
from harbour_api.domain.station import (
    AUDIENCE_NAMES,
    Audience,
    Basis,
    FormerTown,
    Offering,
    OfferingState,
    Station,
    Town,
    cnaps_is_valid,
)
from harbour_api.store.seed import Seed

CODE = "105603000016"


def station(**facts: object) -> Station:
    given: dict[str, object] = {"code": "ZS001", "cnaps": CODE, "name": "测试支行", "name_en": "Test", "town": "T"}
    given |= {"place": Place.at(113.4, 22.5), "location_basis": Basis.PLACEHOLDER} | facts
    return Station(**given)  # type: ignore[arg-type]


def test_every_real_clearing_code_is_valid(seed: Seed) -> None:
    codes = [station.cnaps for station in seed.stations]
    assert len(set(codes)) == 64
    assert all(cnaps_is_valid(code) for code in codes)


def test_every_single_digit_error_in_a_real_code_is_refused(seed: Seed) -> None:
    let_through = [
        (station.cnaps, at, digit)
        for station in seed.stations
        for at in range(12)
        for digit in "0123456789"
        if digit != station.cnaps[at] and cnaps_is_valid(f"{station.cnaps[:at]}{digit}{station.cnaps[at + 1 :]}")
    ]
    assert let_through == []


@pytest.mark.parametrize(
    "code",
    [
        "",
        CODE[:-1],
        CODE + "0",
        " " + CODE[1:],
        CODE[:-1] + "x",
        "１０５６０３００００１６",
        "-" + CODE[1:],
        "²" + CODE[1:],
    ],
)
def test_what_is_not_twelve_ascii_digits_is_no_clearing_code(code: str) -> None:
    assert not cnaps_is_valid(code)


def test_an_amenity_without_an_offering_is_unknown() -> None:
    told = station(offerings=(Offering("toilet", OfferingState.NO, Basis.ARTICLE),))
    assert told.offers("toilet") is OfferingState.NO
    assert told.offers("aed") is OfferingState.UNKNOWN


@pytest.mark.parametrize("basis", list(Basis))
def test_only_a_placeholder_is_no_place_to_send_anybody_to(basis: Basis) -> None:
    assert station(location_basis=basis).is_placed is (basis is not Basis.PLACEHOLDER)


def test_a_town_answers_to_its_former_codes_too() -> None:
    town = Town("442000110", "小榄镇", "Xiaolan", Place.at(113.2, 22.7), (FormerTown("442000120", "东升镇"),))
    assert town.codes == {"442000110", "442000120"}


def test_every_audience_has_a_name_in_both_languages() -> None:
    assert AUDIENCE_NAMES.keys() == set(Audience)
    assert all(zh and en for zh, en in AUDIENCE_NAMES.values())
