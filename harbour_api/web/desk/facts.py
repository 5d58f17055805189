"""What is known of a station, on one page of sections, each with why it is believed and the way to make it true.

One rule: a form refused comes back as it was filled in, with what to change; nothing of it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.hours import local_day
from harbour_api.domain.problems import Conflict, Invalid, Stale
from harbour_api.domain.report import ENDED, ReportState
from harbour_api.domain.station import Station
from harbour_api.store.access import Who
from harbour_api.store.facts import By
from harbour_api.web.api.queries import row_id
from harbour_api.web.desk.belief import belief_in
from harbour_api.web.desk.closures import NAMES, PARTS, blank, closure_sent, closures_ahead
from harbour_api.web.desk.details import (
    FIELDS,
    RULES,
    both_versions,
    choices,
    details_of,
    save_details,
    sent_details,
)
from harbour_api.web.desk.form import FieldsSent
from harbour_api.web.desk.frame import done_text, see_other
from harbour_api.web.desk.offerings import (
    Typed,
    groups_of,
    rows_changed,
    rows_overtaken,
    save_rows,
    states,
    theirs_told,
)
from harbour_api.web.desk.station import facts_page, station_address
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import OwnStation, SignedIn
from harbour_api.web.words import Words, mark

PATH = "/manage/stations/{code}/facts"
ROUNDS = 3  # of saving rows beside others who save
DONE = {
    "details": mark("资料已经保存。"),
    "amenities": mark("设施与服务已经保存。"),
    "none": mark("没有改动，什么都没有保存。"),
    "closed": mark("临时关闭已经登记，公众页面马上显示。"),
    "opened": mark("临时关闭已经取消。"),
    "hours": mark("营业时间已经保存。"),
}
SAID = page_parameter("done", "What was just done: say so.")
UNENDED = [state for state in ReportState if state not in ENDED]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the page is to say of what was sent: what was done, or what was refused, as it was typed, and why."""

    said: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    detail_faults: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Typed] = field(default_factory=dict)
    refused_rows: Set[str] = frozenset()
    theirs: Mapping[str, str] = field(default_factory=dict)
    closure: Mapping[str, str] = field(default_factory=dict)
    closure_fault: str = ""

    @property
    def status(self) -> int:
        """With what the page is answered."""
        if self.theirs:
            return 412
        return 422 if self.detail_faults or self.refused_rows or self.closure_fault else 200


