"""The two methods no route has to know: HEAD is GET without the body, and OPTIONS tells what an address takes, and
other sites' scripts what the public reads allow.

One rule: an address has one answer to what it takes, whichever of its routes was asked.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PUBLIC = ("/api/v1/", "/ogc")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PREFLIGHT = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"If-None-Match"),
    (b"access-control-max-age", b"86400"),
]


class Methods:
    """The middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer OPTIONS of an address that there is, pass HEAD on as GET, and leave all else alone."""
        method = scope["method"] if scope["type"] == "http" else ""
        taken = methods_of(scope) if method == "OPTIONS" else ""
        if taken:
            headers = [(b"allow", taken.encode()), *(PREFLIGHT if scope["path"].startswith(PUBLIC) else [])]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body"})
        elif method == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _without_body(send))
        else:
            await self._app(scope, receive, send)


def methods_of(scope: Scope) -> str:
    """Return the methods that the address of a request takes, by all its routes; nothing where there is no such."""
    found = [method for method in METHODS if _takes(scope, method)]
    also = ["HEAD", "OPTIONS"] if "GET" in found else ["OPTIONS"]
    return ", ".join(found + also) if found else ""


def _takes(scope: Scope, method: str) -> bool:
    routes: list[BaseRoute] = scope["app"].routes
    return any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)


def _without_body(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending
