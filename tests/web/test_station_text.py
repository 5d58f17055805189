"""A station in one text message: it fits, it says the four things, and no name can make it two."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, Closure, Offering, OfferingState, Station, Status
from harbour_api.store.seed import Seed
from harbour_api.web.pages.station_text import station_text
from harbour_api.web.words import Words
from tests.conftest import MONDAY_MORNING
from tests.hostile import HOSTILE
from tests.web.conftest import OWN, Front

ZH, EN = Words("zh"), Words("en")


def units(text: str) -> int:
    """How much of a message it takes: a phone counts UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def text_of(seed: Seed, words: Words = ZH, **changes: object) -> str:
    station = replace(seed.stations[0], **changes)  # type: ignore[arg-type]
    return station_text(_network(seed, station), station, MONDAY_MORNING, words)


def _network(seed: Seed, station: Station) -> Network:
    return Network([station, *seed.stations[1:]], seed.towns, seed.amenities, 1)


def test_every_station_says_all_four_things_within_one_message(seed: Seed) -> None:
    network = Network(seed.stations, seed.towns, seed.amenities, 1)
    for station in network.stations:
        town = network.town(station.town)
        zh, en = (station_text(network, station, MONDAY_MORNING, words) for words in (ZH, EN))

        assert zh == f"{station.name}，今天09:00-17:00，{town.name}。位置未核实，地图搜“{station.official_name}”"
        assert units(zh) <= 70
        assert en.startswith(f"{station.name_en}, today 09:00-17:00, {town.name_en}. Location not verified: ")
        assert units(en) <= 160
        assert station.official_name in en


def test_a_placed_station_is_found_by_its_address_where_it_has_one(seed: Seed) -> None:
    placed = {"location_basis": Basis.VERIFIED, "place": Place.at(113.4, 22.5)}

    assert text_of(seed, **placed, address="中山三路1号").endswith("。中山三路1号")
    assert text_of(seed, **placed).endswith(f"。地图搜“{seed.stations[0].official_name}”")


def test_when_it_helps_in_exams_is_said_where_there_is_room_for_all_of_it(seed: Seed) -> None:
    season = Season(MONDAY_MORNING.date(), MONDAY_MORNING.date() + timedelta(days=2))
    helps = {"offerings": (Offering("exam_support", OfferingState.YES, Basis.VERIFIED, season=season),)}
    placed = {"location_basis": Basis.VERIFIED, "place": Place.at(113.4, 22.5), "address": "中山三路1号"}

    assert text_of(seed, **helps, **placed).endswith("。中山三路1号。助考服务：11月23日至25日，进行中")
    assert text_of(seed, EN, **helps, **placed).endswith(". Exam-season support: 23 to 25 Nov, under way")
    assert text_of(seed, **helps) == text_of(seed)


def test_what_keeps_the_door_shut_today_is_said(seed: Seed) -> None:
    closure = Closure(1, MONDAY_MORNING, MONDAY_MORNING.replace(hour=15), "装修")

    assert "今天09:00-17:00 有临时关闭" in text_of(seed, closures=(closure,))
    assert "，暂停服务，" in text_of(seed, status=Status.SUSPENDED)
    assert ", hours unknown, " in text_of(seed, EN, opening_hours=None).lower()


@pytest.mark.parametrize("text", [*HOSTILE, "名" * 10_000, "\U0001f525" * 80])
def test_any_name_fits_on_one_line_and_hours_and_town_stay(seed: Seed, text: str) -> None:
    names = dict.fromkeys(("name", "name_en", "official_name", "address"), text)
    for words, length, today in ((ZH, 70, "今天09:00-17:00"), (EN, 160, "today 09:00-17:00")):
        for basis in (Basis.PLACEHOLDER, Basis.VERIFIED):
            said = text_of(seed, words, location_basis=basis, **names)

            assert units(said) <= length
            assert said.isprintable()
            assert today in said


def test_it_is_served_as_plain_text_in_both_languages(front: Front) -> None:
    zh, en = front.open(f"/stations/{OWN}.txt"), front.open(f"/stations/{OWN}.txt?lang=en")

    assert zh.headers["content-type"] == en.headers["content-type"] == "text/plain; charset=utf-8"
    assert re.match("[一-鿿]+，今天09:00-17:00，", zh.text)
    assert ", today 09:00-17:00, " in en.text
    refused = [front.open(f"/stations/{path}").status_code for path in ("ZS999.txt", f"{OWN}.txt?lang=fr", ".txt")]
    assert refused == [404, 400, 404]
