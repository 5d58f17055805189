"""The operator's .mbtiles file: an SQLite file of raster tiles, read and never written.

One rule: addresses here count rows from the north, as the web does. MBTiles counts them from the south (TMS); the one
flip is in this file.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DatabaseError

MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
DEEPEST = 24
READ_ONLY = {"mode": "ro", "immutable": "1", "uri": "true"}
_TILE = text("SELECT tile_data FROM tiles WHERE zoom_level = :z AND tile_column = :x AND tile_row = :row")


class TilesRefused(ValueError):
    """The file is not what a map can be laid on."""


class TileFile:
    """One .mbtiles file; TilesRefused where it is none, or holds no pictures."""

    def __init__(self, path: Path) -> None:
        file = f"file:{quote(str(path.resolve()))}"
        self._engine = create_engine(URL.create("sqlite", database=file, query=READ_ONLY))
        try:
            with self._engine.connect() as connection:
                self.media_type = _media_type(connection)
                self.zooms = _zooms(connection)
        except DatabaseError as error:
            raise TilesRefused("is not an .mbtiles file") from error
        about = path.stat()
        self.version = hashlib.sha256(f"{about.st_size} {about.st_mtime_ns}".encode()).hexdigest()[:8]

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return the picture at that address, or None where the file has none there."""
        with self._engine.connect() as connection:
            found = connection.execute(_TILE, {"z": z, "x": x, "row": 2**z - 1 - y}).scalar()
        return None if found is None else bytes(found)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _media_type(connection: Connection) -> str:
    name = connection.execute(text("SELECT value FROM metadata WHERE name = 'format'")).scalar()
    if name not in MEDIA_TYPES:
        raise TilesRefused(f"must hold tiles of the format {', '.join(MEDIA_TYPES)}, as its metadata says")
    return MEDIA_TYPES[str(name)]


def _zooms(connection: Connection) -> tuple[int, int]:
    """Return the zooms that have tiles: the tiles themselves say so more reliably than the metadata."""
    least, most = connection.execute(text("SELECT min(zoom_level), max(zoom_level) FROM tiles")).one()
    if least is None:
        raise TilesRefused("holds no tile")
    if not 0 <= int(least) <= int(most) <= DEEPEST:
        raise TilesRefused(f"has zoom levels beyond 0 to {DEEPEST}")
    return int(least), int(most)
