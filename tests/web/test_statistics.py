"""Statistics through the API: equal to the raw entries, and of one's own stations only."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from harbour_api.domain.tally import Source
from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.recorded import record

API = "/api/v1/statistics/visits"
FRIDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 22)


@pytest.fixture(scope="module", autouse=True)
def recorded(shared: Front) -> None:
    record(shared)


def groups(front: Front, query: str = "", who: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    answer = front.open(f"{API}?from=2026-10-30&to=2026-11-22{query}", headers=who or front.administrator)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return {group["key"]: group for group in answer.json()["groups"]}


def test_totals_equal_what_the_raw_entries_come_to(front: Front) -> None:
    told = groups(front, "&group_by=station")

    assert len(told) == 64
    for code in (OWN, FOREIGN, "ZS003", "ZS004"):
        entries = front.house.visits.entries(code, date(2026, 10, 30), SUNDAY)
        corrected = {one.corrects for one in entries}
        counts = [one.count for one in entries if one.source is not Source.SAMPLE and one.id not in corrected]
        assert told[code]["total"] == (sum(counts) if counts else None)
    assert (told["ZS003"]["n_reporting"], told["ZS003"]["n_sample"]) == (0, 1)


def test_a_visit_a_minute_past_midnight_is_the_next_months(front: Front) -> None:
    told = groups(front, "&group_by=month")
    assert {key: group["total"] for key, group in told.items()} == {"2026-10": 5, "2026-11": 13}


def test_a_day_says_how_many_of_its_stations_reported(front: Front) -> None:
    day = groups(front, "&group_by=day")[FRIDAY.isoformat()]
    assert day == {
        "key": "2026-11-20", "total": 7, "n_reporting": 2, "n_expected": 64, "n_sample": 1,
        "mean_per_reported_day": 3.5,
    }  # fmt: skip


def test_samples_count_only_where_they_are_asked_for(front: Front) -> None:
    assert groups(front)["network"]["total"] == 18
    assert groups(front, "&include_sample=true")["network"]["total"] == 26


def test_a_manager_sees_own_stations_only(front: Front) -> None:
    told = groups(front, "&group_by=station", front.manager)
    assert {key: group["total"] for key, group in told.items()} == {OWN: 18}
    assert front.open(f"{API}?station={FOREIGN}", headers=front.manager).status_code == 403


def test_a_station_or_a_town_narrows_it(front: Front) -> None:
    town = front.house.registry.network.station(OWN).town
    assert groups(front, f"&station={OWN}&group_by=audience")["taxi_driver"]["total"] == 3
    assert list(groups(front, f"&town={town}&group_by=town")) == [town]


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11-02&to=2026-11-01", "from=2025-11-22&to=2026-11-23", "group_by=year", "station=ZS999", "town=0",
        "include_sample=perhaps", "form=2026-11-01", "group_by=day&group_by=week",
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(front: Front, query: str) -> None:
    answer = front.open(f"{API}?{query}", headers=front.administrator)
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_a_whole_leap_year_may_be_asked_for(front: Front) -> None:
    answer = front.open(f"{API}?from=2028-01-01&to=2028-12-31&group_by=day", headers=front.manager)
    assert [group["n_expected"] for group in answer.json()["groups"]] == [0] * 366


def test_a_stranger_learns_no_figure(front: Front) -> None:
    assert front.open(API).status_code == 401
