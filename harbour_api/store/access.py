"""Who may do what: accounts, log-in sessions, and the one question every write asks, `who` is it.

A session is an opaque token, of which only a hash is kept: whoever reads the database cannot log in, and ending a
session ends it at once, in every process.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.problems import Conflict, Forbidden, NotLoggedIn, Unavailable
from harbour_api.store import second_factor, tables
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database
from harbour_api.store.passwords import Passwords, check_password, refuse_easy

if TYPE_CHECKING:
    from harbour_api.domain.station import Station
    from harbour_api.store.tries import Tries

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # how exactly idleness is noted: a write for each request would be too dear
OPERATOR = "(operator)"  # who acts on the command line; no user name has this form
NO_STEP = -1  # of an account that asks for no code
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_WRONG = "The user name, the password or the code is wrong."


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever is logged in: an administrator may do everything, a manager what concerns the own stations."""

    username: str
    is_administrator: bool
    stations: frozenset[str]

    @property
    def reach(self) -> frozenset[str] | None:
        """The codes of one's own stations; None where every station is one's own."""
        return None if self.is_administrator else self.stations

    def may_manage(self, station: str) -> None:
        """Raise Forbidden unless this is one's own station."""
        if not (self.is_administrator or station in self.stations):
            raise Forbidden("This is not one of your stations.")

    def own(self, stations: Iterable[Station]) -> list[Station]:
        """Return those of the stations that are one's own."""
        return [station for station in stations if self.is_administrator or station.code in self.stations]

    def may_administer(self) -> None:
        """Raise Forbidden unless this is an administrator."""
        if not self.is_administrator:
            raise Forbidden("Only an administrator may do this.")


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in: the token is known to its holder alone; it ends at `expires_at` or after half an hour unused.

    `device` is for the browser to keep, so that it is known again at the next log-in.
    """

    token: str
    expires_at: datetime
    device: str


class Accounts:
    """Accounts and sessions of one database. `clock` gives the current instant."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self.passwords = Passwords()

    def has_managers(self) -> bool:
        """Whether there is any account yet."""
        with self._database.read() as connection:
            return connection.execute(select(tables.managers.c.username).limit(1)).first() is not None

    def add_manager(
        self,
        username: str,
        password: str,
        *,
        is_administrator: bool = False,
        stations: Collection[str] = (),
        actor: str = OPERATOR,
    ) -> None:
        """Make an account; Conflict where the name is taken, ValueError where name or password break their bounds.

        EasyPassword where the password is one of the first that anybody would try.
        """
        check_username(username)
        refuse_easy(check_password(password), username)
        with self.passwords.turn:
            password_hash = self.passwords.hashed(password)
        row = {"username": username, "password_hash": password_hash, "created_at": self._clock()}
        flags = {"is_administrator": is_administrator, "is_active": True}
        made = {"role": role_of(is_administrator), "stations": sorted(set(stations))}
        try:
            with self._database.write() as connection:
                connection.execute(insert(tables.managers), row | flags)
                give_stations(connection, username, stations)
                Audit.note(connection, actor, "add_manager", username, None, made, self._clock())
        except IntegrityError as error:
            raise Conflict("That user name is taken, or a station does not exist.") from error

    def log_in(
        self, username: str, password: str, code: str | None = None, *, address: str, device: str = ""
    ) -> Session:
        """Return a new session; NotLoggedIn says the same, after the same time, whatever was wrong or does not exist.

        That goes for a missing code too: else whoever tries stolen passwords would learn which of them is right.
        """
        from harbour_api.store.tries import new_device, origin_of

        found = self._account(username)
        origin = origin_of(address, device, found.password_hash if found else None)
        with self.passwords.turn:  # whoever waits here is counted only when it is their turn
            self.tries.take(origin, username)
            matches = self.passwords.matches(found.password_hash if found else None, password)
            step = self._step(found, code) if found and found.is_active and matches else None
            if step is None or found is None:
                self.tries.fail(origin)
                raise NotLoggedIn(_WRONG)
        self.tries.forget(origin, username)
        return self._open_session(found, step, new_device(found.password_hash))

    def who(self, token: str) -> Who:
        """Return whose token this is; NotLoggedIn where it never was, has ended, or its account is shut."""
        now = self._clock()
        with self._database.read() as connection:
            session = connection.execute(_live_session(token)).first()
            if session is None or now >= min(session.created_at + ABSOLUTE, session.seen_at + IDLE):
                raise NotLoggedIn("The log-in has ended; log in again.")
            who = Who(session.username, session.is_administrator, _stations_of(connection, session.username))
        if now - session.seen_at > SEEN_EVERY:
            self._note_seen(token, now)
        return who

    def log_out(self, token: str) -> None:
        """End this session."""
        with self._database.write() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.token_hash == hash_of(token)))

    def log_out_everywhere(self, username: str) -> None:
        """End every session of an account."""
        with self._database.write() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.username == username))

    def _note_seen(self, token: str, now: datetime) -> None:
        """Note that a session is in use; where the database takes no writes, reading goes on all the same."""
        seen = update(tables.sessions).where(tables.sessions.c.token_hash == hash_of(token)).values(seen_at=now)
        with suppress(Unavailable), self._database.write() as connection:
            connection.execute(seen)

    def _account(self, username: str) -> Row[Any] | None:
        if "\0" in username:
            return None  # PostgreSQL's driver would not even ask
        with self._database.read() as connection:
            wanted = select(tables.managers).where(tables.managers.c.username == username)
            return connection.execute(wanted).first()

    def _step(self, found: Row[Any], code: str | None) -> int | None:
        """Return the time step of the code, NO_STEP where the account needs none; None where the code is wrong."""
        if not second_factor.is_on(found):
            return NO_STEP
        return second_factor.step_of(found, code or "", self._clock())

    def _open_session(self, found: Row[Any], step: int, device: str) -> Session:
        username, now, token = found.username, self._clock(), secrets.token_urlsafe(32)
        with self._database.write() as connection:
            if not still_stands(connection, found):
                raise NotLoggedIn(_WRONG)
            if step != NO_STEP and not second_factor.spend(connection, found, step):
                raise NotLoggedIn(_WRONG)
            connection.execute(delete(tables.sessions).where(tables.sessions.c.created_at < now - ABSOLUTE))
            row = {"token_hash": hash_of(token), "username": username, "created_at": now, "seen_at": now}
            connection.execute(insert(tables.sessions), row)
        return Session(token, now + ABSOLUTE, device)

    @cached_property
    def tries(self) -> Tries:
        """Made at the first log-in: its library takes as long to import as the rest of an account's work to do."""
        from harbour_api.store.tries import Tries

        return Tries()


