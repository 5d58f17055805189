"""The finder's answer: which cards, in which order, and the sentences around them.

One rule: never an empty dead end. From a place there is no radius, a far nearest station is said to be far, and where
nothing fits the page says so and offers the same question without its conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from harbour_api.domain.network import Network
from harbour_api.domain.station import Amenity, Station, Town
from harbour_api.web.pages.cards import CATEGORIES, FIRST, card_of, distance_text
from harbour_api.web.pages.parameters import LANG, page_parameter
from harbour_api.web.pages.question import Question
from harbour_api.web.templates_env import Links, render, switch_links
from harbour_api.web.words import Words

SHOWN = 10
FAR_M = 1000.0  # the field's own promise: a station within 1 km
router = APIRouter(default_response_class=HTMLResponse, tags=["pages"])

FINDER_PARAMETERS = [
    page_parameter("town", "Code of the town from whose point to measure; stands above lon and lat."),
    page_parameter("lon", "Longitude in WGS-84 degrees, with lat; rounded to 4 decimals."),
    page_parameter("lat", "Latitude in WGS-84 degrees, with lon; rounded to 4 decimals."),
    page_parameter("q", "Part of a name in Chinese, English or pinyin."),
    page_parameter("amenity", "Code of an amenity the station must have.", repeated=True),
    page_parameter("open", "1: only stations that are open now."),
    page_parameter("all", "1: every station found, not the nearest ten only."),
    LANG,
]


@router.get("/", summary="The finder, as a page", openapi_extra={"parameters": FINDER_PARAMETERS})
async def finder(request: Request) -> HTMLResponse:
    """Show the stations nearest to a town or a position, or all of them by town."""
    house = request.app.state.house
    network: Network = house.registry.network
    question = Question.read(request.query_params, network)
    words = Words.asked(request.query_params.get("lang"))
    cache = "private, no-store" if question.position else "no-cache"
    view = finder_view(network, question, house.now(), words)
    return render(request, "finder.html", words, view, headers={"Cache-Control": cache})


def finder_view(network: Network, question: Question, now: datetime, words: Words) -> dict[str, object]:
    """Return what `finder.html` shows for a question at an instant."""
    found = network.matching(question.needs(now))
    answer = _nearest if question.origin else _by_town
    return {
        "question": question,
        "found": len(found),
        "criteria": _criteria(network, question, words),
        "towns": [{"code": town.code, "name": words.pick(town.name, town.name_en)} for town in _towns(network)],
        "amenity_groups": _amenity_groups(network, question, words),
        "switch": switch_links([*question.pairs(), *([("all", "1")] if question.everything else [])]),
        "heading": _heading(question, words),
        "note": _note(question, words),
        "without_filters_url": Links(words.lang)("/", Question(question.town, question.position).pairs()),
        **answer(network, question, found, now, words),
    }


def _nearest(
    network: Network, question: Question, found: Sequence[Station], now: datetime, words: Words
) -> dict[str, object]:
    assert question.origin is not None  # the caller asks only for a question with one
    limit = len(found) if question.everything else SHOWN
    near = network.nearest(question.origin, question.needs(now), limit=limit) if found else []
    cards = [
        card_of(network, one.station, now, words, i=i, nearby=one, asked=question.amenities)
        for i, one in enumerate(near)
    ]
    return {
        "groups": [{"name": "", "cards": cards}],
        "summary": _summary(question, len(found), near[0].distance_m if near else None, words),
        "measured_from": words("距地名点") if question.town else words("距您"),
        "all_url": Links(words.lang)("/", question.pairs(), all="1") if len(near) < len(found) else "",
    }


def _by_town(
    network: Network, question: Question, found: Sequence[Station], now: datetime, words: Words
) -> dict[str, object]:
    stations = sorted(found, key=lambda station: (station.town, station.code))
    cards = [card_of(network, station, now, words, i=i, asked=question.amenities) for i, station in enumerate(stations)]
    groups = [{"name": name, "cards": list(members)} for name, members in groupby(cards, key=lambda card: card["town"])]
    return {
        "groups": groups,
        "summary": _summary(question, len(cards), None, words),
        "measured_from": "",
        "all_url": "",
    }


def _summary(question: Question, found: int, nearest_m: float | None, words: Words) -> str:
    if not found and not question.amenities:
        return words("没有找到符合条件的站点。")
    if not found:
        return words("没有站点确认符合全部条件；没有登记不等于没有。")
    if nearest_m is None:
        return words("找到 {n} 个。", n=found)
    distance = distance_text(nearest_m, words)
    if nearest_m > FAR_M:
        return words("找到 {n} 个，最近{distance}，1 公里内没有。", n=found, distance=distance)
    return words("找到 {n} 个，最近{distance}。", n=found, distance=distance)


def _heading(question: Question, words: Words) -> str:
    if question.town:
        return words("{town}附近", town=words.pick(question.town.name, question.town.name_en))
    return words("您附近") if question.position else words("符合条件的站点")


def _note(question: Question, words: Words) -> str:
    if question.town:
        town = words.pick(question.town.name, question.town.name_en)
        return words("直线距离，从{town}的地名点量起；位置未核实的站点，距离仅供排序。", town=town)
    return words("直线距离，从您的位置量起；位置未核实的站点，距离仅供排序。") if question.position else ""


def _criteria(network: Network, question: Question, words: Words) -> list[str]:
    place = [words("您的位置")] if question.position else []
    if question.town:
        place = [words.pick(question.town.name, question.town.name_en)]
    amenities = [_name(network.amenities[code], words) for code in question.amenities]
    return [
        *place,
        *([question.q] if question.q else []),
        *amenities,
        *([words("现在营业")] if question.open_now else []),
    ]


def _amenity_groups(network: Network, question: Question, words: Words) -> list[dict[str, object]]:
    first = [network.amenities[code] for code in FIRST if code in network.amenities]
    rest = [amenity for amenity in network.amenities.values() if amenity.code not in FIRST]
    named = [(words("常用"), first)]
    for category, msgid in CATEGORIES.items():
        named.append((words(msgid), [amenity for amenity in rest if amenity.category == category]))
    named.append((words("其他"), [amenity for amenity in rest if amenity.category not in CATEGORIES]))
    return [
        {"name": name, "amenities": [_choice(amenity, question, words) for amenity in amenities]}
        for name, amenities in named
        if amenities
    ]


def _choice(amenity: Amenity, question: Question, words: Words) -> dict[str, object]:
    return {"code": amenity.code, "name": _name(amenity, words), "asked": amenity.code in question.amenities}


def _name(amenity: Amenity, words: Words) -> str:
    return words.pick(amenity.zh, amenity.en)


def _towns(network: Network) -> Sequence[Town]:
    return sorted(network.towns.values(), key=lambda town: town.code)
