"""The requirements files are made from pyproject.toml; nothing is listed twice by hand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_.-]", line)[0].lower() for line in requirements}


def _pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return dict(re.findall(r"^([a-z0-9_.-]+)==([^ ;\\]+)", "\n".join(lines), re.MULTILINE))


def test_every_dependency_named_in_the_project_is_pinned() -> None:
    assert _names(PROJECT["dependencies"]) <= _pins("requirements.txt").keys()
    assert _names(PROJECT["optional-dependencies"]["dev"]) <= _pins("requirements-dev.txt").keys()


def test_the_tests_run_with_the_versions_that_serve() -> None:
    served, tested = _pins("requirements.txt"), _pins("requirements-dev.txt")

    assert {name: tested.get(name) for name in served} == served


def test_every_pin_carries_hashes() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        pins = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9_.-]+==", line)]

        assert all("--hash=sha256:" in lines[number + 1] for number in pins)
