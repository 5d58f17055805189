"""A day that is stated: exactly that total comes of it, by entries added and none taken away, and never by surprise."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbour_api.domain.hours import ZONE, local_day
from harbour_api.domain.problems import Conflict, DayLocked, Invalid
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import (
    DayTotal,
    Entry,
    Source,
    Statement,
    check_day,
    check_time,
    correction,
    day_totals,
    is_locked,
    standing,
    stating,
)
from tests.domain.test_tally import COURIER, MONDAY, NOW, SUNDAY, TAXI, entry, histories

PUBLIC = Audience.PUBLIC
steady = settings(derandomize=True, deadline=None, max_examples=150)


def statement(total: int, by_audience: dict[Audience, int] | None = None, **facts: object) -> Statement:
    fresh = Statement("ZS001", MONDAY, total, by_audience, "counted again", Source.MANAGER, "desk", NOW)
    return dataclasses.replace(fresh, **facts)  # type: ignore[arg-type]


def after(entries: list[Entry], said: Statement) -> list[Entry]:
    """All entries of a day once a statement's are added, numbered as a store would."""
    numbers = count(max((entry.id for entry in entries), default=0) + 1)
    return entries + [dataclasses.replace(added, id=next(numbers)) for added in stating(entries, said)]


def total_of(entries: list[Entry], day: date = MONDAY) -> DayTotal:
    [told] = day_totals(entries, day, day)
    return told


def of_day(entries: list[Entry], day: date) -> list[Entry]:
    return [entry for entry in entries if entry.day == day]


totals = st.one_of(st.integers(0, 30), st.integers(0, 5000))
shares = st.dictionaries(st.sampled_from(list(Audience)), totals, max_size=5)


@given(histories(), totals)
@steady
def test_a_stated_total_is_what_the_day_comes_to_whatever_was_there(history: list[Entry], total: int) -> None:
    before = of_day(history, SUNDAY)
    told = total_of(after(before, statement(total, day=SUNDAY)), SUNDAY)
    assert (told.total, told.recorded, told.is_sample) == (total, True, False)


@given(histories(), totals, st.none() | totals)
@steady
def test_a_day_that_is_neither_what_was_seen_nor_what_is_stated_is_left_alone(
    history: list[Entry], total: int, was: int | None
) -> None:
    before = of_day(history, SUNDAY)
    held = total_of(before, SUNDAY)
    now = None if held.is_sample else held.total
    if now in (was, total):
        assert total_of(after(before, statement(total, day=SUNDAY, was=was)), SUNDAY).total == total
    else:
        with pytest.raises(Conflict):
            stating(before, statement(total, day=SUNDAY, was=was, reason=None))


@given(histories(), shares)
@steady
def test_a_statement_by_audience_holds_for_each_of_them(history: list[Entry], wanted: dict[Audience, int]) -> None:
    before = of_day(history, SUNDAY)
    told = total_of(after(before, statement(sum(wanted.values()), wanted, day=SUNDAY)), SUNDAY)
    assert told.total == sum(wanted.values())
    assert {audience: told.by_audience.get(audience, 0) for audience in Audience} == {
        audience: wanted.get(audience, 0) for audience in Audience
    }


@given(histories(), totals, st.none() | st.just({}))
@steady
def test_the_same_statement_again_adds_nothing_and_nothing_is_taken_away(
    history: list[Entry], total: int, empty: dict[Audience, int] | None
) -> None:
    before = of_day(history, SUNDAY)
    said = statement(total if empty is None else 0, empty, day=SUNDAY)
    once = after(before, said)
    assert once[: len(before)] == before
    assert stating(once, said) == []
    assert stating(once, dataclasses.replace(said, reason=None)) == []


@given(histories(), totals)
@steady
def test_every_entry_of_a_statement_is_one_the_store_takes(history: list[Entry], total: int) -> None:
    before = of_day(history, SUNDAY)
    firsts = {kept.id for kept in before if kept.corrects is None}
    for added in stating(before, statement(total, day=SUNDAY)):
        assert 0 <= added.count <= 1000
        assert (added.corrects is None) == (added.reason is None)
        assert added.corrects is None or added.corrects in firsts
        assert (added.day, added.actor, added.source, added.recorded_at) == (SUNDAY, "desk", Source.MANAGER, NOW)


@given(histories(), totals)
@steady
def test_a_reason_is_needed_just_where_what_was_recorded_changes(history: list[Entry], total: int) -> None:
    before = of_day(history, SUNDAY)
    now = total_of(before, SUNDAY)
    recorded = now.recorded and not now.is_sample
    said = statement(total, day=SUNDAY, reason=None)
    if recorded and now.total != total:
        with pytest.raises(Invalid) as refused:
            stating(before, said)
        assert [fault.pointer for fault in refused.value.errors] == ["/reason"]
    else:
        assert total_of(after(before, said), SUNDAY).total == total


