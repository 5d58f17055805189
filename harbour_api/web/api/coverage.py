"""How much of the city is near a station, for programs; and the samples that the page about it counts from too.

One rule: what a stranger may vary (radius, point, instant) costs little. The nearest station of each sample point is
found once for a picture and a set of open stations, and kept; the rest is counting.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from shapely.geometry.base import BaseGeometry

from harbour_api.domain.coverage import Coverage, Sample, Spot, coverage, sampled
from harbour_api.domain.network import Needs, Network
from harbour_api.domain.place import Place
from harbour_api.web.answers import FRESH_S, lifetime_s, public
from harbour_api.web.api.queries import Instant, known_parameters_only
from harbour_api.web.house import InHouse
from harbour_api.web.wire import JSON, dumps, local

LEAST_M, USUAL_M, MOST_M = 100, 1_000, 5_000
KEPT_SAMPLES = 16
_POINT = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?,-?[0-9]{1,2}(?:\.[0-9]{1,20})?", re.ASCII)
PROBLEM = {"description": "problem+json: what was wrong, and where", "content": {"application/problem+json": {}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "shares from 0 to 1, and the sample points too far from a station", "content": {JSON: {}}},
    304: {"description": "not changed since the ETag given"},
    422: PROBLEM,
}

router = APIRouter(tags=["public"], dependencies=[Depends(known_parameters_only)])


def _point(text: str) -> str:
    if not _POINT.fullmatch(text):
        raise ValueError("must be lon,lat in WGS-84 degrees")
    _placed(text)
    return text


def _placed(text: str) -> Place:
    lon, lat = map(float, text.split(","))
    return Place.at(lon, lat)


class CoverageQuery(BaseModel):
    """The query of the coverage."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    radius_m: int = Field(USUAL_M, ge=LEAST_M, le=MOST_M, description="how far is near, in metres")
    open_at: Instant | Literal["now"] | None = Field(
        None, description="count only stations open at that RFC 3339 instant, or now"
    )
    what_if: Annotated[str, AfterValidator(_point)] | None = Field(
        None, description="lon,lat in WGS-84: as if a station opened here too, at any hour"
    )

    @property
    def and_here(self) -> tuple[Place, ...]:
        """The place where a station might open."""
        return () if self.what_if is None else (_placed(self.what_if),)


class Samples:
    """The samples of the present picture, the most used ones; a new picture starts anew."""

    def __init__(self) -> None:
        self._network: Network | None = None
        self._kept: OrderedDict[bytes, Sample] = OrderedDict()
        self._lock = Lock()

    def of(self, network: Network, needs: Needs, inside: BaseGeometry | None = None) -> Sample:
        """Return the sample of the stations that meet the needs; askers of the same one wait for one making.

        `inside` is the operator's boundary, the same for all of a network's life.
        """
        key = network.select(needs).rows.tobytes()
        with self._lock:
            if self._network is not network:
                self._network, self._kept = network, OrderedDict()
            if key not in self._kept:
                self._kept[key] = sampled(network, needs, inside)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT_SAMPLES:
                self._kept.popitem(last=False)
            return self._kept[key]


samples = Samples()


@router.get("/api/v1/coverage", summary="Who is near a station", responses=ANSWERS, response_class=Response)
def coverage_of_the_city(request: Request, house: InHouse, query: Annotated[CoverageQuery, Query()]) -> Response:
    """Return which share of sample points around each town lies within the radius of a station.

    The points are a grid 2 km around each town's point, inside the operator's boundary where there is one.
    `n_placeholder` of the `n_stations` counted have invented locations: as long as there are any, the shares are an
    illustration. Without `open_at` every operating station counts.
    """
    network, now = house.registry.network, house.now()
    is_now = query.open_at == "now"
    needs = Needs(open_at=now if query.open_at == "now" else query.open_at)
    body = dumps(
        _json(query, coverage(samples.of(network, needs, house.ground.boundary), query.radius_m, query.and_here))
    )
    etag = f'"{network.revision}.{hashlib.sha256(body).hexdigest()[:16]}"'
    max_age_s = lifetime_s(now, network.board(now).until) if is_now else FRESH_S
    return public(request, house, body, media_type=JSON, etag=etag, max_age_s=max_age_s)


def _json(query: CoverageQuery, found: Coverage) -> Mapping[str, Any]:
    open_at = query.open_at if query.open_at is None or query.open_at == "now" else local(query.open_at)
    return {
        "radius_m": query.radius_m,
        "open_at": open_at,
        "what_if": None if not query.and_here else list(query.and_here[0].figures()),
        "share": found.share,
        "n_points": found.n_points,
        "n_stations": found.n_stations,
        "n_placeholder": found.n_placeholder,
        "towns": [{"code": code, "share": share} for code, share in found.towns.items()],
        "gaps": {"type": "FeatureCollection", "features": [_gap(spot) for spot in found.gaps]},
    }


def _gap(spot: Spot) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(spot.place.figures())},
        "properties": {"town": spot.town, "nearest_m": spot.nearest_m, "nearest": spot.nearest_code},
    }
