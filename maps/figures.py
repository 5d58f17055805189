"""What circles of visits are drawn from: totals by station and town, their classes and how a figure looks. Needs no
Folium.

One rule: nothing recorded (None) and a recorded 0 stay apart all the way to the screen. The figures travel in the
managers' page, once; its map brings places only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, sqrt
from typing import TypeAlias

from harbour_api.domain.station import Station
from maps.marks import town_order

Counts: TypeAlias = Sequence[Sequence[int | None]]

MANY = 500  # past so many stations circles are dots on one canvas: a button each would stall a phone
SHADES = ("#fde725", "#5ec962", "#21918c", "#3b528b", "#440154")  # viridis: told apart by every kind of sight
DARK_FROM = 3  # shades from here on carry white figures
DARK, LIGHT = "#1b1a17", "#ffffff"
BLANK = "#fffdf8"  # of a 0 and of nothing recorded


@dataclass(frozen=True, slots=True)
class Looks:
    """How a figure is drawn: its diameter, its colours, and what is written into it."""

    across: int
    fill: str
    ink: str
    text: str
    is_none: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """How large and how dark figures are drawn so that they can be compared; the page's script goes by the same."""

    most: int
    lows: Sequence[int]
    largest: int
    smallest: int

    @classmethod
    def of(cls, counts: Counts, *, is_small: bool = False) -> Scale:
        """Return the scale of these figures; small where dots stand in thousands."""
        sizes = (24, 6) if is_small else (48, 14)
        return cls(most(counts), [1, *breaks(counts)], *sizes)

    @property
    def fills(self) -> list[int]:
        """The shade of each class: however few they are, they are spread over the whole range."""
        last = len(self.lows) - 1
        return [round(step * (len(SHADES) - 1) / last) if last else len(SHADES) // 2 for step in range(last + 1)]

    def across(self, count: int | None) -> int:
        """Return the diameter of a figure's circle, whose area is in proportion to it."""
        if not count:
            return self.smallest if count is None else self.smallest + 4
        return max(self.smallest, floor(self.largest * sqrt(count / self.most) + 0.5))  # as Math.round does

    def looks(self, count: int | None) -> Looks:
        """Return how a figure is drawn; its text is left out where it does not fit."""
        across, text = self.across(count), "" if count is None else str(count)
        shade = self.fills[sum(count >= low for low in self.lows) - 1] if count else None
        fill, is_dark = (BLANK, False) if shade is None else (SHADES[shade], shade >= DARK_FROM)
        fits = across >= 8 + 7 * len(text)
        return Looks(across, fill, LIGHT if is_dark else DARK, text if fits else "", count is None)

    @property
    def figures(self) -> dict[str, object]:
        """What the page's script needs to draw by this scale."""
        inks = [LIGHT if shade >= DARK_FROM else DARK for shade in self.fills]
        classes = [
            {"low": low, "fill": SHADES[shade], "ink": ink}
            for low, shade, ink in zip(self.lows, self.fills, inks, strict=True)
        ]
        return {"most": self.most, "classes": classes, "largest": self.largest, "smallest": self.smallest}


@dataclass(frozen=True, slots=True)
class Layer:
    """Figures of stations or of towns, one a period, and the scale they are drawn by."""

    counts: Counts
    scale: Scale
    reporting: Sequence[Sequence[int]] = ()  # of a town: how many of its stations recorded, a period

    @property
    def figures(self) -> dict[str, object]:
        """What the page's script draws."""
        told: dict[str, object] = {"counts": [list(row) for row in self.counts], **self.scale.figures}
        return told | ({"reporting": self.reporting} if self.reporting else {})


def visit_layers(stations: Sequence[Station], counts: Counts) -> dict[str, Layer]:
    """Return what is drawn of station i's visits `counts[i]`, one figure a period, None where unrecorded."""
    sums, reporting = town_counts(stations, counts)
    return {
        "station": Layer(counts, Scale.of(counts, is_small=len(stations) > MANY)),
        "town": Layer(sums, Scale.of(sums), reporting),
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
    bounds = {figures[len(figures) * step // len(SHADES)] for step in range(1, len(SHADES))} if figures else set()
    return sorted(bound for bound in bounds if bound > figures[0])


def most(counts: Counts) -> int:
    """Return the largest figure, which has the largest circle; 1 where nobody came at all."""
    return max(_recorded(counts), default=1)


def _recorded(counts: Counts) -> Iterable[int]:
    return (count for row in counts for count in row if count)
