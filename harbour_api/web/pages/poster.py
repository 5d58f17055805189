"""The door sign: one A4 page a station, to be read from the pavement and scanned, in both languages at once.

One rule: what hangs on a door is believed. An assumed fact is marked on the paper too, and no distance is printed that
rests on an invented point.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, groupby
from typing import Any

import segno
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from harbour_api.domain.hours import DayKind, day_kind, local_day, spans
from harbour_api.domain.network import Needs, Network
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.season import Phase, Season
from harbour_api.domain.station import Amenity, Basis, OfferingState, Station
from harbour_api.web.house import InHouse
from harbour_api.web.pages.cards import ACCESS, BASIS, CATEGORIES, FIRST, distance_text
from harbour_api.web.pages.dates import NAME_AND_WHEN, WEEKDAYS, span_text
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.templates_env import render
from harbour_api.web.words import HTML_LANG, Words

Pair = tuple[str, str]  # the same in the sign's first language and in its second
N_NEXT = 2
TOWN = page_parameter("town", "Code of a town: only its stations.")

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


class BothWords:
    """Both languages at once, the asker's first: call it as one calls Words."""

    def __init__(self, first: Words) -> None:
        [other] = set(HTML_LANG) - {first.lang}
        self.langs = (first.html_lang, HTML_LANG[other])
        self._both = (first, Words(other))

    def __call__(self, msgid: str, /, **values: object) -> Pair:
        """Return the sentence in both languages, its braces filled in; a pair as a value gives each its own half."""
        first, second = (self._said(half, msgid, values) for half in (0, 1))
        return first, second

    def pick(self, zh: str, en: str) -> Pair:
        """Return a fact's name in both languages, each in the other where it is empty."""
        first, second = self._both
        return first.pick(zh, en), second.pick(zh, en)

    def joined(self, pairs: Sequence[Pair], zh: str, en: str) -> Pair:
        """Return both halves of the pairs as two texts, with each language's own mark between."""
        first, second = ([pair[half] for pair in pairs] for half in (0, 1))
        marks = self.pick(zh, en)
        return marks[0].join(first), marks[1].join(second)

    def distance(self, metres: float) -> Pair:
        """Return a distance as one says it."""
        first, second = self._both
        return distance_text(metres, first), distance_text(metres, second)

    def span(self, season: Season) -> Pair:
        """Return the days of what is not there always."""
        first, second = self._both
        return span_text(season, None, first), span_text(season, None, second)

    def _said(self, half: int, msgid: str, values: dict[str, object]) -> str:
        return self._both[half](msgid, **{k: v[half] if isinstance(v, tuple) else v for k, v in values.items()})


@router.get("/stations/{code}/poster", summary="A station's door sign, as a page", openapi_extra={"parameters": [LANG]})
def poster_page(request: Request, house: InHouse, code: str) -> HTMLResponse:
    """Show one A4 page to print and hang on the door, with a QR code that leads to the station's page."""
    station = house.registry.network.station(code)
    return _posters(request, house, [station], language_only(request.query_params))


@router.get("/posters", summary="All door signs, as one page", openapi_extra={"parameters": [TOWN, LANG]})
def posters_page(request: Request, house: InHouse) -> HTMLResponse:
    """Show the door signs of all operating stations, or of one town's, one A4 page each."""
    words = language_only(request.query_params, "town")
    network = house.registry.network
    town = request.query_params.get("town") or None
    try:
        stations = network.matching(Needs(town=town and network.town(town).code))
    except Unknown as error:
        raise Invalid.parameter("town", "must be the code of a town") from error
    return _posters(request, house, stations, words)


def _posters(request: Request, house: InHouse, stations: Sequence[Station], words: Words) -> HTMLResponse:
    network, today, both = house.registry.network, local_day(house.now()), BothWords(words)
    signs = [poster_view(network, station, today, both, house.settings.public_url) for station in stations]
    context = {"signs": signs, "words": both, "title": signs[0]["name"][0] if len(signs) == 1 else ""}
    return render(request, "poster.html", words, context, headers={"Cache-Control": "no-cache"})


def poster_view(network: Network, station: Station, today: date, words: BothWords, public_url: str) -> dict[str, Any]:
    """Return what one sign shows."""
    town = network.town(station.town)
    first, groups = _amenities(network, station, today, words)
    return {
        "name": words.pick(station.name, station.name_en),
        "town": words.pick(town.name, town.name_en),
        "address": station.address or "",
        "hours": _week(station, today, words),
        "hours_basis": _doubt(station, "opening_hours", words),
        "access": words(ACCESS[station.access]),
        "access_basis": _doubt(station, "access", words),
        "first": first,
        "groups": groups,
        "specials": [words.pick(special.zh, special.en) for special in station.specials],
        "next": [_next(network, station, other, words) for other in _others(network, station)],
        "qr": qr_code(f"{public_url}/stations/{station.code}?from=poster"),
        "address_shown": f"{public_url}/stations/{station.code}",
        "code": station.code,
    }


