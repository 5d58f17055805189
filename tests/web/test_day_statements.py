"""Days over the API: stated as a whole, corrected with a reason, locked after a fortnight, unlocked where need be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from harbour_api.domain.station import Audience
from harbour_api.store.samples import SampleVisit
from tests.conftest import MONDAY_MORNING, PASSWORD, bearer
from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.sending import LIST, NOT_A_LINE, VISIT, VISITS, pointers, post

DAYS = f"{LIST}/{OWN}/days"
LONG_AGO = "2026-10-01"


@pytest.fixture(scope="module")
def small(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """One application on SQLite, for what no engine makes a difference to; each test keeps to days of its own."""
    yield from fronts("sqlite")


def state(front: Front, day: str, body: Any, **headers: str) -> Any:
    return front.client.put(f"{DAYS}/{day}", json=body, headers={**front.manager, **headers})


def told(front: Front, day: str) -> dict[str, Any]:
    [found] = front.client.get(f"{DAYS}?from={day}&to={day}", headers=front.manager).json()["days"]
    assert isinstance(found, dict)
    return found


def entries(front: Front, day: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = front.client.get(f"{VISITS}?day={day}", headers=front.manager).json()["visits"]
    return found


def correct(front: Front, visit: int, body: Any, **headers: str) -> Any:
    return post(front, body, f"/api/v1/visits/{visit}/corrections", **headers)


def unlock(front: Front, day: str, method: str = "PUT", **headers: str) -> Any:
    body = {"reason": "the paper list turned up"} if method == "PUT" else None
    return front.client.request(method, f"{DAYS}/{day}/unlock", json=body, headers={**front.administrator, **headers})


def test_a_day_is_stated_and_answered_as_it_is_listed(own_front: Front) -> None:
    day = "2026-11-20"
    answer = state(own_front, day, {"total": 2300, "by_audience": {"courier": 1800, "taxi_driver": 500}})
    assert answer.status_code == 200, answer.text
    assert answer.json() == told(own_front, day)
    assert answer.json() == {
        "day": day,
        "recorded": True,
        "total": 2300,
        "by_audience": {"taxi_driver": 500, "courier": 1800},
        "source": "recorded",
    }
    assert sorted(entry["count"] for entry in entries(own_front, day)) == [500, 800, 1000]
    lower = state(own_front, day, {"total": 0, "reason": "wrong day"})
    assert (lower.json()["total"], lower.json()["recorded"]) == (0, True)
    added = entries(own_front, day)[3:]
    assert {(entry["count"], entry["reason"]) for entry in added} == {(0, "wrong day")}
    assert all(entry["corrects"] for entry in added)


def test_a_stated_zero_is_not_a_missing_day(small: Front) -> None:
    assert told(small, "2026-11-19")["total"] is None
    assert state(small, "2026-11-19", {"total": 0}).json()["total"] == 0
    assert told(small, "2026-11-19") == {
        "day": "2026-11-19", "recorded": True, "total": 0, "by_audience": {"public": 0}, "source": "recorded",
    }  # fmt: skip


def test_the_same_statement_again_adds_nothing(small: Front) -> None:
    for body in ({"total": 7}, {"total": 7, "by_audience": {"public": 7}}):
        assert state(small, "2026-11-18", body).json()["total"] == 7
        assert len(entries(small, "2026-11-18")) == 1


def test_a_day_that_was_recorded_otherwise_needs_a_reason(small: Front) -> None:
    state(small, "2026-11-17", {"total": 7})
    for body in ({"total": 8}, {"total": 6}, {"total": 7, "by_audience": {"courier": 7}}):
        refused = state(small, "2026-11-17", body)
        assert (refused.status_code, pointers(refused)) == (422, {"/reason"})
    assert told(small, "2026-11-17")["total"] == 7
    assert state(small, "2026-11-17", {"total": 8, "reason": "one more came"}).json()["total"] == 8
    assert entries(small, "2026-11-17")[-1]["note"] == "one more came"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "/total"),
        ({"total": -1}, "/total"),
        ({"total": 100_001}, "/total"),
        ({"total": "7"}, "/total"),
        ({"total": None}, "/total"),
        ({"total": 7, "by_audience": {"courier": 6}}, "/by_audience"),
        ({"total": 7, "by_audience": {}}, "/by_audience"),
        ({"total": 0, "by_audience": {"courier": -1, "public": 1}}, "/by_audience/courier"),
        ({"total": 1, "by_audience": {"dog": 1}}, "/by_audience/dog"),
        ({"total": 1, "day": "2026-11-16"}, "/day"),
    ],
)
def test_a_statement_out_of_form_is_refused_by_its_field(small: Front, body: Any, where: str) -> None:
    refused = state(small, "2026-11-16", body)
    assert refused.status_code == 422
    assert any(pointer.startswith(where) for pointer in pointers(refused)), refused.text
    assert told(small, "2026-11-16")["total"] is None


@pytest.mark.parametrize("day", ["x", "2026-02-30", "20261116", "1795399200", "2026-11-16T00:00:00", "0001-01-01"])
def test_what_is_no_day_has_no_address(small: Front, day: str) -> None:
    assert state(small, day, {"total": 1}).status_code == 404


def test_a_day_to_come_and_a_locked_one_are_refused(small: Front) -> None:
    assert state(small, "2026-11-24", {"total": 1}).status_code == 422
    assert state(small, "2026-11-09", {"total": 1}).status_code == 200
    locked = state(small, "2026-11-08", {"total": 1})
    assert (locked.status_code, locked.json()["type"]) == (422, "/problems/day_locked")
    assert "day_locked" in locked.json()["detail"]


def test_statements_are_the_managers_of_the_station(small: Front) -> None:
    body = {"total": 1}
    path = f"{LIST}/{FOREIGN}/days/2026-11-20"
    assert small.client.put(path, json=body, headers=small.manager).status_code == 403
    assert small.client.put(path, json=body).status_code == 401
    assert small.client.put(f"{LIST}/ZS999/days/2026-11-20", json=body, headers=small.manager).status_code == 404


def test_a_statement_retires_the_days_samples_and_no_sample_can_be_corrected(own_front: Front) -> None:
    own_front.house.visits.plant_samples(
        [SampleVisit(OWN, date(2026, 11, 22), Audience.ELDERLY, 90)], own_front.clock()
    )
    assert told(own_front, "2026-11-22")["source"] == "sample"
    [sample] = entries(own_front, "2026-11-22")
    refused = correct(own_front, sample["id"], {"count": 1, "reason": "x"})
    assert refused.status_code == 422
    assert "sample" in refused.json()["detail"]
    assert state(own_front, "2026-11-22", {"total": 0}).json()["total"] == 0
    assert told(own_front, "2026-11-22")["source"] == "recorded"


def test_two_who_state_a_day_at_once_end_in_one_of_their_totals(front: Front) -> None:
    bodies = [{"total": total, "by_audience": {"courier": total}, "reason": "counted"} for total in (11, 700, 1300)]
    for day in ("2026-11-12", "2026-11-13", "2026-11-14"):
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda body, day=day: state(front, day, body), bodies * 2))
        assert {answer.status_code for answer in answers} == {200}
        assert told(front, day)["total"] in (11, 700, 1300)


def test_taps_that_arrive_amid_statements_are_all_in_the_days_entries(front: Front) -> None:
    def tap(_: int) -> Any:
        return post(front, {**VISIT, "occurred_at": "2026-11-15T10:00:00+08:00"})

    with ThreadPoolExecutor(8) as pool:
        taps = list(pool.map(tap, range(20)))
        stated = list(
            pool.map(lambda total: state(front, "2026-11-15", {"total": total, "reason": "r"}), range(60, 64))
        )
    assert {answer.status_code for answer in taps} == {201}
    assert [answer.json()["total"] for answer in stated] == [60, 61, 62, 63]
    ids = {entry["id"] for entry in entries(front, "2026-11-15")}
    assert {answer.json()["id"] for answer in taps} <= ids


def test_a_correction_is_a_further_entry_with_its_reason(small: Front) -> None:
    first = post(small, {**VISIT, "occurred_at": "2026-11-11T10:00:00+08:00", "note": "n"}).json()
    answer = correct(small, first["id"], {"count": 0, "reason": "counted twice"})
    assert answer.status_code == 201
    expected = first | {
        "id": answer.json()["id"], "count": 0, "corrects": first["id"], "reason": "counted twice", "note": None,
    }  # fmt: skip
    assert answer.json() == expected
    assert told(small, "2026-11-11")["total"] == 0
    again = correct(small, answer.json()["id"], {"count": 3, "reason": "one of them was real"})
    assert (again.status_code, again.json()["corrects"]) == (201, first["id"])
    assert told(small, "2026-11-11")["total"] == 3


def test_fifty_corrections_with_one_key_are_one_and_another_body_is_refused(small: Front) -> None:
    visit, body = post(small, VISIT).json()["id"], {"count": 9, "reason": "counted again"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: correct(small, visit, body, idempotency_key="c").content, range(50)))
    assert len(set(answers)) == 1
    assert correct(small, visit, {**body, "count": 8}, idempotency_key="c").status_code == 422


@pytest.mark.parametrize("visit", ["0", "-1", "999999", "9" * 30, "x"])
def test_a_visit_nobody_logged_cannot_be_corrected(small: Front, visit: Any) -> None:
    assert correct(small, visit, {"count": 1, "reason": "x"}).status_code == 404


@pytest.mark.parametrize("count", [-1, 1001, "1", 1.5, None])
def test_a_correction_out_of_bounds_is_refused(small: Front, count: Any) -> None:
    visit = post(small, VISIT).json()["id"]
    assert pointers(correct(small, visit, {"count": count, "reason": "x"})) == {"/count"}
    assert pointers(correct(small, visit, {"count": 1})) == {"/reason"}


@pytest.mark.parametrize("reason", NOT_A_LINE)
def test_a_reason_is_a_line_of_text(small: Front, reason: str) -> None:
    visit = post(small, VISIT).json()["id"]
    assert correct(small, visit, f'{{"count":1,"reason":{reason}}}').status_code == 422


def test_another_stations_visit_is_not_ones_own_to_correct(small: Front) -> None:
    foreign = post(small, VISIT, f"{LIST}/{FOREIGN}/visits", **small.administrator).json()["id"]
    assert correct(small, foreign, {"count": 1, "reason": "x"}).status_code == 403
    assert correct(small, foreign, {"count": 1, "reason": "x"}, **small.administrator).status_code == 201


def test_a_locked_visit_cannot_be_corrected_but_a_repeat_is_answered_as_it_was(own_front: Front) -> None:
    visit, body = post(own_front, VISIT).json()["id"], {"count": 4, "reason": "x"}
    first = correct(own_front, visit, body, idempotency_key="late")
    own_front.at(MONDAY_MORNING + timedelta(days=15))
    later = bearer(own_front.house.accounts.log_in("desk", PASSWORD, address="later").token)
    assert correct(own_front, visit, body, idempotency_key="late", **later).content == first.content
    locked = correct(own_front, visit, {"count": 5, "reason": "x"}, **later)
    assert (locked.status_code, locked.json()["type"]) == (422, "/problems/day_locked")


def test_an_administrator_unlocks_a_day_with_a_reason_and_locks_it_again(own_front: Front) -> None:
    late = {**VISIT, "occurred_at": f"{LONG_AGO}T23:59:59+08:00"}
    queued = {"visits": [{**late, "id": "6f0d2c1e-0000-4000-8000-000000000001"}]}
    assert unlock(own_front, LONG_AGO, **own_front.manager).status_code == 403
    assert unlock(own_front, LONG_AGO, "DELETE").status_code == 404
    assert post(own_front, late).status_code == 422

    answer = unlock(own_front, LONG_AGO)
    assert answer.json() == {
        "station": OWN,
        "day": LONG_AGO,
        "reason": "the paper list turned up",
        "unlocked_by": "chief",
        "unlocked_at": "2026-11-23T10:00:00+08:00",
    }
    visit = post(own_front, late)
    assert (visit.status_code, visit.json()["day"]) == (201, LONG_AGO)
    assert post(own_front, queued, f"{VISITS}/batch").json()["results"][0]["status"] == 201
    assert correct(own_front, visit.json()["id"], {"count": 5, "reason": "x"}).status_code == 201
    assert state(own_front, LONG_AGO, {"total": 9, "reason": "x"}).json()["total"] == 9
    assert post(own_front, {**VISIT, "occurred_at": "2026-10-02T00:00:00+08:00"}).status_code == 422

    assert unlock(own_front, LONG_AGO).status_code == 200
    assert unlock(own_front, LONG_AGO, "DELETE").status_code == 204
    assert post(own_front, late).status_code == 422
    assert state(own_front, LONG_AGO, {"total": 1, "reason": "x"}).status_code == 422
    with own_front.house.database.read() as connection:
        noted = connection.execute(
            text("SELECT actor, action, subject FROM audit WHERE action LIKE '%lock_day' ORDER BY id")
        ).all()
    assert [tuple(line) for line in noted] == [
        ("chief", action, f"{OWN} {LONG_AGO}") for action in ("unlock_day", "unlock_day", "lock_day")
    ]


def test_a_day_that_is_not_locked_cannot_be_unlocked(small: Front) -> None:
    for day in ("2026-11-23", "2026-11-09", "2026-11-24"):
        assert unlock(small, day).status_code == 422
    assert pointers(small.client.put(f"{DAYS}/{LONG_AGO}/unlock", json={}, headers=small.administrator)) == {"/reason"}
