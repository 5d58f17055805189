"""What may be asked of a collection's items: each parameter as the API definition states it, and read as it says.

One rule: a fragment here is both what `/ogc/api` tells and what is checked, and figures beyond a bound are refused, but
for `limit`, of which the standard says that too much is the most there is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from harbour_api.domain.problems import Invalid
from harbour_api.web.api.queries import MOST, bbox_of, code_before, cursor_after, figure_of, instant_of, is_one_line

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
USUAL = 100
LONGEST = 100  # characters of a value


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


class Interval(NamedTuple):
    """A stretch of time in seconds since 1970, both ends in it; an open end is infinite."""

    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a collection's items; `pairs` is the same as query parameters, but for the cursor."""

    limit: int
    after: str
    bbox: tuple[float, float, float, float] | None
    interval: Interval | None
    filters: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, query: QueryParams, filters: Iterable[Mapping[str, Any]]) -> Question:
        """Return what a query asks; Invalid names the parameter that breaks a bound."""
        if query.get("bbox-crs", CRS84) != CRS84:
            raise Invalid.parameter("bbox-crs", f"must be {CRS84}")
        kept = ("limit", "bbox", "bbox-crs", "datetime")
        asked = {one["name"]: _value(one, query[one["name"]]) for one in filters if one["name"] in query}
        return cls(
            limit=_limit(query.get("limit", str(USUAL))),
            after=code_before(_value(CURSOR, query["cursor"])) if "cursor" in query else "",
            bbox=_bbox(query["bbox"]) if "bbox" in query else None,
            interval=_interval(query["datetime"]) if "datetime" in query else None,
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


def _bbox(text: str) -> tuple[float, float, float, float]:
    figures = text.split(",", 6)
    try:
        if len(figures) == 6 and figure_of(figures.pop(2)) > figure_of(figures.pop()):
            raise ValueError("the lowest height must not lie above the highest")
        return bbox_of(figures)
    except ValueError as error:
        raise Invalid.parameter("bbox", str(error)) from error


def _interval(text: str) -> Interval:
    first, slash, last = text.partition("/")
    try:
        interval = Interval(_end_s(first, -math.inf), _end_s(last if slash else first, math.inf))
    except ValueError as error:
        raise Invalid.parameter("datetime", f"{error}, or two of them and a slash") from error
    if interval == (-math.inf, math.inf):
        raise Invalid.parameter("datetime", "must have one end at least that is not open")
    if interval.first_s > interval.last_s:
        raise Invalid.parameter("datetime", "the interval must not end before it begins")
    return interval


def _end_s(text: str, open_s: float) -> float:
    return open_s if text in ("", "..") else instant_of(text).timestamp()


def _value(parameter: Mapping[str, Any], text: str) -> str:
    words = parameter["schema"].get("enum")
    if words is not None and text not in words:
        raise Invalid.parameter(parameter["name"], f"must be one of: {', '.join(words)}")
    if not text.strip() or len(text) > LONGEST or not is_one_line(text):
        raise Invalid.parameter(parameter["name"], f"must be one line of 1 to {LONGEST} characters")
    return text
