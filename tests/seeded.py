"""Seeded databases by the copy: migrating and seeding takes a second, copying a tenth of it.

Each engine's original is made once a run; whoever asks gets a database of its own, so no test sees another's changes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

from harbour_api.store.database import Database
from harbour_api.store.migrate import migrate
from harbour_api.store.registry import Registry
from harbour_api.store.seed import Seed
from tests.conftest import Clock

ORIGINAL = "seeded"


class SeededDatabases:
    """Gives out copies. `server` starts the PostgreSQL cluster, or returns where the running one is."""

    def __init__(self, seed: Seed, folder: Path, server: Callable[[], str]) -> None:
        self._seed = seed
        self._folder = folder
        self._server = server
        self._numbers = count(1)
        self._made: set[str] = set()

    def copy(self, engine: str) -> str:
        """Return the URL of a fresh seeded database on that engine, `sqlite` or `postgis`."""
        return self._sqlite() if engine == "sqlite" else self._postgis()

    def _sqlite(self) -> str:
        original = self._folder / f"{ORIGINAL}.db"
        if not original.exists():
            self._plant(f"sqlite:///{original}")
        fresh = self._folder / f"copy{next(self._numbers)}.db"
        shutil.copyfile(original, fresh)
        return f"sqlite:///{fresh}"

    def _postgis(self) -> str:
        prefix = f"postgresql+psycopg://harbour@{self._server()}"
        admin = create_engine(f"{prefix}/postgres", isolation_level="AUTOCOMMIT")
        name = f"copy_{self._folder.name.replace('-', '_')}_{next(self._numbers)}"
        original = f"{ORIGINAL}_{self._folder.name.replace('-', '_')}"
        with admin.connect() as connection:
            if original not in self._made:
                connection.execute(text(f"CREATE DATABASE {original}"))
                self._plant(f"{prefix}/{original}")
                self._made.add(original)
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {original}"))
        admin.dispose()
        return f"{prefix}/{name}"

    def _plant(self, url: str) -> None:
        database = Database(url)
        migrate(database)
        Registry(database, Clock()).plant(self._seed)
        database.close()
