"""The tally pad as pages: at a link without a log-in, at a station's desk with one, and without any script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from tests.web.conftest import FOREIGN, OWN, Front

TODAY = date(2026, 11, 23)
DESK = f"/manage/stations/{OWN}"
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """One application on SQLite: what the pad writes goes through the door that is tested on both engines."""
    yield from fronts("sqlite")


@pytest.fixture
def link(front: Front) -> tuple[int, str]:
    made, secret = front.house.tally_links.make(OWN, actor="desk", now=front.house.now())
    return made.id, f"/t/{secret}"


def today(front: Front) -> int:
    [day] = front.house.visits.days(OWN, TODAY, TODAY)
    return day.total or 0


def form_of(page: str) -> dict[str, str]:
    [key] = re.findall(r'name="key" value="([0-9a-f-]{36})"', page)
    return {"audience": "courier", "key": key}


def send(front: Front, path: str, form: dict[str, str], **headers: str) -> Any:
    return front.client.post(path, data=form, headers={**OURS, **headers})


def test_a_link_opens_on_the_counter_with_todays_total_and_no_log_in(front: Front, link: tuple[int, str]) -> None:
    page = front.open(link[1])

    assert page.status_code == 200
    assert f'<output id="pad-total">{today(front)}</output>' in page.text
    assert len(re.findall(r'<button name="audience"', page.text)) == 13
    assert "站点管理员登录" not in page.text


def test_without_a_script_each_button_counts_one_and_the_same_form_counts_once(
    front: Front, link: tuple[int, str]
) -> None:
    before, form = today(front), form_of(front.open(link[1]).text)
    first, again = send(front, link[1], form), send(front, link[1], form)

    assert (first.status_code, again.status_code) == (303, 303)
    assert "已记上一位" in front.open(first.headers["location"]).text
    assert today(front) == before + 1
    [*_, entry] = front.house.visits.entries(OWN, TODAY, TODAY)
    assert (entry.audience, entry.count, entry.source, entry.actor) == ("courier", 1, "tally", f"tally:{link[0]}")


@pytest.mark.parametrize("audience", ["courier", "public"])
@pytest.mark.parametrize("at_the_desk", [False, True])
def test_a_form_sent_before_counts_nobody_and_says_so_with_a_fresh_key(
    front: Front, link: tuple[int, str], audience: str, at_the_desk: bool
) -> None:
    path, who = (DESK, front.manager) if at_the_desk else (link[1], {})
    form = form_of(front.open(path, headers=who).text)
    send(front, path, form, **who)
    before = today(front)
    again = send(front, path, {**form, "audience": audience}, **who)
    page = front.open(again.headers["location"], headers=who)

    assert (again.status_code, page.status_code, today(front)) == (303, 200, before)
    assert "这一下之前已记过；再来一位请再点一次" in page.text
    assert "已记上一位" not in page.text
    assert form_of(page.text)["key"] != form["key"]


@pytest.mark.parametrize(
    "form",
    [
        {"audience": "courier", "key": "1"},
        {"audience": "nobody", "key": "0b54f4a1-7a4e-4f0e-9a55-6a4b6a4f1a11"},
        {"key": "0b54f4a1-7a4e-4f0e-9a55-6a4b6a4f1a11"},
        {"audience": "courier"},
    ],
)
def test_a_form_that_is_none_of_ours_counts_nobody(front: Front, link: tuple[int, str], form: dict[str, str]) -> None:
    before = today(front)

    assert send(front, link[1], form).status_code == 400
    assert today(front) == before


def test_another_site_cannot_have_a_browser_count(front: Front, link: tuple[int, str]) -> None:
    form = form_of(front.open(link[1]).text)

    assert front.client.post(link[1], data=form, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert send(front, DESK, form, **{"sec-fetch-site": "cross-site"}).status_code in (401, 403)


def test_a_withdrawn_link_says_whom_to_ask_and_still_shows_the_pad(front: Front, link: tuple[int, str]) -> None:
    form = form_of(front.open(link[1]).text)
    front.house.tally_links.withdraw(OWN, link[0], actor="desk", now=front.house.now())
    page = front.open(link[1])

    assert page.status_code == 401
    assert "请向站点管理员要新的链接" in page.text
    assert 'data-gone="1"' in page.text
    assert send(front, link[1], form).status_code == 401
    assert front.open(f"{link[1]}/today").status_code == 401


def test_an_unknown_link_is_not_found(front: Front) -> None:
    assert front.open("/t/nothing").status_code == 404
    assert front.open("/t/nothing/today").status_code == 404


def test_the_address_of_a_pad_is_told_to_no_other_site(front: Front, link: tuple[int, str]) -> None:
    for path in (link[1], f"{link[1]}/today", "/t/nothing"):
        assert front.open(path).headers["referrer-policy"] == "no-referrer"
    assert front.open("/").headers["referrer-policy"] != "no-referrer"


def test_the_pad_learns_todays_total_and_the_services_time(front: Front, link: tuple[int, str]) -> None:
    told = front.open(f"{link[1]}/today")

    assert told.headers["cache-control"] == "private, no-store"
    assert told.json() == {"now": "2026-11-23T10:00:00+08:00", "day": "2026-11-23", "total": today(front) or None}


def test_a_manager_has_the_same_pad_at_the_desk_of_the_own_station_only(front: Front) -> None:
    page = front.open(DESK, headers=front.manager)
    before = today(front)
    sent = send(front, DESK, form_of(page.text), **front.manager)

    assert (page.status_code, sent.status_code) == (200, 303)
    assert today(front) == before + 1
    assert front.open(f"/manage/stations/{FOREIGN}", headers=front.manager).status_code == 403
    assert front.open(DESK).status_code == 401


def test_what_a_phone_keeps_of_the_desks_pad_says_nothing_of_who_is_logged_in(front: Front) -> None:
    send(front, DESK, form_of(front.open(DESK, headers=front.manager).text), **front.manager)
    page = front.open(f"{DESK}/pad", headers=front.manager)

    assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-cache")
    assert '<output id="pad-total">0</output>' in page.text
    assert f'data-keep="{DESK}/pad"' in front.open(DESK, headers=front.manager).text
    assert f'action="{DESK}"' in page.text
    assert "/logout" not in page.text
    assert not re.search(r"\bdesk\b", re.sub(r'(id|class|data-kept-in|aria-label)="[^"]*"', "", page.text))
    assert front.open(f"{DESK}/pad").status_code == 401
    assert front.open(f"/manage/stations/{FOREIGN}/pad", headers=front.manager).status_code == 403
