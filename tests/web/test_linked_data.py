"""A station for machines: only what is believed, never an invented point, and no name that ends its script element."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient

from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, Closure, Offering, OfferingState, Status
from harbour_api.store.seed import Seed
from harbour_api.web.pages.linked_data import linked_data
from tests.conftest import MONDAY_MORNING
from tests.hostile import HOSTILE
from tests.web.test_station_page import client_of

PLACED = {"location_basis": Basis.VERIFIED, "place": Place.at(113.4, 22.5)}
URL = "https://harbour.example/stations/ZS001"


def data_of(seed: Seed, **changes: object) -> dict[str, Any]:
    station = replace(seed.stations[0], **changes)  # type: ignore[arg-type]
    network = Network([station, *seed.stations[1:]], seed.towns, seed.amenities, 1)
    found: dict[str, Any] = json.loads(linked_data(network, station, MONDAY_MORNING, URL))
    return found


class Page(HTMLParser):
    """What a browser makes of a page: the content of its data block, and how many scripts it has beside."""

    def __init__(self, client: TestClient) -> None:
        super().__init__()
        self.data, self.scripts, self.tags, self._inside = "", 0, set[str](), False
        self.feed(client.get("/stations/ZS001").text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and dict(attrs).get("type") == "application/ld+json"
        self.scripts += tag == "script" and not self._inside
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        self.data += data if self._inside else ""


def test_a_placeholder_has_no_geo_and_a_placed_station_has_its_wgs84_figures(seed: Seed) -> None:
    assert "geo" not in data_of(seed)
    assert data_of(seed, **PLACED)["geo"] == {"@type": "GeoCoordinates", "latitude": 22.5, "longitude": 113.4}


def test_it_says_what_and_where_the_station_is(seed: Seed) -> None:
    data = data_of(seed, address="中山三路1号", phone="0760 8888")

    assert (data["@context"], data["@type"], data["@id"], data["url"]) == ("https://schema.org", "Place", URL, URL)
    assert (data["name"], data["telephone"]) == (seed.stations[0].name, "0760 8888")
    assert data["address"]["streetAddress"] == "中山三路1号"
    assert data["isAccessibleForFree"] is True


def test_what_is_assumed_is_left_out(seed: Seed) -> None:
    offerings = (
        Offering("toilet", OfferingState.OUT_OF_ORDER, Basis.VERIFIED),
        Offering("wifi", OfferingState.YES, Basis.ARTICLE),
        Offering("drinking_water", OfferingState.YES, Basis.ASSUMED),
        Offering("seating", OfferingState.UNKNOWN, Basis.VERIFIED),
    )
    data = data_of(seed, offerings=offerings)

    assert [feature["value"] for feature in data["amenityFeature"]] == [False, True]
    assert "specialOpeningHoursSpecification" not in data


def test_what_has_its_days_says_from_when_to_when(seed: Seed) -> None:
    season = Season(date(2027, 6, 7), date(2027, 6, 9))
    helps = Offering("exam_support", OfferingState.YES, Basis.VERIFIED, season=season)
    [feature] = data_of(seed, offerings=(helps,))["amenityFeature"]

    assert (feature["value"], feature["validFrom"], feature["validThrough"]) == (True, "2027-06-07", "2027-06-09")


def test_verified_hours_are_given_day_by_day_unless_something_shuts_it(seed: Seed) -> None:
    known = {"opening_hours": "Mo-Fr 09:00-12:00,14:00-24:00; PH off", "basis": {"opening_hours": Basis.VERIFIED}}
    hours = data_of(seed, **known)["specialOpeningHoursSpecification"]
    closure = Closure(1, MONDAY_MORNING, MONDAY_MORNING + timedelta(days=1), "装修")

    assert len(hours) == 10
    assert (hours[0]["validFrom"], hours[0]["opens"], hours[0]["closes"]) == ("2026-11-23", "09:00", "12:00")
    assert (hours[1]["validThrough"], hours[1]["closes"]) == ("2026-11-23", "23:59")
    assert "specialOpeningHoursSpecification" not in data_of(seed, **known, closures=(closure,))
    assert "specialOpeningHoursSpecification" not in data_of(seed, **known, status=Status.SUSPENDED)


@pytest.fixture(scope="module")
def plain(seed: Seed) -> Page:
    """The page of a station with nothing odd in it."""
    return Page(client_of(seed, seed.stations[0]))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_a_text_in_the_data_and_on_the_page(seed: Seed, plain: Page, text: str) -> None:
    words = dict.fromkeys(("name", "name_en", "official_name", "address", "phone"), text)
    page = Page(client_of(seed, replace(seed.stations[0], **words)))  # type: ignore[arg-type]

    assert json.loads(page.data)["name"] == text
    assert not set(page.data) & set("<>&\u2028\u2029")
    assert (page.scripts, page.tags) == (plain.scripts, plain.tags)
