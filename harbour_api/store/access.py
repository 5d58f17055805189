"""Who may do what: accounts, log-in sessions, and the one question every write asks, `who` is it.

A session is an opaque token, of which only a hash is kept: whoever reads the database cannot log in, and ending a
session ends it at once, in every process.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.problems import Conflict, Forbidden, NotLoggedIn, TooMany, Unavailable
from harbour_api.store import tables
from harbour_api.store.database import Database

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # how exactly idleness is noted: a write for each request would be too dear
HASHES_AT_ONCE = 2
TRIES_A_MINUTE = 5
TRIES_AT_ALL = 30  # of one address, whatever the account: a branch behind one address may log in, a list of names not
PASSWORD_LENGTH = (10, 200)
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_WRONG = "The user name or the password is wrong."


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever is logged in: an administrator may do everything, a manager what concerns the own stations."""

    username: str
    is_administrator: bool
    stations: frozenset[str]

    def may_manage(self, station: str) -> None:
        """Raise Forbidden unless this is one's own station."""
        if not (self.is_administrator or station in self.stations):
            raise Forbidden("This is not one of your stations.")

    def may_administer(self) -> None:
        """Raise Forbidden unless this is an administrator."""
        if not self.is_administrator:
            raise Forbidden("Only an administrator may do this.")


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in: the token is known to its holder alone; it ends at `expires_at` or after half an hour unused."""

    token: str
    expires_at: datetime


class Accounts:
    """Accounts and sessions of one database. `clock` gives the current instant."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._hasher = PasswordHasher()
        self._hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)

    def has_managers(self) -> bool:
        """Whether there is any account yet."""
        with self._database.read() as connection:
            return connection.execute(select(tables.managers.c.username).limit(1)).first() is not None

    def add_manager(
        self, username: str, password: str, *, is_administrator: bool = False, stations: Sequence[str] = ()
    ) -> None:
        """Make an account; Conflict where the name is taken, ValueError where name or password break their bounds."""
        check_username(username)
        check_password(password)
        row = {"username": username, "password_hash": self._hasher.hash(password), "created_at": self._clock()}
        try:
            with self._database.write() as connection:
                flags = {"is_administrator": is_administrator, "is_active": True}
                connection.execute(insert(tables.managers), row | flags)
                if stations:
                    pairs = [{"username": username, "station": code} for code in stations]
                    connection.execute(insert(tables.manager_stations), pairs)
        except IntegrityError as error:
            raise Conflict("That user name is taken, or a station does not exist.") from error

    def log_in(self, username: str, password: str, *, address: str) -> Session:
        """Return a new session; NotLoggedIn says the same, after the same time, whoever does not exist."""
        found = self._account(username)
        with self._hashing:  # each takes 64 MiB; and whoever waits here is counted only when it is their turn
            self._tries.take(address, username)
            matches = self._matches(found.password_hash if found else self._nobodys_hash, password)
            if not (found and found.is_active and matches):
                self._tries.fail(address)
                raise NotLoggedIn(_WRONG)
        self._tries.forget(address, username)
        return self._open_session(username)

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
            connection.execute(delete(tables.sessions).where(tables.sessions.c.token_hash == _hash(token)))

    def log_out_everywhere(self, username: str) -> None:
        """End every session of an account."""
        with self._database.write() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.username == username))

    def _note_seen(self, token: str, now: datetime) -> None:
        """Note that a session is in use; where the database takes no writes, reading goes on all the same."""
        seen = update(tables.sessions).where(tables.sessions.c.token_hash == _hash(token)).values(seen_at=now)
        with suppress(Unavailable), self._database.write() as connection:
            connection.execute(seen)

    def _account(self, username: str) -> Row[str, bool] | None:
        if "\0" in username:
            return None  # PostgreSQL's driver would not even ask
        managers = tables.managers.c
        with self._database.read() as connection:
            wanted = select(managers.password_hash, managers.is_active).where(managers.username == username)
            return connection.execute(wanted).first()

    def _open_session(self, username: str) -> Session:
        now, token = self._clock(), secrets.token_urlsafe(32)
        with self._database.write() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.created_at < now - ABSOLUTE))
            row = {"token_hash": _hash(token), "username": username, "created_at": now, "seen_at": now}
            connection.execute(insert(tables.sessions), row)
        return Session(token, now + ABSOLUTE)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _tries(self) -> _Tries:
        """Made at the first log-in: its library takes as long to import as the rest of an account's work to do."""
        return _Tries()

    @cached_property
    def _nobodys_hash(self) -> str:
        """A hash that no password opens, so that an unknown name takes as long as a known one."""
        return self._hasher.hash(secrets.token_urlsafe(32))


class _Tries:
    """Log-in tries of an address: five a minute at an account, thirty wrong ones at all. A restart forgives."""

    def __init__(self) -> None:
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limit, self._overall = parse(f"{TRIES_A_MINUTE}/minute"), parse(f"{TRIES_AT_ALL}/minute")
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, address: str, username: str) -> None:
        """Note a try; TooMany when it is one too many."""
        may_try = self._limiter.test(self._overall, address)
        if not (self._limiter.hit(self._limit, address, username) and may_try):
            raise TooMany("Too many tries to log in; wait a minute.", retry_after_s=60)

    def fail(self, address: str) -> None:
        """Note that a try was wrong."""
        self._limiter.hit(self._overall, address)

    def forget(self, address: str, username: str) -> None:
        """Forget the tries: the right password was given."""
        self._limiter.clear(self._limit, address, username)


def check_username(username: str) -> str:
    """Return the user name; ValueError where it is not in the form that every account has."""
    if not _USERNAME.fullmatch(username):
        raise ValueError("a user name has 1 to 40 small letters, digits and . _ -, and begins with a letter or digit")
    return username


def check_password(password: str) -> str:
    """Return the password; ValueError where it is too short or too long."""
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        raise ValueError(f"a password has {shortest} to {longest} characters")
    return password


def _live_session(token: str) -> Select[tuple[str, datetime, datetime, bool]]:
    sessions, managers = tables.sessions, tables.managers
    columns = (sessions.c.username, sessions.c.created_at, sessions.c.seen_at, managers.c.is_administrator)
    joined = select(*columns).join(managers, managers.c.username == sessions.c.username)
    return joined.where(sessions.c.token_hash == _hash(token), managers.c.is_active)


def _stations_of(connection: Connection, username: str) -> frozenset[str]:
    own = select(tables.manager_stations.c.station).where(tables.manager_stations.c.username == username)
    return frozenset(connection.scalars(own))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
