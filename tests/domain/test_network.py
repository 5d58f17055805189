"""The picture's filters, search and board, and how the next picture comes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from harbour_api.domain.hours import ZONE, Opening, opening
from harbour_api.domain.network import Needs, Network
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.station import (
    Amenity,
    Basis,
    Closure,
    FormerTown,
    Offering,
    OfferingState,
    Station,
    Status,
    Town,
)
from harbour_api.store.seed import Seed
from tests.domain.test_station import station

MONDAY_MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
YES, NO, BROKEN, ASKED = OfferingState.YES, OfferingState.NO, OfferingState.OUT_OF_ORDER, OfferingState.UNKNOWN
XIAOLAN = Town("442000110", "小榄镇", "Xiaolan", Place.at(113.25, 22.67), (FormerTown("442000120", "东升镇"),))
EAST = Town("442000002", "东区街道", "Dongqu", Place.at(113.4, 22.51))
AMENITIES = [Amenity(f"kind_{n:03}", f"设施{n}", f"Thing {n}", "basic", "dot") for n in range(150)]


def having(**states: OfferingState) -> tuple[Offering, ...]:
    return tuple(Offering(code, state, Basis.ASSUMED) for code, state in states.items())


A = station(
    code="A", name="小榄支行", official_name="中国建设银行股份有限公司中山小榄支行", name_en="Xiaolan Sub-branch",
    pinyin="xiao lan zhi hang", town=XIAOLAN.code, place=Place.at(113.25, 22.67), cnaps="105603000024",
    opening_hours="Mo-Fr 09:00-17:00; PH off", offerings=having(kind_000=YES, kind_063=YES, kind_064=YES, kind_149=YES),
)  # fmt: skip
B = station(
    code="B", name="东区支行", name_en="Dongqu Sub-branch", pinyin="dong qu zhi hang", town=EAST.code,
    place=Place.at(113.4, 22.51), opening_hours="Sa 09:00-12:00", address="中山三路1号",
    offerings=having(kind_000=YES, kind_063=BROKEN, kind_064=NO, kind_149=ASKED),
)  # fmt: skip
C = station(code="C", name="曹步支行", name_en="Caobu", pinyin="cao bu zhi hang", town=EAST.code,
            place=Place.at(179.99, -17.0))  # fmt: skip
D = replace(A, code="D", status=Status.SUSPENDED, place=Place.at(-179.99, -17.0))
ALL = [C, A, D, B]


def network(*stations: Station) -> Network:
    return Network(stations or ALL, [XIAOLAN, EAST], AMENITIES, revision=3)


def codes(needs: Needs, picture: Network | None = None) -> str:
    return "".join(told.code for told in (picture or network()).matching(needs))


def test_stations_are_held_in_order_of_code_whatever_the_order_they_came_in() -> None:
    assert [told.code for told in network().stations] == ["A", "B", "C", "D"]
    assert len(network()) == 4


def test_without_a_need_all_that_operate_match() -> None:
    assert codes(Needs()) == "ABC"


@pytest.mark.parametrize(
    ("status", "wanted"), [(Status.OPERATING, "ABC"), (Status.SUSPENDED, "D"), (Status.RETIRED, ""), (None, "ABCD")]
)
def test_a_status_is_met_by_it_alone(status: Status, wanted: str) -> None:
    assert codes(Needs(status=status)) == wanted


@pytest.mark.parametrize(("code", "wanted"), [("442000110", "A"), ("442000120", "A"), ("442000002", "BC")])
def test_a_town_is_understood_by_its_code_of_today_and_by_its_former_one(code: str, wanted: str) -> None:
    assert codes(Needs(town=code)) == wanted
    assert network().town(code) in (XIAOLAN, EAST)


@pytest.mark.parametrize(
    ("numbers", "wanted", "with_unknown"),
    [
        ([0], "AB", "ABC"),
        ([63], "A", "AC"),  # B's is out of order
        ([64], "A", "AC"),  # B has none
        ([149], "A", "ABC"),
        ([0, 63], "A", "AC"),
        ([149, 0, 149], "A", "ABC"),
        ([1], "", "ABC"),
        ([0, 63, 64, 149], "A", "AC"),
    ],
)
def test_all_amenities_asked_for_must_be_there(numbers: list[int], wanted: str, with_unknown: str) -> None:
    asked = tuple(f"kind_{number:03}" for number in numbers)
    assert codes(Needs(amenities=asked)) == wanted
    assert codes(Needs(amenities=asked, include_unknown=True)) == with_unknown


def test_each_of_more_than_64_amenities_is_told_from_every_other() -> None:
    each = [station(code=kind.code, offerings=having(**{kind.code: YES}), town=EAST.code) for kind in AMENITIES]
    picture = network(*each)
    assert [codes(Needs(amenities=(kind.code,)), picture) for kind in AMENITIES] == [kind.code for kind in AMENITIES]


@pytest.mark.parametrize(
    ("at", "wanted", "with_unknown"),
    [
        (MONDAY_MORNING, "A", "AC"),
        (MONDAY_MORNING - timedelta(days=2), "B", "BC"),  # a Saturday
        (MONDAY_MORNING + timedelta(hours=12), "", "C"),
        (datetime(2030, 1, 7, 10, 0, tzinfo=ZONE), "", "ABC"),  # no notice has been read
    ],
)
def test_open_at_asks_the_hours_and_unknown_hours_count_only_where_wanted(
    at: datetime, wanted: str, with_unknown: str
) -> None:
    assert codes(Needs(open_at=at)) == wanted
    assert codes(Needs(open_at=at, include_unknown=True)) == with_unknown
    assert codes(Needs(open_at=at, status=Status.SUSPENDED, include_unknown=True)) == ""


@pytest.mark.parametrize(
    ("bbox", "wanted"),
    [
        ((113.0, 22.0, 114.0, 23.0), "AB"),
        ((113.25, 22.67, 113.25, 22.67), "A"),  # its edges are in
        ((179.0, -20.0, -179.0, -10.0), "C"),
        ((-179.0, -20.0, 179.0, -10.0), ""),
        ((-180.0, -90.0, 180.0, 90.0), "ABC"),
    ],
)
def test_a_box_holds_what_lies_in_it_and_may_cross_the_antimeridian(
    bbox: tuple[float, float, float, float], wanted: str
) -> None:
    assert codes(Needs(bbox=bbox)) == wanted


@pytest.mark.parametrize(
    ("q", "wanted"),
    [
        ("小榄", "A"),
        ("XIAOLAN", "A"),
        ("xiao lan", "A"),
        ("xlzh", "A"),
        ("东升", "A"),  # the town's former name
        ("dongqu sub-branch", "B"),
        ("sub-branch dongqu", "B"),
        ("东区 支行", "BC"),  # two words: both must be found, in whatever field
        ("小榄 东区", ""),
        ("中山三路", "B"),
        ("105603000024", "A"),
        ("  支行  ", "ABC"),
        ("{{7*7}}", ""),
        ("%", ""),
    ],
)
def test_a_search_finds_chinese_english_pinyin_and_initials(q: str, wanted: str) -> None:
    assert codes(Needs(q=q)) == wanted


def test_every_need_narrows_what_the_others_left() -> None:
    assert codes(Needs(town=EAST.code, amenities=("kind_000",), q="支行", bbox=(113.0, 22.0, 114.0, 23.0))) == "B"
    assert codes(Needs(town=EAST.code, amenities=("kind_063",), q="支行")) == ""


@pytest.mark.parametrize(
    ("needs", "parameter"),
    [
        (Needs(town="442000999"), "town"),
        (Needs(town=""), "town"),
        (Needs(amenities=("kind_000", "kind_999")), "amenity"),
    ],
)
def test_a_code_nobody_knows_is_refused_by_its_parameter(needs: Needs, parameter: str) -> None:
    for ask in (network().select, network().matching):
        with pytest.raises(Invalid) as refused:
            ask(needs)
        assert [fault.parameter for fault in refused.value.errors] == [parameter]


def test_what_has_no_such_code_is_unknown() -> None:
    for ask in (network().station, network().town, network().amenity):
        with pytest.raises(Unknown):
            ask("ZZ")


def test_the_next_picture_keeps_the_other_stations_as_the_very_same_objects() -> None:
    now, renamed, added = network(), replace(B, name="东城支行"), replace(C, code="AA")
    then = now.with_changes([renamed, added], [XIAOLAN, EAST], AMENITIES, revision=4)
    assert [told.code for told in then.stations] == ["A", "AA", "B", "C", "D"]
    assert then.station("B") is renamed
    assert all(then.station(code) is now.station(code) for code in "ACD")
    assert (then.revision, now.revision) == (4, 3)
    assert now.station("B") is B
    assert codes(Needs(q="东城"), then) == "B"
    assert codes(Needs(q="东城"), now) == ""


def test_an_empty_network_answers_with_nothing() -> None:
    empty = Network([], [EAST], AMENITIES)
    needs = Needs(town=EAST.code, amenities=("kind_000",), open_at=MONDAY_MORNING, q="x", bbox=(0.0, 0.0, 1.0, 1.0))
    assert empty.matching(needs) == []
    assert empty.nearest(Place.at(113.4, 22.5), Needs(), limit=5) == []


def test_the_board_is_kept_until_somebody_opens_or_shuts() -> None:
    picture = network()
    board = picture.board(MONDAY_MORNING)
    assert board.until == MONDAY_MORNING.replace(hour=17)
    assert picture.board(MONDAY_MORNING.replace(hour=16, minute=59)) is board
    assert picture.board(MONDAY_MORNING.replace(hour=17)) is not board


def test_a_board_never_answers_for_the_time_before_it() -> None:
    picture = network()
    board = picture.board(MONDAY_MORNING)
    assert picture.board(MONDAY_MORNING - timedelta(microseconds=1)) is not board


def test_a_board_with_no_change_in_sight_is_looked_at_again_after_a_day() -> None:
    picture = network(station(opening_hours=None, town=EAST.code))
    board = picture.board(MONDAY_MORNING)
    assert board.until is None
    assert picture.board(MONDAY_MORNING + timedelta(hours=23)) is board
    assert picture.board(MONDAY_MORNING + timedelta(days=1)) is not board


def test_stations_with_the_same_hours_share_a_schedule_and_a_closure_sets_one_apart() -> None:
    closure = Closure(1, MONDAY_MORNING - timedelta(hours=1), MONDAY_MORNING + timedelta(hours=1), "works")
    shut = replace(A, code="E", closures=(closure,))
    picture = network(A, replace(A, code="F"), shut, D)
    assert picture.opening(shut, MONDAY_MORNING) == Opening(False, closure.ends_at)
    assert picture.opening(D, MONDAY_MORNING) == Opening(False, None)
    assert picture.opening(A, MONDAY_MORNING) == picture.opening(picture.station("F"), MONDAY_MORNING)
    assert len(picture.board(MONDAY_MORNING).openings) == 3


def test_the_board_says_of_every_seeded_station_what_its_own_hours_say(seed: Seed) -> None:
    picture = Network(seed.stations, seed.towns, seed.amenities)
    for hours_on in range(0, 24 * 14, 5):
        at = MONDAY_MORNING + timedelta(hours=hours_on)
        assert [picture.opening(told, at).is_open for told in picture.stations] == [
            opening(told, at).is_open for told in picture.stations
        ]
