"""The map on somebody else's page, in a real browser: framed, sandboxed, grown by its script; no other page framed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.browser.conftest import OpenTab, Service, Tab
from tests.browser.test_accessibility import violations
from tests.browser.test_finder_in_browser import sizes

pytestmark = pytest.mark.browser
MOST_BYTES, MOST_REQUESTS = 60 * 1024, 6
TOWN = "442000001"  # ten stations
HERE = {"longitude": 113.38, "latitude": 22.52}
DEFAULT_URL = "http://127.0.0.1:8000"  # what the snippet is made from where nothing is set
HEAD = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Somebody</title><h1>Somebody else</h1>'


class _Page(BaseHTTPRequestHandler):
    def __init__(self, pages: dict[str, str], *arguments: object) -> None:
        self._pages = pages
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self._pages[self.path].encode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Callable[[str], str]]:
    """Somebody else's site: give it what stands on a page, and it returns the page's address."""
    pages: dict[str, str] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Page, pages))
    thread = threading.Thread(target=server.serve_forever, name="elsewhere")
    thread.start()

    def publish(body: str) -> str:
        path = f"/{len(pages)}"
        pages[path] = HEAD + body
        return f"http://127.0.0.1:{server.server_address[1]}{path}"

    yield publish
    server.shutdown()
    thread.join()
    server.server_close()


def snippet(opened: Tab, query: str = "") -> str:
    """What the page gives to copy, for the server under test."""
    text = opened.open(f"/embed/code{query}").locator("#snippet").input_value()
    return text.replace(DEFAULT_URL, opened.served.url)


def embedded(opened: Tab, address: str) -> FrameLocator:
    opened.page.goto(address, wait_until="load")
    return opened.page.frame_locator("iframe")


@pytest.mark.parametrize("sandbox", ["", ' sandbox="allow-scripts"'])
def test_the_snippet_shows_map_and_list_on_another_site(
    tab: OpenTab, elsewhere: Callable[[str], str], sandbox: str
) -> None:
    opened = tab(width=800)
    frame = embedded(opened, elsewhere(snippet(opened).replace("<iframe", f"<iframe{sandbox}")))

    expect(frame.locator("button.map-bubble")).to_have_count(23)
    expect(frame.locator(".map-card")).to_have_count(64)
    expect(frame.get_by_role("link", name="完整网站")).to_be_visible()
    assert opened.context.cookies() == []


def test_a_frame_of_one_town_opens_on_its_stations(tab: OpenTab, elsewhere: Callable[[str], str]) -> None:
    opened = tab()
    frame = embedded(opened, elsewhere(snippet(opened, f"?town={TOWN}&lang=en")))

    expect(frame.locator("button.map-station")).to_have_count(10)
    expect(frame.locator(".map-card")).to_have_count(10)
    frame.locator("button.map-station").first.press("Enter")
    expect(frame.get_by_role("dialog")).to_be_visible()


def test_without_a_script_the_frame_has_its_list(tab: OpenTab, elsewhere: Callable[[str], str]) -> None:
    opened = tab(java_script_enabled=False)
    frame = embedded(opened, elsewhere(snippet(opened)))

    expect(frame.locator(".map-card").first).to_be_visible()
    expect(frame.locator(".map-card")).to_have_count(64)


def test_a_link_out_of_the_frame_opens_a_page_of_its_own(tab: OpenTab, elsewhere: Callable[[str], str]) -> None:
    opened = tab(width=800)
    frame = embedded(opened, elsewhere(snippet(opened, f"?town={TOWN}")))

    with opened.context.expect_page() as opening:
        frame.get_by_role("link", name="完整网站").click()

    assert opening.value.url == f"{opened.served.url}/?town={TOWN}"
    assert opening.value.evaluate("window.opener") is None
    expect(frame.locator(".map-card")).to_have_count(10)


def test_the_frame_may_ask_where_the_reader_is_where_its_page_allows(
    tab: OpenTab, elsewhere: Callable[[str], str]
) -> None:
    opened = tab(geolocation=HERE, permissions=["geolocation"])
    frame = embedded(opened, elsewhere(snippet(opened)))

    frame.get_by_role("button", name="离我最近").click()

    expect(frame.locator("#map-near .map-card")).to_have_count(64)


def test_the_height_script_fits_the_frame_to_its_content(tab: OpenTab, elsewhere: Callable[[str], str]) -> None:
    opened = tab(width=800)
    frame = embedded(opened, elsewhere(snippet(opened, f"?town={TOWN}&grow=1&height=300")))
    expect(frame.locator("button.map-station")).to_have_count(10)
    opened.page.wait_for_function("document.querySelector('iframe').getBoundingClientRect().height > 1000")

    full = frame.locator("body").evaluate("body => [body.offsetHeight, innerHeight]")
    assert full[0] == full[1]

    frame.locator(".map-card summary").first.click()
    opened.page.wait_for_function(f"document.querySelector('iframe').getBoundingClientRect().height > {full[0]}")


def test_nobody_else_can_set_the_frames_height(tab: OpenTab, elsewhere: Callable[[str], str]) -> None:
    opened = tab(width=1000)
    false = elsewhere("<script>parent.postMessage({type: 'harbour-height', height: 9999}, '*')</script>")
    code = snippet(opened, f"?town={TOWN}&grow=1&height=600")
    frame = embedded(opened, elsewhere(f'{code}<iframe src="{false}" title="Another"></iframe>')).first
    expect(frame.locator("button.map-station")).to_have_count(10)
    opened.page.evaluate("postMessage({type: 'harbour-height', height: 9999}, '*')")
    opened.page.wait_for_timeout(200)

    assert [
        round(box) for box in opened.page.eval_on_selector_all("iframe", "all => all.map(one => one.clientHeight)")
    ] == [600, 150]


def test_no_other_page_can_be_framed(tab: OpenTab, elsewhere: Callable[[str], str], service: Service) -> None:
    opened = tab()
    paths = ["/", "/map", "/embed/code", "/stations/ZS001", "/login", "/manage/map"]
    embedded(
        opened, elsewhere("".join(f'<iframe src="{service.url}{path}" title="{path}"></iframe>' for path in paths))
    )

    frames = [frame.url for frame in opened.page.main_frame.child_frames]
    assert [url for url in frames if not url.startswith("chrome-error:")] == []
    assert len([error for error in opened.errors if "frame-ancestors" in error]) == len(frames) == len(paths)
    opened.errors.clear()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_load_of_a_frame_is_small(tab: OpenTab, lang: str) -> None:
    took = sizes(tab(), f"/embed?lang={lang}")

    assert sum(took.values()) <= MOST_BYTES, took
    assert len(took) <= MOST_REQUESTS, took


@pytest.mark.parametrize("query", ["?theme=dark", f"?lang=en&town={TOWN}"])
def test_nothing_sticks_out_of_a_frame(tab: OpenTab, query: str) -> None:
    page = tab(width=280).open(f"/embed{query}")

    for width in (280, 360, 800):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.locator(".embed-line").bounding_box()["height"] <= 60  # type: ignore[index]


@pytest.mark.parametrize(("theme", "scheme"), [("dark", "light"), ("light", "dark")])
def test_a_theme_holds_whatever_the_readers_system_has(tab: OpenTab, theme: str, scheme: str) -> None:
    query = f"town={TOWN}"
    asked = tab(color_scheme=scheme).open(f"/embed?{query}&theme={theme}")
    plain = tab(color_scheme=theme).open(f"/embed?{query}")
    look = "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.documentElement).colorScheme"

    assert asked.evaluate(look).split(")")[0] == plain.evaluate(look).split(")")[0]
    assert asked.evaluate(look).endswith(theme)


def test_the_maker_shows_the_frame_and_copies_its_code(tab: OpenTab) -> None:
    opened = tab(width=1000, permissions=["clipboard-read", "clipboard-write"])
    page = opened.open("/embed/code")
    page.select_option("#town", TOWN)
    page.select_option("#theme", "dark")
    with page.expect_navigation():
        page.get_by_role("button", name="生成代码").click()

    expect(page.frame_locator("iframe").locator(".map-card")).to_have_count(10)
    page.get_by_role("button", name="复制代码").click()
    expect(page.locator("#copy-says")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#snippet").input_value()
    assert f"town={TOWN}&amp;theme=dark" in page.locator("#snippet").input_value()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", [f"/embed?town={TOWN}&", "/embed/code?"])
def test_axe_finds_nothing_in_a_frame_nor_on_its_maker(tab: OpenTab, path: str, lang: str) -> None:
    page = tab().open(f"{path}lang={lang}")

    assert violations(page, lang) == []
