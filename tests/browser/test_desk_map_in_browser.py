"""The managers' map in a real browser: time, towns and order by hand, saved pictures, and 14,000 stations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from playwright.sync_api import Page, Route, expect

from harbour_api.domain.station import Basis, OfferingState, Status
from harbour_api.settings import Settings
from harbour_api.store.facts import By
from harbour_api.store.seed import Seed
from harbour_api.web.house import House
from tests.benchmarks.city import build_database
from tests.browser.conftest import OpenTab, Service, serving
from tests.browser.test_accessibility import violations
from tests.conftest import MONDAY_MORNING
from tests.hostile import TEXTS
from tests.store.test_visits import ENTRY

pytestmark = pytest.mark.browser
MANY = 14_000
WIDTHS = "[document.documentElement, document.querySelector('.map-scroll')].map(n => n.scrollWidth - n.clientWidth)"
RINGS = ".leaflet-rings-pane"
COVERED_BY_LARGER = """(() => {
  const across = (circle) => Number(circle.querySelector('svg').getAttribute('width'));
  const above = (circle) => {
    const box = circle.getBoundingClientRect();
    const found = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return found && found.closest('.map-circle');
  };
  const all = Array.from(document.querySelectorAll('.map-circle'));
  return all.filter((one) => above(one) && across(above(one)) > across(one)).length;
})()"""
SVG = "{http://www.w3.org/2000/svg}"
NAMES = [{"name": text, "name_en": text} for text in TEXTS]
PNG = b"\x89PNG\r\n\x1a\n"


def saved(page: Page, ending: str) -> bytes:
    with page.expect_download() as download:
        page.click(f"#map-{ending}")
    assert download.value.suggested_filename == f"visits-{page.input_value('#map-at')}.{ending}"
    return Path(download.value.path()).read_bytes()


def plain(text: str) -> str:
    """A text without what XML cannot hold or may fold."""
    return "".join(sign for sign in text if sign.isprintable() and not sign.isspace())


def circles(drawing: Element) -> list[tuple[str, ...]]:
    """What is drawn, the undermost first: what each says, how all of it looks, and its figure."""
    found = []
    for mark in drawing.iter(f"{SVG}g"):
        title = mark.find(f"{SVG}title")
        if title is not None and title.text is not None:
            figures = [one for one in mark.iter(f"{SVG}text") if one.get("font-weight") == "700"]  # no town's name
            inks = [f"{one.text} {one.get('fill')} {one.get('font-size')}" for one in figures]
            found.append((*title.text.split(" · ")[:2], *map(looks, mark.iter(f"{SVG}circle")), *inks))
    return found


def rings(drawing: Element) -> list[str]:
    """What is drawn above all circles, around those of what is broken."""
    marks = [list(mark) for mark in drawing.iter(f"{SVG}g")]
    return [looks(parts[0]) for parts in marks if [part.tag for part in parts] == [f"{SVG}circle"]]


def looks(circle: Element) -> str:
    """How a circle is drawn."""
    rest = [circle.get(name, "") for name in ("fill", "stroke", "stroke-width", "stroke-dasharray")]
    return " ".join([f"{float(circle.get('r', '0')):g}", *rest])


def towns(page: Page) -> list[str]:
    return page.locator("tbody th small").all_inner_texts()


def test_the_table_is_sorted_in_place_and_by_its_links_alike(tab: OpenTab) -> None:
    opened = tab()
    page = opened.open_desk()
    page.click('.map-table [data-sort="town"]')
    in_place = towns(page)
    assert page.locator("th[aria-sort=ascending] .map-sorted").inner_text() == "镇街"
    page.click('.map-table [data-sort="town"]')
    assert page.locator("th[aria-sort=descending]").count() == 1
    assert towns(page)[0] == in_place[-1]
    assert towns(opened.open("/manage/map?sort=town")) == in_place
    page.click('.map-table [data-sort="-now"]')
    counts = [int(text) for text in page.locator("[data-kind=station] .map-now").all_inner_texts() if text != "—"]
    assert counts == sorted(counts, reverse=True)


def test_the_page_fits_a_small_phone_and_axe_finds_nothing(tab: OpenTab) -> None:
    opened = tab(color_scheme="dark")
    page = opened.open_desk(lang="en")
    page.eval_on_selector_all("details", "all => all.forEach((one) => (one.open = true))")
    assert page.evaluate(WIDTHS) == [0, 0]
    assert violations(page, "en") == []
    page = opened.open("/manage/map?span=14days&audience=courier")
    assert page.evaluate(WIDTHS) == [0, 0]
    page.locator("header").get_by_role("button", name="大字").click()
    expect(page.locator("html")).to_have_attribute("data-size", "elder")
    assert "span=14days" in page.url
    assert page.evaluate(WIDTHS)[0] == 0


def test_colours_that_the_reader_forces_take_neither_the_classes_nor_what_is_chosen(tab: OpenTab) -> None:
    page = tab(forced_colors="active").open_desk()
    fills = page.locator("#map-legend ul:visible circle:nth-of-type(2)").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).fill)"
    )
    assert len(set(fills)) >= 5
    expect(page.locator(".map-spans [aria-current]")).to_have_css("border-bottom-width", "4px")


def test_the_address_follows_the_slider_and_leads_back_to_what_was_shown(tab: OpenTab) -> None:
    page = tab().open_desk(lang="en")
    page.locator("#map-period").press("ArrowLeft")
    assert "at=2026-W46" in page.url
    expect(page.locator("#map-status")).to_contain_text("11-09 – 11-15: visits")
    told, table = page.inner_text("#map-status"), page.locator(".map-now").all_text_contents()
    page.reload()
    assert (page.inner_text("#map-status"), page.locator(".map-now").all_text_contents()) == (told, table)
    assert page.input_value("#map-period") == "9"
    page.select_option("#map-at", "whole")
    page.select_option("#map-by", "town")
    assert "at=whole" in page.url
    assert "by=town" in page.url
    assert page.locator("#map-legend ul:visible").get_attribute("data-scale") == "town-whole"
    page.get_by_role("link", name="中文").click()
    expect(page.locator("#map-status")).to_contain_text("整段时间：共")
    assert page.input_value("#map-by") == "town"


@pytest.fixture
def broken(service: Service) -> Iterator[tuple[str, ...]]:
    """Stations with something out of order, which is taken back afterwards."""
    codes = ("ZS001", "ZS002", "ZS020", "ZS041")
    for code in codes:
        service.house.facts.set_offering(code, "wifi", OfferingState.OUT_OF_ORDER, None, None, By("test"))
    yield codes
    taken_back(service, codes)


def taken_back(service: Service, codes: Iterable[str]) -> None:
    """Make the stations what they were."""
    for code in codes:
        for line in service.house.audit.newest(20, station=code):
            service.house.facts.take_back(code, line.spot.id, By("test"))


def test_a_circle_is_covered_by_smaller_ones_only_and_what_is_broken_has_its_ring_above_all(
    tab: OpenTab, broken: tuple[str, ...]
) -> None:
    page = tab(width=1280, height=800).open_desk()
    assert page.evaluate(COVERED_BY_LARGER) == 0
    assert page.locator(f"{RINGS} path").count() == len(broken)
    page.locator("#map-period").press("ArrowLeft")
    assert page.evaluate(COVERED_BY_LARGER) == 0
    assert page.evaluate(f"Number(getComputedStyle(document.querySelector('{RINGS}')).zIndex)") > 600
    page.select_option("#map-by", "town")
    assert page.locator(f"{RINGS} path").count() == 0


def test_a_station_that_comes_while_another_goes_shifts_no_name_to_anothers_place(
    tab: OpenTab, service: Service
) -> None:
    opened, first, second = tab(), "ZS001", "ZS064"

    def set_status(code: str, status: Status) -> None:
        change = service.house.registry.change_station
        change(code, {"status": status}, expected=None, basis=Basis.VERIFIED, actor="test")

    def swap(route: Route) -> None:
        set_status(first, Status.SUSPENDED)
        set_status(second, Status.OPERATING)
        route.continue_()

    set_status(second, Status.SUSPENDED)
    opened.page.route("**/manage/map.js?*", swap)
    page = opened.open_desk()
    expect(page.locator("#map-status")).to_have_text("站点刚刚有变动，请刷新页面。")
    assert page.locator("button.map-circle").count() == 0
    opened.page.unroute("**/manage/map.js?*")
    page.reload()
    assert page.locator("button.map-circle").count() == 63
    taken_back(service, (first, second))


@pytest.mark.parametrize("query", ["at=2026-W46", "at=whole&by=town"])
@pytest.mark.usefixtures("broken")
def test_without_script_the_same_period_is_drawn_and_told(tab: OpenTab, query: str) -> None:
    scripted, plain_tab = tab(width=1280, height=800, accept_downloads=True), tab(java_script_enabled=False)
    scripted.log_in()
    plain_tab.log_in()
    page, still = scripted.open(f"/manage/map?{query}"), plain_tab.open(f"/manage/map?{query}")
    picture = ElementTree.fromstring(saved(page, "svg"))
    serialized = still.locator("svg.map-still").evaluate("one => new XMLSerializer().serializeToString(one)")
    drawn = ElementTree.fromstring(serialized)
    assert circles(drawn) == circles(picture)
    assert rings(drawn) == rings(picture)
    assert len(circles(drawn)) > 20
    assert len(rings(drawn)) == (0 if "by=town" in query else 4)
    keys = "#map-legend ul:not([hidden]) circle"
    assert still.locator(keys).count() == page.locator(keys).count()
    for told in ("#map-status", "#map-legend ul:not([hidden])", ".map-table tbody"):
        lines = [one.locator(told).first.inner_text().split() for one in (page, still)]
        assert lines[0] == lines[1]
    assert still.locator("#map-period").is_hidden()


def test_the_map_is_saved_as_it_is_drawn_with_its_samples_named(tab: OpenTab) -> None:
    page = tab(width=1280, height=800, accept_downloads=True).open_desk(lang="en")
    by_station = ElementTree.fromstring(saved(page, "svg"))
    assert len(by_station.findall(f".//{SVG}title")) == 64
    page.select_option("#map-by", "town")
    by_town = ElementTree.fromstring(saved(page, "svg"))
    texts = " ".join(text.text or "" for text in by_town.iter(f"{SVG}text"))
    assert "Includes sample data" in texts
    assert "2026-11-16 – 2026-11-22 · By town" in texts
    assert "Shiqi" in texts
    assert not [part.tag for part in by_town.iter() if part.tag in (f"{SVG}script", f"{SVG}image", f"{SVG}style")]
    assert saved(page, "png").startswith(PNG)


def test_paper_gets_the_picture_in_place_of_the_map(tab: OpenTab) -> None:
    page = tab(width=1280, height=800).open_desk()
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator("#map-print svg")).to_be_visible()
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator(".map-form").first).to_be_hidden()
    expect(page.locator(".map-paper")).to_have_text("2026-11-16 – 2026-11-22")


@pytest.fixture
def hostile(tmp_path: Path, seed: Seed) -> Iterator[Service]:
    """A service whose stations and towns are called what would like to run."""
    stations = tuple(replace(one, **names) for one, names in zip(seed.stations, NAMES, strict=False))
    towns = tuple(replace(one, **names) for one, names in zip(seed.towns, NAMES, strict=False))
    with serving(tmp_path, replace(seed, stations=stations, towns=towns)) as service:
        yield service


def test_hostile_names_are_texts_in_a_saved_picture(tab: OpenTab, hostile: Service) -> None:
    page = tab(hostile, width=1280, height=800, accept_downloads=True).open_desk()
    picture = ElementTree.fromstring(saved(page, "svg"))
    titles = [plain(title.text or "") for title in picture.iter(f"{SVG}title")]
    names = [plain(one.name) for one in hostile.house.registry.network.stations]
    assert len(titles) == len(names)
    assert [name for name in names if not any(title.startswith(name) for title in titles)] == []
    page.select_option("#map-by", "town")
    ElementTree.fromstring(saved(page, "svg"))
    assert saved(page, "png").startswith(PNG)
    assert page.evaluate("window.__x") is None


@pytest.fixture
def city(tmp_path: Path, seed: Seed) -> Iterator[Service]:
    url = f"sqlite:///{tmp_path}/harbour.db"
    build_database(url, MANY, seed, has_offerings=False)
    house = House.build(Settings(database_url=url), lambda: MONDAY_MORNING)
    house.visits.log(replace(ENTRY, station="B0000007", count=5)).result(10)  # a real visit keeps samples out
    house.close()
    with serving(tmp_path, seed) as service:
        yield service


def test_fourteen_thousand_stations_are_dots_with_a_table_in_pages(tab: OpenTab, city: Service) -> None:
    page = tab(city, width=1280, height=800).open_desk(lang="en")
    assert page.locator("[data-kind=station]").count() == 100
    assert page.locator("button.map-circle").count() == 0
    assert page.locator(".leaflet-pane > canvas").count() == 1
    expect(page.locator("#map-status")).to_contain_text(
        f"visits 5; stations recorded 1, silent {MANY + 63}"
    )  # the seed's 64 are there too
    without_script = page.get_by_text("Too many stations to draw each here: drawn by town.")
    assert (without_script.count(), without_script.is_visible()) == (1, False)
    page.locator("tbody .map-name").first.click()
    expect(page.get_by_role("dialog", name="Benchmark Sub-branch 7")).to_be_visible()
    page.keyboard.press("Escape")
    page.fill("#q", "基准支行13999")
    with page.expect_navigation():
        page.get_by_role("button", name="Filter").click()
    assert page.locator("tbody .map-name").all_inner_texts() == ["Benchmark Sub-branch 13999"]
