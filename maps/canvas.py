"""Where Folium stops: a lean map of figures and coordinates, rendered to one container and one script.

One rule: nothing but numbers gets in. Folium and branca run whatever text they are handed through a template engine,
twice, on the server; so every property and option is checked to be a number here, and what comes out is never compiled
again. Folium is slow to import: let pages import this module on first use only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from folium.utilities import JsCode

from harbour_api.domain.place import Place
from maps.marks import Mark

Box: TypeAlias = tuple[tuple[float, float], tuple[float, float]]  # (south, west), (north, east): Leaflet's order

GLUE = "HarbourMap"  # the object of our own script that the rendered script calls
DECIMALS = 4  # of the ground: 11 m, finer than a schematic needs
MARGIN = 0.01  # degrees of air around the outermost point


@dataclass(frozen=True, slots=True)
class MapParts:
    """A finished map: `html` is its container, `script` the text to serve from an address of its own."""

    html: str
    script: str


class Canvas:
    """A map under construction. Draw in the order things lie on top of each other, then take its parts."""

    def __init__(self, label: str, view: Box) -> None:
        """`label` is a fixed text of ours for screen readers; it does not go to Folium."""
        self._label = label
        self._map = _LeanMap(location=_middle(view), tiles=None)
        self._figure = _StrictFigure()
        self._figure.add_child(self._map)
        self._map.add_child(_Call("begin", {"view": view}))

    def draw_ground(self, ground: Mapping[str, Any]) -> None:
        """Lay the schematic land of a GeoJSON FeatureCollection; only its rings are taken, never its properties."""
        shapes = [_bare(feature["geometry"]) for feature in ground["features"]]
        self._map.add_child(_Call("sheet", {"extent": _extent(shape["coordinates"] for shape in shapes)}))
        data = _collection({"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes)
        self._map.add_child(folium.GeoJson(data, interactive=False, class_name="map-land"))

    def draw_marks(self, draw: str, marks: Iterable[Mark]) -> None:
        """Lay points; our script's function `draw` makes a marker of each from its figures."""
        data = _collection(_point(mark) for mark in marks)
        self._map.add_child(folium.GeoJson(data, point_to_layer=_glue(draw)))

    def tell(self, function: str, **figures: Any) -> None:
        """Have our script's `function(map, figures)` run at this point."""
        self._map.add_child(_Call(function, figures))

    def parts(self) -> MapParts:
        """Render. Equal drawings give equal bytes, so that their address may name their content."""
        _number(self._figure)
        self._map.render()  # type: ignore[no-untyped-call]
        rendered = self._figure.script.render()
        script = "\n".join(line for raw in rendered.splitlines() if (line := raw.strip()))
        name = self._map.get_name()
        return MapParts(f'<div class="map" id="{name}" role="region" aria-label="{escape(self._label)}"></div>', script)


def view_of(places: Iterable[Place], fallback: Place) -> Box:
    """Return the box that shows all places with a little air around them."""
    shown = list(places) or [fallback]
    lons, lats = [place.lon for place in shown], [place.lat for place in shown]
    south_west = (round(min(lats) - MARGIN, DECIMALS), round(min(lons) - MARGIN, DECIMALS))
    return south_west, (round(max(lats) + MARGIN, DECIMALS), round(max(lons) + MARGIN, DECIMALS))


class _Ready(Element):
    """Finished text: given back as it is, never compiled as a template."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: Any) -> str:
        return self._text


class _Bucket(Element):
    """Part of the strict figure: takes text that was rendered once and keeps branca from rendering it again."""

    def add_child(self, child: Element, name: str | None = None, index: int | None = None) -> Element:
        text = child._template_str
        return super().add_child(child if text is None else _Ready(text), name=name, index=index)

    def render(self, **kwargs: Any) -> str:
        return "\n".join(child.render(**kwargs) for child in self._children.values())


class _StrictFigure(Figure):
    """A figure whose parts are rendered once: the second line of defence behind "only numbers get in"."""

    def __init__(self) -> None:
        super().__init__()
        self.header, self.html, self.script = _Bucket(), _Bucket(), _Bucket()
        for part in (self.header, self.html, self.script):
            part._parent = self


class _LeanMap(folium.Map):
    """Folium's map without its foreign scripts and styles, its inline code and its ban on pinch-zoom."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
        center: {{ this.location|tojson }}, zoom: 10, minZoom: 8, maxZoom: 17, zoomSnap: 0.25,
        zoomControl: false, attributionControl: false,
        zoomAnimation: GLUE.motion, fadeAnimation: GLUE.motion, markerZoomAnimation: GLUE.motion, inertia: GLUE.motion
        });
        {% endmacro %}
        """.replace("GLUE", GLUE)
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_js, self.default_css = [], []  # of this map: the inherited lists belong to the whole module


class _Call(MacroElement):
    """One call into our own script: the function's name is ours, its figures are checked."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "{{ this.function }}({{ this._parent.get_name() }}, {{ this.figures|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, function: str, figures: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Call"
        self.function = _glue(function).js_code
        self.figures = {_identifier(name): _only_figures(value) for name, value in figures.items()}


def _glue(function: str) -> JsCode:
    return JsCode(f"{GLUE}.{_identifier(function)}")


def _identifier(name: str) -> str:
    if not (name.isascii() and name.isidentifier()):
        raise ValueError("a name in the script must be a plain identifier")
    return name


def _only_figures(value: Any) -> Any:
    """Return numbers, None and lists of them as JSON-ready values; TypeError for any text, however deep."""
    if value is None or type(value) in (int, float):
        return value
    if isinstance(value, (list, tuple)):
        return [_only_figures(item) for item in value]
    raise TypeError(f"only numbers may enter a map, not {type(value).__name__}")


def _point(mark: Mark) -> dict[str, Any]:
    for figure in mark.figures.values():
        if type(figure) is not int:
            raise TypeError(f"a mark carries integers only, not {type(figure).__name__}")
    properties = {_identifier(name): figure for name, figure in mark.figures.items()}
    position = {"type": "Point", "coordinates": [mark.place.lon, mark.place.lat]}
    return {"type": "Feature", "properties": properties, "geometry": position}


def _bare(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a polygon as rounded rings and nothing else."""
    kind = geometry["type"]
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError("the ground is made of polygons only")
    return {"type": str(kind), "coordinates": _rounded(geometry["coordinates"])}


def _rounded(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return round(float(_only_figures(value)), DECIMALS)


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _extent(coordinates: Iterable[Any]) -> Box:
    """Return the box around all positions in nested rings."""
    positions = [position for rings in coordinates for position in _positions(rings)]
    lons, lats = [lon for lon, _ in positions], [lat for _, lat in positions]
    return (min(lats), min(lons)), (max(lats), max(lons))


def _positions(rings: Sequence[Any]) -> Iterable[tuple[float, float]]:
    if isinstance(rings[0], float):
        yield rings[0], rings[1]
    else:
        for ring in rings:
            yield from _positions(ring)


def _middle(view: Box) -> tuple[float, float]:
    (south, west), (north, east) = view
    return round((south + north) / 2, DECIMALS), round((west + east) / 2, DECIMALS)


def _number(root: Element) -> None:
    """Give every element a number for an id: Folium's are random, and no two renderings would be alike."""
    queue, seen = [root], 0
    while queue:
        element = queue.pop(0)
        element._id = f"m{seen}"
        seen += 1
        queue.extend(element._children.values())
