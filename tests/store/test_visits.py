"""Visits: what was never recorded is not zero, samples give way to what is real, and both ways of adding up agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from harbour_api.domain.problems import Conflict
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import DayTotal, Entry, Source, Statement
from harbour_api.store.database import Database
from harbour_api.store.samples import SampleVisit, sample_visits
from harbour_api.store.visit_sums import MOST_NAMED
from harbour_api.store.visits import Visits
from tests.conftest import MONDAY_MORNING

LEAVES_STATIONS_ALONE = True
MONDAY = date(2026, 11, 23)
SUNDAY = MONDAY - timedelta(days=1)
ENTRY = Entry(
    station="ZS001",
    day=MONDAY,
    audience=Audience.COURIER,
    count=4,
    occurred_at=MONDAY_MORNING,
    recorded_at=MONDAY_MORNING,
    source=Source.MANAGER,
    actor="desk",
)
SAMPLES = [
    SampleVisit("ZS001", SUNDAY, Audience.ELDERLY, 7),
    SampleVisit("ZS001", SUNDAY, Audience.COURIER, 1),
    SampleVisit("ZS002", SUNDAY, Audience.PUBLIC, 3),
]


@pytest.fixture
def visits(ground: Database) -> Iterator[Visits]:
    made = Visits(ground)
    yield made
    made.close()


def log(visits: Visits, **facts: object) -> Entry:
    return visits.log(replace(ENTRY, **facts)).result(10)  # type: ignore[arg-type]


def test_a_day_without_an_entry_is_missing_and_every_day_is_listed(visits: Visits) -> None:
    log(visits)
    found = visits.days("ZS001", MONDAY - timedelta(days=2), MONDAY + timedelta(days=1))
    assert [(day.day.day, day.total, day.recorded) for day in found] == [
        (21, None, False),
        (22, None, False),
        (23, 4, True),
        (24, None, False),
    ]


def test_a_zero_that_was_stated_is_a_zero(visits: Visits) -> None:
    first = log(visits)
    log(visits, count=0, corrects=first.id, reason="counted twice")
    assert visits.days("ZS001", MONDAY, MONDAY) == [DayTotal(MONDAY, 0, {Audience.COURIER: 0})]


def test_a_correction_counts_instead_of_what_it_corrects_and_both_stay(visits: Visits) -> None:
    first = log(visits, count=40)
    log(visits, count=5)
    log(visits, count=7, corrects=first.id, reason="typing error")
    log(visits, count=6, corrects=first.id, reason="counted again")
    assert visits.days("ZS001", MONDAY, MONDAY)[0].total == 11
    assert [entry.count for entry in visits.entries("ZS001", MONDAY, MONDAY)] == [40, 5, 7, 6]


def test_a_real_entry_retires_the_samples_of_its_stations_day_only(visits: Visits) -> None:
    visits.plant_samples(SAMPLES, MONDAY_MORNING)
    assert visits.days("ZS001", SUNDAY, SUNDAY) == [
        DayTotal(SUNDAY, 8, {Audience.ELDERLY: 7, Audience.COURIER: 1}, is_sample=True)
    ]

    log(visits, day=SUNDAY, count=2)

    assert visits.days("ZS001", SUNDAY, SUNDAY) == [DayTotal(SUNDAY, 2, {Audience.COURIER: 2})]
    assert visits.days("ZS002", SUNDAY, SUNDAY)[0].is_sample


def test_samples_are_planted_once_and_never_beside_real_entries(visits: Visits) -> None:
    assert visits.plant_samples(SAMPLES, MONDAY_MORNING) == 3
    assert visits.plant_samples(SAMPLES, MONDAY_MORNING) == 0
    visits.forget_samples()
    log(visits)
    assert visits.plant_samples(SAMPLES, MONDAY_MORNING) == 0


def test_forgetting_the_samples_leaves_what_is_real(visits: Visits) -> None:
    visits.plant_samples(SAMPLES, MONDAY_MORNING)
    log(visits)
    assert visits.forget_samples() == 3
    assert visits.forget_samples() == 0
    assert visits.network_days(SUNDAY, MONDAY).keys() == {"ZS001"}
    assert visits.days("ZS001", MONDAY, MONDAY)[0].total == 4


def test_who_states_a_day_by_what_they_saw_does_not_overwrite_what_came_in_since(visits: Visits) -> None:
    log(visits)
    said = Statement("ZS001", MONDAY, 9, None, "recounted", Source.MANAGER, "desk", MONDAY_MORNING, was=None)
    with pytest.raises(Conflict):
        visits.state(said)
    assert visits.days("ZS001", MONDAY, MONDAY)[0].total == 4
    assert visits.state(replace(said, was=4)).total == 9
    assert visits.state(replace(said, was=4)).total == 9, "the same once more changes nothing"


def test_the_networks_days_are_each_stations_days(visits: Visits) -> None:
    codes = [f"ZS{number:03}" for number in range(1, 65)]
    visits.plant_samples(sample_visits(codes, SUNDAY, 20), MONDAY_MORNING)
    first = log(visits)
    log(visits, station="ZS002", day=SUNDAY, audience=Audience.PUBLIC, count=1000)
    log(visits, count=0, corrects=first.id, reason="typing error")

    together = visits.network_days(SUNDAY - timedelta(days=10), MONDAY)

    assert len(together) > 50
    for code, days in together.items():
        assert days == visits.days(code, SUNDAY - timedelta(days=10), MONDAY)
    for few in ({"ZS001", "ZS002"}, set()):
        assert visits.network_days(SUNDAY - timedelta(days=10), MONDAY, few) == {code: together[code] for code in few}
    many = {"ZS001", *(f"none-{n}" for n in range(MOST_NAMED))}
    assert visits.network_days(SUNDAY - timedelta(days=10), MONDAY, many).keys() == {"ZS001"}
    silent = set(codes) - together.keys()
    assert all(day.total is None for code in silent for day in visits.days(code, SUNDAY - timedelta(days=10), MONDAY))


def test_large_counts_add_up_without_a_bound(visits: Visits) -> None:
    for future in [visits.log(replace(ENTRY, count=1000)) for _ in range(300)]:
        future.result(10)
    assert visits.days("ZS001", MONDAY, MONDAY)[0].total == 300_000
