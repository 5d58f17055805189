"""Visits added up in the database: a year of a busy network is too much to carry out line by line.

One rule: which entries count is said once, in `_sums`, for days, statistics and the managers' map alike: of a visit
its latest correction, and samples only on days without any real record. `domain.tally` says the same of the entries of
one day in hand; `tests/store/test_visit_sums.py` holds the two to each other, on both databases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Subquery, case, func, select

from harbour_api.domain.periods import PeriodTotals
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import DayTotal, Source
from harbour_api.store import tables

MOST_NAMED = 500  # stations in one statement: of more, all are read and the others passed over

_visits = tables.visits.c


def read_days(
    connection: Connection, first: date, last: date, stations: Collection[str] | None
) -> dict[str, list[DayTotal]]:
    """Return, by code, every day of the span, both ends in, of each of these stations that recorded anything in it.

    None for all stations: naming every one of them would make SQLite seek each of their days by itself.
    """
    within: ColumnElement[bool] = _visits.day.between(first, last)
    if stations is not None and len(stations) <= MOST_NAMED:
        within &= _visits.station.in_(stations)
    day = _sums(within, _visits.count, _visits.audience).c
    rows = connection.execute(
        select(day.station, day.day, day.audience, day.total, day.is_real).order_by(day.station, day.day, day.audience)
    )
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found: dict[str, list[DayTotal]] = {}
    for code, own in groupby(rows, lambda row: row[0]):
        if stations is None or code in stations:
            told = {day: _day_total(day, parts) for day, parts in groupby(own, lambda row: row[1])}
            found[code] = [told.get(day) or DayTotal(day, None, {}) for day in every]
    return found


def read_period_totals(
    connection: Connection, starts: Sequence[date], last: date, audience: Audience | None
) -> dict[str, PeriodTotals]:
    """Return, by code, what each station that recorded anything from the first start to `last` has in each period.

    There are two periods or more. With an audience only its visits count: a period that was recorded, but without any
    of them, is 0.
    """
    counted = _visits.count if audience is None else case((_visits.audience == audience, _visits.count), else_=0)
    days = _sums(_visits.day.between(starts[0], last), counted)
    by_station: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_by_period(days, starts)):
        by_station.setdefault(row.station, []).append(row)
    return {code: _totals(rows, len(starts)) for code, rows in by_station.items()}


def _day_total(day: date, parts: Iterable[Sequence[Any]]) -> DayTotal:
    """Return a day from its sums by audience; either all of them are real or none is."""
    told = [(Audience(audience), int(total), bool(is_real)) for _station, _day, audience, total, is_real in parts]
    by_audience = {audience: total for audience, total, _is_real in told}
    return DayTotal(day, sum(by_audience.values()), by_audience, is_sample=not told[0][2])


def _totals(rows: Iterable[Row[Any]], periods: int) -> PeriodTotals:
    totals: list[int | None] = [None] * periods
    has_sample, last_recorded = False, None
    for row in rows:
        totals[row.period] = int(row.total)
        has_sample |= not row.is_real
        if row.last_real is not None:
            last_recorded = row.last_real if last_recorded is None else max(last_recorded, row.last_real)
    return PeriodTotals(tuple(totals), has_sample, last_recorded)


def _sums(within: ColumnElement[bool], counted: ColumnElement[int], *by: ColumnElement[Any]) -> Subquery:
    """Return a row a station-day, or one for each value of `by` there: its total, and whether that is real.

    A station-day with anything real has its rows without a real entry left out.
    """
    is_real = func.max(case((_visits.source == Source.SAMPLE, 0), else_=1))
    parts = (
        select(
            _visits.station,
            _visits.day,
            *by,
            func.sum(case((_visits.source == Source.SAMPLE, 0), else_=counted)).label("real"),
            func.sum(case((_visits.source == Source.SAMPLE, counted), else_=0)).label("sample"),
            is_real.label("is_real"),
            func.max(is_real).over(partition_by=(_visits.day, _visits.station)).label("day_is_real"),
        )
        .where(within, _visits.id.not_in(_superseded(within)))
        .group_by(_visits.day, _visits.station, *by)  # most entries come in order of day: half the sorting
        .subquery()
    ).c
    total = case((parts.is_real == 1, parts.real), else_=parts.sample).label("total")
    named = [parts[str(column.key)] for column in by]
    return (
        select(parts.station, parts.day, *named, total, parts.is_real)
        .where(parts.is_real == parts.day_is_real)
        .subquery()
    )


def _superseded(within: ColumnElement[bool]) -> Select[Any]:
    """Return the ids of entries that hold no more: each correction takes the place of the one before, or the first."""
    earlier = func.lag(_visits.id).over(partition_by=_visits.corrects, order_by=_visits.id)
    return select(func.coalesce(earlier, _visits.corrects)).where(within, _visits.corrects.is_not(None))


def _by_period(days: Subquery, starts: Sequence[date]) -> Select[Any]:
    """Return a row a station and period."""
    day = days.c
    later = [(day.day < start, index) for index, start in enumerate(starts[1:])]
    period = case(*later, else_=len(starts) - 1).label("period")
    return select(
        day.station,
        period,
        func.sum(day.total).label("total"),
        func.min(day.is_real).label("is_real"),
        func.max(case((day.is_real == 1, day.day))).label("last_real"),
    ).group_by(day.station, period)
