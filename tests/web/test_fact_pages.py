"""The facts of a station as pages: seen, made true, closed, merged and taken back, all by plain forms."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from markupsafe import escape

from harbour_api.domain.report import ReportKind
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, OfferingState, Special, Station
from harbour_api.store.facts import By
from harbour_api.web.desk import facts
from harbour_api.web.desk.belief import belief
from harbour_api.web.desk.offerings import Typed
from harbour_api.web.words import Words
from tests.conftest import MONDAY_MORNING
from tests.maps.conftest import HOSTILE
from tests.web.conftest import FOREIGN, OWN, Front

DETAILS = ("name", "name_en", "town", "address", "phone", "access", "status", "specials")
TYPED = {"lon": "113.39", "lat": "22.52", "datum": "wgs84", "method": "typed"}


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")


def path(code: str, tab: str) -> str:
    return f"/manage/stations/{code}{tab}"


def get(front: Front, address: str, **params: str) -> Any:
    return front.client.get(address, params=params or None, headers=front.administrator)


def post(front: Front, address: str, data: dict[str, str] | None = None, who: dict[str, str] | None = None) -> Any:
    return front.client.post(address, data=data or {}, headers=who or front.administrator)


def station(front: Front, code: str) -> Station:
    return front.house.registry.network.station(code)


def words_of(answer: Any) -> str:
    """What a reader sees, blanks drawn together."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def shown(state: str) -> str:
    """What a form keeps of a row that it shows with a state and nothing else."""
    return f'["{state}","","","",""]'


def row(amenity: str, was: str, state: str, count: str = "", note: str = "") -> dict[str, str]:
    """One row of the form, of which the page showed the state only."""
    sent = {f"was-{amenity}": shown(was), f"state-{amenity}": state}
    return sent | {f"count-{amenity}": count, f"note-{amenity}": note}


def details(front: Front, code: str, **changed: str) -> dict[str, str]:
    """The form as it is shown, with what somebody typed into it."""
    page = get(front, path(code, "/facts")).text
    was = {name: unescape(value) for name, value in re.findall(r'name="was_(\w+)" value="([^"]*)"', page)}
    [version] = re.findall(r'name="version" value="(\d+)"', page)
    return {**{f"was_{name}": value for name, value in was.items()}, **was, "version": version, **changed}


def test_each_fact_says_why_it_is_believed_and_what_is_stale_says_so(front: Front) -> None:
    page = words_of(get(front, path("ZS003", "/facts")))
    for said in ("未核实（名录）", "未核实（推定）", "项待核实"):
        assert said in page
    post(front, path("ZS003", "/place"), {**TYPED, "do": "save"})
    assert "2026年11月23日 核实" in words_of(get(front, path("ZS003", "/facts")))
    stale = belief(Basis.VERIFIED, MONDAY_MORNING, MONDAY_MORNING + timedelta(days=91), Words())
    assert (stale.text, stale.is_due) == ("超过 90 天没有核实（上次 2026年11月23日）", True)


def test_only_the_rows_that_were_changed_are_saved(front: Front) -> None:
    before = station(front, "ZS004")
    known = {one.amenity: one for one in before.offerings}
    front.house.facts.set_offering("ZS004", "toilet", OfferingState.NO, None, None, By("somebody"))
    sent = {
        **row("drinking_water", known["drinking_water"].state, "out_of_order", "2", "坏了"),
        **row("toilet", known["toilet"].state, known["toilet"].state),  # as the page still showed it
    }
    done = post(front, path("ZS004", "/amenities"), sent)
    assert (done.status_code, done.headers["location"]) == (303, f"{path('ZS004', '/facts')}?done=amenities")
    after = {one.amenity: one for one in station(front, "ZS004").offerings}
    water = after["drinking_water"]
    assert (water.state, water.count, water.note, water.basis) == ("out_of_order", 2, "坏了", Basis.VERIFIED)
    assert after["toilet"].state is OfferingState.NO
    assert post(front, path("ZS004", "/amenities")).headers["location"].endswith("done=none")


def test_a_note_stands_for_no_day_and_a_figure_is_the_same_however_it_is_written() -> None:
    noted, dated = Typed("yes", "", "二楼|2027-06-07|2027-06-09"), Typed("yes", "", "二楼", "2027-06-07", "2027-06-09")
    assert noted.text != dated.text
    assert Typed("yes", "05", "").text == Typed("yes", "5", "").text
    assert len({Typed("yes", count, "").text for count in ("", "0", "5", "50")}) == 4


