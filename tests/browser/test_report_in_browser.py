"""Reporting with a tap, as a phone does it: ten seconds to undo with JavaScript, a plain form without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from harbour_api.domain.report import Report, ReportKind, ReportState
from tests.browser.conftest import OpenTab, Service

pytestmark = pytest.mark.browser
SAYS = "#report-says"
UNDO = "#report-undo"


def sent(served: Service, code: str) -> list[Report]:
    return served.house.reports.queue({code}, list(ReportState))


def tap(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_tap_waits_ten_seconds_and_is_then_sent(tab: OpenTab, service: Service) -> None:
    opened = tab()
    opened.page.clock.install()
    page = opened.open("/stations/ZS021")
    tap(page, "没有水")

    assert page.locator(SAYS).text_content() == "即将发送：没有水"
    assert page.locator(UNDO).text_content() == "撤销（10 秒）"
    page.clock.run_for(9_500)
    assert sent(service, "ZS021") == []
    page.clock.run_for(1_000)
    expect(page.locator(SAYS)).to_have_text("谢谢，已经告诉站点。")
    assert [(one.kind, one.amenity) for one in sent(service, "ZS021")] == [(ReportKind.AMENITY_OUT, "drinking_water")]
    assert page.locator(UNDO).is_hidden()


def test_undo_drops_it_and_another_can_be_sent(tab: OpenTab, service: Service) -> None:
    opened = tab()
    opened.page.clock.install()
    page = opened.open("/stations/ZS022?lang=en")
    tap(page, "Closed")
    page.clock.run_for(3_000)
    page.locator(UNDO).click()
    page.clock.run_for(60_000)

    assert page.locator(SAYS).text_content() == "Undone; nothing was sent."
    assert sent(service, "ZS022") == []
    page.locator("select").select_option("toilet")
    tap(page, "This is broken")
    page.clock.run_for(11_000)
    expect(page.locator(SAYS)).to_have_text("Thank you, the station has been told.")
    assert [(one.kind, one.amenity) for one in sent(service, "ZS022")] == [(ReportKind.AMENITY_OUT, "toilet")]


def test_whoever_leaves_within_the_ten_seconds_has_reported(tab: OpenTab, service: Service) -> None:
    opened = tab()
    page = opened.open("/stations/ZS023")
    tap(page, "进不去")
    opened.open("/login")
    for _ in range(50):
        if sent(service, "ZS023"):
            break
        page.wait_for_timeout(100)

    assert [one.kind for one in sent(service, "ZS023")] == [ReportKind.NO_ACCESS]


def test_what_cannot_be_sent_is_said(tab: OpenTab, service: Service) -> None:
    opened = tab()
    opened.page.clock.install()
    page = opened.open("/stations/ZS024")
    page.context.set_offline(True)
    tap(page, "关门")
    page.clock.run_for(11_000)
    expect(page.locator(SAYS)).to_have_text("没有发出去，请稍后再试。")
    page.context.set_offline(False)

    assert sent(service, "ZS024") == []
    assert page.get_by_role("button", name="关门", exact=True).is_enabled()
    assert all("ERR_INTERNET_DISCONNECTED" in error for error in opened.errors)
    opened.errors.clear()


def test_without_javascript_a_tap_is_sent_at_once_and_thanked_for(tab: OpenTab, service: Service) -> None:
    page = tab(java_script_enabled=False).open("/stations/ZS025")
    tap(page, "信息不对")

    assert page.url.endswith("/stations/ZS025?reported=1#report")
    assert page.locator(SAYS).text_content() == "谢谢，已经告诉站点。"
    assert [one.kind for one in sent(service, "ZS025")] == [ReportKind.WRONG_INFO]
