"""The notice: put up by an administrator, shown to everybody while it holds, and kept in the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from harbour_api.domain.problems import Unavailable
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import Front

API = "/api/v1/notice"
PAGE = "/manage/notice"
OWN_PAGE = {"sec-fetch-site": "same-origin"}
SAID = {"text": "高温：各站点备有凉茶 <b>", "text_en": "Heat: cool tea at every station <b>"}
NOTICE = {"kind": "heat", "from": "2026-11-23T09:00:00+08:00", "to": "2026-11-25T18:00:00+08:00", **SAID}
FORM = {**NOTICE, "from": "2026-11-23T09:00", "to": "2026-11-25T18:00"}
BANNER = '<aside class="notice"'


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """One engine will do here: what is kept is tested on both, where it is stored."""
    yield from fronts("sqlite")


@pytest.fixture
def up(front: Front) -> Iterator[Front]:
    """A service with the notice up."""
    answer = front.client.put(API, json=NOTICE, headers=front.administrator)
    assert (answer.status_code, answer.json()) == (200, NOTICE)
    yield front
    front.client.delete(API, headers=front.administrator)


def test_without_a_notice_there_is_none(front: Front) -> None:
    assert front.open(API, headers=front.manager).status_code == 404
    assert BANNER not in front.open("/").text


def test_it_stands_above_every_public_page_in_the_pages_language(up: Front) -> None:
    for path in ("/", "/map", "/stations/ZS001", "/coverage", "/about", "/docs", "/login"):
        chinese, english = up.open(path), up.open(f"{path}?lang=en")
        assert f'{BANNER} aria-label="通知"><p role="status"><b>高温</b> 高温：各站点备有凉茶 &lt;b&gt;' in chinese.text
        assert "<b>Heat</b> Heat: cool tea at every station &lt;b&gt;" in english.text
        assert chinese.headers["cache-control"] in ("no-cache", "private, no-store"), "nobody may keep it past its end"


def test_it_is_on_no_door_sign_no_embedded_map_and_no_desk(up: Front) -> None:
    for path in ("/stations/ZS001/poster", "/posters", "/embed", "/manage/statistics"):
        answer = up.open(path, headers=up.administrator)
        assert answer.status_code == 200
        assert BANNER not in answer.text


def test_it_comes_and_goes_by_the_clock_alone(up: Front) -> None:
    for moment, is_shown in (
        (MONDAY_MORNING - timedelta(hours=1, seconds=1), False),
        (MONDAY_MORNING - timedelta(hours=1), True),
        (MONDAY_MORNING + timedelta(days=2, hours=7, minutes=59), True),
        (MONDAY_MORNING + timedelta(days=2, hours=8), False),
    ):
        up.at(moment)
        assert (BANNER in up.open("/").text) == is_shown


def test_a_page_asks_nothing_of_the_database_for_it(up: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise Unavailable("away", retry_after_s=1)

    monkeypatch.setattr(up.house.database, "read", away)
    assert BANNER in up.open("/").text


def test_a_manager_may_read_it_and_only_an_administrator_change_it(up: Front) -> None:
    assert up.open(API).status_code == 401
    assert up.open(API, headers=up.manager).json() == NOTICE
    for method in ("PUT", "DELETE"):
        assert up.client.request(method, API, json=NOTICE, headers=up.manager).status_code == 403
    for path in (PAGE, f"{PAGE}/end"):
        assert up.client.post(path, data=FORM, headers={**up.manager, **OWN_PAGE}).status_code == 403
    assert up.open(API, headers=up.manager).json() == NOTICE


def test_taken_down_it_is_gone_and_taking_down_twice_is_no_fault(up: Front) -> None:
    for _ in range(2):
        assert up.client.delete(API, headers=up.administrator).status_code == 204
    assert BANNER not in up.open("/").text


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "snow"}, "/kind"),
        ({"to": NOTICE["from"]}, "/to"),
        ({"from": "2026-11-23"}, "/from"),
        ({"text": " "}, "/text"),
        ({"text_en": "a\nb"}, "/text_en"),
        ({"text": "长" * 201}, "/text"),
        ({"html": "<b>"}, "/html"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_put_up(front: Front, change: dict[str, str], pointer: str) -> None:
    answer = front.client.put(API, json={**NOTICE, **change}, headers=front.administrator)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    assert front.open(API, headers=front.manager).status_code == 404


def test_an_administrator_puts_it_up_and_takes_it_down_by_the_page(front: Front) -> None:
    headers = {**front.administrator, **OWN_PAGE}
    answer = front.client.post(f"{PAGE}?lang=en", data=FORM, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=up&lang=en")
    shown = front.open(f"{PAGE}?done=up&lang=en", headers=headers).text
    assert "The notice is up." in shown
    assert "Being shown" in shown
    assert front.open(API, headers=headers).json() == NOTICE

    for first, last, state in (
        ("2026-11-01T00:00", "2026-11-02T00:00", "已经结束"),
        ("2027-01-01T00:00", "2027-02-01T00:00", "还没有开始"),
    ):
        front.client.post(PAGE, data={**FORM, "from": first, "to": last}, headers=headers)
        assert state in front.open(PAGE, headers=headers).text
    front.client.post(f"{PAGE}/end", headers=headers)
    assert "现在没有通知。" in front.open(PAGE, headers=headers).text


def test_a_form_refused_comes_back_as_it_was_filled_in(front: Front) -> None:
    headers = {**front.administrator, **OWN_PAGE}
    answer = front.client.post(PAGE, data={**FORM, "to": "2026-11-22T18:00"}, headers=headers)
    assert answer.status_code == 400
    assert "结束要晚于开始" in answer.text
    assert 'value="Heat: cool tea at every station &lt;b&gt;"' in answer.text
    assert "各一行" in front.client.post(PAGE, data={**FORM, "text": ""}, headers=headers).text
    assert front.open(API, headers=front.manager).status_code == 404
