"""Pages as whoever attacks them reads them: the forms they offer, and whatever on them is more than text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from tests.conftest import MONDAY_MORNING
from tests.hostile import REFUSED, TEXTS, TRACES

NOT_UTF8 = "%ED%A0%80alert(1)%FF%C0"  # as it travels; what is read of it has signs for what could not be read

TODAY = MONDAY_MORNING.date()
ALIEN = {"base", "embed", "iframe", "img", "object", "x-x"}
LEADS = {"action", "formaction", "href", "src"}
RUNS = re.compile(r"\s*(javascript|data|vbscript):", re.IGNORECASE)
TELLING = re.compile("|".join(map(re.escape, TRACES)))
WHOLE = sorted(
    {
        form
        for text in (*TEXTS, *REFUSED, unquote(NOT_UTF8))
        for form in (text, json.dumps(text, ensure_ascii=False)[1:-1])
    },
    key=len,
    reverse=True,
)


@dataclass(frozen=True)
class Field:
    """What a form sends under one name: by its kind a plausible value where the page leaves it empty."""

    name: str
    kind: str
    value: str

    @property
    def noun(self) -> str:
        """The name without what it is about: `note-wifi` and `note-toilet` are one."""
        return re.sub(r"-(?:[a-z_]+|\d+)(?:-\d+)?$", "", self.name)


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    page: str = ""  # where it stands

    def filled(self, turn: int = 0) -> dict[str, str]:
        """What a browser would send by the first button, had somebody filled in the rest: each turn for another day."""
        coming = (TODAY + timedelta(days=turn)).isoformat()
        fields = [one for one in reversed(self.fields) if one.kind != "file"]
        return {one.name: coming if one.kind == "coming" else one.value for one in fields}

    @property
    def purpose(self) -> tuple[str, frozenset[str]]:
        """What it is for: the same on every page and of every amenity, day or account."""
        told = next((one.value for one in self.fields if one.name == "do"), "")
        return told, frozenset(one.noun for one in self.fields)

    def of_each_noun(self) -> Iterator[Field]:
        """Yield one field of each noun."""
        yield from {one.noun: one for one in reversed(self.fields) if one.kind != "file"}.values()


class Reading(HTMLParser):
    """One page, read: `forms`, what it `said`, and what on it is `odd`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.odd: list[str] = []
        self.said: list[str] = []
        self.is_refusal = False
        self._within: dict[str, dict[str, str]] = {}  # the open script, style, textarea and select
        self.feed(html)
        self.close()

    @property
    def posted(self) -> list[Form]:
        return [form for form in self.forms if form.method == "post"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        preview = tag == "iframe" and "embed-preview" in told.get("class", "")
        if (tag in ALIEN and not preview) or (tag == "script" and not {"src", "type"} & told.keys()):
            self.odd.append(f"{tag} {told}")
        self.is_refusal |= told.get("role") == "alert" or "problem" in told.get("class", "")
        for name, value in told.items():
            self._attribute(name, value)
        if tag in ("script", "textarea", "select"):
            self._within[tag] = told
        if tag == "form":
            self.forms.append(Form(told.get("action", ""), told.get("method", "get").lower()))
        self._field(tag, told)

    def _attribute(self, name: str, value: str) -> None:
        if name.startswith("on") or name == "srcdoc" or (name in LEADS and RUNS.match(value) and value != "data:,"):
            self.odd.append(f"{name}={value}")
        if name not in LEADS and not value.startswith("/"):
            self.said.append(value)

    def _field(self, tag: str, told: dict[str, str]) -> None:
        if not self.forms:
            return
        fields = self.forms[-1].fields
        if tag == "option" and "select" in self._within:
            if name := self._within["select"].get("name"):
                fields.append(Field(name, "select", told.get("value", "")))
        elif told.get("name") and tag in ("input", "button", "textarea"):
            kind = {"button": "submit", "textarea": "textarea"}.get(tag) or told.get("type", "text")
            kind = "coming" if kind == "date" and "max" not in told else kind
            fields.append(Field(told["name"], kind, _plausible(kind, told, len(fields))))

    def handle_endtag(self, tag: str) -> None:
        self._within.pop(tag, None)

    def handle_data(self, data: str) -> None:
        if (script := self._within.get("script")) is not None:
            if "json" in script.get("type", ""):
                self.said.extend(_strings(json.loads(data)))
        else:
            self.said.append(data)
        if (area := self._within.get("textarea")) is not None and area.get("name"):
            fields = self.forms[-1].fields
            fields[-1] = replace(fields[-1], value=data.removeprefix("\n"))

    def handle_comment(self, data: str) -> None:
        self.said.append(data)

    @cached_property
    def faults(self) -> list[str]:
        """What is more than text, and what is left of a text that came out as anything else."""
        left = (_without_texts(one) for one in set(self.said) if TELLING.search(one))
        return [*self.odd, *(rest[:300] for rest in left if TELLING.search(rest))]

    def shows(self, text: str) -> bool:
        return any(text in one for one in self.said)


def _plausible(kind: str, told: dict[str, str], n_before: int) -> str:
    """What somebody would fill in: one more where a number stands, and moments later than the ones before."""
    value, is_figure = told.get("value", ""), told.get("inputmode") == "numeric"
    if value or ("required" not in told and kind not in ("checkbox", "radio")):
        return str(int(value) + 1) if is_figure and value.isdigit() else value
    hour = 10 + n_before % 12
    by_kind = {
        "date": told.get("max", ""),
        "time": f"{hour}:00",
        "datetime-local": f"{TODAY}T{hour}:00",
        "checkbox": "on",
    }
    return by_kind.get(kind, "a long enough password" if kind == "password" else "3" if is_figure else "word")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inner: Iterable[Any] = (
        value.items() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    )
    for one in inner:
        yield from _strings(one)


def _without_texts(text: str) -> str:
    for whole in WHOLE:
        text = text.replace(whole, "")
    return text
