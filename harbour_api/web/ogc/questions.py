"""What may be asked of a collection's items: each parameter as the API definition states it, and read as it says.

One rule: a fragment here is both what `/ogc/api` tells and what is checked, and figures beyond a bound are refused, but
for `limit`, of which the standard says that too much is the most there is.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams

from harbour_api.domain.place import Place
from harbour_api.domain.problems import Invalid
from harbour_api.web.api.queries import MOST, cursor_after, is_one_line

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
USUAL = 100
LONGEST = 100  # characters of a value
_FIGURE = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def fragment(name: str, schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    """Return a query parameter as OpenAPI 3.0 has it."""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


F = fragment("f", {"type": "string", "enum": ["json", "html"]}, "form of the answer; stands above the Accept header")
LANG = fragment("lang", {"type": "string", "enum": ["zh", "en"]}, "language of a page; JSON always says both")
LIMIT = fragment(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    "how many items at most; more than the maximum is taken as the maximum",
)
CURSOR = fragment("cursor", {"type": "string", "maxLength": LONGEST}, "where to go on, from `next` of the page before")
BBOX = fragment(
    "bbox",
    {
        "type": "array",
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    },
    "west,south,east,north in degrees, or west,south,lowest,east,north,highest: items in the box, its edges included, "
    "and every item without a geometry, for it may be anywhere; west > east crosses 180; heights change nothing, for "
    "no item has one",
)
BBOX_CRS = fragment("bbox-crs", {"type": "string", "enum": [CRS84]}, "how bbox is to be read; there is but this one")
DATETIME = fragment(
    "datetime",
    {"type": "string"},
    "an RFC 3339 instant, or an interval such as 2026-01-01T00:00:00Z/.. with either end open: stations that were last "
    "verified then, and every item that nobody has verified, for it has no time",
)
PAGING = (LIMIT, CURSOR, BBOX, BBOX_CRS, DATETIME)


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the globe in degrees, its edges included; west > east crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, place: Place) -> bool:
        """Whether a place lies in it."""
        if not self.south <= place.lat <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= place.lon <= self.east
        return place.lon >= self.west or place.lon <= self.east


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, both ends included; None is an open end."""

    first: datetime | None
    last: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether an instant lies in it."""
        return (self.first is None or self.first <= moment) and (self.last is None or moment <= self.last)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a collection's items; `pairs` is the same as query parameters, but for the cursor."""

    limit: int
    after: str
    box: Box | None
    span: Span | None
    filters: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, query: QueryParams, filters: Iterable[str]) -> Question:
        """Return what a query asks; Invalid names the parameter that breaks a bound."""
        if query.get("bbox-crs", CRS84) != CRS84:
            raise Invalid.parameter("bbox-crs", f"must be {CRS84}")
        kept = ("limit", "bbox", "bbox-crs", "datetime")
        asked = {name: _value(name, query[name]) for name in filters if name in query}
        return cls(
            limit=_limit(query.get("limit", str(USUAL))),
            after=_after(query["cursor"]) if "cursor" in query else "",
            box=_box(query["bbox"]) if "bbox" in query else None,
            span=_span(query["datetime"]) if "datetime" in query else None,
            filters=asked,
            pairs=(*((name, query[name]) for name in kept if name in query), *asked.items()),
        )


def cursor_pair(last_code: str) -> tuple[str, str]:
    """Return the parameter that leads to the page after the one that ends with this code."""
    return "cursor", cursor_after(last_code)


def _limit(text: str) -> int:
    if not re.fullmatch(r"\d+", text, re.ASCII) or not text.strip("0"):
        raise Invalid.parameter("limit", "must be a whole number of at least 1")
    return min(int(text[-4:]), MOST) if not text[:-4].strip("0") else MOST


def _after(cursor: str) -> str:
    try:
        code = base64.b64decode(cursor[: LONGEST + 1], altchars=b"-_", validate=True).decode("ascii")
    except ValueError:  # of the coding, or of the text in it
        code = ""
    if not code or len(cursor) > LONGEST:
        raise Invalid.parameter("cursor", "must be one that a page before gave")
    return code


def _box(text: str) -> Box:
    parts = [part.strip() for part in text.split(",", 6)]
    if len(parts) not in (4, 6) or not all(_FIGURE.fullmatch(part) for part in parts):
        raise Invalid.parameter("bbox", "must be four or six numbers, separated by commas")
    figures = [float(part) for part in parts]
    (west, south), (east, north) = figures[:2], figures[-3:-1] if len(figures) == 6 else figures[2:]
    if len(figures) == 6 and not (math.isfinite(figures[2]) and figures[2] <= figures[5] < math.inf):
        raise Invalid.parameter("bbox", "the lowest height must not lie above the highest")
    if not all(-180 <= lon <= 180 for lon in (west, east)):
        raise Invalid.parameter("bbox", "longitudes must lie between -180 and 180")
    if not -90 <= south <= north <= 90:
        raise Invalid.parameter("bbox", "latitudes must lie between -90 and 90, the southern one first")
    return Box(west, south, east, north)


def _span(text: str) -> Span:
    first, slash, last = text.partition("/")
    if not slash:
        moment = _moment(first)
        return Span(moment, moment)
    ends = [None if end in ("", "..") else _moment(end) for end in (first, last)]
    if ends == [None, None]:
        raise Invalid.parameter("datetime", "must have one end at least that is not open")
    if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
        raise Invalid.parameter("datetime", "the interval must not end before it begins")
    return Span(*ends)


def _moment(text: str) -> datetime:
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except ValueError:
        pass  # a day or an hour that there is not
    raise Invalid.parameter("datetime", "must be an RFC 3339 date and time with its offset, or two of them and a slash")


def _value(name: str, text: str) -> str:
    if not text.strip() or len(text) > LONGEST or not is_one_line(text):
        raise Invalid.parameter(name, f"must be one line of 1 to {LONGEST} characters")
    return text
