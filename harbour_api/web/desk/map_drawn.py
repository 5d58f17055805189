"""The managers' map as it is drawn on the server: the chosen period for whoever has no script, and the legends.

One rule: it is drawn by the same scales as the script's circles, so that nobody sees another map.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from harbour_api.domain.place import Place
from harbour_api.web.desk.map_asked import By
from harbour_api.web.desk.map_view import MapView
from harbour_api.web.words import Words
from maps.figures import Looks, Scale
from maps.ground import Ground
from maps.marks import town_order
from maps.still import still_map


@dataclass(frozen=True, slots=True)
class Key:
    """One line of a legend: how it looks and what it means."""

    looks: Looks
    text: str
    is_broken: bool = False
    is_unplaced: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What one circle says: to a screen reader, below itself, and of what there is to see to."""

    label: str
    below: str = ""
    is_broken: bool = False
    is_unplaced: bool = False


def still_view(view: MapView, ground: Ground) -> dict[str, Any]:
    """Return the period as a drawing, each circle with what it says."""
    scale = view.layers[view.by].scale
    still = still_map(_places(view), [scale.looks(count) for count in view.counts(view.by)], ground)
    told = _told(view)
    return {"sheet": still, "circles": [(circle, told[circle.index]) for circle in still.circles]}


def _told(view: MapView) -> list[Told]:
    names = view.names(view.by)
    labels = [f"{name} · {spoken(n, view.words)}" for name, n in zip(names, view.counts(view.by), strict=True)]
    if view.by is By.TOWN:
        return [Told(label, _short(name, view.words)) for label, name in zip(labels, names, strict=True)]
    ones = zip(labels, view.stations, strict=True)
    return [Told(label, "", one.n_out_of_order > 0, not one.is_placed) for label, one in ones]


def _short(name: str, words: Words) -> str:
    """Return a town's name without its rank, for want of room."""
    return name.removesuffix(words("街道")).removesuffix(words("镇"))


def _places(view: MapView) -> list[Place]:
    if view.by is By.STATION:
        return [station.place for station in view.stations]
    return [view.network.town(code).place for code in town_order(view.stations)]


def legends(view: MapView) -> list[dict[str, Any]]:
    """Return a legend for each scale: that of what is drawn is shown, the script turns to the others."""
    return [
        {
            "by": by.value,
            "is_whole": is_whole,
            "is_shown": (by, is_whole) == (view.by, view.time.is_whole),
            "keys": _keys(layers[by].scale, by, view.words),
        }
        for is_whole, layers in ((False, view.steps), (True, view.whole))
        for by in By
    ]


def _keys(scale: Scale, by: By, words: Words) -> list[Key]:
    zero = scale.looks(0)
    bounds = zip(scale.lows, [*scale.lows[1:], None], strict=True)
    shades = [Key(replace(scale.looks(low), text=""), _class(low, above, words)) for low, above in bounds]
    rest = [Key(zero, words("{n} 人次", n=0)), Key(scale.looks(None), words("没有记录"))]
    if by is By.TOWN:
        return shades + rest
    bare = replace(zero, text="")
    ring = Key(bare, words("橙色圈：有设施故障"), is_broken=True)
    return [*shades, *rest, ring, Key(bare, words("虚点边：位置未核实"), is_unplaced=True)]


def _class(low: int, above: int | None, words: Words) -> str:
    if above is None:
        return words("{from} 人次及以上", **{"from": low})
    if above - 1 > low:
        return words("{from}–{to} 人次", **{"from": low, "to": above - 1})
    return spoken(low, words)


def spoken(count: int | None, words: Words) -> str:
    """Return a figure as one says it."""
    return words("没有记录") if count is None else words("{n} 人次", n=count)
