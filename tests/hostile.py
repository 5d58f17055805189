"""Texts that would like to run, in one place, and how they are entered wherever somebody may type.

Every text of TEXTS may be stored, and is short enough for the shortest field; what is stored of it must come out as
that very text. REFUSED and NOT_UNICODE may not even be stored. TRACES are what is left of a text that came out as
anything else.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import openpyxl

from harbour_api.domain.sheet import defused
from harbour_api.web.wire import local

TEXTS = (
    "</script><img src=x onerror=alert(1)>",
    "</script><script>window.__x=1</script>",
    '"><svg onload=window.__x=1>',
    "'-(window.__x=1)-'",
    "`+alert(1)+`${window.__x=1}",
    "${alert(1)}#{887*887}<%=887*887%>",
    "{{7*7}}{{887*887}}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ this.get_root().render() }}",
    "{{constructor.constructor('__x=1')()}}",
    "{% for x in (1,2) %}alert(1){% endfor %}",
    "{%raw%}{{887*887}}{%endraw%}",
    "{# alert(1) #}",
    "{name} {n} {text} {code} alert(1) $& $1",
    "%s %(n)s %d alert(1) \\1 \\g<0>",
    "');alert(1);('",
    '");alert(1);("',
    "\\');alert(1);//",
    "\\u003cscript>alert(1)\\u003c/script>",
    "<script>alert(1)</script>",
    "<!--<script>alert(1)",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "</title></textarea></style>alert(1)",
    "<iframe srcdoc='<svg onload=alert(1)>'>",
    "<a href=javascript:alert(1)>x</a>",
    "javascript:window.__x=1",
    "<style>*{background:url(//evil.example)}",
    "<base href=//evil.example/>",
    "<x-x onclick=alert(1)>x</x-x>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#123;&#123;887*887&#125;&#125;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "*/alert(1)/*//alert(2)",
    "' onmouseover=alert(1) x='",
    '" autofocus onfocus=alert(1) x="',
    '=HYPERLINK("//evil.example")',
    "שלום <b onclick=alert(1)> مرحبا",
    "\U0001f525 //evil.example/x.js",
)
UNPRINTABLE = (
    "alert(1)\u2028//\u2029alert(2)",
    "\x00\x1b[31malert(1)",
    "//alert(1)\nalert(2)",
    "\u202ealert(1)\u200f",
)
HOSTILE = (*TEXTS, *UNPRINTABLE)  # what no floor may trip over, however it came in
REFUSED = (*UNPRINTABLE, "alert(1)\x00", "alert(1)" * 1250)
NOT_UNICODE = "alert(1)\ud800"
TRACES = (
    "alert(", "__x", "887*887", "786769", "evil.example", "__globals__", "get_root", "constructor", "onerror", "onload",
    "{% ", "{{", "&lt;", "&#", "&amp;", "u003c", "%3C",
)  # fmt: skip
LIST = "/api/v1/stations"
IN_A_REMARK = 4  # texts that a note or a reason has room for
NOTED, SHEETED, SHUT, VISITED = "ZS001", "ZS002", "ZS003", "ZS004"  # each of them has all the texts at once


def station_of(number: int) -> str:
    """The code of the station that is named by text `number`."""
    return f"ZS{number + 1:03}"


def english(text: str) -> str:
    """The text as an English name: never the same as the Chinese one, which pages would show but once."""
    return f"{text} EN"


@dataclass(frozen=True)
class Form:
    """One thing to send."""

    method: str
    path: str
    body: Mapping[str, Any]


def send(client: Any, form: Form, headers: Mapping[str, str]) -> Any:
    """Return the answer a client of any make gets to a form; lone surrogates travel as JSON can write them."""
    known = {"content-type": "application/json", "if-match": "*", **headers}
    return client.request(form.method, form.path, content=json.dumps(form.body), headers=known)


def names(text: str, number: int, amenity: str) -> Iterator[Form]:
    """Yield the forms of the short texts: an amenity's words, a station's names, its address and what is special."""
    special = {"zh": text, "en": english(text)}
    facts = {"name": text, "name_en": english(text), "specials": [special], "address": text}
    yield Form("PATCH", f"/api/v1/amenities/{amenity}", {"zh": text, "en": english(text), "aliases": [text]})
    yield Form("PATCH", f"{LIST}/{station_of(number)}", facts)


def remarks(text: str, number: int, amenity: str, now: datetime) -> Iterator[Form]:
    """Yield the forms of the long texts: an offering's note, why a station is shut, and a visit's note."""
    span = {"from": local(now - timedelta(hours=1)), "to": local(now + timedelta(days=1 + number))}
    note = {"state": "out_of_order" if number % 2 else "yes", "note": text}
    yield Form("PUT", f"{LIST}/{NOTED}/amenities/{amenity}", note)
    yield Form("POST", f"{LIST}/{SHUT}/closures", {**span, "reason": text})
    yield Form("POST", f"{LIST}/{VISITED}/visits", {"audience": "courier", "count": 2, "note": text})


def notice(text: str, now: datetime) -> Form:
    """The notice above all public pages."""
    span = {"from": local(now - timedelta(hours=1)), "to": local(now + timedelta(days=1))}
    return Form("PUT", "/api/v1/notice", {"kind": "heat", **span, "text": text, "text_en": english(text)})


def correction(visit: int, text: str) -> Form:
    """A visit's other count, and why."""
    return Form("POST", f"/api/v1/visits/{visit}/corrections", {"count": 1, "reason": text})


