"""The tally pad in a real browser against a real service: nothing tapped is lost, and nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.conftest import CHROMIUM
from tests.processes.conftest import PASSWORD, WITHOUT_SAMPLES, Server, serving

Found = TypeVar("Found")
pytestmark = pytest.mark.browser
LINKS = "/api/v1/stations/{}/tally-links"
BATCHES = "**/visits/batch"
TODAY = "**/today"
TICK_MS = 1_000
MOVED = """(days) => new Promise((done) => {
  const asked = indexedDB.open('harbour-tally');
  asked.onsuccess = () => {
    const change = asked.result.transaction('taps', 'readwrite');
    const taps = change.objectStore('taps');
    taps.getAll().onsuccess = (found) => found.target.result.forEach((tap) => {
      tap.occurred_at = new Date(Date.parse(tap.occurred_at) + days * 86400000).toISOString();
      taps.put(tap);
    });
    change.oncomplete = () => { asked.result.close(); done(); };
  };
})"""  # as if the taps had been made so many days later, by a phone with another clock or long without a network
KNOWS_TODAY = "harbourQueue.pad(document.getElementById('pad').dataset.station).then((known) => Boolean(known.day))"
GRACE_MS = 11_000  # a tap waits ten seconds, in which it can be undone


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 360, "height": 640})


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of one test's own: with the log-in and the clock that it is given there."""
    own = browser.new_context(viewport={"width": 360, "height": 640})
    yield own
    own.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One service for the tests that leave it running; each keeps to a station of its own."""
    with serving() as serve:
        yield serve(f"sqlite:///{tmp_path_factory.mktemp('shared')}/harbour.db", **WITHOUT_SAMPLES)


def the_link(server: Server, station: str) -> tuple[str, int]:
    made = httpx2.post(server.address + LINKS.format(station), headers=server.log_in()).json()
    return f"{server.address}/t/{made['secret']}", made["id"]


def counted(server: Server, station: str) -> list[tuple[str, int]]:
    """Every entry of today at the service."""
    told = httpx2.get(f"{server.address}/api/v1/stations/{station}/visits", headers=server.log_in()).json()
    return [(entry["audience"], entry["count"]) for entry in told["visits"]]


def opened(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.clock.install()
    page.goto(url)
    ready(page)
    return page


def opened_by_a_slow_clock(context: BrowserContext, url: str) -> Page:
    """A pad whose clock stands and lags: by it a tap may still be undone, by the phone's its ten seconds are over."""
    page = context.new_page()
    page.clock.install(time=datetime.now(UTC) - timedelta(minutes=1))
    page.clock.pause_at(datetime.now(UTC) - timedelta(seconds=50))
    page.goto(url)
    ready(page)
    return page


def ready(page: Page) -> None:
    page.wait_for_selector("#pad[data-ready]", timeout=20_000)


def tap(page: Page, times: int, total: int) -> None:
    """Tap the courier's button so often, one after the other; the pad shows `total` then."""
    page.click("button[value=courier]")
    for _ in range(times - 1):
        page.keyboard.press("Enter")  # the button has the focus
    expect(page.locator("#pad-total")).to_have_text(str(total))


def kept(page: Page, path: str) -> None:
    """Wait until the worker is there and the phone has kept an address."""
    page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    until(page, lambda: page.evaluate("(path) => caches.match(path).then(Boolean)", path))


def wake_the_worker(page: Page, server: Server) -> None:
    """Do what a browser does by itself, with or without a page, when a worker asked for it and there is a network."""
    told: list[dict[str, str]] = []
    page.goto(f"{server.address}/offline")
    cdp = page.context.new_cdp_session(page)
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda event: told.extend(event["registrations"]))
    cdp.send("ServiceWorker.enable")
    until(page, lambda: told)
    event = {"registrationId": told[0]["registrationId"], "tag": "harbour-tally", "lastChance": False}
    cdp.send("ServiceWorker.dispatchSyncEvent", {"origin": server.address, **event})


def arrived(page: Page, server: Server, station: str) -> list[tuple[str, int]]:
    """Every entry of today, once there is one."""
    return until(page, lambda: counted(server, station))


def until(page: Page, finds: Callable[[], Found]) -> Found:
    """Look again and again until there is something to be found, and return it."""
    for _ in range(200):
        if found := finds():
            return found
        page.wait_for_timeout(50)
    raise AssertionError("it was waited for in vain")


def left(page: Page) -> str:
    return page.locator("#pad-unsent").inner_text()


