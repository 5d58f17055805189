"""The public map: one bubble a town, which gives way to its stations as one comes closer.

One rule: it says nothing the page's list does not say; each marker only points to its card there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harbour_api.domain.station import Station, Town
from maps.canvas import Canvas, MapParts
from maps.ground import CENTRE, Ground
from maps.marks import station_marks, town_marks

LABELS = {
    "zh": "站点地图：方向键移动，加减键缩放，旁边的列表内容相同",
    "en": "Map of the stations: arrow keys move it, plus and minus zoom, the list beside it says the same",
}
STATIONS_FROM_ZOOM = 12


def public_map(stations: Sequence[Station], towns: Mapping[str, Town], ground: Ground, *, lang: str = "zh") -> MapParts:
    """Draw the stations in the given order; station i is the card `s{i}` of the page, town t its name `t{t}`."""
    canvas = Canvas.on(ground, LABELS.get(lang, LABELS["zh"]), (station.place for station in stations), CENTRE)
    canvas.draw_marks("station", station_marks(stations))
    canvas.draw_marks("town", town_marks(stations, towns))
    canvas.tell("open", split=STATIONS_FROM_ZOOM)
    return canvas.parts()
