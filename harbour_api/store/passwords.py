"""Passwords: kept as argon2 hashes, checked a few at a time, and nobody's takes as long as anybody's.

One rule: a password is refused for its length, or because it is one of the first that anybody would try; no kind of
character is asked for.
"""

from __future__ import annotations

import re
import secrets
import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from harbour_api.domain.problems import EasyPassword, Fault

HASHES_AT_ONCE = 2  # each takes 64 MiB
PASSWORD_LENGTH = (10, 200)
FEWEST_GUESSES = 1_000_000
LOOKED_AT = 24  # characters: the time it takes to judge more grows faster than what they add
OURS = (
    "harbour",
    "labourer",
    "zhongshan",
    "laodongzhe",
    "gangwan",
    "admin",
    "manager",
    "password",
)  # count for nothing
EASY = "is easy to guess: no user name, common password, repetition or sequence"


class Passwords:
    """Makes and checks hashes. Hold `turn` around both: it is what keeps a crowd from taking all memory."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self.turn = threading.BoundedSemaphore(HASHES_AT_ONCE)

    def hashed(self, password: str) -> str:
        """Return a hash to keep; ValueError where the password breaks its bounds."""
        return self._hasher.hash(check_password(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether this is the password; of an account that does not exist the hash is None, and the time the same."""
        try:
            return self._hasher.verify(password_hash or self._nobodys_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _nobodys_hash(self) -> str:
        """A hash that no password opens."""
        return self._hasher.hash(secrets.token_urlsafe(32))


def check_password(password: str) -> str:
    """Return the password; ValueError where it is too short or too long."""
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        raise ValueError(f"a password has {shortest} to {longest} characters")
    return password


def refuse_easy(password: str, username: str, pointer: str = "/password") -> None:
    """Raise EasyPassword where few guesses lead to it: the user name and the service's own words count for nothing.

    They are taken out first: several common words in a row look like many guesses, whatever they are.
    """
    from zxcvbn import zxcvbn  # its lists of words are large, and passwords are rarely set

    own = "|".join(map(re.escape, sorted([username, *OURS], key=len, reverse=True)))
    rest = re.sub(own, "", password[:LOOKED_AT], flags=re.IGNORECASE)
    if not rest or zxcvbn(rest)["guesses"] < FEWEST_GUESSES:
        raise EasyPassword(f"The password {EASY}.", errors=(Fault(EASY, pointer=pointer),))
