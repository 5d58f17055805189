"""One station in one text message, for phones that show no pages.

One rule: it fits. A message holds 70 characters in Chinese, and the English one has 160; an emoji counts as two. Where
to look gives way first, then the name; today's hours and the town are never cut short by them. When it helps in exams
stands at the end where there is room for all of it.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from harbour_api.domain.hours import local_day, spans
from harbour_api.domain.network import Network
from harbour_api.domain.station import Station
from harbour_api.web.pages.cards import exam_text
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.pages.station import STATUS, day_notes, hours_of_day
from harbour_api.web.words import Words

LENGTHS = {"zh": 70, "en": 160}
GAPS = {"zh": "", "en": " "}  # after a full stop
LEAST_NAME = 20
router = APIRouter(tags=["pages"])


@router.get("/stations/{code}.txt", summary="One station, as a text message", openapi_extra={"parameters": [LANG]})
async def station_message(request: Request, code: str) -> PlainTextResponse:
    """Return a station in one SMS: its name, today's hours, its town and where to look for it."""
    house = request.app.state.house
    network: Network = house.registry.network
    station = network.station(code)
    words = language_only(request.query_params)
    text = station_text(network, station, house.now(), words)
    return PlainTextResponse(text, headers={"Cache-Control": "no-cache"})


def station_text(network: Network, station: Station, now: datetime, words: Words) -> str:
    """Return the message: name, today's hours, town, where to look, and when it helps in exams."""
    town = network.town(station.town)
    fixed = words("，{hours}，{town}。", hours=_hours(station, now, words), town=words.pick(town.name, town.name_en))
    fixed, room = _cut(_one_line(fixed), LENGTHS[words.lang] - LEAST_NAME), LENGTHS[words.lang]
    gap = GAPS[words.lang]
    look, name = gap + _one_line(_look(station, words)), _one_line(words.pick(station.name, station.name_en))
    name = _cut(name, max(LEAST_NAME, room - _length(fixed + look)))
    text = name + fixed + _cut(look, room - _length(name + fixed))
    exams = exam_text(station, local_day(now), words)
    more = words("。{sentence}", sentence=exams) if exams else ""
    return text + more if _length(text + more) <= room else text


def _hours(station: Station, now: datetime, words: Words) -> str:
    if station.status in STATUS:
        return words(STATUS[station.status])
    if station.opening_hours is None:
        return words("营业时间未知")
    today = local_day(now)
    hours = hours_of_day(spans(station.opening_hours, today), words).replace("–", "-")  # a dash would cost English 90
    return words("今天{hours}", hours=" ".join([hours, *day_notes(station, today, words)]))


def _look(station: Station, words: Words) -> str:
    if station.is_placed and station.address:
        return station.address
    search = words("地图搜“{name}”", name=station.official_name or station.name)
    return search if station.is_placed else words("位置未核实，{search}", search=search)


def _one_line(text: str) -> str:
    """Return the text without line breaks and control characters, which could forge a second message."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _cut(text: str, room: int) -> str:
    """Return the text, or as much of its beginning as there is room for."""
    while _length(text) > room:
        text = text[:-1]
    return text
