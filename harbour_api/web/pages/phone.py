"""The operating network as one small file: what a phone needs to sort, filter and say everything by itself.

One rule: the phone decides nothing anew. What is open comes as the stretches that `domain.hours` gives, ways as the
addresses that `navigation` makes, sentences in both languages from the pages that say them, figures from the domain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request, Response

from harbour_api.domain.hours import ZONE, Opening, local_day, stretches
from harbour_api.domain.network import CYCLE_MINUTES_PER_M, WALK_MINUTES_PER_M, Needs, Network
from harbour_api.domain.place import Datum
from harbour_api.domain.problems import Unknown
from harbour_api.domain.season import SOON
from harbour_api.domain.station import Access, Amenity, Basis, OfferingState, Station, Town
from harbour_api.web.answers import is_known
from harbour_api.web.house import House, InHouse
from harbour_api.web.navigation import AWKWARD, DATUMS, MARKERS, SEARCHES
from harbour_api.web.pages import cards, dates, finder
from harbour_api.web.pages.parameters import language_only
from harbour_api.web.pages.station import APPS
from harbour_api.web.wire import JSON, dumps
from harbour_api.web.words import HTML_LANG, Words, mark

DAYS = 8
TOO_LARGE = "The network is too large for a phone; the server answers each question."
STEP = timedelta(minutes=10)  # a phone asks again no sooner, so the file is made once in that time
TOWN_COLUMNS = ("code", "zh", "en", "lon", "lat", "former")
AMENITY_COLUMNS = ("code", "zh", "en", "icon")
WAY_COLUMNS = ("app", "zh", "en", "datum", "search", "marker", "awkward")
STATION_COLUMNS = (
    "code", "cnaps", "zh", "en", "official", "pinyin", "town", "lon", "lat", "placed", "shifted", "access",
    "access_basis", "hours_basis", "schedule", "yes", "out_of_order", "seasons", "address", "phone",
)  # fmt: skip
SAYINGS = {
    **cards.HOURS,
    **finder.FOUND,
    "tomorrow": cards.TOMORROW,
    "metres": cards.METRES,
    "kilometres": cards.KILOMETRES,
    "straight": cards.STRAIGHT,
    "on_foot": cards.ON_FOOT,
    "by_bicycle": cards.BY_BICYCLE,
    "in_exams": cards.IN_EXAMS,
    "in_exams_on": cards.IN_EXAMS_ON,
    "between": dates.BETWEEN,
    "of_year": dates.OF_YEAR,
    "when": dates.WHEN,
    "name_and_when": dates.NAME_AND_WHEN,
    **{phase.value: sentence for phase, sentence in dates.PHASES.items()},
    "unplaced": cards.UNPLACED,
    "go": cards.GO,
    "search": cards.SEARCH,
    "from_town": finder.FROM_TOWN,
    "from_you": finder.FROM_YOU,
    "near_town": finder.NEAR_TOWN,
    "near_you": finder.NEAR_YOU,
    "matching": finder.MATCHING,
    "town_note": finder.TOWN_NOTE,
    "your_note": finder.YOUR_NOTE,
    "your_place": finder.YOUR_PLACE,
    "open_now": finder.OPEN_NOW,
    "change": finder.CHANGE,
    "in_all": mark("共 {n} 项"),
    "show_all": mark("显示全部 {n} 个"),
    "rest": mark("休息"),
    "unsure": mark("不清楚"),
    "none_registered": mark("未登记"),
    "today": mark("今天"),
    "comma": mark("、"),
}

router = APIRouter(tags=["pages"])


@router.get("/network.json", include_in_schema=False)
async def network_file(request: Request, house: InHouse) -> Response:
    """Return the network for the phone; a strong ETag, and to be asked for anew each time; none of a large one."""
    language_only(request.query_params)
    network, as_of = house.registry.network, _as_of(house)
    if len(network) > finder.MOST_ON_PHONE:
        raise Unknown(TOO_LARGE)
    headers = {"ETag": f'"{network.revision}.{int(as_of.timestamp())}"', "Cache-Control": "no-cache"}
    if is_known(headers["ETag"], request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(await asyncio.to_thread(network_bytes, network, as_of), media_type=JSON, headers=headers)


def _as_of(house: House) -> datetime:
    """Return since when nothing newer is known, to ten minutes: now, but for a database that is away."""
    at = house.now() if house.registry.is_reachable else house.registry.as_of
    step = STEP.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // step * step, UTC)


@lru_cache(maxsize=2)
def network_bytes(network: Network, as_of: datetime) -> bytes:
    """Return the file's bytes."""
    return dumps(network_for_phone(network, as_of))


