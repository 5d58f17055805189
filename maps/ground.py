"""What a map lies on: the schematic land as it comes, or an operator's tiles, with a boundary where there is one.

One rule: tiles decide the datum. On tiles in GCJ-02 everything is drawn in GCJ-02, or it would lie 630 m beside its
street. Needs no Folium, and like every module here lets numbers in only: a tile's address is a text, so the page
brings it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from harbour_api.domain.place import Datum, Place

Box: TypeAlias = tuple[tuple[float, float], tuple[float, float]]  # (south, west), (north, east): Leaflet's order

DECIMALS = 4  # of the ground: 11 m, finer than a schematic needs
CENTRE = Place(113.38, 22.52)  # what an empty map shows: the middle of Zhongshan
MARGIN = 0.01  # degrees of air around the outermost point


@dataclass(frozen=True, slots=True)
class Ground:
    """GeoJSON land; a GeoJSON geometry for a boundary; the zooms of tiles, which take the land's place."""

    land: Mapping[str, Any]
    boundary: Mapping[str, Any] | None = None
    tile_zooms: tuple[int, int] | None = None
    datum: Datum = Datum.WGS84


def view_of(places: Iterable[Place], fallback: Place, datum: Datum = Datum.WGS84) -> Box:
    """Return the box that shows all places with a little air around them."""
    shown = [place.figures(datum) for place in (list(places) or [fallback])]
    lons, lats = [lon for lon, _ in shown], [lat for _, lat in shown]
    south_west = (round(min(lats) - MARGIN, DECIMALS), round(min(lons) - MARGIN, DECIMALS))
    return south_west, (round(max(lats) + MARGIN, DECIMALS), round(max(lons) + MARGIN, DECIMALS))


def middle(view: Box) -> tuple[float, float]:
    """Return the middle of a box."""
    (south, west), (north, east) = view
    return round((south + north) / 2, DECIMALS), round((west + east) / 2, DECIMALS)


def extent(coordinates: Iterable[Any]) -> Box:
    """Return the box around all positions in nested rings."""
    positions = [position for rings in coordinates for position in _positions(rings)]
    lons, lats = [lon for lon, _ in positions], [lat for _, lat in positions]
    return (min(lats), min(lons)), (max(lats), max(lons))


def _positions(rings: Sequence[Any]) -> Iterable[tuple[float, float]]:
    if isinstance(rings[0], float):
        yield rings[0], rings[1]
    else:
        for ring in rings:
            yield from _positions(ring)
