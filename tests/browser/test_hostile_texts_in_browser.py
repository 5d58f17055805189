"""Nothing anybody typed is anything but text: every page, as the application lists them, shows each text as that very
text, and none runs.

A page is loaded under its own policy, and for the other stations only parsed by the browser, which is as strict about
what became an element and a hundred times as fast. On a page every text is taken away where it stands whole: what is
left may not have a trace of one. Lists, which only the history has, are shown as JSON writes them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import httpx2
import openpyxl
import pytest
from playwright.sync_api import Dialog, Page

from harbour_api.domain.sheet import restored
from harbour_api.store.seed import Seed
from tests.browser.conftest import OpenTab, Service, Tab, serving
from tests.browser.test_offline_in_browser import stamped, visited, without_network
from tests.conftest import MONDAY_MORNING, PASSWORD, bearer
from tests.hostile import NOTED, SHEETED, SHUT, TEXTS, TRACES, VISITED, address_of, english, plant, station_of

pytestmark = pytest.mark.browser
CODES = [station_of(number) for number in range(len(TEXTS))]
TOWNS = TEXTS[:23]
DAY = "2026-11-23"
FULLER = {
    "/": "/?all=1",
    "/manage": "/manage?all=1",
    "/manage/statistics": "/manage/statistics?group_by=station&include_sample=true",
    "/ogc/collections/stations/items": "/ogc/collections/stations/items?limit=200",
}
SHOWING_ALL = {
    *FULLER.values(),
    *("/?all=1&lang=en", "/map", "/embed", "/posters", "/manage/map", "/manage/accounts/keeper"),
    *(f"/stations/{code}" for code in (NOTED, SHEETED, SHUT)),
    *(f"/manage/stations/{code}/facts" for code in (NOTED, SHEETED, SHUT)),
    f"/manage/stations/{VISITED}/days/{DAY}",
    f"/manage/stations/{SHUT}/history",
}
REFLECTING = ("/?q={}", "/manage?q={}", "/look?back=/{}", "/stations/{}", "/?town={}", "/{}", "/embed?town={}")
REFUSED_FORMS = (  # where {} is the text
    ("/manage/accounts", {"username": "{}"}),
    ("/manage/notice", {"kind": "heat", "text": "{}", "text_en": "{}"}),
    (f"/manage/stations/{SHUT}/facts", {"name": "{}", "phone": "{}"}),
    (f"/manage/stations/{SHUT}/facts", {"name": "{}", "was_name": "another", "version": "1"}),
    (f"/manage/stations/{SHUT}/closures", {"reason": "{}"}),
    (f"/manage/stations/{VISITED}/days/{DAY}", {"was": "9", "reason": "{}"}),
)
READ = """([html, texts, traces]) => {
  const page = html === null ? document : new DOMParser().parseFromString(html, 'text/html');
  const said = [], odd = [], longest = texts.concat(texts.map((text) => JSON.stringify(text).slice(1, -1)))
    .sort((a, b) => b.length - a.length);
  const alien = 'img, base, object, embed, x-x, b[onclick], iframe:not(.embed-preview), body style, '
    + 'script:not([src]):not([type])';
  const data = (value) => {
    if (typeof value === 'string') said.push(value);
    else if (value) Object.entries(value).forEach(([name, inner]) => { said.push(name); data(inner); });
  };
  page.querySelectorAll('*').forEach((node) => {
    if (node.matches(alien)) odd.push(node.outerHTML.slice(0, 200));
    Array.from(node.attributes).forEach(({name, value}) => {
      const leads = /^(href|src|action|formaction)$/.test(name);
      const runs = /^on|^srcdoc$/.test(name) || (leads && /^\\s*(javascript|data|vbscript):/i.test(value));
      if (runs && value !== 'data:,') odd.push(name + '=' + value);
      if (!leads && value[0] !== '/') said.push(value);
    });
    Array.from(node.childNodes).forEach((part) => {
      if (node.matches('script') && /json/.test(node.type)) data(JSON.parse(part.data));
      else if (part.nodeType !== Node.ELEMENT_NODE) said.push(part.data);
    });
  });
  const tells = (text) => traces.some((trace) => text.includes(trace));
  const told = said.filter(tells);
  const left = told.map((one) => longest.reduce((rest, text) => rest.split(text).join(''), one)).filter(tells);
  return {
    shown: texts.filter((text) => told.some((one) => one.includes(text))),
    faults: odd.concat(left.map((rest) => rest.slice(0, 300))),
    ran: html === null && (window.__x !== undefined || (window.__violations || []).length > 0),
  };
}"""
FOLLOWING = """html => {
  const links = new DOMParser().parseFromString(html, 'text/html').querySelectorAll('.desk-pages a[href*="cursor="]');
  return links.length ? links[links.length - 1].getAttribute('href') : null;
}"""
POPUPS = """() => Array.from(document.querySelectorAll('[data-show]'), link => {
  link.click();
  const row = link.closest('li, tr');
  return [row.querySelector('.map-name').textContent, document.querySelector('.leaflet-popup .map-name').textContent];
})"""

LABELS = "all => all.map(one => one.getAttribute('aria-label'))"


@dataclass(frozen=True)
class Planted:
    """A service in which everything that may be typed is hostile, and who looks at it."""

    service: Service
    client: httpx2.Client
    secret: str

    def pages(self) -> list[str]:
        """Every page that the application lists, of one station, account, day and link each."""
        paths = self.client.get("/openapi.json").json()["paths"]
        pages = [path for path, told in paths.items() if "text/html" in _media(told)]
        assert len(pages) > 25
        known = {"code": VISITED, "username": "keeper", "day": DAY, "secret": self.secret, "town": "442000001"}
        return [FULLER.get(page, page).format(**known) for page in pages]

    def of_a_station(self) -> list[str]:
        """The public ones of every station with a text of its own, and a quarter of the desk's: their heads are one."""
        own = [page for page in self.pages() if VISITED in page]
        return [
            page.replace(VISITED, code)
            for i, code in enumerate(CODES)
            for j, page in enumerate(own)
            if (i + j) % 4 == 0 or not page.startswith("/manage")
        ]


