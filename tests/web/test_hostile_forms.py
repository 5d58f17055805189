"""Whatever is typed into any form, or written into any page's address, is text or is refused in words.

The forms are those that the pages show, found by the application's own list of pages, and those that only an answer to
a form shows: a new form is met by itself. Not every text meets every field, which would be ten thousand posts. Every
line that a person types into meets a text of every class (markup, templates, the rest, what is no line of text), every
other field (a hidden one, a choice, a moment, a password) one of them, and every kind of field meets every text. What
is refused has changed nothing; what is taken is to be seen where the form leads or in the audit.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest

from harbour_api.domain.problems import NotLoggedIn
from tests.conftest import PASSWORD, bearer
from tests.hostile import REFUSED, TEXTS
from tests.web.conftest import OWN, Front
from tests.web.forms import NOT_UTF8, Field, Form, Reading

DAY, TOWN = "2026-11-20", "442000001"
PAGE = {"accept": "text/html,*/*;q=0.5", "content-type": "application/x-www-form-urlencoded"}
MARKUP = [text for text in TEXTS if "<" in text]
TEMPLATES = [text for text in TEXTS if "{" in text and "<" not in text]
OTHERS = [text for text in TEXTS if "{" not in text and "<" not in text]
CLASSES = (MARKUP, TEMPLATES, OTHERS, (*REFUSED, NOT_UTF8))
KINDS = {"text": "line", "textarea": "line", "search": "line", "tel": "line", "password": "password"}
KINDS |= dict.fromkeys(("coming", "date", "time", "datetime-local"), "moment")  # all others are a choice, or hidden
STRANGERS = ("/login", "/t/")  # asked without a log-in
STATION = "/manage/stations/{code}"
TAKEN = {  # fields that took a text of the corpus when this was written
    *(f"{STATION}/facts {name}" for name in ("name", "name_en", "address")),
    *(f"/manage/amenities/{{amenity}} {name}" for name in ("zh", "en", "aliases")),
    *("/manage/notice text", "/manage/notice text_en"),
    *(f"{STATION}/{form} reason" for form in ("closures", "days/unlock", "days/{day}/visits/{id}")),
}
Key = tuple[str, Any]  # of a form: where it goes, and what for


@dataclass
class Asker:
    """An administrator at the desk: the forms that its pages showed so far, and what came of sending them."""

    front: Front
    database: sqlite3.Connection
    secret: str
    forms: dict[Key, Form] = field(default_factory=dict)
    token: str = ""
    turns: Iterator[int] = field(default_factory=count)
    taken: dict[str, bool] = field(default_factory=dict)  # lines that took a text: whether it was then to be seen
    wrong: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.paths: dict[str, Any] = self.front.client.get("/openapi.json").json()["paths"]
        self.routes = {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in self.paths}

    def request(self, method: str, address: str, **more: Any) -> Any:
        known = {} if address.startswith(STRANGERS) else bearer(self.token)
        answer = self.front.client.request(method, address, headers={**PAGE, **known}, **more)
        assert answer.status_code < 500, (method, address[:200], more)
        return answer

    def come_in(self) -> None:
        """Log the administrator in, again where a form has logged out."""
        accounts = self.front.house.accounts
        try:
            accounts.who(self.token)
        except NotLoggedIn:
            self.token = accounts.log_in("chief", PASSWORD, address="test").token

    def pages(self) -> list[str]:
        """Every page that the application lists, of one station, account, town, day and link each."""
        known = {"code": OWN, "username": "desk", "day": DAY, "town": TOWN, "secret": self.secret}
        return [path.format(**known) for path, told in self.paths.items() if "text/html" in _media(told)]

    def parameters(self, page: str) -> set[str]:
        """What a page may be asked: as its description and its own forms have it, and what no page is."""
        told = self.paths[self._route(page)]["get"].get("parameters", ())
        asked = {name for form in self.look(page).forms if form.method == "get" for name in form.filled()}
        return {*asked, *(one["name"] for one in told if one["in"] == "query"), "lang", "unheard"}

    def look(self, page: str) -> Reading:
        """Open a page; its forms are as they stand now."""
        reading = self.read(page, self.request("GET", page))
        self.forms |= {self._key(form): form for form in reversed(reading.posted)}
        return reading

    def read(self, address: str, answer: Any) -> Reading:
        """Read an answer, and keep the forms on it that are of another purpose than all before."""
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        reading = Reading(answer.text if is_page else "")
        self.wrong += [(address[:200], fault) for fault in reading.faults]
        for form in reading.posted:
            form.page, form.action = address, urljoin(address, form.action)
            self.forms.setdefault(self._key(form), form)
        return reading

    def _key(self, form: Form) -> Key:
        return self._route(urlsplit(form.action).path), form.purpose

    def _route(self, path: str) -> str:
        """The address of the application's list that an address is one of."""
        fitting = [one for one, pattern in self.routes.items() if pattern.fullmatch(path)]
        return min(fitting, key=lambda one: one.count("{"), default=path)

    def send(self, key: Key, name: str = "", text: str = "") -> None:
        """Send a form, with this text in that field, and look at what comes of it."""
        self.come_in()
        form, before = self.forms[key], self._writes()
        content = _encoded(form.filled(next(self.turns)), name, text)
        answer = self.request("POST", form.action, content=content)
        reading = self.read(form.action, answer)
        if answer.status_code < 400:
            self._follow(form, name, text, answer, reading)
        elif not reading.is_refusal or self._writes() != before:
            self.wrong.append((form.action, name, text[:40], answer.status_code, "wordless, or with an effect"))

    def _follow(self, form: Form, name: str, text: str, answer: Any, reading: Reading) -> None:
        """Look where an answer leads, and at the page on which the form stands."""
        leads = urljoin(form.action, answer.headers.get("location", form.page))
        pages = {urlsplit(page).path: page for page in (form.page, leads)}
        seen = [reading, *map(self.look, pages.values())]
        if any(one.name == name and KINDS.get(one.kind) == "line" for one in form.fields):
            where = f"{self._key(form)[0]} {name}"
            is_seen = any(one.shows(text) for one in seen) or self.look("/manage/audit").shows(text)
            self.taken[where] = self.taken.get(where, False) or is_seen

    def _writes(self) -> int:
        """A number that changes with every write to the database."""
        number: int = self.database.execute("PRAGMA data_version").fetchone()[0]
        return number


