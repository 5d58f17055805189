"""The facts, made true on the spot: each toggle stands, each is in the history, and each can be taken back."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from harbour_api.domain.place import Datum, Place
from harbour_api.domain.report import ReportKind
from harbour_api.domain.station import OfferingState
from harbour_api.store.audit import Line
from harbour_api.store.facts import By
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.sending import LIST, NOT_A_LINE, patch, pointers

WIFI = "/amenities/wifi"
TEN_PAST, EVENING = "2026-11-23T10:10:00+08:00", "2026-11-23T18:00:00+08:00"
CLOSURE = {"from": TEN_PAST, "to": EVENING, "reason": "盘点"}
VERIFICATION = {"lon": 113.39, "lat": 22.52, "datum": "wgs84", "accuracy_m": 8.5, "method": "device"}
ROUTES = [
    ("PUT", WIFI),
    ("DELETE", WIFI),
    ("GET", "/closures"),
    ("POST", "/closures"),
    ("DELETE", "/closures/1"),
    ("POST", "/verification"),
    ("POST", "/history/1/take-back"),
]


def send(front: Front, method: str, path: str, body: Any = None, code: str = OWN, **headers: str) -> Any:
    """Ask as an administrator."""
    who = {**front.administrator, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return front.client.request(method, f"{LIST}/{code}{path}", json=body, headers=who)


def shown(front: Front, code: str) -> dict[str, Any]:
    feature = front.client.get(f"{LIST}/{code}").json()
    found: dict[str, Any] = feature["properties"] | {"at": feature["geometry"]["coordinates"]}
    return found


def wifi(front: Front, code: str) -> dict[str, Any] | None:
    return next((one for one in shown(front, code)["amenities"] if one["code"] == "wifi"), None)


def lines(front: Front, code: str) -> list[Line]:
    return front.house.audit.newest(100, station=code)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_order_of_refusal_is_401_404_403_422(front: Front, method: str, path: str) -> None:
    def status(code: str, who: dict[str, str]) -> int:
        return int(front.client.request(method, f"{LIST}/{code}{path}?x=1", content=b"{", headers=who).status_code)

    assert status("ZS999", {}) == status(OWN, {}) == 401
    assert status("ZS999", front.manager) == 404
    assert status(FOREIGN, front.manager) == 403
    assert status(OWN, front.manager) == 422


def test_an_amenity_there_is_none_of_is_404_before_anybody_is_forbidden(front: Front) -> None:
    for method in ("PUT", "DELETE"):
        for who in (front.manager, front.administrator):
            path = f"{LIST}/{FOREIGN}/amenities/fire_brigade"
            assert front.client.request(method, path, content=b"{", headers=who).status_code == 404


def test_an_amenity_is_set_verified_and_forgotten_and_the_history_has_each(front: Front) -> None:
    before = wifi(front, "ZS003")
    done = send(front, "PUT", WIFI, {"state": "out_of_order", "count": 2, "note": "坏了"}, "ZS003")
    assert (done.status_code, done.headers["etag"]) == (200, '"2.open"')
    assert done.json() == front.client.get(f"{LIST}/ZS003").json()
    assert wifi(front, "ZS003") == {
        "code": "wifi", "state": "out_of_order", "count": 2, "note": "坏了", "from": None, "to": None,
        "basis": "verified", "verified_at": MONDAY_MORNING.isoformat(), "reported_at": None,
    }  # fmt: skip
    assert send(front, "DELETE", WIFI, code="ZS003").status_code == 204
    assert send(front, "DELETE", WIFI, code="ZS003").status_code == 204
    assert wifi(front, "ZS003") is None
    told = [
        (one.actor, one.field, one.old and one.old["state"], one.new and one.new["state"])
        for one in lines(front, "ZS003")
    ]
    assert told == [
        ("chief", "amenities.wifi", "out_of_order", None),
        ("chief", "amenities.wifi", before and before["state"], "out_of_order"),
    ]
    assert shown(front, "ZS003")["version"] == 3, "forgetting what is not known makes no version"


def test_a_fact_seen_again_is_stamped_again(front: Front) -> None:
    send(front, "PUT", WIFI, {"state": "yes"}, "ZS004")
    front.at(MONDAY_MORNING + timedelta(minutes=20))
    send(front, "PUT", WIFI, {"state": "yes"}, "ZS004")
    found = wifi(front, "ZS004")
    assert found is not None
    assert datetime.fromisoformat(found["verified_at"]) == MONDAY_MORNING + timedelta(minutes=20)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/state"),
        ({"state": "broken"}, "/state"),
        ({"state": None}, "/state"),
        ({"state": "yes", "count": -1}, "/count"),
        ({"state": "yes", "count": 1001}, "/count"),
        ({"state": "yes", "count": 1.5}, "/count"),
        ({"state": "yes", "note": "a\nb"}, "/note"),
        ({"state": "yes", "basis": "verified"}, "/basis"),
        ({"state": "yes", "reported_at": None}, "/reported_at"),
        ({"state": "yes", "first": "2027-06-07"}, "/first"),
        ({"state": "yes", "from": "2027-06-07"}, "/to"),
        ({"state": "yes", "to": "2027-06-07"}, "/from"),
        ({"state": "yes", "from": "2027-06-07", "to": None}, "/to"),
        ({"state": "yes", "from": "2027-06-07", "to": "2027-06-06"}, "/to"),
        ({"state": "yes", "from": "2027-06-07", "to": "2028-06-08"}, "/to"),
        ({"state": "yes", "from": "2027-06-31", "to": "2027-07-01"}, "/from"),
        ({"state": "yes", "from": 20270607, "to": "2027-06-07"}, "/from"),
        ({"state": "yes", "from": "2027-06-07T00:00:00+08:00", "to": "2027-06-07"}, "/from"),
        ({"state": "yes", "from": "0001-01-01", "to": "2027-06-07"}, "/from"),
    ],
)
def test_an_offering_bends_no_value_to_fit(front: Front, body: Any, pointer: str) -> None:
    answer = send(front, "PUT", WIFI, body, "ZS005")
    assert (answer.status_code, pointers(answer)) == (422, {pointer})
    assert shown(front, "ZS005")["version"] == 1


def test_if_match_is_honoured_where_it_is_sent(front: Front) -> None:
    stale = {"if_match": '"7.open"'}
    bodies = {WIFI: {"state": "yes"}, "/closures": CLOSURE, "/verification": VERIFICATION}
    for method, path in ROUTES:
        if method != "GET":
            wanted = 404 if path.startswith("/history") else 412
            assert send(front, method, path, bodies.get(path), "ZS006", **stale).status_code == wanted
    assert shown(front, "ZS006")["version"] == 1
    assert send(front, "PUT", WIFI, {"state": "yes"}, "ZS006", if_match='"1.closed"').status_code == 200


def test_two_managers_at_once_both_stand(front: Front) -> None:
    amenities = ["wifi", "toilet", "towel", "fan", "tv", "books", "masks", "cane", "ramp", "aed"]
    with ThreadPoolExecutor(10) as pool:
        put = [pool.submit(send, front, "PUT", f"/amenities/{a}", {"state": "yes"}, "ZS007") for a in amenities]
        closed = pool.submit(send, front, "POST", "/closures", CLOSURE, "ZS007")
        assert {one.result().status_code for one in put} == {200}
        assert closed.result().status_code == 201
    found = {one["code"]: one["basis"] for one in shown(front, "ZS007")["amenities"]}
    assert {found[amenity] for amenity in amenities} == {"verified"}
    assert (shown(front, "ZS007")["version"], len(lines(front, "ZS007"))) == (12, 11)


def test_a_closure_shuts_the_station_from_its_first_minute_to_its_last(front: Front) -> None:
    made = send(front, "POST", "/closures", CLOSURE, "ZS008")
    assert (made.status_code, made.json()) == (201, CLOSURE | {"id": made.json()["id"]})
    found = shown(front, "ZS008")
    assert (found["is_open"], found["next_change"]) == (True, TEN_PAST)
    front.at(datetime.fromisoformat(TEN_PAST))
    found = shown(front, "ZS008")
    assert (found["is_open"], found["next_change"]) == (False, "2026-11-24T09:00:00+08:00"), "the hours end at 17:00"
    assert front.client.get(f"{LIST}/ZS008").headers["etag"] == '"2.closed"'


def test_closures_are_listed_by_time_and_those_that_are_over_only_when_asked_for(front: Front) -> None:
    over = CLOSURE | {"from": "2026-11-20T09:00:00+08:00", "to": MONDAY_MORNING.isoformat()}
    made = [send(front, "POST", "/closures", one, "ZS012").json() for one in (CLOSURE, over)]
    assert send(front, "GET", "/closures", code="ZS012").json() == {"closures": made[:1]}
    assert send(front, "GET", "/closures?past=true", code="ZS012").json() == {"closures": made[::-1]}
    assert send(front, "GET", "/closures?past=perhaps", code="ZS012").status_code == 422


def test_a_closure_taken_away_opens_the_station_and_the_history_keeps_it(front: Front) -> None:
    now = CLOSURE | {"from": MONDAY_MORNING.isoformat()}
    made = send(front, "POST", "/closures", now, "ZS009").json()["id"]
    assert shown(front, "ZS009")["is_open"] is False
    assert send(front, "DELETE", f"/closures/{made}", code="ZS010").status_code == 404, "another station's"
    assert send(front, "DELETE", f"/closures/{made}", code="ZS009").status_code == 204
    assert shown(front, "ZS009")["is_open"] is True
    for gone in (made, 0, "x", "9" * 30):
        assert send(front, "DELETE", f"/closures/{gone}", code="ZS009").status_code == 404
    told = [(one.field, one.old and one.old["reason"], one.new and one.new["reason"]) for one in lines(front, "ZS009")]
    assert told == [(f"closures.{made}", "盘点", None), (f"closures.{made}", None, "盘点")]


def test_closures_may_overlap_but_one_sent_twice_is_told_so(front: Front) -> None:
    assert send(front, "POST", "/closures", CLOSURE, "ZS011").status_code == 201
    assert send(front, "POST", "/closures", CLOSURE, "ZS011").status_code == 409
    assert send(front, "POST", "/closures", CLOSURE | {"to": "2026-11-23T19:00:00+08:00"}, "ZS011").status_code == 201


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"to": TEN_PAST}, "/to"),
        ({"to": "2026-11-23T02:09:59Z"}, "/to"),
        ({"to": "2027-11-24T10:10:01+08:00"}, "/to"),
        ({"from": "2026-11-23T12:00:00"}, "/from"),
        ({"from": "2026-11-23"}, "/from"),
        ({"from": 1}, "/from"),
        ({"to": None}, "/to"),
        ({"reason": " "}, "/reason"),
        ({"station": OWN}, "/station"),
    ],
)
def test_a_closure_bends_no_value_to_fit(front: Front, changed: Any, pointer: str) -> None:
    answer = send(front, "POST", "/closures", CLOSURE | changed, "ZS005")
    assert (answer.status_code, pointers(answer)) == (422, {pointer})


def test_standing_at_the_door_ends_the_placeholder_and_the_history_keeps_the_old_place(front: Front) -> None:
    before = shown(front, "ZS001")
    done = front.client.post(f"{LIST}/{OWN}/verification", json=VERIFICATION, headers=front.manager)
    after = shown(front, OWN)
    assert (done.status_code, done.headers["etag"]) == (200, '"2.open"')
    assert (after["at"], after["location_basis"], after["basis"]["location"]) == (
        [113.39, 22.52],
        "verified",
        "verified",
    )
    assert after["verified_at"] == MONDAY_MORNING.isoformat()
    [line] = lines(front, OWN)
    assert (line.actor, line.field) == ("desk", "location")
    assert line.old == {"lon": before["at"][0], "lat": before["at"][1], "basis": "placeholder"}
    assert line.new == {"lon": 113.39, "lat": 22.52, "basis": "verified"}
    near = front.client.get(f"{LIST}/nearest", params={"lon": 113.39, "lat": 22.52, "limit": 1}).json()
    assert near["features"][0]["properties"]["walk_minutes"] == 0


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_place_is_read_in_its_datum(front: Front, datum: str) -> None:
    truth = Place.at(113.3912, 22.5234)
    lon, lat = truth.figures(Datum(datum))
    body = {"lon": lon, "lat": lat, "datum": datum, "method": "typed"}
    assert send(front, "POST", "/verification", body, "ZS013").status_code == 200
    assert shown(front, "ZS013")["at"] == [truth.lon, truth.lat]


@pytest.mark.parametrize(
    ("changed", "pointer", "hint"),
    [
        ({"accuracy_m": 50.5}, "/accuracy_m", "50 or less"),
        ({"accuracy_m": None}, "/accuracy_m", "must be given"),
        ({"accuracy_m": -1}, "/accuracy_m", ""),
        ({"lon": 22.52, "lat": 113.39}, "/lat", "swapped"),
        ({"lon": 114.5}, "/lon", "30 km"),
        ({"lon": 181}, "/lon", "180"),
        ({"datum": None}, "/datum", ""),
        ({"method": "guess"}, "/method", ""),
    ],
)
def test_a_place_nobody_can_believe_is_refused_with_what_to_do(
    front: Front, changed: Any, pointer: str, hint: str
) -> None:
    answer = send(front, "POST", "/verification", VERIFICATION | changed, "ZS005")
    assert (answer.status_code, pointers(answer)) == (422, {pointer})
    assert hint in answer.json()["errors"][0]["detail"]
    assert shown(front, "ZS005")["version"] == 1


def newest_id(front: Front, code: str) -> int:
    answer = send(front, "GET", "/history", code=code)
    return int(answer.json()["history"][0]["id"])


def test_every_kind_of_change_can_be_taken_back(front: Front) -> None:
    first = shown(front, "ZS014")
    same = {name: first[name] for name in ("at", "location_basis", "basis", "amenities", "verified_at", "phone")}
    changes: list[tuple[str, str, Any]] = [
        ("POST", "/verification", VERIFICATION),
        ("PUT", WIFI, {"state": "no"}),
        ("DELETE", "/amenities/drinking_water", None),
    ]
    for method, path, body in changes:
        assert send(front, method, path, body, "ZS014").status_code in (200, 204)
        back = send(front, "POST", f"/history/{newest_id(front, 'ZS014')}/take-back", code="ZS014")
        assert (back.status_code, back.headers["etag"].split(".")[0].strip('"')) == (
            200,
            str(back.json()["properties"]["version"]),
        )
        found = shown(front, "ZS014")
        assert {name: found[name] for name in same} == same


def test_a_field_taken_back_has_its_old_basis_too(front: Front) -> None:
    patch(front, {"phone": "0760-1", "basis": "imported"}, "ZS015")
    patch(front, {"phone": "0760-2"}, "ZS015")
    basis, phone = (line.spot.id for line in lines(front, "ZS015")[:2])
    assert send(front, "POST", f"/history/{phone}/take-back", code="ZS015").status_code == 200
    found = shown(front, "ZS015")
    assert (found["phone"], found["basis"]["phone"], found["verified_at"]) == ("0760-1", "imported", None)
    assert send(front, "POST", f"/history/{basis}/take-back", code="ZS015").status_code == 409


def test_a_closure_taken_back_twice_stands_again(front: Front) -> None:
    made = send(front, "POST", "/closures", CLOSURE, "ZS016").json()
    for left in ([], [made]):
        assert send(front, "POST", f"/history/{newest_id(front, 'ZS016')}/take-back", code="ZS016").status_code == 200
        assert send(front, "GET", "/closures", code="ZS016").json()["closures"] == left
    later = CLOSURE | {"to": "2026-11-23T20:00:00+08:00"}
    assert send(front, "POST", "/closures", later, "ZS016").json()["id"] > made["id"]


def test_what_has_changed_since_cannot_be_taken_back(front: Front) -> None:
    send(front, "PUT", WIFI, {"state": "no"}, "ZS017")
    line = newest_id(front, "ZS017")
    send(front, "PUT", WIFI, {"state": "yes"}, "ZS017")
    assert send(front, "POST", f"/history/{line}/take-back", code="ZS017").status_code == 409
    found = wifi(front, "ZS017")
    assert found is not None
    assert found["state"] == "yes"
    assert send(front, "POST", f"/history/{line}/take-back", code="ZS018").status_code == 404, "another station's"
    for id in ("0", "-1", "x", "9" * 30):
        assert send(front, "POST", f"/history/{id}/take-back", code="ZS017").status_code == 404


def test_an_amenity_has_its_days_until_it_is_set_without_them_and_they_are_taken_back(front: Front) -> None:
    days = {"from": "2027-06-07", "to": "2027-06-09"}
    done = send(front, "PUT", "/amenities/exam_support", {"state": "yes", **days}, "ZS024")

    def known() -> dict[str, Any]:
        return next(one for one in shown(front, "ZS024")["amenities"] if one["code"] == "exam_support")

    assert done.status_code == 200
    assert known().items() >= days.items()
    filtered = front.client.get(LIST, params={"amenity": "exam_support"}).json()["features"]
    assert [one["id"] for one in filtered] == ["ZS024"], "the filter goes by the state, whatever the day"
    send(front, "PUT", "/amenities/exam_support", {"state": "yes"}, "ZS024")
    assert (known()["from"], known()["to"]) == (None, None)
    back = send(front, "POST", f"/history/{newest_id(front, 'ZS024')}/take-back", code="ZS024")
    assert back.status_code == 200
    assert known().items() >= days.items()


def report(front: Front, code: str, **body: str) -> int:
    return int(front.client.post(f"{LIST}/{code}/reports", json=body).json()["id"])


def file_report(front: Front, code: str, kind: str, amenity: str | None) -> int:
    """A report of somebody who has not reported anything in this minute."""
    return front.house.reports.file(code, ReportKind(kind), amenity, front.house.now(), address=code)


def reports(front: Front, code: str) -> dict[int, str]:
    found = front.client.get("/api/v1/reports", params={"station": code}, headers=front.administrator).json()["reports"]
    return {one["id"]: one["state"] for one in found}


@pytest.mark.parametrize(("state", "ended"), [("out_of_order", "done"), ("yes", "done"), ("unknown", "open")])
def test_whoever_sets_an_amenity_has_answered_the_reports_of_it(front: Front, state: str, ended: str) -> None:
    code = {"out_of_order": "ZS020", "yes": "ZS021", "unknown": "ZS022"}[state]
    about = report(front, code, kind="amenity_out", amenity="wifi")
    other = report(front, code, kind="amenity_out", amenity="toilet")
    send(front, "PUT", WIFI, {"state": state}, code)
    assert reports(front, code) == {about: ended, other: "open"}


def test_a_report_that_is_done_verifies_what_works_and_nothing_else(front: Front) -> None:
    send(front, "PUT", WIFI, {"state": "yes", "count": 3}, "ZS023")
    send(front, "PUT", "/amenities/tv", {"state": "out_of_order"}, "ZS023")
    made = {amenity: report(front, "ZS023", kind="amenity_out", amenity=amenity) for amenity in ("wifi", "tv")}
    front.at(MONDAY_MORNING + timedelta(minutes=30))
    for id in made.values():
        moved = front.client.patch(f"/api/v1/reports/{id}", json={"state": "done"}, headers=front.administrator).json()
        assert (moved["state"], moved["handled_by"], moved["time_to_fix_s"]) == ("done", "chief", 1800)
    found = {one["code"]: one for one in shown(front, "ZS023")["amenities"]}
    assert (found["wifi"]["state"], found["wifi"]["count"]) == ("yes", 3)
    assert datetime.fromisoformat(found["wifi"]["verified_at"]) == MONDAY_MORNING + timedelta(minutes=30)
    assert (found["tv"]["state"], found["tv"]["verified_at"]) == ("out_of_order", MONDAY_MORNING.isoformat())
    assert (found["wifi"]["reported_at"], found["tv"]["reported_at"]) == (MONDAY_MORNING.isoformat(), None)


def test_a_check_says_since_when_reports_waited_for_it_and_the_history_and_the_page_tell_it(front: Front) -> None:
    file_report(front, "ZS025", "amenity_out", "wifi")
    front.at(MONDAY_MORNING + timedelta(minutes=20))
    file_report(front, "ZS025", "amenity_out", "wifi")
    send(front, "PUT", WIFI, {"state": "out_of_order"}, "ZS025")
    send(front, "PUT", WIFI, {"state": "out_of_order", "note": "路由器"}, "ZS025")
    found, page = wifi(front, "ZS025"), front.open("/stations/ZS025").text
    assert found is not None
    assert found["reported_at"] == MONDAY_MORNING.isoformat()
    assert "收到反馈后于 11月23日核实" in page
    assert "上一条反馈已在 11月23日处理。" in page
    send(front, "POST", f"/history/{newest_id(front, 'ZS025')}/take-back", code="ZS025")
    found = wifi(front, "ZS025")
    assert found is not None
    assert (found["note"], found["reported_at"]) == (None, MONDAY_MORNING.isoformat())
    for days, told in ((1, "收到反馈后于 11月24日核实"), (2, "")):
        front.at(MONDAY_MORNING + timedelta(days=days))
        front.house.facts.set_offering("ZS025", "wifi", OfferingState.YES, None, None, By("chief"))
        page = front.open("/stations/ZS025").text
        assert re.findall("收到反馈后[^<]*", page) == ([told] if told else []), "news until it is mended"


def test_a_report_of_the_station_that_is_done_stamps_it_and_its_page_says_so_for_a_month(front: Front) -> None:
    code = "ZS026"
    made = file_report(front, code, "closed", None)

    def move(state: str) -> None:
        front.client.patch(f"/api/v1/reports/{made}", json={"state": state}, headers=front.administrator)

    for state, stamp in (("dismissed", None), ("done", MONDAY_MORNING.isoformat())):
        move(state)
        assert shown(front, code)["answered_at"] == stamp
    move("done")
    assert [(line.field, line.actor) for line in lines(front, code)] == [("answered_at", "chief")]
    assert send(front, "POST", f"/history/{newest_id(front, code)}/take-back", code=code).status_code == 409
    assert "上一条反馈已在 11月23日处理。" in front.open(f"/stations/{code}").text
    front.at(MONDAY_MORNING + timedelta(days=31))
    assert "上一条反馈" not in front.open(f"/stations/{code}").text


@pytest.mark.parametrize("note", [n for n in NOT_A_LINE if n != "null"])
def test_no_note_and_no_reason_carries_more_than_a_line(front: Front, note: str) -> None:
    headers = {**front.administrator, "content-type": "application/json"}
    for method, path, rest in (
        ("PUT", WIFI, '"state":"yes","note":'),
        ("POST", "/closures", f'"from":"{TEN_PAST}","to":"{EVENING}","reason":'),
    ):
        answer = front.client.request(method, f"{LIST}/ZS005{path}", content=f"{{{rest}{note}}}", headers=headers)
        assert answer.status_code == 422
