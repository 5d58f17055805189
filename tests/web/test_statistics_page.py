"""The statistics page: its first sentence, its charts and its tables, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from tests.web.conftest import FOREIGN, Front
from tests.web.recorded import record

PAGE = "/manage/statistics"


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """One engine will do here: both are asked for the same figures by the API's tests."""
    for front in fronts("sqlite"):
        record(front)
        yield front


def page(front: Front, query: str, status: int = 200) -> str:
    answer = front.open(f"{PAGE}?{query}", headers=front.administrator)
    assert answer.status_code == status, answer.text
    assert "no-store" in answer.headers["cache-control"]
    found: str = answer.text
    return found


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-11-20&to=2026-11-20", "2 of 64 reported; 7 is a floor."),
        ("from=2026-11-19&to=2026-11-20", "2 of 128 station-days reported; 7 is a floor."),
        ("from=2026-11-19&to=2026-11-20&group_by=audience", "2 of 128 station-days reported; 7 is a floor."),
        ("from=2026-11-19&to=2026-11-19", "None of 64 stations reported; the number of visits is not known"),
        ("from=2026-11-18&to=2026-11-19", "None of 128 station-days reported; the number of visits is not known"),
        ("from=2026-10-31&to=2026-10-31", "Complete: 1 of 1 station-days reported, 5 visits."),
        ("from=2026-11-21&to=2026-11-21", "No station should have been open in this span"),
    ],
)
def test_the_page_begins_with_how_much_is_known(front: Front, query: str, sentence: str) -> None:
    assert sentence in page(front, f"{query}&lang=en")


def test_the_page_says_the_same_in_chinese(front: Front) -> None:
    assert "64 个站点中 2 个有记录；7 人次只是下限。" in page(front, "from=2026-11-20&to=2026-11-20")


def test_samples_are_left_out_of_the_page_in_words_and_striped_where_wanted(front: Front) -> None:
    without = page(front, "from=2026-11-16&to=2026-11-22&lang=en")
    assert "Station-days with sample visits only, not counted: 1." in without
    assert 'fill="url(#stripes)"' not in without

    striped = page(front, "from=2026-11-16&to=2026-11-22&lang=en&include_sample=true")
    assert "Station-days with sample visits only: 1, with 8 visits, striped in the chart." in striped
    assert 'fill="url(#stripes)"' in striped


@pytest.mark.parametrize("group_by", ["day", "week", "month", "weekday", "station", "town", "audience", "network"])
def test_every_grouping_has_its_table_with_a_chart(front: Front, group_by: str) -> None:
    shown = page(front, f"from=2025-11-23&to=2026-11-22&group_by={group_by}")
    table = shown[shown.index("<tbody>") : shown.index("</tbody>")]

    n = {"day": 365, "week": 53, "month": 13, "weekday": 7, "station": 64, "town": 23, "audience": 13, "network": 1}
    assert table.count("<tr>") == n[group_by]
    assert ('class="columns"' in shown) == (group_by in ("day", "week", "month"))
    assert table.count('class="row-bar"') == (0 if group_by in ("day", "week", "month") else n[group_by])
    assert not re.search(r"<[^>]+ style=", shown)


def test_visits_that_nobody_told_apart_by_audience_are_not_called_the_publics(front: Front) -> None:
    shown = page(front, "from=2026-11-19&to=2026-11-20&group_by=audience&lang=en")
    assert "Other members of the public, or not told apart" in shown


def test_a_span_that_cannot_be_is_asked_for_again_on_the_form(front: Front) -> None:
    shown = page(front, "from=2026-11-22&to=2026-11-20", status=400)
    assert "开始不能晚于结束" in shown
    assert '<form action="/manage/statistics"' in shown
    assert page(front, "from=&to=&town=&group_by=")


def test_the_page_shows_a_manager_own_stations_and_a_stranger_the_log_in(front: Front) -> None:
    own = front.open(f"{PAGE}?group_by=station", headers=front.manager).text
    assert own.count('<th scope="row">') == 1
    assert front.house.registry.network.station(FOREIGN).name not in own
    assert front.open(PAGE).status_code == 401
