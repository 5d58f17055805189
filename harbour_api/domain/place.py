"""Where something is: a checked WGS-84 longitude and latitude, and the datums that Chinese maps use instead.

The order of the two numbers is decided here and nowhere else: longitude first, as in GeoJSON. A place is rounded to
6 decimals (0.11 m) on entry, so that anyone can recompute a distance from the figures we publish.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from pyproj import Geod

GEOD = Geod(ellps="WGS84")
CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # where the shifted datums exist: west, south, east, north


class Datum(StrEnum):
    """How the figures of a coordinate are to be read. At Zhongshan a mix-up is off by 630 m (GCJ) or 1,260 m (BD)."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A point on the WGS-84 ellipsoid, in degrees. Build it with `Place.at`, which checks and rounds."""

    lon: float
    lat: float

    @classmethod
    def at(cls, lon: float, lat: float, datum: Datum = Datum.WGS84) -> Place:
        """Return the place these figures name in their datum; ValueError says which bound they break."""
        if not (math.isfinite(lon) and -180 <= lon <= 180):
            raise ValueError("longitude must lie between -180 and 180")
        if not (math.isfinite(lat) and -90 <= lat <= 90):
            raise ValueError("latitude must lie between -90 and 90")
        if datum is not Datum.WGS84 and _in_china(lon, lat):
            lon, lat = _to_wgs84(lon, lat, datum)
        return cls(round(lon, 6) + 0.0, round(lat, 6) + 0.0)  # + 0.0 turns -0.0 into 0.0

    def figures(self, datum: Datum = Datum.WGS84) -> tuple[float, float]:
        """Return (longitude, latitude) in degrees as that datum writes them; all agree outside China.

        Shifted figures have 7 decimals: with 6, one place in some hundred would come back as its neighbour.
        """
        if datum is Datum.WGS84 or not _in_china(self.lon, self.lat):
            return self.lon, self.lat
        lon, lat = _from_wgs84(self.lon, self.lat, datum)
        return round(lon, 7), round(lat, 7)

    def distance_m(self, other: Place) -> float:
        """Return the geodesic distance on the WGS-84 ellipsoid in metres."""
        return float(GEOD.inv(self.lon, self.lat, other.lon, other.lat)[2])


def _in_china(lon: float, lat: float) -> bool:
    west, south, east, north = CHINA
    return west <= lon <= east and south <= lat <= north


def _from_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    import geocoordinates_ffi as china  # on first use: most requests never leave WGS-84

    convert = china.wgs84_to_gcj02 if datum is Datum.GCJ02 else china.wgs84_to_bd09
    moved = convert(china.Wgs84(lat=lat, lon=lon))
    return moved.lon, moved.lat


def _to_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    import geocoordinates_ffi as china

    if datum is Datum.GCJ02:
        moved = china.gcj02_to_wgs84_refined(china.Gcj02(lat=lat, lon=lon))
    else:
        moved = china.bd09_to_wgs84_refined(china.Bd09(lat=lat, lon=lon))
    return moved.lon, moved.lat
