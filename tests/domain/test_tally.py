"""From entries to days: corrections, samples, zero and missing, held against a naive recomputation."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbour_api.domain.problems import Invalid
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import DayTotal, Entry, Source, check_time, day_totals, standing

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SINCE_MIDNIGHT = timedelta(hours=10)  # by the clock of the place
MONDAY = date(2026, 11, 23)
SUNDAY, SATURDAY = MONDAY - timedelta(days=1), MONDAY - timedelta(days=2)
COURIER, TAXI = Audience.COURIER, Audience.TAXI_DRIVER


def entry(id: int, count: int, *, day: date = MONDAY, audience: Audience = COURIER, **facts: object) -> Entry:
    fresh = Entry("ZS001", day, audience, count, NOW, NOW, Source.MANAGER, "desk", id)
    return dataclasses.replace(fresh, **facts)  # type: ignore[arg-type]


def correction(id: int, count: int, of: int, **facts: object) -> Entry:
    return entry(id, count, corrects=of, reason="miscounted", **facts)  # type: ignore[arg-type]


def on_monday(*entries: Entry) -> DayTotal:
    (told,) = day_totals(entries, MONDAY, MONDAY)
    return told


def test_a_day_without_an_entry_is_missing_not_zero() -> None:
    told = on_monday()
    assert told == DayTotal(MONDAY, None, {})
    assert not told.recorded
    assert not told.is_sample


def test_an_explicit_zero_is_recorded() -> None:
    told = on_monday(entry(1, 0))
    assert (told.total, told.by_audience, told.recorded) == (0, {COURIER: 0}, True)


def test_entries_of_a_day_add_up_by_audience() -> None:
    told = on_monday(entry(1, 3), entry(2, 4), entry(3, 5, audience=TAXI))
    assert (told.total, told.by_audience) == (12, {COURIER: 7, TAXI: 5})


def test_the_latest_correction_of_a_visit_holds_in_whatever_order_they_come() -> None:
    first, second, third = entry(1, 3), correction(2, 8, of=1), correction(5, 6, of=1)
    other = entry(4, 10)
    for order in ([first, second, other, third], [third, other, second, first]):
        assert sorted(standing(order), key=lambda kept: kept.id) == [other, third]
        assert on_monday(*order).total == 16


def test_a_visit_corrected_to_zero_leaves_a_recorded_zero() -> None:
    assert on_monday(entry(1, 3), correction(2, 0, of=1)).total == 0


def test_a_correction_of_one_visit_leaves_its_twin_alone() -> None:
    assert on_monday(entry(1, 3), entry(2, 3), correction(3, 1, of=2)).total == 4


def test_a_sample_counts_until_a_real_entry_of_that_day_retires_it() -> None:
    samples = [entry(1, 90, source=Source.SAMPLE), entry(2, 9, day=SUNDAY, source=Source.SAMPLE)]
    assert on_monday(samples[0]) == DayTotal(MONDAY, 90, {COURIER: 90}, is_sample=True)
    sunday, monday = day_totals([*samples, entry(3, 2, audience=TAXI)], SUNDAY, MONDAY)
    assert monday == DayTotal(MONDAY, 2, {TAXI: 2}, is_sample=False)
    assert sunday == DayTotal(SUNDAY, 9, {COURIER: 9}, is_sample=True)


@pytest.mark.parametrize("source", [source for source in Source if source is not Source.SAMPLE])
def test_a_real_zero_of_any_source_retires_the_sample(source: Source) -> None:
    assert on_monday(entry(1, 90, source=Source.SAMPLE), entry(2, 0, source=source)).total == 0


def test_the_span_has_both_its_ends_and_leaves_out_what_lies_beyond() -> None:
    told = day_totals([entry(1, 1, day=SATURDAY), entry(2, 4), entry(3, 9, day=date(2026, 11, 24))], SATURDAY, MONDAY)
    assert [(total.day, total.total) for total in told] == [(SATURDAY, 1), (SUNDAY, None), (MONDAY, 4)]


def test_a_span_that_ends_before_it_begins_has_no_day() -> None:
    assert day_totals([entry(1, 1)], MONDAY, SUNDAY) == []


# A day locks as a whole, by the calendar: each visit of its 14th day back is open, however early it was.
@pytest.mark.parametrize("age", [SINCE_MIDNIGHT + timedelta(days=14), timedelta(0), timedelta(minutes=-5)])
def test_a_visit_may_lie_fourteen_days_back_and_five_minutes_ahead(age: timedelta) -> None:
    assert check_time(NOW - age, NOW) == NOW - age


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (SINCE_MIDNIGHT + timedelta(days=14, microseconds=1), "day_locked"),
        (timedelta(minutes=-5, microseconds=-1), "5 minutes ahead"),
    ],
)
def test_a_visit_outside_these_bounds_is_refused_by_its_field(age: timedelta, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_time(NOW - age, NOW)
    (fault,) = refused.value.errors
    assert fault.pointer == "/occurred_at"
    assert words in fault.detail


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """First entries over three days, corrections of them, samples among them, in any order."""
    made: list[Entry] = []
    for id in range(1, draw(st.integers(0, 14)) + 1):
        firsts = [known for known in made if known.corrects is None]
        count = draw(st.integers(0, 1000))
        corrects: bool = draw(st.booleans())
        if firsts and corrects:
            first = draw(st.sampled_from(firsts))
            facts = {"day": first.day, "audience": first.audience, "source": Source.MANAGER}
            made.append(correction(id, count, of=first.id, **facts))
        else:
            facts = {
                "day": SATURDAY + timedelta(days=draw(st.integers(0, 2))),
                "audience": draw(st.sampled_from(list(Audience))),
                "source": draw(st.sampled_from(list(Source))),
            }
            made.append(entry(id, count, **facts))  # type: ignore[arg-type]
    return draw(st.permutations(made))


def naive_total(entries: list[Entry], day: date) -> tuple[int | None, bool]:
    """Recompute a day's total from the words of the rules, visit by visit."""
    held: list[Entry] = []
    for first in entries:
        if first.day == day and first.corrects is None:
            changes = [first, *(other for other in entries if other.corrects == first.id)]
            held.append(max(changes, key=lambda change: change.id))
    real = [kept for kept in held if kept.source is not Source.SAMPLE]
    if not held:
        return None, False
    return sum(kept.count for kept in (real or held)), not real


@given(histories())
@settings(derandomize=True, deadline=None, max_examples=200)
def test_day_totals_are_what_a_naive_recomputation_gives(entries: list[Entry]) -> None:
    told = day_totals(entries, SATURDAY, MONDAY)
    wanted = [naive_total(entries, day) for day in (SATURDAY, SUNDAY, MONDAY)]
    assert [(total.total, total.is_sample) for total in told] == wanted
    assert all(sum(total.by_audience.values()) == (total.total or 0) for total in told)
