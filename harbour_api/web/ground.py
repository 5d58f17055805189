"""What the operator laid under the maps: the settings as one object, checked before anything is served.

One rule: a map says on its face whose ground it stands on. Without settings that is our schematic, and no page asks a
foreign host for anything; with tiles it is whoever must be named, and their approval number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from harbour_api.domain.boundary import boundary_of, first_outside
from harbour_api.domain.network import Network
from harbour_api.settings import Settings, SettingsRefused
from harbour_api.store.tiles import TileFile, TilesRefused
from maps.ground import Ground

LAND_FILE = Path(__file__).parents[2] / "seed_data" / "coast.geojson"
ANY_ZOOM = (0, 18)  # of a source that cannot be asked for its own
TILES = "/tiles"


@dataclass(frozen=True, slots=True, eq=False)
class OperatorsGround:
    """The ground as maps draw it, with the words and addresses that a page adds."""

    drawn: Ground
    boundary: BaseGeometry | None = None
    tile_file: TileFile | None = None
    tile_address: str = ""  # with {z}, {x} and {y}; empty: the schematic
    attribution: str = ""
    approval: str = ""

    @classmethod
    def of(cls, settings: Settings) -> OperatorsGround:
        """Return the ground the settings name; SettingsRefused where a file is not what it should be."""
        boundary, tile_file = _boundary(settings.boundary_file), _tile_file(settings)
        address, zooms = settings.tiles_url, ANY_ZOOM if settings.tiles_url else None
        if tile_file is not None:
            # The version makes a new file show at once, however long the old tiles may be kept.
            address, zooms = f"{TILES}/{{z}}/{{x}}/{{y}}?v={tile_file.version}", tile_file.zooms
        outline = None if boundary is None else mapping(boundary)
        return cls(
            drawn=Ground(_land(), outline, zooms, settings.tiles_datum),
            boundary=boundary,
            tile_file=tile_file,
            tile_address=address,
            attribution=settings.tiles_attribution if address else "",
            approval=settings.tiles_approval,
        )

    def refuse_outsiders(self, network: Network) -> None:
        """Raise SettingsRefused where the boundary leaves out a station or a town."""
        outside = None if self.boundary is None else first_outside(self.boundary, network)
        if outside is not None:
            raise SettingsRefused(f"HARBOUR_BOUNDARY_FILE: {outside} lies outside the boundary")

    def close(self) -> None:
        """Let go of the file."""
        if self.tile_file is not None:
            self.tile_file.close()


def tiles_origin(settings: Settings) -> str:
    """Return the origin of foreign tiles, for the policy that admits their pictures; empty where there are none."""
    parts = urlsplit(settings.tiles_url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


@lru_cache(maxsize=1)
def _land() -> Mapping[str, Any]:
    shapes: dict[str, Any] = json.loads(LAND_FILE.read_text(encoding="utf-8"))
    return shapes


def _boundary(path: Path | None) -> BaseGeometry | None:
    if path is None:
        return None
    try:
        return boundary_of(json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_figure))
    except (OSError, ValueError, RecursionError) as error:
        told = str(error) if type(error) is ValueError else "cannot be read as GeoJSON"
        raise SettingsRefused(f"HARBOUR_BOUNDARY_FILE: {told}") from error


def _no_figure(word: str) -> float:
    raise ValueError(f"holds {word}, which is no figure")


def _tile_file(settings: Settings) -> TileFile | None:
    if settings.tile_file is None:
        return None
    try:
        return TileFile(settings.tile_file)
    except (OSError, TilesRefused) as error:
        raise SettingsRefused(f"HARBOUR_TILES_URL: {error}") from error
