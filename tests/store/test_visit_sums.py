"""Visits added up in the database: the same as the domain adds them up, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random

import pytest

from harbour_api.domain.periods import PeriodTotals, Span
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import DayTotal, Source, correction
from harbour_api.store.database import Database
from harbour_api.store.samples import SampleVisit
from harbour_api.store.visits import Visits
from tests.conftest import MONDAY_MORNING
from tests.store.test_visits import ENTRY, MONDAY, log

LEAVES_STATIONS_ALONE = True
AUDIENCES = (Audience.COURIER, Audience.ELDERLY)
STATIONS = ("ZS001", "ZS002", "ZS003")


@pytest.fixture
def visits(ground: Database) -> Iterator[Visits]:
    made = Visits(ground)
    yield made
    made.close()


def fill(visits: Visits, random: Random) -> None:
    """Log samples and real visits on 40 days, explicit zeros among them, and correct some, a few of them twice."""
    days = [MONDAY - timedelta(days=back) for back in range(40)]
    samples = [
        SampleVisit(station, day, random.choice(AUDIENCES), random.randint(0, 9))
        for station in STATIONS
        for day in days
        if random.random() < 0.5
    ]
    visits.plant_samples(samples, MONDAY_MORNING)
    for _ in range(60):
        day, station = random.choice(days), random.choice(STATIONS[:2])
        count = random.choice((0, 1, 4, 17))
        entry = log(visits, station=station, day=day, audience=random.choice(AUDIENCES), count=count)
        while random.random() < 0.4:
            again = correction(
                entry, random.randint(0, 5), "miscounted", source=Source.MANAGER, actor="desk", at=MONDAY_MORNING
            )
            entry = visits.log(again).result(10)


def by_hand(days: Mapping[str, list[DayTotal]], starts: list[date], audience: Audience | None) -> dict[str, object]:
    """Add up the domain's own days."""
    ends = [*starts[1:], date.max]
    told: dict[str, object] = {}
    for code, every in days.items():
        recorded = [day for day in every if day.total is not None]
        totals: list[int | None] = []
        for start, end in zip(starts, ends, strict=True):
            own = [day for day in recorded if start <= day.day < end]
            counts = [day.total if audience is None else day.by_audience.get(audience, 0) for day in own]
            totals.append(sum(counts) if own else None)  # type: ignore[arg-type]
        real = [day.day for day in recorded if not day.is_sample]
        told[code] = PeriodTotals(tuple(totals), any(day.is_sample for day in recorded), max(real, default=None))
    return told


@pytest.mark.parametrize("dice", [1, 2])
def test_the_database_and_the_domain_add_up_alike(visits: Visits, dice: int) -> None:
    fill(visits, Random(dice))
    for span in Span:
        starts = span.starts(MONDAY)
        days = visits.network_days(starts[0], MONDAY)
        for audience in (None, Audience.ELDERLY, Audience.LOST_CHILD):
            assert visits.period_totals(starts, MONDAY, audience) == by_hand(days, starts, audience), (span, audience)


def test_what_lies_outside_the_span_is_not_counted(visits: Visits) -> None:
    log(visits, day=MONDAY - timedelta(days=14))
    starts = Span.DAYS_14.starts(MONDAY)
    assert visits.period_totals(starts, MONDAY) == {}
    log(visits, day=starts[0], count=3)
    assert visits.period_totals(starts, MONDAY) == {ENTRY.station: PeriodTotals((3, *[None] * 13), False, starts[0])}
