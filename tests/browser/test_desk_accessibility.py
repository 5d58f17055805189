"""The desk's own pages in a real browser: axe-core finds nothing, none is too wide, and an account is used by hand."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OWN_STATION, OpenTab, Service
from tests.browser.test_accessibility import violations
from tests.conftest import MONDAY_MORNING, PASSWORD

pytestmark = pytest.mark.browser
FACTS = f"/manage/stations/{OWN_STATION}"
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_the_pages_of_accounts(tab: OpenTab, lang: str) -> None:
    opened = tab()
    opened.open_desk(lang=lang)
    for path in ("/manage/me", "/manage/accounts", "/manage/accounts/desk", "/manage/audit"):
        page = opened.open(f"{path}?lang={lang}")
        assert violations(page, lang) == [], path
        page.set_viewport_size({"width": 360, "height": 640})
        assert not page.evaluate(TOO_WIDE), path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_the_first_page_and_on_a_stations_desk(tab: OpenTab, lang: str) -> None:
    opened, desk = tab(), f"/manage/stations/{OWN_STATION}"
    opened.open_desk(lang=lang)
    for path in ("/manage", desk, f"{desk}/days", f"{desk}/days/2026-11-20", f"{desk}/links"):
        page = opened.open(f"{path}?lang={lang}")
        assert violations(page, lang) == [], path
        page.set_viewport_size({"width": 360, "height": 640})
        assert not page.evaluate(TOO_WIDE), path


@pytest.mark.parametrize(
    ("lang", "paths"),
    [
        ("zh", (f"{FACTS}/facts", f"{FACTS}/history", "/manage/round", "/manage/amenities")),
        ("en", (f"{FACTS}/place", f"{FACTS}/hours", f"{FACTS}/facts", "/manage/reports")),
    ],
)
def test_axe_finds_nothing_on_the_pages_of_facts(tab: OpenTab, lang: str, paths: tuple[str, ...]) -> None:
    opened = tab()
    opened.open_desk(lang=lang)
    for path in paths:
        page = opened.open(f"{path}?lang={lang}")
        assert violations(page, lang) == [], path
        page.set_viewport_size({"width": 360, "height": 640})
        assert not page.evaluate(TOO_WIDE), path


def test_a_manager_sets_up_a_second_factor_and_logs_in_with_it(tab: OpenTab, service: Service) -> None:
    service.house.accounts.add_manager("careful", PASSWORD)
    opened = tab()
    page = opened.open_desk("careful")
    page.get_by_role("link", name="我的账户").click()
    page.get_by_role("button", name="设置两步验证").click()
    expect(page.get_by_role("img", name="验证器的二维码")).to_be_visible()
    assert violations(page, "zh") == []
    totp = pyotp.TOTP(page.locator(".desk-secret").inner_text())
    page.locator("#present").fill(PASSWORD)
    page.get_by_label("动态码").fill(totp.at(MONDAY_MORNING))
    page.get_by_role("button", name="开启", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("两步验证已经开启")
    page.get_by_role("button", name="在所有设备上退出").click()

    opened.open("/login")
    page.get_by_label("用户名").fill("careful")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_text("账户开启了两步验证？").click()
    page.get_by_label("动态码").fill(totp.at(int(MONDAY_MORNING.timestamp()) + 30))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("careful", exact=True)).to_be_visible()
