"""The map on which a manager puts a station where it is: one pin to drag, and the towns to tell by.

One rule: as on every map figures only. What the pin says is read in the datum of the ground it lies on, which the page
tells beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

from harbour_api.domain.place import Place
from harbour_api.domain.station import Town
from maps.canvas import Canvas, MapParts
from maps.ground import Ground
from maps.marks import Mark

LABELS = {
    "zh": "位置地图：方向键移动，加减键缩放；点一下地图，或拖动图钉",
    "en": "Map of the place: arrow keys move it, plus and minus zoom; tap the map, or drag the pin",
}


def place_map(place: Place, town: Place, towns: Mapping[str, Town], ground: Ground, *, lang: str = "zh") -> MapParts:
    """Draw the pin at a place, and every town as lettering; town t is the t-th of `towns`."""
    canvas = Canvas.on(ground, LABELS.get(lang, LABELS["zh"]), [place, town], place)
    canvas.draw_marks("townLettering", [Mark(one.place, {"t": t}) for t, one in enumerate(towns.values())])
    canvas.draw_marks("placePin", [Mark(place, {})])
    canvas.tell("openPlace")
    return canvas.parts()
