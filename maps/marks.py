"""Stations and towns as marks: a place and a few integers. Needs no Folium, so that pages may import it at any time.

One rule: of a Station or Town only its codes, place, basis of place and counts are read here, never a text to be shown.
A mark points to its text by index: station i is the card `s{i}` (or row `r{i}`), town t the name `t{t}` of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from harbour_api.domain.place import Place
from harbour_api.domain.station import Station, Town


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the map and the integers our script needs to draw it."""

    place: Place
    figures: Mapping[str, int]


def town_order(stations: Sequence[Station]) -> tuple[str, ...]:
    """Return the codes of the towns that have a station, in order; a town's index on the map is its index here."""
    return tuple(sorted({station.town for station in stations}))


def roll(stations: Sequence[Station]) -> int:
    """Return a number that tells whether two lists have the same stations, in the same order and the same towns."""
    return crc32(" ".join(f"{station.code} {station.town}" for station in stations).encode())


def town_marks(stations: Sequence[Station], towns: Mapping[str, Town]) -> list[Mark]:
    """Mark each town at its own point with its index `t` and its number of stations `n`."""
    homes = [station.town for station in stations]
    return [
        Mark(towns[code].place, {"t": index, "n": homes.count(code)}) for index, code in enumerate(town_order(stations))
    ]


def station_marks(stations: Sequence[Station]) -> list[Mark]:
    """Mark each station with its index `i`, its town's index `t` and whether it is placed `p` (0: a placeholder)."""
    index_of = {code: index for index, code in enumerate(town_order(stations))}
    return [
        Mark(station.place, {"i": index, "t": index_of[station.town], "p": int(station.is_placed)})
        for index, station in enumerate(stations)
    ]


def repair_marks(stations: Sequence[Station]) -> list[Mark]:
    """Mark each station as `station_marks` does, with the number of its amenities out of order `b` besides."""
    return [
        Mark(mark.place, {**mark.figures, "b": station.n_out_of_order})
        for mark, station in zip(station_marks(stations), stations, strict=True)
    ]
