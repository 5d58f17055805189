"""How often an address may read, where the operator bounds it (HARBOUR_READ_RATE).

One rule: only reads that the service has to make are counted. Files that a page brings along, tiles under a map, what
watches over the service and the managers' desk stay free, or one opened map would use up what its reader has.
"""

from __future__ import annotations

from time import time

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from harbour_api.domain.problems import TooMany
from harbour_api.store.tries import household_of
from harbour_api.web.assets import MOUNT
from harbour_api.web.refusals import refuse
from harbour_api.web.security import DESK, address_of

FREE = (f"{MOUNT}/", "/tiles/", "/health/", "/metrics", DESK)


class Pace:
    """The reads of each address in the present window of time. A restart forgives."""

    def __init__(self, rate: str) -> None:
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import FixedWindowRateLimiter

        self._limit = parse(rate)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def lets(self, scope: Scope) -> bool:
        """Note a read, and return whether it is not one too many."""
        return self._limiter.hit(self._limit, _asker(scope))

    def wait_s(self, scope: Scope) -> int:
        """Return after how many seconds the address may read again."""
        return max(1, round(self._limiter.get_window_stats(self._limit, _asker(scope)).reset_time - time()))


class ReadRate:
    """The middleware; HEAD comes here as the GET it is answered as."""

    def __init__(self, app: ASGIApp, pace: Pace) -> None:
        self._app = app
        self._pace = pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or ask to wait."""
        is_counted = scope["type"] == "http" and scope["method"] == "GET" and not scope["path"].startswith(FREE)
        if not is_counted or self._pace.lets(scope):
            await self._app(scope, receive, send)
            return
        problem = TooMany("This address has read very often.", retry_after_s=self._pace.wait_s(scope))
        await refuse(Request(scope), problem)(scope, receive, send)


def _asker(scope: Scope) -> str:
    return household_of(address_of(Request(scope)))
