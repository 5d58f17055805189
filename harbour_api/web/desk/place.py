"""Where a station is, made true: from the phone at the door, by a pin on the map, or by figures whose datum is asked.

One rule: a place is shown before it is saved, with how far it lies from the old one and from the town, for the slips
that make it wrong (swapped figures, another map's datum) show as a distance.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.place import Datum, Place
from harbour_api.domain.problems import Invalid, Problem
from harbour_api.domain.station import Station, Town
from harbour_api.domain.verification import (
    ACCURATE_M,
    FAR_FROM_TOWN_M,
    Method,
    Slip,
    days_round,
    likely_slips,
    progress,
)
from harbour_api.store.access import Who
from harbour_api.store.facts import By
from harbour_api.web.answers import NO_STORE
from harbour_api.web.api.fact_bodies import VerificationBody
from harbour_api.web.desk.belief import belief_in
from harbour_api.web.desk.form import FieldsSent
from harbour_api.web.desk.frame import see_other
from harbour_api.web.desk.statement import read_form
from harbour_api.web.desk.station import facts_page, station_address
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.cards import distance_text
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import OwnStation, SignedIn
from harbour_api.web.words import Words, mark

if TYPE_CHECKING:
    from maps.canvas import MapParts

PATH = "/manage/stations/{code}/place"
NAMES = ("lon", "lat", "datum", "accuracy_m", "method")
DATUMS = {
    Datum.GCJ02: mark("高德、腾讯地图复制的坐标（GCJ-02）"),
    Datum.BD09: mark("百度地图复制的坐标（BD-09）"),
    Datum.WGS84: mark("GPS 坐标（WGS-84）"),
}
METHODS = {
    Method.DEVICE: mark("手机定位"),
    Method.MAP: mark("地图上的图钉"),
    Method.TYPED: mark("填写的坐标"),
}
SLIPS = {
    Slip.SWAPPED: mark("是不是把经度和纬度填反了？"),
    Slip.GCJ02: mark("是不是高德、腾讯地图的坐标？"),
    Slip.BD09: mark("是不是百度地图的坐标？"),
    Slip.WGS84: mark("是不是 GPS 的坐标？"),
}
NO_FIGURE = "must be a number"
SAID = page_parameter("done", "1: say thank you, and where to go next.")
_FIGURE = re.compile(r"[+-]?\d{1,3}(\.\d{1,20})?", re.ASCII)

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="Where a station is, as a page", openapi_extra={"parameters": [SAID, LANG]})
def place_page(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Show what is known of the place, and the three ways to make it true; or thanks, and the next station."""
    words = language_only(request.query_params, "done")
    if request.query_params.get("done") == "1":
        return _thanks(request, house, who, station, words)
    return _page(request, house, who, station, words)


@router.get("/manage/stations/{code}/place.js", include_in_schema=False)
def place_script(request: Request, house: InHouse, station: OwnStation) -> Response:
    """Return the map's own script; no cache keeps it, for the place may have changed."""
    words = language_only(request.query_params)
    script = _drawn(house, station, words.lang).script
    return Response(script, media_type="text/javascript; charset=utf-8", headers=NO_STORE)


@router.post(PATH, summary="Verify where a station is from the page", openapi_extra={"parameters": [LANG]})
def verify(request: Request, house: InHouse, who: SignedIn, station: OwnStation, fields: FieldsSent) -> Response:
    """Show how far a new place lies from the old one; with `do=save` make it the station's."""
    words = language_only(request.query_params)
    typed = {name: fields.get(name, "").strip() for name in NAMES}
    try:
        place = _place(house, station, typed)
    except Invalid as problem:
        fault = _told(problem, typed, house.registry.network.town(station.town), words)
        return _page(request, house, who, station, words, typed=typed, fault=fault)
    if fields.get("do") != "save":
        return _page(request, house, who, station, words, typed=typed, place=place)
    house.facts.verify_place(station.code, place, By(who.username))
    return see_other(station_address(station, "/place"), words, done="1")


def _place(house: House, station: Station, typed: Mapping[str, str]) -> Place:
    """Return the place by the bounds of the API."""
    try:
        datum, method = Datum(typed["datum"]), Method(typed["method"])
    except ValueError as error:
        raise Invalid.field("/datum", "must be chosen") from error
    accuracy_m = _figure("accuracy_m", typed["accuracy_m"]) if typed["accuracy_m"] else None
    figures = {name: _figure(name, typed[name]) for name in ("lon", "lat")}
    body = read_form(VerificationBody, {**figures, "datum": datum, "method": method, "accuracy_m": accuracy_m})
    return body.place_in(house.registry.network.town(station.town))


