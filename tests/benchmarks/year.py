"""The statistics of a busy year: sums that the database makes, against the same entries added up line by line.

Python runs one thread at a time: what adds up here holds everybody up, and what the database adds up does not. So
beside the seconds stands how long others waited for their nearest meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from typing import TypeVar

from sqlalchemy import insert

from harbour_api.domain.hours import local_day
from harbour_api.domain.station import Audience
from harbour_api.domain.statistics import GroupBy, visit_statistics
from harbour_api.domain.tally import NOON, DayTotal, Entry, Source, correction, day_totals
from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.seed import Seed
from harbour_api.store.writer import row_of
from harbour_api.web.house import utc_now
from tests.benchmarks.contests import database_of
from tests.benchmarks.inside import Inside, inside

DAYS = 365
ENTRIES_A_DAY = 60  # of each station
CORRECTED = 100  # one in so many
AUDIENCES = (Audience.COURIER, Audience.SANITATION_WORKER, Audience.TAXI_DRIVER, Audience.ELDERLY, Audience.PUBLIC)
GROUPINGS = (GroupBy.NETWORK, GroupBy.STATION, GroupBy.DAY, GroupBy.AUDIENCE)
STATISTICS = "/api/v1/statistics/visits"
NEAREST = "/api/v1/stations/nearest?lon=113.4&lat=22.5"
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Added:
    """One grouping: seconds both ways, how long others waited meanwhile, and whether both ways say the same."""

    group_by: GroupBy
    n_entries: int
    seconds: float
    seconds_by_line: float
    waits_s: Sequence[float]
    waits_by_line_s: Sequence[float]
    is_equal: bool


def added_up(seed: Seed) -> Iterator[Added]:
    """Yield what was seen of each grouping; the lines are added up once for all of them."""
    with database_of(len(seed.stations), seed) as path:
        n_entries = _fill(path, seed)
        with inside(path) as one:
            span = _span()
            by_line, s_by_line, waits_by_line = _timed(one, lambda: _by_line(one, seed, span))
            for group_by in GROUPINGS:
                query = f"from={span[0]}&to={span[1]}&group_by={group_by}"
                answer, seconds, waits = _timed(one, partial(one.client.get, f"{STATISTICS}?{query}"))
                groups = visit_statistics(seed.stations, by_line, span, group_by, today=local_day(utc_now()))
                is_equal = [group["total"] for group in answer.json()["groups"]] == [group.total for group in groups]
                yield Added(group_by, n_entries, seconds, s_by_line, waits, waits_by_line, is_equal)


def _timed(one: Inside, work: Callable[[], Answer]) -> tuple[Answer, float, list[float]]:
    """Return what some work comes to, how long it took, and how long each nearest took that was asked meanwhile."""
    waits = []
    with ThreadPoolExecutor(1) as aside:
        began = time.perf_counter()
        done = aside.submit(lambda: (work(), time.perf_counter() - began))
        while not done.done():
            asked = time.perf_counter()
            one.client.get(NEAREST).raise_for_status()
            waits.append(time.perf_counter() - asked)
    return *done.result(), waits


def _span() -> tuple[date, date]:
    last = local_day(utc_now()) - timedelta(days=1)
    return last - timedelta(days=DAYS - 1), last


def _by_line(one: Inside, seed: Seed, span: tuple[date, date]) -> dict[str, list[DayTotal]]:
    """Return every day of every station, from all of its entries: what there was before the database added up."""
    entries = one.house.visits.entries
    return {station.code: day_totals(entries(station.code, *span), *span) for station in seed.stations}


def _fill(url: str, seed: Seed) -> int:
    """Write a year of entries and corrections, a day at a time, and return how many."""
    random, n_entries = Random(64), 0
    first, _ = _span()
    database = Database(url)
    with database.write() as connection:
        for day in (first + timedelta(days=n) for n in range(DAYS)):
            codes = [station.code for station in seed.stations] * ENTRIES_A_DAY
            entries = [_entry(id, code, day, random) for id, code in enumerate(codes, n_entries + 1)]
            wrong = random.sample(entries, len(entries) // CORRECTED)
            entries += [_corrected(one, id) for id, one in enumerate(wrong, n_entries + len(entries) + 1)]
            connection.execute(insert(tables.visits), [row_of(entry) | {"id": entry.id} for entry in entries])
            n_entries += len(entries)
    database.close()
    return n_entries


def _entry(id: int, station: str, day: date, random: Random) -> Entry:
    at = datetime.combine(day, NOON).astimezone(UTC)
    return Entry(station, day, random.choice(AUDIENCES), random.randint(1, 4), at, at, Source.MANAGER, "desk", id)


def _corrected(entry: Entry, id: int) -> Entry:
    again = correction(entry, 1, "miscounted", source=Source.MANAGER, actor="desk", at=entry.recorded_at)
    return replace(again, id=id)
