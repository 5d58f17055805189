"""The managers' map: visits as circles over time, by station and by town, and what is out of order.

One rule: nothing recorded (None) and a recorded 0 stay apart all the way to the screen. The script holds visit figures:
serve it to managers only, never from a public address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from harbour_api.domain.station import Station, Town
from maps.canvas import Canvas, MapParts, view_of
from maps.marks import repair_marks, town_marks, town_order
from maps.public import CENTRE

Counts: TypeAlias = Sequence[Sequence[int | None]]

LABELS = {
    "zh": "到访地图：方向键移动，加减键缩放，旁边的表格内容相同",
    "en": "Map of visits: arrow keys move it, plus and minus zoom, the table beside it says the same",
}
CLASSES = 5  # as many shades as one can still tell apart


def manager_map(
    stations: Sequence[Station],
    towns: Mapping[str, Town],
    ground: Mapping[str, Any],
    counts: Counts,
    *,
    lang: str = "zh",
) -> MapParts:
    """Draw station i's visits `counts[i]`, one figure a period and None where nothing was recorded."""
    sums, reporting = town_counts(stations, counts)
    canvas = Canvas(LABELS.get(lang, LABELS["zh"]), view_of((station.place for station in stations), CENTRE))
    canvas.draw_ground(ground)
    canvas.draw_marks("visitsOf", repair_marks(stations))
    canvas.draw_marks("visitsIn", town_marks(stations, towns))
    canvas.tell("stationVisits", counts=_plain(counts), breaks=breaks(counts), most=most(counts))
    canvas.tell("townVisits", counts=sums, breaks=breaks(sums), most=most(sums), reporting=reporting)
    canvas.tell("openDesk")
    return canvas.parts()


def town_counts(stations: Sequence[Station], counts: Counts) -> tuple[list[list[int | None]], list[list[int]]]:
    """Return each town's totals a period (None where no station recorded any) and how many stations recorded one."""
    sums: list[list[int | None]] = []
    reporting: list[list[int]] = []
    for code in town_order(stations):
        own = [row for station, row in zip(stations, counts, strict=True) if station.town == code]
        known = [[count for count in period if count is not None] for period in zip(*own, strict=True)]
        sums.append([sum(figures) if figures else None for figures in known])
        reporting.append([len(figures) for figures in known])
    return sums, reporting


def breaks(counts: Counts) -> list[int]:
    """Return the rising lower bounds of every shade but the lightest, so that each holds about as many figures."""
    figures = sorted(_recorded(counts))
    bounds = {figures[len(figures) * step // CLASSES] for step in range(1, CLASSES)} if figures else set()
    return sorted(bound for bound in bounds if bound > figures[0])


def most(counts: Counts) -> int:
    """Return the largest figure, which has the largest circle; 1 where nobody came at all."""
    return max(_recorded(counts), default=1)


def _recorded(counts: Counts) -> Iterable[int]:
    return (count for row in counts for count in row if count)


def _plain(counts: Counts) -> list[list[int | None]]:
    return [list(row) for row in counts]