def test_a_group_that_was_seen_is_verified_but_for_what_nobody_knows(front: Front) -> None:
    sent = row("drinking_water", "yes", "yes") | row("books", "unknown", "unknown") | {"seen-basic": "1"}
    post(front, path("ZS005", "/amenities"), sent)
    after = {one.amenity: one for one in station(front, "ZS005").offerings}
    assert after["drinking_water"].basis is Basis.VERIFIED
    assert station(front, "ZS005").offers("books") is not None
    assert after["books"].basis is not Basis.VERIFIED


def test_a_row_that_is_refused_comes_back_as_it_was_typed_and_nothing_is_saved(front: Front) -> None:
    sent = row("wifi", "yes", "no") | row("toilet", "yes", "yes", "many", "三楼")
    refused = post(front, path("ZS006", "/amenities"), sent)
    assert refused.status_code == 422
    assert 'value="many"' in refused.text
    assert 'value="三楼"' in refused.text
    assert station(front, "ZS006").version == 1


def test_days_are_typed_kept_where_they_are_refused_and_told_by_the_page_and_the_history(front: Front) -> None:
    def sent(first: str, last: str, was: str = shown("unknown")) -> dict[str, str]:
        days = {"from-exam_support": first, "to-exam_support": last}
        return row("exam_support", "", "yes", "", "9点到11点") | days | {"was-exam_support": was}

    for first, last in (("2027-06-07", ""), ("2027-06-09", "2027-06-07"), ("7 June", "2027-06-07")):
        refused = post(front, path("ZS016", "/amenities"), sent(first, last))
        assert refused.status_code == 422
        assert f'id="from-exam_support" value="{first}"' in refused.text
        assert "日期两个都填或都不填" in refused.text
    assert station(front, "ZS016").version == 1
    post(front, path("ZS016", "/amenities"), sent("2027-06-07", "2027-06-09"))
    page = get(front, path("ZS016", "/facts")).text
    assert 'id="to-exam_support" value="2027-06-09"' in page
    [was] = re.findall('name="was-exam_support" value="([^"]*)"', page)
    again = post(front, path("ZS016", "/amenities"), sent("2027-06-07", "2027-06-09", unescape(was)))
    assert again.headers["location"].endswith("done=none"), "what was shown was not changed"
    assert "有 · 9点到11点 · 2027年6月7日至9日 · 已核实" in words_of(get(front, path("ZS016", "/history")))
    assert "助考服务 2027年6月7日至9日 9点到11点 未开始 已核实" in words_of(get(front, "/stations/ZS016"))


def test_the_history_tells_what_was_checked_after_a_report_and_what_was_dealt_with(front: Front) -> None:
    filed = front.house.reports.file
    filed("ZS017", ReportKind.AMENITY_OUT, "wifi", front.house.now(), address="a")
    made = filed("ZS017", ReportKind.CLOSED, None, front.house.now(), address="a")
    post(front, path("ZS017", "/amenities"), row("wifi", "yes", "yes") | {"seen-basic": "1"})
    post(front, f"/manage/reports/{made}", {"state": "done"})
    page = get(front, path("ZS017", "/history"))
    assert "有 · 收到反馈后核实 · 已核实" in words_of(page)
    assert "处理反馈 — 改为 2026年11月23日 10:00" in words_of(page).replace("→ ", "")
    assert page.text.count("/take-back") == 1, "a stamp is not taken back"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"part": "afternoon"}, "11月27日 周五 12:00 至 24:00"),
        ({"part": "morning"}, "11月27日 周五 00:00 至 12:00"),
        ({"part": "day"}, "11月27日 周五 整天"),
        ({"part": "span", "from": "14:30", "to": "16:00"}, "11月27日 周五 14:30 至 16:00"),
        ({"part": "span", "from": "14:30", "to_day": "2026-11-30", "to": "09:00"}, "14:30 至 11月30日 周一 09:00"),
    ],
)
def test_a_station_is_closed_in_a_few_words_and_opened_again(front: Front, form: dict[str, str], told: str) -> None:
    done = post(front, path("ZS007", "/closures"), {"day": "2026-11-27", "reason": "盘点", **form})
    assert done.status_code == 303
    assert told in words_of(get(front, done.headers["location"]))
    [closure] = station(front, "ZS007").closures
    assert "盘点" in get(front, "/stations/ZS007").text
    again = post(front, path("ZS007", "/closures"), {"day": "2026-11-27", "reason": "盘点", **form})
    assert again.status_code == 422
    assert post(front, path("ZS007", f"/closures/{closure.id}/remove")).status_code == 303
    assert station(front, "ZS007").closures == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"day": ""},
        {"day": "tomorrow"},
        {"day": "9999-12-31"},
        {"part": "span", "from": "10:00", "to_day": "9999-12-31", "to": "24:00"},
        {"part": "week"},
        {"part": "span", "from": "16:00", "to": "14:00"},
        {"part": "span", "from": "", "to": ""},
        {"reason": " "},
        {"reason": "a\nb"},
    ],
)
def test_a_closure_that_is_refused_comes_back_as_it_was_typed(front: Front, changed: dict[str, str]) -> None:
    sent = {"day": "2026-11-27", "part": "day", "reason": "停电检修", **changed}
    refused = post(front, path("ZS008", "/closures"), sent)
    assert refused.status_code == 422
    assert station(front, "ZS008").closures == ()
    assert f'name="day" id="closing-day" value="{sent["day"]}"' in refused.text


