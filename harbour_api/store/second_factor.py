"""The second factor: a code of six digits that a phone makes anew every half minute from a secret both sides hold.

A code counts once, and one step of clock drift to either side is forgiven. A secret counts only once a code has shown
that the phone has it: until then `totp_last_step` is empty, and a log-in asks for none.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, update

from harbour_api.store import tables

ISSUER = "Labourer Harbour"
STEP_S = 30
DRIFT = (-1, 0, 1)


def new_secret() -> str:
    """Return a secret for an authenticator."""
    import pyotp  # few accounts ever need it

    return pyotp.random_base32()


def enrolment_uri(secret: str, username: str) -> str:
    """Return the address that an authenticator reads from a QR code."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def is_on(account: Row[Any]) -> bool:
    """Whether a log-in to this account needs a code."""
    return account.totp_secret is not None and account.totp_last_step is not None


def step_of(account: Row[Any], code: str, now: datetime) -> int | None:
    """Return the time step whose code this is, where it still counts; None for any other code."""
    import pyotp

    if account.totp_secret is None:
        return None
    totp, last = pyotp.TOTP(account.totp_secret), account.totp_last_step
    for step in (int(now.timestamp()) // STEP_S + drift for drift in DRIFT):
        fits = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode("utf-8", "replace"))
        if fits and (last is None or step > last):
            return step
    return None


def spend(connection: Connection, account: Row[Any], step: int) -> bool:
    """Note that a step's code was used, in the transaction it was used for.

    False where another was quicker, or where the secret is no longer the one that the code was looked at by.
    """
    managers = tables.managers.c
    unspent = or_(managers.totp_last_step.is_(None), managers.totp_last_step < step)
    same = managers.username == account.username, managers.totp_secret == account.totp_secret
    spent = update(tables.managers).where(*same, unspent)
    return connection.execute(spent.values(totp_last_step=step)).rowcount == 1
