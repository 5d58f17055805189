"""What keeps harm out: headers on every answer, and the one mechanism that tells who asks.

A manager comes with a Bearer token or with the session cookie; only the cookie can be abused by another site, so only
with it does a change need proof that it came from our own pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harbour_api.domain.problems import Forbidden, NotLoggedIn
from harbour_api.domain.station import Station
from harbour_api.store.access import ABSOLUTE, Session, Who
from harbour_api.web.house import House, InHouse

RawHeader = tuple[bytes, bytes]  # as ASGI sends them
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


EMBED, EMBED_CODE = "/embed", "/embed/code"


@dataclass(frozen=True, slots=True)
class SecurityPolicy:
    """Which security headers an address carries: `general`, but for the few addresses that are named in `special`."""

    general: Sequence[RawHeader]
    special: Mapping[str, Sequence[RawHeader]]

    def of(self, path: str) -> Sequence[RawHeader]:
        """Return the headers of every answer of that address, a refusal included."""
        return self.special.get(path, self.general)


class SecurityHeaders:
    """The middleware: what every answer says to the browser that shows it."""

    def __init__(self, app: ASGIApp, policy: SecurityPolicy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._policy.of(scope["path"])]
            await send(message)

        await self._app(scope, receive, with_headers)


def security_policy(style_source: str, frame_ancestors: str) -> SecurityPolicy:
    """Return the policy: the one place that lists what an address may do beyond the others.

    `style_source` is the source expression that admits the pages' inline style; `frame_ancestors` are the sources that
    may frame the public map, our own page with its preview always among them.
    """
    embedders = frame_ancestors if "*" in frame_ancestors.split() else f"'self' {frame_ancestors}"
    wider = {
        EMBED: {"frame-ancestors": embedders, "form-action": "'none'"},
        EMBED_CODE: {"frame-src": "'self'"},
    }
    special = {path: _headers(style_source, directives) for path, directives in wider.items()}
    return SecurityPolicy(_headers(style_source, {}), special)


def _headers(style_source: str, changes: Mapping[str, str]) -> tuple[RawHeader, ...]:
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' '{style_source}'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        **changes,
    }
    return (
        (b"content-security-policy", "; ".join(f"{name} {value}" for name, value in directives.items()).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        # In a frame `self` is the frame's own origin: the embedder's allow="geolocation" passes it on.
        (b"permissions-policy", b"geolocation=(self), camera=(), microphone=()"),
        (b"cross-origin-opener-policy", b"same-origin"),  # of top-level pages only: it does not concern a frame
    )


def who_asks(request: Request, house: InHouse) -> Who:
    """Return who is logged in; NotLoggedIn for nobody, Forbidden for a change another site had the browser send."""
    who = house.accounts.who(token_of(request, house))
    if not _bearer(request):
        refuse_foreign_form(request, house)
    return who


def token_of(request: Request, house: House) -> str:
    """Return the token a request came with, from the header or else the cookie; NotLoggedIn where there is none."""
    token = _bearer(request) or request.cookies.get(cookie_name(house))
    if token is None:
        raise NotLoggedIn("This needs a log-in: send a Bearer token.")
    return token


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


SignedIn = Annotated[Who, Depends(who_asks)]


async def administrator(who: SignedIn) -> Who:
    """Return who asks, an administrator; Forbidden for anyone else."""
    who.may_administer()
    return who


async def own_station(code: str, who: SignedIn, house: InHouse) -> Station:
    """Return the station of the address; Unknown where there is none, Forbidden where it is not the asker's."""
    station = house.registry.network.station(code)
    who.may_manage(station.code)
    return station


Administrator = Annotated[Who, Depends(administrator)]
OwnStation = Annotated[Station, Depends(own_station)]


def refuse_foreign_form(request: Request, house: House) -> None:
    """Raise Forbidden for a change that did not come from our own pages."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is None:
        origin = request.headers.get("origin")
        own = {urlsplit(house.settings.public_url).netloc, request.headers.get("host")}
        is_own = origin is not None and origin.partition("://")[2] in own
    else:
        is_own = site in ("same-origin", "none")
    if not is_own:
        raise Forbidden("This must be sent from the service's own pages.")


def cookie_name(house: House) -> str:
    """Return the session cookie's name; the prefix makes browsers hold it to https and to this host."""
    return "__Host-harbour" if house.settings.is_secure else "harbour"


def give_cookie(response: Response, session: Session, house: House) -> None:
    """Put the session into the browser."""
    response.set_cookie(
        cookie_name(house),
        session.token,
        max_age=int(ABSOLUTE.total_seconds()),
        secure=house.settings.is_secure,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, house: House) -> None:
    """Take the session out of the browser."""
    response.delete_cookie(cookie_name(house), secure=house.settings.is_secure, httponly=True, samesite="lax")


def may_give_cookie(request: Request, house: House) -> bool:
    """Whether a cookie is safe on this way: by https, or on this very machine."""
    return house.settings.is_secure or (request.url.hostname or "") in LOOPBACK


def address_of(request: Request) -> str:
    """Return the asker's network address, for rate limits only."""
    return request.client.host if request.client else "unknown"
