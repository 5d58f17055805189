"""A station's page: whether to go, what is known, and why it is believed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, Closure, Offering, OfferingState, Station, Status
from harbour_api.store.seed import Seed
from tests.conftest import MONDAY_MORNING
from tests.web.showing import showing


def page_of(seed: Seed, path: str = "/stations/ZS001", days: int = 0, **changes: object) -> str:
    """The page of the first station with these changes, as text on one line, `days` after that Monday."""
    station = replace(seed.stations[0], **changes)  # type: ignore[arg-type]
    return words(client_of(seed, station, days).get(path).text)


def client_of(seed: Seed, station: Station, days: int = 0) -> TestClient:
    network = Network([station, *seed.stations[1:]], seed.towns, seed.amenities, 1)
    return showing(network, MONDAY_MORNING + timedelta(days=days))


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_it_says_whether_it_is_open_and_for_how_long_and_that_this_is_assumed(seed: Seed) -> None:
    assert "营业中，17:00 关门 推定" in page_of(seed)


def test_it_lists_a_week_of_hours_from_today(seed: Seed) -> None:
    page = page_of(seed)

    assert "周一 11月23日 今天 09:00–17:00" in page
    assert "周日 11月29日 休息" in page
    assert "11月30日" not in page


def test_a_holiday_and_a_make_up_day_are_named(seed: Seed) -> None:
    page = page_of(seed, days=-50)

    assert "周一 10月5日 休息 法定节假日" in page
    assert "周六 10月10日 09:00–17:00 调休上班" in page


def test_past_the_announced_calendar_the_hours_are_not_known(seed: Seed) -> None:
    assert "周五 1月1日 不清楚" in page_of(seed, days=36)


def test_every_amenity_is_there_with_its_state_and_basis(seed: Seed) -> None:
    offerings = (
        Offering("toilet", OfferingState.OUT_OF_ORDER, Basis.VERIFIED, note="水管坏了"),
        Offering("power_bank", OfferingState.YES, Basis.ARTICLE, count=3),
    )
    page = page_of(seed, offerings=offerings)

    assert all(amenity.zh in page for amenity in seed.amenities)
    assert "公共厕所 水管坏了 故障 已核实" in page
    assert "充电宝 有 3 个 2018年报道" in page
    assert "自动体外除颤器 不清楚" in page


@pytest.mark.parametrize(
    ("days", "said", "look"),
    [
        (-1, "免费凉茶 11月23日至24日 未开始 已核实", "unknown"),
        (1, "免费凉茶 11月23日至24日 进行中 已核实", "yes"),
        (2, "免费凉茶 11月23日至24日 已结束 已核实", "unknown"),
    ],
)
def test_what_is_there_on_some_days_says_which_and_never_looks_as_if_it_were_there_on_others(
    seed: Seed, days: int, said: str, look: str
) -> None:
    season = Season(date(2026, 11, 23), date(2026, 11, 24))
    tea = Offering("exam_support", OfferingState.YES, Basis.VERIFIED, season=season)
    amenities = [replace(one, zh="免费凉茶") if one.code == "exam_support" else one for one in seed.amenities]
    station = replace(seed.stations[0], offerings=(tea,))
    client = showing(Network([station], seed.towns, amenities, 1), MONDAY_MORNING + timedelta(days=days))
    html = client.get("/stations/ZS001").text

    assert said in words(html)
    assert re.search(r'<li class="is-(\w+)">[^\n]*免费凉茶', html)[1] == look  # type: ignore[index]
    out = replace(station, offerings=(replace(tea, state=OfferingState.OUT_OF_ORDER),))
    assert "11月23日至24日 故障 已核实" in words(client_of(seed, out, days).get("/stations/ZS001").text)


def test_what_was_checked_after_a_report_says_so_beside_the_fact(seed: Seed) -> None:
    checked = Offering(
        "toilet", OfferingState.YES, Basis.VERIFIED, verified_at=MONDAY_MORNING, reported_at=MONDAY_MORNING
    )

    assert "公共厕所 收到反馈后于 11月23日核实 有 已核实" in page_of(seed, offerings=(checked,))
    english = page_of(seed, "/stations/ZS001?lang=en", offerings=(checked,))
    assert "Checked on 23 Nov after a report" in english
    assert "The last report was dealt with on 23 Nov." in english
    assert "2026年11月23日核实" in page_of(seed, days=400, offerings=(checked,))


def test_a_placeholder_is_searched_for_and_no_coordinate_is_given(seed: Seed) -> None:
    client = client_of(seed, seed.stations[0])
    html = client.get("/stations/ZS001").text
    place = seed.stations[0].place

    assert "还没有人到现场确认过这个站点的位置" in html
    assert "https://uri.amap.com/search?keyword=" in html
    assert f"{place.lon:.4f}" not in html


def test_a_verified_station_is_navigated_to_and_dated(seed: Seed) -> None:
    verified = {"location_basis": Basis.VERIFIED, "place": Place.at(113.4, 22.5), "verified_at": MONDAY_MORNING}
    page = page_of(seed, **verified)

    assert "还没有人到现场确认过这个站点的位置" not in page
    assert "在地图应用里搜索" not in page
    assert "最近一次现场核实：2026年11月23日。" in page


def test_every_map_application_has_its_link_and_amap_comes_first(seed: Seed) -> None:
    html = client_of(seed, seed.stations[0]).get("/stations/ZS001").text
    link = r'<li><a href="([^"]+)" rel="noreferrer">(?:<svg.*?</svg>)?([^<]+)</a>'
    ways = re.findall(link, html.partition('class="ways"')[2])

    assert [name for _, name in ways] == [
        "高德地图",
        "百度地图",
        "腾讯地图",
        "苹果地图",
        "谷歌地图",
        "手机上的其他地图",
    ]
    assert [url.partition(":")[0] for url, _ in ways] == ["https"] * 5 + ["geo"]


def test_it_names_the_three_nearest_that_are_open_with_their_distance(seed: Seed) -> None:
    page = page_of(seed).partition("附近正在营业的站点 ")[2].partition(" 这里有问题")[0]

    assert len(re.findall("约 [0-9.]+ (?:公里|米) · 直线", page)) == 3
    assert page.count("营业中") == 3
    assert seed.stations[0].name not in page
    assert "步行" not in page


def test_at_night_it_names_the_nearest_with_the_hour_they_open(seed: Seed) -> None:
    page = page_of(seed, days=5)

    assert "附近正在营业的站点" not in page
    assert (
        page.partition("附近的站点 ")[2].count("休息中，下周一 09:00 开门") + page.count("休息中，周一 09:00 开门") >= 3
    )


def test_thanks_are_said_to_whoever_comes_from_reporting(seed: Seed) -> None:
    client = client_of(seed, seed.stations[0])

    assert '<p id="report-says" role="status">谢谢，已经告诉站点。</p>' in client.get("/stations/ZS001?reported=1").text
    assert '<p id="report-says" role="status"></p>' in client.get("/stations/ZS001").text


def test_a_closure_is_told_with_its_reason_and_marked_in_the_week(seed: Seed) -> None:
    closure = Closure(1, MONDAY_MORNING, MONDAY_MORNING + timedelta(days=1), "装修")
    page = page_of(seed, closures=(closure,))

    assert "临时关闭 11月23日 周一 10:00 至 11月24日 周二 10:00 · 装修" in page
    assert "09:00–17:00 有临时关闭" in page


@pytest.mark.parametrize(("status", "said"), [(Status.SUSPENDED, "暂停服务"), (Status.RETIRED, "已撤销")])
def test_a_station_that_does_not_run_says_so_and_has_neither_hours_nor_a_place_on_the_map(
    seed: Seed, status: Status, said: str
) -> None:
    page = page_of(seed, status=status)

    assert said in page
    assert "09:00–17:00" not in page
    assert "看地图" not in page


def test_it_names_its_twin_for_programs(seed: Seed) -> None:
    html = client_of(seed, seed.stations[0]).get("/stations/ZS001").text

    assert '<link rel="alternate" type="application/geo+json" href="/api/v1/stations/ZS001">' in html


def test_english_has_no_chinese_but_the_official_name_and_the_language_switch(seed: Seed) -> None:
    page = page_of(seed, "/stations/ZS001?lang=en")

    assert set(re.findall(r"[\u4e00-\u9fff]+", page)) == {seed.stations[0].official_name, "中文"}


def test_an_unknown_code_is_a_404_and_an_unknown_parameter_a_400(seed: Seed) -> None:
    client = client_of(seed, seed.stations[0])

    assert client.get("/stations/ZS999").status_code == 404
    assert client.get("/stations/ZS001?town=1").status_code == 400
    assert client.get("/stations/ZS999?town=1").status_code == 404
