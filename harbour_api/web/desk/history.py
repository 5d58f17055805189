"""What was changed of a station, in words: who, when, from what to what; and each line taken back on second thought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.history import ANSWER, NOT_TAKEN_BACK, STAMP, offering_told
from harbour_api.domain.problems import Conflict
from harbour_api.domain.station import Basis, Closure, Station
from harbour_api.store.access import Who
from harbour_api.store.audit import Line
from harbour_api.store.facts import By
from harbour_api.web.api.queries import row_id
from harbour_api.web.desk.details import FIELDS, value_text
from harbour_api.web.desk.frame import see_other
from harbour_api.web.desk.offerings import said_text
from harbour_api.web.desk.station import facts_page, station_address
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.cards import BASIS, minute_text
from harbour_api.web.pages.dates import closure_text
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import OwnStation, SignedIn
from harbour_api.web.words import Words, mark

PATH = "/manage/stations/{code}/history"
A_PAGE = 100
SAID = page_parameter("done", "1: say that a change was taken back.")
NAMES = {
    **FIELDS,
    "opening_hours": mark("营业时间"),
    "location": mark("位置"),
    STAMP: mark("再次核实"),
    ANSWER: mark("处理反馈"),
    "code": mark("登记站点"),
    "cnaps": mark("清算行号"),
    "official_name": mark("正式名称"),
    "kind": mark("网点类型"),
    "former_town": mark("2018年的镇街"),
}

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="A station's history, as a page", openapi_extra={"parameters": [SAID, LANG]})
def history(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Show the newest changes, each with the way to take it back."""
    words = language_only(request.query_params, "done")
    said = words("已经改回。") if request.query_params.get("done") == "1" else ""
    return _page(request, house, who, station, words, said=said)


@router.post(
    "/manage/stations/{code}/history/{id}/take-back",
    summary="Take a change back from the page",
    openapi_extra={"parameters": [LANG]},
)
def take_back(request: Request, house: InHouse, who: SignedIn, station: OwnStation, id: str) -> Response:
    """Undo one line by a further change; where the fact has changed since, say so and change nothing."""
    words = language_only(request.query_params)
    try:
        house.facts.take_back(station.code, row_id(id), By(who.username))
    except Conflict:
        fault = words("这条改回不了：后来又改过了。请先改回后面那一条。")
        return _page(request, house, who, station, words, fault=fault, status=409)
    return see_other(station_address(station, "/history"), words, done="1")


def _page(
    request: Request, house: House, who: Who, station: Station, words: Words, *, said: str = "", fault: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    lines = house.audit.newest(A_PAGE, station=station.code)
    context = {
        "said": said,
        "fault": fault,
        "lines": [_shown(house, line, words) for line in _told(lines)],
        "most": A_PAGE,
    }
    return facts_page(request, who, station, "desk_history.html", words, context, status=status)


def _told(lines: Sequence[Line]) -> list[Line]:
    """Return the lines but for those that say why a fact is believed where the fact itself was changed with it."""
    changed = {(line.spot.at, line.actor, f"basis.{line.field}") for line in lines}
    return [line for line in lines if (line.spot.at, line.actor, line.field) not in changed]


def _shown(house: House, line: Line, words: Words) -> dict[str, object]:
    field = line.field or ""
    return {
        "id": line.spot.id,
        "who": line.actor,
        "when": minute_text(line.spot.at, words, year=True),
        "name": _name(house, field, words),
        "old": _text(house, field, line.old, words),
        "new": _text(house, field, line.new, words),
        "may_go_back": field not in NOT_TAKEN_BACK,
    }


def _name(house: House, field: str, words: Words) -> str:
    """Return what a line is about, as one says it."""
    kind, _, key = field.partition(".")
    if kind == "amenities":
        amenity = house.registry.network.amenities.get(key)
        return words.pick(amenity.zh, amenity.en) if amenity else key
    if kind == "closures":
        return words("临时关闭")
    if kind == "basis":
        return words("{fact}的依据", fact=words(NAMES.get(key, key)))
    return words(NAMES[field]) if field in NAMES else field


def _text(house: House, field: str, value: Any, words: Words) -> str:
    """Return a value as one reads it."""
    if value in (None, "", []):
        return "—"
    kind = field.partition(".")[0]
    tell = _TELLERS.get(kind)
    return tell(value, words) if tell else value_text(house, field, str(value), words)


def _offering(value: Mapping[str, Any], words: Words) -> str:
    known = offering_told("", value)
    checked = [words("收到反馈后核实")] if known.reported_at else []
    return " · ".join([said_text(known, words), *checked, words(BASIS[known.basis])])


def _closure(value: Mapping[str, Any], words: Words) -> str:
    first, last = (datetime.fromisoformat(value[name]) for name in ("from", "to"))
    return f"{closure_text(Closure(0, first, last, value['reason']), words)} · {value['reason']}"


def _location(value: Mapping[str, Any], words: Words) -> str:
    return f"{value['lon']:.6f}, {value['lat']:.6f} · {words(BASIS[Basis(value['basis'])])}"


def _specials(value: Sequence[Mapping[str, str]], words: Words) -> str:
    return " · ".join(words.pick(special["zh"], special["en"]) for special in value)


_TELLERS: Mapping[str, Callable[[Any, Words], str]] = {
    "amenities": _offering,
    "closures": _closure,
    "basis": lambda value, words: words(BASIS[Basis(value)]),
    "location": _location,
    **dict.fromkeys((STAMP, ANSWER), lambda value, words: minute_text(datetime.fromisoformat(value), words, year=True)),
    "specials": _specials,
}
