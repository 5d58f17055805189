"""What keeps harm out: headers on every answer, and the one mechanism that tells who asks.

A manager comes with a Bearer token or with the session cookie; only the cookie can be abused by another site, so only
with it does a change need proof that it came from our own pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harbour_api.domain.problems import Forbidden, NotLoggedIn
from harbour_api.domain.station import Station
from harbour_api.domain.tally import Source
from harbour_api.store.access import ABSOLUTE, Session, Who
from harbour_api.store.tally_links import TallyLink
from harbour_api.web.house import House, InHouse

RawHeader = tuple[bytes, bytes]  # as ASGI sends them
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
IMAGES = "'self' data:"
DEVICE_KNOWN = timedelta(days=365)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


EMBED, EMBED_CODE = "/embed", "/embed/code"
TALLY = "/t/"
DESK = "/manage"
DESK_MAP = "/manage/map"
PLACE = re.compile(r"/manage/stations/[^/]+/place")  # a station's own map, by the rules of the desk's
MAPS = ("/map", EMBED, "/coverage", DESK_MAP)  # the pages that lay tiles under a map


@dataclass(frozen=True, slots=True)
class SecurityPolicy:
    """Which security headers an address carries: `general`, but for the few addresses that are named in `special`.

    `tally` are those of every tally pad, whose address is its secret: no other site learns it as a referrer.
    """

    general: Sequence[RawHeader]
    special: Mapping[str, Sequence[RawHeader]]
    tally: Sequence[RawHeader]

    def of(self, path: str) -> Sequence[RawHeader]:
        """Return the headers of every answer of that address, a refusal included."""
        if path.startswith(TALLY):
            return self.tally
        return self.special.get(DESK_MAP if PLACE.fullmatch(path) else path, self.general)


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


def security_policy(style_sources: str, frame_ancestors: str, tiles_origin: str = "") -> SecurityPolicy:
    """Return the policy: the one place that lists what an address may do beyond the others.

    `style_sources` are the source expressions that admit the pages' inline styles; `frame_ancestors` are the sources
    that may frame the public map, our own page with its preview always among them; `tiles_origin` is where the
    operator's tiles come from, and the maps' pages alone may show its pictures.
    """
    embedders = frame_ancestors if "*" in frame_ancestors.split() else f"'self' {frame_ancestors}"
    pictures = {"img-src": f"{IMAGES} {tiles_origin}"} if tiles_origin else {}
    wider: dict[str, dict[str, str]] = {path: {**pictures} for path in MAPS}
    wider[EMBED] |= {"frame-ancestors": embedders, "form-action": "'none'"}
    wider[EMBED_CODE] = {"frame-src": "'self'"}
    special = {path: _headers(style_sources, directives) for path, directives in wider.items()}
    return SecurityPolicy(_headers(style_sources, {}), special, _headers(style_sources, {}, referrer="no-referrer"))


def _headers(
    style_sources: str, changes: Mapping[str, str], referrer: str = "strict-origin-when-cross-origin"
) -> tuple[RawHeader, ...]:
    directives = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' {style_sources}",
        "img-src": IMAGES,
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        **changes,
    }
    return (
        (b"content-security-policy", "; ".join(f"{name} {value}" for name, value in directives.items()).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", referrer.encode()),
        # In a frame `self` is the frame's own origin: the embedder's allow="geolocation" passes it on.
        (b"permissions-policy", b"geolocation=(self), camera=(), microphone=()"),
        (b"cross-origin-opener-policy", b"same-origin"),  # of top-level pages only: it does not concern a frame
    )


def who_asks(request: Request, house: InHouse) -> Who:
    """Return who is logged in; NotLoggedIn for nobody, Forbidden for a tally link, and for another site's change."""
    asker = _asker(request, house)
    if isinstance(asker, TallyLink):
        raise Forbidden("A tally link may log visits of its station and do nothing else.")
    return asker


def _asker(request: Request, house: House) -> Who | TallyLink:
    """Return whose token a request carries; Forbidden for a change another site had the browser send."""
    bearer = _bearer(request)
    try:
        who = house.accounts.who(token_of(request, house))
    except NotLoggedIn:
        link = house.tally_links.find(bearer) if bearer else None
        if link is None:
            raise
        link.must_live()
        return link
    if not bearer:
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


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends visits of which station, and how: a manager, or whoever holds its tally link."""

    station: Station
    actor: str
    source: Source


def sender(code: str, request: Request, house: InHouse) -> Sender:
    """Return who sends visits of the station of the address: the one thing that a tally link may do, at its pace."""
    asker = _asker(request, house)
    station = house.registry.network.station(code)
    if isinstance(asker, Who):
        asker.may_manage(station.code)
        return Sender(station, asker.username, Source.MANAGER)
    if asker.station != station.code:
        raise Forbidden("This tally link is another station's.")
    house.tally_links.take_turn(asker)
    return Sender(station, asker.actor, Source.TALLY)


Administrator = Annotated[Who, Depends(administrator)]
OwnStation = Annotated[Station, Depends(own_station)]
VisitSender = Annotated[Sender, Depends(sender)]


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


def device_of(request: Request, house: House) -> str:
    """Return what the browser keeps of an earlier log-in, so that its tries are counted apart from its neighbours'."""
    return request.cookies.get(_device_cookie(house), "")


def give_cookie(response: Response, session: Session, house: House) -> None:
    """Put the session into the browser, and what it will be known by when that has ended."""
    kept = {cookie_name(house): (session.token, ABSOLUTE), _device_cookie(house): (session.device, DEVICE_KNOWN)}
    for name, (value, lifetime) in kept.items():
        response.set_cookie(
            name,
            value,
            max_age=int(lifetime.total_seconds()),
            secure=house.settings.is_secure,
            httponly=True,
            samesite="lax",
        )


def take_cookie(response: Response, house: House) -> None:
    """Take the session out of the browser."""
    response.delete_cookie(cookie_name(house), secure=house.settings.is_secure, httponly=True, samesite="lax")


def _device_cookie(house: House) -> str:
    return f"{cookie_name(house)}-device"


def may_give_cookie(request: Request, house: House) -> bool:
    """Whether a cookie is safe on this way: by https, or on this very machine."""
    return house.settings.is_secure or (request.url.hostname or "") in LOOPBACK


def address_of(request: Request) -> str:
    """Return the asker's network address, for rate limits only."""
    return request.client.host if request.client else "unknown"
