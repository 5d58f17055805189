"""An account's first day at the desk, on a phone, without a script: its days put right, and a link for the counter."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenTab, Service
from tests.browser.test_accessibility import violations
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
STATION = "ZS030"
FRIDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 22)


def real_totals(service: Service) -> list[int | None]:
    days = service.house.visits.days(STATION, FRIDAY, SUNDAY)
    return [None if day.is_sample else day.total for day in days]


def press_save(page: Page) -> None:
    page.locator(".days-save").get_by_role("button", name="保存").click()


def test_a_managers_first_day_without_a_script(tab: OpenTab, service: Service) -> None:
    service.house.accounts.add_manager("newcomer", PASSWORD, stations=(STATION,))
    opened = tab(java_script_enabled=False)
    page = opened.open("/login")
    page.get_by_label("用户名").fill("newcomer")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("link", name="每日").or_(page.get_by_role("link", name="补记")).click()

    page.get_by_label("11月22日 周日，人次").fill("12")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_contain_text("11月22日")
    assert real_totals(service) == [None, None, 12], "and Enter states no zero"
    page.get_by_role("button", name="0 11月21日 周六").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_contain_text("11月21日")
    assert real_totals(service) == [None, 0, 12]

    reason = page.get_by_label("11月22日 周日，改动的原因")
    expect(reason).to_be_hidden()
    page.get_by_label("11月22日 周日，人次").fill("15")
    page.get_by_label("11月20日 周五，人次").fill("3")
    expect(reason).to_be_visible()
    press_save(page)
    expect(page.get_by_role("alert")).to_contain_text("1 天没有保存")
    opened.errors.clear()  # the browser calls the 422 an error
    expect(page.get_by_label("11月22日 周日，人次")).to_have_value("15")
    reason.fill("漏了三位")
    press_save(page)
    assert real_totals(service) == [3, 0, 15]

    page.get_by_role("link", name="11月22日 周日").click()
    page.locator("summary", has_text="更正").first.click()
    opened_form = page.locator("details[open]")
    opened_form.get_by_label("应为").fill("11")
    opened_form.get_by_label("原因").fill("数错了")
    opened_form.get_by_role("button", name="保存更正").click()
    expect(page.get_by_text("更正为 11")).to_be_visible()
    assert real_totals(service) == [3, 0, 14]

    page.get_by_role("link", name="计数链接").click()
    page.get_by_role("button", name="新建一个计数链接").click()
    expect(page.get_by_role("img", name="计数链接的二维码")).to_be_visible()
    page.locator(".link-open").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(service.house.registry.network.station(STATION).name)
    expect(page.get_by_role("button", name="环卫工人")).to_be_visible()


def test_axe_finds_nothing_on_what_only_a_form_leads_to(tab: OpenTab) -> None:
    opened = tab()
    page = opened.open_desk()
    opened.open(f"/manage/stations/{STATION}/links")
    page.get_by_role("button", name="新建一个计数链接").click()
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    assert violations(page, "zh") == []

    opened.open(f"/manage/stations/{STATION}/days")
    page.get_by_label("11月18日 周三，人次").fill("many")
    press_save(page)
    expect(page.get_by_text("要填 0 到 100000 的整数。")).to_be_visible()
    opened.errors.clear()  # the browser calls the 422 an error
    assert violations(page, "zh") == []
