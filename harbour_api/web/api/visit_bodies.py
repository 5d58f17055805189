"""What a program may send about visits: one, an offline queue of them, what one counts instead, what a day came to.

One rule: a count is a whole number within bounds that both an entry and a day can hold; a reason is a line of text.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from harbour_api.domain.station import Audience
from harbour_api.domain.tally import MOST_A_DAY, MOST_VISITORS, Source, Statement, Unseen
from harbour_api.web.api.bodies import Body, Line200
from harbour_api.web.api.queries import Instant

MOST_AT_ONCE = 500  # visits of a batch


class VisitBody(Body):
    """So many visitors of one audience; `occurred_at` at most 14 days back, now by default."""

    audience: Audience
    count: int = Field(ge=1, le=MOST_VISITORS)
    occurred_at: Instant | None = None
    note: Line200 | None = None


class BatchVisit(Body):
    """A visit out of an offline queue: its id, of the sender's making, counts once, however often it is sent."""

    id: UUID
    audience: Audience
    count: int = Field(ge=1, le=MOST_VISITORS)
    occurred_at: Instant


class BatchBody(Body):
    """An offline queue, or a part of it."""

    visits: list[BatchVisit] = Field(min_length=1, max_length=MOST_AT_ONCE)


class SentBatch(Body):
    """A batch as it came, whose visits are yet to be read one by one: one at fault must not hold up the others."""

    visits: list[dict[str, Any]] = Field(min_length=1, max_length=MOST_AT_ONCE)


class CorrectionBody(Body):
    """What a visit counts instead, and why."""

    count: int = Field(ge=0, le=MOST_VISITORS)
    reason: Line200


class DayBody(Body):
    """What a day came to, 0 included; `reason` is needed where the day was recorded with other figures."""

    total: int = Field(ge=0, le=MOST_A_DAY)
    by_audience: dict[Audience, Annotated[int, Field(ge=0, le=MOST_A_DAY)]] | None = None
    reason: Line200 | None = None

    @field_validator("by_audience")
    @classmethod
    def _adds_up(cls, shares: dict[Audience, int] | None, info: ValidationInfo) -> dict[Audience, int] | None:
        if shares is not None and sum(shares.values()) != info.data.get("total", sum(shares.values())):
            raise ValueError("must add up to total")
        return shares

    def statement(
        self, station: str, day: date, *, actor: str, at: datetime, was: int | Unseen | None = Unseen.UNSEEN
    ) -> Statement:
        """Return what a manager states with it; `was` is the total that was seen before."""
        return Statement(station, day, self.total, self.by_audience, self.reason, Source.MANAGER, actor, at, was)


class ReasonBody(Body):
    """Why."""

    reason: Line200
