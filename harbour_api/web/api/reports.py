"""Finders' reports: anybody sends one with a tap; managers work through the queue.

One rule: a report is its station's affair. A manager learns of no other station's reports, not even that one exists.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.report import Report, ReportState, median_time
from harbour_api.domain.station import Station
from harbour_api.store.access import Who
from harbour_api.store.facts import By
from harbour_api.web.answers import private
from harbour_api.web.api.bodies import ReportBody, ReportPatch, described, read
from harbour_api.web.api.queries import ReportsQuery, known_parameters_only, row_id
from harbour_api.web.api.reads import PROBLEM, KnownStation, next_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import SignedIn, address_of
from harbour_api.web.wire import local

NOT_FOUND = "No report has that id."
Field = Annotated[str, Form(max_length=40)]
PUBLIC: dict[int | str, dict[str, Any]] = {404: PROBLEM, 422: PROBLEM, 429: PROBLEM, 503: PROBLEM}
MANAGERS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 404: PROBLEM, 422: PROBLEM, 503: PROBLEM}

router = APIRouter(default_response_class=Response)


@router.post(
    "/api/v1/stations/{code}/reports",
    status_code=202,
    summary="Report what is wrong at a station",
    tags=["public"],
    responses=PUBLIC,
    openapi_extra=described(ReportBody),
)
async def report(request: Request, house: InHouse, station: KnownStation) -> Response:
    """Take a report and return `{id}`; the same one within the hour is the first one again."""
    known_parameters_only(request)
    given = await read(request, ReportBody)
    return private({"id": await run_in_threadpool(file_report, request, house, station, given)}, status=202)


@router.get("/api/v1/reports", summary="The queue of reports", tags=["managers"], responses=MANAGERS)
def reports(request: Request, house: InHouse, who: SignedIn, query: Annotated[ReportsQuery, Query()]) -> Response:
    """Return the reports of one's own stations, newest first, and the median time to fix in seconds; `next` goes on."""
    known_parameters_only(request)
    states = list(ReportState) if query.state is None else [query.state]
    whose = whose_reports(house, who, query.station)
    found = house.reports.queue(whose, states, before=query.before, limit=query.limit + 1)
    page = found[: query.limit]
    following = next_page(request, str(page[-1].id)) if len(found) > query.limit else None
    middle = median_time(house.reports.times_to_fix(whose) if ReportState.DONE in states else ())
    shown = [_shown(one) for one in page]
    answer = private({"reports": shown, "median_time_to_fix_s": _seconds(middle), "next": following})
    if following is not None:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer


def own_report(id: str, house: InHouse, who: SignedIn) -> Report:
    """Return the report of the address; Unknown where there is none, and where it is another manager's."""
    found = house.reports.one(row_id(id))
    if not (who.is_administrator or found.station in who.stations):
        raise Unknown(NOT_FOUND)
    return found


OwnReport = Annotated[Report, Depends(own_report)]


@router.patch(
    "/api/v1/reports/{id}",
    summary="Work on a report",
    tags=["managers"],
    responses=MANAGERS,
    openapi_extra=described(ReportPatch, "application/merge-patch+json"),
)
async def move(request: Request, house: InHouse, who: SignedIn, wanted: OwnReport) -> Response:
    """Put a report into another state: done and dismissed end it, the others open it again.

    Done with a report of an amenity verifies anew that it works, where the page says that it does, and ends all
    reports of it; where the page says anything else, set the amenity instead. Done with any other report stamps the
    station, `answered_at`.
    """
    known_parameters_only(request)
    given = await read(request, ReportPatch)
    return private(_shown(await run_in_threadpool(move_report, house, who, wanted, given.state)))


def move_report(house: House, who: Who, wanted: Report, state: ReportState) -> Report:
    """Move a report; what its page says is settled first, so that a request sent again mends a broken one."""
    if state is ReportState.DONE is not wanted.state:
        by = By(who.username)
        if wanted.amenity is None:
            house.facts.answer(wanted.station, by)
        else:
            house.facts.confirm_offering(wanted.station, wanted.amenity, by)
    return house.reports.move(wanted.id, state, actor=who.username, now=house.now())


def file_report(request: Request, house: House, station: Station, given: ReportBody) -> int:
    """Keep a finder's report and return its id."""
    amenity = given.amenity_in(house.registry.network)
    return house.reports.file(station.code, given.kind, amenity, house.now(), address=address_of(request))


def whose_reports(house: House, who: Who, wanted: str | None) -> frozenset[str] | None:
    """Return whose reports to list: of one station, of one's own, or None for all of them."""
    if wanted is None:
        return who.reach
    who.may_manage(wanted)
    if all(station.code != wanted for station in house.registry.network.stations):
        raise Invalid.parameter("station", "must be the code of a station")
    return frozenset({wanted})


def _shown(found: Report) -> dict[str, Any]:
    return {
        "id": found.id,
        "station": found.station,
        "kind": found.kind,
        "amenity": found.amenity,
        "state": found.state,
        "reported_at": local(found.reported_at),
        "ended_at": local(found.ended_at),
        "handled_by": found.handled_by,
        "time_to_fix_s": _seconds(found.time_to_fix),
    }


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else round(time.total_seconds())
