"""The public reads, through the application as production builds it, on both databases."""

from __future__ import annotations

from fastapi.testclient import TestClient
from pyproj import Geod

GEOD = Geod(ellps="WGS84")


def test_nearest_names_the_five_that_brute_force_names(client: TestClient) -> None:
    everything = client.get("/api/v1/stations").json()["features"]
    expected = sorted(
        (round(GEOD.inv(113.38, 22.52, *feature["geometry"]["coordinates"])[2], 3), feature["id"])
        for feature in everything
    )[:5]

    found = client.get("/api/v1/stations/nearest?lon=113.38&lat=22.52").json()["features"]

    assert len(everything) == 64
    assert [(f["properties"]["distance_m"], f["id"]) for f in found] == expected
