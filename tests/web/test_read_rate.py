"""Where the operator bounds how often an address may read, the bound holds on every way in and on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from harbour_api.domain.network import Network
from harbour_api.settings import Settings, SettingsRefused, read_settings
from harbour_api.store.seed import Seed
from harbour_api.web.application import create_app
from tests.conftest import MONDAY_MORNING, bearer
from tests.web.conftest import Front

NEAREST = "/api/v1/stations/nearest?lon=113.38&lat=22.52"
BY_THE_FRAMEWORK = f"{NEAREST}&max_distance_m=5000"  # not in the plain form, so not for the express lane


def reader(seed: Seed, rate: str, address: str = "192.0.2.1") -> TestClient:
    """A client at an address, of a service that shows the seed."""
    settings = Settings(database_url="sqlite:////nowhere/harbour.db", read_rate=rate)
    app = create_app(settings, lambda: MONDAY_MORNING)
    registry = app.state.house.registry
    registry._network, registry.is_reachable = Network(seed.stations, seed.towns, seed.amenities), True
    return TestClient(app, base_url="http://127.0.0.1:8000", client=(address, 50_000))


@pytest.fixture
def three_an_hour(seed: Seed) -> Iterator[TestClient]:
    with_rate = reader(seed, "3/hour")
    yield with_rate
    with_rate.close()


@pytest.mark.parametrize("path", [NEAREST, BY_THE_FRAMEWORK, "/", "/api/v1/stations", "/ogc/", "/nothing-here"])
def test_a_read_too_many_is_asked_to_wait(three_an_hour: TestClient, path: str) -> None:
    before = [three_an_hour.get(path).status_code for _ in range(3)]
    answer = three_an_hour.get(path)

    assert 429 not in before
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 3600
    assert "content-security-policy" in answer.headers
    assert ("access-control-allow-origin" in answer.headers) is path.startswith(("/api/v1/", "/ogc/")), (
        "other sites' scripts see why"
    )


def test_both_lanes_and_head_count_together(three_an_hour: TestClient) -> None:
    statuses = [three_an_hour.get(NEAREST).status_code, three_an_hour.head("/").status_code]
    statuses += [three_an_hour.get(BY_THE_FRAMEWORK).status_code, three_an_hour.get(NEAREST).status_code]

    assert statuses == [200, 200, 200, 429]


@pytest.mark.parametrize(
    "path", ["/health/live", "/health/ready", "/metrics", "/manage", "/login", "/tiles/1/1/1", "/t/no-such-secret"]
)
def test_what_is_free_stays_free(three_an_hour: TestClient, path: str) -> None:
    assert 429 not in {three_an_hour.get(path, follow_redirects=False).status_code for _ in range(5)}


def test_whoever_is_logged_in_reads_on_and_a_made_up_token_does_not(
    fronts: Callable[..., Iterator[Front]],
) -> None:
    running = fronts("sqlite", read_rate="3/hour")
    front = next(running)
    for _ in range(3):
        front.open(NEAREST)

    statuses = [front.client.get("/api/v1/me", headers=front.manager).status_code for _ in range(5)]
    assert set(statuses) == {200}
    assert front.client.get(NEAREST, headers=bearer("a-made-up-token")).status_code == 429
    running.close()


def test_another_address_may_still_read_and_a_neighbour_in_the_same_ipv6_network_may_not(seed: Seed) -> None:
    client = reader(seed, "1/hour", "2001:db8:0:1::1")
    app = client.app
    neighbour = TestClient(app, base_url="http://127.0.0.1:8000", client=("2001:db8:0:1::2", 50_000))
    stranger = TestClient(app, base_url="http://127.0.0.1:8000", client=("2001:db8:0:2::1", 50_000))

    assert [one.get(NEAREST).status_code for one in (client, neighbour, stranger)] == [200, 429, 200]


def test_without_the_setting_nobody_is_asked_to_wait(seed: Seed) -> None:
    client = reader(seed, "")
    assert {client.get(NEAREST).status_code for _ in range(200)} == {200}


@pytest.mark.parametrize("rate", ["0/minute", "60", "60/day", "-1/minute", "1e3/minute", "60 / minute", "1234567/hour"])
def test_a_rate_that_is_none_stops_the_start(rate: str) -> None:
    with pytest.raises(SettingsRefused, match=r"HARBOUR_READ_RATE.*such as 600/minute"):
        read_settings({"HARBOUR_READ_RATE": rate})
