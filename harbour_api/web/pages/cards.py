"""One station as a card: the few facts that decide whether to walk there, in words, for the finder and the map.

One rule: what is assumed or not verified says so on the card, beside the fact itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict, get_type_hints

from harbour_api.domain.hours import ZONE, Opening, local_day
from harbour_api.domain.network import Nearby, Network, cycle_minutes, walk_minutes
from harbour_api.domain.station import Access, Amenity, Basis, OfferingState, Station
from harbour_api.web.navigation import directions_url
from harbour_api.web.pages.dates import WEEKDAYS, amenity_text, date_text, when_text
from harbour_api.web.words import Words, mark

# What people on the street ask for first; the rest of the vocabulary follows in its own order.
FIRST = (
    "drinking_water", "toilet", "microwave", "phone_charging", "air_conditioning",
    "seating", "wifi", "umbrella", "power_bank", "hot_water",
)  # fmt: skip
CATEGORIES = {
    "basic": mark("歇脚"),
    "sanitary": mark("卫生"),
    "banking": mark("办事"),
    "emergency": mark("应急"),
    "accessibility": mark("无障碍"),
    "family": mark("母婴"),
    "service": mark("服务"),
}
ACCESS = {
    Access.WALK_IN: mark("直接进入"),
    Access.ASK_STAFF: mark("请先告诉工作人员"),
    Access.DOOR_CODE: mark("需要门禁密码"),
    Access.APP: mark("需要手机应用开门"),
    Access.UNKNOWN: mark("进入方式未知"),
}
BASIS = {
    Basis.DIRECTORY: mark("名录"),
    Basis.ARTICLE: mark("2018年报道"),
    Basis.ASSUMED: mark("推定"),
    Basis.PLACEHOLDER: mark("未核实"),
    Basis.IMPORTED: mark("导入"),
    Basis.VERIFIED: mark("已核实"),
}
HOURS = {
    "unknown": mark("营业时间未知"),
    "open": mark("营业中"),
    "shut": mark("休息中"),
    "open_until": mark("营业中，{when} 关门"),
    "shut_until": mark("休息中，{when} 开门"),
}
_STATES = {True: "open", False: "shut", None: "unknown"}
TOMORROW, METRES, KILOMETRES = mark("明天 {clock}"), mark("约 {n} 米"), mark("约 {n} 公里")
UNPLACED, GO, SEARCH = mark("位置未核实"), mark("导航"), mark("高德搜索")
STRAIGHT, ON_FOOT, BY_BICYCLE = mark("直线"), mark("步行约 {n} 分钟"), mark("骑车约 {n} 分钟")
EXAM_MONTH, EXAM_AMENITY = 6, "exam_support"  # where no days are stated: most exams are in June
IN_EXAMS, IN_EXAMS_ON = mark("中高考期间为考生服务"), mark("助考服务：{when}")
FAR_M = 1000.0  # the field's own promise: a station within 1 km


class Card(TypedDict):
    """What the templates show of a station. `i` is its position in the list the page was made from."""

    i: int
    code: str
    name: str
    town: str
    town_code: str
    url: str
    placed: bool
    unplaced: str
    is_open: bool | None
    hours_text: str
    hours_assumed: bool
    hours_basis: str
    access_text: str
    access_basis: str
    exam_text: str
    amenities: list[str]
    icons: list[str]  # of the amenities, in their order
    distance_text: str
    away_text: str
    directions_url: str
    go: str


def card_of(
    network: Network,
    station: Station,
    now: datetime,
    words: Words,
    *,
    i: int = 0,
    nearby: Nearby | None = None,
    asked: tuple[str, ...] = (),
    origin: str = "",
) -> Card:
    """Return the card of one station at an instant; `asked` puts those amenities first.

    `nearby` adds the distance, and `origin` says from where.
    """
    town = network.town(station.town)
    opening = network.opening(station, now)
    way_in = station.basis.get("access")
    is_guess = station.basis.get("opening_hours") is Basis.ASSUMED
    has, today = amenities_of(network, station, asked), local_day(now)
    seasons = {known.amenity: known.season for known in station.offerings if known.season is not None}
    return Card(
        i=i,
        code=station.code,
        name=words.pick(station.name, station.name_en),
        town=words.pick(town.name, town.name_en),
        town_code=town.code,
        url=f"/stations/{station.code}",
        placed=station.is_placed,
        unplaced="" if station.is_placed else words(UNPLACED),
        is_open=opening.is_open,
        hours_text=hours_text(opening, now, words),
        hours_assumed=is_guess,
        hours_basis=words(BASIS[Basis.ASSUMED]) if is_guess else "",
        access_text=words(ACCESS[station.access]),
        access_basis=words(BASIS[way_in]) if way_in else "",
        exam_text=exam_text(station, today, words),
        amenities=[amenity_text(amenity, seasons.get(amenity.code), today, words) for amenity in has],
        icons=[amenity.icon for amenity in has],
        distance_text=distance_text(nearby.distance_m, words) if nearby else "",
        away_text=away_text(nearby, words, origin) if nearby else "",
        directions_url=directions_url(station, town),
        go=words(GO if station.is_placed else SEARCH),
    )


def blank_card() -> dict[str, object]:
    """Return the card that a phone fills in by itself: each text is its own name in braces."""
    texts = {name: f"{{{name}}}" for name, kind in get_type_hints(Card).items() if kind is str}
    return {**texts, "url": "/stations/{code}", "is_open": None, "amenities": ["{amenity}"], "icons": [""]}


def away_text(nearby: Nearby, words: Words, origin: str) -> str:
    """Return how the distance was measured and how long the way takes; nobody is given minutes to an invented point."""
    said = [words(STRAIGHT), *([origin] if origin else [])]
    if nearby.station.is_placed:
        said.append(words(ON_FOOT, n=walk_minutes(nearby.distance_m)))
        said += [words(BY_BICYCLE, n=cycle_minutes(nearby.distance_m))] if nearby.distance_m > FAR_M else []
    return " · ".join(said)


def exam_text(station: Station, today: date, words: Words) -> str:
    """Return when it helps in exams: by the days it has stated, from a fortnight before; else in June."""
    known = station.offering(EXAM_AMENITY)
    if known is None or known.state is not OfferingState.YES:
        return ""
    if known.season is None:
        return words(IN_EXAMS) if today.month == EXAM_MONTH else ""
    return words(IN_EXAMS_ON, when=when_text(known.season, today, words)) if known.season.is_near(today) else ""


def amenities_of(network: Network, station: Station, asked: Iterable[str] = ()) -> list[Amenity]:
    """Return what this station is known to have: what was asked first, then what most people ask for."""
    known = {offering.amenity for offering in station.offerings if offering.state is OfferingState.YES}
    order = dict.fromkeys((*asked, *FIRST, *network.amenities))
    return [network.amenities[code] for code in order if code in known and code in network.amenities]


def hours_text(opening: Opening, now: datetime, words: Words) -> str:
    """Return whether it is open in words, with the moment that changes."""
    state = _STATES[opening.is_open]
    if opening.is_open is None or opening.next_change is None:
        sentence = HOURS[state]
        return words(sentence)
    sentence = HOURS[f"{state}_until"]
    return words(sentence, when=coming_text(opening.next_change, now, words))


def coming_text(moment: datetime, now: datetime, words: Words) -> str:
    """Return a coming moment as one says it: an hour today, tomorrow, a weekday within the week, else a date."""
    local = moment.astimezone(ZONE)
    days = (local.date() - now.astimezone(ZONE).date()).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return clock
    if days == 1:
        return words(TOMORROW, clock=clock)
    if days < 7:
        return f"{words(WEEKDAYS[local.weekday()])} {clock}"
    return f"{date_text(local.date(), words)} {clock}"


def distance_text(distance_m: float, words: Words) -> str:
    """Return a distance as one says it: tens of metres below a kilometre, tenths of a kilometre above."""
    if distance_m < 995:
        return words(METRES, n=max(10, round(distance_m / 10) * 10))
    return words(KILOMETRES, n=f"{distance_m / 1000:.1f}")


def minute_text(at: datetime, words: Words, *, year: bool = False) -> str:
    """Return an instant that is over as one says it, to the minute."""
    local = at.astimezone(ZONE)
    return f"{date_text(local.date(), words, year=year)} {local:%H:%M}"
