"""The pages anybody may open: the finder, the public map and a page a station.

They read the picture in memory and nothing else.

One rule: a page is whole without JavaScript and without knowing where the reader is; both only add convenience.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from harbour_api.domain.network import Needs, Network
from harbour_api.domain.station import Station
from harbour_api.web.asking import Question, language_only
from harbour_api.web.cards import card_of
from harbour_api.web.finding import finder_view
from harbour_api.web.station_page import station_view
from harbour_api.web.templates_env import render
from harbour_api.web.words import Words

if TYPE_CHECKING:
    from maps.canvas import MapParts

GROUND_FILE = Path(__file__).parents[2] / "seed_data" / "coast.geojson"
router = APIRouter(default_response_class=HTMLResponse, tags=["pages"])


def _parameter(name: str, description: str, *, repeated: bool = False) -> dict[str, object]:
    word = {"type": "string"}
    schema = {"type": "array", "items": word} if repeated else word
    return {"name": name, "in": "query", "description": description, "schema": schema}


LANG = _parameter("lang", "Language of the page: zh (default) or en.")
FINDER_PARAMETERS = [
    _parameter("town", "Code of the town from whose point to measure; stands above lon and lat."),
    _parameter("lon", "Longitude in WGS-84 degrees, with lat; rounded to 4 decimals."),
    _parameter("lat", "Latitude in WGS-84 degrees, with lon; rounded to 4 decimals."),
    _parameter("q", "Part of a name in Chinese, English or pinyin."),
    _parameter("amenity", "Code of an amenity the station must have.", repeated=True),
    _parameter("open", "1: only stations that are open now."),
    _parameter("all", "1: every station found, not the nearest ten only."),
    LANG,
]


@router.get("/", summary="The finder, as a page", openapi_extra={"parameters": FINDER_PARAMETERS})
async def finder(request: Request) -> HTMLResponse:
    """Show the stations nearest to a town or a position, or all of them by town."""
    house = request.app.state.house
    network: Network = house.registry.network
    question = Question.read(request.query_params, network)
    words = Words.asked(request.query_params.get("lang"))
    cache = "private, no-store" if question.position else "no-cache"
    view = finder_view(network, question, house.now(), words)
    return render(request, "finder.html", words, view, headers={"Cache-Control": cache})


@router.get("/map", summary="The public map, as a page", openapi_extra={"parameters": [LANG]})
def public_map_page(request: Request) -> HTMLResponse:
    """Show every operating station on a map, with the same facts as a list beside it."""
    words = language_only(request.query_params)
    house = request.app.state.house
    view = map_view(house.registry.network, house.now(), words)
    view["script_url"] = house.assets.put("map-public.js", view["map"].script)
    return render(request, "map.html", words, view, headers={"Cache-Control": "no-cache"})


@router.get("/stations/{code}", summary="One station, as a page", openapi_extra={"parameters": [LANG]})
async def station_page(request: Request, code: str) -> HTMLResponse:
    """Show everything that is known of a station, each fact with its basis."""
    house = request.app.state.house
    network: Network = house.registry.network
    station = network.station(code)
    words = language_only(request.query_params)
    view = station_view(network, station, house.now(), words)
    return render(request, "station.html", words, view, headers={"Cache-Control": "no-cache"})


def map_view(network: Network, now: datetime, words: Words) -> dict[str, Any]:
    """Return what the public map's page shows; card i and town t are those its script points to by number."""
    from maps.marks import town_order

    stations = network.matching(Needs())
    homes = [network.town(station.town) for station in stations]
    towns = [network.town(code) for code in town_order(stations)]
    return {
        "map": _drawn(network, stations, words.lang),
        "cards": [card_of(network, station, now, words, i=i) for i, station in enumerate(stations)],
        "towns": [
            (t, town.code, words.pick(town.name, town.name_en), homes.count(town)) for t, town in enumerate(towns)
        ],
    }


@lru_cache(maxsize=1)
def ground() -> Mapping[str, Any]:
    """Return the schematic land under every map."""
    shapes: dict[str, Any] = json.loads(GROUND_FILE.read_text(encoding="utf-8"))
    return shapes


_maps: dict[str, tuple[Network, MapParts]] = {}


def _drawn(network: Network, stations: Sequence[Station], lang: str) -> MapParts:
    """Return the drawn map of this very picture, kept until the next one, for drawing takes longer than the page."""
    kept = _maps.get(lang)
    if kept is None or kept[0] is not network:
        from maps.public import public_map  # on first use: Folium is slow to import

        kept = _maps[lang] = (network, public_map(stations, network.towns, ground(), lang=lang))
    return kept[1]
