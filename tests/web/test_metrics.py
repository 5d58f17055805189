"""Figures for Prometheus: every answer counted once, under nothing that an asker sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import bearer
from tests.web.conftest import FOREIGN, OWN, Front

Labels = tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def counted(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")


def figures(front: Front) -> dict[tuple[str, Labels], float]:
    answer = front.open("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "private, no-store"
    samples = [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


def requests(told: dict[tuple[str, Labels], float]) -> dict[tuple[str, str, str], float]:
    return {
        (dict(labels)["method"], dict(labels)["route"], dict(labels)["status"]): value
        for (name, labels), value in told.items()
        if name == "harbour_requests_total"
    }


def test_answers_are_counted_by_route_method_and_status_whichever_lane_they_took(counted: Front) -> None:
    nearest = "/api/v1/stations/nearest?lon=113.4&lat=22.5"
    etag = counted.open(nearest).headers["etag"]
    counted.open(nearest, headers={"if-none-match": etag})
    counted.open(f"{nearest}&max_distance_m=5")
    counted.open("/api/v1/stations/nearest?lon=north")
    counted.client.head("/about")
    counted.client.post(f"/api/v1/stations/{FOREIGN}/visits", json={}, headers=counted.manager)
    counted.client.request("BREW", "/nowhere/at/all")
    counted.open(counted.house.assets.url("site.css"))

    assert requests(figures(counted)) == {
        ("GET", "/api/v1/stations/nearest", "2xx"): 2,
        ("GET", "/api/v1/stations/nearest", "3xx"): 1,
        ("GET", "/api/v1/stations/nearest", "4xx"): 1,
        ("GET", "/about", "2xx"): 1,
        ("POST", "/api/v1/stations/{code}/visits", "4xx"): 1,
        ("other", "none", "4xx"): 1,
        ("GET", f"{counted.house.assets.mount}/{{digest}}/{{name}}", "2xx"): 1,
    }


def test_a_latency_is_in_the_first_bound_that_holds_it_and_all_above(counted: Front) -> None:
    counted.house.traffic.note("/slow", "GET", 200, 0.3)
    told = figures(counted)
    labels = {"route": "/slow", "method": "GET", "status": "2xx"}
    at = lambda bound: told["harbour_request_seconds_bucket", tuple(sorted({**labels, "le": bound}.items()))]  # noqa: E731
    assert [at(bound) for bound in ("0.25", "0.5", "5.0", "+Inf")] == [0, 1, 1, 1]
    assert told["harbour_request_seconds_sum", tuple(sorted(labels.items()))] == 0.3


def test_nothing_that_was_sent_is_told(counted: Front) -> None:
    counted.open("/?lon=113.4321&lat=22.5678&town=nowhere")
    counted.open(f"/stations/{OWN}")
    counted.open("/t/a-secret-of-the-desk")
    counted.open("/api/v1/me", headers=bearer("a-token"))
    text = counted.open("/metrics").text
    for word in ("113.43", "22.56", "nowhere", OWN, "a-secret", "a-token", 'desk"', "chief"):
        assert word not in text


def test_the_state_of_the_house_is_told_without_asking_the_database(counted: Front) -> None:
    counted.house.registry.close()
    counted.house.registry.is_reachable = False
    told = figures(counted)
    assert told["harbour_database_reachable", ()] == 0
    assert told["harbour_picture_revision", ()] == counted.house.registry.network.revision
    assert told["harbour_stations", ()] == 64
    assert told["harbour_visits_waiting", ()] == 0
    assert told["harbour_picture_age_seconds", ()] == 0


def test_an_unknown_parameter_is_refused(counted: Front) -> None:
    assert counted.open("/metrics?name[]=x").status_code == 422
