"""Tally links: a secret that may log visits of one station and do nothing else, until it is withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from harbour_api.store import tally_links
from tests.conftest import bearer
from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.sending import LIST, VISIT, VISITS, post

LINKS = f"{LIST}/{OWN}/tally-links"


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """One application on SQLite: a link is a row like any other."""
    yield from fronts("sqlite", public_url="https://harbour.example")


def make(front: Front, path: str = LINKS, **headers: str) -> Any:
    return front.client.post(path, headers={**front.manager, **headers})


def listed(front: Front) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = front.client.get(LINKS, headers=front.manager).json()["tally_links"]
    return found


def test_a_link_is_shown_once_and_listed_without_its_secret(front: Front) -> None:
    made = make(front)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "private, no-store"
    told = made.json()
    assert told.keys() == {"id", "secret", "url"}
    assert told["url"] == f"https://harbour.example/t/{told['secret']}"
    assert len(told["secret"]) == 43
    assert listed(front)[0] == {
        "id": told["id"],
        "created_by": "desk",
        "created_at": "2026-11-23T10:00:00+08:00",
        "revoked_at": None,
    }
    with front.house.database.read() as connection:
        kept = str(connection.execute(text("SELECT * FROM tally_links")).all())
        noted = connection.execute(text("SELECT actor, action, subject FROM audit")).all()
    assert told["secret"] not in kept
    assert ("desk", "make_tally_link", f"{OWN} {told['id']}") in noted


def test_a_link_logs_visits_of_its_station_and_is_told_apart(front: Front) -> None:
    told = make(front).json()
    entry = post(front, VISIT, idempotency_key="by-link", **bearer(told["secret"]))
    assert (entry.status_code, entry.json()["source"]) == (201, "tally")
    assert post(front, VISIT, idempotency_key="by-link", **bearer(told["secret"])).content == entry.content
    with front.house.database.read() as connection:
        actor = connection.execute(text("SELECT actor FROM visits WHERE id = :id"), entry.json()).scalar_one()
    assert actor == f"tally:{told['id']}"


def test_a_link_may_do_nothing_else(front: Front) -> None:
    headers = bearer(make(front).json()["secret"])
    for method, path, status in (
        ("POST", f"{LIST}/{FOREIGN}/visits", 403),
        ("POST", f"{LIST}/{FOREIGN}/visits/batch", 403),
        ("POST", f"{LIST}/ZS999/visits", 404),
        ("GET", VISITS, 403),
        ("GET", f"{LIST}/{OWN}/days", 403),
        ("PUT", f"{LIST}/{OWN}/days/2026-11-23", 403),
        ("GET", LINKS, 403),
        ("POST", LINKS, 403),
        ("DELETE", f"{LINKS}/1", 403),
        ("POST", "/api/v1/visits/1/corrections", 403),
        ("PATCH", f"{LIST}/{OWN}", 403),
        ("POST", LIST, 403),
        ("GET", "/api/v1/me", 403),
        ("DELETE", "/api/v1/sessions/current", 403),
        ("GET", "/api/v1/reports", 403),
    ):
        assert front.client.request(method, path, headers=headers).status_code == status, (method, path)


def test_a_withdrawn_link_is_told_whom_to_ask_whatever_it_asks(front: Front) -> None:
    told = make(front).json()
    headers = bearer(told["secret"])
    for _ in range(2):
        assert front.client.delete(f"{LINKS}/{told['id']}", headers=front.manager).status_code == 204
    for answer in (
        post(front, VISIT, **headers),
        post(front, {}, f"{VISITS}/batch", **headers),
        front.client.get("/api/v1/me", headers=headers),
    ):
        assert answer.status_code == 401
        assert "withdrawn" in answer.json()["detail"]
        assert "ask the manager" in answer.json()["detail"]
    assert listed(front)[0]["revoked_at"] == "2026-11-23T10:00:00+08:00"


@pytest.mark.parametrize("id", ["0", "-1", "999999", "9" * 30, "x", "１"])
def test_a_link_nobody_made_cannot_be_withdrawn(front: Front, id: str) -> None:
    assert front.client.delete(f"{LINKS}/{id}", headers=front.manager).status_code == 404


def test_links_are_their_stations_managers_affair(front: Front) -> None:
    foreign = make(front, f"{LIST}/{FOREIGN}/tally-links", **front.administrator).json()["id"]
    assert make(front, f"{LIST}/{FOREIGN}/tally-links").status_code == 403
    assert front.client.get(f"{LIST}/{FOREIGN}/tally-links", headers=front.manager).status_code == 403
    assert front.client.delete(f"{LINKS}/{foreign}", headers=front.manager).status_code == 404
    assert front.client.delete(f"{LIST}/{FOREIGN}/tally-links/{foreign}", headers=front.manager).status_code == 403
    assert front.client.post(LINKS).status_code == 401


def test_a_link_in_haste_is_told_when_to_come_back_and_a_manager_never(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally_links, "A_MINUTE", 3)
    front.house.tally_links.__dict__.pop("_turns", None)
    hasty, other = (bearer(make(front).json()["secret"]) for _ in range(2))
    assert [post(front, VISIT, **hasty).status_code for _ in range(4)] == [201, 201, 201, 429]
    assert int(post(front, VISIT, **hasty).headers["retry-after"]) > 0
    assert post(front, VISIT, **other).status_code == 201
    assert {post(front, VISIT).status_code for _ in range(150)} == {201}
    front.house.tally_links.__dict__.pop("_turns", None)


def test_no_log_holds_a_secret_even_of_an_address_refused(front: Front) -> None:
    secret = make(front).json()["secret"]
    with capture_logs() as lines:
        front.client.delete(f"/t/{secret}")
        front.client.get(f"/t/{secret}/x")
        front.client.get("/api/v1/me", headers=bearer(secret))
    assert [line["path"] for line in lines if line["event"] == "refused"][-1] == "/api/v1/me"
    assert len(lines) >= 3
    assert secret not in str(lines)