@lru_cache(maxsize=512)
def qr_code(text: str) -> Markup:
    """Return a QR code that many ask for, drawn once."""
    return drawn_qr_code(text)


def drawn_qr_code(text: str) -> Markup:
    """Return a QR code as an SVG element, dark on white with its quiet zone; it stands a quarter of it being dirty.

    Nothing of it is kept: a secret is drawn by this.
    """
    drawn = io.BytesIO()
    code = segno.make_qr(text, error="q")
    code.save(drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, light="#fff", nl=False, svgclass=None)
    # Our own figures only: segno draws the text as squares and writes none of it.
    return Markup(drawn.getvalue().decode())  # noqa: S704


def _doubt(station: Station, fact: str, words: BothWords) -> Pair | None:
    """Return the word for a basis that a reader must know of; none for what is known."""
    basis = station.basis.get(fact)
    return words(BASIS[basis]) if basis in (Basis.ASSUMED, Basis.PLACEHOLDER, Basis.IMPORTED) else None


def _week(station: Station, today: date, words: BothWords) -> list[tuple[Pair, Pair]]:
    """Return days and hours of an ordinary week, days with the same hours together; none where nobody knows them."""
    if station.opening_hours is None:
        return []
    week = _ordinary_week(station.opening_hours, today)
    runs = [(hours, [day for day, _ in run]) for hours, run in groupby(enumerate(week), key=lambda pair: pair[1])]
    lines = [(_days(days, words), words.pick(hours, hours) if hours else words("休息")) for hours, days in runs]
    if "PH off" in station.opening_hours:
        lines.append((words("法定节假日"), words("休息")))
    return lines


def _days(days: Sequence[int], words: BothWords) -> Pair:
    first, last = words(WEEKDAYS[days[0]]), words(WEEKDAYS[days[-1]])
    if len(days) == 1:
        return first
    return words("{first}至{last}", first=first, last=last)


@lru_cache(maxsize=256)
def _ordinary_week(opening_hours: str, today: date) -> tuple[str, ...]:
    """Return each weekday's hours, Monday first, on its next date that is no holiday; an empty text for shut."""
    week = []
    for weekday in range(7):
        day = next(day for day in _dates(today) if day.weekday() == weekday and day_kind(day) is DayKind.REGULAR)
        open_spans = [span for span in spans(opening_hours, day) if span.is_open]
        week.append(" ".join(f"{_clock(span.start)}–{_clock(span.end)}" for span in open_spans))
    return tuple(week)


def _dates(today: date) -> Iterator[date]:
    """Yield the dates ahead, then those behind: past the announced calendar no coming day is known to be ordinary."""
    for ahead in chain(range(60), range(-1, -3660, -1)):
        yield today + timedelta(days=ahead)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _amenities(
    network: Network, station: Station, today: date, words: BothWords
) -> tuple[list[tuple[str, Pair]], list[tuple[Pair, Pair]]]:
    """Return what most people ask for, with its icon, and the rest by category; what is assumed has an asterisk.

    A sign hangs for long: what has its days stands on it with them, and not at all once they are over.
    """
    there = [one for one in station.offerings if one.state is OfferingState.YES]
    known = {one.amenity: one for one in there if one.season is None or one.season.phase(today) is not Phase.OVER}

    def named(amenity: Amenity) -> Pair:
        star = "*" if known[amenity.code].basis is Basis.ASSUMED else ""
        name, season = words.pick(amenity.zh + star, amenity.en + star), known[amenity.code].season
        return name if season is None else words(NAME_AND_WHEN, name=name, when=words.span(season))

    has = [amenity for code, amenity in network.amenities.items() if code in known]
    asked_first = [network.amenities[code] for code in FIRST if code in known and code in network.amenities]
    first = [(amenity.icon, named(amenity)) for amenity in asked_first]
    groups = []
    for category, name in CATEGORIES.items():
        rest = [named(amenity) for amenity in has if amenity.category == category and amenity.code not in FIRST]
        if rest:
            groups.append((words(name), words.joined(rest, "、", ", ")))
    return first, groups


def _others(network: Network, station: Station) -> list[tuple[Station, float]]:
    near = network.nearest(station.place, Needs(), limit=N_NEXT + 1)
    return [(one.station, one.distance_m) for one in near if one.station.code != station.code][:N_NEXT]


def _next(network: Network, station: Station, other: tuple[Station, float], words: BothWords) -> dict[str, Any]:
    found, metres = other
    town = network.town(found.town)
    is_known = station.is_placed and found.is_placed
    return {
        "name": words.pick(found.name, found.name_en),
        "town": words.pick(town.name, town.name_en),
        "distance": words.distance(metres) if is_known else words("位置未核实"),
    }
