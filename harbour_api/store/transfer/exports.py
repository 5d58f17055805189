"""Rows as a file: CSV and XLSX for spreadsheets, GeoJSON and KML for maps.

One rule: a row without a place is on no map, and no cell of a sheet begins as a formula could.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from enum import StrEnum
from xml.etree import ElementTree

import orjson

from harbour_api.domain.place import Datum
from harbour_api.domain.sheet import Cell, defused
from harbour_api.domain.sheet_out import Row
from harbour_api.store.transfer.workbook import MEDIA_TYPE, write_workbook

KML = "http://www.opengis.net/kml/2.2"
BOM = "\ufeff"  # without it Excel takes UTF-8 for the system's own coding


class Form(StrEnum):
    """What kind of file."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"
    KML = "kml"


MEDIA_TYPES = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: MEDIA_TYPE,
    Form.GEOJSON: "application/geo+json",
    Form.KML: "application/vnd.google-earth.kml+xml",
}


def write_file(form: Form, title: str, header: Sequence[str], rows: Iterable[Row], datum: Datum) -> bytes:
    """Return rows as a file of that form."""
    if form is Form.CSV:
        return _csv(header, rows)
    if form is Form.XLSX:
        return write_workbook(title, header, (_defused(row.cells) for row in rows))
    return _geojson(header, rows, datum) if form is Form.GEOJSON else _kml(title, header, rows, datum)


def _defused(cells: Iterable[Cell]) -> list[Cell]:
    return [defused(cell) if isinstance(cell, str) else cell for cell in cells]


def _csv(header: Sequence[str], rows: Iterable[Row]) -> bytes:
    file = io.StringIO(newline="")
    file.write(BOM)
    writer = csv.writer(file)
    writer.writerow(header)
    writer.writerows([defused("" if cell is None else str(cell)) for cell in row.cells] for row in rows)
    return file.getvalue().encode()


def _geojson(header: Sequence[str], rows: Iterable[Row], datum: Datum) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": row.place.figures(datum)},
            "properties": dict(zip(header, row.cells, strict=True)),
        }
        for row in rows
        if row.place is not None
    ]
    told = {} if datum is Datum.WGS84 else {"datum": datum}
    return orjson.dumps({"type": "FeatureCollection", "features": features, **told})


def _kml(title: str, header: Sequence[str], rows: Iterable[Row], datum: Datum) -> bytes:
    """Return placemarks; the tree writer escapes every text, so that none becomes markup."""
    root = ElementTree.Element("kml", xmlns=KML)
    document = ElementTree.SubElement(root, "Document")
    ElementTree.SubElement(document, "name").text = title if datum is Datum.WGS84 else f"{title} ({datum})"
    for row in rows:
        if row.place is not None:
            document.append(_placemark(header, row, *row.place.figures(datum)))
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _placemark(header: Sequence[str], row: Row, lon: float, lat: float) -> ElementTree.Element:
    mark = ElementTree.Element("Placemark")
    ElementTree.SubElement(mark, "name").text = row.name
    told = ElementTree.SubElement(mark, "ExtendedData")
    for column, cell in zip(header, row.cells, strict=True):
        if cell is not None:
            data = ElementTree.SubElement(told, "Data", name=column)
            ElementTree.SubElement(data, "value").text = str(cell)
    ElementTree.SubElement(ElementTree.SubElement(mark, "Point"), "coordinates").text = f"{lon!r},{lat!r}"
    return mark
