"""What circles of visits are drawn from: totals by station and town, and the bounds of shades. Needs no Folium.

One rule: nothing recorded (None) and a recorded 0 stay apart all the way to the screen. The figures travel in the
managers' page, once; its map brings places only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from harbour_api.domain.station import Station
from maps.marks import town_order

Counts: TypeAlias = Sequence[Sequence[int | None]]

CLASSES = 5  # as many shades as one can still tell apart


def visit_figures(stations: Sequence[Station], counts: Counts) -> dict[str, Mapping[str, object]]:
    """Return what the script draws of station i's visits `counts[i]`, one figure a period, None where unrecorded."""
    sums, reporting = town_counts(stations, counts)
    return {
        "station": {"counts": [list(row) for row in counts], "breaks": breaks(counts), "most": most(counts)},
        "town": {"counts": sums, "breaks": breaks(sums), "most": most(sums), "reporting": reporting},
    }


def town_counts(stations: Sequence[Station], counts: Counts) -> tuple[list[list[int | None]], list[list[int]]]:
    """Return each town's totals a period (None where no station recorded any) and how many stations recorded one."""
    own: dict[str, list[Sequence[int | None]]] = {code: [] for code in town_order(stations)}
    for station, row in zip(stations, counts, strict=True):
        own[station.town].append(row)
    sums: list[list[int | None]] = []
    reporting: list[list[int]] = []
    for rows in own.values():
        known = [[count for count in period if count is not None] for period in zip(*rows, strict=True)]
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
