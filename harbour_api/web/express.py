"""The fast lane of the hottest question, `GET /api/v1/stations/nearest`.

The framework costs more than the search itself, so a question in the plain form that programs send is read by hand
and answered before routing. Whatever is in any way unusual (an unknown name, a doubled one, a value out of form or
bounds) is not judged here at all: it goes on to the ordinary route, which alone knows how to refuse. So both lanes give
the same answers, and only one of them has rules to keep.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from harbour_api.domain.network import Needs
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Problem
from harbour_api.web.answers import is_known, lifetime_s, picture_etag, public_headers
from harbour_api.web.house import House
from harbour_api.web.questions import MOST_NEAREST
from harbour_api.web.wire import GEOJSON

PATH = "/api/v1/stations/nearest"
_PLAIN = re.compile(rb"[a-z_]+=[A-Za-z0-9_.\-]+(?:&[a-z_]+=[A-Za-z0-9_.\-]+)*")
_FIGURE = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?")
_NAMES = frozenset({"lon", "lat", "limit", "town"})
_COUNT = re.compile(r"[0-9]{1,2}")


class ExpressLane:
    """The middleware: answers plain questions for the nearest, passes everything else on."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        asked = _plain_question(scope) if scope["type"] == "http" and scope["path"] == PATH else None
        answer = None if asked is None else self._answer(scope, *asked)
        if answer is None:
            await self._app(scope, receive, send)
            return
        status, headers, body = answer
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(
        self, scope: Scope, place: Place, needs: Needs, limit: int
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes] | None:
        house, now = self._house, self._house.now()
        network = house.registry.network
        try:
            found = network.nearest(place, needs, limit=limit)
        except Problem:
            return None
        etag = picture_etag(house, now)
        headers = raw_headers(public_headers(house, etag, lifetime_s(now, network.board(now).until)))
        known = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
        if known is not None and is_known(etag, known.decode("latin-1")):
            return 304, headers, b""
        body = house.features.nearest(network, found, now)
        headers += [(b"content-type", GEOJSON.encode()), (b"content-length", b"%d" % len(body))]
        return 200, headers, body


def raw_headers(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers the way ASGI sends them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _plain_question(scope: Scope) -> tuple[Place, Needs, int] | None:
    """Return the question if it is in the plain form and within every bound, else None."""
    query: bytes = scope["query_string"]
    if scope["method"] != "GET" or len(query) > 500 or not _PLAIN.fullmatch(query):
        return None
    single: dict[str, str] = {}
    amenities: list[str] = []
    for name, _, value in (pair.partition("=") for pair in query.decode("ascii").split("&")):
        if name == "amenity":
            amenities.append(value)
        elif name in _NAMES and name not in single:
            single[name] = value
        else:
            return None
    return _checked(single, tuple(amenities))


def _checked(single: dict[str, str], amenities: tuple[str, ...]) -> tuple[Place, Needs, int] | None:
    lon, lat, limit = single.get("lon", ""), single.get("lat", ""), single.get("limit", "5")
    if not (_FIGURE.fullmatch(lon) and _FIGURE.fullmatch(lat) and _COUNT.fullmatch(limit)):
        return None
    if not 1 <= int(limit) <= MOST_NEAREST:
        return None
    try:
        place = Place.at(float(lon), float(lat))
    except ValueError:
        return None
    return place, Needs(town=single.get("town"), amenities=amenities), int(limit)
