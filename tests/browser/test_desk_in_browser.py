"""The managers' desk in a real browser: in through the page, the visits, and out again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OWN_STATION, OpenTab, Service
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


def test_a_manager_logs_in_sees_the_map_and_logs_out(tab: OpenTab) -> None:
    opened = tab(width=1280, height=800)
    page = opened.open("/login")
    page.fill("#username", "admin")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.click("main button")

    assert page.url.endswith("/manage")
    expect(page.get_by_text("admin", exact=True)).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="地图", exact=True).click()
    assert page.locator("button.map-circle").count() == 64
    assert page.locator("[data-kind=station]").count() == 64

    with page.expect_navigation():
        page.get_by_role("button", name="退出登录").click()
    assert page.url == f"{opened.served.url}/"
    opened.open("/manage/map")
    opened.errors.clear()  # the browser calls the 401 an error
    expect(page.get_by_label("密码")).to_be_visible()


def test_a_manager_sees_the_own_station_only(tab: OpenTab, service: Service) -> None:
    page = tab().open_desk("desk")
    own = service.house.registry.network.station(OWN_STATION)

    assert page.locator("tbody .map-name").all_inner_texts() == [own.name]
    assert page.locator("button.map-circle").count() == 1


def test_the_map_opens_on_the_latest_week_of_which_anything_is_known(tab: OpenTab) -> None:
    page = tab().open_desk()

    expect(page.locator("#map-status")).to_contain_text("11-16 – 11-22")
    page.locator("#map-period").press("End")
    expect(page.locator("#map-status")).to_contain_text("11-23 – 11-29（至今）：共 0 人次")


def test_sample_visits_are_said_to_be_samples(tab: OpenTab) -> None:
    page = tab().open_desk(lang="en")

    expect(page.get_by_role("note")).to_have_text("Includes sample data, not only real visits.")


def test_a_wrong_password_is_said_on_the_page(tab: OpenTab) -> None:
    opened = tab()
    page = opened.open("/login")
    page.fill("#username", "somebody")
    page.fill("#password", "not the password")
    with page.expect_navigation():
        page.click("main button")
    opened.errors.clear()  # the browser calls the 401 an error

    expect(page.get_by_role("alert")).to_have_text("用户名、密码或动态码不对。")
    expect(page.get_by_label("用户名")).to_have_value("somebody")


def test_a_circle_opens_its_trend_by_the_keyboard(tab: OpenTab, service: Service) -> None:
    page = tab().open_desk("desk")
    name = service.house.registry.network.station(OWN_STATION).name

    page.locator("button.map-circle").first.focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog", name=name)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("button.map-circle:focus")).to_have_count(1)
