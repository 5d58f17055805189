"""Where a station is, when it is open, what to go and see and what finders met: the desk's pages that lead there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from harbour_api.domain.place import Datum, Place
from harbour_api.domain.station import Basis, OfferingState
from harbour_api.web.security import security_policy
from tests.conftest import MONDAY_MORNING
from tests.maps.conftest import HOSTILE
from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.test_fact_pages import TYPED, get, path, post, row, station, words_of

USUAL = "Mo-Fr 09:00-17:00; PH off"  # of every station in the seed
ROW = {"open-0": "1", "from-0-0": "08:30", "to-0-0": "12:00", "from-0-1": "14:00", "to-0-1": "17:30"}


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")


def test_a_place_is_looked_at_before_it_is_saved(front: Front) -> None:
    looked = post(front, path("ZS003", "/place"), {**TYPED, "lon": "113.392341"})
    told = words_of(looked)
    assert looked.status_code == 200
    assert "离原来的示意位置约" in told
    assert "中心约" in told
    assert not station(front, "ZS003").is_placed
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', looked.text.partition('id="place-save"')[2]))
    saved = post(front, path("ZS003", "/place"), {name: sent[name] for name in (*TYPED, "do")})
    assert saved.headers["location"] == f"{path('ZS003', '/place')}?done=1"
    after = station(front, "ZS003")
    assert (after.place, after.location_basis) == (Place(113.392341, 22.52), Basis.VERIFIED)


def test_a_verified_place_leads_on_to_the_nearest_that_is_not(front: Front) -> None:
    post(front, path("ZS004", "/place"), {**TYPED, "do": "save"})
    thanks = get(front, path("ZS004", "/place"), done="1")
    told = words_of(thanks)
    assert re.search(r"\d+ / 64 个站点的位置已核实", told)
    [following] = set(re.findall(r"/manage/stations/(ZS\d+)/place", thanks.text)) - {"ZS004"}
    nearest = front.house.registry.network.nearest_of(
        station(front, "ZS004").place, lambda one: not one.is_placed, limit=1
    )
    assert following == nearest[0].station.code


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_figures_are_read_in_the_datum_that_was_chosen(front: Front, datum: str) -> None:
    truth = Place.at(113.3912, 22.5234)
    lon, lat = truth.figures(Datum(datum))
    sent = {"lon": str(lon), "lat": str(lat), "datum": datum, "method": "typed", "do": "save"}
    assert post(front, path("ZS005", "/place"), sent).status_code == 303
    assert station(front, "ZS005").place == truth


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"lon": "22.52", "lat": "113.39"}, "填反了"),
        ({"lon": "114.9"}, "超过 30 公里"),
        ({"lon": "here"}, "写成数字"),
        ({"lon": "NaN"}, "写成数字"),
        ({"datum": ""}, "从哪里来"),
        ({"method": "device", "accuracy_m": "50.5"}, "超过 50 米"),
        ({"method": "device"}, "超过 50 米"),
        ({"method": "device", "accuracy_m": "12000"}, "超过 50 米"),
    ],
)
def test_a_place_nobody_can_believe_is_refused_with_what_to_do(
    front: Front, changed: dict[str, str], told: str
) -> None:
    refused = post(front, path("ZS006", "/place"), {**TYPED, "do": "save", **changed})
    assert refused.status_code == 422
    assert told in words_of(refused)
    assert station(front, "ZS006").version == 1


def test_the_map_for_the_pin_is_its_managers_alone_and_lies_on_the_same_ground_as_the_others(front: Front) -> None:
    script = front.client.get(path(OWN, "/place.js"), headers=front.manager)
    assert (script.status_code, script.headers["cache-control"]) == (200, "private, no-store")
    assert "HarbourMap.placePin" in script.text
    assert front.client.get(path(FOREIGN, "/place.js"), headers=front.manager).status_code == 403


def test_the_page_of_a_place_may_show_the_operators_tiles_and_its_neighbours_may_not() -> None:
    policy = security_policy("sha256-x", "*", "https://tiles.example")
    assert policy.of(path(OWN, "/place")) == policy.of("/manage/map")
    assert policy.of(path(OWN, "/place")) != policy.of(path(OWN, "/facts"))


def test_hours_are_shown_as_a_fortnight_before_they_are_saved(front: Front) -> None:
    looked = post(front, path("ZS007", "/hours"), {"do": "rows", "holidays": "off", **ROW})
    told = words_of(looked)
    assert "11月23日 周一 08:30–12:00、14:00–17:30" in told
    assert "11月24日 周二 休息" in told
    assert station(front, "ZS007").version == 1
    sent = dict(re.findall(r'type="hidden" name="(do|text|was)" value="([^"]*)"', looked.text))
    assert sent["text"] == "Mo 08:30-12:00,14:00-17:30; PH off"
    assert post(front, path("ZS007", "/hours"), sent | {"do": "save"}).status_code == 303
    after = station(front, "ZS007")
    assert (after.opening_hours, after.basis["opening_hours"]) == (sent["text"], Basis.VERIFIED)


def test_holidays_and_make_up_days_of_the_fortnight_are_named(front: Front) -> None:
    front.at(MONDAY_MORNING - timedelta(days=56))
    text = {"do": "text", "text": "Mo-Fr 09:00-17:00; PH off"}
    told = words_of(post(front, path("ZS008", "/hours"), text))
    assert "10月1日 周四 休息 法定节假日" in told
    assert "10月10日 周六 09:00–17:00 调休上班" in told


def test_hours_the_form_cannot_say_are_kept_and_edited_as_text(front: Front) -> None:
    hours = "Apr-Oct Mo-Fr 09:00-18:00; Nov-Mar Mo-Fr 09:00-17:00; PH off"
    assert post(front, path("ZS009", "/hours"), {"do": "save", "text": hours, "was": USUAL}).status_code == 303
    page = get(front, path("ZS009", "/hours"))
    assert "用表格写不出来" in page.text
    assert f'value="{hours}"' in page.text
    assert post(front, path("ZS009", "/hours"), {"do": "save", "text": "", "was": hours}).status_code == 303
    assert station(front, "ZS009").opening_hours is None


@pytest.mark.parametrize(
    "form",
    [
        {"do": "rows", "open-3": "1", "from-3-0": "17:00", "to-3-0": "09:00"},
        {"do": "rows", "open-3": "1"},
        {"do": "text", "text": "whenever"},
        {"do": "save", "text": "Mo 09:00+", "was": "Mo-Fr 09:00-17:00; PH off"},
        {"do": "text", "text": HOSTILE[16]},
        {"do": "rows", "open-3": "1", "from-3-0": HOSTILE[16], "to-3-0": HOSTILE[0]},
    ],
)
def test_hours_that_cannot_be_read_come_back_as_they_were_typed(front: Front, form: dict[str, str]) -> None:
    refused = post(front, path("ZS010", "/hours"), form)
    assert refused.status_code == 422
    assert station(front, "ZS010").version == 1
    assert "<script>alert" not in refused.text
    if form["do"] == "rows":
        assert "这天的时间写得不对" in refused.text


def test_who_saves_hours_second_sees_both(front: Front) -> None:
    front.house.registry.change_station(
        "ZS011", {"opening_hours": "24/7"}, expected=None, basis=Basis.VERIFIED, actor="somebody"
    )
    page = post(front, path("ZS011", "/hours"), {"do": "save", "text": "Mo 09:00-12:00", "was": USUAL})
    assert page.status_code == 412
    assert "24/7" in words_of(page)
    assert "Mo 09:00-12:00" in words_of(page)
    again = dict(re.findall(r'type="hidden" name="(do|text|was)" value="([^"]*)"', page.text))
    assert post(front, path("ZS011", "/hours"), again | {"do": "save"}).status_code == 303
    assert station(front, "ZS011").opening_hours == "Mo 09:00-12:00"


def test_the_round_lists_what_is_to_be_seen_by_distance_from_the_start(front: Front) -> None:
    def codes(**params: str) -> list[str]:
        page = get(front, "/manage/round", **params).text
        return re.findall(r'<h3><a href="/manage/stations/(ZS\d+)/', page)

    network = front.house.registry.network
    wanted = network.nearest_of(station(front, "ZS020").place, lambda one: not one.is_placed, limit=20)
    assert codes(**{"from": "ZS020"}) == [nearby.station.code for nearby in wanted]
    at = station(front, "ZS030").place
    assert codes(lon=f"{at.lon:.4f}", lat=f"{at.lat:.4f}")[0] == "ZS030"
    assert len(codes(all="1")) > 20
    own = front.client.get("/manage/round", headers=front.manager)
    assert "0 / 1 个站点的位置已核实" in words_of(own)
    for wrong in ({"from": FOREIGN}, {"lon": "x", "lat": "1"}, {"lon": "113"}):
        assert front.client.get("/manage/round", params=wrong, headers=front.manager).status_code == 400


def report(front: Front, code: str, **body: str) -> int:
    return int(front.client.post(f"/api/v1/stations/{code}/reports", json=body).json()["id"])


def test_a_report_leads_to_its_fact_and_setting_the_fact_ends_it(front: Front) -> None:
    id = report(front, OWN, kind="amenity_out", amenity="wifi")
    report(front, FOREIGN, kind="closed")
    queue = front.client.get("/manage/reports", headers=front.manager)
    assert f'href="{path(OWN, "/facts")}#a-wifi"' in queue.text
    assert path(FOREIGN, "/facts") not in queue.text
    assert "有人反馈故障" in get(front, path(OWN, "/facts")).text
    front.at(MONDAY_MORNING + timedelta(minutes=25))
    post(front, path(OWN, "/amenities"), row("wifi", "yes", "out_of_order"), front.manager)
    assert front.house.reports.one(id).state == "done"
    assert station(front, OWN).offers("wifi") is OfferingState.OUT_OF_ORDER
    done = words_of(front.client.get("/manage/reports", params={"state": "done"}, headers=front.manager))
    assert "用了 25 分钟" in done
    assert "一半在25 分钟以内" in done


def test_a_report_is_moved_on_its_page_by_its_own_manager_only(front: Front) -> None:
    own, foreign = report(front, OWN, kind="no_access"), report(front, FOREIGN, kind="no_access")
    for state in ("in_progress", "dismissed", "open"):
        assert post(front, f"/manage/reports/{own}", {"state": state}, front.manager).status_code == 303
        assert front.house.reports.one(own).state == state
    assert post(front, f"/manage/reports/{foreign}", {"state": "done"}, front.manager).status_code == 404
    assert post(front, f"/manage/reports/{own}", {"state": "gone"}, front.manager).status_code == 400
    assert get(front, "/manage/reports", state="gone").status_code == 400


WORD = {
    "code": "foot_bath",
    "zh": "泡脚桶",
    "en": "Foot bath",
    "category": "basic",
    "icon": "water",
    "aliases": "足浴、泡脚",
}


def test_an_administrator_adds_a_word_and_changes_it(front: Front) -> None:
    done = post(front, "/manage/amenities", WORD)
    assert done.headers["location"] == "/manage/amenities?done=foot_bath"
    assert "“泡脚桶”已经保存" in get(front, done.headers["location"]).text
    assert "泡脚桶" in get(front, path("ZS012", "/facts")).text
    changed = {**WORD, "zh": HOSTILE[16], "aliases": "", "osm_tag": "amenity=foot_bath"}
    assert post(front, "/manage/amenities/foot_bath", changed).status_code == 303
    word = front.house.registry.network.amenities["foot_bath"]
    assert (word.zh, word.aliases, word.osm_tag) == (HOSTILE[16], (), "amenity=foot_bath")
    for page in ("/manage/amenities", path("ZS012", "/facts"), "/stations/ZS012"):
        assert "<script>alert" not in get(front, page).text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"code": "Foot Bath"}, "代码："),
        ({"code": "wifi"}, "已经有了"),
        ({"zh": ""}, "中文名："),
        ({"category": "fun"}, "请选分类"),
        ({"osm_tag": "no tag"}, "OSM 标签："),
    ],
)
def test_a_word_that_is_refused_comes_back_as_it_was_typed(front: Front, changed: dict[str, str], told: str) -> None:
    refused: Any = post(front, "/manage/amenities", {**WORD, "code": "hand_cream", "en": "Hand cream", **changed})
    assert refused.status_code in (409, 422)
    assert told in words_of(refused)
    assert 'value="Hand cream"' in refused.text
    assert post(front, "/manage/amenities/no_such", WORD).status_code == 404
