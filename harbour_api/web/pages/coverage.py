"""The page about who is near a station: the gaps on a map, the shares in a table, what one more station would change.

One rule: an illustration must not look like a finding. As long as locations are placeholders the page says so first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from harbour_api.domain.coverage import Coverage, Sample, coverage
from harbour_api.domain.hours import ZONE, DayKind, day_kind, local_day
from harbour_api.domain.network import Needs, Network
from harbour_api.domain.problems import Invalid
from harbour_api.web.answers import public
from harbour_api.web.api.coverage import USUAL_M, samples
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.pages.question import Question
from harbour_api.web.templates_env import render, switch_links
from harbour_api.web.words import DEFAULT, Words

if TYPE_CHECKING:
    from maps.canvas import MapParts

RADII = (500, 1_000, 2_000, 3_000)
WORKING_TIME = time(10)
PARAMETERS = [
    page_parameter("radius_m", "How far is near: 500, 1000 (default), 2000 or 3000 metres."),
    page_parameter("town", "Code of a town: as if a station opened at its point; stands above lon and lat."),
    page_parameter("lon", "Longitude in WGS-84 degrees, with lat: as if a station opened there."),
    page_parameter("lat", "Latitude in WGS-84 degrees, with lon."),
    LANG,
]

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Asked:
    """How far is near, and where a station might open."""

    radius_m: int
    point: Question

    @classmethod
    def read(cls, query: QueryParams, network: Network) -> Asked:
        """Return what a query string asks; Invalid names the parameter that breaks a bound."""
        radius = query.get("radius_m") or str(USUAL_M)
        if radius not in map(str, RADII) or len(query.getlist("radius_m")) > 1:
            raise Invalid.parameter("radius_m", f"must be one of: {', '.join(map(str, RADII))}")
        point = [(name, value) for name, value in query.multi_items() if name in ("town", "lon", "lat")]
        return cls(int(radius), Question.read(QueryParams(point), network))

    def pairs(self) -> list[tuple[str, str]]:
        """Return it as query parameters, without `lang`."""
        return [*([] if self.radius_m == USUAL_M else [("radius_m", str(self.radius_m))]), *self.point.pairs()]


@router.get("/coverage", summary="Who is near a station, as a page", openapi_extra={"parameters": PARAMETERS})
def coverage_page(request: Request, house: InHouse) -> HTMLResponse:
    """Show the share of each town that is near an open station, now and in working hours, and with one more station."""
    network = house.registry.network
    words = language_only(request.query_params, "radius_m", "town", "lon", "lat")
    asked = Asked.read(request.query_params, network)
    view = coverage_view(house, asked, words)
    return render(request, "coverage.html", words, view, headers={"Cache-Control": "no-cache"})


@router.get("/coverage/map.js", include_in_schema=False)
def coverage_map_script(request: Request, house: InHouse) -> Response:
    """Return the map's own script, the same whatever was asked."""
    language_only(request.query_params)
    body = _drawn(house, DEFAULT).script.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    # Never older than the page, whose digits count this script's points.
    return public(request, house, body, media_type="text/javascript; charset=utf-8", etag=etag, max_age_s=0)


def coverage_view(house: House, asked: Asked, words: Words) -> dict[str, object]:
    """Return what `coverage.html` shows."""
    network, now, inside = house.registry.network, house.now(), house.ground.boundary
    at_work = samples.of(network, Needs(open_at=working_moment(now)), inside)
    present = coverage(samples.of(network, Needs(open_at=now), inside), asked.radius_m)
    working = coverage(at_work, asked.radius_m)
    origin = asked.point.origin
    extended = None if origin is None else coverage(at_work, asked.radius_m, [origin])
    stations = network.matching(Needs())
    return {
        "map": _drawn(house, words.lang),
        "ground": house.ground,
        "near": _digits(at_work, working, extended),
        "n_gaps": len((extended or working).gaps),
        "what_if_at": None if origin is None else origin.figures(house.ground.drawn.datum)[::-1],
        "asked": asked,
        "radii": RADII,
        "kilometres": f"{asked.radius_m / 1000:g}",
        "n_stations": len(stations),
        "n_placeholder": sum(not station.is_placed for station in stations),
        "n_points": working.n_points,
        "whole": _row(words("全市"), present.share, working.share, extended.share if extended else None),
        "rows": _rows(network, present, working, extended, words),
        "point_name": _point_name(asked, words),
        "towns": [(town.code, words.pick(town.name, town.name_en)) for town in network.towns.values()],
        "switch": switch_links(asked.pairs()),
    }


def _digits(sample: Sample, working: Coverage, extended: Coverage | None) -> str:
    """Return a digit for each sample point: 0 near a station, 1 not, 2 near only the one that might open."""
    before, after = set(working.gaps), set((extended or working).gaps)
    return "".join("1" if spot in after else "2" if spot in before else "0" for spot in sample.spots)


_drawings: dict[str, tuple[Network, MapParts]] = {}


def _drawn(house: House, lang: str) -> MapParts:
    """Return the drawn map, kept until the next picture."""
    from maps.coverage import coverage_map  # on first use: Folium is slow to import

    network = house.registry.network
    kept = _drawings.get(lang)
    if kept is None or kept[0] is not network:
        points = [spot.place for spot in samples.of(network, Needs(), house.ground.boundary).spots]
        drawn = coverage_map(points, network.matching(Needs()), network.towns, house.ground.drawn, lang=lang)
        kept = _drawings[lang] = (network, drawn)
    return kept[1]


def working_moment(now: datetime) -> datetime | None:
    """Return ten o'clock of the next working day; None past the announced calendar, where nobody knows."""
    for ahead in range(30):
        day = local_day(now) + timedelta(days=ahead)
        moment = datetime.combine(day, WORKING_TIME, ZONE)
        kind = day_kind(day)
        is_working = kind is DayKind.MAKE_UP or (kind is DayKind.REGULAR and day.weekday() < 5)
        if is_working and moment >= now:
            return moment
    return None


def _rows(
    network: Network, present: Coverage, working: Coverage, extended: Coverage | None, words: Words
) -> list[Mapping[str, object]]:
    return [
        _row(
            words.pick(town.name, town.name_en),
            present.towns[code],
            working.towns[code],
            extended.towns[code] if extended else None,
        )
        for code, town in network.towns.items()
    ]


def _row(name: str, present: float, working: float, extended: float | None) -> Mapping[str, object]:
    return {"name": name, "present": present, "working": working, "extended": extended}


def _point_name(asked: Asked, words: Words) -> str:
    if asked.point.town:
        return words.pick(asked.point.town.name, asked.point.town.name_en)
    place = asked.point.position
    return f"{place.lon:.4f}, {place.lat:.4f}" if place else ""
