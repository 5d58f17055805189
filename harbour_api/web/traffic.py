"""What was asked of this process, and how long the answers took: counted here, told at /metrics.

One rule: nothing that an asker sends becomes a label. A request is counted under its route's template, a known method
and its status class, so there are no coordinates, names or secrets in it, and no more series than routes.

Counting is a few additions to plain integers: all of it happens in the event loop, so that no lock is needed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harbour_api.web.assets import MOUNT

BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
NO_ROUTE = "none"  # an address that nothing has
FILES = f"{MOUNT}/{{digest}}/{{name}}"
Kind = tuple[str, str, int]  # what is counted together: a route's template, a method, a status's first figure
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(slots=True)
class Answers:
    """How many answers there were of a kind, by how long they took; the last count is of those beyond every bound."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    seconds: float = 0.0


class Traffic:
    """Every answer since the start."""

    def __init__(self) -> None:
        self._answers: dict[Kind, Answers] = {}

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answer."""
        kind = (route, method, status // 100)
        answers = self._answers.get(kind)
        if answers is None:
            answers = self._answers[kind] = Answers()
        answers.counts[bisect_left(BOUNDS_S, seconds)] += 1
        answers.seconds += seconds

    @property
    def answers(self) -> Mapping[Kind, Answers]:
        """What was counted so far."""
        return self._answers


class Counting:
    """The middleware. A HEAD comes here as the GET it is answered as."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count its answer by the route that was found for it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._traffic.note(_route_of(scope), method, status, perf_counter() - begun)


def _route_of(scope: Scope) -> str:
    if "route" in scope:
        return str(scope["route"].path)
    if "endpoint" in scope:  # of Starlette's own routes: without parameters an address is its own template
        return FILES if scope.get("path_params") else str(scope["path"])
    return NO_ROUTE
