"""The table beside the managers' map: a line a station, in any column's order, a page at a time.

One rule: a station of which nothing was recorded is never sorted as if it were 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from harbour_api.domain.network import Network
from harbour_api.domain.periods import PeriodTotals
from harbour_api.domain.station import Station
from harbour_api.web.words import Words

PAGE = 100
NEVER = 10**6  # days of silence of a station that never told anything


@dataclass(frozen=True, slots=True)
class Line:
    """One station of the table; `index` is its number on the map."""

    index: int
    station: Station
    totals: PeriodTotals
    now: int | None
    n_reports: int
    silent_days: int | None
    is_silent: bool


SORTS: Mapping[str, Callable[[Line], Any]] = {
    "name": lambda line: line.station.pinyin or line.station.name,
    "town": lambda line: line.station.town,
    "now": lambda line: -1 if line.now is None else line.now,
    "total": lambda line: -1 if line.totals.whole is None else line.totals.whole,
    "broken": lambda line: line.station.n_out_of_order,
    "reports": lambda line: line.n_reports,
    "silent": lambda line: NEVER if line.silent_days is None else line.silent_days,
}


@dataclass(frozen=True, slots=True)
class Table:
    """All lines; a page of them is shown."""

    lines: Sequence[Line]

    @classmethod
    def of(
        cls,
        stations: Sequence[Station],
        totals: Sequence[PeriodTotals],
        now: Sequence[int | None],
        n_reports: Mapping[str, int],
        today: date,
    ) -> Table:
        """Return a line for every station; `now` is what each came to in the period shown."""
        rows = enumerate(zip(stations, totals, now, strict=True))
        return cls([
            Line(i, one, told, count, n_reports.get(one.code, 0), told.silent_days(today), told.is_silent(today))
            for i, (one, told, count) in rows
        ])  # fmt: skip

    @property
    def n_reports(self) -> list[int]:
        """How many reports of each station nobody has ended."""
        return [line.n_reports for line in self.lines]

    def n_found(self, wanted: Collection[str]) -> int:
        """How many of the stations are wanted."""
        return sum(line.station.code in wanted for line in self.lines)

    def n_pages(self, wanted: Collection[str]) -> int:
        """How many pages the wanted lines fill; an empty table has one."""
        return max(1, -(-self.n_found(wanted) // PAGE))

    def rows(
        self, network: Network, wanted: Collection[str], sort: str, page: int, words: Words
    ) -> list[dict[str, Any]]:
        """Return a page of the lines as the template shows them; a page past the last is empty."""
        key, falls = SORTS[sort.removeprefix("-")], sort.startswith("-")
        found = sorted((line for line in self.lines if line.station.code in wanted), key=key, reverse=falls)
        shown = found[(page - 1) * PAGE : page * PAGE]
        ranks = {name: _ranks(shown, SORTS[name]) for name in ("name", "town")}
        return [_row(line, network, words) | _keys(line, ranks) for line in shown]


def _row(line: Line, network: Network, words: Words) -> dict[str, Any]:
    station, town = line.station, network.town(line.station.town)
    return {
        "i": line.index,
        "code": station.code,
        "name": words.pick(station.name, station.name_en),
        "town": words.pick(town.name, town.name_en),
        "now": line.now,
        "total": line.totals.whole,
        "broken": station.n_out_of_order,
        "reports": line.n_reports,
        "silent_days": line.silent_days,
        "is_silent": line.is_silent,
        "has_sample": line.totals.has_sample,
        "only_samples": line.totals.has_sample and line.silent_days is None,
    }


def _keys(line: Line, ranks: Mapping[str, Mapping[Any, int]]) -> dict[str, Any]:
    """Return what the page's script sorts by: numbers, so that it need not know how Chinese is put in order."""
    keys = {name: SORTS[name](line) for name in SORTS}
    return {"keys": keys | {name: known[keys[name]] for name, known in ranks.items()}}


def _ranks(lines: Sequence[Line], key: Callable[[Line], Any]) -> dict[Any, int]:
    return {value: rank for rank, value in enumerate(sorted({key(line) for line in lines}))}
