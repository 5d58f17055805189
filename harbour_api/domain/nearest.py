"""Which places lie nearest: exact on the WGS-84 ellipsoid, anywhere on the globe, in tens of microseconds.

Everything cheap only ever rules places out, and each cut is a proof, so that pyproj.Geod alone decides the order:

- R = a(1 - e^2) is the ellipsoid's smallest radius of curvature, hence R x central angle <= geodesic;
- by Schur's theorem chord <= geodesic <= 2R asin(chord / 2R), while the chord is shorter than 2R.

A grid gives the places in a block of cells around the asker; if the k-th chord proves that k of them lie nearer than
anything outside the block can, the rest of the world is out, else the block grows. The chord keeps the few that can be
among the k, and Geod measures those. Few places are simply all compared by chord.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harbour_api.domain.place import GEOD, Place

SCAN = 900  # up to here reading every chord beats the grid
FEW = 40  # up to here measuring one by one beats handing pyproj columns, by an eighth of the whole search
_A = GEOD.a
_E2 = GEOD.es
_R = _A * (1 - _E2)
_SLACK_M = 0.002  # places whose distances round to the same millimetre tie, and ties go by code

Rows = NDArray[np.intp]
Column = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ecef = tuple[float, float, float]


class Found(NamedTuple):
    """A place found: its row, geodesic metres to the millimetre, bearing from the asker in degrees, [0, 360)."""

    row: int
    distance_m: float
    bearing_deg: float


class PlaceIndex:
    """An immutable index over places given as columns of degrees, in the order in which ties are to be decided."""

    def __init__(self, lons: Column, lats: Column) -> None:
        self._lons, self._lats = lons, lats
        self._points = _ecef_columns(lons, lats)
        self._grid = _Grid(lons, lats, self._points) if len(lons) > SCAN else None

    def __len__(self) -> int:
        return len(self._lons)

    def part(self, rows: Rows) -> PlaceIndex:
        """Return an index over these rows alone, which counts them from 0."""
        return PlaceIndex(self._lons[rows], self._lats[rows])

    def nearest(self, place: Place, limit: int) -> list[Found]:
        """Return the `limit` nearest rows (fewer only where there are fewer), by distance rounded to 1 mm, then row."""
        if limit < 1:
            raise ValueError("limit must be at least 1")
        return self._measured(place, self._candidates(place, limit), limit)

    def inside(self, west: float, south: float, east: float, north: float) -> Mask:
        """Return which rows lie in the box, its edges included; west > east crosses the antimeridian."""
        tall: Mask = (self._lats >= south) & (self._lats <= north)
        if west <= east:
            return tall & (self._lons >= west) & (self._lons <= east)
        return tall & ((self._lons >= west) | (self._lons <= east))

    def _candidates(self, place: Place, limit: int) -> Rows:
        """Return rows that surely hold the `limit` nearest, and few others."""
        asker = _ecef(place)
        for block in self._grid.around(place, limit) if self._grid is not None else ():
            chords2 = _chords2(block.points, asker)
            reach2 = _reach2(chords2, limit)
            if reach2 <= block.clear_m**2:
                return block.rows[chords2 <= reach2]
        chords2 = _chords2(self._points, asker)
        return np.flatnonzero(chords2 <= _reach2(chords2, limit))

    def _measured(self, place: Place, rows: Rows, limit: int) -> list[Found]:
        lons, lats = self._lons[rows], self._lats[rows]
        if len(rows) <= FEW:
            inv, lon, lat = GEOD.inv, place.lon, place.lat
            lines = [inv(lon, lat, *end) for end in zip(lons.tolist(), lats.tolist(), strict=True)]
        else:
            starts = np.full(len(rows), place.lon), np.full(len(rows), place.lat)
            lines = list(zip(*(column.tolist() for column in GEOD.inv(*starts, lons, lats)), strict=True))
        found = [
            (round(metres, 3), row, bearing) for row, (bearing, _, metres) in zip(rows.tolist(), lines, strict=True)
        ]
        found.sort()
        return [Found(row, metres, round(bearing % 360, 1) % 360) for metres, row, bearing in found[:limit]]


class _Block(NamedTuple):
    """The places in a block of cells; whatever lies outside it is farther than `clear_m` metres from the asker."""

    rows: Rows
    points: Column
    clear_m: float


class _Grid:
    """Many places, sorted into about as many cells, so that a block of cells is a few stretches of the columns."""

    def __init__(self, lons: Column, lats: Column, points: Column) -> None:
        self._west, self._east = float(lons.min()), float(lons.max())
        self._south = float(lats.min())
        self._side = side = math.isqrt(len(lons))
        self._wide = (self._east - self._west) / side or 1.0
        self._high = (float(lats.max()) - self._south) / side or 1.0
        x = np.minimum(((lons - self._west) / self._wide).astype(np.intp), side - 1)
        y = np.minimum(((lats - self._south) / self._high).astype(np.intp), side - 1)
        cells = y * side + x
        self._rows: Rows = np.argsort(cells, kind="stable")
        self._points = points[self._rows]
        self._starts: list[int] = np.searchsorted(cells[self._rows], np.arange(side * side + 1)).tolist()

    def around(self, place: Place, wanted: int) -> Iterator[_Block]:
        """Yield growing blocks that hold more than `wanted` places; the whole grid is not among them."""
        x, y = math.floor((place.lon - self._west) / self._wide), math.floor((place.lat - self._south) / self._high)
        half = 1
        while half < self._side:
            columns, lines = (x - half, x + half + 1), (y - half, y + half + 1)
            stretches = self._stretches(columns, lines)
            if sum(stretch.stop - stretch.start for stretch in stretches) > wanted:
                rows = np.concatenate([self._rows[stretch] for stretch in stretches])
                points = np.concatenate([self._points[stretch] for stretch in stretches])
                yield _Block(rows, points, self._clear_m(place, columns, lines))
            half *= 2

    def _stretches(self, columns: tuple[int, int], lines: tuple[int, int]) -> list[slice]:
        side, starts = self._side, self._starts
        left, right = (min(max(edge, 0), side) for edge in columns)
        bottom, top = (min(max(edge, 0), side) for edge in lines)
        return [slice(starts[y * side + left], starts[y * side + right]) for y in range(bottom, top)]

    def _clear_m(self, place: Place, columns: tuple[int, int], lines: tuple[int, int]) -> float:
        """Return how far one must go at least to leave the block towards any place, round the back included."""
        sides = [place.lon - (self._west + columns[0] * self._wide)] if columns[0] > 0 else []
        sides += [self._west + columns[1] * self._wide - place.lon] if columns[1] < self._side else []
        if sides:
            sides += [360 - (self._east - place.lon), 360 - (place.lon - self._west)]
        ends = [place.lat - (self._south + lines[0] * self._high)] if lines[0] > 0 else []
        ends += [self._south + lines[1] * self._high - place.lat] if lines[1] < self._side else []
        sideways = math.radians(min(sides, default=90.0))
        across = math.asin(math.cos(math.radians(place.lat)) * math.sin(min(max(sideways, 0.0), math.pi / 2)))
        angles = ([across] if sides else []) + [math.radians(end) for end in ends]
        return _R * max(min(angles, default=math.inf), 0.0)


def _ecef(place: Place) -> Ecef:
    """Return earth-centred coordinates in metres."""
    lam, phi = math.radians(place.lon), math.radians(place.lat)
    normal = _A / math.sqrt(1 - _E2 * math.sin(phi) ** 2)
    across = normal * math.cos(phi)
    return across * math.cos(lam), across * math.sin(lam), normal * (1 - _E2) * math.sin(phi)


def _ecef_columns(lons: Column, lats: Column) -> Column:
    """Return the same for columns of degrees, one row a place."""
    lam, phi = np.radians(lons), np.radians(lats)
    normal = _A / np.sqrt(1 - _E2 * np.sin(phi) ** 2)
    across = normal * np.cos(phi)
    return np.column_stack((across * np.cos(lam), across * np.sin(lam), normal * (1 - _E2) * np.sin(phi)))


def _chords2(points: Column, asker: Ecef) -> Column:
    gap = points - asker
    squares: Column = np.einsum("ij,ij->i", gap, gap)
    return squares


def _reach2(chords2: Column, limit: int) -> float:
    """Return the square of a distance no geodesic to the `limit` nearest can pass: what has a longer chord is out."""
    if len(chords2) <= limit:
        return math.inf
    chord = math.sqrt(float(np.partition(chords2, limit - 1)[limit - 1]))
    return (2 * _R * math.asin(chord / (2 * _R)) + _SLACK_M) ** 2 if chord < 2 * _R else math.inf
