"""Sample days look like a network's days, are the same every time, and keep to the one published figure."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from harbour_api.domain.station import Audience
from harbour_api.store.samples import SampleVisit, sample_visits

CODES = [f"ZS{n:03}" for n in range(1, 65)]
LAST_DAY = date(2026, 3, 1)


@pytest.fixture(scope="module")
def visits() -> list[SampleVisit]:
    return list(sample_visits(CODES, LAST_DAY))


def totals(visits: list[SampleVisit], of: str) -> Counter[object]:
    sums: Counter[object] = Counter()
    for visit in visits:
        sums[getattr(visit, of)] += visit.count
    return sums


@pytest.mark.parametrize("days", [7, 30, 120, 365])
def test_the_network_has_133_visits_a_day_on_average(days: int) -> None:
    visits = list(sample_visits(CODES, LAST_DAY, days))

    assert sum(visit.count for visit in visits) / days == pytest.approx(133.0, abs=0.5)


def test_the_same_arguments_give_the_same_visits(visits: list[SampleVisit]) -> None:
    assert list(sample_visits(CODES, LAST_DAY)) == visits


def test_the_days_end_with_the_last_day_and_none_is_left_out(visits: list[SampleVisit]) -> None:
    days = sorted({visit.day for visit in visits})

    assert days == [LAST_DAY - timedelta(days=back) for back in reversed(range(120))]


def test_no_line_counts_nothing_and_none_comes_twice(visits: list[SampleVisit]) -> None:
    assert min(visit.count for visit in visits) >= 1
    assert len({(visit.station, visit.day, visit.audience) for visit in visits}) == len(visits)


def test_weekends_are_quieter_and_most_stations_silent(visits: list[SampleVisit]) -> None:
    by_day = totals(visits, "day")
    reporting = Counter(day for _, day in {(visit.station, visit.day) for visit in visits})
    weekends = {day for day in reporting if day.weekday() >= 5}

    assert max(by_day[day] for day in weekends) < min(by_day[day] for day in reporting.keys() - weekends)
    assert max(reporting[day] for day in weekends) < len(CODES) / 2


def test_a_handful_of_working_days_is_missing(visits: list[SampleVisit]) -> None:
    reported = {(visit.station, visit.day) for visit in visits if visit.day.weekday() < 5}
    expected = len(CODES) * len({day for _, day in reported})

    assert 3 <= expected - len(reported) <= 25


def test_stations_differ_in_size_and_none_is_forgotten(visits: list[SampleVisit]) -> None:
    sizes = totals(visits, "station")

    assert set(sizes) == set(CODES)
    assert max(sizes.values()) > 3 * min(sizes.values())


def test_sanitation_workers_and_couriers_are_the_most(visits: list[SampleVisit]) -> None:
    by_audience = totals(visits, "audience")

    first, second = by_audience.most_common(2)
    assert (first[0], second[0]) == (Audience.SANITATION_WORKER, Audience.COURIER)
    assert first[1] + second[1] > by_audience.total() / 2


def test_a_network_larger_than_its_visits_shares_them_among_all_its_stations() -> None:
    codes = [f"ZS{n:03}" for n in range(400)]

    stations = {visit.station for visit in sample_visits(codes, LAST_DAY)}

    assert len(stations) > 390


@pytest.mark.parametrize(("codes", "days"), [([], 120), (CODES, 0)])
def test_no_stations_or_no_days_have_no_visits(codes: list[str], days: int) -> None:
    assert list(sample_visits(codes, LAST_DAY, days)) == []
