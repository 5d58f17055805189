"""The tally pad: one tap on an audience counts one visitor, at a station's tally link and at its desk.

One rule: the pad's script keeps a tap on the phone until it is sent; without a script each button sends a form, whose
key counts once. Nothing here ends in a log: the secret stands in the address, which is masked there. What a phone keeps
of the desk's pad for a day without network tells nothing of whoever is logged in.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from harbour_api.domain.hours import local_day
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.station import AUDIENCE_NAMES, Audience, Station
from harbour_api.domain.tally import Entry, Source
from harbour_api.store.tally_links import TallyLink
from harbour_api.store.writer import Line, Once, Written
from harbour_api.web.answers import NO_STORE, private
from harbour_api.web.desk.station import station_address, station_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import DESK, OwnStation, Sender, SignedIn, VisitSender, refuse_foreign_form
from harbour_api.web.templates_env import Links, render
from harbour_api.web.wire import local
from harbour_api.web.words import Words

KEPT_BY_PHONE = {"Cache-Control": "private, no-cache"}  # its own worker keeps the pad for a day without network
STORES = {"link": "harbour-pad", "desk": "harbour-desk-pad"}  # of the phone: the worker clears the desk's at a log-out
NO_LINK = "There is no such tally link."
COUNTED = page_parameter("counted", "1: say that a visitor was counted.")
AGAIN = page_parameter("again", "1: say that a form counted nobody, for it was sent before.")
SAID = [LANG, COUNTED, AGAIN]
Field = Annotated[str, Form(max_length=40)]

router = APIRouter(tags=["the desk"], default_response_class=HTMLResponse)


@router.get("/t/{secret}", summary="The tally pad of a link", openapi_extra={"parameters": SAID})
def pad(request: Request, house: InHouse, secret: str) -> Response:
    """Show the pad of a station; a withdrawn link's says whom to ask and keeps what the phone has not sent yet."""
    words = language_only(request.query_params, "counted", "again")
    link = _link(house, secret)
    station = house.registry.network.station(link.station)
    urls = {"batch": _batch_url(station), "today": f"/t/{secret}/today"}
    facts = _facts(house, station, words, urls) | _said(request) | {"action": f"/t/{secret}", "token": secret}
    withdrawn = link.revoked_at is not None
    kept = {"keep": Links(words.lang)(f"/t/{secret}"), "kept_in": STORES["link"]}
    context = {"facts": facts | kept | {"withdrawn": withdrawn}, "withdrawn": withdrawn, "home": ""}
    return render(request, "tally.html", words, context, status=401 if withdrawn else 200, headers=KEPT_BY_PHONE)


@router.get("/t/{secret}/today", include_in_schema=False)
def today(house: InHouse, secret: str) -> Response:
    """Return today's total and the service's time, by which the pad sets its clock."""
    return _today(house, _live_link(house, secret).station)


@router.post("/t/{secret}", summary="Count a visitor from the pad of a link", openapi_extra={"parameters": [LANG]})
async def count(request: Request, house: InHouse, secret: str, audience: Field = "", key: Field = "") -> Response:
    """Count one visitor and lead back to the pad."""
    words = language_only(request.query_params)
    refuse_foreign_form(request, house)
    link = await asyncio.to_thread(_live_link, house, secret)
    house.tally_links.take_turn(link)
    station = house.registry.network.station(link.station)
    is_new = await _count_one(house, Sender(station, link.actor, Source.TALLY), audience, key)
    return _back(words, f"/t/{secret}", is_new)


