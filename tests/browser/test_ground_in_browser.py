"""The operator's ground in a real browser: foreign tiles where they are configured, our own from a file, the boundary,
the shift of the Chinese datum, and the map of the coverage."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from harbour_api.domain.place import Datum, Place
from harbour_api.store.seed import Seed
from tests.browser.conftest import OpenTab, Service, serving
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser
HERE = Place.at(113.38, 22.52)
CREDIT = "Somebody's tiles"


class _Tiles(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/svg+xml")
        self.end_headers()
        self.wfile.write(
            b'<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><path fill="#dfe6d8"/></svg>'
        )

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def tile_server() -> Iterator[tuple[str, list[str]]]:
    """Somebody's tiles on another port, which is another origin, and what was asked of it."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Tiles", (_Tiles,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, name="tiles")
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def laid(tile_server: tuple[str, list[str]], tmp_path_factory: pytest.TempPathFactory, seed: Seed) -> Iterator[Service]:
    """The application on these tiles, which are in GCJ-02."""
    settings = {"tiles_url": f"{tile_server[0]}/{{z}}/{{x}}/{{y}}", "tiles_attribution": CREDIT}
    with serving(tmp_path_factory.mktemp("laid"), seed, tiles_datum=Datum.GCJ02, **settings) as service:
        yield service


def where(page: Page, name: str) -> tuple[float, float]:
    """A station's marker as the map holds it: its popup's place."""
    at: dict[str, float] = page.evaluate(
        """(name) => {
          const found = [];
          window.__map.eachLayer((layer) => {
            const icon = layer.options && layer.options.icon;
            if (icon && (icon.options.label || '').startsWith(name)) found.push(layer.getLatLng());
          });
          return found[0];
        }""",
        name,
    )
    return at["lng"], at["lat"]


KEEP_MAP = """
let own;
Object.defineProperty(window, 'L', {
  configurable: true, get: () => own,
  set: (value) => { own = value; if (value.Map) value.Map.addInitHook(function () { window.__map = this; }); },
});
"""


def test_foreign_tiles_lie_under_the_map_where_configured_and_every_marker_moves_with_their_datum(
    tab: OpenTab, tile_server: tuple[str, list[str]], laid: Service, service: Service, seed: Seed
) -> None:
    station = next(one for one in seed.stations if one.code == "ZS005")
    seen: list[tuple[float, float]] = []
    for served, datum in ((service, Datum.WGS84), (laid, Datum.GCJ02)):
        position = {"longitude": HERE.lon, "latitude": HERE.lat, "accuracy": 30}
        opened = tab(served, geolocation=position, permissions=["geolocation"])
        opened.context.add_init_script(KEEP_MAP)
        page = opened.open("/map")
        page.get_by_role("button", name="离我最近").click()
        page.wait_for_selector(".map-me")
        me = page.evaluate("window.HarbourMap.place(22.52, 113.38)")
        assert Place.at(me["lng"], me["lat"], datum).distance_m(HERE) < 1
        seen.append(where(page, station.name))

    page.wait_for_selector("img.leaflet-tile-loaded")
    expect(page.locator(".map-schematic")).to_have_text(CREDIT)
    assert tile_server[1]
    assert seen[0] == pytest.approx(station.place.figures(), abs=1e-6)
    assert seen[1] == pytest.approx(station.place.figures(Datum.GCJ02), abs=1e-6)
    assert 560 < Place.at(*seen[0]).distance_m(Place.at(*seen[1])) < 700


@pytest.mark.parametrize("path", ["/map", "/", "/about", "/embed"])
def test_where_no_tiles_are_configured_the_same_pictures_are_refused(
    tab: OpenTab, tile_server: tuple[str, list[str]], laid: Service, path: str
) -> None:
    is_map = path in ("/map", "/embed")
    opened = tab() if is_map else tab(laid)
    page = opened.open(path)
    before = len(tile_server[1])
    page.evaluate("(url) => { new Image().src = url; }", f"{tile_server[0]}/1/1/1")

    page.wait_for_function("window.__violations.length")
    assert opened.violations() == [f"img-src {tile_server[0]}/1/1/1"]
    assert len(tile_server[1]) == before
    page.evaluate("window.__violations = []")
    opened.errors.clear()


