"""Time cut into periods that lead up to today, and what a station's visits came to in each.

One rule: a period that nobody recorded is None, never 0, and the last one is still going on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SILENT_AFTER_DAYS = 7  # without a real record, a station is called silent: no holiday is as long as that and a weekend


class Span(StrEnum):
    """How far back, and by what steps."""

    DAYS_14 = "14days"
    DAYS_28 = "28days"
    WEEKS = "12weeks"
    MONTHS = "12months"

    def starts(self, today: date) -> list[date]:
        """Return the first day of each period, the oldest first; the last period holds today."""
        match self:
            case Span.WEEKS:
                monday = today - timedelta(days=today.weekday())
                return [monday - timedelta(weeks=back) for back in reversed(range(12))]
            case Span.MONTHS:
                return [_month_before(today, back) for back in reversed(range(12))]
            case _:
                days = 14 if self is Span.DAYS_14 else 28
                return [today - timedelta(days=back) for back in reversed(range(days))]

    def key(self, first: date) -> str:
        """Return what an address calls the period of that first day: an ISO day, week or month."""
        match self:
            case Span.WEEKS:
                return f"{first:%G-W%V}"
            case Span.MONTHS:
                return f"{first:%Y-%m}"
            case _:
                return first.isoformat()


@dataclass(frozen=True, slots=True)
class PeriodTotals:
    """What one station recorded: a total a period, whether any of it is samples, and the last day really recorded."""

    totals: Sequence[int | None]
    has_sample: bool = False
    last_recorded: date | None = None

    @property
    def whole(self) -> int | None:
        """The sum of all periods; None where nothing was recorded in any."""
        known = [total for total in self.totals if total is not None]
        return sum(known) if known else None

    def silent_days(self, today: date) -> int | None:
        """For how many days nothing was really recorded; None where nothing was in all the periods."""
        return None if self.last_recorded is None else (today - self.last_recorded).days

    def is_silent(self, today: date) -> bool:
        """Whether nothing was really recorded for a week; samples are no record."""
        days = self.silent_days(today)
        return days is None or days >= SILENT_AFTER_DAYS


def _month_before(today: date, back: int) -> date:
    months = today.year * 12 + today.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)
