"""Who may do what: every operation of the API and every page of the desk, asked by everybody there is.

The operations come from the OpenAPI document, so that a new one without a rule fails here. Each is asked with a
parameter nobody knows and a body nobody can read: whoever may ask is told so (422, on a page 400) and nothing happens;
whoever may not is refused before anything of the request was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import pytest

from tests.conftest import PASSWORD, bearer
from tests.web.conftest import FOREIGN, OWN, Front

IN = 0  # may ask: the request itself is what is found fault with
ASKERS = ("anonymous", "own manager", "other manager", "tally link", "administrator")
SAFE = ("GET", "HEAD")


class Rule(Enum):
    """What each of ASKERS is answered."""

    PUBLIC = (IN, IN, IN, IN, IN)
    SESSION = (401, IN, IN, 403, IN)
    OWN_STATION = (401, IN, 403, 403, IN)
    OWN_REPORT = (401, IN, 404, 403, IN)  # of another station's not even that it exists
    SENDER = (401, IN, 403, IN, IN)
    ADMINISTRATOR = (401, 403, 403, 403, IN)

    def answers(self, asker: str) -> int:
        return self.value[ASKERS.index(asker)]


API: dict[str, dict[str, Rule]] = {
    "/stations": {"GET": Rule.PUBLIC, "POST": Rule.ADMINISTRATOR},
    "/stations/nearest": {"GET": Rule.PUBLIC},
    "/stations/{code}": {"GET": Rule.PUBLIC, "PATCH": Rule.OWN_STATION},
    "/stations/{code}/navigation": {"GET": Rule.PUBLIC},
    "/stations/{code}/history": {"GET": Rule.OWN_STATION},
    "/stations/{code}/history/{id}/take-back": {"POST": Rule.OWN_STATION},
    "/stations/{code}/amenities/{amenity}": {"PUT": Rule.OWN_STATION, "DELETE": Rule.OWN_STATION},
    "/stations/{code}/closures": {"GET": Rule.OWN_STATION, "POST": Rule.OWN_STATION},
    "/stations/{code}/closures/{id}": {"DELETE": Rule.OWN_STATION},
    "/stations/{code}/verification": {"POST": Rule.OWN_STATION},
    "/stations/{code}/visits": {"GET": Rule.OWN_STATION, "POST": Rule.SENDER},
    "/stations/{code}/visits/batch": {"POST": Rule.SENDER},
    "/stations/{code}/days": {"GET": Rule.OWN_STATION},
    "/stations/{code}/days/{day}": {"PUT": Rule.OWN_STATION},
    "/stations/{code}/days/{day}/unlock": {"PUT": Rule.ADMINISTRATOR, "DELETE": Rule.ADMINISTRATOR},
    "/stations/{code}/tally-links": {"GET": Rule.OWN_STATION, "POST": Rule.OWN_STATION},
    "/stations/{code}/tally-links/{id}": {"DELETE": Rule.OWN_STATION},
    "/stations/{code}/reports": {"POST": Rule.PUBLIC},
    "/visits/{id}/corrections": {"POST": Rule.OWN_STATION},
    "/reports": {"GET": Rule.SESSION},
    "/reports/{id}": {"PATCH": Rule.OWN_REPORT},
    "/amenities": {"GET": Rule.PUBLIC, "POST": Rule.ADMINISTRATOR},
    "/amenities/{amenity}": {"PATCH": Rule.ADMINISTRATOR},
    "/towns": {"GET": Rule.PUBLIC},
    "/audiences": {"GET": Rule.PUBLIC},
    "/coverage": {"GET": Rule.PUBLIC},
    "/statistics/visits": {"GET": Rule.SESSION},
    "/notice": {"GET": Rule.SESSION, "PUT": Rule.ADMINISTRATOR, "DELETE": Rule.ADMINISTRATOR},
    "/sessions": {"POST": Rule.PUBLIC, "DELETE": Rule.SESSION},
    "/sessions/current": {"DELETE": Rule.SESSION},
    "/me": {"GET": Rule.SESSION},
    "/me/password": {"PUT": Rule.SESSION},
    "/me/second-factor": {"POST": Rule.SESSION, "PUT": Rule.SESSION, "DELETE": Rule.SESSION},
    "/imports": {"POST": Rule.SESSION},  # rows of other stations are rejected one by one
    "/exports/{kind}.{form}": {"GET": Rule.SESSION},  # of one's own stations
    "/managers": {"GET": Rule.ADMINISTRATOR, "POST": Rule.ADMINISTRATOR},
    "/managers/{username}": {"PATCH": Rule.ADMINISTRATOR},
    "/audit": {"GET": Rule.ADMINISTRATOR},
}
DESK: dict[str, dict[str, Rule]] = {
    "": {"GET": Rule.SESSION},
    "/map": {"GET": Rule.SESSION},
    "/map.js": {"GET": Rule.SESSION},
    "/me": {"GET": Rule.SESSION, "POST": Rule.SESSION},
    "/statistics": {"GET": Rule.SESSION},
    "/transfer": {"GET": Rule.SESSION, "POST": Rule.SESSION},
    "/stations/{code}": {"GET": Rule.OWN_STATION, "POST": Rule.SENDER},
    "/stations/{code}/pad": {"GET": Rule.OWN_STATION},
    "/stations/{code}/days": {"GET": Rule.OWN_STATION, "POST": Rule.OWN_STATION},
    "/stations/{code}/days/unlock": {"POST": Rule.ADMINISTRATOR},
    "/stations/{code}/days/lock": {"POST": Rule.ADMINISTRATOR},
    "/stations/{code}/days/{day}": {"GET": Rule.OWN_STATION, "POST": Rule.OWN_STATION},
    "/stations/{code}/days/{day}/visits/{id}": {"POST": Rule.OWN_STATION},
    "/stations/{code}/links": {"GET": Rule.OWN_STATION, "POST": Rule.OWN_STATION},
    "/stations/{code}/links/{id}/withdraw": {"POST": Rule.OWN_STATION},
    "/stations/{code}/facts": {"GET": Rule.OWN_STATION, "POST": Rule.OWN_STATION},
    "/stations/{code}/amenities": {"POST": Rule.OWN_STATION},
    "/stations/{code}/closures": {"POST": Rule.OWN_STATION},
    "/stations/{code}/closures/{id}/remove": {"POST": Rule.OWN_STATION},
    "/stations/{code}/place": {"GET": Rule.OWN_STATION, "POST": Rule.OWN_STATION},
    "/stations/{code}/place.js": {"GET": Rule.OWN_STATION},
    "/stations/{code}/hours": {"GET": Rule.OWN_STATION, "POST": Rule.OWN_STATION},
    "/stations/{code}/history": {"GET": Rule.OWN_STATION},
    "/stations/{code}/history/{id}/take-back": {"POST": Rule.OWN_STATION},
    "/round": {"GET": Rule.SESSION},
    "/reports": {"GET": Rule.SESSION},
    "/reports/{id}": {"POST": Rule.OWN_REPORT},
    "/amenities": {"GET": Rule.ADMINISTRATOR, "POST": Rule.ADMINISTRATOR},
    "/amenities/{amenity}": {"POST": Rule.ADMINISTRATOR},
    "/accounts": {"GET": Rule.ADMINISTRATOR, "POST": Rule.ADMINISTRATOR},
    "/accounts/{username}": {"GET": Rule.ADMINISTRATOR, "POST": Rule.ADMINISTRATOR},
    "/audit": {"GET": Rule.ADMINISTRATOR},
    "/notice": {"GET": Rule.ADMINISTRATOR, "POST": Rule.ADMINISTRATOR},
    "/notice/end": {"POST": Rule.ADMINISTRATOR},
}
NAMED = {"day": "2026-11-20", "username": "desk", "amenity": "wifi", "kind": "stations", "form": "csv"}
UNDESCRIBED = {"/manage/map.js", "/manage/stations/{code}/place.js", "/manage/stations/{code}/pad"}  # parts of pages
RULES = {f"/api/v1{path}": rules for path, rules in API.items()} | {
    f"/manage{path}": rules for path, rules in DESK.items()
}
OPERATIONS = [(method, path, rule) for path, rules in RULES.items() for method, rule in rules.items()]


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")


@pytest.fixture(scope="module")
def askers(shared: Front) -> dict[str, dict[str, str]]:
    """The headers that each of ASKERS comes with."""
    shared.house.accounts.add_manager("elsewhere", PASSWORD, stations=[FOREIGN])
    link = shared.client.post(f"/api/v1/stations/{OWN}/tally-links", headers=shared.manager).json()
    other = shared.house.accounts.log_in("elsewhere", PASSWORD, address="test").token
    return {
        "anonymous": {},
        "own manager": shared.manager,
        "other manager": bearer(other),
        "tally link": bearer(link["secret"]),
        "administrator": shared.administrator,
    }


@pytest.fixture(scope="module")
def ids(shared: Front) -> dict[str, str]:
    """What of OWN there is to name, by the collection it is in."""
    station, visit = f"/api/v1/stations/{OWN}", {"audience": "courier", "count": 1}
    report = shared.client.post(f"{station}/reports", json={"kind": "closed"}).json()
    entry = shared.client.post(f"{station}/visits", json=visit, headers=shared.manager).json()
    link = shared.client.post(f"{station}/tally-links", headers=shared.manager).json()
    shut = {"from": "2026-12-01T09:00:00+08:00", "to": "2026-12-01T12:00:00+08:00", "reason": "-"}
    closure = shared.client.post(f"{station}/closures", json=shut, headers=shared.manager).json()
    line = shared.client.get(f"{station}/history", headers=shared.manager).json()["history"][0]
    made = {"reports": report, "visits": entry, "tally-links": link, "closures": closure, "history": line}
    made["links"] = link  # on the desk's pages
    return {collection: str(one["id"]) for collection, one in made.items()}


def ask(front: Front, method: str, path: str, ids: dict[str, str], headers: dict[str, str], **more: Any) -> int:
    """The status of the answer to a request that nobody could grant."""
    collection = path.partition("/{id}")[0].rpartition("/")[2]
    code = more.pop("code", OWN)
    named = path.format(code=code, id=ids.get(collection, ""), **NAMED)
    kind = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
    query = more.pop("query", "?nobody_knows=1")
    front.client.cookies.clear()
    asked = front.client.request(method, named + query, content=b"{", headers={"content-type": kind, **headers}, **more)
    return int(asked.status_code)


def granted(path: str) -> int:
    return 422 if path.startswith("/api/") else 400


def test_every_operation_has_a_rule_and_every_rule_an_operation(front: Front) -> None:
    document = front.client.get("/openapi.json").json()["paths"]
    described = {
        (method.upper(), path)
        for path, item in document.items()
        if path.startswith(("/api/v1/", "/manage"))
        for method in item
    }
    assert described == {(method, path) for method, path, _ in OPERATIONS if path not in UNDESCRIBED}


@pytest.mark.parametrize("asker", ASKERS)
def test_everybody_may_do_what_the_rules_say_and_nothing_else(
    front: Front, askers: dict[str, dict[str, str]], ids: dict[str, str], asker: str
) -> None:
    wanted = {(method, path): rule.answers(asker) or granted(path) for method, path, rule in OPERATIONS}
    found = {(method, path): ask(front, method, path, ids, askers[asker]) for method, path in wanted}
    assert found == wanted


@pytest.mark.parametrize("asker", ASKERS)
def test_a_station_that_is_not_there_is_not_there_before_it_is_nobody_elses(
    front: Front, askers: dict[str, dict[str, str]], ids: dict[str, str], asker: str
) -> None:
    """The order is 401, 404, 403, 422. A tally link may do one thing only, so that all else is refused to it first."""

    def first(rule: Rule) -> int:
        kept_out = asker == "anonymous" or (asker == "tally link" and rule is not Rule.SENDER)
        return 404 if rule is Rule.PUBLIC or not kept_out else rule.answers(asker)

    of_stations = [operation for operation in OPERATIONS if "{code}" in operation[1]]
    wanted = {(method, path): first(rule) for method, path, rule in of_stations}
    found = {
        (method, path): ask(front, method, path, ids, askers[asker], code="ZS999", query="") for method, path in wanted
    }
    assert found == wanted


def test_no_other_site_can_have_a_browser_change_anything(front: Front, ids: dict[str, str]) -> None:
    session = front.house.accounts.log_in("chief", PASSWORD, address="test")
    foreign = {"cookie": f"harbour={session.token}", "sec-fetch-site": "cross-site"}
    changes = [(method, path) for method, path, rule in OPERATIONS if method not in SAFE and rule is not Rule.PUBLIC]
    found = {(method, path): ask(front, method, path, ids, foreign) for method, path in changes}
    assert found == dict.fromkeys(changes, 403)