def test_the_phones_own_position_is_shifted_as_the_domain_shifts(tab: OpenTab, laid: Service) -> None:
    places = [Place.at(72.1 + 3.1 * i, 1 + 2.5 * j) for i in range(22) for j in range(23)] + [Place.at(0, 0)]
    shifted = (
        tab(laid)
        .open("/map")
        .evaluate(
            "(all) => all.map(([lon, lat]) => { const at = HarbourMap.place(lat, lon); return [at.lng, at.lat]; })",
            [place.figures() for place in places],
        )
    )
    for place, found in zip(places, shifted, strict=True):
        assert Place.at(*found).distance_m(Place.at(*place.figures(Datum.GCJ02))) < 1


def test_the_map_of_the_coverage_shows_gaps_and_leads_from_the_table_by_the_keyboard(tab: OpenTab) -> None:
    opened = tab(width=1280, height=800)
    page = opened.open("/coverage?town=442000118&radius_m=500")

    expect(page.locator("button.cover-town")).to_have_count(23)
    expect(page.locator(".cover-point svg")).to_be_visible()
    assert page.locator("path.cover-station").count() == 64
    orange = """() => {
      const canvas = document.querySelector('canvas');
      const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let n = 0;
      for (let i = 0; i < dots.length; i += 4) if (dots[i] > 180 && dots[i + 2] < 60 && dots[i + 3] > 100) n += 1;
      return n;
    }"""
    assert page.evaluate(orange) > 500
    row = page.get_by_role("row", name="小榄镇")
    row.get_by_role("link").focus()
    page.keyboard.press("Enter")
    share = row.locator(".cover-share").inner_text()
    expect(page.locator("#map-status")).to_have_text(f"小榄镇，工作时间 {share}")
    expect(page.get_by_role("button", name=f"小榄镇，工作时间 {share}")).to_be_visible()
    assert [url for url in opened.requests if "tiles" in url] == []


def test_without_a_script_the_coverage_is_its_table(tab: OpenTab) -> None:
    page = tab(java_script_enabled=False).open("/coverage")

    expect(page.locator(".map")).to_be_hidden()
    expect(page.get_by_role("row", name="小榄镇")).to_be_visible()
    assert page.locator("tbody a, .map-with-script:visible").count() == 0


def test_the_snippet_and_its_preview_follow_what_is_chosen(tab: OpenTab) -> None:
    page = tab(width=1000).open("/embed/code")
    code = page.locator("#snippet")

    page.select_option("#town", "442000001")
    expect(page.frame_locator(".embed-preview").locator(".map-card")).to_have_count(10)
    page.select_option("#theme", "dark")
    page.locator("summary").click()
    page.locator("[value=toilet]").check()
    page.fill("#width", "500")
    page.fill("#height", "70")  # too small for now: nothing changes for the worse
    page.fill("#height", "700")
    page.get_by_label("高度随列表变化").check()

    expect(code).to_have_value(re_of('town=442000001&amp;amenity=toilet&amp;theme=dark"', 'width="500" height="700"'))
    expect(code).to_have_value(re_of("height.js"))
    preview = page.locator(".embed-preview")
    expect(preview).to_have_attribute("src", "/embed?town=442000001&amenity=toilet&theme=dark")
    assert (preview.get_attribute("width"), preview.get_attribute("height")) == ("500", "700")
    assert "town=442000001" in page.url
    with page.expect_navigation():
        page.select_option("#lang", "en")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.input_value("#town") == "442000001"


def re_of(*parts: str) -> Any:
    """These parts in this order, with anything between them."""
    return re.compile(".*".join(re.escape(part) for part in parts), re.DOTALL)


def test_axe_finds_nothing_on_a_map_of_tiles(tab: OpenTab, laid: Service) -> None:
    assert violations(tab(laid).open("/map"), "zh") == []
