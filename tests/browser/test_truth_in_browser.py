"""A manager makes the facts true with a phone at the door: real Chromium, a granted position, no help read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from harbour_api.domain.station import OfferingState, Station
from harbour_api.store.facts import By
from tests.browser.conftest import OpenTab, Service
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
CODE = "ZS033"


@pytest.fixture
def own(service: Service) -> Iterator[Station]:
    """A station as the seed has it; whatever is made of it is taken back afterwards."""
    yield service.house.registry.network.station(CODE)
    for line in service.house.audit.newest(20, station=CODE):
        service.house.facts.take_back(CODE, line.spot.id, By("test"))


def test_a_newcomer_verifies_a_place_marks_the_water_and_closes_friday_afternoon(
    tab: OpenTab, service: Service, own: Station
) -> None:
    service.house.accounts.add_manager("first-timer", PASSWORD, stations=(CODE,))
    here = {"longitude": own.place.lon + 0.002, "latitude": own.place.lat}
    opened = tab(geolocation={**here, "accuracy": 180}, permissions=["geolocation"], locale="zh-CN")
    page = opened.open("/login")
    page.get_by_label("用户名").fill("first-timer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("link", name=own.name).click()
    page.get_by_role("link", name="资料").click()
    page.get_by_role("link", name="核实位置").click()

    page.get_by_role("button", name="我在门口").click()
    expect(page.locator("#place-says")).to_contain_text("误差 180 米")
    opened.context.set_geolocation({**here, "accuracy": 9})  # it is waited for, and taken as soon as it will do
    expect(page.get_by_text("误差约 9 米")).to_be_visible()
    page.get_by_role("button", name="是这里，保存").click()
    expect(page.get_by_role("status")).to_contain_text("谢谢")

    page.get_by_role("link", name="接着核对这里的设施").click()
    water = page.get_by_role("group", name="饮水机")
    water.get_by_label("故障").check()
    expect(water.get_by_role("status")).to_have_text("已保存")

    page.get_by_label("哪一天关闭").fill("2026-11-27")
    page.get_by_label("下午").check()
    page.get_by_label("原因").fill("盘点")
    page.get_by_role("button", name="登记关闭").click()
    expect(page.get_by_role("status").first).to_contain_text("公众页面马上显示")

    page.get_by_role("link", name="公众页面").click()
    expect(page.get_by_text("最近一次现场核实：2026年11月23日")).to_be_visible()
    expect(page.locator("li.is-out_of_order", has_text="饮水机")).to_contain_text("故障")
    expect(page.get_by_text("11月27日 周五 12:00 至 24:00")).to_be_visible()
    expect(page.get_by_text("盘点")).to_be_visible()


def test_a_pin_is_set_by_a_tap_and_what_cannot_be_saved_stays_chosen(
    tab: OpenTab, service: Service, own: Station
) -> None:
    opened = tab()
    opened.open_desk()
    page = opened.open(f"/manage/stations/{CODE}/place")
    use = page.get_by_role("button", name="用图钉的位置")
    expect(use).to_be_disabled()
    page.locator("#map .map").click(position={"x": 80, "y": 80})
    use.click()
    expect(page.get_by_text("地图上的图钉")).to_be_visible()
    expect(page.get_by_role("button", name=f"图钉：{own.name}")).to_be_visible()

    opened.open(f"/manage/stations/{CODE}/facts")
    water = page.get_by_role("group", name="饮水机")
    opened.context.set_offline(True)
    water.get_by_label("没有", exact=True).click()
    expect(water.get_by_role("status")).to_contain_text("没有网络")
    expect(water.get_by_label("没有", exact=True)).to_be_checked()
    opened.context.set_offline(False)
    opened.errors.clear()  # the browser calls the lost connection an error
    water.get_by_label("没有", exact=True).click()
    expect(water.get_by_role("status")).to_have_text("已保存")

    facts, by = service.house.facts, By("somebody")
    facts.set_offering(CODE, "tv", OfferingState.NO, None, None, by)  # in nobody's way
    water.get_by_label("故障").click()
    expect(water.get_by_role("status")).to_have_text("已保存")
    facts.set_offering(CODE, "drinking_water", OfferingState.YES, 2, "二楼", by)
    water.get_by_label("不清楚").click()
    expect(water.get_by_role("status")).to_contain_text("别人刚改成：有 · 2 · 二楼")
    assert service.house.registry.network.station(CODE).offers("drinking_water") is OfferingState.YES
    opened.errors.clear()  # the browser calls a 412 an error
    water.get_by_label("没有", exact=True).click()
    expect(water.get_by_role("status")).to_have_text("已保存")

    page.get_by_text("中高考期间").first.click()
    exams = page.get_by_role("group", name="助考服务")
    exams.get_by_label("有", exact=True).click()
    expect(exams.get_by_role("status")).to_have_text("已保存")
    exams.get_by_label("从哪一天").fill("2026-12-07")
    expect(exams.get_by_role("status")).to_have_text("开始和结束两个日期要一起填")
    exams.get_by_label("到哪一天").fill("2026-12-09")
    expect(exams.get_by_role("status")).to_have_text("已保存")
    opened.open(f"/stations/{CODE}")
    expect(page.locator("li", has_text="助考服务")).to_contain_text("12月7日至9日 未开始")


def test_no_tap_is_left_unsaid_behind_one_that_hangs_and_a_row_is_told_apart_as_the_service_does(
    tab: OpenTab, service: Service, own: Station
) -> None:
    opened = tab()
    opened.page.clock.install()
    opened.open_desk()
    page = opened.open(f"/manage/stations/{CODE}/facts")
    hanging: list[Route] = []
    page.route("**/amenities/wifi", lambda route: hanging.append(route), times=1)  # noqa: PLW0108  Playwright marks what it is given
    wifi, water = (page.get_by_role("group", name=name, exact=True) for name in ("免费WiFi", "饮水机"))
    wifi.get_by_label("没有", exact=True).click()
    water.get_by_label("有", exact=True).click()
    expect(wifi.get_by_role("status")).to_have_text("…")
    expect(water.get_by_role("status")).to_have_text("…")
    page.clock.run_for(15_000)
    expect(wifi.get_by_role("status")).to_contain_text("没有网络")
    expect(water.get_by_role("status")).to_have_text("已保存")

    water.get_by_text("数量、备注和日期").click()
    water.get_by_label("备注").fill('二楼|"左"\\右')
    water.get_by_label("备注").blur()
    expect(water.get_by_role("status")).to_have_text("已保存")
    water.get_by_label("数量").fill("05")
    water.get_by_label("数量").blur()
    expect(water.get_by_role("status")).to_have_text("已保存")
    service.house.facts.set_offering(CODE, "tv", OfferingState.NO, None, None, By("somebody"))
    water.get_by_label("有", exact=True).click()
    expect(water.get_by_role("status")).to_have_text("已保存")  # one's own 5 is not somebody else's 05
    opened.errors.clear()  # the browser calls a 412 an error
    kept = page.input_value("[name=was-drinking_water]")
    page.reload()
    assert page.input_value("[name=was-drinking_water]") == kept
