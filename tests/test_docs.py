"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from harbour_api.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_readme_names_every_setting_and_no_other() -> None:
    listed = re.findall(rf"^\| `{PREFIX}(\w+)`", README, re.MULTILINE)

    assert [name.lower() for name in listed] == list(Settings.model_fields)


def test_the_readme_opens_with_the_two_commands() -> None:
    commands = README.partition("```sh\n")[2].partition("```")[0].splitlines()

    assert commands[0].startswith("pip install -r requirements.txt && python app.py")
    assert commands[1].startswith("pip install -r requirements-dev.txt && pytest")


def test_contributing_names_every_module_of_the_house() -> None:
    modules = {
        path.name
        for folder in ("domain", "store", "web")
        for path in (ROOT / "harbour_api" / folder).rglob("*.py")
        if "migrations" not in path.parts
    }
    named = set(re.findall(r"\w+\.py", CONTRIBUTING))
    missing = {name for name in modules - {"__init__.py"} if name not in named and not name.startswith("seed")}

    assert missing == set()
