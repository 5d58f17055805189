"""Periods lead up to today without a gap, and silence is told apart from zero and from samples."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from harbour_api.domain.periods import PeriodTotals, Span

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("span", "count", "first", "last"),
    [
        (Span.DAYS_14, 14, date(2026, 11, 12), TODAY),
        (Span.DAYS_28, 28, date(2026, 10, 29), TODAY),
        (Span.WEEKS, 12, date(2026, 9, 7), date(2026, 11, 23)),
        (Span.MONTHS, 12, date(2025, 12, 1), date(2026, 11, 1)),
    ],
)
def test_the_last_period_holds_today(span: Span, count: int, first: date, last: date) -> None:
    starts = span.starts(TODAY)
    assert (len(starts), starts[0], starts[-1]) == (count, first, last)
    assert starts == sorted(set(starts))


@pytest.mark.parametrize(
    ("span", "first", "key"),
    [
        (Span.DAYS_14, date(2026, 11, 12), "2026-11-12"),
        (Span.WEEKS, date(2024, 12, 30), "2025-W01"),
        (Span.WEEKS, date(2026, 11, 23), "2026-W48"),
        (Span.MONTHS, date(2025, 12, 1), "2025-12"),
    ],
)
def test_an_address_calls_a_period_as_the_calendar_does(span: Span, first: date, key: str) -> None:
    assert span.key(first) == key


def test_months_begin_on_their_first_day_over_the_turn_of_a_year() -> None:
    assert Span.MONTHS.starts(date(2026, 1, 31))[-2:] == [date(2025, 12, 1), date(2026, 1, 1)]


def test_nothing_recorded_is_no_sum_and_a_recorded_zero_is_one() -> None:
    assert PeriodTotals((None, None)).whole is None
    assert PeriodTotals((None, 0)).whole == 0
    assert PeriodTotals((3, None, 4)).whole == 7


@pytest.mark.parametrize(("back", "is_silent"), [(0, False), (6, False), (7, True)])
def test_a_week_without_a_real_record_is_silence(back: int, is_silent: bool) -> None:
    told = PeriodTotals((1,), last_recorded=TODAY - timedelta(days=back))
    assert (told.silent_days(TODAY), told.is_silent(TODAY)) == (back, is_silent)


def test_a_station_with_samples_only_is_silent() -> None:
    told = PeriodTotals((5,), has_sample=True)
    assert (told.silent_days(TODAY), told.is_silent(TODAY)) == (None, True)
