"""An acknowledged visit is never lost, whatever happens to the process, and none is ever there twice."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import httpx2
import pytest

from tests.processes.conftest import WITHOUT_SAMPLES, Server

POSTS = 1_000
OCCURRED_AT = datetime.now(UTC).isoformat()
PHONES = 16


def _post(client: httpx2.Client, server: Server, headers: dict[str, str], number: int) -> int | None:
    """Send visit `number`, whose count says which one it is; its entry's id where it was acknowledged.

    Every other one comes as a batch, whose answer tells no entry: it is 0.
    """
    body, address = (
        {"audience": "courier", "count": number % 1000 + 1},
        f"{server.address}/api/v1/stations/ZS001/visits",
    )
    try:
        if number % 2:
            queue = {"visits": [body | {"id": str(UUID(int=number)), "occurred_at": OCCURRED_AT}]}
            answer = client.post(f"{address}/batch", json=queue, headers=headers)
            return 0 if [result["status"] for result in answer.json().get("results", ())] in ([201], [200]) else None
        answer = client.post(address, json=body, headers=headers | {"Idempotency-Key": f"tap-{number}"})
    except httpx2.TransportError:
        return None
    return int(answer.json()["id"]) if answer.status_code == 201 else None


def _post_all(server: Server, headers: dict[str, str], numbers: range, kill_after: int | None) -> dict[int, int]:
    """Send them from many phones at once; kill the service after so many acknowledgements."""
    acknowledged: dict[int, int] = {}
    lock = threading.Lock()

    def one(number: int) -> None:
        entry = _post(client, server, headers, number)
        with lock:
            if entry is not None:
                acknowledged[number] = entry
            if kill_after is not None and len(acknowledged) == kill_after and server.process.poll() is None:
                server.kill()

    with httpx2.Client(timeout=30) as client, ThreadPoolExecutor(PHONES) as phones:
        list(phones.map(one, numbers))
    return acknowledged


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgis", marks=pytest.mark.postgis)])
def test_kill_9_amid_a_thousand_posts_loses_no_acknowledged_visit_and_doubles_none(
    engine: str, request: pytest.FixtureRequest, serve: Callable[..., Server]
) -> None:
    url = request.getfixturevalue(f"{engine}_url")
    kill_after = random.Random(7).randrange(POSTS // 3, POSTS // 2)
    first = serve(url, **WITHOUT_SAMPLES)
    headers = first.log_in()

    before = _post_all(first, headers, range(POSTS), kill_after)
    second = serve(url)
    survived = {visit["id"]: visit["count"] for visit in _visits(second, headers)}
    after = _post_all(second, headers, range(POSTS), None)
    kept = [visit["count"] for visit in _visits(second, headers)]

    assert kill_after <= len(before) < POSTS
    assert {entry: number % 1000 + 1 for number, entry in before.items() if entry}.items() <= survived.items()
    assert {number % 1000 + 1 for number in before} <= set(survived.values())
    assert after.keys() == set(range(POSTS))
    assert before.items() <= after.items()
    assert sorted(kept) == [number % 1000 + 1 for number in range(POSTS)]


def _visits(server: Server, headers: dict[str, str]) -> list[dict[str, int]]:
    visits: list[dict[str, int]] = server.get("/api/v1/stations/ZS001/visits", headers=headers).json()["visits"]
    return visits
