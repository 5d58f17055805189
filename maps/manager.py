"""The managers' map: stations and towns to be drawn as circles of visits, and what is out of order.

One rule: it brings places, never a visit. The figures come with the page, and this script is for whoever may see
that page: serve it from no public address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harbour_api.domain.station import Station, Town
from maps.canvas import Canvas, MapParts
from maps.ground import CENTRE, Ground, view_of
from maps.marks import repair_marks, roll, town_marks

LABELS = {
    "zh": "到访地图：方向键移动，加减键缩放，旁边的表格内容相同",
    "en": "Map of visits: arrow keys move it, plus and minus zoom, the table beside it says the same",
}


def manager_map(
    stations: Sequence[Station], towns: Mapping[str, Town], ground: Ground, *, lang: str = "zh"
) -> MapParts:
    """Draw stations and towns, whose figures the page's script knows by their index."""
    canvas = Canvas.on(ground, LABELS.get(lang, LABELS["zh"]), (station.place for station in stations), CENTRE)
    canvas.draw_marks("visitsOf", repair_marks(stations))
    canvas.draw_marks("visitsIn", town_marks(stations, towns))
    canvas.tell("openDesk", roll=roll(stations))
    return canvas.parts()


def map_frame(*, lang: str = "zh") -> str:
    """Return the container that the map is drawn into, without drawing it."""
    return Canvas(LABELS.get(lang, LABELS["zh"]), view_of((), CENTRE)).container()
