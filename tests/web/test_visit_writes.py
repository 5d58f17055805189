"""Visits over the API: counts and times are not bent to fit, a repeat is no second visit, missing is not zero."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import MONDAY_MORNING
from tests.web.conftest import OWN, Front
from tests.web.sending import LIST, NOT_A_LINE, VISIT, VISITS, pointers, post

NOT_A_COUNT = [
    "0",
    "-1",
    "1001",
    "1000000000",
    "9223372036854775808",
    '"3"',
    "2.5",
    "3.0",
    "true",
    "null",
    "NaN",
    "1e999",
    "-Infinity",
    "[]",
    "{}",
    '""',
]
NOT_JSON = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"\xff\xfe",
    b"{'a':1}",
    b"[" * 100_000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "﻿{}".encode(),
    b"count=1",
    b"<visit/>",
    b'{"count":1}{"count":2}',
]


def test_a_visit_is_answered_as_it_was_written(front: Front) -> None:
    answer = post(front, {**VISIT, "note": "热水　多谢"})
    assert answer.status_code == 201
    entry = answer.json()
    assert entry.pop("id") > 0
    assert entry == {
        "station": OWN,
        "day": "2026-11-23",
        "audience": "courier",
        "count": 2,
        "note": "热水　多谢",
        "source": "manager",
        "occurred_at": "2026-11-23T10:00:00+08:00",
        "recorded_at": "2026-11-23T10:00:00+08:00",
        "corrects": None,
        "reason": None,
    }
    listed = front.client.get(VISITS, headers=front.manager).json()
    assert listed["visits"][-1] == answer.json()


@pytest.mark.parametrize("value", NOT_A_COUNT)
def test_a_count_is_a_whole_number_from_1_to_1000(front: Front, value: str) -> None:
    answer = post(front, f'{{"audience":"public","count":{value}}}')
    assert (answer.status_code, pointers(answer)) in [(422, {"/count"}), (422, {""})]


@pytest.mark.parametrize("field", ["id", "day", "source", "actor", "recorded_at", "corrects", "reason", "station", "x"])
def test_a_visit_takes_no_field_it_does_not_name(front: Front, field: str) -> None:
    assert pointers(post(front, {**VISIT, field: "sample"})) == {f"/{field}"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("audience", v) for v in ('"dog"', "1", "null", '"COURIER"')] + [("note", v) for v in NOT_A_LINE if v != "null"],
)
def test_a_visit_bends_no_word_to_fit(front: Front, field: str, value: str) -> None:
    rest = {name: v for name, v in VISIT.items() if name != field}
    answer = post(front, json.dumps(rest)[:-1] + f',"{field}":{value}}}')
    assert (answer.status_code, pointers(answer)) in [(422, {f"/{field}"}), (422, {""})]


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_is_no_json_object_is_refused(front: Front, body: bytes) -> None:
    assert post(front, body).status_code == 422
    assert post(front, body, "/api/v1/sessions").status_code == 422


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""]
)
def test_another_content_type_is_refused(front: Front, kind: str) -> None:
    assert post(front, VISIT, content_type=kind).status_code == 422
    assert post(front, VISIT, content_type="application/json; charset=utf-8").status_code == 201


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-22T15:59:59Z", "2026-11-22"),
        ("2026-11-22T16:00:00Z", "2026-11-23"),
        ("2026-11-23T00:00:00+08:00", "2026-11-23"),
        ("2026-11-22T23:59:59.999999+08:00", "2026-11-22"),
        ("2026-11-22T10:59:59-05:00", "2026-11-22"),
        ("2026-11-09T00:00:00+08:00", "2026-11-09"),
        ("2026-11-23T10:05:00+08:00", "2026-11-23"),
    ],
)
def test_the_day_is_zhongshans_where_it_happened_and_the_bounds_belong_in(front: Front, moment: str, day: str) -> None:
    answer = post(front, {**VISIT, "occurred_at": moment})
    assert (answer.status_code, answer.json()["day"]) == (201, day)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-08T23:59:59+08:00",
        "2026-11-23T10:05:01+08:00",
        "2026-11-23",
        "2026-11-23T10:00:00",
        "1795399200",
        "0",
        "",
        "now",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "2026-02-30T00:00:00Z",
        1795399200,
        0,
        True,
        [],
        {},
    ],
)
def test_a_time_out_of_bounds_or_form_is_refused_by_the_servers_clock(front: Front, moment: Any) -> None:
    answer = post(front, {**VISIT, "occurred_at": moment})
    assert (answer.status_code, pointers(answer)) == (422, {"/occurred_at"})


def test_a_repeat_with_its_key_is_the_first_answer_again(front: Front) -> None:
    first = post(front, VISIT, idempotency_key="k1")
    front.at(MONDAY_MORNING + timedelta(minutes=20))
    again = post(front, VISIT, idempotency_key="k1")
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert post(front, {**VISIT, "count": 3}, idempotency_key="k1").status_code == 422
    other = post(front, VISIT, idempotency_key="k1", **front.administrator)
    assert other.json()["id"] != first.json()["id"]
    assert post(front, VISIT).json()["id"] != post(front, VISIT).json()["id"], "without a key each is a visit"


def test_fifty_at_once_with_one_key_are_one_visit(front: Front) -> None:
    before = len(front.client.get(VISITS, headers=front.manager).json()["visits"])
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: post(front, VISIT, idempotency_key="at-once").content, range(50)))
    assert len(set(answers)) == 1
    assert len(front.client.get(VISITS, headers=front.manager).json()["visits"]) == before + 1


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "é", "a\tb"])
def test_a_key_out_of_form_is_refused(front: Front, key: str) -> None:
    headers = {**front.manager, "content-type": "application/json", "idempotency-key": key.encode()}
    assert front.client.post(VISITS, content=json.dumps(VISIT), headers=headers).status_code == 422


def test_a_missing_day_is_null_and_every_day_of_the_span_is_listed(own_front: Front) -> None:
    post(own_front, {**VISIT, "occurred_at": "2026-11-21T10:00:00+08:00"})

    def days(query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = own_front.client.get(
            f"{LIST}/{OWN}/days{query}", headers=own_front.manager
        ).json()["days"]
        return found

    assert days("?from=2026-11-20&to=2026-11-21") == [
        {"day": "2026-11-20", "recorded": False, "total": None, "by_audience": {}, "source": None},
        {"day": "2026-11-21", "recorded": True, "total": 2, "by_audience": {"courier": 2}, "source": "recorded"},
    ]
    assert [days()[i]["day"] for i in (0, -1)] == ["2026-10-25", "2026-11-23"]
    assert len(days()) == len(days("?to=2026-01-01")) == len(days("?from=2026-01-01")) == 30
    assert len(days("?from=2024-01-01&to=2024-12-31")) == 366


@pytest.mark.parametrize(
    "query",
    [
        "from=x",
        "from=0",
        "from=2026-02-30",
        "to=0001-01-01",
        "from=9999-12-31",
        "from=2026-11-23&to=2026-11-22",
        "from=2024-01-01&to=2025-01-01",
        "from=2026-11-23T00:00:00",
        "form=2026-11-23",
        "from=2026-11-01&from=2026-11-02",
    ],
)
def test_a_span_out_of_form_is_refused(front: Front, query: str) -> None:
    assert front.client.get(f"{LIST}/{OWN}/days?{query}", headers=front.manager).status_code == 422
    assert front.client.get(f"{VISITS}?{query.replace('from', 'day')}&to=1", headers=front.manager).status_code == 422
