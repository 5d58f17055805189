"""Imports go only downward, each library stays behind its fence, and the domain knows no clock and no surroundings.

Every import counts, also one inside a function or under TYPE_CHECKING; the last tests show that the checker can fail.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = [*sorted(ROOT.glob("harbour_api/**/*.py")), *sorted(ROOT.glob("maps/**/*.py")), ROOT / "app.py"]
DOMAIN = "harbour_api.domain"
FLOORS = {  # what a name begins with, and what it may look down upon: the floors with smaller numbers, and itself
    DOMAIN: 0,
    "harbour_api.settings": 1,
    "harbour_api.logs": 1,
    "harbour_api.store": 2,
    "maps": 3,
    "harbour_api.web": 4,
    "harbour_api.cli": 5,
    "app": 6,
}
ONLY_ON_DOMAIN = {"maps", "harbour_api.store"}
FENCES = {  # a library, and the only part that may name it
    "sqlalchemy": "harbour_api.store",
    "geoalchemy2": "harbour_api.store",
    "alembic": "harbour_api.store",
    "psycopg": "harbour_api.store",
    "sqlite3": "harbour_api.store.database",
    "pysqlite3": "harbour_api.store.database",
    "folium": "maps.canvas",
    "branca": "maps.canvas",
    "openpyxl": "harbour_api.store.transfer.workbook",
    "python_calamine": "harbour_api.store.transfer.workbook",
    "fastapi": "harbour_api.web",
    "starlette": "harbour_api.web",
    "jinja2": "harbour_api.web",
    "prometheus_client": "harbour_api.web.api.metrics",
    "uvicorn": "harbour_api.cli",
    "typer": "harbour_api.cli",
}
THE_DOMAIN_MAY = {
    "__future__", "collections", "dataclasses", "datetime", "enum", "functools", "itertools", "math", "operator", "re",
    "statistics", "typing", "zoneinfo",
    "chinese_calendar", "geocoordinates_ffi", "numpy", "opening_hours", "pyproj", "shapely", DOMAIN,
}  # fmt: skip
CLOCKS_AND_SURROUNDINGS = {"now", "today", "utcnow", "environ", "getenv", "open", "read_text", "print", "input"}
BLINDFOLDS = {"import_module", "__import__"}  # they would import what no reader of the file can see


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_under(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


def names_used(tree: ast.AST) -> set[str]:
    """Return what is looked up on something, or called: a variable may bear the name of a clock's method."""
    looked_up = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return looked_up | {function.id for function in called if isinstance(function, ast.Name)}


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    """Yield the dotted name of everything imported, from anywhere in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(module.split(".")[: -node.level]) if node.level else ""
            origin = ".".join(filter(None, (above, node.module)))
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def floor_of(name: str) -> str | None:
    return next((part for part in FLOORS if is_under(name, part)), None)


def climbs(own: str, imported: str) -> bool:
    """Whether an import of ours leads anywhere but down, or past the domain where only that is allowed."""
    if imported.split(".", maxsplit=1)[0] not in {"harbour_api", "maps", "app"}:
        return False
    other = floor_of(imported)
    if other is None:
        return True
    return other != own and (FLOORS[other] >= FLOORS[own] or (own in ONLY_ON_DOMAIN and other != DOMAIN))


def faults(module: str, source: str) -> list[str]:
    """Return what breaks the rule of the floors in a module."""
    tree, own = ast.parse(source), floor_of(module)
    names = names_used(tree)
    found = [f"hides what it imports: {name}" for name in sorted(names & BLINDFOLDS)]
    if own is None:
        return [*found, *(f"stands on no floor, yet imports {name}" for name in imports(module, tree))]
    for name in imports(module, tree):
        found += [f"climbs: {name}"] if climbs(own, name) else []
        fence = FENCES.get(name.split(".")[0], module)
        found += [] if is_under(module, fence) else [f"fenced: {name}"]
        if own == DOMAIN and not any(is_under(name, allowed) for allowed in THE_DOMAIN_MAY):
            found.append(f"foreign to the domain: {name}")
    if own == DOMAIN:
        found += [f"not pure: {name}" for name in sorted(names & CLOCKS_AND_SURROUNDINGS)]
    return found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_module_imports_only_downward_and_minds_the_fences(path: Path) -> None:
    assert faults(name_of(path), path.read_text(encoding="utf-8")) == []


def test_every_floor_has_a_module_and_every_fence_is_used() -> None:
    modules = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in FILES}
    assert {floor_of(module) for module in modules} >= FLOORS.keys()
    used = {name.split(".")[0] for module, tree in modules.items() for name in imports(module, tree)}
    assert {"sqlalchemy", "geoalchemy2", "folium", "branca", "fastapi", "starlette"} <= used


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("harbour_api.domain.place", "from harbour_api.store import tables", "climbs: harbour_api.store.tables"),
        ("harbour_api.domain.place", "from ..store import tables", "climbs: harbour_api.store.tables"),
        ("harbour_api.domain.place", "def f():\n    import sqlalchemy.orm", "fenced: sqlalchemy.orm"),
        ("harbour_api.domain.place", "import pydantic", "foreign to the domain: pydantic"),
        ("harbour_api.domain.place", "import time", "foreign to the domain: time"),
        ("harbour_api.domain.place", "from os import environ", "foreign to the domain: os.environ"),
        ("harbour_api.domain.place", "from datetime import datetime\nat = datetime.now()", "not pure: now"),
        ("harbour_api.domain.place", "import datetime\nat = datetime.date.today()", "not pure: today"),
        ("harbour_api.domain.place", "text = open('x')", "not pure: open"),
        ("harbour_api.store.tables", "from harbour_api.web import wire", "climbs: harbour_api.web.wire"),
        ("harbour_api.store.tables", "import fastapi", "fenced: fastapi"),
        ("harbour_api.store.tables", "import harbour_api.settings", "climbs: harbour_api.settings"),
        ("harbour_api.store.visits", "import sqlite3", "fenced: sqlite3"),
        ("harbour_api.web.api.reads", "from sqlalchemy import select", "fenced: sqlalchemy.select"),
        ("harbour_api.web.api.reads", "if TYPE_CHECKING:\n    from harbour_api import cli", "climbs: harbour_api.cli"),
        ("harbour_api.web.api.reads", "import app", "climbs: app"),
        ("harbour_api.web.api.reads", "import harbour_api.utils", "climbs: harbour_api.utils"),
        ("harbour_api.web.pages.finder", "import folium", "fenced: folium"),
        ("maps.public", "from branca.element import Figure", "fenced: branca.element.Figure"),
        ("maps.public", "from harbour_api.store.visits import Visits", "climbs: harbour_api.store.visits.Visits"),
        ("harbour_api.cli", "from fastapi import FastAPI", "fenced: fastapi.FastAPI"),
        ("harbour_api.cli", "from importlib import import_module\nimport_module('x')", "import_module"),
        ("harbour_api.helpers", "import harbour_api.web", "stands on no floor"),
    ],
)
def test_the_checker_sees_a_module_that_breaks_the_rule(module: str, source: str, fault: str) -> None:
    assert any(fault in seen for seen in faults(module, source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("harbour_api.domain.network", "from harbour_api.domain import hours\nfrom .place import Place\nimport numpy"),
        ("harbour_api.domain.hours", "from datetime import datetime, time\nat = datetime.combine"),
        ("harbour_api.store.tables", "from harbour_api.domain.place import Place\nimport sqlalchemy as sa"),
        ("harbour_api.web.pages.finder", "from maps.public import public_map\nfrom starlette.requests import Request"),
        ("app", "from harbour_api.cli import main\nimport os"),
    ],
)
def test_the_checker_lets_what_keeps_the_rule_pass(module: str, source: str) -> None:
    assert faults(module, source) == []
