"""The tiles of the operator's .mbtiles file, from our own host: a ground without any foreign request."""

from __future__ import annotations

import hashlib
import re

from fastapi import APIRouter, Request, Response

from harbour_api.domain.problems import Unknown
from harbour_api.store.tiles import DEEPEST
from harbour_api.web.answers import is_known
from harbour_api.web.ground import TILES
from harbour_api.web.house import InHouse

KEPT_S = 30 * 86_400  # the pages' addresses change with the file
NO_SUCH_TILE = "There is no such tile."
_NUMBER = re.compile(r"0|[1-9][0-9]{0,7}")

router = APIRouter()


@router.get(f"{TILES}/{{z}}/{{x}}/{{y}}", include_in_schema=False)
def tile(request: Request, house: InHouse, z: str, x: str, y: str) -> Response:
    """Answer a tile, 204 where the file is empty there, 404 beyond what can be a tile."""
    source = house.ground.tile_file
    if source is None or not all(_NUMBER.fullmatch(figure) for figure in (z, x, y)):
        raise Unknown(NO_SUCH_TILE)
    zoom, column, row = int(z), int(x), int(y)
    if zoom > DEEPEST or max(column, row) >= 2**zoom:
        raise Unknown(NO_SUCH_TILE)
    headers = {"Cache-Control": f"public, max-age={KEPT_S}"}
    body = source.tile(zoom, column, row)
    if body is None:
        return Response(status_code=204, headers=headers)
    headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    if is_known(headers["ETag"], request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=source.media_type, headers=headers)
