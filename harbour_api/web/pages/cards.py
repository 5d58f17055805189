"""One station as a card: the few facts that decide whether to walk there, in words, for the finder and the map.

One rule: what is assumed or not verified says so on the card, beside the fact itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypedDict

from harbour_api.domain.hours import ZONE, Opening
from harbour_api.domain.network import Nearby, Network, walk_minutes
from harbour_api.domain.station import Access, Basis, OfferingState, Station
from harbour_api.web.navigation import directions_url
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
WEEKDAYS = (mark("周一"), mark("周二"), mark("周三"), mark("周四"), mark("周五"), mark("周六"), mark("周日"))


class Card(TypedDict):
    """What the templates show of a station. `i` is its position in the list the page was made from."""

    i: int
    code: str
    name: str
    town: str
    town_code: str
    url: str
    placed: bool
    is_open: bool | None
    hours_text: str
    hours_assumed: bool
    access_text: str
    access_basis: str
    amenities: list[str]
    distance_text: str
    walk_minutes: int | None
    directions_url: str


def card_of(
    network: Network,
    station: Station,
    now: datetime,
    words: Words,
    *,
    i: int = 0,
    nearby: Nearby | None = None,
    asked: tuple[str, ...] = (),
) -> Card:
    """Return the card of one station at an instant; `nearby` adds the distance, `asked` puts those amenities first."""
    town = network.town(station.town)
    opening = network.opening(station, now)
    way_in = station.basis.get("access")
    return Card(
        i=i,
        code=station.code,
        name=words.pick(station.name, station.name_en),
        town=words.pick(town.name, town.name_en),
        town_code=town.code,
        url=f"/stations/{station.code}",
        placed=station.is_placed,
        is_open=opening.is_open,
        hours_text=hours_text(opening, now, words),
        hours_assumed=station.basis.get("opening_hours") is Basis.ASSUMED,
        access_text=words(ACCESS[station.access]),
        access_basis=words(BASIS[way_in]) if way_in else "",
        amenities=amenity_names(network, station, words, asked),
        distance_text=distance_text(nearby.distance_m, words) if nearby else "",
        walk_minutes=walk_minutes(nearby.distance_m) if nearby and station.is_placed else None,
        directions_url=directions_url(station, town),
    )


def amenity_names(network: Network, station: Station, words: Words, asked: Iterable[str] = ()) -> list[str]:
    """Return the names of what this station is known to have: what was asked first, then what most people ask for."""
    known = {offering.amenity for offering in station.offerings if offering.state is OfferingState.YES}
    order = dict.fromkeys((*asked, *FIRST, *network.amenities))
    found = (network.amenities[code] for code in order if code in known and code in network.amenities)
    return [words.pick(amenity.zh, amenity.en) for amenity in found]


def hours_text(opening: Opening, now: datetime, words: Words) -> str:
    """Return whether it is open in words, with the moment that changes."""
    if opening.is_open is None:
        return words("营业时间未知")
    if opening.next_change is None:
        return words("营业中") if opening.is_open else words("休息中")
    when = moment_text(opening.next_change, now, words)
    return words("营业中，{when} 关门", when=when) if opening.is_open else words("休息中，{when} 开门", when=when)


def moment_text(moment: datetime, now: datetime, words: Words) -> str:
    """Return a coming moment as one says it: an hour today, tomorrow, a weekday within the week, else a date."""
    local = moment.astimezone(ZONE)
    days = (local.date() - now.astimezone(ZONE).date()).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return clock
    if days == 1:
        return words("明天 {clock}", clock=clock)
    if days < 7:
        return f"{words(WEEKDAYS[local.weekday()])} {clock}"
    return f"{date_text(local.date(), words)} {clock}"


def date_text(day: date, words: Words, *, year: bool = False) -> str:
    """Return a date as one says it, with its year where that matters."""
    zh, en = f"{day.month}月{day.day}日", f"{day.day} {day:%b}"
    return words.pick(f"{day.year}年{zh}", f"{en} {day.year}") if year else words.pick(zh, en)


def distance_text(distance_m: float, words: Words) -> str:
    """Return a distance as one says it: tens of metres below a kilometre, tenths of a kilometre above."""
    if distance_m < 995:
        return words("约 {n} 米", n=max(10, round(distance_m / 10) * 10))
    return words("约 {n} 公里", n=f"{distance_m / 1000:.1f}")
