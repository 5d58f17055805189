"""The statistics of visits, as JSON: the same figures that the desk's page shows.

One rule: what is read is one's own. A manager's network, towns and days are those of the own stations, and nothing here
tells how the others fare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Network
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.station import Station
from harbour_api.domain.statistics import GroupBy, visit_statistics
from harbour_api.domain.tally import DayTotal
from harbour_api.store.access import Who
from harbour_api.web.answers import private
from harbour_api.web.api.queries import Code, DaysQuery, known_parameters_only
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import SignedIn

REFUSALS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 422: PROBLEM, 503: PROBLEM}

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=REFUSALS, default_response_class=Response)


class StatisticsQuery(DaysQuery):
    """The query of the statistics."""

    group_by: GroupBy = Field(GroupBy.NETWORK, description="by what visits are added up")
    include_sample: bool = Field(False, description="let sample visits count in totals and means")
    station: Code | None = Field(None, description="code of a station: only of that one")
    town: Code | None = Field(None, description="code of a town, of today or of 2018: only of its stations")


@router.get("/statistics/visits", summary="Add up visits")
def statistics(request: Request, house: InHouse, who: SignedIn, query: Annotated[StatisticsQuery, Query()]) -> Response:
    """Return one group for each key of the span: its total, and of how many station-days that is.

    `n_expected` counts the station-days that were not closed, `n_reporting` those that were recorded: as long as it is
    less, the total is a floor, and where it is 0 the total is null. `n_sample` counts station-days with nothing but
    sample visits, which count only with `include_sample`. `mean_per_reported_day` is per station-day. Keys are codes of
    stations or towns, audiences, ISO days, weeks (2026-W48) and months (2026-11), and weekdays 1 (Monday) to 7. The
    audience `public` holds all visits that nobody told apart too: of a total that was stated without audiences.
    """
    known_parameters_only(request)
    stations = asked_stations(house.registry.network, who, query.station, query.town)
    today = local_day(house.now())
    span = query.span(today)
    days = recorded_days(house, stations, span)
    groups = visit_statistics(stations, days, span, query.group_by, today=today, include_sample=query.include_sample)
    return private(
        {
            "from": span[0].isoformat(),
            "to": span[1].isoformat(),
            "group_by": query.group_by,
            "include_sample": query.include_sample,
            "groups": [asdict(group) for group in groups],
        }
    )


def asked_stations(network: Network, who: Who, station: str | None, town: str | None) -> list[Station]:
    """Return which of one's own stations are asked about, of whatever status; Forbidden for another's."""
    if station is not None:
        who.may_manage(station)
    town_code = None if town is None else _town_code(network, town)
    own = who.own(network.stations)
    if station is not None and all(one.code != station for one in own):
        raise Invalid.parameter("station", "must be the code of a station")
    return [one for one in own if station in (None, one.code) and town_code in (None, one.town)]


def recorded_days(house: House, stations: Sequence[Station], span: tuple[date, date]) -> dict[str, list[DayTotal]]:
    """Return what these stations recorded, by code; all of them are asked for as such, which is read in one sweep."""
    is_whole = len(stations) == len(house.registry.network)
    return house.visits.network_days(*span, None if is_whole else {station.code for station in stations})


def _town_code(network: Network, code: str) -> str:
    try:
        return network.town(code).code
    except Unknown as error:
        raise Invalid.parameter("town", "must be a code listed under /api/v1/towns") from error