def test_details_are_saved_verified_and_only_where_they_were_changed(front: Front) -> None:
    sent = details(front, "ZS009", phone="0760-8888 1234", specials="母婴室 | Nursing room\n充电 | Charging")
    done = post(front, path("ZS009", "/facts"), sent)
    assert (done.status_code, done.headers["location"]) == (303, f"{path('ZS009', '/facts')}?done=details")
    after = station(front, "ZS009")
    assert (after.phone, after.basis["phone"]) == ("0760-8888 1234", Basis.VERIFIED)
    assert after.specials == (Special("母婴室", "Nursing room"), Special("充电", "Charging"))
    assert after.basis["name"] is Basis.DIRECTORY
    post(front, path("ZS009", "/facts"), details(front, "ZS009", seen="1"))
    assert station(front, "ZS009").basis["name"] is Basis.VERIFIED


@pytest.mark.parametrize(
    ("name", "text"),
    [("name", ""), ("phone", "call me"), ("town", "999"), ("access", "swim"), ("specials", "只有中文")],
)
def test_details_that_are_refused_come_back_as_they_were_typed(front: Front, name: str, text: str) -> None:
    refused = post(front, path("ZS010", "/facts"), details(front, "ZS010", **{name: text, "address": "兴中道1号"}))
    assert refused.status_code == 422
    assert f'id="why-{name}"' in refused.text
    assert 'value="兴中道1号"' in refused.text
    assert station(front, "ZS010").version == 1


def test_two_managers_at_once_the_second_sees_both_versions_and_merges(front: Front) -> None:
    first = details(front, "ZS011", phone="0760-1", access="door_code")
    second = details(front, "ZS011", phone="0760-2", address="孙文东路8号")
    assert post(front, path("ZS011", "/facts"), first).status_code == 303
    page = post(front, path("ZS011", "/facts"), second)
    assert page.status_code == 412
    for told in ("0760-1", "0760-2", "孙文东路8号", "需要门禁密码", "chief"):
        assert told in words_of(page)
    assert station(front, "ZS011").phone == "0760-1", "nothing is overwritten before somebody has chosen"
    chosen = dict(re.findall(r'name="(\w+)" value="([^"]*)" checked', page.text))
    assert chosen == {"phone": "0760-2", "address": "孙文东路8号", "access": "door_code"}
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    merged = {name: unescape(value) for name, value in {**kept, **chosen}.items()}
    assert set(DETAILS) <= set(merged)
    assert post(front, path("ZS011", "/facts"), merged).status_code == 303
    after = station(front, "ZS011")
    assert (after.phone, after.address, after.access) == ("0760-2", "孙文东路8号", "door_code")


def test_two_managers_who_set_the_same_amenity_the_second_sees_both_and_chooses(front: Front) -> None:
    mine = row("wifi", "yes", "no", "", "拆了") | row("tv", "yes", "out_of_order")
    season = Season(date(2027, 6, 7), date(2027, 6, 9))
    by = By("somebody")
    front.house.facts.set_offering("ZS018", "wifi", OfferingState.YES, 2, "二楼", by, season=season)
    page = post(front, path("ZS018", "/amenities"), mine)
    assert page.status_code == 412
    assert "别人改成了：有 · 2 个 · 二楼 · 2027年6月7日至9日（somebody，11月23日 10:00）" in words_of(page)
    assert (station(front, "ZS018").offers("wifi"), station(front, "ZS018").offers("tv")) == ("yes", "yes")
    assert 'value="拆了"' in page.text
    was = {code: unescape(text) for code, text in re.findall('name="was-(wifi|tv)" value="([^"]*)"', page.text)}
    again = mine | {f"was-{code}": text for code, text in was.items()}
    assert post(front, path("ZS018", "/amenities"), again).status_code == 303
    assert (station(front, "ZS018").offers("wifi"), station(front, "ZS018").offers("tv")) == ("no", "out_of_order")


def test_who_changes_another_fact_meanwhile_is_in_nobodys_way(front: Front) -> None:
    sent = details(front, "ZS012", phone="0760-3")
    front.house.facts.set_offering("ZS012", "wifi", OfferingState.NO, None, None, By("somebody"))
    assert post(front, path("ZS012", "/facts"), sent).status_code == 303
    assert (station(front, "ZS012").phone, station(front, "ZS012").offers("wifi")) == ("0760-3", OfferingState.NO)


