"""What can go wrong, a class each: the situation, its status and its title stand side by side here and nowhere else.

    Problem
    ├── NotLoggedIn          401   no token, or one that no longer counts
    ├── Forbidden            403   known, but not allowed here
    ├── Unknown              404   nothing has that address
    ├── Conflict             409   it would break what is already there
    ├── Stale                412   somebody else changed it first
    ├── TooLarge             413   the body passes the bound
    ├── Invalid              422   the request is malformed; `errors` says where
    │   ├── DayLocked        422   the day lies too far back to be written to
    │   ├── TimeAhead        422   the time has not come yet, by the server's clock
    │   └── EasyPassword     422   the password is one of the first that anybody would try
    ├── IfMatchMissing       428   an edit without the version it edits
    ├── TooMany              429   slow down
    └── Unavailable          503   the database is away; try again

Raise them anywhere; `web.refusals` is the one place that turns them into an answer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in a request: where it is (a JSON pointer or a parameter) and which rule it broke, never the value."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(Exception):
    """Something the asker can be told about; `detail` is safe to show to a stranger."""

    status = 500
    slug = "internal"
    title = "Something went wrong on our side"

    def __init__(self, detail: str, *, errors: tuple[Fault, ...] = (), retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.retry_after_s = retry_after_s


class NotLoggedIn(Problem):
    """No token, or one that no longer counts."""

    status, slug, title = 401, "not-logged-in", "Log in first"


class Forbidden(Problem):
    """Known, but not allowed here."""

    status, slug, title = 403, "forbidden", "Not allowed"


class Unknown(Problem):
    """Nothing has that address."""

    status, slug, title = 404, "unknown", "There is nothing here"


class Conflict(Problem):
    """It would break what is already there."""

    status, slug, title = 409, "conflict", "It clashes with what is already there"


class Stale(Problem):
    """The version edited is no longer the current one."""

    status, slug, title = 412, "stale", "Somebody changed it before you"


class TooLarge(Problem):
    """The body passes the bound."""

    status, slug, title = 413, "too-large", "The body is too large"


class Invalid(Problem):
    """The request is malformed; `errors` says where."""

    status, slug, title = 422, "invalid", "The request is not valid"

    @classmethod
    def parameter(cls, name: str, detail: str) -> Invalid:
        """Return the refusal of one query parameter."""
        return cls("A query parameter is not valid.", errors=(Fault(detail, parameter=name),))

    @classmethod
    def field(cls, pointer: str, detail: str) -> Invalid:
        """Return the refusal of one field of the body, by its JSON pointer."""
        return cls("A field of the body is not valid.", errors=(Fault(detail, pointer=pointer),))


class DayLocked(Invalid):
    """The day lies too far back to be written to; an administrator may unlock it."""

    slug, title = "day_locked", "That day is locked"


class TimeAhead(Invalid):
    """The time has not come yet, by the server's clock; trying again when it has helps."""

    slug, title = "time_ahead", "That time has not come yet"


class EasyPassword(Invalid):
    """The password is one of the first that anybody would try."""

    slug, title = "easy_password", "That password is too easy to guess"


class IfMatchMissing(Problem):
    """An edit must name the version it edits."""

    status, slug, title = 428, "if-match-missing", "Say which version you are changing"


class TooMany(Problem):
    """The rate limit is reached."""

    status, slug, title = 429, "too-many", "Too many requests"


class Unavailable(Problem):
    """The database is away; trying again helps."""

    status, slug, title = 503, "unavailable", "Writing is not possible right now"
