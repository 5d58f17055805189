"""What the code of the maps may not say at all: Folium's sinks for text, and the stations' own texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MAPS = Path(__file__).parents[2] / "maps"
FILES = sorted(MAPS.glob("**/*.py"))
SINKS = {
    "Popup", "Tooltip", "IFrame", "Icon", "DivIcon", "CustomIcon", "Html", "Marker", "LayerControl", "FeatureGroup",
    "plugins", "GeoJsonPopup", "GeoJsonTooltip", "add_js_link", "add_css_link", "TileLayer", "Choropleth",
}  # fmt: skip
TEXT_KEYWORDS = {"popup", "tooltip", "name", "attr", "html", "highlight_function", "style_function"}
TYPED_TEXTS = {
    "name", "name_en", "official_name", "pinyin", "address", "phone", "opening_hours", "note", "reason", "specials",
    "former", "former_town", "cnaps", "zh", "en", "source", "aliases",
}  # fmt: skip


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def names_in(path: Path) -> set[str]:
    found = {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}
    found |= {node.id for node in nodes(path) if isinstance(node, ast.Name)}
    return found | {
        alias.name.split(".")[-1] for node in nodes(path) if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def calls(path: Path, name: str = "") -> Iterator[ast.Call]:
    for node in nodes(path):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(name):
            yield node


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_sink_for_text_is_ever_named(path: Path) -> None:
    assert not names_in(path) & SINKS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_text_of_a_station_or_town_is_ever_read(path: Path) -> None:
    read = {node.attr for node in nodes(path) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    assert not read & TYPED_TEXTS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_layer_is_given_a_name_a_popup_or_a_tooltip(path: Path) -> None:
    given = {keyword.arg for call in calls(path) if "folium" in ast.unparse(call.func) for keyword in call.keywords}
    assert not given & TEXT_KEYWORDS


def test_every_map_is_made_without_foreign_tiles() -> None:
    makers = [call for path in FILES for call in (*calls(path, "_LeanMap"), *calls(path, "folium.Map"))]
    tiles = [keyword.value for call in makers for keyword in call.keywords if keyword.arg == "tiles"]
    assert makers
    assert [ast.unparse(value) for value in tiles] == ["None"] * len(makers)


def test_folium_and_branca_are_imported_by_the_canvas_alone() -> None:
    importers = {path.name for path in FILES if {"folium", "branca"} & set(imported(path))}
    assert importers == {"canvas.py"}


def test_the_maps_import_nothing_above_the_domain() -> None:
    ours = {module for path in FILES for module in imported_modules(path) if module.startswith("harbour_api")}
    assert ours
    assert all(module.startswith("harbour_api.domain.") for module in ours)


def imported(path: Path) -> Iterator[str]:
    return (module.split(".")[0] for module in imported_modules(path))


def imported_modules(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
