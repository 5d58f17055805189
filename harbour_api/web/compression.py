"""Answers in the coding the asker takes. A strong ETag stands for bytes, so each coding has its own: `"x-br"`, not "x".

Routes never see that suffix: it is cut from If-None-Match on the way in and put back on the way out. Static files are
left alone: they are coded beforehand.
"""

from __future__ import annotations

import gzip
import re

import brotli  # type: ignore[import-untyped]  # it ships no types
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harbour_api.web.assets import MOUNT, negotiate

SMALLEST = 1_000  # bytes; below it a coding costs more than it saves
_SUFFIX = re.compile(r'-(?:br|gzip)(?=")')
_TEXTUAL = (
    "text/",
    "application/json",
    "application/geo+json",
    "application/vnd.oai.openapi+json",
    "application/problem+json",
    "image/svg+xml",
)


class Compression:
    """The middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back in the best coding."""
        if scope["type"] != "http" or scope["path"].startswith(f"{MOUNT}/"):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, coded(scope, send))


def coded(scope: Scope, send: Send) -> Send:
    """Return what sends an answer in the best coding; the request's If-None-Match loses a coding's suffix."""
    headers = MutableHeaders(scope=scope)
    coding = negotiate(headers.get("accept-encoding", ""))
    known = headers.get("if-none-match", "")
    if _SUFFIX.search(known):
        headers["if-none-match"] = _SUFFIX.sub("", known)
    if coding is None:
        return send
    return _Coder(send, coding, has_coded=bool(_SUFFIX.search(known))).send


class _Coder:
    """Holds an answer's start back until its body is known to be whole, then sends both, coded."""

    def __init__(self, send: Send, coding: str, *, has_coded: bool) -> None:
        self._send = send
        self._coding = coding
        self._has_coded = has_coded
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            if start["status"] == 304 and self._has_coded:
                self._mark(MutableHeaders(raw=start["headers"]))
            elif _may_be_coded(start) and not message.get("more_body", False):
                message = self._coded(start, message)
            await self._send(start)
        await self._send(message)

    def _coded(self, start: Message, message: Message) -> Message:
        headers, body = MutableHeaders(raw=start["headers"]), message.get("body", b"")
        headers.add_vary_header("Accept-Encoding")
        if len(body) < SMALLEST:
            return message
        coded = brotli.compress(body, quality=5) if self._coding == "br" else gzip.compress(body, 6, mtime=0)
        self._mark(headers)
        headers["Content-Encoding"] = self._coding
        headers["Content-Length"] = str(len(coded))
        return {**message, "body": coded}

    def _mark(self, headers: MutableHeaders) -> None:
        if etag := headers.get("etag"):
            headers["ETag"] = f'{etag[:-1]}-{self._coding}"'


def _may_be_coded(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    if "content-encoding" in headers or "no-transform" in headers.get("cache-control", ""):
        return False
    return headers.get("content-type", "").startswith(_TEXTUAL)
