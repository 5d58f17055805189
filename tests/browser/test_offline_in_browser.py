"""The finder on the phone itself: sorted there by a position that goes nowhere, and whole without a connection after
one visit. What the phone says is held against what the server says of the same question."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from harbour_api.domain.hours import ZONE
from harbour_api.domain.place import Place
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, Offering, OfferingState
from harbour_api.store import tables
from harbour_api.store.seed import Seed
from harbour_api.web.pages import finder
from tests.browser.conftest import PATIENCE_S, OpenTab, Service, Tab, serving
from tests.browser.test_accessibility import violations
from tests.conftest import MONDAY_MORNING

pytestmark = pytest.mark.browser
HERE = {"longitude": 113.38261, "latitude": 22.51768}
POSITION = re.compile(r"lon=[-.\d]+&lat=[-.\d]+&")  # what the phone's addresses do not have
PLACED = {"location_basis": Basis.VERIFIED}
UNREAD = "ZS005"
READY = "navigator.serviceWorker.controller !== null"
QUESTIONS = (
    "/",
    "/?lang=en",
    "/?town=442000115",
    "/?lon=113.3826&lat=22.5177&lang=en",
    "/?lon=113.5912&lat=22.2031&all=1",
    "/?open=1&amenity=toilet&amenity=wifi&town=442000001",
    "/?q=shi qi",
    "/?q=zszs&open=1&lang=en",
    "/?amenity=aed",
    "/?amenity=exam_support",
    "/?amenity=exam_support&lang=en",
    "/?lon=-70.5&lat=-33.25",
)
SEEN = """() => ({
  cards: Array.from(document.querySelectorAll('.card'), card => [card.id, card.innerText,
    ...Array.from(card.querySelectorAll('a'), link => link.href), ...Array.from(card.querySelectorAll('use'),
    use => use.getAttribute('href')), card.querySelector('.on,.off,.unsure').className]),
  around: ['#criteria', '#heading', '#summary', '#note', '#title'].map(part => document.querySelector(part).innerText),
  links: ['#all', '#without a'].map(part => document.querySelector(part))
    .map(link => link.checkVisibility() && link.href),
  towns: Array.from(document.querySelectorAll('#groups h2'), heading => heading.innerText),
  asked: Array.from(new FormData(document.querySelector('#ask'))).filter(([name]) => name !== 'lon' && name !== 'lat')
})"""


def in_days(amenity: str, first: date, last: date, state: OfferingState = OfferingState.YES) -> Offering:
    return Offering(amenity, state, Basis.VERIFIED, season=Season(first, last))


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory, seed: Seed) -> Iterator[Service]:
    """A service whose stations differ: placed or not, of known hours or none, shut for a while, with odd names."""
    changed: dict[str, dict[str, Any]] = {
        "ZS002": {
            **PLACED,
            "name": "{code} (甲; 乙)!",
            "name_en": "<b>{name}</b> (A; B)!",
            "place": Place.at(113.381, 22.516),
        },
        "ZS003": {**PLACED, "place": Place.at(113.399, 22.53), "opening_hours": "Mo-Su 00:00-24:00", "basis": {}},
        "ZS004": {"opening_hours": None},
        "ZS006": {"opening_hours": "Mo-Fr 08:00-09:30,19:00-23:00", "offerings": ()},
        "ZS008": {"offerings": (Offering("exam_support", OfferingState.YES, Basis.VERIFIED),)},
        "ZS011": {"offerings": (in_days("exam_support", date(2026, 11, 20), date(2026, 11, 24)),)},
        "ZS012": {"offerings": (in_days("exam_support", date(2026, 11, 30), date(2026, 12, 2)),)},
        "ZS013": {"offerings": (in_days("exam_support", date(2026, 10, 9), date(2026, 10, 9)),)},
        "ZS014": {
            "offerings": (
                in_days("exam_support", date(2026, 12, 8), date(2027, 2, 3)),
                in_days("toilet", date(2027, 6, 7), date(2027, 6, 9), OfferingState.OUT_OF_ORDER),
                in_days("wifi", date(2027, 6, 7), date(2027, 6, 9)),
            )
        },
        "ZS007": {"offerings": (Offering("toilet", OfferingState.OUT_OF_ORDER, Basis.VERIFIED),)},
    }
    planted = replace(seed, stations=tuple(replace(one, **changed.get(one.code, {})) for one in seed.stations))
    with serving(tmp_path_factory.mktemp("varied"), planted) as service:
        closure = {"station": "ZS010", "reason": "repair", "starts_at": MONDAY_MORNING - timedelta(days=1)}
        with service.house.database.write() as connection:
            connection.execute(tables.closures.insert(), {**closure, "ends_at": MONDAY_MORNING + timedelta(days=3)})
            connection.execute(tables.stations.update().values(revision=tables.stations.c.revision + 1))
            connection.execute(tables.network.update().values(revision=tables.network.c.revision + 1))
        service.house.registry.refresh()
        yield service


def visited(tab: OpenTab, served: Service, path: str = "/", at: datetime = MONDAY_MORNING, **options: Any) -> Tab:
    """A phone that opened one page, long enough for the worker to do its work."""
    opened = tab(served, service_workers="allow", **options)
    opened.page.clock.set_fixed_time(at)
    wait_for(opened.open(path), READY)
    return opened


def wait_for(page: Page, condition: str) -> None:
    """Wait until a condition holds; the pages' policy forbids Playwright's own way to wait."""
    patience = time.monotonic() + PATIENCE_S
    while not page.evaluate(condition):
        assert time.monotonic() < patience, condition
        page.wait_for_timeout(20)


def without_network(opened: Tab) -> Tab:
    opened.context.set_offline(True)
    opened.errors.clear()
    return opened


def stamped(opened: Tab, path: str, stamp: str = "10:00") -> Page:
    """A page as the phone shows it without a connection; filled in from the network file it bears that one's stamp."""
    page = opened.open(path)
    page.wait_for_selector(f"#kept:not(:empty):has-text('{stamp}')")
    opened.errors.clear()  # the browser calls each request that fails an error
    return page


