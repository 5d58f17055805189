"""Where Folium stops: a lean map of figures and coordinates, rendered to one container and one script.

One rule: nothing but numbers gets in. Folium and branca run whatever text they are handed through a template engine,
twice, on the server; so every property and option is checked to be a number here, and what comes out is never compiled
again. Folium is slow to import: let pages import this module on first use only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from folium.utilities import JsCode

from harbour_api.domain.place import Datum, Place
from maps.ground import DECIMALS, Box, Ground, extent, middle, view_of
from maps.marks import Mark

GLUE = "HarbourMap"  # the object of our own script that the rendered script calls
BORDER_DECIMALS = 5  # of the operator's boundary: 1 m


@dataclass(frozen=True, slots=True)
class MapParts:
    """A finished map: `html` is its container, `script` the text to serve from an address of its own."""

    html: str
    script: str


class Canvas:
    """A map under construction. Draw in the order things lie on top of each other, then take its parts."""

    def __init__(self, label: str, view: Box, datum: Datum = Datum.WGS84) -> None:
        """`label` is a fixed text of ours for screen readers; it does not go to Folium."""
        self._label = label
        self._datum = datum
        self._map = _LeanMap(location=middle(view), tiles=None)
        self._figure = _StrictFigure()
        self._figure.add_child(self._map)
        self._map.add_child(_Call("begin", {"view": view}))

    @classmethod
    def on(cls, ground: Ground, label: str, places: Iterable[Place], fallback: Place) -> Canvas:
        """Begin a map that shows these places on a ground."""
        canvas = cls(label, view_of(places, fallback, ground.datum), ground.datum)
        if ground.tile_zooms is None:
            canvas.draw_ground(ground.land)
        else:
            canvas.lay_tiles(ground.land, ground.tile_zooms)
        if ground.boundary is not None:
            canvas.draw_boundary(ground.boundary)
        return canvas

    def draw_ground(self, ground: Mapping[str, Any]) -> None:
        """Lay the schematic land of a GeoJSON FeatureCollection; only its rings are taken, never its properties."""
        shapes = [_bare(feature["geometry"]) for feature in ground["features"]]
        self._map.add_child(_Call("sheet", {"extent": extent(shape["coordinates"] for shape in shapes)}))
        self._draw_areas("map-land", shapes)

    def lay_tiles(self, ground: Mapping[str, Any], zooms: tuple[int, int]) -> None:
        """Have the page's own tiles laid as far as the schematic land would reach."""
        shapes = [_bare(feature["geometry"]) for feature in ground["features"]]
        reach = extent(shape["coordinates"] for shape in shapes)
        shifted = int(self._datum is Datum.GCJ02)
        self._map.add_child(_Call("tiles", {"extent": reach, "zooms": zooms, "shifted": shifted}))

    def draw_boundary(self, shape: Mapping[str, Any]) -> None:
        """Draw the outline of a GeoJSON polygon or of several."""
        bare = _bare(shape, BORDER_DECIMALS)
        self._draw_areas("map-boundary", [{**bare, "coordinates": self._shifted(bare["coordinates"])}])

    def _draw_areas(self, class_name: str, shapes: Iterable[dict[str, Any]]) -> None:
        data = _collection({"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes)
        self._map.add_child(folium.GeoJson(data, interactive=False, class_name=class_name))

    def _shifted(self, rings: Any) -> Any:
        """Return nested rings in the map's datum."""
        if isinstance(rings[0], list):
            return [self._shifted(ring) for ring in rings]
        return _rounded(Place.at(*rings[:2]).figures(self._datum), BORDER_DECIMALS)

    def draw_marks(self, draw: str, marks: Iterable[Mark]) -> None:
        """Lay points; our script's function `draw` makes a marker of each from its figures."""
        data = _collection(self._point(mark) for mark in marks)
        self._map.add_child(folium.GeoJson(data, point_to_layer=_glue(draw)))

    def _point(self, mark: Mark) -> dict[str, Any]:
        for figure in mark.figures.values():
            if type(figure) is not int:
                raise TypeError(f"a mark carries integers only, not {type(figure).__name__}")
        properties = {_identifier(name): figure for name, figure in mark.figures.items()}
        position = {"type": "Point", "coordinates": list(mark.place.figures(self._datum))}
        return {"type": "Feature", "properties": properties, "geometry": position}

    def figures_of(self, place: Place) -> tuple[float, float]:
        """Return (latitude, longitude) in the map's datum, rounded as a ground is, to be told in bulk."""
        lon, lat = place.figures(self._datum)
        return round(lat, DECIMALS), round(lon, DECIMALS)

    def tell(self, function: str, **figures: Any) -> None:
        """Have our script's `function(map, figures)` run at this point."""
        self._map.add_child(_Call(function, figures))

    def parts(self) -> MapParts:
        """Render. Equal drawings give equal bytes, so that their address may name their content."""
        _number(self._figure)
        self._map.render()  # type: ignore[no-untyped-call]
        rendered = self._figure.script.render()
        script = "\n".join(line for raw in rendered.splitlines() if (line := raw.strip()))
        return MapParts(self.container(), script)

    def container(self) -> str:
        """Return the element the map is drawn into; what is drawn does not change it."""
        _number(self._figure)
        name = self._map.get_name()
        return f'<div class="map" id="{name}" role="region" aria-label="{escape(self._label)}"></div>'


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


def _bare(geometry: Mapping[str, Any], decimals: int = DECIMALS) -> dict[str, Any]:
    """Return a polygon as rounded rings and nothing else."""
    kind = geometry["type"]
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError("the ground is made of polygons only")
    return {"type": str(kind), "coordinates": _rounded(geometry["coordinates"], decimals)}


def _rounded(value: Any, decimals: int) -> Any:
    if isinstance(value, (list, tuple)):
        return [_rounded(item, decimals) for item in value]
    return round(float(_only_figures(value)), decimals)


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _number(root: Element) -> None:
    """Give every element a number for an id: Folium's are random, and no two renderings would be alike."""
    queue, seen = [root], 0
    while queue:
        element = queue.pop(0)
        element._id = f"m{seen}"
        seen += 1
        queue.extend(element._children.values())