def _media(told: dict[str, Any]) -> Iterable[str]:
    found: dict[str, Any] = told.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    return found


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, seed: Seed) -> Iterator[Planted]:
    names = zip(seed.towns, TEXTS, strict=False)
    towns = tuple(replace(town, name=text, name_en=english(text)) for town, text in names)
    with serving(tmp_path_factory.mktemp("hostile"), replace(seed, towns=towns)) as service:
        house = service.house
        house.accounts.add_manager("keeper", PASSWORD, stations=tuple(CODES))
        headers = bearer(house.accounts.log_in("admin", PASSWORD, address="test").token)
        pages = {"accept": "text/html,*/*;q=0.5"}  # what has two forms is looked at as a page
        with httpx2.Client(base_url=service.url, headers={**headers, **pages}, timeout=30) as client:
            plant(client, headers, list(house.registry.network.amenities), MONDAY_MORNING)
            secret = client.post(f"/api/v1/stations/{VISITED}/tally-links").json()["secret"]
            yield Planted(service, client, secret)


@pytest.fixture
def desk(tab: OpenTab, planted: Planted) -> Tab:
    """A tab in which an administrator is logged in; a dialog in it is an error."""
    opened = tab(planted.service)
    opened.page.on("dialog", lambda dialog: _alarmed(opened, dialog))
    opened.log_in("admin")
    return opened


def _alarmed(opened: Tab, dialog: Dialog) -> None:
    opened.errors.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def looked_at(page: Page, html: str | None = None) -> dict[str, Any]:
    """What the page in the tab, or one that was fetched, shows of the texts, and what is wrong with it."""
    read: dict[str, Any] = page.evaluate(READ, [html, TEXTS, TRACES])
    return read


def test_every_page_shows_texts_only_under_its_policy(desk: Tab, planted: Planted) -> None:
    wrong: dict[str, list[str]] = {}
    for path in (*planted.pages(), "/?all=1&lang=en", "/manage/map?lang=en"):
        page = desk.open(path)
        seen = looked_at(page)
        faults = [*seen["faults"], *lacking(path, seen), *amiss_on_a_map(page), *desk.errors, *desk.foreign]
        wrong |= {path: faults} if faults or seen["ran"] else {}
        desk.errors.clear()
    assert wrong == {}


def amiss_on_a_map(page: Page) -> list[str]:
    """Which popups have another name than their station's, and what is wrong with the circles of stations and towns."""
    amiss = [popup for name, popup in page.evaluate(POPUPS) if name != popup]
    for unit in page.locator("#map-by option").evaluate_all("all => all.map((one) => one.value)"):
        page.select_option("#map-by", unit)
        labels = page.locator("button.map-circle").evaluate_all(LABELS)
        names = TEXTS if unit == "station" else TOWNS
        amiss += [name for name in names if not any(label.startswith(name) for label in labels)]
        amiss += looked_at(page)["faults"]
    return amiss