def test_zero_is_stated_by_an_entry_and_missing_by_none() -> None:
    assert total_of([]).total is None
    [zero] = stating([], statement(0, reason=None))
    assert (zero.count, zero.audience, zero.corrects) == (0, PUBLIC, None)
    assert total_of([dataclasses.replace(zero, id=1)]).total == 0
    assert stating([entry(1, 0)], statement(0, reason=None)) == []


def test_a_stated_zero_retires_the_sample() -> None:
    told = total_of(after([entry(1, 90, source=Source.SAMPLE)], statement(0, reason=None)))
    assert (told.total, told.is_sample) == (0, False)


def test_more_than_an_entry_holds_is_split() -> None:
    added = stating([], statement(2500, {COURIER: 2500}))
    assert [(part.audience, part.count) for part in added] == [(COURIER, 1000), (COURIER, 1000), (COURIER, 500)]


def test_what_is_too_much_is_taken_off_the_latest_visits_of_the_public_first() -> None:
    before = [entry(1, 5, audience=PUBLIC), entry(2, 6), entry(3, 7, audience=TAXI)]
    taken = stating(before, statement(10))
    assert [(less.corrects, less.count, less.reason) for less in taken] == [
        (1, 0, "counted again"),
        (3, 4, "counted again"),
    ]
    assert total_of(after(before, statement(10))).by_audience == {PUBLIC: 0, COURIER: 6, TAXI: 4}


def test_a_correction_of_a_correction_corrects_its_visit_and_keeps_what_it_was() -> None:
    first = entry(1, 3, note="of the morning")
    second = dataclasses.replace(correction(first, 5, "miscounted", source=Source.MANAGER, actor="desk", at=NOW), id=2)
    third = correction(second, 4, "again", source=Source.MANAGER, actor="other", at=NOW + timedelta(hours=1))
    assert (second.corrects, third.corrects) == (1, 1)
    assert (third.audience, third.day, third.occurred_at, third.note) == (COURIER, MONDAY, NOW, None)
    assert total_of([first, second, dataclasses.replace(third, id=3)]).total == 4


def test_a_sample_cannot_be_corrected() -> None:
    with pytest.raises(Invalid, match="sample"):
        correction(entry(1, 3, source=Source.SAMPLE), 2, "x", source=Source.MANAGER, actor="desk", at=NOW)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-30T15:59:59.999999+00:00", date(2026, 11, 30)),
        ("2026-11-30T16:00:00+00:00", date(2026, 12, 1)),
        ("2026-12-31T15:59:59+00:00", date(2026, 12, 31)),
        ("2026-12-31T16:00:00+00:00", date(2027, 1, 1)),
        ("2028-02-28T16:00:00+00:00", date(2028, 2, 29)),
        ("2028-02-29T16:00:00+00:00", date(2028, 3, 1)),
    ],
)
def test_months_and_years_end_at_zhongshans_midnight(moment: str, day: date) -> None:
    now = datetime.fromisoformat(moment)
    assert local_day(now) == day
    check_day(day, now)
    check_day(day - timedelta(days=14), now)
    with pytest.raises(Invalid, match="not come yet"):
        check_day(day + timedelta(days=1), now)
    with pytest.raises(DayLocked):
        check_day(day - timedelta(days=15), now)
    for stated in (day, day - timedelta(days=14)):
        [added] = stating([], statement(3, day=stated, at=now))
        assert local_day(added.occurred_at) == added.day == stated
        assert added.occurred_at <= now


@given(st.timedeltas(timedelta(0), timedelta(days=70)), st.timedeltas(timedelta(0), timedelta(days=20)))
@steady
def test_a_day_is_open_exactly_as_long_as_any_visit_of_it_may_be_logged(since: timedelta, back: timedelta) -> None:
    now = datetime(2026, 12, 25, tzinfo=ZONE).astimezone(UTC) + since
    moment = now - back
    day = local_day(moment)
    try:
        check_time(moment, now)
    except DayLocked:
        assert is_locked(day, now)
        assert check_time(moment, now, {day}) == moment
    else:
        assert not is_locked(day, now)
        check_day(day, now)


def test_an_unlocked_day_may_be_written_to_and_no_other() -> None:
    long_ago = MONDAY - timedelta(days=40)
    check_day(long_ago, NOW, {long_ago})
    with pytest.raises(DayLocked):
        check_day(long_ago + timedelta(days=1), NOW, {long_ago})
    with pytest.raises(Invalid):
        check_day(MONDAY + timedelta(days=1), NOW, {MONDAY + timedelta(days=1)})


@given(histories())
@steady
def test_what_stands_is_corrected_by_any_of_its_entries_alike(history: list[Entry]) -> None:
    real = [kept for kept in standing(history) if kept.source is not Source.SAMPLE]
    for kept in real:
        assert correction(kept, 1, "x", source=Source.MANAGER, actor="desk", at=NOW).corrects in {
            first.id for first in history if first.corrects is None
        }
