"""The queue of finders' reports as a page: what waits at one's own stations, where each leads, and how long it took.

One rule: a report is about a fact, and setting the fact is what ends it; the buttons here are for what needs no fact.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from harbour_api.domain.network import Network
from harbour_api.domain.problems import Invalid
from harbour_api.domain.report import ENDED, Report, ReportKind, ReportState, median_time
from harbour_api.domain.station import Station
from harbour_api.web.api.reports import OwnReport, move_report, whose_reports
from harbour_api.web.desk.frame import desk_page, see_other
from harbour_api.web.desk.station import station_address
from harbour_api.web.house import InHouse
from harbour_api.web.pages.cards import minute_text
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import SignedIn
from harbour_api.web.words import Words, mark

PATH = "/manage/reports"
AT_ONCE = 100
STATES = {
    ReportState.OPEN: mark("待处理"),
    ReportState.IN_PROGRESS: mark("处理中"),
    ReportState.DONE: mark("已处理"),
    ReportState.DISMISSED: mark("不属实"),
}
KINDS = {
    ReportKind.CLOSED: mark("关门"),
    ReportKind.NO_ACCESS: mark("进不去"),
    ReportKind.AMENITY_OUT: mark("设施故障"),
    ReportKind.WRONG_INFO: mark("信息不对"),
}
SECTIONS = {
    ReportKind.CLOSED: "/facts#closures",
    ReportKind.NO_ACCESS: "/facts#details",
    ReportKind.AMENITY_OUT: "/facts#amenities",
    ReportKind.WRONG_INFO: "/facts",
}
ACTS = {
    ReportState.IN_PROGRESS: mark("开始处理"),
    ReportState.DONE: mark("处理好了"),
    ReportState.DISMISSED: mark("不属实，不处理"),
    ReportState.OPEN: mark("重新打开"),
}
PARAMETERS = [
    page_parameter("state", "open, in_progress, done or dismissed; open and in_progress by default."),
    page_parameter("station", "Code of a station: only its reports."),
    LANG,
]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="The queue of reports, as a page", openapi_extra={"parameters": PARAMETERS})
def reports_page(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Show the reports of one's own stations, newest first, and the median time to fix."""
    query = request.query_params
    words = language_only(query, "state", "station")
    state, code = _state(query), query.get("station") or None
    whose = whose_reports(house, who, code)
    shown = {state} if state else set(ReportState) - ENDED
    found = house.reports.queue(whose, shown, limit=AT_ONCE)
    middle = median_time(house.reports.times_to_fix(whose))
    counts = house.reports.n_by_state(whose)
    context = {
        "tabs": [(one.value, words(name), counts[one]) for one, name in STATES.items()],
        "chosen": state.value if state else "",
        "station_code": code or "",
        "found": [_shown(house.registry.network, report, words) for report in found],
        "n_found": sum(counts[one] for one in shown),
        "middle": "" if middle is None else duration_text(middle, words),
    }
    return desk_page(request, who, "desk_reports.html", words, context)


@router.post(f"{PATH}/{{id}}", summary="Work on a report from the page", openapi_extra={"parameters": [LANG]})
def move(
    request: Request, house: InHouse, who: SignedIn, wanted: OwnReport, state: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Put a report into another state."""
    words = language_only(request.query_params)
    if state not in set(ReportState):
        raise Invalid.field("/state", "must be one of the states of a report")
    move_report(house, who, wanted, ReportState(state))
    return see_other(PATH, words)


def duration_text(time: timedelta, words: Words) -> str:
    """Return how long something took, as one says it."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 60:
        return words("{n} 分钟", n=max(1, minutes))
    return words("{n} 小时", n=round(minutes / 60)) if minutes < 48 * 60 else words("{n} 天", n=round(minutes / 1440))


def _state(query: QueryParams) -> ReportState | None:
    text = query.get("state") or None
    if text is not None and text not in set(ReportState):
        raise Invalid.parameter("state", "must be one of the states of a report")
    return None if text is None else ReportState(text)


def _shown(network: Network, report: Report, words: Words) -> dict[str, object]:
    station = network.station(report.station)
    amenity = network.amenities.get(report.amenity or "")
    ended = [state for state in ReportState if state in ENDED]
    acts = [ReportState.OPEN] if report.state in ENDED else [ReportState.IN_PROGRESS, *ended]
    return {
        "id": report.id,
        "kind": words(KINDS[report.kind]),
        "about": words.pick(amenity.zh, amenity.en) if amenity else "",
        "station": words.pick(station.name, station.name_en),
        "when": minute_text(report.reported_at, words),
        "state": words(STATES[report.state]),
        "by": report.handled_by or "",
        "took": duration_text(report.time_to_fix, words) if report.time_to_fix is not None else "",
        "path": _fact(station, report),
        "is_ended": report.state in ENDED,
        "acts": [(act.value, words(ACTS[act])) for act in acts if act is not report.state],
    }


def _fact(station: Station, report: Report) -> tuple[str, str]:
    """Return where the fact is that a report is about: the page, and the place on it."""
    page, _, section = SECTIONS[report.kind].partition("#")
    return station_address(station, page), f"a-{report.amenity}" if report.amenity else section