def settle(page: Page, says: str) -> None:
    """Let time pass, second by second, until the pad says so."""
    for _ in range(90):
        page.clock.run_for(TICK_MS)
        page.wait_for_timeout(30)
        if left(page) == says:
            return
    raise AssertionError(f"{left(page)}, {page.locator('#pad-why').inner_text()}")


def test_a_tap_counts_one_an_undone_one_none_and_what_is_sent_twice_once(
    context: BrowserContext, shared: Server
) -> None:
    page = opened(context, the_link(shared, "ZS001")[0])
    tap(page, 2, total=2)
    page.click("#pad-undo")
    expect(page.locator("#pad-total")).to_have_text("1")
    lost = []

    def lose_the_answer(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route(BATCHES, lose_the_answer, times=1)
    page.clock.run_for(GRACE_MS)
    settle(page, "已全部上传")

    assert lost == [207]
    assert counted(shared, "ZS001") == [("courier", 1)]
    expect(page.locator("#pad-total")).to_have_text("1")
    page.close()


def test_two_hundred_taps_without_network_over_three_reloads_and_a_killed_service_arrive_as_two_hundred(
    context: BrowserContext, serve: Callable[..., Server], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/harbour.db"
    server = serve(url, **WITHOUT_SAMPLES)
    page = opened(context, the_link(server, "ZS002")[0])
    kept(page, page.url)
    context.set_offline(True)
    for reload in range(4):
        tap(page, 50, total=50 * (reload + 1))
        if reload < 3:
            page.reload()
            ready(page)
    assert left(page) == "200 条未上传"

    context.set_offline(False)
    page.clock.run_for(GRACE_MS)
    expect(page.locator("#pad-unsent")).not_to_have_text("200 条未上传")
    server.kill()
    page.clock.run_for(5 * TICK_MS)
    assert left(page) != "已全部上传"
    again = serve(url, HARBOUR_PORT=server.address.rpartition(":")[2])
    settle(page, "已全部上传")

    assert counted(again, "ZS002") == [("courier", 1)] * 200
    expect(page.locator("#pad-total")).to_have_text("200")
    page.close()


def test_a_withdrawn_link_keeps_its_taps_on_the_phone_until_a_new_link_sends_them(
    context: BrowserContext, shared: Server
) -> None:
    url, number = the_link(shared, "ZS003")
    page = opened(context, url)
    tap(page, 3, total=3)
    httpx2.delete(f"{shared.address}{LINKS.format('ZS003')}/{number}", headers=shared.log_in())
    page.clock.run_for(GRACE_MS)

    expect(page.locator("#pad-why")).to_contain_text("请联系站点管理员")
    assert left(page) == "3 条未上传"
    page.reload()
    ready(page)
    assert left(page) == "3 条未上传"
    page.close()
    renewed = opened(context, the_link(shared, "ZS003")[0])
    renewed.clock.run_for(GRACE_MS)
    settle(renewed, "已全部上传")
    assert counted(shared, "ZS003") == [("courier", 1)] * 3
    renewed.close()


def test_what_the_service_refuses_stays_in_sight_with_the_reason_and_can_be_exported(
    context: BrowserContext, shared: Server
) -> None:
    page = opened(context, the_link(shared, "ZS004")[0])
    context.set_offline(True)
    tap(page, 1, total=1)
    page.evaluate(MOVED, -15)
    context.set_offline(False)
    page.clock.run_for(GRACE_MS)
    expect(page.locator("#pad-refused")).to_contain_text("超过 14 天，已锁定")
    page.reload()
    ready(page)
    with page.expect_download() as download:
        page.click("#pad-export")

    assert "courier" in Path(download.value.path()).read_text("utf-8-sig")
    assert counted(shared, "ZS004") == []
    page.click("#pad-refused button:text('删除')")
    expect(page.locator("#pad-refusals")).to_be_hidden()
    page.close()


def test_what_was_refused_can_be_sent_again_and_what_lies_ahead_waits_with_the_reason(
    context: BrowserContext, shared: Server
) -> None:
    page = opened(context, the_link(shared, "ZS005")[0])
    context.set_offline(True)
    tap(page, 1, total=1)
    page.evaluate(MOVED, -15)
    context.set_offline(False)
    page.clock.run_for(GRACE_MS)
    expect(page.locator("#pad-refused")).to_contain_text("已锁定")
    page.evaluate(MOVED, 16)
    page.reload()
    ready(page)
    page.click("#pad-refused button:text('重试')")
    page.clock.run_for(TICK_MS)
    expect(page.locator("#pad-why")).to_contain_text("手机时间比实际快")
    expect(page.locator("#pad-refusals")).to_be_hidden()
    assert (left(page), counted(shared, "ZS005")) == ("1 条未上传", [])

    page.evaluate(MOVED, -1)
    page.reload()
    ready(page)
    settle(page, "已全部上传")
    assert counted(shared, "ZS005") == [("courier", 1)]

    page.route(TODAY, lambda route: route.abort())  # what the phone adds up by itself stands
    tap(page, 1, total=2)
    page.evaluate(MOVED, -1)
    page.clock.run_for(GRACE_MS)
    settle(page, "已全部上传")
    expect(page.locator("#pad-total")).to_have_text("1")
    page.close()


def test_a_total_that_was_asked_for_before_a_batch_was_sent_does_not_take_its_place(
    phone: BrowserContext, shared: Server
) -> None:
    page = phone.new_page()
    held: list[tuple[Route, APIResponse]] = []
    page.route(TODAY, lambda route: held.append((route, route.fetch())), times=1)
    page.clock.install()
    page.goto(the_link(shared, "ZS009")[0])
    [(route, answer)] = until(page, lambda: held)
    tap(page, 1, total=1)
    page.clock.run_for(GRACE_MS)
    assert counted(shared, "ZS009") == []
    route.fulfill(response=answer)
    settle(page, "已全部上传")

    expect(page.locator("#pad-total")).to_have_text("1")
    assert counted(shared, "ZS009") == [("courier", 1)]
    page.close()


def test_a_phone_that_keeps_nothing_counts_each_form_even_one_that_it_goes_back_to(
    context: BrowserContext, shared: Server
) -> None:
    page = context.new_page()
    page.add_init_script("Object.defineProperty(window, 'indexedDB', {value: undefined})")
    page.goto(the_link(shared, "ZS006")[0])
    for _ in range(2):
        page.click("button[value=courier]")
        expect(page.locator(".pad-said")).to_contain_text("已记上一位")
        page.go_back()

    assert counted(shared, "ZS006") == [("courier", 1)] * 2
    page.close()


def test_a_tap_left_within_its_ten_seconds_is_sent_when_they_are_over_though_the_pad_is_gone(
    phone: BrowserContext, shared: Server
) -> None:
    url = the_link(shared, "ZS007")[0]
    page = opened_by_a_slow_clock(phone, url)
    kept(page, url)
    tap(page, 1, total=1)
    assert (left(page), counted(shared, "ZS007")) == ("1 条未上传", [])
    page.close()
    page = phone.new_page()
    wake_the_worker(page, shared)
    assert arrived(page, shared, "ZS007") == [("courier", 1)]
    page.close()

    again = opened(phone, url)
    expect(again.locator("#pad-unsent")).to_have_text("已全部上传")
    assert again.locator("#pad-total").inner_text() == "1"
    assert counted(shared, "ZS007") == [("courier", 1)]
    again.close()


def test_the_desks_pad_opens_without_network_until_the_log_out_which_keeps_its_taps(
    phone: BrowserContext, shared: Server
) -> None:
    desk = f"{shared.address}/manage/stations/ZS008"
    page = phone.new_page()
    log_in(page, desk)
    ready(page)
    kept(page, f"{desk}/pad")
    page.close()
    phone.set_offline(True)
    page = opened_by_a_slow_clock(phone, desk)
    assert "admin" not in page.content()
    tap(page, 1, total=1)
    phone.set_offline(False)
    assert page.evaluate(KNOWS_TODAY)
    assert page.evaluate("fetch('/logout', {method: 'POST'}).then((answer) => answer.ok)")
    assert not page.evaluate(KNOWS_TODAY)
    page.close()

    phone.set_offline(True)
    page = phone.new_page()
    page.goto(desk)
    expect(page.locator("#desk")).to_contain_text("工作台要联网登录")
    phone.set_offline(False)
    page.goto(desk)
    expect(page.locator("#tally-left")).to_contain_text("还有 1 条到访没有上传（ZS008）")
    assert counted(shared, "ZS008") == []
    log_in(page, desk)
    ready(page)
    page.clock.run_for(GRACE_MS)
    assert arrived(page, shared, "ZS008") == [("courier", 1)]
    page.close()


def log_in(page: Page, wanted: str) -> None:
    page.goto(wanted)
    page.fill("#username", "admin")
    page.fill("#password", PASSWORD)
    page.click("main form button")
