"""The public map as a page, and what every page with a map shows: the drawing, its script and the list beside it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from harbour_api.domain.network import Needs, Network
from harbour_api.domain.station import Station
from harbour_api.web.house import House
from harbour_api.web.pages.cards import card_of
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.templates_env import Links, render
from harbour_api.web.words import DEFAULT, Words

if TYPE_CHECKING:
    from maps.canvas import MapParts
    from maps.ground import Ground

ALL = Needs()
DRAWINGS_KEPT = 32  # the whole map in each language, and the choices that other sites show most
MAP_SCRIPT = "map-public.js"
router = APIRouter(default_response_class=HTMLResponse, tags=["pages"])


@router.get("/map", summary="The public map, as a page", openapi_extra={"parameters": [LANG]})
def public_map_page(request: Request) -> HTMLResponse:
    """Show every operating station on a map, with the same facts as a list beside it."""
    words = language_only(request.query_params)
    house = request.app.state.house
    view = map_view(house, words)
    view["oembed_url"] = oembed_url(house.settings.public_url, Links(words.lang)("/map"))
    return render(request, "map.html", words, view, headers={"Cache-Control": "no-cache"})


def map_view(house: House, words: Words, needs: Needs = ALL) -> dict[str, Any]:
    """Return what `map_body.html` shows; card i and town t are those its script points to by number."""
    from maps.marks import town_order

    network, now = house.registry.network, house.now()
    stations = network.matching(needs)
    homes = [station.town for station in stations]
    towns = [network.town(code) for code in town_order(stations)]
    drawn = _drawn(network, stations, house.ground.drawn, words.lang)
    return {
        "map": drawn,
        "script_url": f"{house.assets.put(MAP_SCRIPT, drawn.script)}{_drawing_query(needs, words)}",
        "cards": [card_of(network, station, now, words, i=i) for i, station in enumerate(stations)],
        "towns": [
            (t, town.code, words.pick(town.name, town.name_en), homes.count(town.code)) for t, town in enumerate(towns)
        ],
        "away": "",
        "ground": house.ground,
    }


def draw_again(house: House, name: str, query: QueryParams) -> None:
    """Put back the map's script that another process gave out: its address says which stations it shows."""
    if name != MAP_SCRIPT:
        return
    needs = Needs(town=query.get("town"), amenities=tuple(query.getlist("amenity")))
    map_view(house, Words.asked(query.get("lang")), needs)


def _drawing_query(needs: Needs, words: Words) -> str:
    town = [("town", needs.town)] if needs.town else []
    pairs = [*town, *(("amenity", code) for code in needs.amenities)]
    pairs += [] if words.lang == DEFAULT else [("lang", words.lang)]
    return f"?{urlencode(pairs)}" if pairs else ""


def oembed_url(public_url: str, page: str) -> str:
    """Return where programs ask how to embed one of our pages."""
    return f"{public_url}/oembed?{urlencode({'url': public_url + page})}"


_drawings: OrderedDict[tuple[str, tuple[str, ...]], tuple[Network, MapParts]] = OrderedDict()


def _drawn(network: Network, stations: Sequence[Station], ground: Ground, lang: str) -> MapParts:
    """Return the drawn map of these stations, kept until the next picture, for drawing takes longer than the page."""
    shown = lang, tuple(station.code for station in stations)
    kept = _drawings.get(shown)
    if kept is None or kept[0] is not network:
        from maps.public import public_map  # on first use: Folium is slow to import

        kept = _drawings[shown] = (network, public_map(stations, network.towns, ground, lang=lang))
    with suppress(KeyError):  # of another request that pushed it out meanwhile
        _drawings.move_to_end(shown)
    while len(_drawings) > DRAWINGS_KEPT:
        _drawings.popitem(last=False)
    return kept[1]
