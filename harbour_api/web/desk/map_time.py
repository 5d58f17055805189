"""The time of the managers' map: its periods as people and addresses call them, and the one that is shown.

One rule: without a period in the address the latest is shown of which anything is known, not a week that nobody has
logged yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harbour_api.domain.periods import PeriodTotals, Span
from harbour_api.domain.problems import Invalid
from harbour_api.web.desk.map_asked import WHOLE
from harbour_api.web.words import Words


@dataclass(frozen=True, slots=True)
class Period:
    """One period: in an address, on the page, and on paper, where years matter."""

    key: str
    name: str
    dates: str


@dataclass(frozen=True, slots=True)
class Time:
    """The periods, the oldest first; then all of them as one, which is `periods[-1]`. `at` is the one shown."""

    periods: Sequence[Period]
    at: int

    @classmethod
    def of(
        cls, span: Span, at: str, starts: Sequence[date], totals: Sequence[PeriodTotals], today: date, words: Words
    ) -> Time:
        """Return the time with the period that an address asks for; Invalid where it asks for none of them."""
        *steps, last = (_period(span, start) for start in starts)
        whole = Period(WHOLE, words("整段时间"), f"{starts[0]} – {today}")
        periods = [*steps, _so_far(last, words), whole]
        keys = [period.key for period in periods]
        if at and at not in keys:
            raise Invalid.parameter("at", f"must be {WHOLE}, or one of {keys[0]} to {keys[-2]}")
        return cls(periods, keys.index(at) if at else _latest(totals, len(starts)))

    @property
    def chosen(self) -> Period:
        """The period that is shown."""
        return self.periods[self.at]

    @property
    def is_whole(self) -> bool:
        """Whether all periods are shown as one."""
        return self.at == len(self.periods) - 1

    @property
    def earlier(self) -> str:
        """The key of the period before; empty where there is none."""
        return "" if self.is_whole or not self.at else self.periods[self.at - 1].key

    @property
    def later(self) -> str:
        """The key of the period after; empty where there is none."""
        return "" if self.at >= len(self.periods) - 2 else self.periods[self.at + 1].key


def _latest(totals: Sequence[PeriodTotals], n: int) -> int:
    known = (at for at in reversed(range(n)) if any(told.totals[at] is not None for told in totals))
    return next(known, n - 1)


def _so_far(last: Period, words: Words) -> Period:
    """Return the period that has only begun, which says so: it is not to be read as a drop."""
    name, dates = (words("{period}（至今）", period=text) for text in (last.name, last.dates))
    return Period(last.key, name, dates)


def _period(span: Span, start: date) -> Period:
    key = span.key(start)
    match span:
        case Span.WEEKS:
            end = start + timedelta(days=6)
            return Period(key, f"{start:%m-%d} – {end:%m-%d}", f"{start} – {end}")
        case Span.MONTHS:
            return Period(key, key, key)
        case _:
            return Period(key, f"{start:%m-%d}", key)
