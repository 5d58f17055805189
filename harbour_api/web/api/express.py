"""The fast lane of the hottest question, `GET /api/v1/stations/nearest`.

The framework costs more than the search itself, so a question in the plain form that programs send is read by hand
and answered before the framework has seen it. Whatever is in any way unusual (an unknown name, a doubled one, a value
out of form or bounds) is not judged here at all: it goes on to the ordinary route, which alone knows how to refuse. So
both lanes give the same answers, and only one of them has rules to keep.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

from starlette.types import Scope, Send

from harbour_api.domain.network import Needs, Network
from harbour_api.domain.place import Datum, Place
from harbour_api.web.answers import is_known, lifetime_s, picture_etag, public_headers
from harbour_api.web.api.queries import MOST_NEAREST
from harbour_api.web.compression import coded
from harbour_api.web.house import House
from harbour_api.web.pace import Pace
from harbour_api.web.security import RawHeader
from harbour_api.web.wire import GEOJSON

PATH = "/api/v1/stations/nearest"
LONGEST_QUERY = 500
_FIGURE = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
_WORD = re.compile(r"[A-Za-z0-9_]{1,40}")
_FORMS = {
    "lon": _FIGURE,
    "lat": _FIGURE,
    "limit": re.compile(r"[0-9]{1,2}"),
    "datum": re.compile("|".join(Datum)),
    "town": _WORD,
    "amenity": _WORD,
}


class PlainQuestion(NamedTuple):
    """A question in the plain form, within every bound."""

    place: Place
    needs: Needs
    limit: int
    datum: Datum


class ExpressLane:
    """Answers plain questions for the nearest. `headers` are those that every answer of the service carries.

    `pace` bounds how often an address may read; None: as often as it likes.
    """

    def __init__(self, house: House, headers: Sequence[RawHeader], pace: Pace | None = None) -> None:
        self._house = house
        self._pace = pace
        self._general = tuple(headers)
        # The same for every asker until the picture, the hour or the database's state moves.
        self._kept_headers = lru_cache(maxsize=8)(self._headers)

    async def answers(self, scope: Scope, send: Send) -> bool:
        """Answer a plain question and say so; leave anything else alone."""
        begun = perf_counter()
        question = _plain_question(scope) if scope["path"] == PATH and scope["method"] == "GET" else None
        if question is None or not (self._pace is None or self._pace.lets(scope)):
            return False
        now = self._house.now()
        try:
            network = self._house.registry.network  # once: the ETag must be that of the picture the body is made from
            found = network.nearest_rows(question.place, question.needs, limit=question.limit)
            body = self._house.features.nearest(network, found, now, question.datum)
        except Exception:
            return False  # the ordinary route meets it too, and knows how to refuse and what to log
        status = await self._send(scope, send, body, network, now)
        self._house.traffic.note(PATH, "GET", status, perf_counter() - begun)
        return True

    async def _send(self, scope: Scope, send: Send, body: bytes, network: Network, now: datetime) -> int:
        """Send the answer, or that it is known already, and return its status."""
        etag, until = picture_etag(network, now), network.board(now).until
        as_of = None if self._house.registry.is_reachable else self._house.registry.as_of
        headers = self._kept_headers(etag, lifetime_s(now, until), as_of)
        if _header(scope, b"accept-encoding") is not None:
            send = coded(scope, send)
        sized: tuple[RawHeader, ...]
        known = _header(scope, b"if-none-match")
        if known is not None and is_known(etag, known.decode("latin-1")):
            status, sized, body = 304, (), b""
        else:
            status, sized = 200, ((b"content-type", GEOJSON.encode()), (b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": [*headers, *sized]})
        await send({"type": "http.response.body", "body": body})
        return status

    def _headers(self, etag: str, max_age_s: int, _as_of: datetime | None) -> tuple[RawHeader, ...]:
        named = public_headers(self._house, etag, max_age_s)
        return *((name.lower().encode(), value.encode()) for name, value in named.items()), *self._general


def _header(scope: Scope, wanted: bytes) -> bytes | None:
    for name, value in scope["headers"]:
        if name == wanted:
            return bytes(value)
    return None


def _plain_question(scope: Scope) -> PlainQuestion | None:
    """Return the question if it is in the plain form and within every bound, else None."""
    query: bytes = scope["query_string"]
    if len(query) > LONGEST_QUERY:
        return None
    single: dict[str, str] = {}
    amenities: list[str] = []
    for pair in query.decode("latin-1").split("&"):
        name, _, value = pair.partition("=")
        form = _FORMS.get(name)
        if form is None or not form.fullmatch(value) or name in single:
            return None
        if name == "amenity":
            amenities.append(value)
        else:
            single[name] = value
    return _checked(single, tuple(amenities))


def _checked(single: dict[str, str], amenities: tuple[str, ...]) -> PlainQuestion | None:
    limit, datum = int(single.get("limit", "5")), _DATUMS[single.get("datum", "wgs84")]
    try:
        place = Place.at(float(single["lon"]), float(single["lat"]), datum)
    except (KeyError, ValueError):
        return None
    if not 1 <= limit <= MOST_NEAREST:
        return None
    return PlainQuestion(place, _needs(single.get("town"), amenities), limit, datum)


@lru_cache(maxsize=64)
def _needs(town: str | None, amenities: tuple[str, ...]) -> Needs:
    return Needs(town=town, amenities=amenities)


_DATUMS = {datum.value: datum for datum in Datum}
