"""The door sign: what hangs on a door, in both languages, with a code that leads to the station's page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from harbour_api.domain.network import Network
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, Offering, OfferingState
from harbour_api.store.seed import Seed
from harbour_api.web.pages.poster import BothWords, poster_view, qr_code
from harbour_api.web.words import Words
from tests.web.conftest import Front


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<(script|svg)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)).split())


def test_it_says_in_chinese_and_english_what_somebody_at_the_door_wants_to_know(front: Front) -> None:
    sign = words(front.open("/stations/ZS001/poster").text)

    for said in (
        "劳动者港湾 Labourer Harbour",
        "中山分行营业部 Zhongshan Branch Business Department",
        "免费使用，不必是银行客户 Free. No need to be a customer",
        "营业时间 Hours 推定 assumed 周一至周五 Mon to Fri 09:00–17:00 周六至周日 Sat to Sun 休息 closed",
        "法定节假日 public holiday 休息 closed",
        "进入方式 Way in 推定 assumed 直接进入 Walk in",
        "空调* Air conditioning*",
        "扫码看本站现在是否开门",
        "并非银行官方服务",
    ):
        assert said in sign


def test_what_has_its_days_hangs_there_with_them_until_they_are_over(seed: Seed) -> None:
    season = Season(date(2027, 6, 7), date(2027, 6, 9))
    helps = Offering("exam_support", OfferingState.YES, Basis.VERIFIED, season=season)
    station = replace(seed.stations[0], offerings=(helps,))
    network = Network([station, *seed.stations[1:]], seed.towns, seed.amenities)

    def services(today: date) -> list[tuple[str, str]]:
        groups = poster_view(network, station, today, BothWords(Words()), "http://here")["groups"]
        return [names for _, names in groups]

    assert services(date(2026, 11, 23)) == [
        ("助考服务（2027年6月7日至9日）", "Exam-season support (7 to 9 Jun 2027)"),
    ]
    assert services(date(2027, 6, 10)) == []


def test_in_english_the_english_comes_first(front: Front) -> None:
    sign = words(front.open("/stations/ZS001/poster?lang=en").text)

    assert "Labourer Harbour 劳动者港湾" in sign
    assert "Mon to Fri 周一至周五 09:00–17:00" in sign


def test_it_names_the_next_two_and_no_distance_between_invented_points(front: Front) -> None:
    page = front.open("/stations/ZS001/poster").text

    assert page.count('class="next"') == 2
    assert "位置未核实" in page
    assert not re.search(r"约 [0-9.]+ (米|公里)", page)


def test_the_code_leads_to_the_stations_page_which_takes_that_and_nothing_else(front: Front) -> None:
    address = front.house.settings.public_url + "/stations/ZS007?from=poster"

    assert str(qr_code(address)) in front.open("/stations/ZS007/poster").text
    assert front.open("/stations/ZS007?from=poster").status_code == 200
    assert front.open("/stations/ZS007?from=elsewhere").status_code == 400


def test_all_operating_stations_have_a_sheet_or_one_towns(front: Front) -> None:
    assert front.open("/posters").text.count('<section class="sign"') == 64
    town = front.open("/posters?town=442000001").text.count('<section class="sign"')
    assert town == len(front.open("/api/v1/stations?town=442000001").json()["features"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/posters?town=9", 400),
        ("/posters?twon=442000001", 400),
        ("/stations/ZS999/poster", 404),
        ("/stations/ZS001/poster?x=1", 400),
    ],
)
def test_a_sheet_that_cannot_be_is_refused(front: Front, path: str, status: int) -> None:
    assert front.open(path).status_code == status


def test_hours_nobody_knows_are_not_invented(own_front: Front) -> None:
    answer = own_front.client.patch(
        "/api/v1/stations/ZS001",
        json={"opening_hours": None},
        headers={**own_front.administrator, "if-match": "*"},
    )
    assert answer.status_code == 200

    assert "营业时间未知" in own_front.open("/stations/ZS001/poster").text