def _figure(name: str, text: str) -> float:
    longest = 20 if name == "accuracy_m" else 30
    if len(text) > longest or not (
        _FIGURE.fullmatch(text) or (name == "accuracy_m" and text.isascii() and text.isdigit())
    ):
        raise Invalid.field(f"/{name}", NO_FIGURE)
    return float(text)


def _told(problem: Problem, typed: Mapping[str, str], town: Town, words: Words) -> str:
    """Return why a place is not believed, and what to do about it."""
    fault = problem.errors[0]
    if fault.pointer == "/accuracy_m":
        return words("定位误差超过 {n} 米，不够准：请走到室外，等一会儿再试，或者在地图上放图钉。", n=ACCURATE_M)
    if fault.pointer == "/datum":
        return words("请选这个坐标是从哪里来的。")
    if fault.detail == NO_FIGURE:
        return words("经度和纬度要写成数字，例如 113.382391 和 22.521112。")
    far = words("这里离本镇街中心超过 {n} 公里，没有保存。", n=FAR_FROM_TOWN_M // 1000)
    slips = likely_slips(float(typed["lon"]), float(typed["lat"]), Datum(typed["datum"]), town)
    return " ".join([far, *(words(SLIPS[slip]) for slip in slips)])


def _drawn(house: House, station: Station, lang: str) -> MapParts:
    from maps.place import place_map  # on first use: Folium is slow to import

    network = house.registry.network
    return place_map(station.place, network.town(station.town).place, network.towns, house.ground.drawn, lang=lang)


def _page(
    request: Request,
    house: House,
    who: Who,
    station: Station,
    words: Words,
    *,
    typed: Mapping[str, str] | None = None,
    place: Place | None = None,
    fault: str = "",
) -> Response:
    town = house.registry.network.town(station.town)
    filled = typed or dict.fromkeys(NAMES, "")
    datum = house.ground.drawn.datum
    proposed = None if place is None else _proposed(house, station, place, filled, words)
    context = {
        "belief": belief_in(station, "location", house.now(), words),
        "town_name": words.pick(town.name, town.name_en),
        "town_names": [words.pick(one.name, one.name_en) for one in house.registry.network.towns.values()],
        "figures": "{:.6f}, {:.6f}".format(*station.place.figures()),
        "map": _drawn(house, station, words.lang),
        "ground": house.ground,
        "script_url": f"{station_address(station, '/place')}.js?lang={words.lang}",
        "map_datum": datum.value,
        "datums": [(one.value, words(name)) for one, name in DATUMS.items()],
        "accurate_m": ACCURATE_M,
        "typed": filled if filled["method"] == Method.TYPED.value else dict.fromkeys(NAMES, ""),
        "fault": fault,
        "proposed": proposed,
    }
    return facts_page(request, who, station, "desk_place.html", words, context, status=422 if fault else 200)


def _proposed(
    house: House, station: Station, place: Place, typed: Mapping[str, str], words: Words
) -> dict[str, object]:
    """Return what is to be looked at before a place is saved."""
    town = house.registry.network.town(station.town)
    lon, lat = place.figures(house.ground.drawn.datum)
    return {
        "fields": typed,
        "method": words(METHODS[Method(typed["method"])]),
        "accuracy": words("误差约 {n} 米", n=round(float(typed["accuracy_m"]))) if typed["accuracy_m"] else "",
        "moved": distance_text(place.distance_m(station.place), words),
        "from_town": distance_text(place.distance_m(town.place), words),
        "figures": "{:.6f}, {:.6f}".format(*place.figures()),
        "lon": lon,
        "lat": lat,
    }


def _thanks(request: Request, house: House, who: Who, station: Station, words: Words) -> Response:
    network = house.registry.network
    nearest = days_round(network, station.place, house.now(), who.reach, limit=2)
    following = next((nearby for nearby in nearest if nearby.station.code != station.code), None)
    n_verified, n_stations = progress(who.own(network.stations))
    context = {
        "progress": words("{k} / {n} 个站点的位置已核实", k=n_verified, n=n_stations),
        "following": None
        if following is None
        else {
            "name": words.pick(following.station.name, following.station.name_en),
            "path": station_address(following.station, "/place"),
            "distance": distance_text(following.distance_m, words),
            "unplaced": not following.station.is_placed,
        },
        "figures": "{:.6f}, {:.6f}".format(*station.place.figures()),
    }
    return facts_page(request, who, station, "desk_placed.html", words, context)
