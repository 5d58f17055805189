"""What the managers' map shows of one period: the figures of stations and towns, for the page and for its script.

One rule: page and script draw by the same scales; the classes of the steps are one for all of them, so that periods
can be compared, and the whole span has its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Network
from harbour_api.domain.periods import PeriodTotals
from harbour_api.domain.station import Station
from harbour_api.web.desk.map_asked import Asked, By
from harbour_api.web.desk.map_time import Time
from harbour_api.web.house import House
from harbour_api.web.words import Words
from maps.figures import MANY, Layer, visit_layers
from maps.marks import roll, town_order


@dataclass(frozen=True, slots=True)
class MapView:
    """Stations, each one's totals over time, and what is drawn: by steps, and of the whole span."""

    network: Network
    stations: Sequence[Station]
    totals: Sequence[PeriodTotals]
    time: Time
    by: By
    steps: Mapping[str, Layer]
    whole: Mapping[str, Layer]
    words: Words

    @classmethod
    def of(cls, house: House, stations: Sequence[Station], asked: Asked, words: Words) -> MapView:
        """Return the view of these stations; Invalid where the address asks for no period of its span."""
        today = local_day(house.now())
        starts = asked.span.starts(today)
        recorded = house.visits.period_totals(starts, today, asked.audience)
        nothing = PeriodTotals((None,) * len(starts))
        totals = [recorded.get(station.code, nothing) for station in stations]
        time = Time.of(asked.span, asked.at, starts, totals, today, words)
        steps = visit_layers(stations, [told.totals for told in totals])
        whole = visit_layers(stations, [[told.whole] for told in totals])
        # Circles in thousands are for the script's canvas: without it towns are drawn.
        by = By.TOWN if len(stations) > MANY else asked.by
        return cls(house.registry.network, stations, totals, time, by, steps, whole, words)

    @property
    def has_samples(self) -> bool:
        """Whether any figure rests on samples."""
        return any(told.has_sample for told in self.totals)

    @property
    def layers(self) -> Mapping[str, Layer]:
        """The figures of stations and towns that the chosen period is one of."""
        return self.whole if self.time.is_whole else self.steps

    @property
    def column(self) -> int:
        """Which figure of each row is the period's."""
        return 0 if self.time.is_whole else self.time.at

    def counts(self, by: By) -> list[int | None]:
        """Return the period's figure of each station or town."""
        return [row[self.column] for row in self.layers[by].counts]

    def names(self, by: By) -> list[str]:
        """Return what the stations or the towns are called."""
        if by is By.STATION:
            return [self.words.pick(station.name, station.name_en) for station in self.stations]
        towns = [self.network.town(code) for code in town_order(self.stations)]
        return [self.words.pick(town.name, town.name_en) for town in towns]

    @property
    def sentence(self) -> str:
        """What the period came to, and how much of it is known."""
        known = [count for count in self.counts(By.STATION) if count is not None]
        silent = len(self.stations) - len(known)
        return self.words(
            "{period}：共 {n} 人次，{k} 个站点有记录，{missing} 个没有记录。",
            period=self.time.chosen.name,
            n=sum(known),
            k=len(known),
            missing=silent,
        )

    @property
    def figures(self) -> dict[str, object]:
        """What the page's script draws, and the names it speaks of."""
        return {
            **{by: layer.figures for by, layer in self.steps.items()},
            "whole": {by: layer.figures for by, layer in self.whole.items()},
            "roll": roll(self.stations),
            "codes": [station.code for station in self.stations],
            "samples": [int(told.has_sample) for told in self.totals],
            "names": self.names(By.STATION),
            "towns": self.names(By.TOWN),
        }

    def towns(self) -> list[dict[str, Any]]:
        """Return a row for each town: its figure and by how many of its stations it was recorded."""
        homes = Counter(station.town for station in self.stations)
        reporting = [row[self.column] for row in self.layers[By.TOWN].reporting]
        rows = zip(town_order(self.stations), self.names(By.TOWN), self.counts(By.TOWN), reporting, strict=True)
        return [{"name": name, "count": count, "k": k, "n": homes[code]} for code, name, count, k in rows]
