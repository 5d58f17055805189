"""Accounts over the API and on their pages: the same rules by either door, and every page without a script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pyotp
import pytest

from harbour_api.store.managers import Change
from tests.conftest import PASSWORD, bearer
from tests.web.conftest import FOREIGN, OWN, Front

API = "/api/v1"
OWN_PAGE = {"sec-fetch-site": "same-origin"}
ANOTHER = "another good password"


@pytest.fixture
def front(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")


def send(front: Front, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    return front.client.request(method, API + path, json=body, headers=headers)


def log_in(front: Front, username: str, password: str = PASSWORD, **more: str) -> Any:
    return send(front, "POST", "/sessions", {"username": username, "password": password, **more}, {})


def faults(answer: Any) -> list[str]:
    return [fault["pointer"] for fault in answer.json()["errors"]]


def browse(front: Front, username: str) -> None:
    """Log in by the page, as a browser that keeps its cookies."""
    front.client.cookies.clear()
    assert front.client.post("/login", data={"username": username, "password": PASSWORD}, headers=OWN_PAGE).is_redirect


def submit(front: Front, path: str, **fields: Any) -> Any:
    return front.client.post(path, data=fields, headers=OWN_PAGE)


def alert(page: str) -> str:
    return re.search(r'role="alert">([^<]*)<', page)[1]  # type: ignore[index]


def test_an_administrator_makes_changes_and_shuts_an_account(front: Front) -> None:
    body = {"username": "lobby.2", "password": PASSWORD, "stations": [FOREIGN, OWN]}
    made = send(front, "POST", "/managers", body, front.administrator)
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/managers/lobby.2")
    shown = made.json()
    assert shown.pop("created_at").startswith("2026-11-23T10:00:00")
    assert shown == {
        "username": "lobby.2",
        "role": "manager",
        "stations": [OWN, FOREIGN],
        "is_active": True,
        "second_factor": False,
    }
    assert send(front, "POST", "/managers", body, front.administrator).status_code == 409
    token = bearer(log_in(front, "lobby.2").json()["token"])
    change = {"stations": [FOREIGN], "role": "administrator"}
    changed = send(front, "PATCH", "/managers/lobby.2", change, front.administrator).json()
    assert (changed["stations"], changed["role"]) == ([FOREIGN], "administrator")
    assert send(front, "GET", "/me", None, token).json()["role"] == "administrator"
    assert send(front, "PATCH", "/managers/lobby.2", {"is_active": False}, front.administrator).status_code == 200
    assert send(front, "GET", "/me", None, token).status_code == 401
    listed = send(front, "GET", "/managers", None, front.administrator)
    assert [manager["username"] for manager in listed.json()["managers"]] == ["chief", "desk", "lobby.2"]
    assert "argon2" not in listed.text
    assert PASSWORD not in listed.text


def test_a_new_account_at_fault_is_refused_with_the_place(front: Front) -> None:
    good: dict[str, Any] = {"username": "lobby", "password": PASSWORD}
    for wrong, fault in (
        ({"username": "UPPER"}, "/username"),
        ({"username": "x" * 41}, "/username"),
        ({"password": "short"}, "/password"),
        ({"password": "lobby12345"}, "/password"),
        ({"role": "owner"}, "/role"),
        ({"stations": [OWN, "ZS999"]}, "/stations/1"),
        ({"is_administrator": True}, "/is_administrator"),
    ):
        answer = send(front, "POST", "/managers", good | wrong, front.administrator)
        assert (answer.status_code, faults(answer)) == (422, [fault])
    assert log_in(front, "lobby").status_code == 401


def test_the_last_administrator_stays_and_a_second_factor_is_not_given_by_others(front: Front) -> None:
    for change in ({"role": "manager"}, {"is_active": False}):
        assert send(front, "PATCH", "/managers/chief", change, front.administrator).status_code == 409
    given = send(front, "PATCH", "/managers/desk", {"second_factor": True}, front.administrator)
    assert (given.status_code, faults(given)) == (422, ["/second_factor"])
    assert send(front, "PATCH", "/managers/nobody", {}, front.administrator).status_code == 404


def test_accounts_and_the_audit_come_page_by_page(front: Front) -> None:
    for path, member in (("/managers", "managers"), ("/audit", "audit")):
        whole = send(front, "GET", path, None, front.administrator).json()
        assert whole["next"] is None
        found, following = [], f"{API}{path}?limit=1"
        while following:
            page = front.client.get(following, headers=front.administrator)
            found += page.json()[member]
            following = page.json()["next"]
            assert page.headers.get("link") == (f'<{following}>; rel="next"' if following else None)
        assert found == whole[member]
        assert len(found) >= 2
        for cursor in ("x", "a" * 101, "MSAyIDM=", "OTk5OQ=="):
            answer = front.client.get(f"{API}{path}?cursor={cursor}", headers=front.administrator)
            assert answer.status_code in (200, 422), cursor


def test_a_stations_history_tells_who_changed_what_from_what_to_what(front: Front) -> None:
    headers = {**front.manager, "if-match": "*"}
    send(front, "PATCH", f"/stations/{OWN}", {"phone": "0760-1"}, headers)
    lines = send(front, "GET", f"/stations/{OWN}/history", None, front.manager).json()["history"]
    [line] = [line for line in lines if line["field"] == "phone"]
    assert (line["actor"], line["new"], line["subject"]) == ("desk", "0760-1", OWN)
    assert line in send(front, "GET", "/audit", None, front.administrator).json()["audit"]


def test_ones_own_password_is_changed_and_other_sessions_end(front: Front) -> None:
    other = bearer(log_in(front, "desk").json()["token"])
    wrong = send(front, "PUT", "/me/password", {"old": ANOTHER, "new": ANOTHER}, front.manager)
    assert (wrong.status_code, faults(wrong)) == (422, ["/old"])
    assert send(front, "PUT", "/me/password", {"old": PASSWORD, "new": ANOTHER}, front.manager).status_code == 204
    assert send(front, "GET", "/me", None, front.manager).status_code == 200
    assert send(front, "GET", "/me", None, other).status_code == 401
    assert log_in(front, "desk", ANOTHER).status_code == 201


def test_a_second_factor_is_begun_confirmed_asked_for_and_taken_off(front: Front) -> None:
    begun = send(front, "POST", "/me/second-factor", None, front.manager)
    assert begun.status_code == 201
    totp = pyotp.parse_uri(begun.json()["uri"])
    assert (totp.secret, totp.name) == (begun.json()["secret"], "desk")
    code = {"code": totp.at(front.clock())}  # type: ignore[union-attr]
    wrong = send(front, "PUT", "/me/second-factor", code | {"password": ANOTHER}, front.manager)
    assert (wrong.status_code, faults(wrong)) == (422, ["/password"])
    both = code | {"password": PASSWORD}
    assert send(front, "GET", "/me", None, front.manager).json()["second_factor"] is False
    assert send(front, "PUT", "/me/second-factor", both, front.manager).status_code == 204
    assert send(front, "GET", "/me", None, front.manager).json()["second_factor"] is True
    assert send(front, "PUT", "/me/second-factor", both, front.manager).status_code == 409
    assert send(front, "POST", "/me/second-factor", None, front.manager).status_code == 409
    without = log_in(front, "desk")
    assert without.status_code == 401
    assert without.json()["detail"] == log_in(front, "desk", ANOTHER).json()["detail"]
    assert log_in(front, "desk", **code).status_code == 401, "a code counts once"
    again = send(front, "DELETE", "/me/second-factor", both, front.manager)
    assert (again.status_code, faults(again)) == (422, ["/code"])
    without = send(front, "DELETE", "/me/second-factor", code, front.manager)
    assert (without.status_code, faults(without)) == (422, ["/password"])
    shown = send(front, "PATCH", "/managers/desk", {"second_factor": False}, front.administrator).json()
    assert shown["second_factor"] is False
    assert log_in(front, "desk").status_code == 201


def test_my_page_changes_the_password_and_says_what_was_wrong_with_it(front: Front) -> None:
    browse(front, "desk")
    page = front.client.get("/manage/me").text
    assert front.house.registry.network.station(OWN).name in page
    for fields, said in (
        ({"old": PASSWORD, "new": "short", "again": "short"}, "10 到 200"),
        ({"old": PASSWORD, "new": ANOTHER, "again": PASSWORD}, "不一样"),
        ({"old": PASSWORD, "new": "1234512345", "again": "1234512345"}, "太容易猜到"),
        ({"old": ANOTHER, "new": ANOTHER, "again": ANOTHER}, "现在的密码不对"),
    ):
        refused = submit(front, "/manage/me", do="password", **fields)
        assert refused.status_code == 422
        assert said in alert(refused.text)
        assert ANOTHER not in refused.text
    done = submit(front, "/manage/me", do="password", old=PASSWORD, new=ANOTHER, again=ANOTHER)
    assert (done.status_code, done.headers["location"]) == (303, "/manage/me?done=password")
    assert "密码已经修改" in front.client.get(done.headers["location"]).text
    assert submit(front, "/manage/me", do="nothing").status_code == 422


def test_my_page_sets_up_a_second_factor_with_a_code_to_scan_and_the_log_in_page_asks_for_it(front: Front) -> None:
    browse(front, "desk")
    assert submit(front, "/manage/me", do="begin").headers["location"] == "/manage/me"
    page = front.client.get("/manage/me").text
    totp = pyotp.TOTP(re.search(r"<code[^>]*>(\w{32})</code>", page)[1])  # type: ignore[index]
    drawing = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert drawing
    assert "style=" not in page
    code = totp.at(front.clock())
    for wrong, said in (({"code": "000000"}, "动态码不对"), ({"code": code, "old": ANOTHER}, "现在的密码不对")):
        refused = submit(front, "/manage/me", **{"do": "on", "old": PASSWORD, **wrong})
        assert (refused.status_code, said in alert(refused.text)) == (422, True)
    done = submit(front, "/manage/me", do="on", old=PASSWORD, code=code)
    assert done.headers["location"] == "/manage/me?done=on"
    page = front.client.get("/manage/me").text
    assert totp.secret not in page
    assert page.count('name="old"') == 2, "asked for at the way off too"
    left = submit(front, "/logout", everywhere="1")
    assert (left.status_code, left.headers["location"]) == (303, "/")
    form = {"username": "desk", "password": PASSWORD}
    assert submit(front, "/login", **form).status_code == 401
    next_code = pyotp.TOTP(totp.secret).at(int(front.clock().timestamp()) + 30)
    assert submit(front, "/login", **form, code=f" {next_code} ").status_code == 303


def test_the_pages_of_accounts_make_change_and_shut_one(front: Front) -> None:
    browse(front, "chief")
    path = "/manage/accounts"
    made = submit(front, path, username="lobby", password=PASSWORD, role="manager", station=[OWN, FOREIGN])
    assert made.headers["location"] == f"{path}/lobby?done=made"
    assert front.house.managers.one("lobby").stations == (OWN, FOREIGN)
    page = front.client.get(f"{path}/lobby?done=made").text
    assert page.count(" checked") == 3
    assert "账户已经建好" in page
    for do, fields in (
        ("change", {"role": "manager"}),
        ("password", {"password": ANOTHER}),
        ("shut", {}),
        ("open", {}),
    ):
        assert submit(front, f"{path}/lobby", do=do, **fields).headers["location"] == f"{path}/lobby?done={do}"
    assert front.house.managers.one("lobby").stations == ()
    assert "最后一个" in alert(submit(front, f"{path}/chief", do="shut").text)
    for fields, said in (
        ({"username": "lobby", "password": PASSWORD}, "已经有人用"),
        ({"username": "LOBBY", "password": PASSWORD}, "小写字母"),
        ({"username": "other", "password": "short"}, "10 到 200"),
        ({"username": "other", "password": "password1234"}, "太容易猜到"),
    ):
        refused = submit(front, path, **fields)
        assert refused.status_code in (409, 422)
        assert said in alert(refused.text)
        assert f'value="{fields["username"]}"' in refused.text
        assert PASSWORD not in refused.text
    assert front.client.get(f"{path}/nobody").status_code == 404
    assert submit(front, f"{path}/nobody", do="shut").status_code == 404


def test_the_audit_page_names_what_was_done_and_leads_to_what_was_done_before(front: Front) -> None:
    for number in range(60):
        change = Change(stations=[OWN if number % 2 else FOREIGN])
        front.house.managers.change("desk", change, actor="<b>chief</b>")
    browse(front, "chief")
    page = front.client.get("/manage/audit").text
    assert page.count("修改账户") == 50
    assert "&lt;b&gt;chief" in page
    older = re.search(r'href="(/manage/audit\?cursor=[^"]+)"', page)[1]  # type: ignore[index]
    earlier = front.client.get(older).text
    assert earlier.count("修改账户") == 10
    assert "新建账户" in earlier
    assert front.client.get("/manage/audit?cursor=x").status_code == 400


def test_a_page_of_the_desk_asks_a_stranger_to_log_in_and_leads_back(front: Front) -> None:
    front.client.cookies.clear()
    page = front.client.get("/manage/audit?cursor=MQ==&lang=en")
    assert page.status_code == 401
    wanted = re.search(r'name="next" value="([^"]*)"', page.text)[1]  # type: ignore[index]
    form = {"username": "chief", "password": PASSWORD, "next": wanted.replace("&amp;", "&")}
    assert submit(front, "/login?lang=en", **form).headers["location"] == "/manage/audit?cursor=MQ%3D%3D&lang=en"
    assert front.client.get("/login").headers["location"].startswith("/manage"), "whoever is in need not log in"
