"""The managers' map as a still drawing: what is shown without script, and on paper. Needs no Folium.

One rule: it brings figures only, as every module here; the page lays its words beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from harbour_api.domain.place import Place
from maps.figures import Looks
from maps.ground import CENTRE, Box, Ground, view_of

WIDTH = 340  # of the drawing, in units: on a phone one is a pixel
TALLEST = 480
LEAST_DEGREES = 0.3  # a single station is still seen within its city
AIR = 28  # units around the outermost points: half a circle


@dataclass(frozen=True, slots=True)
class Circle:
    """One figure on the drawing; `index` is its number on the map."""

    index: int
    x: float
    y: float
    looks: Looks


@dataclass(frozen=True, slots=True)
class Still:
    """A finished drawing: its size, the land and a boundary as path data, and the circles, the largest undermost."""

    width: int
    height: int
    land: str
    boundary: str
    circles: Sequence[Circle]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where on the drawing a point of the ground lies."""

    west: float
    north: float
    scale: float  # units to a degree of latitude
    squeeze: float  # degrees of longitude are shorter than those of latitude
    height: int

    @classmethod
    def on(cls, view: Box) -> Sheet:
        """Return the sheet on which a view has its room."""
        (south, west), (north, east) = view
        squeeze = cos(radians((south + north) / 2))
        wide, tall = max((east - west) * squeeze, LEAST_DEGREES), max(north - south, LEAST_DEGREES)
        scale = min((WIDTH - 2 * AIR) / wide, (TALLEST - 2 * AIR) / tall)
        height = round(tall * scale) + 2 * AIR
        left = (west + east) / 2 - WIDTH / 2 / scale / squeeze
        return cls(left, (south + north) / 2 + height / 2 / scale, scale, squeeze, height)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return where a point lies, from the upper left corner."""
        x, y = (lon - self.west) * self.squeeze * self.scale, (self.north - lat) * self.scale
        return round(x, 1), round(y, 1)

    def path(self, geometry: Mapping[str, Any]) -> str:
        """Return a polygon, or several, as path data."""
        coordinates = geometry["coordinates"]
        polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
        return "".join(self._ring(ring) for polygon in polygons for ring in polygon)

    def _ring(self, ring: Iterable[Sequence[float]]) -> str:
        points = (self.at(position[0], position[1]) for position in ring)
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"


def still_map(places: Sequence[Place], looks: Sequence[Looks], ground: Ground) -> Still:
    """Draw figure i at place i, on land that is schematic whatever the page's own map lies on."""
    sheet = Sheet.on(view_of(places, CENTRE))
    land = "".join(sheet.path(feature["geometry"]) for feature in ground.land["features"])
    boundary = "" if ground.boundary is None else sheet.path(ground.boundary)
    points = [sheet.at(*place.figures()) for place in places]
    circles = [Circle(i, x, y, look) for i, ((x, y), look) in enumerate(zip(points, looks, strict=True))]
    return Still(WIDTH, sheet.height, land, boundary, sorted(circles, key=lambda one: -one.looks.across))
