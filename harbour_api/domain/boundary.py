"""The operator's administrative boundary: what a file must be to be drawn on a map and counted by.

One rule: none is shipped and none is guessed. Copies in circulation are up to 15 km off, so a boundary that leaves out
a single station or town is refused by that one's name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from shapely import Point, force_2d, is_valid_reason, prepare, union_all
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from harbour_api.domain.network import Network
from harbour_api.domain.station import Station, Town

POLYGONS = ("Polygon", "MultiPolygon")
WGS84_NAMES = ("CRS84", "EPSG::4326", "EPSG:4326")  # how files older than RFC 7946 say what the RFC takes for granted


def boundary_of(document: Any) -> BaseGeometry:
    """Return the area a GeoJSON document holds; ValueError says why it is none."""
    _refuse_other_datum(document)
    areas = [_area(geometry) for geometry in _geometries(document)]
    if not areas:
        raise ValueError("holds no polygon")
    whole = union_all(areas)
    prepare(whole)
    return whole


def first_outside(boundary: BaseGeometry, network: Network) -> str | None:
    """Return the code and name of the first station or town that lies outside, or None where none does."""
    everything: tuple[Station | Town, ...] = (*network.stations, *network.towns.values())
    for one in everything:
        if not boundary.covers(Point(one.place.lon, one.place.lat)):
            return f"{one.code} {one.name}"
    return None


def _refuse_other_datum(document: Any) -> None:
    if not isinstance(document, Mapping):
        raise ValueError("must be a GeoJSON object")
    if "crs" in document and not str(document["crs"]).rstrip("}' ").endswith(WGS84_NAMES):
        raise ValueError("must be in WGS-84, and its member `crs` names another system")
    if document.get("datum", "wgs84") != "wgs84":
        raise ValueError("must be in WGS-84, and its member `datum` names another one")


def _geometries(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        for feature in document.get("features") or ():
            yield from _geometries(feature)
    elif kind == "Feature":
        yield from _geometries(document.get("geometry") or {})
    elif kind in POLYGONS:
        yield document
    else:
        raise ValueError("must be GeoJSON made of polygons only")


def _area(geometry: Mapping[str, Any]) -> BaseGeometry:
    try:
        area = force_2d(shape(dict(geometry)))
    except (ShapelyError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ValueError("has a polygon that is malformed") from error
    west, south, east, north = area.bounds
    if not (math.isfinite(west + east) and west >= -180 and south >= -90 and east <= 180 and north <= 90):
        raise ValueError("must be in WGS-84 degrees, longitude first")
    if not area.is_valid:
        raise ValueError(f"has a polygon that is no area: {is_valid_reason(area)}")
    return area