def check_username(username: str) -> str:
    """Return the user name; ValueError where it is not in the form that every account has."""
    if not _USERNAME.fullmatch(username):
        raise ValueError("a user name has 1 to 40 small letters, digits and . _ -, and begins with a letter or digit")
    return username


def role_of(is_administrator: bool) -> str:
    """Return the role's name."""
    return "administrator" if is_administrator else "manager"


def give_stations(connection: Connection, username: str, stations: Collection[str]) -> None:
    """Make these the account's own stations, and no others."""
    connection.execute(delete(tables.manager_stations).where(tables.manager_stations.c.username == username))
    pairs = [{"username": username, "station": code} for code in sorted(set(stations))]
    if pairs:
        connection.execute(insert(tables.manager_stations), pairs)


def still_stands(connection: Connection, found: Row[Any]) -> bool:
    """Keep the account as it is until the transaction ends, and return whether it is open by the password checked."""
    columns = tables.managers.c
    same = select(columns.username).where(
        columns.username == found.username, columns.password_hash == found.password_hash, columns.is_active
    )
    return connection.execute(same.with_for_update()).first() is not None


def _live_session(token: str) -> Select[tuple[str, datetime, datetime, bool]]:
    sessions, managers = tables.sessions, tables.managers
    columns = (sessions.c.username, sessions.c.created_at, sessions.c.seen_at, managers.c.is_administrator)
    joined = select(*columns).join(managers, managers.c.username == sessions.c.username)
    return joined.where(sessions.c.token_hash == hash_of(token), managers.c.is_active)


def _stations_of(connection: Connection, username: str) -> frozenset[str]:
    own = select(tables.manager_stations.c.station).where(tables.manager_stations.c.username == username)
    return frozenset(connection.scalars(own))


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
