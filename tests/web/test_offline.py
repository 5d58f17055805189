"""What a phone is handed to go on without a connection: the network file, the worker, the manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import brotli
import orjson
import pytest

from harbour_api.domain.hours import ZONE, is_open, stretches
from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, Closure, Offering, OfferingState, Station, Status
from harbour_api.store.seed import Seed
from harbour_api.web.pages import finder
from harbour_api.web.pages.cards import card_of
from harbour_api.web.pages.dates import when_text
from harbour_api.web.pages.finder import MOST_ON_PHONE, finder_view
from harbour_api.web.pages.phone import DAYS, network_bytes, network_for_phone
from harbour_api.web.pages.question import Question
from harbour_api.web.words import Words
from tests.conftest import MONDAY_MORNING
from tests.hostile import HOSTILE
from tests.web.conftest import Front

STATIC = Path(__file__).parents[2] / "harbour_api" / "web" / "static"


def a_network(seed: Seed, **changed: dict[str, Any]) -> Network:
    stations = [replace(one, **changed.get(one.code, {})) for one in seed.stations]
    return Network(stations, seed.towns, seed.amenities, 7)


def rows(file: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    table = file[name]
    yield from (dict(zip(table["columns"], row, strict=True)) for row in table["rows"])


def station_row(network: Network, code: str) -> dict[str, Any]:
    return next(row for row in rows(network_for_phone(network, MONDAY_MORNING), "stations") if row["code"] == code)


def test_the_network_file_is_small(seed: Seed) -> None:
    assert len(brotli.compress(network_bytes(a_network(seed), MONDAY_MORNING), quality=5)) < 8 * 1024


CLOSED = Closure(1, MONDAY_MORNING + timedelta(hours=3), MONDAY_MORNING + timedelta(days=2, hours=1), "repair")


@pytest.mark.parametrize(
    "schedule",
    [
        {},
        {"opening_hours": None},
        {"opening_hours": "24/7"},
        {"opening_hours": "Mo-Su 22:00-02:00; PH off"},
        {"closures": (CLOSED,)},
        {"opening_hours": None, "closures": (CLOSED,)},
        {"opening_hours": "Sep-Oct Mo-Fr 08:00-12:00"},
    ],
)
@pytest.mark.parametrize("as_of", [MONDAY_MORNING, datetime(2026, 9, 30, 23, 59, tzinfo=ZONE)])
def test_its_stretches_say_what_the_domain_says_at_every_quarter_hour(
    seed: Seed, schedule: dict[str, Any], as_of: datetime
) -> None:
    network = a_network(seed, ZS001=schedule)
    file = network_for_phone(network, as_of)
    told = file["schedules"][station_row(network, "ZS001")["schedule"]]
    since = as_of.replace(hour=0, minute=0)
    assert told[0][0] == since.timestamp()
    assert (told[-1][1] or file["until"]) >= file["until"] == (since + timedelta(days=DAYS)).timestamp()
    assert all(one[1] == other[0] for one, other in pairwise(told))

    for quarter in range(DAYS * 96):
        at = since + timedelta(minutes=15 * quarter)
        [state] = [one[2] for one in told if one[0] <= at.timestamp() < (one[1] or file["until"])]
        assert state is is_open(network.station("ZS001"), at), at


def test_a_stretch_past_the_known_calendar_is_not_known_and_one_of_no_length_is_not_told(seed: Seed) -> None:
    new_year = datetime(2026, 12, 30, tzinfo=ZONE)
    found = stretches(seed.stations[0], new_year, new_year + timedelta(days=DAYS))

    assert found[-1][1].is_open is None
    assert stretches(seed.stations[0], new_year, new_year) == []


def test_only_what_is_known_to_be_there_counts_and_only_a_verified_place_has_shifted_figures(seed: Seed) -> None:
    offerings = (
        Offering("wifi", OfferingState.YES, Basis.VERIFIED),
        Offering("toilet", OfferingState.OUT_OF_ORDER, Basis.VERIFIED),
        Offering("microwave", OfferingState.NO, Basis.VERIFIED),
        Offering("umbrella", OfferingState.UNKNOWN, Basis.VERIFIED),
    )
    placed = {"place": Place.at(113.391234, 22.512345), "location_basis": Basis.VERIFIED, "offerings": offerings}
    network = a_network(seed, ZS002=placed, ZS003={"status": Status.SUSPENDED})
    codes = list(network.amenities)

    row = station_row(network, "ZS002")

    assert ([codes[i] for i in row["yes"]], [codes[i] for i in row["out_of_order"]]) == (["wifi"], ["toilet"])
    assert (row["lon"], row["lat"], row["placed"]) == (113.391234, 22.512345, 1)
    assert row["shifted"][0] == (113.3967154, 22.5096548)
    assert station_row(network, "ZS001")["shifted"] is None
    assert "ZS003" not in {one["code"] for one in rows(network_for_phone(network, MONDAY_MORNING), "stations")}


def test_hostile_texts_are_nothing_but_data(seed: Seed) -> None:
    changed = {
        station.code: {"name": text, "name_en": text, "official_name": text, "address": text, "phone": text}
        for station, text in zip(seed.stations, HOSTILE, strict=False)
    }
    file = orjson.loads(network_bytes(a_network(seed, **changed), MONDAY_MORNING))

    told = {row["code"]: row["zh"] for row in rows(file, "stations")}
    assert all(told[code] == facts["name"] for code, facts in changed.items())


def test_every_sentence_the_phones_scripts_say_is_in_the_file(seed: Seed) -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    calls = re.findall(r"\bsaid\(([^{}\n]*)", scripts)
    said = {name for call in calls for name in re.findall(r"'([a-z]\w*)'", call)}
    words = network_for_phone(a_network(seed), MONDAY_MORNING)["words"]

    assert len(said) > 20
    assert said <= words["zh"].keys() == words["en"].keys()


def test_the_file_is_known_by_its_etag_until_an_edit_or_ten_minutes(front: Front) -> None:
    first = front.open("/network.json")
    again = front.open("/network.json", headers={"if-none-match": first.headers["etag"]})
    front.at(MONDAY_MORNING + timedelta(minutes=9))
    soon = front.open("/network.json")
    front.at(MONDAY_MORNING + timedelta(minutes=10))
    later = front.open("/network.json", headers={"if-none-match": first.headers["etag"]})

    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert (again.status_code, again.content) == (304, b"")
    assert soon.content == first.content
    assert (later.status_code, later.json()["as_of"]) == (200, first.json()["as_of"] + 600)


def test_the_file_is_as_old_as_the_picture_when_the_database_is_away(front: Front) -> None:
    registry = front.house.registry
    with registry._swapping:  # or the next look at the database finds it back
        registry.is_reachable, read = False, registry.as_of
        front.at(MONDAY_MORNING + timedelta(days=1))
        told = front.open("/network.json").json()["as_of"]
        registry.is_reachable = True

    assert told <= read.timestamp()


def test_the_worker_is_asked_for_anew_each_time_and_may_answer_for_the_whole_site(front: Front) -> None:
    answer = front.open("/sw.js")

    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "worker-src 'self'" in answer.headers["content-security-policy"]
    assert re.match(r"const VERSION = '[0-9a-f]{12}';\n", answer.text)


@pytest.mark.parametrize(("lang", "start"), [("zh", "/"), ("en", "/?lang=en")])
def test_the_site_can_be_installed_in_either_language(front: Front, lang: str, start: str) -> None:
    manifest = front.open(f"/manifest.webmanifest?lang={lang}").json()

    assert (manifest["start_url"], manifest["display"], manifest["scope"]) == (start, "standalone", "/")
    assert manifest["short_name"] == Words(lang)("劳动者港湾")
    for icon in manifest["icons"]:
        answer = front.open(icon["src"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, icon["type"])
    assert f'href="{"/manifest.webmanifest" + ("" if lang == "zh" else "?lang=en")}"' in front.open(start).text


@pytest.mark.parametrize("address", ["/network.json", "/sw.js", "/manifest.webmanifest", "/offline"])
def test_what_is_asked_beyond_the_language_is_refused(front: Front, address: str) -> None:
    assert front.open(f"{address}?lon=113.4").status_code == 400


def test_a_network_too_large_for_a_phone_stays_with_the_server(seed: Seed) -> None:
    copies = -(-MOST_ON_PHONE // len(seed.stations))
    many = [replace(one, code=f"{one.code}{n:03}") for n in range(copies + 1) for one in seed.stations]
    view = [
        finder_view(Network(stations, seed.towns, seed.amenities), Question(), MONDAY_MORNING, Words())["is_for_phone"]
        for stations in (seed.stations, many)
    ]

    assert view == [True, False]


def test_a_network_too_large_for_a_phone_has_no_file(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(front.house.registry.network)
    monkeypatch.setattr(finder, "MOST_ON_PHONE", size)
    assert front.open("/network.json").status_code == 200
    monkeypatch.setattr(finder, "MOST_ON_PHONE", size - 1)
    refused = front.open("/network.json")
    assert (refused.status_code, refused.headers["content-type"]) == (404, "application/problem+json")


def exam_text(station: Station, seed: Seed, month: int, day: int = 8, lang: str = "zh") -> str:
    network = Network([station], seed.towns, seed.amenities)
    return card_of(network, station, datetime(2027, month, day, tzinfo=ZONE), Words(lang))["exam_text"]


def test_support_in_exams_is_told_in_june_and_where_it_is_given(seed: Seed) -> None:
    helps = replace(seed.stations[0], offerings=(Offering("exam_support", OfferingState.YES, Basis.VERIFIED),))
    may = replace(helps, offerings=(Offering("exam_support", OfferingState.UNKNOWN, Basis.VERIFIED),))

    assert exam_text(helps, seed, 6) == "中高考期间为考生服务"
    assert [exam_text(helps, seed, 5), exam_text(helps, seed, 7), exam_text(may, seed, 6)] == ["", "", ""]


def test_support_in_exams_goes_by_its_days_where_they_are_stated(seed: Seed) -> None:
    season = Season(date(2027, 6, 7), date(2027, 6, 9))
    offering = Offering("exam_support", OfferingState.YES, Basis.VERIFIED, season=season)
    helps = replace(seed.stations[0], offerings=(offering,))
    broken = replace(helps, offerings=(replace(offering, state=OfferingState.OUT_OF_ORDER),))

    told = [exam_text(helps, seed, *day) for day in ((5, 23), (5, 24), (6, 7), (6, 9), (6, 10))]

    assert told == ["", "助考服务：6月7日至9日，未开始", *["助考服务：6月7日至9日，进行中"] * 2, ""]
    assert exam_text(helps, seed, 6, 8, "en") == "Exam-season support: 7 to 9 Jun, under way"
    assert exam_text(broken, seed, 6) == ""


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        ((2027, 6, 7), (2027, 6, 7), "6月7日，未开始", "7 Jun, to come"),
        ((2027, 6, 28), (2027, 7, 3), "6月28日至7月3日，未开始", "28 Jun to 3 Jul, to come"),
        ((2026, 6, 7), (2026, 6, 9), "2026年6月7日至9日，已结束", "7 to 9 Jun 2026, over"),
        (
            (2026, 12, 20),
            (2027, 2, 3),
            "2026年12月20日至2027年2月3日，进行中",
            "20 Dec 2026 to 3 Feb 2027, under way",
        ),
    ],
)
def test_days_are_told_as_one_says_them(
    first: tuple[int, int, int], last: tuple[int, int, int], zh: str, en: str
) -> None:
    season, today = Season(date(*first), date(*last)), date(2027, 2, 1)

    assert [when_text(season, today, Words(lang)) for lang in ("zh", "en")] == [zh, en]
