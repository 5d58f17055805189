"""What a program may send about accounts: to log in, to look after the own account, and, as an administrator, all."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from harbour_api.store.access import check_username
from harbour_api.store.managers import Change
from harbour_api.store.passwords import check_password
from harbour_api.web.api.bodies import Body, Line40

MOST_STATIONS = 1000  # of one manager
NewPassword = Annotated[str, AfterValidator(check_password)]


class Role(StrEnum):
    """What an account may do: everything, or what concerns its own stations."""

    ADMINISTRATOR = "administrator"
    MANAGER = "manager"


class LogInBody(Body):
    """A user name and a password, and the code of an account that has a second factor."""

    username: str = Field(min_length=1, max_length=40)
    password: str = Field(min_length=1, max_length=200)
    code: str | None = Field(default=None, max_length=20)


class ManagerBody(Body):
    """A new account. An administrator needs no stations: all are theirs."""

    username: Annotated[str, AfterValidator(check_username)]
    password: NewPassword
    role: Role = Role.MANAGER
    stations: list[Line40] = Field([], max_length=MOST_STATIONS)


class ManagerPatch(Body):
    """A change of an account as a JSON Merge Patch. `second_factor` can only be taken off: its holder turns it on."""

    role: Role = Role.MANAGER
    stations: list[Line40] = Field([], max_length=MOST_STATIONS)
    password: NewPassword = Field(default="")
    is_active: bool = True
    second_factor: Literal[False] = False

    def change(self) -> Change:
        """Return what was named."""
        named = self.model_fields_set
        return Change(
            is_administrator=self.role is Role.ADMINISTRATOR if "role" in named else None,
            stations=frozenset(self.stations) if "stations" in named else None,
            is_active=self.is_active if "is_active" in named else None,
            password=self.password if "password" in named else None,
            drops_second_factor="second_factor" in named,
        )


class PasswordBody(Body):
    """One's password, and the one to have instead."""

    old: str = Field(min_length=1, max_length=200)
    new: NewPassword


class FactorBody(Body):
    """One's password, and the code that the authenticator shows now."""

    password: str = Field(min_length=1, max_length=200)
    code: str = Field(pattern=r"^[0-9]{6}$")
