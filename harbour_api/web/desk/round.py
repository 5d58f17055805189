"""The day's round: how far the verifying is, and which of one's own stations to go and see, nearest first.

One rule: where a manager stands is rounded as the finder rounds it, is used to sort this one page, and is kept nowhere.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from harbour_api.domain.network import Nearby, Network
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Invalid
from harbour_api.domain.station import Basis, Station, Status
from harbour_api.domain.verification import days_round, progress
from harbour_api.web.desk.belief import belief_in
from harbour_api.web.desk.frame import desk_page
from harbour_api.web.desk.station import station_address
from harbour_api.web.house import InHouse
from harbour_api.web.pages.cards import distance_text
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.pages.question import Question
from harbour_api.web.security import SignedIn
from harbour_api.web.words import Words

PATH = "/manage/round"
AT_ONCE = 20
MOST_LISTED = 200  # stations to choose from; of more one types the code
PARAMETERS = [
    page_parameter("from", "Code of a station to begin at."),
    page_parameter("lon", "Longitude in WGS-84 degrees, with lat: begin there."),
    page_parameter("lat", "Latitude in WGS-84 degrees, with lon."),
    page_parameter("all", "1: every station, not only the nearest."),
    LANG,
]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="The day's round, as a page", openapi_extra={"parameters": PARAMETERS})
def days_round_page(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Show how many places are verified, and the stations to be seen, by their distance from the start."""
    query = request.query_params
    words = language_only(query, "from", "lon", "lat", "all")
    network, now = house.registry.network, house.now()
    own = who.own(network.stations)
    start, origin = _start(query, network, own)
    found = days_round(network, start, now, who.reach, limit=max(1, len(own))) if own and start else []
    n_verified, n_stations = progress(own)
    most = len(found) if query.get("all") else AT_ONCE
    context = {
        "progress": words("{k} / {n} 个站点的位置已核实", k=n_verified, n=n_stations),
        "n_verified": n_verified,
        "n_stations": n_stations,
        "stations": [(one.code, words.pick(one.name, one.name_en)) for one in own if one.status is not Status.RETIRED],
        "most_listed": MOST_LISTED,
        "origin": origin.code if origin else "",
        "origin_name": words.pick(origin.name, origin.name_en) if origin else "",
        "n_found": len(found),
        "found": [
            _shown(network, nearby, belief_in(nearby.station, "location", now, words).text, words)
            for nearby in found[:most]
        ],
        "asked": [(name, query[name]) for name in ("from", "lon", "lat") if query.get(name)],
    }
    return desk_page(request, who, "desk_round.html", words, context)


def _start(query: QueryParams, network: Network, own: list[Station]) -> tuple[Place | None, Station | None]:
    """Return where to begin, and the station that is, where it is one: the phone's position stands above all."""
    position = Question.read(QueryParams([(name, query[name]) for name in ("lon", "lat") if name in query]), network)
    if position.origin is not None:
        return position.origin, None
    chosen = [one for one in own if one.code == query.get("from")]
    if query.get("from") and not chosen:
        raise Invalid.parameter("from", "must be the code of one of your stations")
    station = next(iter(chosen or own), None)
    return (station.place if station else None), station


def _shown(network: Network, nearby: Nearby, why: str, words: Words) -> dict[str, object]:
    station = nearby.station
    town = network.town(station.town)
    return {
        "name": words.pick(station.name, station.name_en),
        "code": station.code,
        "town": words.pick(town.name, town.name_en),
        "distance": distance_text(nearby.distance_m, words),
        "why": why,
        "is_verified": station.location_basis is Basis.VERIFIED,
        "path": station_address(station, "/facts" if station.location_basis is Basis.VERIFIED else "/place"),
    }
