"""An offline queue over the API: each visit of it counts once, and what is wrong with one is told of that one alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.conftest import MONDAY_MORNING, bearer
from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.sending import LIST, VISITS, pointers, post

BATCH = f"{VISITS}/batch"


@pytest.fixture(scope="module")
def small(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """One application on SQLite, for what no engine makes a difference to."""
    yield from fronts("sqlite")


def tap(**facts: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "audience": "courier", "count": 1, "occurred_at": "2026-11-23T09:30:00+08:00"} | facts


def send(front: Front, *taps: Any, path: str = BATCH, **headers: str) -> Any:
    return post(front, {"visits": list(taps)}, path, **headers)


def statuses(answer: Any) -> list[int]:
    assert answer.status_code == 207, answer.text
    return [result["status"] for result in answer.json()["results"]]


def logged(front: Front, code: str = OWN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = front.client.get(f"{LIST}/{code}/visits", headers=front.administrator).json()[
        "visits"
    ]
    return found


def link(front: Front, code: str = OWN) -> dict[str, str]:
    made = front.client.post(f"{LIST}/{code}/tally-links", headers=front.administrator)
    return bearer(made.json()["secret"])


def test_a_batch_is_answered_in_order_and_a_repeat_of_it_adds_nothing(front: Front) -> None:
    before, taps = len(logged(front)), [tap(count=count) for count in (1, 2, 3)]
    first = send(front, *taps)
    assert first.json() == {"results": [{"id": sent["id"], "status": 201} for sent in taps]}
    assert statuses(send(front, *reversed(taps), tap())) == [200, 200, 200, 201]
    assert [entry["count"] for entry in logged(front)[before:]] == [1, 2, 3, 1]
    assert logged(front)[before]["occurred_at"] == "2026-11-23T09:30:00+08:00"


def test_each_visit_at_fault_is_refused_alone_and_its_field_is_named(front: Front) -> None:
    before = len(logged(front))
    faults: list[tuple[dict[str, Any], set[str]]] = [
        (tap(count=0), {"count"}),
        (tap(count="1"), {"count"}),
        (tap(count=10**30), {"count"}),
        (tap(audience="dog", count=1.5), {"audience", "count"}),
        (tap(occurred_at="2026-11-08T23:59:59+08:00"), {"occurred_at"}),
        (tap(occurred_at="2026-11-23T10:05:01+08:00"), {"occurred_at"}),
        (tap(occurred_at="yesterday"), {"occurred_at"}),
        ({"id": str(uuid4())}, {"audience", "count", "occurred_at"}),
        (tap(note="x"), {"note"}),
        (tap(id="1"), {"id"}),
        (tap(id=1), {"id"}),
        (tap(id=[]), {"id"}),
        ({"audience": "courier", "count": 1, "occurred_at": "2026-11-23T09:30:00+08:00"}, {"id"}),
        ({}, {"id", "audience", "count", "occurred_at"}),
    ]
    answer = send(front, tap(), *(sent for sent, _ in faults), tap())
    assert statuses(answer) == [201, *[422] * len(faults), 201]
    for place, (sent, fields) in enumerate(faults, start=1):
        result = answer.json()["results"][place]
        assert result["id"] == (None if "id" in fields else sent["id"]), "what is no id is not echoed"
        told = {fault["pointer"] for fault in result["problem"]["errors"]}
        assert told == {f"/visits/{place}/{field}" for field in fields}
        assert result["problem"]["status"] == 422
    kinds = [result["problem"]["type"] for result in answer.json()["results"][5:7]]
    assert kinds == ["/problems/day_locked", "/problems/time_ahead"]
    assert len(logged(front)) == before + 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"visits": []},
        {"visits": {}},
        {"visits": [tap(), 1]},
        {"visits": [tap(), [tap()]]},
        {"visits": [None]},
        {"visits": [tap()], "x": 1},
        {"visits": [tap() for _ in range(501)]},
        b'{"visits": [{"id": "00000000-0000-4000-8000-000000000000", "count": NaN, "audience": "x"}',
    ],
)
def test_what_is_no_list_of_objects_is_refused_as_a_whole(small: Front, body: Any) -> None:
    before = len(logged(small))
    assert post(small, body, BATCH).status_code == 422
    assert len(logged(small)) == before


def test_numbers_past_every_bound_are_told_of_their_visit(small: Front) -> None:
    for count in ("NaN", "Infinity", "1e999", "9" * 4000):
        body = f'{{"visits": [{{"id": "{uuid4()}", "audience": "public", "count": {count}}}]}}'
        assert statuses(post(small, body, BATCH)) == [422]


def test_five_hundred_fit_into_a_batch(front: Front) -> None:
    before, taps = len(logged(front)), [tap(audience="sick_or_disabled") for _ in range(500)]
    assert statuses(send(front, *taps)) == [201] * 500
    assert statuses(send(front, *taps)) == [200] * 500
    assert len(logged(front)) == before + 500


def test_an_id_counts_once_in_a_batch_and_with_one_body_only(front: Front) -> None:
    before, one = len(logged(front)), tap()
    answer = send(front, one, one, {**one, "count": 2})
    assert statuses(answer) == [201, 200, 422]
    [fault] = answer.json()["results"][2]["problem"]["errors"]
    assert fault["pointer"] == "/visits/2/id"
    assert statuses(send(front, {**one, "audience": "public"})) == [422]
    assert statuses(send(front, {**one, "id": one["id"].upper(), "occurred_at": "2026-11-23T01:30:00Z"})) == [200]
    assert len(logged(front)) == before + 1


def test_a_tap_sent_again_by_another_link_or_a_manager_still_counts_once_at_its_station(small: Front) -> None:
    before, one = len(logged(small)), tap()
    assert statuses(send(small, one, **link(small))) == [201]
    assert statuses(send(small, one, **link(small))) == [200]
    assert statuses(send(small, one)) == [200]
    assert statuses(send(small, one, path=f"{LIST}/{FOREIGN}/visits/batch", **small.administrator)) == [201]
    assert len(logged(small)) == before + 1


def test_a_repeat_is_known_for_good_however_late_it_comes(small: Front) -> None:
    one, phone = tap(), link(small)
    send(small, one)
    small.at(MONDAY_MORNING + timedelta(days=20))
    assert statuses(send(small, one, tap(), **phone)) == [200, 422]
    small.at(MONDAY_MORNING)


def test_many_phones_with_the_same_batch_at_once_make_each_entry_once(front: Front) -> None:
    before, taps = len(logged(front)), [tap() for _ in range(20)]
    orders = [taps, taps[::-1], taps[10:] + taps[:10], taps[::2] + taps[1::2]] * 3
    with ThreadPoolExecutor(len(orders)) as pool:
        answers = list(pool.map(lambda order: send(front, *order), orders))
    made = [UUID(result["id"]) for answer in answers for result in answer.json()["results"] if result["status"] == 201]
    assert sorted(made) == sorted(UUID(one["id"]) for one in taps)
    assert {status for answer in answers for status in statuses(answer)} == {200, 201}
    assert len(logged(front)) == before + 20


def test_a_batch_has_its_own_bound_of_bytes(small: Front) -> None:
    answer = post(small, b'{"visits": [' + b" " * 262_144, BATCH)
    assert (answer.status_code, pointers(answer)) == (422, set())
    assert "262144" in answer.json()["detail"]
