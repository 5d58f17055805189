"""Which places lie nearest: exact on the WGS-84 ellipsoid, anywhere on the globe, in tens of microseconds.

Everything cheap only ever rules places out, and each cut is a proof, so that pyproj.Geod alone decides the order:

- R = a(1 - e^2) is the ellipsoid's smallest radius of curvature, hence R x central angle <= geodesic;
- by Schur's theorem chord <= geodesic <= 2R asin(chord / 2R), while the chord is shorter than 2R.

Counts of places on a grid suggest a radius; an STRtree names what lies in the circle's box; if the k-th chord proves
that the circle holds k, the rest of the world is out, else it is doubled. The chord keeps the few that can be among the
k, and Geod measures those. Few places are simply all compared by chord.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from harbour_api.domain.place import GEOD, Place

SCAN = 1_500  # up to here reading every chord beats the tree
_A = GEOD.a
_E2 = GEOD.es
_R = _A * (1 - _E2)
_DEGREE_M = 111_320.0
_HALF_ROUND_M = 20_004_000.0  # no two points on WGS-84 are farther apart (20,003,932 m)
_MARGIN = 2.0  # the first circle is to hold this many times what is wanted, since a second look costs more
FEW = 40  # up to here measuring one by one beats handing pyproj columns, by an eighth of the whole search
_SLACK_M = 0.002  # places whose distances round to the same millimetre tie, and ties go by code
SMALL_PART = 8  # a part at most this fraction of the whole is better off with an index of its own

Rows = NDArray[np.intp]
Column = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ecef = tuple[float, float, float]


class Found(NamedTuple):
    """A place found: its row, geodesic metres to the millimetre, bearing from the asker in degrees, [0, 360)."""

    row: int
    distance_m: float
    bearing_deg: float


class Chosen:
    """A part of the index to look in: the rows in order, and for a large index the same as a mask (None: all rows).

    A small part gets an index of its own when it is asked a second time: for one question that would be too dear, and
    a filter asked twice is asked often.
    """

    def __init__(self, rows: Rows, mask: Mask | None) -> None:
        self.rows = rows
        self.mask = mask
        self._part: PlaceIndex | None = None
        self._was_asked = False

    def part_of(self, whole: PlaceIndex) -> PlaceIndex | None:
        """Return the part's own index, where it has earned one."""
        if self._part is None and self._was_asked and len(self.rows) * SMALL_PART <= len(whole):
            self._part = whole.part(self.rows)
        self._was_asked = True
        return self._part


