"""How a read is answered: strong ETag, conditional requests, a lifetime that never passes the next change, open to
scripts of other sites, and honest about its age when the database is away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response

from harbour_api.domain.hours import Opening
from harbour_api.domain.network import Network
from harbour_api.web.house import House
from harbour_api.web.wire import JSON, dumps

NO_STORE = {"Cache-Control": "private, no-store"}  # of what is one asker's alone, or of this moment alone
FRESH_S = 60  # for facts that an edit may change at any time


def picture_etag(network: Network, now: datetime) -> str:
    """Return the ETag of what is answered from a picture: it changes with an edit, an opening, a shutting."""
    until = network.board(now).until
    return f'"{network.revision}.{0 if until is None else int(until.timestamp())}"'


def station_etag(version: int, opening: Opening) -> str:
    """Return a station's ETag: the version an edit must name, and the open state."""
    return f'"{version}.{_STATES[opening.is_open]}"'


_STATES = {True: "open", False: "closed", None: "unknown"}


def lifetime_s(now: datetime, until: datetime | None, longest_s: int = FRESH_S) -> int:
    """Return for how many seconds an answer may be kept."""
    return longest_s if until is None else max(0, min(longest_s, int((until - now).total_seconds())))


def public(
    request: Request, house: House, body: bytes, *, media_type: str, etag: str, max_age_s: int, transform: bool = True
) -> Response:
    """Answer a public read, or 304 where the asker has it already.

    `transform` False keeps every coding off: then the ETag stands for the plain bytes.
    """
    headers = public_headers(house, etag, max_age_s, transform)
    if is_known(etag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def public_headers(house: House, etag: str, max_age_s: int, transform: bool = True) -> dict[str, str]:
    """Return the headers of every public read."""
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={max_age_s}" + ("" if transform else ", no-transform"),
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link, X-Data-As-Of",
    }
    if not house.registry.is_reachable:
        headers["X-Data-As-Of"] = house.registry.as_of.astimezone(UTC).isoformat()
    return headers


def private(value: Any, status: int = 200) -> Response:
    """Answer a manager or a sender with JSON that no cache keeps."""
    return Response(dumps(value), status, NO_STORE, JSON)


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether the asker's If-None-Match names this ETag; the comparison is the weak one, as for every GET."""
    if if_none_match is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag in tags
