"""The map of who is near a station: every sample point as an area, towns as buttons, stations as small marks.

One rule: the drawing knows the points, not the question. Which points are near for a radius, an hour or one more
station is said by the page, a digit a point in this order, so that one drawing serves whatever anybody asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harbour_api.domain.coverage import STEP_M
from harbour_api.domain.place import Place
from harbour_api.domain.station import Station, Town
from maps.canvas import Canvas, MapParts
from maps.ground import CENTRE, Ground
from maps.marks import Mark, station_marks

LABELS = {
    "zh": "覆盖地图：方向键移动，加减键缩放，旁边的表格内容相同",
    "en": "Map of the coverage: arrow keys move it, plus and minus zoom, the table beside it says the same",
}


def coverage_map(
    points: Sequence[Place], stations: Sequence[Station], towns: Mapping[str, Town], ground: Ground, *, lang: str = "zh"
) -> MapParts:
    """Draw all sample points; town t is the t-th of `towns`, and the row `t{t}` of the page's table."""
    homes = [town.place for town in towns.values()]
    canvas = Canvas.on(ground, LABELS.get(lang, LABELS["zh"]), homes, CENTRE)
    canvas.tell("samples", step=STEP_M, points=[canvas.figures_of(point) for point in points])
    canvas.draw_marks("smallStation", station_marks(stations))
    canvas.draw_marks("townShare", [Mark(place, {"t": t}) for t, place in enumerate(homes)])
    canvas.tell("openCoverage")
    return canvas.parts()
