"""Refusals: one shape for programs, one page for people, a reference in each, and nothing of what was sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.routing import Route

from tests.conftest import PASSWORD
from tests.web.conftest import FOREIGN, OWN, Front

MARK = "zqmarkzq"
LIST = "/api/v1/stations"
JSON = {"content-type": "application/json"}
SECURE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
}
CALLS: dict[int, Callable[[Front], Any]] = {
    401: lambda f: f.client.get("/api/v1/me", headers={"authorization": f"Bearer {MARK}"}),
    403: lambda f: f.client.patch(f"{LIST}/{FOREIGN}", json={"name": MARK}, headers={**f.manager, "if-match": "*"}),
    404: lambda f: f.client.get(f"{LIST}/{MARK}"),
    405: lambda f: f.client.put(f"{LIST}/{OWN}", json={"name": MARK}),
    409: lambda f: f.client.post(
        LIST,
        json={"cnaps": "105603000024", "name": MARK, "name_en": MARK, "town": "442000001", "lon": 113.4, "lat": 22.5},
        headers=f.administrator,
    ),
    412: lambda f: f.client.patch(f"{LIST}/{OWN}", json={"name": MARK}, headers={**f.manager, "if-match": f'"{MARK}"'}),
    413: lambda f: f.client.patch(
        f"{LIST}/{OWN}", content=MARK.encode() * 150_000, headers={**f.manager, **JSON, "if-match": "*"}
    ),
    422: lambda f: f.client.post(
        f"{LIST}/{OWN}/visits", json={"audience": MARK, "count": MARK, "note": MARK + "\n"}, headers=f.manager
    ),
    428: lambda f: f.client.patch(f"{LIST}/{OWN}", json={"name": MARK}, headers=f.manager),
}
PAGES: dict[int, Callable[[Front], Any]] = {
    400: lambda f: f.client.get(f"/?amenity={MARK}"),
    403: lambda f: f.client.post("/logout", headers={"sec-fetch-site": "cross-site", "origin": f"https://{MARK}"}),
    404: lambda f: f.client.get(f"/{MARK}"),
    405: lambda f: f.client.put(f"/map?x={MARK}"),
    413: lambda f: f.client.post(
        "/login",
        content=b"username=" + MARK.encode() * 150_000,
        headers={"content-type": "application/x-www-form-urlencoded"},
    ),
}


def test_other_sites_may_read_the_refusals_of_public_reads_and_of_nothing_else(front: Front) -> None:
    public = [f"{LIST}/{MARK}", f"{LIST}?limit={MARK}", f"{LIST}/nearest", "/oembed"]
    managers = ["/api/v1/me", "/api/v1/reports", "/api/v1/statistics/visits?from=1", f"{LIST}/{OWN}/visits"]
    told = {path: front.client.get(path) for path in public + managers}
    assert all(answer.status_code >= 400 for answer in told.values())
    assert [path for path, answer in told.items() if "access-control-allow-origin" in answer.headers] == public
    assert "access-control-allow-origin" not in front.client.put(f"{LIST}/{OWN}").headers


def assert_one_shape(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body.keys() - {"errors"} == {"type", "title", "status", "detail", "reference"}
    assert body["status"] == status
    assert body["type"].startswith("/problems/")
    assert re.fullmatch(r"[0-9a-f]{12}", body["reference"])
    assert body["title"]
    assert body["detail"]
    for fault in body.get("errors", ()):
        assert fault["detail"]
        assert ("pointer" in fault) != ("parameter" in fault)
    assert MARK not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("status", CALLS)
def test_every_refusal_has_one_shape_and_echoes_nothing(front: Front, status: int) -> None:
    answer = CALLS[status](front)
    assert_one_shape(answer, status)
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
    if status == 405:
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("status", PAGES)
def test_a_page_is_refused_with_a_page(front: Front, status: int) -> None:
    answer = PAGES[status](front)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert MARK not in re.sub(r'href="\?[^"]*"', "", answer.text), "but for the same address in the other language"
    assert re.search(r"[0-9a-f]{12}", answer.text)


def test_too_many_tries_to_log_in_are_told_when_to_come_back(front: Front) -> None:
    for _ in range(5):
        answer = front.client.post("/api/v1/sessions", json={"username": MARK, "password": MARK})
        assert_one_shape(answer, 401)
    answer = front.client.post("/api/v1/sessions", json={"username": MARK, "password": MARK})
    assert_one_shape(answer, 429)
    assert int(answer.headers["retry-after"]) > 0


def test_an_unknown_user_reads_the_same_as_a_wrong_password(front: Front) -> None:
    told = [
        front.client.post("/api/v1/sessions", json={"username": name, "password": MARK}).json()
        for name in ("desk", "nobody", "nobody\0", "\U0001f525")
    ]
    assert all({**answer, "reference": ""} == {**told[0], "reference": ""} for answer in told)


class Broken:
    """A picture that fails whatever is asked of it, and says so in words that nobody outside may read."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"{MARK} {PASSWORD}")


