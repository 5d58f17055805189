"""Visits added up over stations and days, never without saying how much of it anybody told.

One rule: what is missing stays in sight. A total is only of the station-days that were recorded, so it is a floor as
long as `n_reporting` is below `n_expected`; where none was it is None, which is not 0. A station-day with nothing but
sample entries is told apart in `n_sample`, and counts in a total only where samples are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from harbour_api.domain.hours import is_shut_all_day
from harbour_api.domain.station import Audience, Station
from harbour_api.domain.tally import DayTotal

WHOLE = "network"  # the key of the one group that holds everything


class GroupBy(StrEnum):
    """By what visits are added up."""

    NETWORK = "network"
    STATION = "station"
    TOWN = "town"
    AUDIENCE = "audience"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    WEEKDAY = "weekday"


@dataclass(frozen=True, slots=True)
class Group:
    """The visits of one group, and of how many station-days they are.

    `total` is of the `n_reporting` station-days with a real record, and with samples asked for also of the `n_sample`
    that have nothing else; `mean_per_reported_day` is what one of these station-days had. Both are None without any.
    """

    key: str
    total: int | None
    n_reporting: int
    n_expected: int
    n_sample: int
    mean_per_reported_day: float | None


def is_expected(station: Station, day: date, total: DayTotal | None, today: date) -> bool:
    """Whether a station should have recorded that day.

    A day is closed, and nothing is expected of it, where the station's hours (with holidays) and closures leave no
    minute at which it is open; where the hours are not known, the day counts as expected. A station that is suspended
    or retired today is not expected on any day, for no record is kept of since when; a day still to come neither. But
    whoever did record a day was there: a day with a real record is always expected.
    """
    if total is not None and total.recorded and not total.is_sample:
        return True
    return day <= today and not is_shut_all_day(station, day)


def visit_statistics(
    stations: Iterable[Station],
    days: Mapping[str, Iterable[DayTotal]],
    span: tuple[date, date],
    group_by: GroupBy,
    *,
    today: date,
    include_sample: bool = False,
) -> list[Group]:
    """Return a group for every key of these stations and of the span, both ends in, in order of key.

    `days` are the totals of the span by station code; a station that is not in it recorded nothing.
    """
    first, last = span
    every_day = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    tallies: dict[str, _Tally] = {}
    key_of = _KEYS[group_by]
    for station in stations:
        told = {total.day: total for total in days.get(station.code, ())}
        for day in every_day:
            tally = tallies.setdefault(key_of(station, day), _Tally())
            total = told.get(day)
            tally.add(total, is_expected(station, day, total, today), include_sample)
    if group_by is GroupBy.AUDIENCE:
        return _by_audience(tallies.get(WHOLE, _Tally()))
    return [tallies[key].group(key) for key in sorted(tallies)]


@dataclass(slots=True)
class _Tally:
    """What adds up to a group."""

    n_reporting: int = 0
    n_expected: int = 0
    n_sample: int = 0
    n_counted: int = 0
    by_audience: Counter[Audience] = field(default_factory=Counter)

    def add(self, total: DayTotal | None, is_expected: bool, include_sample: bool) -> None:
        self.n_expected += is_expected
        if total is None or not total.recorded:
            return
        self.n_sample += total.is_sample
        self.n_reporting += not total.is_sample
        if include_sample or not total.is_sample:
            self.n_counted += 1
            self.by_audience.update(total.by_audience)

    def group(self, key: str, audience: Audience | None = None) -> Group:
        visits = self.by_audience.total() if audience is None else self.by_audience[audience]
        return Group(
            key=key,
            total=visits if self.n_counted else None,
            n_reporting=self.n_reporting,
            n_expected=self.n_expected,
            n_sample=self.n_sample,
            mean_per_reported_day=round(visits / self.n_counted, 3) if self.n_counted else None,
        )


def _by_audience(whole: _Tally) -> list[Group]:
    """Return a group an audience, in their own order: whoever recorded a day recorded it for all of them."""
    return [whole.group(audience, audience) for audience in Audience]


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


_KEYS: Mapping[GroupBy, Callable[[Station, date], str]] = {
    GroupBy.NETWORK: lambda _station, _day: WHOLE,
    GroupBy.STATION: lambda station, _day: station.code,
    GroupBy.TOWN: lambda station, _day: station.town,
    GroupBy.AUDIENCE: lambda _station, _day: WHOLE,  # parted afterwards
    GroupBy.DAY: lambda _station, day: day.isoformat(),
    GroupBy.WEEK: lambda _station, day: _week(day),
    GroupBy.MONTH: lambda _station, day: f"{day:%Y-%m}",
    GroupBy.WEEKDAY: lambda _station, day: str(day.isoweekday()),
}
