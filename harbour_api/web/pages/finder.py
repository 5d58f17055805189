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
from harbour_api.web.pages.cards import CATEGORIES, FAR_M, FIRST, blank_card, card_of, distance_text
from harbour_api.web.pages.parameters import LANG, page_parameter
from harbour_api.web.pages.question import Question
from harbour_api.web.templates_env import Links, render, switch_links
from harbour_api.web.words import Words, mark

SHOWN = 10
MOST_ON_PHONE = 2_000  # stations; beyond it a phone is not handed the whole network, and the server sorts for it
FOUND = {
    "none": mark("没有找到符合条件的站点。"),
    "none_confirmed": mark("没有站点确认符合全部条件；没有登记不等于没有。"),
    "found": mark("找到 {n} 个。"),
    "found_near": mark("找到 {n} 个，最近{distance}。"),
    "found_far": mark("找到 {n} 个，最近{distance}，1 公里内没有。"),
}
FROM_TOWN, FROM_YOU = mark("距地名点"), mark("距您")
NEAR_TOWN, NEAR_YOU, MATCHING = mark("{town}附近"), mark("您附近"), mark("符合条件的站点")
TOWN_NOTE = mark("直线距离，从{town}的地名点量起；位置未核实的站点，距离仅供排序。")
YOUR_NOTE = mark("直线距离，从您的位置量起；位置未核实的站点，距离仅供排序。")
YOUR_PLACE, OPEN_NOW, CHANGE = mark("您的位置"), mark("现在营业"), mark("更改：{criteria}")
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
        "is_for_phone": len(network) <= MOST_ON_PHONE,
        "blank": blank_card(),
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
    origin = words(FROM_TOWN if question.town else FROM_YOU)
    cards = [
        card_of(network, one.station, now, words, i=i, nearby=one, asked=question.amenities, origin=origin)
        for i, one in enumerate(near)
    ]
    return {
        "groups": [{"name": "", "cards": cards}],
        "summary": _summary(question, len(found), near[0].distance_m if near else None, words),
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
        "all_url": "",
    }


def _summary(question: Question, found: int, nearest_m: float | None, words: Words) -> str:
    if not found:
        sentence = FOUND["none_confirmed" if question.amenities else "none"]
        return words(sentence)
    if nearest_m is None:
        sentence = FOUND["found"]
        return words(sentence, n=found)
    sentence = FOUND["found_far" if nearest_m > FAR_M else "found_near"]
    return words(sentence, n=found, distance=distance_text(nearest_m, words))


def _heading(question: Question, words: Words) -> str:
    if question.town:
        return words(NEAR_TOWN, town=words.pick(question.town.name, question.town.name_en))
    return words(NEAR_YOU if question.position else MATCHING)


def _note(question: Question, words: Words) -> str:
    if question.town:
        return words(TOWN_NOTE, town=words.pick(question.town.name, question.town.name_en))
    return words(YOUR_NOTE) if question.position else ""


def _criteria(network: Network, question: Question, words: Words) -> list[str]:
    place = [words(YOUR_PLACE)] if question.position else []
    if question.town:
        place = [words.pick(question.town.name, question.town.name_en)]
    amenities = [_name(network.amenities[code], words) for code in question.amenities]
    return [
        *place,
        *([question.q] if question.q else []),
        *amenities,
        *([words(OPEN_NOW)] if question.open_now else []),
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
    is_asked = amenity.code in question.amenities
    return {"code": amenity.code, "name": _name(amenity, words), "icon": amenity.icon, "asked": is_asked}


def _name(amenity: Amenity, words: Words) -> str:
    return words.pick(amenity.zh, amenity.en)


def _towns(network: Network) -> Sequence[Town]:
    return sorted(network.towns.values(), key=lambda town: town.code)
