"""The two collections of the door: what is in each, in which order, and what it may be asked for.

One rule: a station whose place is a placeholder is an item like every other and has no geometry. The standard says that
an item without a geometry matches every box, and one without a time every interval: it may be there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.station import Access, Basis, OfferingState, Station, Status, Town
from harbour_api.web.ogc.columns import (
    STATION,
    TEXT,
    TOWN,
    Column,
    feature,
    station_properties,
    town_properties,
)
from harbour_api.web.ogc.questions import CRS84, Question, fragment
from harbour_api.web.wire import local
from harbour_api.web.words import mark

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
Feature = dict[str, Any]
Extent = dict[str, Any]
_CODES = {"type": "array", "items": TEXT}  # of a name that is no property: a GIS would take it for an equality


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture, and the instant it is looked at."""

    network: Network
    now: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """One page of items, in order of code, how many there are on all pages, and whether another page follows."""

    features: list[Feature]
    n_matched: int
    is_last: bool


class Shelf(ABC):
    """A collection, as the door sees it."""

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[dict[str, Any]]]  # as OpenAPI 3.0 has them, beside what every collection may be asked

    @abstractmethod
    def found(self, seen: Seen, question: Question) -> Found:
        """Return a page of the items that a question asks for."""

    @abstractmethod
    def one(self, seen: Seen, code: str) -> Feature:
        """Return the item with that code, or raise Unknown."""

    @abstractmethod
    def extent(self, network: Network) -> Extent:
        """Return what surely holds every geometry and every time."""


def _page(codes: Sequence[str], question: Question, shown: Callable[[int], Feature]) -> Found:
    """Return the page of a list, which is in order of code, that a question asks for."""
    first = bisect_right(codes, question.after)
    last = min(len(codes), first + question.limit)
    return Found([shown(row) for row in range(first, last)], len(codes), last == len(codes))


class Stations(Shelf):
    """The rest stations, of every status."""

    id = "stations"
    title = mark("休息站")
    about = mark(
        "中山的劳动者港湾休息站，各种状态都在内（见 status 一栏）。位置没有核实的站点没有几何（geometry 为 null），"
        "因为不能把人领到虚拟的点；按标准，它们符合任何 bbox。每项事实都附依据，推定的也写明是推定。"
        "datetime 按核实时间筛选，没有核实过的站点都算符合。"
    )
    columns = STATION
    filters = (
        fragment("code", TEXT, "code of a station"),
        fragment("cnaps", TEXT, "clearing code of a station"),
        fragment("town", TEXT, "code of a town, of today or of 2018"),
        fragment("access", {"type": "string", "enum": list(Access)}, "how one gets in"),
        fragment("status", {"type": "string", "enum": list(Status)}, "whether the station runs"),
        fragment("location_basis", {"type": "string", "enum": list(Basis)}, "why its place is believed"),
        fragment("amenity", _CODES, "codes of amenities: stations that have all of them, state yes"),
    )

    def found(self, seen: Seen, question: Question) -> Found:
        """Return a page of the stations that a question asks for."""
        network = seen.network
        tests = [_station_test(network, name, value) for name, value in question.filters.items()]
        box, span = question.box, question.span
        if box is not None:
            tests.append(lambda station: not station.is_placed or box.holds(station.place))
        if span is not None:
            tests.append(lambda station: station.verified_at is None or span.holds(station.verified_at))
        kept = network.stations
        if tests:
            kept = tuple(station for station in kept if all(test(station) for test in tests))
        codes = [station.code for station in kept]
        return _page(codes, question, lambda row: self._feature(seen, kept[row]))

    def one(self, seen: Seen, code: str) -> Feature:
        """Return the station with that code, or raise Unknown."""
        return self._feature(seen, seen.network.station(code))

    def extent(self, network: Network) -> Extent:
        """Return a box around every verified place and every town, and the span of verifications, if any."""
        times = [station.verified_at for station in network.stations if station.verified_at is not None]
        places = [station.place for station in network.stations if station.is_placed]
        return _extent([*places, *(town.place for town in network.towns.values())], times)

    def _feature(self, seen: Seen, station: Station) -> Feature:
        place = station.place if station.is_placed else None
        return feature(station.code, place, station_properties(seen.network, station, seen.now))


def _station_test(network: Network, name: str, value: str) -> Callable[[Station], bool]:
    """Return what tells whether a station has that property; Invalid where nothing could."""
    if name == "town":
        town = _town(network, value)
        return lambda station: station.town == town
    if name == "amenity":
        wanted = frozenset(value.split(","))
        if not wanted <= network.amenities.keys():
            raise Invalid.parameter(name, "must be codes listed under /api/v1/amenities, separated by commas")
        return lambda station: all(station.offers(code) is OfferingState.YES for code in wanted)
    if name in _WORDS and value not in _WORDS[name]:
        raise Invalid.parameter(name, f"must be one of: {', '.join(_WORDS[name])}")
    return lambda station: getattr(station, name) == value


_WORDS: Mapping[str, Sequence[str]] = {"access": list(Access), "status": list(Status), "location_basis": list(Basis)}


def _town(network: Network, value: str) -> str:
    try:
        return network.town(value).code
    except Unknown:
        raise Invalid.parameter("town", "must be a code listed under /api/v1/towns") from None


class Towns(Shelf):
    """The towns and subdistricts."""

    id = "towns"
    title = mark("各镇街")
    about = mark(
        "中山的 23 个镇街，每个一点：地名录里的位置（GeoNames，CC BY 4.0），不是界线。没有时间，datetime 不起作用。"
    )
    columns = TOWN
    filters = (fragment("code", TEXT, "code of a town, of today or of 2018"),)

    def found(self, seen: Seen, question: Question) -> Found:
        """Return a page of the towns that a question asks for."""
        towns = sorted(seen.network.towns.values(), key=lambda town: town.code)
        asked, box = question.filters.get("code"), question.box
        kept = [
            town for town in towns if (asked is None or asked in town.codes) and (box is None or box.holds(town.place))
        ]
        return _page([town.code for town in kept], question, lambda row: self._feature(kept[row]))

    def one(self, seen: Seen, code: str) -> Feature:
        """Return the town with that code, of today or of 2018, or raise Unknown."""
        return self._feature(seen.network.town(code))

    def extent(self, network: Network) -> Extent:
        """Return a box around every town."""
        return _extent([town.place for town in network.towns.values()], [])

    def _feature(self, town: Town) -> Feature:
        return feature(town.code, town.place, town_properties(town))


def _extent(places: Sequence[Place], times: Sequence[datetime]) -> Extent:
    extent: Extent = {}
    if places:
        lons, lats = [place.lon for place in places], [place.lat for place in places]
        extent["spatial"] = {"bbox": [[min(lons), min(lats), max(lons), max(lats)]], "crs": CRS84}
    if times:
        ends = [local(moment) for moment in (min(times), max(times))]
        extent["temporal"] = {"interval": [ends], "trs": GREGORIAN}
    return extent


SHELVES: Mapping[str, Shelf] = {shelf.id: shelf for shelf in (Stations(), Towns())}