class PlaceIndex:
    """An immutable index over places given as columns of degrees, in the order in which ties are to be decided."""

    def __init__(self, lons: Column, lats: Column) -> None:
        self._lons, self._lats = lons, lats
        self._points = _ecef_columns(lons, lats)
        self._large = _LargeIndex(lons, lats) if len(lons) > SCAN else None

    def __len__(self) -> int:
        return len(self._lons)

    def nearest(self, place: Place, limit: int, among: Chosen | None = None) -> list[Found]:
        """Return the `limit` nearest rows (fewer only where there are fewer), by distance rounded to 1 mm, then row."""
        if limit < 1:
            raise ValueError("limit must be at least 1")
        if among is not None and (part := among.part_of(self)) is not None:
            return [Found(int(among.rows[row]), *seen) for row, *seen in part.nearest(place, limit)]
        return self._measured(place, self._candidates(place, limit, among), limit)

    def part(self, rows: Rows) -> PlaceIndex:
        """Return an index over these rows alone, which counts them from 0."""
        return PlaceIndex(self._lons[rows], self._lats[rows])

    def inside(self, west: float, south: float, east: float, north: float) -> Mask:
        """Return which rows lie in the box, its edges included; west > east crosses the antimeridian."""
        tall: Mask = (self._lats >= south) & (self._lats <= north)
        if west <= east:
            return tall & (self._lons >= west) & (self._lons <= east)
        return tall & ((self._lons >= west) | (self._lons <= east))

    def _candidates(self, place: Place, limit: int, among: Chosen | None) -> Rows:
        """Return rows that surely hold the `limit` nearest, and few others."""
        asker, size = _ecef(place), len(self) if among is None else len(among.rows)
        if self._large is None or size <= SCAN:
            rows = _all_rows(len(self)) if among is None else among.rows
            chords2 = _chords2(self._points if among is None else self._points[rows], asker)
            return rows[chords2 <= _reach2(chords2, limit)]
        radius_m = self._large.radius_for(place, limit * len(self) // size)
        while True:
            rows = self._large.within(place, radius_m)
            if among is not None and among.mask is not None:
                rows = rows[among.mask[rows]]
            chords2 = _chords2(self._points[rows], asker)
            reach2 = _reach2(chords2, limit)
            if radius_m > _HALF_ROUND_M or (len(rows) >= limit and reach2 <= radius_m**2):
                return rows[chords2 <= reach2]
            radius_m *= 2

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


class _LargeIndex:
    """Rows in a circle, for many places: a grid's counts choose its radius, an STRtree names what lies in its box."""

    def __init__(self, lons: Column, lats: Column) -> None:
        self._tree = shapely.STRtree(np.asarray(shapely.points(lons, lats)))
        self._west, self._south = float(lons.min()), float(lats.min())
        self._side = side = max(8, math.isqrt(len(lons) // 2))
        self._step_x = (float(lons.max()) - self._west) / side or 1.0
        self._step_y = (float(lats.max()) - self._south) / side or 1.0
        counts, _, _ = np.histogram2d(self._column(lons), self._column_y(lats), side, ((0, side), (0, side)))
        self._below: list[list[int]] = np.pad(counts.cumsum(0).cumsum(1).astype(np.int64), ((1, 0), (1, 0))).tolist()
        self._total = len(lons)

    def within(self, place: Place, radius_m: float) -> Rows:
        """Return every row within the radius, and what else lies in the circle's box."""
        hits = [self._tree.query(shapely.box(*bounds)) for bounds in _boxes(place, radius_m)]
        return hits[0] if len(hits) == 1 else np.unique(np.concatenate(hits))

    def radius_for(self, place: Place, wanted: int) -> float:
        """Guess, from the density around, a radius in metres that holds `wanted` rows; the caller checks."""
        x, y = int((place.lon - self._west) / self._step_x), int((place.lat - self._south) / self._step_y)
        half, count = 0, 0
        while (count := self._count(x - half, y - half, x + half + 1, y + half + 1)) < min(wanted, self._total):
            half = half * 2 or 1
        high_m = (2 * half + 1) * self._step_y * _DEGREE_M
        wide_m = (2 * half + 1) * self._step_x * _DEGREE_M * math.cos(math.radians(place.lat))
        return math.sqrt(_MARGIN * wanted / count * high_m * max(wide_m, 1.0) / math.pi)

    def _count(self, left: int, bottom: int, right: int, top: int) -> int:
        """Return how many places lie in these cells; written out, for it is called several times a search."""
        side, below = self._side, self._below
        left = 0 if left < 0 else left if left < side else side
        bottom = 0 if bottom < 0 else bottom if bottom < side else side
        right = 0 if right < 0 else right if right < side else side
        top = 0 if top < 0 else top if top < side else side
        east, west = below[right], below[left]
        return east[top] - west[top] - east[bottom] + west[bottom]

    def _column(self, lons: Column) -> Column:
        return np.clip((lons - self._west) / self._step_x, 0, self._side)

    def _column_y(self, lats: Column) -> Column:
        return np.clip((lats - self._south) / self._step_y, 0, self._side)


def _boxes(place: Place, radius_m: float) -> list[tuple[float, float, float, float]]:
    """Return the longitude-latitude boxes that cover the circle: two where it crosses the antimeridian."""
    angle = math.degrees(radius_m / _R)
    south, north = place.lat - angle, place.lat + angle
    if south <= -90 or north >= 90:
        return [(-180.0, south, 180.0, north)]  # a pole is in reach, and with it every longitude
    wide = math.degrees(math.asin(min(1.0, math.sin(math.radians(angle)) / math.cos(math.radians(place.lat)))))
    west, east = place.lon - wide, place.lon + wide
    if west < -180:
        return [(west + 360, south, 180.0, north), (-180.0, south, east, north)]
    if east > 180:
        return [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
    return [(west, south, east, north)]


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


def _all_rows(count: int) -> Rows:
    return np.arange(count, dtype=np.intp)
