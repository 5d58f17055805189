"""The log-in by page: a cookie that only our own pages can use, only where nobody listens, and figures of one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from harbour_api.domain.hours import local_day
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import Entry, Source
from harbour_api.store.samples import SampleVisit
from tests.conftest import MONDAY_MORNING, PASSWORD
from tests.web.conftest import FOREIGN, OWN, Front

OWN_PAGE = {"sec-fetch-site": "same-origin"}
ENTRY = Entry(
    station=OWN,
    day=local_day(MONDAY_MORNING),
    audience=Audience.COURIER,
    count=417,
    occurred_at=MONDAY_MORNING,
    recorded_at=MONDAY_MORNING,
    source=Source.MANAGER,
    actor="desk",
)


@pytest.fixture(autouse=True)
def no_cookies(request: pytest.FixtureRequest) -> None:
    """Begin each test as a browser that has never been here."""
    if "front" in request.fixturenames:
        request.getfixturevalue("front").client.cookies.clear()


def log_in(front: Front, username: str = "desk", password: str = PASSWORD, **more: Any) -> Any:
    form = {"username": username, "password": password, **more.pop("form", {})}
    return front.client.post("/login", data=form, **{"headers": OWN_PAGE, **more})


def test_the_right_password_gives_a_cookie_and_leads_to_the_desk(front: Front) -> None:
    answer = log_in(front)
    assert (answer.status_code, answer.headers["location"]) == (303, "/manage")
    assert "no-store" in answer.headers["cache-control"]
    cookie, device = answer.headers.get_list("set-cookie")
    assert re.match(r"harbour=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax$", cookie), cookie
    assert re.match(r"harbour-device=[\w.-]{81}; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax$", device), device
    assert front.client.get("/manage/map").status_code == 200
    assert front.client.get("/api/v1/me").json()["username"] == "desk"


def test_each_log_in_is_a_new_session(front: Front) -> None:
    first = log_in(front).cookies["harbour"]
    assert log_in(front).cookies["harbour"] != first


@pytest.mark.parametrize(
    ("username", "password"),
    [("desk", "wrong password"), ("nobody", PASSWORD), ("", ""), ("desk\0", PASSWORD), ("é", "wrong password")],
)
def test_a_wrong_log_in_shows_the_form_again_without_the_password(front: Front, username: str, password: str) -> None:
    answer = log_in(front, username, password)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "用户名、密码或动态码不对" in answer.text
    assert not password or password not in answer.text


def test_a_name_that_would_run_is_shown_as_text(front: Front) -> None:
    answer = log_in(front, '"><script>alert(1)</script>')
    assert "<script>alert" not in answer.text


def test_the_sixth_try_is_told_to_wait(front: Front) -> None:
    for _ in range(5):
        assert log_in(front, "sixth", "wrong password").status_code == 401
    answer = log_in(front, "sixth", "wrong password")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": ""}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, False),
        ({"origin": "http://127.0.0.1:8000"}, True),
        ({"origin": "https://elsewhere.example"}, False),
        ({"origin": "http://127.0.0.1:8000.elsewhere.example"}, False),
        ({"origin": "http://127.0.0.1:9999"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://["}, False),
        ({"origin": ""}, False),
        ({"referer": "http://127.0.0.1:8000/login"}, False),
        ({}, False),
    ],
)
def test_only_our_own_pages_may_send_a_form(front: Front, headers: dict[str, str], passes: bool) -> None:
    assert log_in(front, headers=headers).status_code == (303 if passes else 403)
    front.client.cookies.clear()
    log_in(front)
    visit = {"audience": "courier", "count": 1}
    by_cookie = front.client.post(f"/api/v1/stations/{OWN}/visits", json=visit, headers=headers)
    assert by_cookie.status_code == (201 if passes else 403)
    with_token = front.client.post(f"/api/v1/stations/{OWN}/visits", json=visit, headers=headers | front.manager)
    assert with_token.status_code == 201, "no other site can send a token"
    assert front.client.post("/logout", headers=headers).status_code == (303 if passes else 403)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/manage",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "/manage\\..\\x",
        "javascript:alert(1)",
        "/",
        "/login",
        "manage",
        "",
        " /manage",
        "/manage/地图",
        "/manage\r\nSet-Cookie: x=1",
        "%2f%2felsewhere.example",
    ],
)
def test_a_log_in_never_leads_to_another_site(front: Front, wanted: str) -> None:
    location = log_in(front, form={"next": wanted}).headers["location"]
    assert location == "/manage" or (location.startswith("/manage%0D%0A") and "\n" not in location)


def test_a_log_in_leads_on_to_the_page_of_the_desk_that_was_wanted(front: Front) -> None:
    assert log_in(front, form={"next": "/manage/map?lang=en"}).headers["location"] == "/manage/map?lang=en"


@pytest.mark.parametrize("host", ["harbour.example", "192.168.1.9:8000", "127.0.0.1.elsewhere.example", "[", ""])
def test_a_log_in_without_encryption_is_refused_and_says_why(front: Front, host: str) -> None:
    answer = log_in(front, headers={**OWN_PAGE, "host": host})
    if answer.status_code == 303:
        assert host in ("[", ""), "a header that names no host at all: the address of the socket counts"
        return
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "https" in answer.text


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_on_this_very_machine_a_log_in_needs_no_encryption(front: Front, host: str) -> None:
    assert log_in(front, headers={**OWN_PAGE, "host": host}).status_code == 303


def test_where_the_public_comes_by_https_the_cookie_is_held_to_it(fronts: Callable[..., Iterator[Front]]) -> None:
    making = fronts("sqlite", public_url="https://harbour.example/")
    front = next(making)
    headers = {"host": "harbour.example", "origin": "https://harbour.example"}
    answer = log_in(front, headers=headers)
    cookie, device = answer.headers.get_list("set-cookie")
    assert device.startswith("__Host-harbour-device=")
    assert device.endswith("; Secure")
    assert re.match(r"__Host-harbour=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure$", cookie), cookie
    token = re.search(r"=([\w-]{43})", cookie)[1]  # type: ignore[index]
    for name, status in (("__Host-harbour", 200), ("harbour", 401)):
        assert front.client.get("/api/v1/me", headers={"cookie": f"{name}={token}"}).status_code == status
    making.close()


def test_logging_out_ends_the_session_and_takes_the_cookie(front: Front) -> None:
    token = log_in(front).cookies["harbour"]
    answer = front.client.post("/logout", headers=OWN_PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert front.client.get("/api/v1/me", headers={"cookie": f"harbour={token}"}).status_code == 401


def test_a_stranger_is_led_to_the_log_in_and_sees_no_figure(front: Front) -> None:
    for path in ("/manage", "/manage/map"):
        page = front.client.get(path)
        assert page.status_code == 401
        assert 'name="password"' in page.text
    script = front.client.get("/manage/map.js")
    assert script.status_code == 401
    assert "HarbourMap" not in script.text


def counts(page: str) -> Any:
    return json.loads(re.search(r'id="map-figures">(.*?)</script>', page)[1])["station"]["counts"]  # type: ignore[index]


def test_a_manager_sees_own_stations_only_and_the_administrator_all(own_front: Front) -> None:
    for station, count in ((OWN, 417), (FOREIGN, 823)):
        own_front.house.visits.log(replace(ENTRY, station=station, count=count)).result(10)
    network = own_front.house.registry.network
    seen = {}
    for name in ("desk", "chief"):
        log_in(own_front, name)
        page, script = own_front.client.get("/manage/map"), own_front.client.get("/manage/map.js")
        assert (page.status_code, script.status_code) == (200, 200)
        for answer in (page, script):
            assert "no-store" in answer.headers["cache-control"]
            assert "private" in answer.headers["cache-control"]
        assert script.headers["content-type"].startswith("text/javascript")
        seen[name] = page.text, script.text
    page, script = seen["desk"]
    assert network.station(OWN).name in page
    assert not any(station.name in page for station in network.stations if station.code != OWN)
    assert "823" not in re.sub(r"<[^>]*>", "", page)
    assert [row[-1] for row in counts(page)] == [417]
    page, script = seen["chief"]
    assert all(station.name in page for station in network.stations)
    assert [row[-1] for row in counts(page)] == [417, 823] + [None] * 62


def test_samples_are_told_loudly_and_only_where_there_are_any(own_front: Front) -> None:
    loud = "含示例数据"
    own_front.house.visits.plant_samples(
        [SampleVisit(OWN, local_day(MONDAY_MORNING) - timedelta(days=1), Audience.PUBLIC, 5)], MONDAY_MORNING
    )
    log_in(own_front)
    page = own_front.client.get("/manage/map").text
    assert loud in page
    assert 'class="map-sample"' in page
    own_front.house.visits.forget_samples()
    assert loud not in own_front.client.get("/manage/map").text


def test_an_unknown_parameter_or_language_is_refused_before_any_figure(front: Front) -> None:
    log_in(front)
    for path in ("/manage/map?x=1", "/manage/map.js?lang=xx", f"/manage/map?lang={quote('<b>')}", "/login?x=1"):
        answer = front.client.get(path)
        assert answer.status_code == 400, path
        assert "<b>" not in answer.text


@pytest.mark.parametrize("lang", ["", "?lang=en"])
def test_a_refusal_under_the_desk_leads_back_to_it_whoever_has_a_log_in(front: Front, lang: str) -> None:
    front.client.cookies.clear()
    assert f'href="/{lang}"' in front.client.get(f"/manage/nothing{lang}").text
    log_in(front)
    for path, status in ((f"/manage/stations/{FOREIGN}", 403), ("/manage/audit", 403), ("/manage/nothing", 404)):
        refused = front.client.get(path + lang)
        main = refused.text.partition("<main")[2].partition("</main")[0]
        assert (refused.status_code, f'href="/manage{lang}"' in main) == (status, True)
    assert 'href="/manage' not in front.client.get(f"/nothing{lang}").text.partition("<main")[2]
