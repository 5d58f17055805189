"""Who changed what, when, from what to what: of a station for whoever manages it, of everything for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from harbour_api.domain.problems import Invalid
from harbour_api.store.audit import Line, Spot
from harbour_api.web.answers import private
from harbour_api.web.api.queries import PageQuery, known_parameters_only, row_id
from harbour_api.web.api.reads import PROBLEM, next_page
from harbour_api.web.house import InHouse
from harbour_api.web.security import Administrator, OwnStation
from harbour_api.web.wire import local

REFUSALS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 422: PROBLEM, 503: PROBLEM}

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=REFUSALS, default_response_class=Response)


@router.get("/audit", summary="Who changed what")
def audit(request: Request, house: InHouse, _who: Administrator, query: Annotated[PageQuery, Query()]) -> Response:
    """Return every change of anything, newest first; `next` and the Link header lead to the page before it in time."""
    known_parameters_only(request)
    lines = house.audit.newest(query.limit + 1, before=spot_of(query.after))
    return _page(request, "audit", lines, query.limit)


@router.get("/stations/{code}/history", summary="Who changed a station", responses={404: PROBLEM})
def history(request: Request, house: InHouse, station: OwnStation, query: Annotated[PageQuery, Query()]) -> Response:
    """Return the changes of a station's facts, newest first."""
    known_parameters_only(request)
    lines = house.audit.newest(query.limit + 1, before=spot_of(query.after), station=station.code)
    return _page(request, "history", lines, query.limit)


def spot_of(after: str) -> Spot | None:
    """Return the spot that a cursor names, None where it names none; Invalid where it is none of ours."""
    if not after:
        return None
    try:
        at, rank, number = after.split(" ")
        return Spot(datetime.fromisoformat(at).astimezone(UTC), row_id(rank), row_id(number))
    except (ValueError, OverflowError) as error:
        raise Invalid.parameter("cursor", "must be one that a page before gave") from error


def cursor_text(spot: Spot) -> str:
    """Return what a cursor carries of a spot."""
    return f"{spot.at.isoformat()} {spot.rank} {spot.id}"


def _page(request: Request, name: str, lines: Sequence[Line], limit: int) -> Response:
    following = next_page(request, cursor_text(lines[limit - 1].spot)) if len(lines) > limit else None
    answer = private({name: [_shown(line) for line in lines[:limit]], "next": following})
    if following is not None:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer


def _shown(line: Line) -> dict[str, Any]:
    return {
        "id": line.spot.id,
        "at": local(line.spot.at),
        "actor": line.actor,
        "action": line.action,
        "subject": line.subject,
        "field": line.field,
        "old": line.old,
        "new": line.new,
    }