@pytest.mark.parametrize(("n_others", "status"), [(1, 303), (99, 412)])
def test_whoever_saves_another_amenity_in_the_same_moment_is_waited_for_but_not_for_ever(
    front: Front, monkeypatch: pytest.MonkeyPatch, n_others: int, status: int
) -> None:
    others, save = iter(range(n_others)), facts.save_rows

    def with_another_before(*given: Any) -> Any:
        for note in itertools.islice(others, 1):
            front.house.facts.set_offering("ZS019", "tv", OfferingState.YES, None, f"{n_others} {note}", By("somebody"))
        return save(*given)

    monkeypatch.setattr(facts, "save_rows", with_another_before)
    known = station(front, "ZS019").offers("wifi")
    answer = post(front, path("ZS019", "/amenities"), row("wifi", known, "no", note=str(n_others)))

    assert answer.status_code == status
    assert (station(front, "ZS019").offers("wifi") is OfferingState.NO) is (status == 303)
    if status == 303:
        front.house.facts.set_offering("ZS019", "wifi", OfferingState.YES, None, None, By("somebody"))


def test_the_history_is_told_in_words_and_each_line_is_taken_back(front: Front) -> None:
    post(front, path("ZS013", "/facts"), details(front, "ZS013", phone="0760-4", specials="茶 | Tea"))
    post(front, path("ZS013", "/amenities"), row("wifi", "yes", "out_of_order", "1", "路由器"))
    post(front, path("ZS013", "/closures"), {"day": "2026-11-27", "part": "day", "reason": "盘点"})
    post(front, path("ZS013", "/place"), {**TYPED, "do": "save"})
    page = get(front, path("ZS013", "/history"))
    told = words_of(page)
    for said in (
        "0760-4",
        "故障 · 1 个 · 路由器 · 已核实",
        "11月27日 周五 整天 · 盘点",
        "113.390000, 22.520000 · 已核实",
        "chief",
    ):
        assert said in told
    assert "电话的依据" not in told, "why it is believed is not a line of its own beside the fact"
    for tab in re.findall(r'action="([^"]+/take-back)"', page.text):
        assert post(front, tab).headers["location"].endswith("/history?done=1")
    after = station(front, "ZS013")
    assert (after.phone, after.closures, after.is_placed) == (None, (), False)
    assert get(front, path("ZS013", "/history"), lang="en").status_code == 200


def test_what_was_changed_since_is_not_taken_back_and_the_page_says_so(front: Front) -> None:
    post(front, path("ZS014", "/facts"), details(front, "ZS014", phone="0760-5"))
    [line] = re.findall(r'action="([^"]+/take-back)"', get(front, path("ZS014", "/history")).text)
    post(front, path("ZS014", "/facts"), details(front, "ZS014", phone="0760-6"))
    refused = post(front, line)
    assert refused.status_code == 409
    assert "后来又改过了" in refused.text
    assert station(front, "ZS014").phone == "0760-6"


def test_hostile_texts_are_shown_as_text_and_nothing_else(front: Front) -> None:
    for text in (HOSTILE[0], HOSTILE[16], HOSTILE[20], HOSTILE[29]):
        post(front, path("ZS015", "/facts"), details(front, "ZS015", address=text, specials=f"{text} | {text}"))
        [was] = re.findall('name="was-wifi" value="([^"]*)"', get(front, path("ZS015", "/facts")).text)
        sent = row("wifi", "", "yes", "", text) | {"was-wifi": unescape(was)}
        assert post(front, path("ZS015", "/amenities"), sent).status_code == 303
        post(front, path("ZS015", "/closures"), {"day": "2026-12-01", "part": "day", "reason": text})
        assert station(front, "ZS015").address == text.strip()
        assert escape(text.strip()) in get(front, path("ZS015", "/history")).text
        stale = details(front, "ZS015", address="1", version="1", was_address="0")
        pages = [get(front, path("ZS015", tab)) for tab in ("/facts", "/history", "/place", "/hours")]
        for page in (*pages, post(front, path("ZS015", "/facts"), stale), get(front, "/stations/ZS015")):
            shown = page.text.replace("<script defer", "").replace('<script type="application/', "")
            assert "<script>alert" not in shown
            assert "<img src=x" not in shown
        for closure in station(front, "ZS015").closures:
            post(front, path("ZS015", f"/closures/{closure.id}/remove"))


def test_a_manager_has_the_pages_of_the_own_station_only(front: Front) -> None:
    for tab in ("/facts", "/place", "/hours", "/history"):
        assert front.client.get(path(OWN, tab), headers=front.manager).status_code == 200
        assert front.client.get(path(FOREIGN, tab), headers=front.manager).status_code == 403
