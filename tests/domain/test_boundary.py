"""The operator's boundary: what is taken, what is refused and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from shapely import Point, box
from shapely.geometry import mapping

from harbour_api.domain.boundary import boundary_of, first_outside
from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.station import Basis, Station, Town

CITY = mapping(box(113.0, 22.0, 114.0, 23.0))
TOWN = Town("442000001", "石岐街道", "Shiqi", Place.at(113.385, 22.517))


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


def collection(*geometries: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [feature(geometry) for geometry in geometries]}


def polygon(*positions: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(positions)]}


@pytest.mark.parametrize(
    "document",
    [
        CITY,
        feature(CITY),
        collection(mapping(box(113.0, 22.0, 113.5, 23.0)), mapping(box(113.5, 22.0, 114.0, 23.0))),
        {**CITY, "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}},
        {**CITY, "datum": "wgs84"},
        polygon([113, 22, 5], [114, 22, 5], [114, 23, 5], [113, 23, 5], [113, 22, 5]),
    ],
)
def test_polygons_in_wgs84_are_one_area(document: Any) -> None:
    area = boundary_of(document)

    assert area.area == pytest.approx(1.0)
    assert area.covers(Point(113.5, 22.5))


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "GeoJSON object"),
        ({"type": "FeatureCollection", "features": []}, "holds no polygon"),
        (feature({"type": "Point", "coordinates": [113, 22]}), "polygons only"),
        (feature(None), "polygons only"),
        ({"type": "Topology"}, "polygons only"),
        ({**CITY, "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}}, "crs"),
        ({**CITY, "datum": "gcj02"}, "datum"),
        (mapping(box(12600000, 2500000, 12700000, 2600000)), "degrees, longitude first"),
        (mapping(box(22.0, 113.0, 23.0, 114.0)), "degrees, longitude first"),
        (polygon([113, 22], [114, 23], [114, 22], [113, 23], [113, 22]), "no area: Self-intersection"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "malformed"),
        ({"type": "Polygon"}, "malformed"),
        ({"type": "Polygon", "coordinates": []}, "degrees"),
        (polygon([113, 22], [float("inf"), 22], [114, 23], [113, 22]), "degrees"),
    ],
)
def test_what_is_no_boundary_is_refused_with_a_reason(document: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        boundary_of(document)


def test_the_first_station_or_town_outside_is_named() -> None:
    places = [Place.at(113.2, 22.5), Place.at(113.7, 22.5)]
    stations = [
        Station(f"ZS00{i}", f"{i:012d}", f"站{i}", "S", TOWN.code, place, Basis.PLACEHOLDER)
        for i, place in enumerate(places)
    ]
    network = Network(stations, [TOWN], ())

    assert first_outside(boundary_of(CITY), network) is None
    assert first_outside(boundary_of(mapping(box(113.0, 22.0, 113.5, 23.0))), network) == "ZS001 站1"
    assert first_outside(boundary_of(mapping(box(113.0, 22.0, 113.3, 23.0))), Network([], [TOWN], ())) == (
        "442000001 石岐街道"
    )