def is_position(url: str) -> bool:
    return any(part in url for part in ("113.38", "22.51", "lon=", "lat="))


def test_the_phone_answers_every_question_as_the_server_does(tab: OpenTab, varied: Service) -> None:
    online, offline = tab(varied), without_network(visited(tab, varied))

    for question in QUESTIONS:
        said = online.open(question).evaluate(SEEN)
        said["links"] = [link and POSITION.sub("", link) for link in said["links"]]
        assert stamped(offline, question).evaluate(SEEN) == said, question


def test_two_taps_lead_from_the_first_load_to_a_map_application(tab: OpenTab, service: Service) -> None:
    opened = visited(tab, service, geolocation=HERE, permissions=["geolocation"])
    for is_offline in (False, True):
        page = stamped(without_network(opened), "/") if is_offline else opened.page
        page.get_by_role("button", name="离我最近").tap() if opened.page.evaluate(
            "'ontouchstart' in window"
        ) else page.click("#near")
        page.wait_for_selector("#note:not([hidden])")
        way = page.locator(".card .go").first

        assert page.locator(".card").first.get_attribute("id") == "ZS017"
        assert str(way.get_attribute("href")).startswith("https://uri.amap.com/")
        assert way.bounding_box()["y"] < 640  # type: ignore[index]  # in sight, for the second tap
        assert page.url == f"{service.url}/"
    opened.errors.clear()

    assert not [url for url in opened.requests if is_position(url)]


def test_a_filter_after_the_position_keeps_it_and_the_address_can_be_shared(tab: OpenTab, service: Service) -> None:
    page = visited(tab, service, geolocation=HERE, permissions=["geolocation"]).page
    page.click("#near")
    page.wait_for_selector("#note:not([hidden])")
    page.click(".ask > summary")
    page.check("[name=open]")
    page.click(".row button")
    page.wait_for_url("**/?open=1")

    assert page.inner_text("#summary") == "找到 64 个，最近约 210 米。"
    assert page.inner_text("#criteria") == "更改：您的位置 · 现在营业"
    assert page.get_attribute("a[hreflang=en]", "href") == "/?open=1&lang=en"


def test_a_position_that_does_not_come_leads_on_to_the_towns(tab: OpenTab) -> None:
    opened = tab()
    opened.page.add_init_script("navigator.geolocation.getCurrentPosition = () => {}")
    opened.page.clock.install()
    page = opened.open("/")
    page.click("#near")
    page.clock.run_for(13_000)

    assert page.inner_text("#near-says") == "没有取得位置，请选一个镇街。"
    assert page.evaluate("document.activeElement.id") == "town"


def test_without_a_connection_every_page_is_a_kept_one_or_says_so(tab: OpenTab, varied: Service) -> None:
    opened = visited(tab, varied)
    opened.open("/stations/ZS001").wait_for_load_state("networkidle")
    opened.open("/stations/ZS011").wait_for_load_state("networkidle")
    opened.open("/map").wait_for_load_state("networkidle")
    without_network(opened)

    visited_page = stamped(opened, "/stations/ZS001", "").inner_text("main")
    unread = stamped(opened, f"/stations/{UNREAD}")
    facts = unread.inner_text("main")
    ways = unread.eval_on_selector_all(".ways a", "links => links.map(link => link.href)")

    assert "清算行号" in visited_page
    for fact in (
        "中山水云轩支行",
        "石岐街道",
        "营业中，17:00 关门",
        "直接进入",
        "位置未核实",
        "饮水机",
        "周一 11月23日 今天",
        "09:00–17:00",
    ):
        assert fact in facts
    assert len(ways) == 6
    assert unread.inner_text("#kept") == "离线，截至 10:00 的资料"
    assert violations(unread, "zh") == []
    for path in ("/map", "/coverage?lang=en", "/stations/ZS999", "/manage/map"):
        said = stamped(opened, path, "").inner_text("h1")
        assert said == ("This page needs a connection" if "en" in path else "这一页需要联网"), path
    dated = stamped(opened, "/stations/ZS014").locator("#amenities + p + .groups li")
    assert dated.all_inner_texts() == [
        "免费WiFi（2027年6月7日至9日，未开始）",
        "助考服务（2026年12月8日至2027年2月3日，未开始）",
        "公共厕所（2027年6月7日至9日）",
    ]
    told = ".is-yes [data-season], .is-unknown [data-season]"
    assert stamped(opened, "/stations/ZS011", "").inner_text(told) == "进行中"
    opened.page.clock.set_fixed_time(MONDAY_MORNING + timedelta(days=2))
    assert stamped(opened, "/stations/ZS011", "").inner_text(told) == "已结束"


