"""The hand-over to a map application: no invented point is ever passed on, and a real one comes in that one's datum."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from harbour_api.domain.place import Datum, Place
from harbour_api.domain.station import Basis, Station, Town
from harbour_api.web.navigation import MapApp, destination, directions_url
from tests.hostile import HOSTILE
from tests.web.conftest import OWN, Front

SHIQI = Town("442000001", "石岐街道", "Shiqi", Place.at(113.38521, 22.51682))
OFFICIAL = "中国建设银行股份有限公司中山宏基支行"
WGS84, GCJ02, BD09 = ("113.391234", "22.512345"), ("113.3967154", "22.5096548"), ("113.4031394", "22.5159881")
READS = {
    MapApp.AMAP: (Datum.GCJ02, GCJ02),
    MapApp.BAIDU: (Datum.BD09, BD09),
    MapApp.TENCENT: (Datum.GCJ02, GCJ02),
    MapApp.APPLE: (Datum.GCJ02, GCJ02),
    MapApp.GOOGLE: (Datum.WGS84, WGS84),
    MapApp.GEO: (Datum.WGS84, WGS84),
}


def a_station(location_basis: Basis = Basis.VERIFIED, name: str = "中山宏基支行", **changes: object) -> Station:
    facts: dict[str, object] = {
        "official_name": f"中国建设银行股份有限公司{name}",
        "place": Place.at(113.391234, 22.512345),
    }
    return Station(
        code="ZS008",
        cnaps="105603000112",
        name=name,
        name_en="Zhongshan Hongji Sub-branch",
        town=SHIQI.code,
        location_basis=location_basis,
        **(facts | changes),  # type: ignore[arg-type]
    )


def asked(url: str) -> dict[str, str]:
    """The parameters of a link, each of which is there once."""
    query = parse_qs(url.partition("?")[2], strict_parsing=True)
    assert all(len(values) == 1 for values in query.values())
    return {name: values[0] for name, values in query.items()}


@pytest.mark.parametrize("app", MapApp)
def test_a_placed_station_comes_in_the_datum_that_application_reads(app: MapApp) -> None:
    datum, url = destination(a_station(), SHIQI, app)
    figures = set(re.findall(r"\d+\.\d{6,}", unquote(url)))

    assert (datum, figures) == (READS[app][0], set(READS[app][1]))


@pytest.mark.parametrize("app", MapApp)
def test_the_datum_named_is_the_one_of_the_figures(app: MapApp) -> None:
    station = a_station(place=Place.at(113.4, 22.5))
    datum, url = destination(station, SHIQI, app)
    lon, lat = (
        next(f for f in re.findall(r"\d+\.\d{6,}", unquote(url)) if f.startswith(whole)) for whole in ("113", "22")
    )

    assert Place.at(float(lon), float(lat), datum) == station.place
    assert len(lon.partition(".")[2]) == (6 if datum is Datum.WGS84 else 7)


def test_each_application_is_told_in_its_own_words() -> None:
    links = {app: destination(a_station(), SHIQI, app)[1] for app in MapApp}

    assert asked(links[MapApp.AMAP]) == {
        "position": ",".join(GCJ02), "name": "中山宏基支行", "coordinate": "gaode", "callnative": "1",
    }  # fmt: skip
    assert asked(links[MapApp.BAIDU]).items() >= {
        "location": ",".join(reversed(BD09)), "coord_type": "bd09ll", "output": "html",
    }.items()  # fmt: skip
    assert asked(links[MapApp.TENCENT]).items() >= {"coord_type": "2", "referer": "labourer-harbour"}.items()
    assert asked(links[MapApp.TENCENT])["marker"].startswith(f"coord:{GCJ02[1]},{GCJ02[0]};title:中山宏基支行;")
    assert asked(links[MapApp.APPLE]) == {"ll": ",".join(reversed(GCJ02)), "q": "中山宏基支行"}
    assert asked(links[MapApp.GOOGLE]) == {"api": "1", "query": ",".join(reversed(WGS84))}
    assert unquote(links[MapApp.GEO]) == "geo:22.512345,113.391234?q=22.512345,113.391234(中山宏基支行)"
    assert [urlsplit(link).netloc for link in links.values()] == [
        "uri.amap.com", "api.map.baidu.com", "apis.map.qq.com", "maps.apple.com", "www.google.com", "",
    ]  # fmt: skip


@pytest.mark.parametrize("app", MapApp)
def test_a_placeholder_is_searched_by_official_name_and_town_and_no_figure_leaves(app: MapApp) -> None:
    datum, url = destination(a_station(Basis.PLACEHOLDER), SHIQI, app)

    assert datum is READS[app][0]
    assert f"{OFFICIAL} 石岐街道" in asked(url).values()
    assert not re.search(r"\d+\.\d", unquote(url))


def test_a_station_without_an_official_name_is_searched_by_its_name() -> None:
    _, url = destination(a_station(Basis.PLACEHOLDER, official_name=""), SHIQI, MapApp.AMAP)

    assert asked(url) == {"keyword": "中山宏基支行 石岐街道", "city": "中山"}


def test_outside_china_apple_reads_wgs84() -> None:
    datum, url = destination(a_station(place=Place.at(-0.1276, 51.5072)), SHIQI, MapApp.APPLE)

    assert (datum, asked(url)["ll"]) == (Datum.WGS84, "51.507200,-0.127600")


def test_the_cards_lead_to_amap() -> None:
    for basis in (Basis.PLACEHOLDER, Basis.VERIFIED):
        assert directions_url(a_station(basis), SHIQI) == destination(a_station(basis), SHIQI, MapApp.AMAP)[1]


@pytest.mark.parametrize("app", MapApp)
@pytest.mark.parametrize("text", [*HOSTILE, "甲&position=0,0", "甲;coord:0,0", "甲)&q=0,0(", "甲#a=1"])
def test_a_name_is_one_value_of_the_link_and_nothing_more(app: MapApp, text: str) -> None:
    for basis in (Basis.PLACEHOLDER, Basis.VERIFIED):
        _, url = destination(a_station(basis, text), SHIQI, app)
        plain = destination(a_station(basis), SHIQI, app)[1]

        assert asked(url).keys() == asked(plain).keys()
        assert urlsplit(url)[:3] == urlsplit(plain)[:3]
        assert urlsplit(url).fragment == ""
        assert url.isascii()
        assert not set(url) & set("<>\"'`\\ {}")


def test_a_names_semicolons_and_parentheses_begin_no_other_part() -> None:
    station = a_station(name="甲;coord:0,0(乙)")

    assert asked(destination(station, SHIQI, MapApp.TENCENT)[1])["marker"].count(";") == 2
    assert unquote(destination(station, SHIQI, MapApp.GEO)[1]).count("(") == 1


@pytest.mark.parametrize("app", MapApp)
def test_the_api_gives_the_same_for_every_application(front: Front, app: MapApp) -> None:
    network = front.house.registry.network
    station = network.station(OWN)
    answer = front.open(f"/api/v1/stations/{OWN}/navigation?app={app}")
    datum, url = destination(station, network.town(station.town), app)

    assert answer.status_code == 200
    assert answer.json() == {"app": app, "datum": datum, "url": url}
    again = front.open(
        f"/api/v1/stations/{OWN}/navigation?app={app}", headers={"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_another_application_is_refused_and_an_unknown_station_before_that(front: Front) -> None:
    paths = [
        f"{OWN}/navigation?app=waze",
        f"{OWN}/navigation",
        f"{OWN}/navigation?app=amap&x=1",
        "ZS999/navigation?app=waze",
    ]

    assert [front.open(f"/api/v1/stations/{path}").status_code for path in paths] == [422, 422, 422, 404]