def network_for_phone(network: Network, as_of: datetime) -> dict[str, Any]:
    """Return the operating network as the file has it: tables of rows, whose columns are named once."""
    since = datetime.combine(local_day(as_of), time(), ZONE)
    until = since + timedelta(days=DAYS)
    towns, amenities = list(network.towns.values()), list(network.amenities.values())
    numbers = {town.code: i for i, town in enumerate(towns)}, {amenity.code: i for i, amenity in enumerate(amenities)}
    rows = [_station(network, station, *numbers) for station in network.matching(Needs())]
    return {
        "as_of": int(as_of.timestamp()),
        "until": int(until.timestamp()),
        "revision": network.revision,
        "rules": {
            "walk_minutes_per_m": WALK_MINUTES_PER_M,
            "cycle_minutes_per_m": CYCLE_MINUTES_PER_M,
            "far_m": cards.FAR_M,
            "shown": finder.SHOWN,
            "exam_month": cards.EXAM_MONTH,
            "exam_amenity": cards.EXAM_AMENITY,
            "soon_days": SOON.days,
            "first": cards.FIRST,
            "assumed": list(Basis).index(Basis.ASSUMED),
        },
        "words": {lang: _sayings(Words(lang)) for lang in HTML_LANG},
        "towns": _table(TOWN_COLUMNS, [_town(town) for town in towns]),
        "amenities": _table(AMENITY_COLUMNS, [_amenity(amenity) for amenity in amenities]),
        "ways": _table(WAY_COLUMNS, _ways()),
        "schedules": [_schedule(stretches(example, since, until)) for example in network.schedules],
        "stations": _table(STATION_COLUMNS, rows),
    }


def _table(columns: Sequence[str], rows: list[list[Any]]) -> dict[str, Any]:
    return {"columns": columns, "rows": rows}


def _sayings(words: Words) -> dict[str, Any]:
    return {
        **{name: words(sentence) for name, sentence in SAYINGS.items()},
        "in_month": words.pick(*dates.IN_MONTH),
        "date": words.pick("{month}月{day}日", "{day} {short}"),
        "weekdays": [words(day) for day in dates.WEEKDAYS],
        "access": [words(cards.ACCESS[access]) for access in Access],
        "basis": [words(cards.BASIS[basis]) for basis in Basis],
    }


def _town(town: Town) -> list[Any]:
    return [town.code, town.name, town.name_en, *town.place.figures(), [[old.code, old.name] for old in town.former]]


def _amenity(amenity: Amenity) -> list[Any]:
    return [amenity.code, amenity.zh, amenity.en, amenity.icon]


def _ways() -> list[list[Any]]:
    """Return each map application with its addresses, in which the phone puts what the braces name."""
    return [
        [app, name, Words("en")(name), DATUMS[app], SEARCHES[app]("{text}"), MARKERS[app]("{lon}", "{lat}", "{name}"),
         AWKWARD.get(app, {})]
        for app, name in APPS.items()
    ]  # fmt: skip


def _schedule(found: Sequence[tuple[datetime, Opening]]) -> list[list[Any]]:
    """Return the stretches as [begin, end, open, shut or not known]; an end of null is not foreseen."""
    return [
        [
            int(begin.timestamp()),
            None if state.next_change is None else int(state.next_change.timestamp()),
            state.is_open,
        ]
        for begin, state in found
    ]


def _station(network: Network, station: Station, town: dict[str, int], amenity: dict[str, int]) -> list[Any]:
    return [
        station.code,
        station.cnaps,
        station.name,
        station.name_en,
        station.official_name,
        station.pinyin,
        town[network.town(station.town).code],
        *station.place.figures(),
        int(station.is_placed),
        [station.place.figures(Datum.GCJ02), station.place.figures(Datum.BD09)] if station.is_placed else None,
        list(Access).index(station.access),
        _basis(station, "access"),
        _basis(station, "opening_hours"),
        network.schedule_of(station),
        _having(station, OfferingState.YES, amenity),
        _having(station, OfferingState.OUT_OF_ORDER, amenity),
        _seasons(station, amenity),
        station.address,
        station.phone,
    ]


def _basis(station: Station, fact: str) -> int | None:
    basis = station.basis.get(fact)
    return None if basis is None else list(Basis).index(basis)


def _seasons(station: Station, amenity: dict[str, int]) -> list[list[int]]:
    """Return [amenity, first day, last day] of what is not there always; days are counted from 1970."""
    dated = [(one.amenity, one.season) for one in station.offerings if one.season is not None]
    return [
        [amenity[code], dates.day_number(season.first), dates.day_number(season.last)]
        for code, season in dated
        if code in amenity
    ]


def _having(station: Station, state: OfferingState, amenity: dict[str, int]) -> list[int]:
    return [amenity[one.amenity] for one in station.offerings if one.state is state and one.amenity in amenity]
