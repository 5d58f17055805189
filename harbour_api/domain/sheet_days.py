"""A sheet of days: what each row says a station's day came to, and the entries that make it so.

One rule: a day that is what its row says is left alone, locked or not, so a file can be taken in twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from harbour_api.domain.network import Network
from harbour_api.domain.problems import Invalid
from harbour_api.domain.sheet import Kind, Line, Reject, Sheet
from harbour_api.domain.sheet_in import Once, Own, station_of
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import MOST_A_DAY, Entry, Source, Statement, check_day, day_totals, stating


@dataclass(frozen=True, slots=True)
class DayWish:
    """What a row says a station's day came to."""

    line: Line
    station: str
    day: date
    total: int
    by_audience: Mapping[Audience, int] | None
    reason: str | None


def day_wishes(sheet: Sheet, network: Network, own: Own, rejects: list[Reject]) -> list[DayWish]:
    """Return what the rows of a sheet of days say; whether that may be so is for `settled`."""
    once = Once()
    wishes = []
    for line in sheet.lines(Kind.DAYS, rejects):
        station, day = station_of(line, network, own), line.day("day")
        total = line.whole("total", MOST_A_DAY) if line.needed("total") else None
        by_audience, reason = _by_audience(line, total), line.text("reason", 200)
        if station is not None and day is not None and total is not None and once.first(line, "day", station.code, day):
            wishes.append(DayWish(line, station.code, day, total, by_audience, reason))
    return wishes


def settled(
    wish: DayWish, entries: Sequence[Entry], unlocked: Collection[date], *, actor: str, at: datetime
) -> list[Entry]:
    """Return the entries that make a day what its row says, none where it is that; what may not be is a reject."""
    [held] = day_totals([entry for entry in entries if entry.source is not Source.SAMPLE], wish.day, wish.day)
    if held.total == wish.total and wish.by_audience in (None, held.by_audience):
        return []
    said = Statement(
        wish.station, wish.day, wish.total, wish.by_audience, wish.reason, Source.IMPORT, actor, at
    )  # fmt: skip
    try:
        added = stating(entries, said)
        if added:
            check_day(wish.day, at, unlocked)
    except Invalid as refusal:
        column = "reason" if any(fault.pointer == "/reason" for fault in refusal.errors) else "day"
        wish.line.reject(column, next((fault.detail for fault in refusal.errors), refusal.detail))
        return []
    return added


def _by_audience(line: Line, total: int | None) -> dict[Audience, int] | None:
    """Return the visits by audience, None where no column of theirs has anything."""
    said = {audience: line.whole(audience, MOST_A_DAY) for audience in Audience if not line.is_empty(audience)}
    counted = {audience: count for audience, count in said.items() if count is not None}
    if counted and total is not None and sum(counted.values()) != total:
        line.reject("total", "must be what its audiences add up to")
    return counted or None
