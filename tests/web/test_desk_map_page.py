"""The managers' map as a page: its choices, its table and its lists, for whoever may see them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from harbour_api.domain.report import ReportKind, ReportState
from harbour_api.domain.station import Basis, OfferingState, Status
from harbour_api.store.facts import By
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.recorded import record

PAGE = "/manage/map"


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """One engine will do here: `store` holds both to the same sums."""
    for front in fronts("sqlite"):
        record(front)
        yield front


def page(front: Front, query: str = "", status: int = 200, headers: dict[str, str] | None = None) -> str:
    answer = front.open(f"{PAGE}?{query}", headers=headers or front.administrator)
    assert answer.status_code == status, answer.text
    assert "no-store" in answer.headers["cache-control"] or status != 200
    found: str = answer.text
    return found


def figures(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(re.search(r'id="map-figures">(.*?)</script>', text)[1])  # type: ignore[index]
    return found


def listed(text: str) -> list[int]:
    return [int(index) for index in re.findall(r'<tr id="r(\d+)"', text)]


@pytest.mark.parametrize(
    ("query", "own"),
    [
        ("", [*[None] * 7, 11, None, None, 7, None]),
        ("audience=taxi_driver", [*[None] * 7, 0, None, None, 3, None]),
        ("span=12months", [*[None] * 10, 5, 13]),
        ("span=14days", [*[None] * 10, 7, None, None, None]),
        ("span=28days", [*[None] * 4, 5, 6, *[None] * 18, 7, None, None, None]),
    ],
)
def test_time_and_audience_can_be_chosen(front: Front, query: str, own: list[int | None]) -> None:
    assert figures(page(front, query))["station"]["counts"][0] == own


def test_a_recorded_zero_and_nothing_recorded_stay_apart(front: Front) -> None:
    counts = figures(page(front))["station"]["counts"]
    assert counts[1][-2] == 0
    assert counts[3] == [None] * 12


def test_the_table_is_sorted_by_links_alone(front: Front) -> None:
    assert listed(page(front))[:3] == [0, 2, 1], "the most visits first, a zero before nothing"
    ascending = listed(page(front, "sort=total"))
    assert ascending[-1] == listed(page(front))[0]
    text = page(front, "sort=-town&span=12months&audience=taxi_driver")
    towns = [front.house.registry.network.stations[index].town for index in listed(text)]
    assert towns == sorted(towns, reverse=True)
    assert "/manage/map?span=12months&amp;audience=taxi_driver&amp;sort=town#map-list" in text


@pytest.mark.parametrize(
    "query",
    [
        *("sort=size", "span=3years", "audience=cats", "page=0", "page=x", "q=a%0Ab", "x=1", "by=street"),
        *("at=2026-W35", "at=2026-W49", "at=2026-11", "at=whole%20span", "span=14days&at=2026-W47", "at=<b>"),
    ],
)
def test_what_the_page_does_not_know_is_refused(front: Front, query: str) -> None:
    page(front, query, status=400)


def now(text: str) -> list[str]:
    return re.findall(r'<td class="map-number map-now">([^<]*)<', text.split("</table>", maxsplit=1)[0])


def said(text: str) -> str:
    found: str = re.search(r'role="status">(.*?)</p>', text)[1]  # type: ignore[index]
    return found


def circles(text: str) -> list[str]:
    return re.findall(r"<title>([^<]*) · ", text.split('class="map-still"')[1].split("map-legend", maxsplit=1)[0])


@pytest.mark.parametrize(
    ("query", "sentence", "most"),
    [
        ("", "11-16 – 11-22: visits 15; stations recorded 3, silent 61.", "8"),
        ("at=2026-W44", "10-26 – 11-01: visits 11; stations recorded 1, silent 63.", "11"),
        ("at=2026-W48", "11-23 – 11-29 (so far): visits 0; stations recorded 0, silent 64.", "—"),
        ("at=whole", "Whole span: visits 26; stations recorded 3, silent 61.", "18"),
        ("span=14days&at=2026-11-20", "11-20: visits 15; stations recorded 3, silent 61.", "8"),
        ("span=12months&at=2026-10", "2026-10: visits 5; stations recorded 1, silent 63.", "5"),
        ("audience=taxi_driver&at=2026-W47", "11-16 – 11-22: visits 3; stations recorded 3, silent 61.", "3"),
    ],
)
def test_a_period_is_shown_without_script(front: Front, query: str, sentence: str, most: str) -> None:
    text = page(front, f"{query}&lang=en&sort=-now")
    assert said(text) == sentence
    assert now(text)[0] == most
    assert "Includes sample data" in text
    assert len(circles(text)) == 64


def test_the_latest_recorded_period_is_shown_where_the_address_names_none(front: Front) -> None:
    text = page(front)
    assert re.findall(r'<option value="([^"]*)" selected>', text) == ["2026-W47", "station"]
    assert said(text) == said(page(front, "at=2026-W47"))


@pytest.mark.parametrize(
    ("at", "earlier", "later"),
    [
        ("2026-W37", "没有更早的时段", "at=2026-W38"),
        ("2026-W40", "at=2026-W39", "at=2026-W41"),
        ("2026-W48", "at=2026-W47", "没有更晚的时段"),
    ],
)
def test_links_lead_to_the_period_before_and_after_and_say_where_they_end(
    front: Front, at: str, earlier: str, later: str
) -> None:
    steps = page(front, f"at={at}&by=town").split('class="map-steps', 1)[1].split("</nav>")[0]
    assert steps.index(earlier) < steps.index(later)
    assert ("没有更早的时段" in steps, "没有更晚的时段" in steps) == (at == "2026-W37", at == "2026-W48")
    assert steps.count("by=town") == steps.count("<a ")


def test_the_tables_links_keep_the_period_and_those_to_another_span_leave_it(front: Front) -> None:
    text = page(front, "at=2026-W44&by=town&lang=en")
    orders = re.findall(r'href="([^"]*)#map-list" data-sort', text)
    spans = re.findall(r'class="map-span" href="([^"]*)"', text)
    assert (len(orders), len(spans)) == (7, 4)
    assert all("at=2026-W44&amp;by=town" in link for link in orders)
    assert all("at=" not in link and "by=town" in link for link in spans)
    assert 'href="?at=2026-W44&amp;by=town&amp;lang=zh"' in text


def test_the_whole_span_has_classes_of_its_own_and_no_neighbours(front: Front) -> None:
    text = page(front, "at=whole&lang=en")
    assert 'data-scale="station-whole">' in text
    assert 'data-scale="station" hidden>' in text
    assert "map-steps" not in text
    assert figures(text)["whole"]["station"]["counts"][0] == [18]
    assert "2026-09-07 – 2026-11-23" in text


def test_towns_are_drawn_and_told_without_script(front: Front) -> None:
    text = page(front, "by=town&lang=en")
    assert len(circles(text)) == len(figures(text)["towns"])
    rows = re.findall(r'data-kind="town".*?map-now">([^<]*)<.*?map-known">(\d+)</span> / (\d+)', text)
    assert sum(int(count) for count, _, _ in rows if count != "—") == 15
    assert (sum(int(k) for _, k, _ in rows), sum(int(n) for _, _, n in rows)) == (3, 64)


def test_a_manager_is_shown_own_stations_only_without_script_too(front: Front) -> None:
    text = page(front, "at=whole&lang=en", headers=front.manager)
    assert said(text) == "Whole span: visits 18; stations recorded 1, silent 0."
    assert len(circles(text)) == 1


def test_a_search_narrows_the_table_and_not_the_map(front: Front) -> None:
    text = page(front, "q=ZS002&lang=en")
    assert listed(text) == [1]
    assert len(figures(text)["names"]) == 64


def test_silence_counts_from_the_last_real_record(front: Front) -> None:
    text = page(front, "lang=en")
    silent = re.search(r"Stations silent for a week <b>(\d+)</b>", text)
    assert silent is not None
    assert int(silent[1]) == 62, "two recorded on Friday; a sample is no record"
    assert "only sample data" in text
    assert '<td class="map-number">8<small>Samples</small></td>' in text
    assert '<span class="map-alarm">&gt;14</span>' in page(front, "span=14days")
    assert "nothing recorded in this time" in text


def test_an_outage_says_since_when_as_far_as_anybody_knows(own_sqlite: Front) -> None:
    facts, by = own_sqlite.house.facts, By("desk")
    for state, days in ((OfferingState.YES, 9), (OfferingState.OUT_OF_ORDER, 5)):
        own_sqlite.at(MONDAY_MORNING - timedelta(days=days))
        facts.set_offering(OWN, "wifi", state, None, None, by)
    station = own_sqlite.house.registry.network.station(OWN)
    amenities = [one.code for one in own_sqlite.house.registry.network.amenities.values()]
    unheard_of = next(code for code in amenities if station.offers(code) is OfferingState.UNKNOWN)
    facts.set_offering(OWN, unheard_of, OfferingState.OUT_OF_ORDER, None, None, by)
    own_sqlite.at(MONDAY_MORNING)
    text = page(own_sqlite, "lang=en")
    assert "Out of order <b>2</b>" in text
    assert "since 2026-11-18, 5 days" in text
    assert "seen out of order on 2026-11-18; before that not known" in text


def test_reports_are_counted_by_station_and_the_time_to_fix_is_told(own_sqlite: Front) -> None:
    reports = own_sqlite.house.reports
    for station in (OWN, FOREIGN):
        reports.file(station, ReportKind.CLOSED, None, MONDAY_MORNING, address="a")
    assert "time to fix not known" in page(own_sqlite, "lang=en")
    fixed = reports.file(FOREIGN, ReportKind.WRONG_INFO, None, MONDAY_MORNING, address="a")
    reports.move(fixed, ReportState.DONE, actor="chief", now=MONDAY_MORNING + timedelta(hours=30))
    text = page(own_sqlite, "lang=en")
    assert "Reports waiting <b>2</b>" in text
    assert "Median time to fix: 30.0 hours (of 1)." in text
    assert figures(text)["reports"][:3] == [1, 1, 0]
    own = page(own_sqlite, "lang=en", headers=own_sqlite.manager)
    assert "Reports waiting <b>1</b>" in own
    assert "time to fix not known" in own


def test_the_script_holds_places_and_no_visit(front: Front) -> None:
    script = front.open(f"{PAGE}.js", headers=front.administrator).text
    assert script.count('"Point"') > 64
    assert "isits(" not in script
    own = front.open(f"{PAGE}.js", headers=front.manager).text
    assert own.count('"Point"') == 2, "the own station and its town"


def test_the_page_stands_without_a_station(own_sqlite: Front) -> None:
    own_sqlite.house.accounts.add_manager("nobody", "a long enough password")
    token = own_sqlite.house.accounts.log_in("nobody", "a long enough password", address="test").token
    headers = {"authorization": f"Bearer {token}"}
    text = page(own_sqlite, "lang=en", headers=headers)
    assert "You have no station yet" in text
    assert figures(text)["station"]["counts"] == []
    assert own_sqlite.open(f"{PAGE}.js", headers=headers).status_code == 200
    assert "out of order" not in text.split("<table")[0].lower()


def test_a_station_out_of_service_is_not_on_the_map(own_sqlite: Front) -> None:
    suspended = {"status": Status.SUSPENDED}
    change = own_sqlite.house.registry.change_station
    change(OWN, suspended, expected=None, basis=Basis.VERIFIED, actor="chief")
    assert len(figures(page(own_sqlite))["names"]) == 63


@pytest.fixture
def own_sqlite(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")
