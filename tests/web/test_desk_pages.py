"""The desk's own pages: the first one, a station's days, one day, and its tally links; all by forms alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from tests.web.conftest import FOREIGN, OWN, Front

TODAY = date(2026, 11, 23)
DAYS, LINKS = f"/manage/stations/{OWN}/days", f"/manage/stations/{OWN}/links"
ROW = r'name="day" value="([\d-]+)"><input type="hidden" name="was" value="(\d*)">'


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """One application on SQLite: what these pages write goes through doors that are tested on both engines."""
    yield from fronts("sqlite")


def day(back: int) -> str:
    return str(TODAY - timedelta(days=back))


def total(front: Front, on: str, station: str = OWN) -> int | None:
    [found] = front.house.visits.days(station, date.fromisoformat(on), date.fromisoformat(on))
    return found.total


def page(front: Front, path: str, *, chief: bool = False) -> str:
    answer = front.open(path, headers=front.administrator if chief else front.manager)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"]
    return unescape(answer.text)


def send(front: Front, path: str, *, chief: bool = False, **form: Any) -> Any:
    return front.client.post(path, data=form, headers=front.administrator if chief else front.manager)


def state(
    front: Front, figures: dict[str, str], *, path: str = DAYS, reasons: dict[str, str] | None = None, **more: str
) -> Any:
    """Send the grid as the page shows it, with these figures typed over it."""
    rows = re.findall(ROW, page(front, path))
    form = {
        "day": [one for one, _ in rows],
        "was": [was for _, was in rows],
        "total": [figures.get(one, was) for one, was in rows],
        "reason": [(reasons or {}).get(one, "") for one, _ in rows],
    }
    return send(front, path, **form, **more)


def cards(text: str) -> list[str]:
    """Which stations a first page shows, in order."""
    return re.findall(r'<h3><a href="/manage/stations/(\w+)"', text)


def test_the_first_page_shows_a_manager_the_own_stations_only(front: Front) -> None:
    text = page(front, "/manage")

    assert cards(text) == [OWN]
    assert "今天还没有记录" in text
    assert 'name="q"' not in text, "one station needs no search"


def test_yesterday_is_told_by_a_record_and_not_by_silence(front: Front) -> None:
    friday = TODAY - timedelta(days=3)
    front.at(front.clock.at - timedelta(days=3))  # on a Thursday all are open
    before = page(front, "/manage?all=1", chief=True)
    assert "昨天 0 / 64 个站点有记录" in before
    assert "昨天未记录（64）" in before

    state(front, {str(friday - timedelta(days=1)): "0"})
    after = page(front, "/manage?all=1", chief=True)
    assert "昨天 1 / 64 个站点有记录" in after
    assert cards(after)[-1] == OWN, "what is told comes last"
    assert "昨天 0 人次" in after


def test_an_administrator_sees_what_needs_doing_first_and_finds_the_rest(front: Front) -> None:
    report = {"kind": "amenity_out", "amenity": "wifi"}
    assert front.client.post(f"/api/v1/stations/{FOREIGN}/reports", json=report).status_code == 202
    text = page(front, "/manage", chief=True)

    assert cards(text)[0] == FOREIGN
    assert "1 条反馈待处理" in text
    assert len(cards(text)) <= 24
    assert len(cards(page(front, "/manage?all=1", chief=True))) == 64
    assert cards(page(front, f"/manage?q={FOREIGN.lower()}", chief=True)) == [FOREIGN]
    town = front.house.registry.network.station(FOREIGN).town
    assert FOREIGN in cards(page(front, f"/manage?town={town}", chief=True))
    assert cards(page(front, "/manage?q=nowhere", chief=True)) == []


@pytest.mark.parametrize("query", ["nobody_knows=1", "town=1", "q=" + "x" * 61, "q=1%0a1", "lang=fr"])
def test_the_first_page_refuses_what_it_does_not_know(front: Front, query: str) -> None:
    assert front.open(f"/manage?{query}", headers=front.administrator).status_code == 400


def test_only_what_was_changed_is_stated_and_the_page_says_what(front: Front) -> None:
    answer = state(front, {day(1): "12", day(2): "0"})

    assert answer.status_code == 303
    assert (total(front, day(1)), total(front, day(2)), total(front, day(3))) == (12, 0, None)
    said = page(front, answer.headers["location"])
    assert "已保存：11月22日、11月21日" in said
    assert len(re.findall(r'<b class="on">已保存', said)) == 2


def test_the_button_for_zero_states_zero_and_what_else_was_typed(front: Front) -> None:
    state(front, {day(5): "4"}, zero=day(4))

    assert (total(front, day(4)), total(front, day(5))) == (0, 4)


def test_nothing_changed_is_nothing_written(front: Front) -> None:
    before = len(front.house.visits.entries(OWN, TODAY - timedelta(days=14), TODAY))
    answer = state(front, {})

    assert "没有改动" in page(front, answer.headers["location"])
    assert len(front.house.visits.entries(OWN, TODAY - timedelta(days=14), TODAY)) == before


def test_what_is_refused_comes_back_as_it_was_typed_beside_what_was_saved(front: Front) -> None:
    state(front, {day(6): "5"})
    answer = state(front, {day(6): "9", day(7): "many", day(8): "8"})
    text = unescape(answer.text)

    assert answer.status_code == 422
    assert (total(front, day(6)), total(front, day(7)), total(front, day(8))) == (5, None, 8)
    assert "已保存：11月15日。" in text
    assert "2 天没有保存" in text
    for typed, why in (("9", "改动要写原因"), ("many", "要填 0 到 100000 的整数")):
        assert f'name="total" value="{typed}"' in text
        assert why in text

    mended = state(front, {day(6): "9"}, reasons={day(6): "数错了"})
    assert (mended.status_code, total(front, day(6))) == (303, 9)


def test_a_recorded_day_is_never_made_unrecorded(front: Front) -> None:
    state(front, {day(9): "3"})
    answer = state(front, {day(9): ""}, reasons={day(9): "x"})

    assert answer.status_code == 422
    assert "不能变回没有记录" in answer.text
    assert total(front, day(9)) == 3


def test_a_figure_typed_over_one_that_has_changed_since_is_refused(front: Front) -> None:
    stale = {"day": [day(10)], "was": [""], "total": ["20"], "reason": [""]}
    assert send(front, DAYS, **stale).status_code == 303
    assert send(front, DAYS, **stale).status_code == 303, "the same form again is the same statement"
    answer = send(front, DAYS, **{**stale, "total": ["30"]})

    assert answer.status_code == 422
    assert "又有了新的记录" in answer.text
    assert total(front, day(10)) == 20


@pytest.mark.parametrize(
    "form",
    [
        {"day": ["2026-11-20"], "was": [], "total": ["1"], "reason": [""]},
        {"day": ["2026-11-20", "2026-11-20"], "was": ["", ""], "total": ["1", "2"], "reason": ["", ""]},
        {"day": ["2026-11-20"] * 16, "was": [""] * 16, "total": ["1"] * 16, "reason": [""] * 16},
    ],
)
def test_a_form_that_is_none_of_ours_states_nothing(front: Front, form: dict[str, list[str]]) -> None:
    assert send(front, DAYS, **form).status_code == 400
    assert send(front, DAYS, day=["soon"], was=[""], total=["1"], reason=[""]).status_code == 404


def test_a_day_that_was_locked_since_the_page_was_opened_keeps_what_was_typed(front: Front) -> None:
    on = day(15)
    answer = send(front, f"{DAYS}?to={day(1)}", day=[on], was=[""], total=["41"], reason=[""])

    assert answer.status_code == 422
    assert "这天已锁定，请管理员解锁。" in answer.text
    assert 'name="total" value="41"' in answer.text
    assert total(front, on) is None


def test_a_day_to_come_is_no_row_of_ours(front: Front) -> None:
    assert send(front, DAYS, day=[day(-1)], was=[""], total=["1"], reason=[""]).status_code == 400


def test_a_locked_day_is_shown_and_an_administrator_unlocks_and_locks_it(front: Front) -> None:
    on = day(40)
    locked = page(front, f"{DAYS}?to={on}")
    assert locked.count("已锁定") == 15
    assert 'name="total"' not in locked
    assert "unlock-day" not in locked, "no manager may"
    assert send(front, f"{DAYS}/unlock", day=on, reason="x").status_code == 403

    for wrong in ({"day": on, "reason": " "}, {"day": day(14), "reason": "x"}, {"day": "", "reason": "kept"}):
        refused = send(front, f"{DAYS}/unlock", chief=True, **wrong)
        assert refused.status_code == 422
        assert f'value="{wrong["reason"]}"' in refused.text
    opened = send(front, f"{DAYS}/unlock", chief=True, day=on, reason="盘点补记")
    assert opened.status_code == 303
    assert "已经解锁" in page(front, opened.headers["location"])
    state(front, {on: "6"}, path=f"{DAYS}?to={on}")
    assert total(front, on) == 6

    shut = send(front, f"{DAYS}/lock", chief=True, day=on)
    assert "已经重新锁定" in page(front, shut.headers["location"])
    assert state(front, {on: "7"}, path=f"{DAYS}?to={on}").status_code == 303
    assert total(front, on) == 6


def first_entry(front: Front, on: str) -> int:
    [entry, *_] = front.house.visits.entries(OWN, date.fromisoformat(on), date.fromisoformat(on))
    return entry.id


def test_a_day_shows_every_entry_and_a_correction_beside_it(front: Front) -> None:
    on = day(11)
    state(front, {on: "30"})
    visit = f"{DAYS}/{on}/visits/{first_entry(front, on)}"
    refused = send(front, visit, was="30", count="28", reason="")
    assert refused.status_code == 422
    assert 'value="28"' in refused.text
    assert "改动要写原因" in refused.text
    assert send(front, visit, was="30", count="1001", reason="x").status_code == 422

    answer = send(front, visit, was="30", count="28", reason="重复了两位")
    text = page(front, answer.headers["location"])
    assert total(front, on) == 28
    for told in ("更正已经保存", "共 28 人次", "填写 30", "更正为 28", "desk", "重复了两位", "其他市民"):
        assert told in text, told
    assert send(front, visit, was="30", count="28", reason="again").status_code == 303, "sent twice is once"
    assert len(front.house.visits.entries(OWN, date.fromisoformat(on), date.fromisoformat(on))) == 2
    assert send(front, visit, was="30", count="27", reason="stale").status_code == 409
    assert total(front, on) == 28


def test_a_visit_is_corrected_on_its_own_day_only(front: Front) -> None:
    on = day(12)
    state(front, {on: "1"})
    visit = first_entry(front, on)

    for path in (f"{DAYS}/{day(13)}/visits/{visit}", f"/manage/stations/{FOREIGN}/days/{on}/visits/{visit}"):
        assert send(front, path, chief=True, was="1", count="2", reason="x").status_code == 404
    assert total(front, on) == 1


def test_a_day_is_stated_by_audience(front: Front) -> None:
    on = day(13)
    shares = ["", "3", *[""] * 10, "4"]
    answer = send(front, f"{DAYS}/{on}", was="", count=shares)
    assert answer.status_code == 303
    [held] = front.house.visits.days(OWN, date.fromisoformat(on), date.fromisoformat(on))
    assert (held.total, {k: v for k, v in held.by_audience.items() if v}) == (7, {"taxi_driver": 3, "public": 4})

    for wrong in ([""] * 13, ["x", *shares[1:]], shares[:-1]):
        refused = send(front, f"{DAYS}/{on}", was="7", count=wrong, reason="kept as typed")
        assert refused.status_code == 422
        assert 'value="kept as typed"' in refused.text
    assert send(front, f"{DAYS}/{on}", was="7", count=["1", *shares[1:]]).status_code == 422, "without a reason"
    assert send(front, f"{DAYS}/{on}", was="7", count=["1", *shares[1:]], reason="漏了").status_code == 303
    assert total(front, on) == 8


def test_a_link_is_shown_once_used_and_withdrawn(front: Front) -> None:
    made = send(front, LINKS)
    assert made.status_code == 201
    assert "no-store" in made.headers["cache-control"]
    [path] = re.findall(r'href="(/t/[\w-]{43})"', made.text)
    assert f"http://127.0.0.1:8000{path}</a>" in made.text
    assert "<svg" in made.text
    assert "style=" not in made.text.split("<main", 1)[1]
    assert front.open(path).status_code == 200

    listed = page(front, LINKS)
    assert path.removeprefix("/t/") not in listed
    [withdraw, *_] = re.findall(rf'action="({LINKS}/\d+/withdraw)"', listed)
    gone = send(front, withdraw)
    assert "链接已经停用" in page(front, gone.headers["location"])
    assert front.open(path).status_code == 401
    assert send(front, f"{LINKS}/999/withdraw").status_code == 404


def test_a_form_that_is_sent_again_makes_no_other_link(front: Front) -> None:
    def form() -> str:
        return re.search(r'name="after" value="(\d+)"', page(front, LINKS))[1]  # type: ignore[index]

    after = form()
    made, again = send(front, LINKS, after=after), send(front, LINKS, after=after)
    assert (made.status_code, again.status_code) == (201, 409)
    assert "没有新建" in again.text
    assert 'class="link-sheet"' not in again.text
    assert int(form()) == int(after) + 1
    assert send(front, LINKS, after=form()).status_code == 201
    assert send(front, LINKS, after="x").status_code == 400


def test_the_secret_of_a_link_is_kept_by_no_drawing_of_its_code(front: Front) -> None:
    from harbour_api.web.pages.poster import qr_code

    before = qr_code.cache_info().currsize
    send(front, LINKS)

    assert qr_code.cache_info().currsize == before


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_page_of_a_station_leads_to_the_others(front: Front, lang: str) -> None:
    tabs = [f"/manage/stations/{OWN}", DAYS, LINKS]
    for here in tabs:
        text = page(front, f"{here}?lang={lang}")
        nav = text.partition('class="desk-tabs"')[2].partition("</nav>")[0]
        assert set(tabs) <= {path.partition("?")[0] for path in re.findall(r'href="([^"]+)"', nav)}
        assert nav.count("aria-current") == 1
    assert page(front, f"{DAYS}/{TODAY}?lang={lang}")
