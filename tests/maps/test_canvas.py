"""The canvas lets numbers in, text never, and gives the same bytes for the same drawing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import folium
import pytest
from branca.element import Element

from harbour_api.domain.place import Place
from maps.canvas import Canvas, _Ready, _StrictFigure
from maps.ground import view_of
from maps.marks import Mark
from tests.hostile import HOSTILE

VIEW = ((22.2, 113.1), (22.8, 113.7))
HERE = Place(113.4, 22.5)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_as_a_figure_is_refused_whatever_it_says(text: str) -> None:
    canvas = Canvas("a map", VIEW)
    with pytest.raises(TypeError, match="integers only"):
        canvas.draw_marks("station", [Mark(HERE, {"i": text})])  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="only numbers"):
        canvas.tell("open", split=[[1, [text]]])


@pytest.mark.parametrize("value", [1.5, True, None, [1], {"a": 1}])
def test_a_mark_carries_integers_and_nothing_else(value: Any) -> None:
    with pytest.raises(TypeError, match="integers only"):
        Canvas("a map", VIEW).draw_marks("station", [Mark(HERE, {"i": value})])


@pytest.mark.parametrize("name", [*HOSTILE, "a b", "a.b", "名"])
def test_a_name_in_the_script_must_be_a_plain_identifier(name: str) -> None:
    with pytest.raises(ValueError, match="plain identifier"):
        Canvas("a map", VIEW).tell(name)
    with pytest.raises(ValueError, match="plain identifier"):
        Canvas("a map", VIEW).draw_marks("station", [Mark(HERE, {name: 1})])


def test_a_ground_with_text_among_its_coordinates_is_refused() -> None:
    shape = {"type": "Polygon", "coordinates": [[["{{7*7}}", 22.2], [113.7, 22.2], [113.7, 22.8]]]}
    with pytest.raises(TypeError, match="only numbers"):
        Canvas("a map", VIEW).draw_ground({"features": [{"geometry": shape}]})


def test_a_ground_is_made_of_polygons_only() -> None:
    with pytest.raises(ValueError, match="polygons only"):
        Canvas("a map", VIEW).draw_ground({"features": [{"geometry": {"type": "{{7*7}}", "coordinates": []}}]})


def test_a_ground_of_many_islands_is_drawn_whole() -> None:
    square = [[[113.1, 22.2], [113.7, 22.2], [113.7, 22.8], [113.1, 22.2]]]
    canvas = Canvas("a map", VIEW)
    canvas.draw_ground({"features": [{"geometry": {"type": "MultiPolygon", "coordinates": [square, square]}}]})
    script = canvas.parts().script
    assert '"extent": [[22.2, 113.1], [22.8, 113.7]]' in script
    assert '"MultiPolygon"' in script


def test_the_label_is_escaped_and_stays_out_of_the_script() -> None:
    parts = Canvas('"><script>alert(1)</script>{{7*7}}', VIEW).parts()
    assert "<script>" not in parts.html
    assert "{{7*7}}" in parts.html
    assert "7*7" not in parts.script


def test_the_strict_figure_never_renders_a_text_twice() -> None:
    figure = _StrictFigure()
    figure.script.add_child(Element("{{ 7*7 }}"), name="first")
    assert figure.script.render() == "{{ 7*7 }}"
    assert isinstance(figure.script._children["first"], _Ready)


def test_a_map_leaves_folium_as_it_found_it() -> None:
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    parts = Canvas("a map", VIEW).parts()
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before
    assert "http" not in parts.html + parts.script


def test_a_view_has_air_around_its_places_and_falls_back_where_there_are_none() -> None:
    assert view_of([HERE, Place(113.5, 22.6)], HERE) == ((22.49, 113.39), (22.61, 113.51))
    assert view_of([], HERE) == ((22.49, 113.39), (22.51, 113.41))


def test_folium_is_not_loaded_by_the_package_nor_by_its_marks() -> None:
    told = "import sys, maps, maps.marks; sys.exit('folium' in sys.modules or 'branca' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0
