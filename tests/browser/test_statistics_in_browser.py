"""The statistics and the notice in a real browser: nothing for axe to find, nothing wider than a phone, touchable."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from harbour_api.domain.notice import Notice, NoticeKind
from tests.browser.conftest import OpenTab, Service
from tests.browser.test_accessibility import violations
from tests.conftest import MONDAY_MORNING

pytestmark = pytest.mark.browser
HEAT = Notice(
    NoticeKind.HEAT, MONDAY_MORNING, MONDAY_MORNING + timedelta(days=2), "各站点备有凉茶。", "Stations have cool tea."
)
SMALL = """() => [...document.querySelectorAll('.desk a, .desk button, .desk select, .desk input, .desk .tick')]
  .filter((node) => node.type !== 'hidden' && (!node.closest('.tick') || node.matches('.tick')))
  .filter((node) => { const box = node.getBoundingClientRect(); return box.height < 48 || box.width < 48; })
  .map((node) => node.outerHTML.slice(0, 80))"""


@pytest.fixture
def noticed(service: Service) -> Iterator[Service]:
    """The service with a notice up."""
    service.house.notices.put_up(HEAT, actor="admin")
    yield service
    service.house.notices.take_down(actor="admin")


def looked_at(page: Page, lang: str) -> list[str]:
    """What is wrong with a page of the desk, narrow and wide, light and dark."""
    page.set_viewport_size({"width": 360, "height": 640})
    is_wider = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    small: list[str] = page.evaluate(SMALL)
    return [*(["wider than the phone"] if is_wider else []), *small, *violations(page, lang)]


@pytest.mark.parametrize(
    ("lang", "query"), [("zh", "group_by=day&include_sample=true"), ("en", "group_by=town&include_sample=true")]
)
def test_the_statistics_are_whole_on_a_phone_and_a_monitor(tab: OpenTab, lang: str, query: str) -> None:
    opened = tab()
    opened.open_desk(lang=lang)
    page = opened.open(f"/manage/statistics?{query}&lang={lang}")

    assert looked_at(page, lang) == []
    if lang == "zh":
        described = page.locator("svg.columns").get_attribute("aria-labelledby") or ""
        assert all(page.locator(f"#{name}").text_content() for name in described.split())


def test_the_form_leads_from_one_question_to_the_next(tab: OpenTab) -> None:
    opened = tab()
    opened.open_desk(lang="en")
    page = opened.open("/manage/statistics?lang=en")
    page.select_option("#group_by", "station")
    page.fill("#from", "2026-11-16")
    page.check("input[name=include_sample]")
    page.click(".stat-form button")

    assert page.locator("tbody tr").count() == 64
    assert "from=2026-11-16" in page.url
    assert "with sample visits only" in page.inner_text("main")


def test_a_notice_is_seen_by_everybody_and_its_form_is_whole_on_a_phone(noticed: Service, tab: OpenTab) -> None:
    opened = tab()
    page = opened.open("/about")
    assert HEAT.text in page.inner_text("aside.notice [role=status]")
    assert violations(page, "zh") == []
    opened.open_desk(lang="en")

    assert looked_at(opened.open("/manage/notice?lang=en"), "en") == []