def _media(told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = told.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
    return found


def _encoded(sent: dict[str, str], name: str, text: str) -> bytes:
    if text != NOT_UTF8:
        return urlencode({**sent, **({name: text} if name else {})}).encode()
    del sent[name]
    return f"{urlencode(sent)}&{quote(name)}={NOT_UTF8}".encode()


@pytest.fixture(scope="module")
def asker(fronts: Callable[..., Iterator[Front]]) -> Iterator[Asker]:
    """The forms are before any database; each of the pages has something to show."""
    for front in fronts("sqlite"):
        station = f"/api/v1/stations/{OWN}"
        made = front.client.post(f"{station}/tally-links", headers=front.administrator).json()
        visit = {"audience": "courier", "count": 2, "occurred_at": f"{DAY}T10:00:00+08:00"}
        front.client.post(f"{station}/visits", json=visit, headers=front.administrator)
        front.client.post(f"{station}/reports", json={"kind": "closed"})
        unlocking = {"reason": "recount"}
        front.client.put(f"{station}/days/2026-10-01/unlock", json=unlocking, headers=front.administrator)
        with closing(sqlite3.connect(front.url.removeprefix("sqlite:///"))) as database:
            asker = Asker(front, database, made["secret"])
            asker.come_in()
            yield asker


def every_field(asker: Asker) -> Iterator[tuple[Key, Field]]:
    """Send every form as it stands, those that come to light meanwhile included, and yield its fields."""
    done: set[Key] = set()
    while waiting := asker.forms.keys() - done:
        for key in sorted(waiting, key=str):
            done.add(key)
            asker.send(key)
            yield from ((key, one) for one in asker.forms[key].of_each_noun())


def test_what_is_typed_into_any_field_of_any_form_is_text_or_refused(asker: Asker) -> None:
    for page in asker.pages():
        asker.look(page)
    turns = {kind: [cycle(texts) for texts in CLASSES] for kind in ("line", "password", "moment", "choice")}
    fields: dict[str, list[tuple[Key, str]]] = defaultdict(list)
    met: dict[str, set[str]] = defaultdict(set)
    for key, one in every_field(asker):
        kind = KINDS.get(one.kind, "choice")
        fields[kind].append((key, one.name))
        chosen = turns[kind] if kind == "line" else [turns[kind][len(fields[kind]) % len(CLASSES)]]
        for text in map(next, chosen):
            met[kind].add(text)
            asker.send(key, one.name, text)
    for kind, of_kind in fields.items():
        left = [text for texts in CLASSES for text in texts if text not in met[kind]]
        for text, (key, name) in zip(left, cycle(of_kind), strict=False):
            asker.send(key, name, text)

    assert asker.wrong == []
    assert {where for where, is_seen in asker.taken.items() if is_seen} == asker.taken.keys() >= TAKEN
    assert len(asker.forms) >= 40


def test_what_is_written_into_any_pages_address_is_text_or_refused(asker: Asker) -> None:
    texts, n_asked, before = cycle((*TEXTS, *REFUSED[:-1])), 0, len(asker.wrong)
    for page in asker.pages():
        for name in asker.parameters(page):
            for query in (f"{name}={quote(next(texts))}", f"{name}={NOT_UTF8}"):
                asker.read(page, asker.request("GET", f"{page}?{query}"))
                n_asked += 1

    assert asker.wrong[before:] == []
    assert n_asked > 200
