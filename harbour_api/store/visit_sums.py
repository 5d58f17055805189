"""Visits of all stations added up by period in the database: a year of them is too much to carry out line by line.

One rule: what holds is what `domain.tally` says, an entry's latest correction, and samples only on days without any
real record. `tests/store/test_visit_sums.py` holds the two to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Subquery, and_, case, func, or_, select

from harbour_api.domain.periods import PeriodTotals
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import Source
from harbour_api.store import tables

_visits = tables.visits.c


def read_period_totals(
    connection: Connection, starts: Sequence[date], last: date, audience: Audience | None
) -> dict[str, PeriodTotals]:
    """Return, by code, what each station that recorded anything from the first start to `last` has in each period.

    There are two periods or more. With an audience only its visits count: a period that was recorded, but without any
    of them, is 0.
    """
    by_station: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_by_period(_by_day(starts, last, audience))):
        by_station.setdefault(row.station, []).append(row)
    return {code: _totals(rows, len(starts)) for code, rows in by_station.items()}


def _totals(rows: Iterable[Row[Any]], periods: int) -> PeriodTotals:
    totals: list[int | None] = [None] * periods
    has_sample, last_recorded = False, None
    for row in rows:
        totals[row.period] = int(row.total)
        has_sample |= not row.is_real
        if row.last_real is not None:
            last_recorded = row.last_real if last_recorded is None else max(last_recorded, row.last_real)
    return PeriodTotals(tuple(totals), has_sample, last_recorded)


def _by_day(starts: Sequence[date], last: date, audience: Audience | None) -> Subquery:
    """Return a row a station-day: what is real, what is sample, and whether anything is real."""
    counted = _visits.count if audience is None else case((_visits.audience == audience, _visits.count), else_=0)
    is_sample = _visits.source == Source.SAMPLE
    later = [(_visits.day < start, index) for index, start in enumerate(starts[1:])]
    period = case(*later, else_=len(starts) - 1)
    within = _visits.day.between(starts[0], last)
    return (
        select(
            _visits.station,
            _visits.day,
            func.min(period).label("period"),
            func.sum(case((is_sample, 0), else_=counted)).label("real"),
            func.sum(case((is_sample, counted), else_=0)).label("sample"),
            func.max(case((is_sample, 0), else_=1)).label("is_real"),
        )
        .where(within, _stands(within))
        .group_by(_visits.station, _visits.day)
        .subquery()
    )


def _by_period(days: Subquery) -> Select[Any]:
    """Return a row a station and period; a day with anything real counts nothing but that."""
    day = days.c
    return select(
        day.station,
        day.period,
        func.sum(case((day.is_real == 1, day.real), else_=day.sample)).label("total"),
        func.min(day.is_real).label("is_real"),
        func.max(case((day.is_real == 1, day.day))).label("last_real"),
    ).group_by(day.station, day.period)


def _stands(within: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether an entry is the one that holds of its visit: the first, or its latest correction, which are few."""
    corrected = select(_visits.corrects).where(within, _visits.corrects.is_not(None))
    latest = select(func.max(_visits.id)).where(within, _visits.corrects.is_not(None)).group_by(_visits.corrects)
    return or_(and_(_visits.corrects.is_(None), _visits.id.not_in(corrected)), _visits.id.in_(latest))
