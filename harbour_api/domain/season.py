"""The days in which a thing is there, where it is not there always: support in exams, cool tea in the heat.

One rule: a season says when and decides nothing. What a filter finds goes by the state alone, for people plan ahead;
whatever shows the thing says with it that it is to come, there today, or over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from harbour_api.domain.problems import Invalid

MOST_DAYS = 366  # what is there every year is stated every year, so that nobody relies on an old date
YEARS = (2000, 2199)  # a spreadsheet knows of others
SOON = timedelta(days=14)


class Phase(StrEnum):
    """Where a day stands to a season."""

    COMING = "coming"
    ON = "on"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Season:
    """Local days (Asia/Shanghai), the first and the last of them in it."""

    first: date
    last: date

    @classmethod
    def between(cls, first: date | None, last: date | None) -> Season | None:
        """Return the season from one day to another, None of no days; Invalid names `from` or `to`."""
        if first is None or last is None:
            if first is last:
                return None
            raise Invalid.field("/from" if first is None else "/to", "goes with its other day: give both, or neither")
        if not 0 <= (last - first).days < MOST_DAYS:
            raise Invalid.field("/to", f"must not lie before from, and make {MOST_DAYS} days with it at most")
        if first.year < YEARS[0] or last.year > YEARS[1]:
            raise Invalid.field(
                "/from" if first.year < YEARS[0] else "/to", "must lie in the years {} to {}".format(*YEARS)
            )
        return cls(first, last)

    def phase(self, day: date) -> Phase:
        """Return whether it is still to come on a day, or on, or over."""
        if day < self.first:
            return Phase.COMING
        return Phase.ON if day <= self.last else Phase.OVER

    def is_near(self, day: date) -> bool:
        """Whether it is worth telling everybody of on a day: a fortnight before, and until it is over."""
        return self.first - day <= SOON and day <= self.last
