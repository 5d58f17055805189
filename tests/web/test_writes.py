"""The managers' writes: who asks is settled before what is asked, and nobody overwrites another unseen."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.sending import LIST, NOT_A_LINE, STATION, patch, pointers, post

ROUTES = [
    ("PATCH", LIST + "/{}"),
    ("POST", LIST + "/{}/visits"),
    ("GET", LIST + "/{}/visits"),
    ("GET", LIST + "/{}/days"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_order_of_refusal_is_401_404_403_422(front: Front, method: str, path: str) -> None:
    def status(code: str, who: dict[str, str]) -> int:
        bad = {"content": b"{not json", "headers": {**who, "if-match": "*"}}
        query = "?misspelt=1"
        return int(front.client.request(method, path.format(code) + query, **bad).status_code)

    assert status("ZS999", {}) == status(OWN, {}) == status(OWN, {"authorization": "Bearer no"}) == 401
    assert status("ZS999", front.manager) == status("ZS999", front.administrator) == 404
    assert status(FOREIGN, front.manager) == 403
    assert status(OWN, front.manager) == status(FOREIGN, front.administrator) == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", LIST), ("DELETE", "/api/v1/sessions"), ("DELETE", "/api/v1/sessions/current"), ("GET", "/api/v1/me")],
)
def test_routes_without_a_station_refuse_strangers_first_and_misspelt_questions_last(
    front: Front, method: str, path: str
) -> None:
    assert front.client.request(method, path + "?x=1").status_code == 401
    if path == LIST:
        assert front.client.post(LIST + "?x=1", content=b"{", headers=front.manager).status_code == 403
    assert front.client.request(method, path + "?x=1", headers=front.administrator).status_code == 422
    assert front.client.get("/api/v1/me", headers=front.administrator).status_code == 200, "it was refused, not done"


def test_a_patch_names_the_version_it_changes(front: Front) -> None:
    read = front.client.get(f"{LIST}/ZS010")
    assert patch(front, {"phone": "1"}, "ZS010", if_match=None).status_code == 428
    for stale in ('"0.open"', '"2.open"', '"99999999999999"', "1", "", '"x"'):
        assert patch(front, {"phone": "1"}, "ZS010", if_match=stale).status_code == 412
    done = patch(front, {"phone": "1"}, "ZS010", if_match=read.headers["etag"])
    assert (done.status_code, done.headers["etag"]) == (200, '"2.open"')
    assert done.headers["content-type"] == "application/geo+json"
    assert done.json() == front.client.get(f"{LIST}/ZS010").json()
    assert patch(front, {"phone": "2"}, "ZS010", if_match=read.headers["etag"]).status_code == 412
    for current in (done.headers["etag"], '"x", "3.closed"', '"4"', "*"):
        assert patch(front, {"phone": current}, "ZS010", if_match=current).status_code in (200, 422)
    assert front.client.get(f"{LIST}/ZS010").json()["properties"]["version"] == 2


def test_the_etag_of_an_answer_serves_for_the_next_change_in_every_coding(front: Front) -> None:
    etag = front.client.get(f"{LIST}/ZS011").headers["etag"]
    for number, coding in enumerate(("identity", "gzip", "br"), start=2):
        headers = {**front.administrator, "if-match": etag, "accept-encoding": coding}
        answer = front.client.patch(f"{LIST}/ZS011", json={"phone": str(number)}, headers=headers)
        assert (answer.status_code, answer.headers["etag"]) == (200, f'"{number}.open"')
        etag = answer.headers["etag"]


def test_of_ten_patches_of_one_version_one_wins(front: Front) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: patch(front, {"phone": str(n)}, "ZS012", '"1.open"').status_code, range(10)))
    assert sorted(answers) == [200] + [412] * 9


def test_a_merge_patch_empties_what_null_names_and_leaves_the_rest(front: Front) -> None:
    before = patch(front, {"address": "中山　路 1 号", "phone": "0760-8"}, "ZS013").json()["properties"]
    after = patch(front, {"address": None, "basis": "imported"}, "ZS013").json()["properties"]
    assert (before["address"], after["address"], after["phone"]) == ("中山　路 1 号", None, "0760-8")
    assert after["basis"] == {**before["basis"], "address": "imported"}
    assert after["version"] == before["version"] + 1
    assert patch(front, {}, "ZS013").json()["properties"]["version"] == after["version"]


def test_a_town_may_be_named_by_its_code_of_2018(front: Front) -> None:
    towns = front.client.get("/api/v1/towns").json()["towns"]
    town = next(t for t in towns for f in t["former"] if f["code"] != t["code"])
    former = next(f["code"] for f in town["former"] if f["code"] != town["code"])
    assert patch(front, {"town": former}, "ZS014").json()["properties"]["town"]["code"] == town["code"]


@pytest.mark.parametrize("field", ["name", "name_en", "town", "access", "status", "specials", "basis"])
def test_what_may_not_be_empty_cannot_be_nulled(front: Front, field: str) -> None:
    answer = patch(front, {field: None}, "ZS015")
    assert (answer.status_code, pointers(answer)) == (422, {f"/{field}"})


@pytest.mark.parametrize(
    "field", ["code", "cnaps", "version", "place", "lon", "location_basis", "verified_at", "pinyin", "x/y~z", ""]
)
def test_a_patch_takes_no_field_it_does_not_name(front: Front, field: str) -> None:
    answer = patch(front, {field: 2, "phone": "1"}, "ZS015")
    assert (answer.status_code, pointers(answer)) == (422, {"/" + field.replace("~", "~0").replace("/", "~1")})
    assert front.client.get(f"{LIST}/ZS015").json()["properties"]["version"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("name", value) for value in NOT_A_LINE),
        *(("phone", value) for value in (*NOT_A_LINE[:3], '"1;2"', '"电话"')),
        ("opening_hours", '"Mo-Fr 25:99"'),
        ("opening_hours", "5"),
        ("status", '"closed"'),
        ("access", "true"),
        ("basis", '"guess"'),
        ("town", '"442000999"'),
        ("specials", '"x"'),
        ("specials", '[{"zh":"x"}]'),
        ("specials", '[{"zh":"x","en":"y","z":1}]'),
    ],
)
def test_a_patch_bends_no_value_to_fit(front: Front, field: str, value: str) -> None:
    if (field, value) == ("phone", "null"):
        return
    answer = patch(front, f'{{"{field}":{value}}}', "ZS015")
    assert answer.status_code == 422
    assert all(pointer == "" or pointer.startswith(f"/{field}") for pointer in pointers(answer))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lon", "181"),
        ("lon", "NaN"),
        ("lon", "1e999"),
        ("lon", '"113"'),
        ("lon", "true"),
        ("lat", "113.4"),
        ("lat", "null"),
        ("cnaps", '"105603000873"'),
        ("cnaps", '"１０５６０３０００８７２"'),
        ("cnaps", "105603000872"),
        ("datum", '"WGS84"'),
        ("town", '"x"'),
        ("location_basis", '"guess"'),
        ("code", '"ZS900"'),
        ("version", "7"),
        ("opening_hours", '"always"'),
    ],
)
def test_a_station_of_wrong_figures_is_not_opened(front: Front, field: str, value: str) -> None:
    rest = {name: v for name, v in STATION.items() if name != field}
    answer = post(front, json.dumps(rest)[:-1] + f',"{field}":{value}}}', LIST, **front.administrator)
    assert (answer.status_code, pointers(answer)) in [(422, {f"/{field}"}), (422, {""})]


def test_swapped_figures_are_guessed_at(front: Front) -> None:
    answer = post(front, {**STATION, "lon": 22.6, "lat": 113.2}, LIST, **front.administrator)
    assert "swapped" in answer.json()["errors"][0]["detail"]


def test_a_station_is_opened_once_under_the_next_code(own_front: Front) -> None:
    answer = post(own_front, {**STATION, "datum": "gcj02"}, LIST, **own_front.administrator)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1.unknown"')
    assert answer.headers["location"] == f"{LIST}/ZS065"
    facts = own_front.client.get(f"{LIST}/ZS065").json()
    assert facts == answer.json()
    assert facts["geometry"]["coordinates"] != [113.2, 22.6], "the other datum was understood"
    assert (facts["properties"]["location_basis"], facts["properties"]["is_open"]) == ("placeholder", None)
    assert post(own_front, STATION, LIST, **own_front.administrator).status_code == 409
