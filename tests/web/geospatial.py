"""What the tests of the geospatial door share: two stations that somebody placed, and how an answer is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from harbour_api.domain.hours import ZONE
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import Front

ROOT = "/ogc"
STATIONS, TOWNS = f"{ROOT}/collections/stations", f"{ROOT}/collections/towns"
ITEMS, TOWN_ITEMS = f"{STATIONS}/items", f"{TOWNS}/items"
ADDRESSES = (
    *(f"{ROOT}/", f"{ROOT}/conformance", f"{ROOT}/api", f"{ROOT}/collections", STATIONS, TOWNS, ITEMS, TOWN_ITEMS),
    *(f"{ITEMS}/ZS001", f"{ITEMS}/ZS002", f"{TOWN_ITEMS}/442000001"),
)
FIRST, LATER = datetime(2026, 11, 1, 9, 0, tzinfo=ZONE), datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
PLACED = {"ZS001": (113.4041, 22.5236, FIRST), "ZS003": (113.38, 22.52, LATER)}


def place_two(front: Front) -> Front:
    """Have two stations verified at the door, the other 62 being placeholders."""
    for code, (lon, lat, moment) in PLACED.items():
        front.at(moment)
        body = {"lon": lon, "lat": lat, "datum": "wgs84", "accuracy_m": 5, "method": "device"}
        answer = front.client.post(f"/api/v1/stations/{code}/verification", json=body, headers=front.administrator)
        assert answer.status_code == 200, answer.text
    front.at(MONDAY_MORNING)
    return front


def read(front: Front, path: str, **more: Any) -> Any:
    """The JSON of an address."""
    answer = front.open(path, **more)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()


def ids(front: Front, path: str) -> list[str]:
    return [feature["id"] for feature in read(front, path)["features"]]


def links(document: dict[str, Any], rel: str) -> list[dict[str, str]]:
    return [link for link in document["links"] if link["rel"] == rel]


def inside(front: Front, href: str) -> str:
    """A link of ours as the address it is here."""
    public = front.house.settings.public_url
    assert href.startswith(public), href
    return href.removeprefix(public)