@router.get(PATH, summary="What is known of a station, as a page", openapi_extra={"parameters": [SAID, LANG]})
def facts(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Show every fact with why it is believed, and the forms to make it true."""
    words = language_only(request.query_params, "done")
    return _page(request, house, who, station, words, Outcome(said=done_text(request, DONE, words)))


@router.post(PATH, summary="Change a station's details from the page", openapi_extra={"parameters": [LANG]})
def change(request: Request, house: InHouse, who: SignedIn, station: OwnStation, fields: FieldsSent) -> Response:
    """Save names, address, telephone, way in, status and specials; both versions where somebody was faster."""
    words = language_only(request.query_params)
    try:
        save_details(house, who, station, fields)
    except Invalid as problem:
        faults = _faults(problem, words)
        return _page(request, house, who, station, words, Outcome(details=fields, detail_faults=faults))
    except Stale:
        present = house.registry.refresh().station(station.code)
        context = both_versions(house, present, fields, words)
        return facts_page(request, who, present, "desk_merge.html", words, context, status=412)
    return see_other(station_address(station, "/facts"), words, done="details")


@router.post(
    "/manage/stations/{code}/amenities", summary="Set amenities from the page", openapi_extra={"parameters": [LANG]}
)
def set_amenities(request: Request, house: InHouse, who: SignedIn, station: OwnStation, fields: FieldsSent) -> Response:
    """Set every amenity whose row was changed; both versions of a row where somebody was faster."""
    words = language_only(request.query_params)
    rows = rows_changed(fields, house.registry.network)
    for _ in range(ROUNDS):  # others may be saving in this very moment
        station = house.registry.refresh().station(station.code)
        if overtaken := rows_overtaken(fields, rows, station):
            theirs = theirs_told(house, station, overtaken, words)
            return _page(request, house, who, station, words, Outcome(rows=rows, theirs=theirs))
        with suppress(Stale):
            refused = save_rows(house, station, rows, By(who.username, frozenset({station.version})))
            break
    else:
        raise Stale("Others are changing this station at this moment; try again.")
    if refused:
        return _page(request, house, who, station, words, Outcome(rows=rows, refused_rows=refused))
    return see_other(station_address(station, "/facts"), words, done="amenities" if rows else "none")


@router.post(
    "/manage/stations/{code}/closures", summary="Close a station from the page", openapi_extra={"parameters": [LANG]}
)
def close(request: Request, house: InHouse, who: SignedIn, station: OwnStation, fields: FieldsSent) -> Response:
    """Close for half a day, a day, or from one time to another."""
    words = language_only(request.query_params)
    try:
        given = closure_sent(fields)
        house.facts.close(station.code, given.starts_at, given.ends_at, given.reason, By(who.username))
    except (Invalid, Conflict) as problem:
        fault = words("这段时间已经登记为关闭。") if isinstance(problem, Conflict) else _closure_fault(problem, words)
        typed = {name: fields.get(name, "") for name in NAMES}
        return _page(request, house, who, station, words, Outcome(closure=typed, closure_fault=fault))
    return see_other(station_address(station, "/facts"), words, done="closed")


@router.post(
    "/manage/stations/{code}/closures/{id}/remove",
    summary="Take a closure away from the page",
    openapi_extra={"parameters": [LANG]},
)
def reopen(request: Request, house: InHouse, who: SignedIn, station: OwnStation, id: str) -> Response:
    """Take a closure away."""
    words = language_only(request.query_params)
    house.facts.reopen(station.code, row_id(id), By(who.username))
    return see_other(station_address(station, "/facts"), words, done="opened")


def _faults(problem: Invalid, words: Words) -> dict[str, str]:
    """Return, a field each, what to change."""
    named = {(fault.pointer or "").split("/")[1] for fault in problem.errors if fault.pointer}
    return {name: words(RULES[name]) for name in FIELDS if name in named}


def _closure_fault(problem: Invalid, words: Words) -> str:
    if any(fault.pointer == "/reason" for fault in problem.errors):
        return words("请写一行原因，最多 200 字：公众能看到。")
    return words("请把日期和时间选全；结束要晚于开始，最长一年。")


def _page(request: Request, house: House, who: Who, station: Station, words: Words, outcome: Outcome) -> Response:
    network, now = house.registry.network, house.now()
    station = network.station(station.code)
    reports = house.reports.queue({station.code}, UNENDED)
    known = details_of(station)
    town = network.town(station.town)
    context = {
        "outcome": outcome,
        "beliefs": {name: belief_in(station, name, now, words) for name in (*FIELDS, "location", "opening_hours")},
        "town_name": words.pick(town.name, town.name_en),
        "figures": "{:.6f}, {:.6f}".format(*station.place.figures()),
        "fields": {name: words(title) for name, title in FIELDS.items()},
        "known": known,
        "typed": sent_details(outcome.details) if outcome.details else known,
        "was": sent_details(outcome.details, "was_") if outcome.details else known,
        "version": outcome.details.get("version", str(station.version)),
        "choices": choices(house, words),
        "groups": groups_of(network, station, reports, outcome.rows, outcome.refused_rows, outcome.theirs, now, words),
        "states": states(words),
        "closures": closures_ahead(station, now, words),
        "parts": [(part.value, words(name)) for part, name in PARTS.items()],
        "closing": outcome.closure or blank(local_day(now)),
        "n_reports": len(reports),
    }
    return facts_page(request, who, station, "desk_facts.html", words, context, status=outcome.status)
