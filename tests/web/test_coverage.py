"""The coverage as the API and its page give it."""

from __future__ import annotations

import pytest

from harbour_api.web.api.coverage import KEPT_SAMPLES, Samples
from tests.web.conftest import Front

COVERAGE = "/api/v1/coverage"


def test_it_answers_as_the_contract_says(front: Front) -> None:
    answer = front.open(COVERAGE)
    body = answer.json()

    assert {"radius_m", "open_at", "share", "towns", "gaps", "n_placeholder"} <= body.keys()
    assert (body["radius_m"], body["open_at"], body["n_placeholder"], body["n_stations"]) == (1000, None, 64, 64)
    assert len(body["towns"]) == 23
    assert all(0 <= town["share"] <= 1 for town in body["towns"])
    assert len(body["gaps"]["features"]) == round((1 - body["share"]) * body["n_points"])
    assert answer.headers["access-control-allow-origin"] == "*"


def test_what_an_asker_has_already_is_not_sent_again(front: Front) -> None:
    etag = front.open(f"{COVERAGE}?radius_m=2000").headers["etag"]

    assert not etag.startswith("W/")
    assert front.open(f"{COVERAGE}?radius_m=2000", headers={"if-none-match": etag}).status_code == 304
    assert front.open(f"{COVERAGE}?radius_m=2001", headers={"if-none-match": etag}).status_code == 200


def test_open_at_counts_only_stations_open_then(front: Front) -> None:
    day, night = (
        front.open(COVERAGE, params={"open_at": f"2026-11-23T{hour}:00:00+08:00"}).json() for hour in ("10", "23")
    )

    assert day["share"] == front.open(f"{COVERAGE}?open_at=now").json()["share"] > 0
    assert (night["share"], night["n_stations"], night["open_at"]) == (0, 0, "2026-11-23T23:00:00+08:00")


def test_a_station_that_might_open_adds_to_the_share(front: Front) -> None:
    plain = front.open(f"{COVERAGE}?radius_m=5000&open_at=2026-11-23T23:00:00%2B08:00").json()
    what_if = front.open(f"{COVERAGE}?radius_m=5000&open_at=2026-11-23T23:00:00%2B08:00&what_if=113.4,22.5").json()

    assert plain["share"] == 0 < what_if["share"]
    assert what_if["what_if"] == [113.4, 22.5]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("radius_m=99", "radius_m"),
        ("radius_m=5001", "radius_m"),
        ("radius_m=nan", "radius_m"),
        ("open_at=today", "open_at"),
        ("open_at=1700000000", "open_at"),
        ("what_if=113.4", "what_if"),
        ("what_if=113.4,95", "what_if"),
        ("what_if=22.5,113.4", "what_if"),
        ("what_if=a,b", "what_if"),
        ("what_if=1,2&what_if=3,4", "what_if"),
        ("radius=1000", "radius"),
    ],
)
def test_a_question_out_of_bounds_is_refused_by_name(front: Front, query: str, named: str) -> None:
    answer = front.open(f"{COVERAGE}?{query}")

    assert answer.status_code == 422
    assert {fault["parameter"] for fault in answer.json()["errors"]} == {named}


def test_no_asker_can_make_it_keep_more_than_a_few_samples(front: Front) -> None:
    from harbour_api.domain.network import Needs

    samples, network = Samples(), front.house.registry.network
    first = samples.of(network, Needs())

    assert samples.of(network, Needs()) is first, "the radius and the point asked take no new sample"
    for code in list(network.towns)[: KEPT_SAMPLES + 1]:
        samples.of(network, Needs(town=code))
    assert samples.of(network, Needs()) is not first