@pytest.fixture
def broken(own_front: Front) -> Iterator[Front]:
    registry = own_front.house.registry
    registry.close()
    kept, registry._network = registry.network, Broken()  # type: ignore[assignment]
    yield own_front
    registry._network = kept


def test_a_fault_of_ours_says_where_the_log_has_it_and_no_more(broken: Front) -> None:
    for path in (f"{LIST}/{OWN}", f"{LIST}/nearest?lon=1&lat=1", LIST):
        answer = broken.client.get(path)
        assert_one_shape(answer, 500)
        assert SECURE.items() <= dict(answer.headers).items()
    page = broken.client.get("/")
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert MARK not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def routes(front: Front) -> Iterator[tuple[str, str]]:
    for route in front.app.routes:
        found = [route] if isinstance(route, Route) else _inner(route)
        for inner in found:
            path = re.sub(r"\{code\}", OWN, inner.path)
            path = re.sub(r"\{\w+\}", "x", path)
            yield from ((method, path) for method in sorted(inner.methods or {"GET"}))


def _inner(route: Any) -> list[Any]:
    """The routes of an included router, however deep FastAPI keeps them."""
    context = getattr(route, "original_router", None) or getattr(route, "router", None)
    return list(getattr(context, "routes", ())) if context is not None else []


def test_every_answer_of_every_route_carries_the_security_headers(front: Front) -> None:
    asked = list(routes(front))
    assert len(asked) > 20, asked
    assert ("GET", "/manage/map") in asked
    assert ("POST", f"{LIST}/{OWN}/visits") in asked
    for method, path in [*asked, ("GET", "/nowhere"), ("GET", "/api/nowhere"), ("OPTIONS", LIST), ("TRACE", "/")]:
        answer = front.client.request(method, path)
        # The address of a tally pad is its secret: it alone is told to no other site at all.
        secure = SECURE | ({"referrer-policy": "no-referrer"} if path.startswith("/t/") else {})
        assert secure.items() <= dict(answer.headers).items(), (method, path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert ("frame-ancestors 'none'" in policy) == (path != "/embed")
        assert "unsafe" not in policy
        assert answer.status_code < 500, (method, path)
        assert "server" not in answer.headers


@pytest.mark.parametrize("host", ["[", "x y", "a/b?c#d", "[::1", "\xff", "", "x" * 5000])
def test_a_hostile_host_header_breaks_nothing(front: Front, host: str) -> None:
    for method, path in (
        ("GET", LIST),
        ("GET", "/nowhere"),
        ("GET", "/api/nowhere"),
        ("GET", "/manage"),
        ("POST", "/login"),
    ):
        answer = front.client.request(method, path, headers={b"host": host.encode("latin-1")})
        assert answer.status_code < 500, (method, path)


def test_a_body_of_nothing_but_faults_gets_a_small_answer(front: Front) -> None:
    body = "{" + ",".join(f'"{number:06}":1' for number in range(90_000)) + "}"
    headers = {**front.manager, **JSON, "if-match": "*"}
    answer = front.client.patch(f"{LIST}/{OWN}", content=body, headers=headers)
    assert answer.status_code == 422
    assert len(answer.content) < 10_000


def test_only_public_reads_are_open_to_scripts_of_other_sites(front: Front) -> None:
    for path in ("/api/v1/me", f"{LIST}/{OWN}/visits", f"{LIST}/{OWN}/days"):
        answer = front.client.get(path, headers={**front.manager, "origin": "https://elsewhere.example"})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/stations"])
def test_a_name_a_stranger_made_up_at_length_is_not_told_back(front: Front, path: str) -> None:
    name = "n" * 4_000

    assert name not in front.client.get(path, params={name: "1"}).text.split("</header>")[-1]