@router.get("/manage/stations/{code}", summary="A station's desk", openapi_extra={"parameters": SAID})
def desk(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Show the pad of one of one's own stations."""
    words = language_only(request.query_params, "counted", "again")
    facts = _desk_facts(house, station, words) | _said(request)
    return station_page(request, who, station, "desk_station.html", words, {"facts": facts})


@router.get("/manage/stations/{code}/pad", include_in_schema=False)
def bare_desk(request: Request, house: InHouse, station: OwnStation) -> Response:
    """Show the desk's pad for the phone to keep: without a total, and without a word of who is logged in."""
    words = language_only(request.query_params)
    context = {"facts": _desk_facts(house, station, words) | {"total": 0}, "withdrawn": False, "home": DESK}
    return render(request, "tally.html", words, context, headers=KEPT_BY_PHONE)


@router.get("/manage/stations/{code}/today", include_in_schema=False)
def desk_today(house: InHouse, station: OwnStation) -> Response:
    """Return today's total and the service's time, by which the pad sets its clock."""
    return _today(house, station.code)


@router.post("/manage/stations/{code}", summary="Count a visitor at the desk", openapi_extra={"parameters": [LANG]})
async def desk_count(
    request: Request, house: InHouse, sender: VisitSender, audience: Field = "", key: Field = ""
) -> Response:
    """Count one visitor and lead back to the station's desk."""
    words = language_only(request.query_params)
    is_new = await _count_one(house, sender, audience, key)
    return _back(words, station_address(sender.station), is_new)


def _link(house: House, secret: str) -> TallyLink:
    link = house.tally_links.find(secret)
    if link is None:
        raise Unknown(NO_LINK)
    return link


def _live_link(house: House, secret: str) -> TallyLink:
    link = _link(house, secret)
    link.must_live()
    return link


def _desk_facts(house: House, station: Station, words: Words) -> dict[str, Any]:
    here = station_address(station)
    kept = {"keep": Links(words.lang)(f"{here}/pad"), "kept_in": STORES["desk"]}
    urls = {"batch": _batch_url(station), "today": f"{here}/today"}
    return _facts(house, station, words, urls) | kept | {"action": here}


def _facts(house: House, station: Station, words: Words, urls: dict[str, str]) -> dict[str, Any]:
    [day] = house.visits.days(station.code, *[local_day(house.now())] * 2)
    return {
        "station": station.code,
        "name": words.pick(station.name, station.name_en),
        "total": day.total or 0,
        "audiences": [(audience.value, words.pick(*AUDIENCE_NAMES[audience])) for audience in Audience],
        "key": str(uuid4()),
        "urls": urls,
    }


def _said(request: Request) -> dict[str, bool]:
    return {name: request.query_params.get(name) == "1" for name in ("counted", "again")}


def _batch_url(station: Station) -> str:
    return f"/api/v1/stations/{station.code}/visits/batch"


def _today(house: House, station: str) -> Response:
    now = house.now()
    [day] = house.visits.days(station, local_day(now), local_day(now))
    return private({"now": local(now), "day": day.day.isoformat(), "total": day.total})


async def _count_one(house: House, sender: Sender, audience: str, key: str) -> bool:
    """Log one visitor of a form, and return whether it was new: the same form sent twice is one visit."""
    now = house.now()
    entry = Entry(
        station=sender.station.code,
        day=local_day(now),
        audience=_audience(audience),
        count=1,
        occurred_at=now,
        recorded_at=now,
        source=sender.source,
        actor=sender.actor,
    )
    once = Once(sender.station.code, "the pad's form", _key(key), hashlib.sha256(audience.encode()).hexdigest())
    [outcome] = await asyncio.wrap_future(house.visits.log_all([Line(entry, once)]))
    return isinstance(outcome, Written) and outcome.is_new  # refused is only a key that came with another audience


def _audience(word: str) -> Audience:
    try:
        return Audience(word)
    except ValueError as error:
        raise Invalid.field("/audience", "must be one of those on the pad") from error


def _key(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Invalid.field("/key", "must be the one that the pad was given") from error


def _back(words: Words, path: str, is_new: bool) -> Response:
    link = Links(words.lang)
    shown = link(path, counted="1") if is_new else link(path, again="1")
    return RedirectResponse(shown, status_code=303, headers=NO_STORE)
