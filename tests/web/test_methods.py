"""HEAD and OPTIONS, which no route has to know."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    "path", ["/", "/map", "/api/v1/stations", "/api/v1/stations/nearest?lon=1&lat=2", "/health/live"]
)
def test_head_answers_as_get_does_without_the_body(client: TestClient, path: str) -> None:
    got, headed = client.get(path), client.head(path)

    assert headed.status_code == got.status_code == 200
    assert headed.content == b""
    assert headed.headers == got.headers


def test_a_preflight_lets_other_sites_read_and_nothing_else(client: TestClient) -> None:
    answer = client.options(
        "/api/v1/stations", headers={"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    )

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Authorization" not in answer.headers["Access-Control-Allow-Headers"]


def test_a_trailing_slash_is_another_address(client: TestClient) -> None:
    assert client.get("/api/v1/stations/", follow_redirects=False).status_code == 404
