"""How often an address may read, where the operator bounds it (HARBOUR_READ_RATE).

One rule: only what the public reads is counted. Files that a page brings along, tiles under a map and what watches over
the service stay free, or one opened map would use up what its reader has; and so does whoever is logged in, and the pad
of a tally link. Who that is, is asked only of those who have used up what an address may.
"""

from __future__ import annotations

from time import time

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from harbour_api.domain.problems import Problem, TooMany
from harbour_api.store.tries import household_of
from harbour_api.web.assets import MOUNT
from harbour_api.web.house import House
from harbour_api.web.methods import PUBLIC
from harbour_api.web.refusals import refuse
from harbour_api.web.security import DESK, TALLY, address_of, token_of

FREE = (f"{MOUNT}/", "/tiles/", "/health/", "/metrics", "/login", DESK, TALLY)


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

    def __init__(self, app: ASGIApp, pace: Pace, house: House) -> None:
        self._app = app
        self._pace = pace
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or ask to wait."""
        is_counted = scope["type"] == "http" and scope["method"] == "GET" and not scope["path"].startswith(FREE)
        if not is_counted or self._pace.lets(scope) or await run_in_threadpool(self._is_logged_in, Request(scope)):
            await self._app(scope, receive, send)
            return
        problem = TooMany("This address has read very often.", retry_after_s=self._pace.wait_s(scope))
        more = {"Access-Control-Allow-Origin": "*"} if scope["path"].startswith(PUBLIC) else {}
        await refuse(Request(scope), problem, more)(scope, receive, send)

    def _is_logged_in(self, request: Request) -> bool:
        try:
            self._house.accounts.who(token_of(request, self._house))
        except Problem:
            return False
        return True


def _asker(scope: Scope) -> str:
    return household_of(address_of(Request(scope)))
