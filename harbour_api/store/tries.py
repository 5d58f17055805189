"""Tries to log in, counted so that guessing is slow and nobody else's guessing is in the rightful one's way.

One rule: tries count against where they come from, never against an account as a whole. Where that is a device which
has logged in to this very account before, it is counted by itself, whatever its neighbours behind the same address do.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from ipaddress import IPv6Address, IPv6Network, ip_address

from harbour_api.domain.problems import TooMany

TRIES_A_MINUTE = 5
TRIES_AT_ALL = 30  # from one origin, whatever the account: a branch behind one address may log in, a list of names not
HOUSEHOLD = 64  # bits of an IPv6 address: who has one address has all of those that begin alike


class Tries:
    """Tries of an origin: five a minute at an account, thirty wrong ones at all. A restart forgives."""

    def __init__(self) -> None:
        from limits import parse  # on first use: it takes a while to import
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limit, self._overall = parse(f"{TRIES_A_MINUTE}/minute"), parse(f"{TRIES_AT_ALL}/minute")
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, origin: str, username: str) -> None:
        """Note a try; TooMany when it is one too many."""
        may_try = self._limiter.test(self._overall, origin)
        if not (self._limiter.hit(self._limit, origin, username) and may_try):
            raise TooMany("Too many tries; wait a minute.", retry_after_s=60)

    def fail(self, origin: str) -> None:
        """Note that a try was wrong."""
        self._limiter.hit(self._overall, origin)

    def forget(self, origin: str, username: str) -> None:
        """Forget the tries: the right password was given."""
        self._limiter.clear(self._limit, origin, username)


def origin_of(address: str, device: str, password_hash: str | None) -> str:
    """Return what a try counts against: the device where it is known to that account, else the network address."""
    if password_hash is not None and _is_known(device, password_hash):
        return f"device {device}"
    return household_of(address)


def household_of(address: str) -> str:
    """Return what one asker's addresses have in common: an IPv4 address itself, of an IPv6 address its network."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Network((ip, HOUSEHOLD), strict=False)) if isinstance(ip, IPv6Address) else address


def new_device(password_hash: str) -> str:
    """Return what a device keeps to be known again. A new password makes every device a stranger."""
    name = secrets.token_urlsafe(12)
    return f"{name}.{_seal(name, password_hash)}"


def _is_known(device: str, password_hash: str) -> bool:
    name, _, seal = device.partition(".")
    return hmac.compare_digest(seal.encode("utf-8", "replace"), _seal(name, password_hash).encode())


def _seal(name: str, password_hash: str) -> str:
    return hmac.new(password_hash.encode(), name.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
