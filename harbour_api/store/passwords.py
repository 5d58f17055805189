"""Passwords: kept as argon2 hashes, checked a few at a time, and nobody's takes as long as anybody's."""

from __future__ import annotations

import secrets
import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHES_AT_ONCE = 2  # each takes 64 MiB
PASSWORD_LENGTH = (10, 200)


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
