"""Accounts as they are looked after: by an administrator, and by each manager for the own one.

One rule: there is always an administrator who can log in. And whatever could have let somebody in who should not be,
a password or an open account, takes the account's sessions with it when it goes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.problems import Conflict, Invalid, Unknown
from harbour_api.store import second_factor, tables
from harbour_api.store.access import Accounts, give_stations, hash_of, role_of, still_stands
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database
from harbour_api.store.passwords import check_password, refuse_easy

NOT_YOURS = "is not your password"
_T = tables.managers.c


@dataclass(frozen=True, slots=True)
class Manager:
    """An account as an administrator sees it."""

    username: str
    is_administrator: bool
    stations: tuple[str, ...]
    is_active: bool
    has_second_factor: bool
    created_at: datetime

    @property
    def role(self) -> str:
        """The role's name."""
        return role_of(self.is_administrator)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change of an account; None leaves a thing as it is."""

    is_administrator: bool | None = None
    stations: Collection[str] | None = None
    is_active: bool | None = None
    password: str | None = None
    drops_second_factor: bool = False


class Managers:
    """The accounts of one database. `clock` gives the current instant."""

    def __init__(self, database: Database, accounts: Accounts, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    def all(self) -> list[Manager]:
        """Return every account, in order of name."""
        with self._database.read() as connection:
            return _managers(connection)

    def one(self, username: str) -> Manager:
        """Return one account, or raise Unknown."""
        with self._database.read() as connection:
            return _one(connection, username)

    def change(self, username: str, wanted: Change, *, actor: str) -> Manager:
        """Change an account and return it; Conflict where no administrator would be left, or a station is unknown."""
        password_hash = None if wanted.password is None else self._hashed(wanted.password, username)
        try:
            with self._database.write() as connection:
                _lock_administrators(connection)
                before = _one(connection, username)
                self._write(connection, username, wanted, password_hash)
                after = _one(connection, username)
                _keep_an_administrator(connection)
                if password_hash is not None or not after.is_active:
                    _end_sessions(connection, username)
                self._note(connection, actor, before, after, password_hash is not None)
        except IntegrityError as error:
            raise Conflict("A station does not exist.") from error
        return after

    def set_own_password(self, username: str, old: str, new: str, *, token: str) -> None:
        """Give oneself a new password and end one's other sessions; Invalid where the old one is not right."""
        account = self._proved(username, old, token, "/old")  # first, for it is what counts the tries
        new_hash = self._hashed(new, username, "/new")
        self._accounts.tries.forget(hash_of(token), username)
        with self._database.write() as connection:
            _hold(connection, account, "/old")
            connection.execute(update(tables.managers).where(_T.username == username).values(password_hash=new_hash))
            _end_sessions(connection, username, but=token)
            Audit.note(connection, username, "change_password", username, None, None, self._clock())

    def begin_second_factor(self, username: str) -> str:
        """Return a new secret, which counts once `turn_second_factor` has seen a code of it."""
        secret = second_factor.new_secret()
        pending = update(tables.managers).where(_T.username == username, _T.totp_last_step.is_(None))
        with self._database.write() as connection:
            if not connection.execute(pending.values(totp_secret=secret)).rowcount:
                raise Conflict("The second factor is on; take it off first.")
        return secret

    def pending_secret(self, username: str) -> str | None:
        """Return the secret that waits to be confirmed."""
        account = self._account(username)
        return None if second_factor.is_on(account) else account.totp_secret

    def turn_second_factor(self, username: str, password: str, code: str, *, on: bool, token: str) -> None:
        """Turn one's own second factor on or off; Invalid where password or code is not right, Conflict where it is so.

        A session alone may do neither: whoever found a phone unlocked could lock its owner out, or the lock off.
        """
        if second_factor.is_on(self._account(username)) is on:
            raise Conflict("The second factor is on already." if on else "There is no second factor to take off.")
        account = self._proved(username, password, token, "/password")
        step = second_factor.step_of(account, code, self._clock())
        with self._database.write() as connection:
            _hold(connection, account, "/password")
            if step is None or not second_factor.spend(connection, account, step):
                raise Invalid.field("/code", "is not the code of this half minute, or was used before")
            if not on:
                _forget_second_factor(connection, username)
            action = "add_second_factor" if on else "remove_second_factor"
            Audit.note(connection, username, action, username, None, None, self._clock())
        self._accounts.tries.forget(hash_of(token), username)

    def _proved(self, username: str, password: str, token: str, pointer: str) -> Row[Any]:
        """Return the account whose password this is; Invalid for another one.

        Tries count against the session they come from: another one cannot hinder its holder.
        """
        account = self._account(username)
        with self._accounts.passwords.turn:
            self._accounts.tries.take(hash_of(token), username)
            if not self._accounts.passwords.matches(account.password_hash, password):
                raise Invalid.field(pointer, NOT_YOURS)
        return account

    def _write(self, connection: Connection, username: str, wanted: Change, password_hash: str | None) -> None:
        values = {
            "is_administrator": wanted.is_administrator,
            "is_active": wanted.is_active,
            "password_hash": password_hash,
        }
        named = {name: value for name, value in values.items() if value is not None}
        if named:
            connection.execute(update(tables.managers).where(_T.username == username).values(named))
        if wanted.drops_second_factor:
            _forget_second_factor(connection, username)
        if wanted.stations is not None:
            give_stations(connection, username, wanted.stations)

    def _note(self, connection: Connection, actor: str, before: Manager, after: Manager, has_reset: bool) -> None:
        old, new = _told(before), _told(after)
        moved = {name for name in old if old[name] != new[name]}
        if moved:
            was, is_now = ({name: side[name] for name in sorted(moved)} for side in (old, new))
            Audit.note(connection, actor, "change_manager", after.username, was, is_now, self._clock())
        if has_reset:
            Audit.note(connection, actor, "reset_password", after.username, None, None, self._clock())

    def _hashed(self, password: str, username: str, pointer: str = "/password") -> str:
        refuse_easy(check_password(password), username, pointer)
        with self._accounts.passwords.turn:
            return self._accounts.passwords.hashed(password)

    def _account(self, username: str) -> Row[Any]:
        with self._database.read() as connection:
            return connection.execute(select(tables.managers).where(_T.username == username)).one()


