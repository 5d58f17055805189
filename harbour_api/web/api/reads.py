"""The public API: reads from the picture in memory, so every route here is `async` and none of them waits."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from harbour_api.domain.network import Network
from harbour_api.domain.station import Audience, Station
from harbour_api.web.answers import FRESH_S, lifetime_s, picture_etag, public, station_etag
from harbour_api.web.api.queries import ListQuery, NavigationQuery, NearestQuery, cursor_after, known_parameters_only
from harbour_api.web.house import House, InHouse
from harbour_api.web.navigation import destination
from harbour_api.web.wire import GEOJSON, JSON, amenity_json, audience_json, dumps, town_json

PROBLEM = {"description": "problem+json: what was wrong, and where", "content": {"application/problem+json": {}}}
FEATURES: dict[int | str, dict[str, Any]] = {
    200: {"description": "a GeoJSON FeatureCollection", "content": {GEOJSON: {}}},
    304: {"description": "not changed since the ETag given"},
    422: PROBLEM,
}
WORDS: dict[int | str, dict[str, Any]] = {200: {"description": "the vocabulary, bilingual"}, 422: PROBLEM}

router = APIRouter(tags=["public"], dependencies=[Depends(known_parameters_only)])


@router.get("/api/v1/stations", summary="List stations", responses=FEATURES, response_class=Response)
async def stations(request: Request, house: InHouse, query: Annotated[ListQuery, Query()]) -> Response:
    """Return stations in order of code as GeoJSON; `next` and the Link header lead to the following page."""
    network, now = house.registry.network, house.now()
    after = query.after
    later = (station for station in network.matching(query.needs(now)) if station.code > after)
    page = list(islice(later, query.limit + 1))
    following = next_page(request, page[query.limit - 1].code) if len(page) > query.limit else None
    body = house.features.collection(network, page[: query.limit], now, following)
    answer = _from_picture(request, house, body, network, now)
    if following is not None:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer


@router.get(
    "/api/v1/stations/nearest", summary="Find the nearest stations", responses=FEATURES, response_class=Response
)
async def nearest(request: Request, house: InHouse, query: Annotated[NearestQuery, Query()]) -> Response:
    """Return the stations nearest to a point, by geodesic distance on WGS-84; without a radius, so never nothing.

    Each Feature adds `distance_m` (metres), `bearing_deg` (from the asker) and `walk_minutes`, which is null as long as
    the station's location is a placeholder.
    """
    network, now = house.registry.network, house.now()
    found = network.nearest_rows(query.place, query.needs(now), limit=query.limit, max_distance_m=query.max_distance_m)
    return _from_picture(request, house, house.features.nearest(network, found, now, query.datum), network, now)


@router.get(
    "/api/v1/stations/{code}",
    summary="Show one station",
    responses={**FEATURES, 200: {"description": "a GeoJSON Feature", "content": {GEOJSON: {}}}, 404: PROBLEM},
    response_class=Response,
)
async def station(request: Request, house: InHouse, code: str) -> Response:
    """Return one station with all its facts, each with its basis; the ETag begins with the version an edit names."""
    network, now = house.registry.network, house.now()
    found = network.station(code)
    opening = network.opening(found, now)
    return public(
        request,
        house,
        house.features.one(network, found, now),
        media_type=GEOJSON,
        etag=station_etag(found.version, opening),
        max_age_s=lifetime_s(now, opening.next_change),
        transform=False,  # so that this ETag is the very one If-Match takes
    )


async def known_station(code: str, house: InHouse) -> Station:
    """Return the station of the address, or raise Unknown: before anything else of the question is judged."""
    return house.registry.network.station(code)


KnownStation = Annotated[Station, Depends(known_station)]


@router.get(
    "/api/v1/stations/{code}/navigation",
    summary="Find one station in a map application",
    responses={200: {"description": "`{app, datum, url}`"}, 404: PROBLEM, 422: PROBLEM},
    response_class=Response,
)
async def navigation(
    request: Request, house: InHouse, station: KnownStation, query: Annotated[NavigationQuery, Query()]
) -> Response:
    """Return the address that finds a station in a map application, and the datum which that one reads.

    As long as the location is a placeholder this is a search by official name and town, never a coordinate.
    """
    network = house.registry.network
    datum, url = destination(station, network.town(station.town), query.app)
    body = dumps({"app": query.app, "datum": datum, "url": url})
    return public(request, house, body, media_type=JSON, etag=f'"{network.revision}"', max_age_s=FRESH_S)


@router.get("/api/v1/amenities", summary="List the kinds of amenities", responses=WORDS, response_class=Response)
async def amenities(request: Request, house: InHouse) -> Response:
    """Return every amenity a station may have, in Chinese and English."""
    words = [amenity_json(amenity) for amenity in house.registry.network.amenities.values()]
    return _vocabulary(request, house, {"amenities": words})


@router.get("/api/v1/towns", summary="List the towns", responses=WORDS, response_class=Response)
async def towns(request: Request, house: InHouse) -> Response:
    """Return today's towns and subdistricts with the codes and names they had in 2018."""
    words = [town_json(town) for town in house.registry.network.towns.values()]
    return _vocabulary(request, house, {"towns": words})


@router.get("/api/v1/audiences", summary="List the audiences", responses=WORDS, response_class=Response)
async def audiences(request: Request, house: InHouse) -> Response:
    """Return whom a visit may be by, in Chinese and English."""
    return _vocabulary(request, house, {"audiences": [audience_json(audience) for audience in Audience]})


@router.get("/health/live", summary="Is the process alive")
async def live() -> dict[str, bool]:
    """Return 200 while the process lives."""
    return {"live": True}


@router.get("/health/ready", summary="Can it answer, can it write", responses={503: PROBLEM})
def ready(house: InHouse) -> dict[str, Any]:
    """Return 200 while a picture is held: whether reads and writes work, the picture's age in seconds, its revision."""
    registry = house.registry
    revision = registry.network.revision
    return {
        "reads": True,
        "writes": house.database.takes_writes(),
        "picture_age_s": round(max(0.0, (house.now() - registry.as_of).total_seconds()), 3),
        "revision": revision,
    }


def _from_picture(request: Request, house: House, body: bytes, network: Network, now: datetime) -> Response:
    etag, max_age_s = picture_etag(network, now), lifetime_s(now, network.board(now).until)
    return public(request, house, body, media_type=GEOJSON, etag=etag, max_age_s=max_age_s)


def _vocabulary(request: Request, house: House, words: dict[str, Any]) -> Response:
    etag = f'"{house.registry.network.revision}"'
    return public(request, house, dumps(words), media_type=JSON, etag=etag, max_age_s=FRESH_S)


def next_page(request: Request, last_code: str) -> str:
    """Return the address of the page that begins after this one's last."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', cursor_after(last_code))])}"
