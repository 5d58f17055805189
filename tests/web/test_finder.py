"""The finder: what somebody on the street sees, asks and is never told wrongly."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from harbour_api.domain.hours import Opening
from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.station import Access, Basis, Closure, Offering, OfferingState, Station
from harbour_api.store.seed import read_seed
from harbour_api.web.pages.cards import card_of, distance_text, hours_text
from harbour_api.web.words import Words
from tests.web.showing import showing

SHANGHAI = timezone(timedelta(hours=8))
MONDAY_TEN = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
SUNDAY_TEN = datetime(2026, 11, 22, 10, 0, tzinfo=SHANGHAI)
SEED = read_seed(Path(__file__).parents[2] / "seed_data")
DONGQU = "442000002"
SHENWAN = "442000117"


def a_network(*changed: Station) -> Network:
    network = Network(SEED.stations, SEED.towns, SEED.amenities, 1)
    return network.with_changes(changed, SEED.towns, SEED.amenities, 2) if changed else network


def a_client(network: Network | None = None, now: datetime = MONDAY_TEN) -> TestClient:
    return showing(network or a_network(), now)


def cards(page: str) -> list[str]:
    return re.findall(r'<li class="card".*?\n</li>', page, re.DOTALL)


def station(code: str) -> Station:
    return a_network().station(code)


def text(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def test_nothing_asked_lists_every_station_by_town() -> None:
    page = a_client().get("/").text

    assert len(cards(page)) == 64
    assert len(re.findall("<h2>", page)) == 23
    assert '<html lang="zh-CN">' in page


def test_the_first_load_is_one_request_of_at_most_14_kib_and_a_small_script() -> None:
    client = a_client()
    for address in ("/", "/?lang=en"):
        page = client.get(address)

        assert len(gzip.compress(page.content)) <= 14 * 1024
        assert '<link rel="stylesheet"' not in page.text
        assert not re.search(r'(src|href)="(https?:)?//(?!uri\.amap\.com|www\.geonames\.org)', page.text)
    script = client.get(client.app.state.house.assets.url("finder.js"))  # type: ignore[attr-defined]  # a FastAPI app
    assert len(gzip.compress(script.content)) <= 15 * 1024


@pytest.mark.parametrize("path", ["/", "/stations/ZS001"])
def test_the_first_pages_wait_for_no_style_sheet_and_the_policy_admits_what_is_inlined(path: str) -> None:
    answer = a_client().get(path)
    styles = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]

    assert styles
    assert "stylesheet" not in answer.text
    assert all(f"'sha256-{digest}'" in answer.headers["content-security-policy"] for digest in digests)


def test_a_town_sorts_by_distance_from_its_point_and_says_so() -> None:
    page = a_client().get(f"/?town={DONGQU}").text
    network = a_network()
    stations = [network.station(code) for code in re.findall(r'<li class="card" id="(\w+)"', page)]
    distances = [one.place.distance_m(network.town(DONGQU).place) for one in stations]

    assert len(stations) == 10
    assert distances == sorted(distances)
    assert "从东区街道的地名点量起" in page
    assert all("直线" in card and "距地名点" in card for card in cards(page))


def test_a_former_code_of_a_town_is_understood() -> None:
    assert "小榄镇附近" in a_client().get("/?town=442000104").text


def test_a_position_is_rounded_to_4_decimals_and_its_page_is_not_kept() -> None:
    answer = a_client().get("/?lon=113.4042649&lat=22.5169411")

    assert 'value="113.4043"' in answer.text
    assert "113.40426" not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


def test_a_town_chosen_by_hand_stands_above_the_position_the_form_carries_along() -> None:
    page = a_client().get(f"/?lon=113.4&lat=22.5&town={SHENWAN}").text

    assert "神湾镇附近" in page
    assert "113.4" not in page


def test_the_status_line_says_how_many_and_how_far_and_says_plainly_when_it_is_far() -> None:
    near = a_client().get(f"/?town={DONGQU}").text
    far = a_client().get("/?lon=113&lat=23").text

    assert re.search(r'<p id="summary" role="status">找到 64 个，最近约 \d+ 米。</p>', near)
    assert re.search(r'<p id="summary" role="status">找到 64 个，最近约 [\d.]+ 公里，1 公里内没有。</p>', far)


def test_ten_are_shown_and_a_link_shows_all_with_the_same_question() -> None:
    client = a_client()
    page = client.get(f"/?town={DONGQU}&amenity=toilet&lang=en").text
    link = re.search(r'class="more" href="([^"]+)"', page)

    assert link is not None
    everything = client.get(unescape(link[1])).text
    assert len(cards(everything)) == 64
    assert "Show all" not in everything
    assert 'value="toilet" checked' in everything


def test_an_amenity_that_was_asked_for_stands_first_on_each_card() -> None:
    page = a_client().get(f"/?town={DONGQU}&amenity=umbrella").text
    first = [re.search(r'<ul class="has"><li>.*?#i-(\w+)".*?</svg>(\w+)</li>', card) for card in cards(page)]

    assert {found and found.groups() for found in first} == {("umbrella", "雨伞")}


def test_an_amenity_nobody_is_known_to_have_finds_nothing_and_offers_a_way_on() -> None:
    client = a_client()
    page = client.get(f"/?town={DONGQU}&amenity=aed").text
    link = re.search(r'class="more" href="([^"]+)"', page)

    assert cards(page) == []
    assert "没有登记不等于没有" in page
    assert link is not None
    assert len(cards(client.get(unescape(link[1])).text)) == 10


def test_open_now_leaves_out_what_is_shut() -> None:
    assert len(cards(a_client(now=MONDAY_TEN).get("/?open=1").text)) == 64
    assert cards(a_client(now=SUNDAY_TEN).get("/?open=1").text) == []


def test_search_reads_chinese_and_pinyin() -> None:
    client = a_client()

    assert len(cards(client.get("/?q=滨河湾").text)) == 1
    assert len(cards(client.get("/?q=binhewan&lang=en").text)) == 1


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("twon=442000002", "twon"),
        ("town=999", "town"),
        ("lon=113.4", "lat"),
        ("lon=181&lat=22", "lon"),
        ("lon=nan&lat=22", "lon"),
        ("lon=１１３&lat=22", "lon"),
        ("lon=113&lat=9" + "0" * 400, "lat"),
        ("amenity=sauna", "amenity"),
        ("open=yes", "open"),
        ("town=442000002&town=442000003", "town"),
        ("lang=fr", "lang"),
        ("q=" + "长" * 61, "q"),
    ],
)
def test_a_question_that_breaks_a_bound_is_refused_by_name_and_not_echoed(query: str, parameter: str) -> None:
    answer = a_client().get(f"/?{query}")

    assert answer.status_code == 400
    assert f"<code>{parameter}</code>" in answer.text
    assert "这个网址有误" in answer.text


def test_empty_fields_of_the_form_are_no_question() -> None:
    assert len(cards(a_client().get("/?town=&q=&lon=&lat=&open=").text)) == 64


def test_no_coordinate_of_a_placeholder_leaves_the_page() -> None:
    page = a_client().get(f"/?town={DONGQU}&all=1").text

    assert "marker?position" not in page
    assert "步行" not in page
    assert len(re.findall("位置未核实</i>", page)) == 64
    assert not any(f"{one.place.lon:.4f}" in page for one in SEED.stations)


def test_a_placed_station_gets_directions_and_minutes_on_foot() -> None:
    placed = replace(station("ZS001"), place=Place.at(113.40426, 22.52594), location_basis=Basis.VERIFIED)
    page = a_client(a_network(placed)).get(f"/?town={DONGQU}").text
    card = next(card for card in cards(page) if 'id="ZS001"' in card)

    assert "https://uri.amap.com/marker?position=113.4097436%2C22.5232528" in card
    assert "步行约 15 分钟" in card
    assert "位置未核实" not in card


def test_every_assumed_fact_is_marked_where_it_stands() -> None:
    card = cards(a_client().get("/").text)[0]

    assert re.search(r"营业中，17:00 关门 <i>推定</i>", card)
    assert re.search(r"直接进入 <i>推定</i>", card)


def test_a_verified_way_in_says_that_it_was_verified() -> None:
    verified = replace(station("ZS001"), access=Access.ASK_STAFF, basis={"access": Basis.VERIFIED})

    card = card_of(a_network(verified), verified, MONDAY_TEN, Words())

    assert (card["access_text"], card["access_basis"]) == ("请先告诉工作人员", "已核实")
    assert not card["hours_assumed"]


def test_what_is_out_of_order_is_not_shown_as_there() -> None:
    broken = replace(
        station("ZS001"), offerings=(Offering("drinking_water", OfferingState.OUT_OF_ORDER, Basis.VERIFIED),)
    )

    assert card_of(a_network(broken), broken, MONDAY_TEN, Words())["amenities"] == []


def test_a_closure_is_shown_with_the_day_it_ends() -> None:
    week = Closure(1, MONDAY_TEN - timedelta(days=1), MONDAY_TEN + timedelta(days=9), "repair")
    closed = replace(station("ZS001"), closures=(week,))

    assert card_of(a_network(closed), closed, MONDAY_TEN, Words())["hours_text"] == "休息中，12月2日 10:00 开门"


@pytest.mark.parametrize(
    ("is_open", "hours_ahead", "zh", "en"),
    [
        (True, 7, "营业中，17:00 关门", "Open, closes 17:00"),
        (False, 23, "休息中，明天 09:00 开门", "Closed, opens tomorrow 09:00"),
        (False, 71, "休息中，周四 09:00 开门", "Closed, opens Thu 09:00"),
        (False, 14 * 24, "休息中，12月7日 10:00 开门", "Closed, opens 7 Dec 10:00"),
        (None, None, "营业时间未知", "Hours unknown"),
        (True, None, "营业中", "Open"),
        (False, None, "休息中", "Closed"),
    ],
)
def test_opening_is_told_in_words(is_open: bool | None, hours_ahead: int | None, zh: str, en: str) -> None:
    change = None if hours_ahead is None else MONDAY_TEN + timedelta(hours=hours_ahead)
    opening = Opening(is_open, change)

    assert hours_text(opening, MONDAY_TEN, Words("zh")) == zh
    assert hours_text(opening, MONDAY_TEN, Words("en")) == en


@pytest.mark.parametrize(
    ("metres", "said"),
    [(0, "约 10 米"), (236, "约 240 米"), (994, "约 990 米"), (996, "约 1.0 公里"), (1249, "约 1.2 公里")],
)
def test_a_distance_is_told_no_finer_than_it_is_known(metres: float, said: str) -> None:
    assert distance_text(metres, Words()) == said


def test_what_somebody_typed_never_runs_as_markup() -> None:
    named = replace(station("ZS001"), name='<img src=x onerror=alert(1)>"{{7*7}}')
    client = a_client(a_network(named))
    page = client.get("/").text + client.get("/?q=<script>alert(1)</script>").text

    assert "<img" not in page
    assert "<script>alert" not in page
    assert "{{7*7}}" in page


def test_english_has_no_chinese_but_the_language_switch() -> None:
    page = a_client().get(f"/?town={DONGQU}&lang=en").text
    seen = text(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))

    assert re.findall(r"[\u4e00-\u9fff]+", seen) == ["中文"]
    assert 'href="?town=442000002&amp;lang=zh"' in page


def test_the_language_switch_cannot_lead_to_another_host() -> None:
    page = a_client().get("/?lang=en").text

    assert re.findall(r'href="([^"]*)" lang="zh-CN"', page) == ["?lang=zh"]


def test_the_page_can_be_zoomed_and_starts_with_a_way_past_the_header() -> None:
    page = a_client().get("/").text

    assert 'content="width=device-width,initial-scale=1"' in page
    assert page.index('class="skip"') < page.index("<header")
    assert "并非银行官方服务" in page


def test_the_map_is_drawn_once_for_a_picture_and_its_script_has_an_address_of_its_own() -> None:
    client = a_client()
    first, second = client.get("/map"), client.get("/map")
    script = re.search(r'src="(/a/[0-9a-f]{12}/map-public\.js)"', first.text)

    assert first.text == second.text
    assert script is not None
    assert client.get(script[1]).status_code == 200
    assert client.get("/map?town=1").status_code == 400