def _managers(connection: Connection, username: str | None = None) -> list[Manager]:
    wanted, pairs = select(tables.managers).order_by(_T.username), select(tables.manager_stations)
    if username is not None:
        wanted = wanted.where(_T.username == username)
        pairs = pairs.where(tables.manager_stations.c.username == username)
    stations: dict[str, list[str]] = {}
    for pair in connection.execute(pairs):
        stations.setdefault(pair.username, []).append(pair.station)
    return [_manager(row, sorted(stations.get(row.username, ()))) for row in connection.execute(wanted)]


def _manager(row: Row[Any], stations: list[str]) -> Manager:
    has_second_factor = second_factor.is_on(row)
    return Manager(
        row.username, row.is_administrator, tuple(stations), row.is_active, has_second_factor, row.created_at
    )


def _one(connection: Connection, username: str) -> Manager:
    found = [] if "\0" in username else _managers(connection, username)
    if not found:
        raise Unknown("No account has that user name.")
    return found[0]


def _told(manager: Manager) -> dict[str, Any]:
    """Return what the audit says of an account."""
    return {
        "role": manager.role,
        "stations": list(manager.stations),
        "is_active": manager.is_active,
        "second_factor": manager.has_second_factor,
    }


def _administrators() -> Any:
    return select(_T.username).where(_T.is_administrator, _T.is_active).order_by(_T.username)


def _lock_administrators(connection: Connection) -> None:
    """Make others who change an administrator wait: two who shut each other's account would leave none."""
    connection.execute(_administrators().with_for_update()).all()


def _keep_an_administrator(connection: Connection) -> None:
    if connection.execute(_administrators().limit(1)).first() is None:
        raise Conflict("This is the last administrator who can log in; make another one first.")


def _hold(connection: Connection, account: Row[Any], pointer: str) -> None:
    """Keep the account as it is until the transaction ends; Invalid where it was reset since its password was seen."""
    if not still_stands(connection, account):
        raise Invalid.field(pointer, NOT_YOURS)


def _forget_second_factor(connection: Connection, username: str) -> None:
    forgotten = update(tables.managers).where(_T.username == username).values(totp_secret=None, totp_last_step=None)
    connection.execute(forgotten)


def _end_sessions(connection: Connection, username: str, but: str | None = None) -> None:
    ended = delete(tables.sessions).where(tables.sessions.c.username == username)
    connection.execute(ended if but is None else ended.where(tables.sessions.c.token_hash != hash_of(but)))
