"""The history's one promise: its lines, replayed from the first state, lead to the present one; and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour_api.domain import edits
from harbour_api.domain.history import Change, changes_between, facts_of, replayed, taken_back
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Conflict, Unknown
from harbour_api.domain.season import Season
from harbour_api.domain.station import Access, Basis, Offering, OfferingState, Special, Station, Status
from tests.domain.test_station import station

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EXAMS = Season(date(2027, 6, 7), date(2027, 6, 9))
Edit = Callable[[Station], Station]
FIRST = station(
    basis={"name": Basis.DIRECTORY, "location": Basis.PLACEHOLDER},
    offerings=(Offering("wifi", OfferingState.YES, Basis.ASSUMED, source="S0"),),
    specials=(Special("修鞋", "Shoe repair"),),
)


def fields(**changes: object) -> Edit:
    basis = Basis(str(changes.pop("basis", "verified")))
    return lambda before: edits.change_fields(before, changes, basis, NOW)


def offering(
    amenity: str, state: OfferingState, count: int | None, season: Season | None = None, waited_days: int | None = None
) -> Edit:
    """Set, on demand in answer to a report of some days ago."""
    said = Offering(amenity, state, Basis.VERIFIED, count, season=season)
    since = None if waited_days is None else NOW - timedelta(days=waited_days)
    return lambda before: edits.set_offering(before, said, NOW, reported_at=since)


def closed(days: int, id: int) -> Edit:
    """As the store does it: a closure gets its id as it is written."""
    start = NOW + timedelta(days=days)

    def edit(before: Station) -> Station:
        known = edits.close(before, start, start + timedelta(hours=3), "盘点").closures[0]
        return replayed(before, [Change(f"closures.{id}", None, facts_of(station(closures=(known,)))["closures.0"])])

    return edit


EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(
        lambda phone, basis: fields(phone=phone, basis=basis),
        st.sampled_from([None, "1", "2"]),
        st.sampled_from(["verified", "imported"]),
    ),
    st.builds(lambda access, status: fields(access=access, status=status), *map(st.sampled_from, (Access, Status))),
    st.builds(lambda n: fields(specials=(Special(f"{n}", "x"),) * n), st.integers(0, 2)),
    st.builds(
        offering,
        st.sampled_from(["wifi", "toilet"]),
        st.sampled_from(OfferingState),
        st.sampled_from([None, 3]),
        st.sampled_from([None, EXAMS]),
        st.sampled_from([None, 1]),
    ),
    st.builds(lambda code: lambda s: edits.forget_offering(s, code), st.sampled_from(["wifi", "toilet"])),
    st.builds(lambda lat: lambda s: edits.verify_place(s, Place.at(113.4, lat), NOW), st.sampled_from([22.5, 22.6])),
)


def told(before: Station, after: Station) -> list[Change]:
    """The lines of a change as they come back out of a database."""
    return [Change(c.field, *json.loads(json.dumps([c.old, c.new]))) for c in changes_between(before, after)]


@given(st.lists(EDITS, max_size=12))
def test_the_history_replayed_from_the_first_state_leads_to_the_present_one(made: list[Edit]) -> None:
    states = [FIRST]
    for edit in [*made, closed(1, 7), closed(2, 8), lambda s: edits.reopen(s, 7), lambda s: edits.answer(s, NOW)]:
        states.append(edit(states[-1]))
    lines = [line for before, after in pairwise(states) for line in told(before, after)]
    assert facts_of(replayed(FIRST, lines)) == facts_of(states[-1])


@given(st.lists(EDITS, max_size=6), EDITS)
def test_every_line_of_the_last_change_taken_back_leads_to_the_state_before(made: list[Edit], last: Edit) -> None:
    before = FIRST
    for edit in made:
        before = edit(before)
    after = last(before)
    lines = [line for line in told(before, after) if line.field != "verified_at"]
    back = after
    for number, line in enumerate(lines):
        if facts_of(back).get(line.field) != line.old:  # a basis has gone back with its value
            back = taken_back(back, line, lines[number:])
    assert facts_of(back) == facts_of(before)


def test_what_has_changed_since_is_not_taken_back() -> None:
    first = fields(phone="1")(FIRST)
    later = fields(phone="2")(first)
    lines = told(FIRST, first)
    with pytest.raises(Conflict):
        taken_back(later, lines[0], [*lines, *told(first, later)])


def test_the_opening_of_a_station_and_a_mere_stamp_are_not_taken_back() -> None:
    stamped = edits.verify_place(edits.verify_place(FIRST, FIRST.place, NOW), FIRST.place, NOW + timedelta(days=1))
    lines = told(edits.verify_place(FIRST, FIRST.place, NOW), stamped)
    assert [line.field for line in lines] == ["verified_at"]
    answered = told(FIRST, edits.answer(FIRST, NOW))
    assert [line.field for line in answered] == ["answered_at"]
    for line in (*lines, *answered, Change("code", None, "ZS001")):
        with pytest.raises(Conflict):
            taken_back(stamped, line, [line])


def test_a_station_of_which_nothing_is_verified_any_more_carries_no_stamp() -> None:
    verified = edits.verify_place(FIRST, Place.at(113.4, 22.6), NOW)
    lines = told(FIRST, verified)
    assert taken_back(verified, lines[0], lines) == FIRST
    other = fields(phone="1")(verified)
    back = taken_back(other, lines[0], [*lines, *told(verified, other)])
    assert (back.location_basis, back.verified_at) == (Basis.PLACEHOLDER, NOW)


def test_two_closures_of_the_very_same_time_are_one_too_many_and_others_may_overlap() -> None:
    once = closed(1, 7)(FIRST)
    with pytest.raises(Conflict):
        edits.close(once, once.closures[0].starts_at, once.closures[0].ends_at, "again")
    assert len(edits.close(once, once.closures[0].starts_at, NOW + timedelta(days=9), "works").closures) == 2
    with pytest.raises(Unknown):
        edits.reopen(once, 8)


def test_what_was_known_and_is_verified_once_more_stamps_and_tells_so() -> None:
    once = fields(phone="1")(FIRST)
    again = edits.change_fields(once, {"phone": "1"}, Basis.VERIFIED, NOW + timedelta(days=91))
    assert again.verified_at == NOW + timedelta(days=91)
    assert [line.field for line in changes_between(once, again)] == ["verified_at"]
    assert edits.change_fields(once, {}, Basis.VERIFIED, NOW + timedelta(days=91)) == once


def test_confirming_says_nothing_of_what_is_not_known_to_work() -> None:
    broken = offering("toilet", OfferingState.OUT_OF_ORDER, None)(FIRST)
    assert edits.confirm_offering(broken, "toilet", NOW + timedelta(days=1)) == broken
    assert edits.confirm_offering(broken, "tv", NOW) == broken
    [wifi] = [one for one in edits.confirm_offering(broken, "wifi", NOW).offerings if one.amenity == "wifi"]
    assert (wifi.basis, wifi.verified_at, wifi.state) == (Basis.VERIFIED, NOW, OfferingState.YES)


def test_that_a_check_came_after_a_report_is_known_while_the_matter_lasts_and_no_longer() -> None:
    def checked(before: Station, state: OfferingState, days: float, since: datetime | None = None) -> Station:
        said = Offering("wifi", state, Basis.VERIFIED)
        return edits.set_offering(before, said, NOW + timedelta(days=days), reported_at=since)

    def since(known: Station) -> datetime | None:
        return next(one.reported_at for one in known.offerings if one.amenity == "wifi")

    broken = checked(FIRST, OfferingState.OUT_OF_ORDER, 0, NOW - timedelta(hours=2))
    mended = checked(broken, OfferingState.YES, 2)
    noted = checked(mended, OfferingState.YES, 2.1)
    assert {since(one) for one in (broken, mended, noted)} == {NOW - timedelta(hours=2)}
    assert (mended.last_answer, FIRST.last_answer) == (NOW + timedelta(days=2), None)
    assert since(checked(noted, OfferingState.YES, 3)) is None
    assert since(checked(noted, OfferingState.UNKNOWN, 2.1)) is None
    assert since(edits.confirm_offering(noted, "wifi", NOW + timedelta(days=3))) is None
    assert since(edits.confirm_offering(noted, "wifi", NOW + timedelta(days=3), reported_at=NOW)) == NOW


def test_a_line_of_before_there_were_days_and_reports_can_still_be_taken_back() -> None:
    after = offering("wifi", OfferingState.NO, 3)(FIRST)
    [line] = told(FIRST, after)
    assert line.new.keys() == line.old.keys() == {"state", "count", "note", "basis", "source", "verified_at"}
    assert taken_back(after, line, [line]) == FIRST
