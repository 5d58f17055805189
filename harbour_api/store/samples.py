"""Sample visits: invented days, so that a fresh installation shows its statistics at work; real figures are not public.

The rule to keep: the same arguments give the same days, at a network mean of 133 visits a day, which is the one
published figure. Whoever stores them marks them as samples; nothing here may be taken for a count of people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from harbour_api.domain.station import Audience

VISITS_A_DAY = 133.0
_SEED = 133
_SATURDAY = 5
_WEEKDAY_SHARES = (1.30, 1.26, 1.24, 1.22, 1.28, 0.44, 0.26)  # Monday first; they sum to 7
_WEEKEND_STATIONS = 0.25  # most outlets are shut at weekends
_MISSING = 1 / 500  # nobody wrote the day down: a handful of station-days in four months
_AUDIENCES: Mapping[Audience, int] = {  # lost children and examinations are events, not a daily flow
    Audience.SANITATION_WORKER: 34,
    Audience.COURIER: 28,
    Audience.TAXI_DRIVER: 9,
    Audience.OUTDOOR_WORKER: 8,
    Audience.ELDERLY: 6,
    Audience.URBAN_MANAGEMENT: 4,
    Audience.TRAFFIC_POLICE: 3,
    Audience.VOLUNTEER: 3,
    Audience.PUBLIC: 3,
    Audience.SICK_OR_DISABLED: 1,
    Audience.PREGNANT_OR_INFANT: 1,
}


@dataclass(frozen=True, slots=True)
class SampleVisit:
    """Visits by one audience to one station on one local day; a station-day without any is missing, not zero."""

    station: str
    day: date
    audience: Audience
    count: int


def sample_visits(codes: Sequence[str], last_day: date, days: int = 120) -> Iterator[SampleVisit]:
    """Yield the visits of the days up to and with `last_day`, in order of day, code as given, and audience."""
    if not codes:
        return
    rng = Random(_SEED)
    sizes = {code: rng.lognormvariate(0.0, 0.6) for code in codes}
    span = [last_day - timedelta(days=back) for back in reversed(range(days))]
    for day, total in zip(span, _totals(span, rng), strict=True):
        shares = _spread(total, _reporting(day, sizes, rng), rng)
        for code in codes:
            yield from _by_audience(code, day, shares[code], rng)


def _totals(span: Sequence[date], rng: Random) -> list[int]:
    """Return whole visits per day: they waver, and yet sum up to the mean exactly, as each rounding is carried on."""
    weights = [_WEEKDAY_SHARES[day.weekday()] * rng.uniform(0.88, 1.12) for day in span]
    scale = VISITS_A_DAY * len(span) / sum(weights) if weights else 0.0
    totals, owed = [], 0.0
    for weight in weights:
        owed += weight * scale
        totals.append(round(owed))
        owed -= totals[-1]
    return totals


def _reporting(day: date, sizes: Mapping[str, float], rng: Random) -> dict[str, float]:
    """Return the stations, with their sizes, that had visits to report on that day; never none at all."""
    share = _WEEKEND_STATIONS if day.weekday() >= _SATURDAY else 1 - _MISSING
    return {code: size for code, size in sizes.items() if rng.random() < share} or dict(sizes)


def _spread(total: int, sizes: Mapping[str, float], rng: Random) -> Counter[str]:
    """Return the day's total over these stations: one each as far as it goes, the rest by size."""
    codes = rng.sample(list(sizes), len(sizes))
    shares = Counter(codes[:total])
    shares.update(rng.choices(codes, [sizes[code] for code in codes], k=total - shares.total()))
    return shares


def _by_audience(code: str, day: date, total: int, rng: Random) -> Iterator[SampleVisit]:
    drawn = Counter(rng.choices(list(_AUDIENCES), list(_AUDIENCES.values()), k=total))
    return (SampleVisit(code, day, audience, drawn[audience]) for audience in _AUDIENCES if drawn[audience])