def test_past_the_days_that_the_phone_knows_hours_are_unknown_and_june_tells_of_exams(
    tab: OpenTab, varied: Service
) -> None:
    page = stamped(without_network(visited(tab, varied, at=datetime(2027, 6, 8, 10, tzinfo=ZONE))), "/")
    known = [one.offering("exam_support") for one in varied.house.registry.network.stations]
    helping = [one for one in known if one and one.state is OfferingState.YES and one.season is None]

    assert set(page.locator(".unsure").all_inner_texts()) <= {"营业时间未知 推定", "营业时间未知"}
    assert page.locator(".unsure").count() == 64
    assert page.locator(".exam").count() == len(helping) > 0
    assert page.inner_text("#kept") == "离线，截至 2026-11-23 10:00 的资料"


def test_a_new_worker_takes_over_visited_pages_and_touches_no_other_store(tab: OpenTab, service: Service) -> None:
    opened = visited(tab, service)
    page = opened.open("/stations/ZS001")
    page.wait_for_load_state("networkidle")
    kept = """async () => {
      const names = await caches.keys();
      const ours = names.find(name => name.startsWith('harbour-kept-'));
      const paths = (await (await caches.open(ours)).keys()).map(one => one.url.slice(location.origin.length));
      return {names, paths};
    }"""
    wait_for(page, f"({kept})().then(kept => kept.paths.includes('/stations/ZS001'))")
    page.evaluate("""async () => {
      const old = await caches.open('harbour-kept-0123456789ab');
      const now = await caches.open((await caches.keys()).find(name => name !== 'harbour-kept-0123456789ab'));
      for (const request of await now.keys()) await old.put(request, await now.match(request));
      await now.delete('/stations/ZS001');
      await (await caches.open('outbox')).put('/x', new Response('1'));
      const worker = await navigator.serviceWorker.getRegistration();
      await worker.unregister();
    }""")
    wait_for(opened.open("/"), READY)
    wait_for(page, "caches.has('harbour-kept-0123456789ab').then(is => !is)")
    after = page.evaluate(kept)

    assert sorted(name.partition("kept")[0] for name in after["names"]) == ["harbour-", "outbox"]
    assert "/stations/ZS001" in after["paths"]


def test_nothing_is_kept_that_is_private_or_says_where_somebody_is(tab: OpenTab, service: Service) -> None:
    opened = visited(tab, service)
    opened.open_desk()
    for path in (
        "/?lon=113.3826&lat=22.5177",
        "/?town=442000001",
        "/login",
        "/stations/ZS002?reported=1",
        "/stations/ZS999",
    ):
        opened.open(path).wait_for_load_state("networkidle")
    opened.errors.clear()  # the browser calls the 404 an error
    urls = opened.page.evaluate("""async () => {
      const found = [];
      for (const name of await caches.keys())
        for (const one of await (await caches.open(name)).keys()) found.push(one.url.slice(location.origin.length));
      return found;
    }""")

    pages = sorted(url for url in urls if not url.startswith("/a/"))
    assert pages == ["/", "/?lang=en", "/network.json", "/offline", "/offline?lang=en"]


def test_a_network_too_large_for_a_phone_leaves_the_pages_to_open_without_a_connection(
    tab: OpenTab, varied: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "MOST_ON_PHONE", 0)
    phone = without_network(visited(tab, varied))

    page = stamped(phone, "/", "离线，截至")
    page.wait_for_selector("#near-says:not(:empty)")
    phone.errors.clear()
    assert page.locator("#ask").is_visible()


def test_a_page_with_a_connection_says_of_when_an_old_network_file_is(tab: OpenTab, varied: Service) -> None:
    for minutes, is_said in ((19, False), (21, True)):
        phone = tab(varied, geolocation=HERE, permissions=["geolocation"])
        phone.page.clock.set_fixed_time(MONDAY_MORNING + timedelta(minutes=minutes))
        page = phone.open("/")
        page.click("#near")
        page.wait_for_selector("#heading:not(:empty)")

        assert ("10:00" in page.inner_text("#kept")) is is_said
