"""The hand-over to a map application: an invented point is never passed on, and a real one keeps its datum."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from harbour_api.domain.place import Place
from harbour_api.domain.station import Basis, Station, Town
from harbour_api.web.navigation import directions_url

SHIQI = Town("442000001", "石岐街道", "Shiqi", Place.at(113.38521, 22.51682))


def a_station(location_basis: Basis, name: str = "中山宏基支行") -> Station:
    return Station(
        code="ZS008",
        cnaps="105603000112",
        name=name,
        name_en="Zhongshan Hongji Sub-branch",
        official_name=f"中国建设银行股份有限公司{name}",
        town=SHIQI.code,
        place=Place.at(113.391234, 22.512345),
        location_basis=location_basis,
    )


def test_a_station_with_a_placeholder_is_searched_by_official_name_and_town() -> None:
    url = directions_url(a_station(Basis.PLACEHOLDER), SHIQI)

    assert urlsplit(url).path == "/search"
    assert parse_qs(urlsplit(url).query) == {
        "keyword": ["中国建设银行股份有限公司中山宏基支行 石岐街道"],
        "city": ["中山"],
    }
    assert "113." not in url
    assert "22." not in url


def test_a_placed_station_is_handed_over_longitude_first_with_its_datum() -> None:
    url = directions_url(a_station(Basis.VERIFIED), SHIQI)

    query = parse_qs(urlsplit(url).query)
    assert urlsplit(url).path == "/marker"
    assert query["position"] == ["113.391234,22.512345"]
    assert query["coordinate"] == ["wgs84"]


def test_a_name_cannot_add_a_parameter_to_the_link() -> None:
    url = directions_url(a_station(Basis.VERIFIED, name="甲&position=0,0"), SHIQI)

    assert parse_qs(urlsplit(url).query)["position"] == ["113.391234,22.512345"]
    assert parse_qs(urlsplit(url).query)["name"] == ["甲&position=0,0"]