def test_every_stations_pages_and_every_refusal_show_texts_only(desk: Tab, planted: Planted) -> None:
    page = desk.open("/look")
    reflected = [REFLECTING[i % len(REFLECTING)].format(quote(text, safe="")) for i, text in enumerate(TEXTS * 2)]
    wrong: dict[str, list[str]] = {}
    for path in (*planted.of_a_station(), *SHOWING_ALL, "/?town=442000001", *reflected):
        seen = looked_at(page, planted.client.get(path).text)
        faults = [*seen["faults"], *lacking(path, seen)]
        wrong |= {path: faults} if faults else {}
    assert wrong == {}


def test_what_a_form_would_not_take_is_shown_again_as_a_text(desk: Tab, planted: Planted) -> None:
    page = desk.open("/look")
    for number, text in enumerate(TEXTS):
        path, fields = REFUSED_FORMS[number % len(REFUSED_FORMS)]
        answer = planted.client.post(path, data={name: value.replace("{}", text) for name, value in fields.items()})
        seen = looked_at(page, answer.text)
        assert answer.status_code in (400, 412, 422), (path, answer.status_code)
        assert (seen["faults"], text in seen["shown"]) == ([], True), (path, text)


def lacking(path: str, seen: dict[str, Any]) -> set[str]:
    """The texts that a page should show and does not: all of them, or what its station is called and where it is."""
    number = next((number for number, code in enumerate(CODES) if f"/{code}" in path), None)
    wanted = set(TEXTS) if path in SHOWING_ALL else set() if number is None else {TEXTS[number]}
    if number is not None and number % 2 == 0 and path == f"/stations/{CODES[number]}":
        wanted.add(address_of(number))
    return wanted - set(seen["shown"])


def test_the_audit_and_the_history_tell_texts_as_they_are(desk: Tab, planted: Planted) -> None:
    page, path, shown, n_pages = desk.open("/look"), "/manage/audit", set(), 0
    while path:
        html = planted.client.get(path).text
        seen = looked_at(page, html)
        assert seen["faults"] == [], path
        shown |= set(seen["shown"])
        path, n_pages = page.evaluate(FOLLOWING, html), n_pages + 1
    history = planted.client.get(f"/api/v1/stations/{SHUT}/history").text

    assert (shown, n_pages > 3) == (set(TEXTS), True)
    assert all(json.dumps(text, ensure_ascii=False)[1:-1] in history for text in TEXTS)


def test_linked_data_and_messages_say_the_very_text(planted: Planted) -> None:
    for code, text in zip(CODES, TEXTS, strict=True):
        html = planted.client.get(f"/stations/{code}").text
        data = html.split('<script type="application/ld+json">')[1].split("</script>")[0]
        message = planted.client.get(f"/stations/{code}.txt").text
        assert json.loads(data)["name"] == text
        assert message.startswith(text[:10])
        assert len(message) <= 70


def test_a_phone_without_a_connection_shows_texts_only(tab: OpenTab, planted: Planted) -> None:
    opened = without_network(visited(tab, planted.service))
    for path, texts in (("/?all=1", TEXTS), (f"/stations/{CODES[3]}", TEXTS[3:4])):
        page = stamped(opened, path)
        seen = looked_at(page)
        assert set(texts) <= set(page.locator("h1, .card h3").all_text_contents())
        assert (seen["faults"], seen["ran"]) == ([], False)


def test_files_hold_the_very_texts_and_no_formula(planted: Planted) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(planted, "stations.csv").decode("utf-8-sig"), newline="")))
    book = openpyxl.load_workbook(io.BytesIO(exported(planted, "offerings.xlsx")))
    cells = [cell for row in book.active for cell in row]  # type: ignore[union-attr]
    features = json.loads(exported(planted, "stations.geojson"))["features"]
    drawn = ElementTree.fromstring(exported(planted, "stations.kml"))
    placed = TEXTS[::2]

    assert [restored(row["name"]) for row in rows[: len(TEXTS)]] == list(TEXTS)
    assert restored(rows[2]["address"]) == address_of(2)
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert set(TEXTS) <= {restored(str(cell.value)) for cell in cells}
    assert [feature["properties"]["name"] for feature in features] == list(placed)
    assert set(placed) <= set(drawn.itertext())


def exported(planted: Planted, name: str) -> bytes:
    answer = planted.client.get(f"/api/v1/exports/{name}")
    assert answer.status_code == 200, answer.text
    content: bytes = answer.content
    return content