def unlocking(text: str) -> Form:
    """A locked day, opened, and why."""
    return Form("PUT", f"{LIST}/{VISITED}/days/2026-10-01/unlock", {"reason": text})


def plant(client: Any, headers: Mapping[str, str], amenities: Sequence[str], now: datetime) -> None:
    """Enter every text in every field there is: by form, and by sheet."""
    for number, text in enumerate(TEXTS):
        for form in names(text, number, amenities[number]):
            _sent(client, form, headers)
    for number in range(0, len(TEXTS), IN_A_REMARK):
        text = " ".join(TEXTS[number : number + IN_A_REMARK])
        *_, visit = [_sent(client, form, headers) for form in remarks(text, number, amenities[number], now)]
        _sent(client, correction(visit["id"], text), headers)
    _sent(client, unlocking(TEXTS[0]), headers)
    _sent(client, notice(" ".join(TEXTS[:6]), now), headers)
    for kind, sheet in (("stations", _stations()), ("offerings", _notes(amenities)), ("days", _days())):
        taken = client.request("POST", f"/api/v1/imports?kind={kind}", content=sheet, headers=headers)
        assert taken.status_code == 200, taken.text


def _sent(client: Any, form: Form, headers: Mapping[str, str]) -> Any:
    answer = send(client, form, headers)
    assert answer.status_code in (200, 201, 204), (form, answer.text)
    return answer.json() if answer.content else None


def address_of(number: int) -> str:
    """What the sheet says of where station `number` is: another text than its name."""
    return TEXTS[(number + 5) % len(TEXTS)]


def _stations() -> bytes:
    """Every other station gets an address, and a place that somebody knows, so that ways lead there by coordinates."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(("code", "address", "lon", "lat", "datum"))
    for number in range(0, len(TEXTS), 2):
        here = (113.3 + number / 1000, 22.5 + number / 1000, "wgs84")
        book.active.append((station_of(number), defused(address_of(number)), *here))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _notes(amenities: Sequence[str]) -> bytes:
    rows = [(SHEETED, code, "yes", defused(text)) for code, text in zip(amenities, TEXTS, strict=False)]
    return _csv(("station", "amenity", "state", "note"), *rows)


def _days() -> bytes:
    """The visits that were logged by form come to another sum, and why."""
    return _csv(("station", "day", "total", "reason"), (VISITED, "2026-11-23", 3, TEXTS[0]))


def _csv(*rows: Sequence[Any]) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()
