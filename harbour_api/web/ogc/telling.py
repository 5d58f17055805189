"""How an answer of the geospatial door is told: as JSON to a program or as a page to a person, each with links to the
other.

One rule: both forms tell the same members. A document is made once, by whoever knows what to say, and told twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from harbour_api.domain.problems import Fault, Invalid, Problem
from harbour_api.web.answers import public
from harbour_api.web.house import House
from harbour_api.web.ogc.seen import Seen
from harbour_api.web.templates_env import render, switch_links
from harbour_api.web.wire import GEOJSON, JSON, dumps
from harbour_api.web.words import Words, mark

ROOT = "/ogc"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
SHARED = ("f", "lang")  # what every address of the door may be asked
JSON_TYPES = frozenset({JSON, GEOJSON, OPENAPI.partition(";")[0], "application/openapi+json"})
LONGEST_ACCEPT = 2_000
AS_PAGE, AS_JSON = mark("网页"), mark("JSON")
_ACCEPTED = re.compile(r"\s*([\w!#$&^.+*-]+/[\w!#$&^.+*-]+)\s*((?:;[^,]*)?)", re.ASCII)
_WEIGHT = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.ASCII | re.IGNORECASE)
Pairs = Iterable[tuple[str, str]]
Document = dict[str, Any]


class Form(StrEnum):
    """What `f` may be."""

    JSON = "json"
    HTML = "html"


class NotAcceptable(Problem):
    """The asker takes none of the media types there are; only HTTP knows this one."""

    status, slug, title = 406, "not-acceptable", "Nothing here has a media type you take"


@dataclass(frozen=True, slots=True)
class Telling:
    """What one answer is told from, its form and language, and its links: absolute in JSON, within the site on a page.

    A page is in its reader's language; JSON, whose reader is a program with a reader of its own, says both.
    """

    seen: Seen
    form: Form
    words: Words
    public_url: str

    @classmethod
    def asked(cls, request: Request, house: House, seen: Seen, *known: str) -> Telling:
        """Return how a request wants to be answered; Invalid where it asks what `known` and the door do not name."""
        query = request.query_params
        counts = Counter(name for name, _ in query.multi_items())
        faults = [Fault("is not known here", parameter=name) for name in counts if name not in (*known, *SHARED)]
        faults += [Fault("is given twice", parameter=name) for name, n in counts.items() if n > 1]
        if faults:
            raise Invalid("A query parameter is not valid.", errors=tuple(faults))
        words = Words.asked(_lang(query.get("lang")))
        form = _form(query.get("f"), request.headers.get("accept", ""))
        return cls(seen, form, words, house.settings.public_url)

    def say(self, msgid: str) -> str:
        """Return a sentence for the reader."""
        english = Words("en")(msgid)
        return self.words(msgid) if self.form is Form.HTML else f"{msgid} {english}" if english != msgid else msgid

    def link(self, rel: str, path: str, media_type: str, title: str, pairs: Pairs = ()) -> dict[str, str]:
        """Return a link to an address of ours."""
        lang = [("lang", self.words.lang)] if media_type == HTML and self.words.lang != "zh" else []
        query = urlencode([*pairs, *lang])
        base = "" if self.form is Form.HTML else self.public_url
        href = f"{base}{path}{'?' if query else ''}{query}"
        return {"href": href, "rel": rel, "type": media_type, "title": self.say(title)}

    def forms(
        self, rel: str, path: str, media_type: str, title: str, pairs: Pairs = (), page: Sequence[str] = ()
    ) -> list[dict[str, str]]:
        """Return the links to both forms of an address; `page` is the rel and the title of its page, if others."""
        asked, (page_rel, page_title) = list(pairs), page or (rel, title)
        return [
            self.link(rel, path, media_type, title, [*asked, ("f", Form.JSON)]),
            self.link(page_rel, path, HTML, page_title, [*asked, ("f", Form.HTML)]),
        ]

    def itself(self, path: str, media_type: str, pairs: Pairs = ()) -> list[dict[str, str]]:
        """Return the links to this very answer and to its other form."""
        rel, other = ("self", "alternate") if self.form is Form.JSON else ("alternate", "self")
        return self.forms(rel, path, media_type, AS_JSON, pairs, (other, AS_PAGE))

    def answer(
        self, request: Request, house: House, document: Document, template: str, media_type: str = JSON, **view: Any
    ) -> Response:
        """Answer with a document in the asker's form."""
        if self.form is Form.HTML:
            kept = [(name, value) for name, value in request.query_params.multi_items() if name != "f"]
            switch = switch_links([*kept, ("f", Form.HTML)])
            shown = {"title": document.get("title"), "document": document, "switch": switch, **view}
            headers = {"Cache-Control": "no-cache", "Vary": "Accept, Cookie"}
            return render(request, template, self.words, shown, headers=headers)
        return self._json(request, house, document, media_type)

    def _json(self, request: Request, house: House, document: Document, media_type: str) -> Response:
        seen, body = self.seen, dumps(document)
        answer = public(request, house, body, media_type=media_type, etag=seen.etag, max_age_s=seen.max_age_s)
        answer.headers["Vary"] = "Accept, Accept-Encoding"
        for link in document.get("links", ()):
            if link["rel"] == "next":
                answer.headers["Link"] = f'<{link["href"]}>; rel="next"; type="{link["type"]}"'
        return answer


def _lang(lang: str | None) -> str | None:
    if lang == "":
        raise Invalid.parameter("lang", "must be one of: zh, en")
    return lang


def _form(f: str | None, accept: str) -> Form:
    """Return the form that is asked for: by `f`, else by what the asker likes best, JSON where it is all the same."""
    if f is not None:
        if f not in list(Form):
            raise Invalid.parameter("f", "must be one of: json, html")
        return Form(f)
    weights = _weights(accept)
    if not weights:
        return Form.JSON
    as_json = max(_weight(weights, media_type) for media_type in JSON_TYPES)
    as_html = _weight(weights, HTML)
    if not max(as_json, as_html):
        raise NotAcceptable("There are application/json, application/geo+json and text/html.")
    return Form.HTML if as_html > as_json else Form.JSON


def _weights(accept: str) -> Mapping[str, float]:
    """Return how much the asker likes each media range; what cannot be read says nothing."""
    found: dict[str, float] = {}
    for part in accept[:LONGEST_ACCEPT].split(","):
        read = _ACCEPTED.fullmatch(part)
        if read is not None:
            weight = _WEIGHT.search(read[2])
            found[read[1].lower()] = min(1.0, float(weight[1])) if weight else 1.0
    return found


def _weight(weights: Mapping[str, float], media_type: str) -> float:
    """Return the weight of a media type by the range that names it most closely."""
    ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((weights[one] for one in ranges if one in weights), 0.0)
