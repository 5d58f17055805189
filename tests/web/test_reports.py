"""Reports: anybody sends one with a tap, the own manager sees it and ends it, and nobody else learns of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from harbour_api.store.reports import A_MINUTE
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import FOREIGN, OWN, Front

QUEUE = "/api/v1/reports"
FORM = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def front(own_front: Front) -> Front:
    """An application of each test's own: what one has reported must not be the first of another's."""
    return own_front


def send(front: Front, code: str = OWN, **body: Any) -> Any:
    return front.client.post(f"/api/v1/stations/{code}/reports", json=body or {"kind": "closed"})


def queue(front: Front, headers: dict[str, str], **asked: str) -> Any:
    return front.client.get(QUEUE, params=asked, headers=headers)


def pointer(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["pointer"]


def test_a_stranger_reports_with_a_kind_and_gets_an_id(front: Front) -> None:
    answer = send(front, kind="no_access")

    assert (answer.status_code, answer.json().keys()) == (202, {"id"})
    assert answer.headers["cache-control"] == "private, no-store"
    assert send(front, kind="no_access").json() == answer.json(), "the same within the hour"
    assert send(front, FOREIGN, kind="no_access").json() != answer.json()


def test_an_amenity_goes_with_amenity_out_and_with_nothing_else(front: Front) -> None:
    assert send(front, kind="amenity_out", amenity="drinking_water").status_code == 202
    assert pointer(send(front, kind="amenity_out")) == (422, "/amenity")
    assert pointer(send(front, kind="amenity_out", amenity="fire_brigade")) == (422, "/amenity")
    assert pointer(send(front, kind="amenity_out", amenity="")) == (422, "/amenity")
    assert pointer(send(front, kind="closed", amenity="toilet")) == (422, "/amenity")


def test_no_other_kind_and_no_free_text_is_taken(front: Front) -> None:
    assert pointer(send(front, kind="dirty")) == (422, "/kind")
    assert pointer(send(front, kind="closed", note="hello")) == (422, "/note")
    assert send(front, kind=1).status_code == 422
    assert send(front, "ZS999", kind="dirty").status_code == 404
    assert front.client.post(f"/api/v1/stations/{OWN}/reports?x=1", json={"kind": "closed"}).status_code == 422


def test_too_many_from_one_address_are_told_when_to_come_back(front: Front) -> None:
    answers = [send(front) for _ in range(A_MINUTE + 1)]

    assert [answer.status_code for answer in answers] == [202] * A_MINUTE + [429]
    assert int(answers[-1].headers["retry-after"]) == 60


def test_a_manager_sees_the_own_stations_reports_and_an_administrator_all(front: Front) -> None:
    own, foreign = send(front, OWN).json()["id"], send(front, FOREIGN).json()["id"]

    seen = {one["id"]: one for one in queue(front, front.manager).json()["reports"]}
    assert own in seen
    assert {one["station"] for one in seen.values()} == {OWN}
    assert seen[own].items() >= {"kind": "closed", "amenity": None, "state": "open", "time_to_fix_s": None}.items()
    assert {own, foreign} <= {one["id"] for one in queue(front, front.administrator).json()["reports"]}


def test_the_queue_is_narrowed_by_state_and_station(front: Front) -> None:
    own, foreign = send(front, OWN).json()["id"], send(front, FOREIGN).json()["id"]
    front.client.patch(f"{QUEUE}/{own}", json={"state": "in_progress"}, headers=front.manager)

    def ids(**asked: str) -> set[int]:
        return {one["id"] for one in queue(front, front.administrator, **asked).json()["reports"]}

    assert own in ids(state="in_progress") - ids(state="open")
    assert foreign in ids(station=FOREIGN, state="open") - ids(station=OWN)
    assert queue(front, front.manager, station=FOREIGN).status_code == 403
    assert queue(front, front.administrator, station="ZS999").status_code == 422
    assert queue(front, front.administrator, state="lost").status_code == 422
    assert queue(front, front.administrator, since="x").status_code == 422
    assert front.client.get(QUEUE).status_code == 401


def test_the_queue_comes_page_by_page_and_nothing_open_is_lost_behind_the_newest(front: Front) -> None:
    made = [send(front, kind=kind).json()["id"] for kind in ("closed", "no_access", "wrong_info")]
    first = queue(front, front.manager, state="open", limit="2")
    second = front.client.get(first.json()["next"], headers=front.manager)
    ids = [one["id"] for answer in (first, second) for one in answer.json()["reports"]]

    assert ids[:3] == made[::-1]
    assert first.headers["link"] == f'<{first.json()["next"]}>; rel="next"'
    assert second.json()["next"] is None
    assert queue(front, front.manager, cursor="eA==").status_code == 422
    assert queue(front, front.manager, limit="201").status_code == 422


def test_done_stamps_the_time_to_fix_and_the_median_knows_it(front: Front) -> None:
    made = send(front).json()["id"]
    front.at(MONDAY_MORNING + timedelta(minutes=9))
    moved = front.client.patch(f"{QUEUE}/{made}", json={"state": "done"}, headers=front.manager).json()
    fixed = [one["time_to_fix_s"] for one in queue(front, front.manager, state="done").json()["reports"]]

    assert (moved["state"], moved["time_to_fix_s"], moved["handled_by"]) == ("done", 540, "desk")
    assert moved["ended_at"].endswith("+08:00")
    assert 540 in fixed
    assert queue(front, front.manager, state="done").json()["median_time_to_fix_s"] == 540
    assert queue(front, front.manager, state="dismissed").json()["median_time_to_fix_s"] is None


def test_a_report_there_is_none_of_is_a_404_whatever_its_form(front: Front) -> None:
    for id in ("0", "99999999", "-1", "1e3", "x", "٣", "9" * 19, "9" * 40):
        for body in ({"state": "done"}, {"state": "lost"}):
            assert front.client.patch(f"{QUEUE}/{id}", json=body, headers=front.administrator).status_code == 404


def test_another_managers_report_is_a_404_and_reads_the_same_as_none(front: Front) -> None:
    foreign = send(front, FOREIGN).json()["id"]
    answers = [
        front.client.patch(f"{QUEUE}/{id}", json={"state": "done"}, headers=front.manager) for id in (foreign, 99999999)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert front.client.patch(f"{QUEUE}/{foreign}", json={"state": "done"}).status_code == 401


def test_a_state_there_is_none_of_is_refused_and_changes_nothing(front: Front) -> None:
    made = send(front).json()["id"]

    for body in ({"state": "lost"}, {}, {"state": "done", "kind": "closed"}, {"state": None}):
        assert front.client.patch(f"{QUEUE}/{made}", json=body, headers=front.manager).status_code == 422
    assert made in {one["id"] for one in queue(front, front.manager, state="open").json()["reports"]}


@pytest.mark.parametrize(("lang", "back"), [("", "reported=1"), ("?lang=en", "reported=1&lang=en")])
def test_the_pages_form_leads_back_to_the_page_with_thanks(front: Front, lang: str, back: str) -> None:
    answer = front.client.post(f"/stations/{OWN}/reports{lang}", data={"kind": "wrong_info"}, headers=FORM)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/stations/{OWN}?{back}#report")
    thanks = "Thank you, the station has been told." if lang else "谢谢，已经告诉站点。"
    page = front.open(answer.headers["location"].partition("#")[0]).text
    assert f'role="status">{thanks}</p>' in page
    assert f'role="status">{thanks}</p>' not in front.open(f"/stations/{OWN}{lang}").text
    assert "wrong_info" in {one["kind"] for one in queue(front, front.manager).json()["reports"]}


def _values(form: str, name: str) -> list[str]:
    chosen = r"|<option value" if name == "amenity" else ""
    return re.findall(rf'(?:name="{name}" value{chosen})="(\w+)"', form)


def test_every_form_of_the_page_is_one_that_is_taken(front: Front) -> None:
    import re

    page = front.open("/stations/ZS003").text
    forms = re.findall(r'<form[^>]*action="/stations/ZS003/reports"[^>]*>(.*?)</form>', page)
    sent = [{name: values[0] for name in ("kind", "amenity") if (values := _values(form, name))} for form in forms]

    assert len(sent) == 5
    for fields in sent:
        assert front.client.post("/stations/ZS003/reports", data=fields, headers=FORM).status_code == 303


def test_a_form_of_another_site_or_with_other_fields_is_refused(front: Front) -> None:
    path = f"/stations/{OWN}/reports"

    assert front.client.post(path, data={"kind": "closed"}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert front.client.post(path, data={"kind": "dirty"}, headers=FORM).status_code == 400
    assert front.client.post(path, headers=FORM).status_code == 400
    assert front.client.post(f"{path}?x=1", data={"kind": "closed"}, headers=FORM).status_code == 400
    assert front.client.post("/stations/ZS999/reports", data={"kind": "closed"}, headers=FORM).status_code == 404
