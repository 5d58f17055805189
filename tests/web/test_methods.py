"""HEAD and OPTIONS, which no route has to know."""

from __future__ import annotations

import pytest

from tests.web.conftest import Front


@pytest.mark.parametrize(
    "path", ["/", "/map", "/api/v1/stations", "/api/v1/stations/nearest?lon=1&lat=2", "/health/live"]
)
def test_head_answers_as_get_does_without_the_body(front: Front, path: str) -> None:
    got, headed = front.client.get(path), front.client.head(path)

    assert headed.status_code == got.status_code == 200
    assert headed.content == b""
    assert headed.headers == got.headers


def test_a_preflight_lets_other_sites_read_and_nothing_else(front: Front) -> None:
    answer = front.client.options(
        "/api/v1/stations", headers={"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    )

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Authorization" not in answer.headers["Access-Control-Allow-Headers"]


def test_a_trailing_slash_is_another_address(front: Front) -> None:
    assert front.client.get("/api/v1/stations/", follow_redirects=False).status_code == 404


@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/manage/me", "GET, POST, HEAD, OPTIONS"),
        ("/manage/stations/ZS001/links", "GET, POST, HEAD, OPTIONS"),
        ("/logout", "POST, OPTIONS"),
        ("/map", "GET, HEAD, OPTIONS"),
        ("/api/v1/stations", "GET, POST, HEAD, OPTIONS"),
        ("/api/v1/me/second-factor", "POST, PUT, DELETE, OPTIONS"),
    ],
)
def test_an_address_says_all_it_takes_however_it_is_asked(front: Front, path: str, takes: str) -> None:
    asked, refused = front.client.options(path), front.client.request("TRACE", path)

    assert (asked.status_code, asked.headers["allow"]) == (204, takes)
    assert (refused.status_code, refused.headers["allow"]) == (405, takes)
    assert ("access-control-allow-origin" in asked.headers) is path.startswith("/api/")


def test_where_there_is_nothing_nothing_is_taken(front: Front) -> None:
    assert front.client.options("/manage/nothing").status_code == 404
