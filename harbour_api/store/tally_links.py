"""Tally links: secrets that may log visits of one station and do nothing else, each until it is withdrawn.

One rule: of a secret only a hash is kept, so it is shown once, when it is made, and whoever reads the database cannot
use it. A link may log as many visitors in one entry as a manager may: a group comes in by one door. What keeps it in
bounds is its pace, that every entry names it, and that it can be withdrawn and its entries corrected.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from harbour_api.domain.problems import Conflict, NotLoggedIn, TooMany, Unknown
from harbour_api.store import tables
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database

A_MINUTE = 120  # posts of one link, behind which all phones of a desk may stand; a post may carry hundreds of taps
WITHDRAWN = "This tally link was withdrawn; ask the manager of the station for a new one."


@dataclass(frozen=True, slots=True)
class TallyLink:
    """A link of one station, without its secret."""

    id: int
    station: str
    created_by: str
    created_at: datetime
    revoked_at: datetime | None

    @property
    def actor(self) -> str:
        """Who made an entry that came by it."""
        return f"tally:{self.id}"

    def must_live(self) -> None:
        """Raise NotLoggedIn where the link was withdrawn, saying whom to ask."""
        if self.revoked_at is not None:
            raise NotLoggedIn(WITHDRAWN)


class TallyLinks:
    """The tally links of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, station: str, *, actor: str, now: datetime, after: int | None = None) -> tuple[TallyLink, str]:
        """Make a link, and return it with its secret, which nobody can be told again.

        `after` is the newest link that was seen, 0 for none: Conflict where there is a newer one, so that what asks
        for a link is answered once, however often it is sent.
        """
        secret = secrets.token_urlsafe(32)
        row = {"station": station, "secret_hash": _hash(secret), "created_by": actor, "created_at": now}
        with self._database.write() as connection:
            if after is not None and after != _newest(connection, station):
                raise Conflict("Another link was made since; look at it first.")
            made = connection.execute(insert(tables.tally_links).returning(*_COLUMNS), row).one()
            Audit.note(connection, actor, "make_tally_link", f"{station} {made.id}", None, None, now)
        return _link(made), secret

    def of_station(self, station: str) -> list[TallyLink]:
        """Return the links of a station, withdrawn ones too, newest first."""
        links = tables.tally_links.c
        wanted = select(*_COLUMNS).where(links.station == station).order_by(links.id.desc())
        with self._database.read() as connection:
            return [_link(row) for row in connection.execute(wanted)]

    def withdraw(self, station: str, link: int, *, actor: str, now: datetime) -> None:
        """End a link at once, in every process, if it has not ended; Unknown where the station has none of that id."""
        links = tables.tally_links.c
        this = (links.id == link) & (links.station == station)
        ended = update(tables.tally_links).where(this, links.revoked_at.is_(None)).values(revoked_at=now)
        with self._database.write() as connection:
            if connection.execute(ended).rowcount:
                Audit.note(connection, actor, "withdraw_tally_link", f"{station} {link}", None, None, now)
            elif connection.execute(select(links.id).where(this)).first() is None:
                raise Unknown("This station has no tally link of that id.")

    def find(self, secret: str) -> TallyLink | None:
        """Return the link of a secret, a withdrawn one too, or None where there never was one."""
        with self._database.read() as connection:
            wanted = select(*_COLUMNS).where(tables.tally_links.c.secret_hash == _hash(secret))
            row = connection.execute(wanted).first()
        return None if row is None else _link(row)

    def take_turn(self, link: TallyLink) -> None:
        """Note that a link was used to post; TooMany when it is once too often."""
        self._turns.take(link.id)

    @cached_property
    def _turns(self) -> _Turns:
        """Made at the first post by a link: its library takes a while to import."""
        return _Turns()


class _Turns:
    """How often a link has posted. A restart forgives."""

    def __init__(self) -> None:
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limit = parse(f"{A_MINUTE}/minute")
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, link: int) -> None:
        if not self._limiter.hit(self._limit, str(link)):
            raise TooMany("This tally link was used too often; send the rest in a minute.", retry_after_s=60)


_COLUMNS = [
    tables.tally_links.c[name] for name in ("id", "station", "created_by", "created_at", "revoked_at")
]  # never the hash


def _newest(connection: Connection, station: str) -> int:
    """Return a station's newest link, 0 where it has none; nobody makes another until the transaction ends."""
    connection.execute(select(tables.stations.c.code).where(tables.stations.c.code == station).with_for_update())
    links = tables.tally_links.c
    return connection.scalar(select(func.max(links.id)).where(links.station == station)) or 0


def _link(row: Row[Any]) -> TallyLink:
    return TallyLink(**row._mapping)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
