"""Visits added up in the database: as the domain adds them up, entry by entry, and as anybody naively would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from harbour_api.domain.periods import PeriodTotals, Span
from harbour_api.domain.station import Audience
from harbour_api.domain.statistics import GroupBy, visit_statistics
from harbour_api.domain.tally import DayTotal, Entry, Source, correction, day_totals
from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.samples import SampleVisit
from harbour_api.store.visit_sums import read_days, read_period_totals
from harbour_api.store.visits import Visits
from harbour_api.store.writer import row_of
from tests.conftest import MONDAY_MORNING
from tests.domain.test_statistics import EDGES, KEYS, histories, naive
from tests.domain.test_statistics import STATIONS as MADE_UP
from tests.store.test_visits import ENTRY, MONDAY, log

LEAVES_STATIONS_ALONE = True
AUDIENCES = (Audience.COURIER, Audience.ELDERLY)
STATIONS = ("ZS001", "ZS002", "ZS003")
SOME = (None, Audience.COURIER, Audience.LOST_CHILD)


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


def by_the_domain(entries: Sequence[Entry], first: date, last: date) -> dict[str, list[DayTotal]]:
    """Every day of each station that recorded anything in the span."""
    within = [entry for entry in entries if first <= entry.day <= last]
    return {
        code: day_totals([entry for entry in within if entry.station == code], first, last)
        for code in {entry.station for entry in within}
    }


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
        entries = [entry for code in STATIONS for entry in visits.entries(code, starts[0], MONDAY)]
        days = by_the_domain(entries, starts[0], MONDAY)
        assert visits.network_days(starts[0], MONDAY) == days
        for audience in (None, Audience.ELDERLY, Audience.LOST_CHILD):
            assert visits.period_totals(starts, MONDAY, audience) == by_hand(days, starts, audience), (span, audience)


def test_what_lies_outside_the_span_is_not_counted(visits: Visits) -> None:
    log(visits, day=MONDAY - timedelta(days=14))
    starts = Span.DAYS_14.starts(MONDAY)
    assert visits.period_totals(starts, MONDAY) == {}
    log(visits, day=starts[0], count=3)
    assert visits.period_totals(starts, MONDAY) == {ENTRY.station: PeriodTotals((3, *[None] * 13), False, starts[0])}


@given(
    entries=histories(),
    group_by=st.sampled_from(list(KEYS)),
    edge=st.sampled_from(EDGES),
    lengths=st.tuples(st.integers(1, 3), st.integers(0, 3)),
    include_sample=st.booleans(),
)
@settings(
    derandomize=True, deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sums_of_the_database_are_what_a_naive_recomputation_from_the_raw_entries_gives(
    module_ground: Database,
    entries: list[Entry],
    group_by: GroupBy,
    edge: date,
    lengths: tuple[int, int],
    include_sample: bool,
) -> None:
    first, last = edge - timedelta(days=lengths[0]), edge + timedelta(days=lengths[1])
    starts = [first, edge]
    with module_ground.engine.connect() as connection:  # never committed: the next history finds nothing of it
        if entries:
            connection.execute(insert(tables.visits), [row_of(entry) | {"id": entry.id} for entry in entries])
        days = read_days(connection, first, last, [one.code for one in MADE_UP])
        periods = {audience: read_period_totals(connection, starts, last, audience) for audience in SOME}
    groups = visit_statistics(MADE_UP, days, (first, last), group_by, today=edge, include_sample=include_sample)

    told = {group.key: (group.total, group.n_reporting, group.n_expected, group.n_sample) for group in groups}
    assert told == naive(entries, (first, last), edge, include_sample, KEYS[group_by])
    assert days == by_the_domain(entries, first, last)
    assert periods == {audience: by_hand(days, starts, audience) for audience in SOME}
