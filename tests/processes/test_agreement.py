"""Two processes on one PostGIS database say the same within a second."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx2
import pytest

from tests.processes.conftest import WITHOUT_SAMPLES, Server

pytestmark = pytest.mark.postgis


def test_a_change_by_one_process_is_seen_by_the_other_within_a_second(
    postgis_url: str, serve: Callable[..., Server]
) -> None:
    one = serve(postgis_url, **WITHOUT_SAMPLES)
    other = serve(postgis_url)
    headers = one.log_in() | {"If-Match": '"1"'}

    answer = httpx2.patch(f"{one.address}/api/v1/stations/ZS001", json={"phone": "0760-8888"}, headers=headers)
    committed = time.monotonic()
    while time.monotonic() < committed + 5 and _phone(other) is None:
        time.sleep(0.02)

    assert answer.json()["properties"]["phone"] == "0760-8888"
    assert time.monotonic() - committed < 1


def test_both_engines_answer_the_same_to_the_millimetre(
    sqlite_url: str, postgis_url: str, serve: Callable[..., Server]
) -> None:
    questions = ["lon=113.38&lat=22.52&limit=50", "lon=113.2&lat=22.7&limit=50&amenity=toilet", "lon=-70&lat=-30"]
    small, large = (serve(url, **WITHOUT_SAMPLES) for url in (sqlite_url, postgis_url))

    for question in questions:
        answers = [server.get(f"/api/v1/stations/nearest?{question}").json()["features"] for server in (small, large)]
        seen = [[(f["id"], f["properties"]["distance_m"]) for f in features] for features in answers]

        assert seen[0] == seen[1]


def _phone(server: Server) -> str | None:
    phone: str | None = server.get("/api/v1/stations/ZS001").json()["properties"]["phone"]
    return phone
