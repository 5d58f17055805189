"""The two collections of the door: what is in each, in which order, and what it may be asked for.

One rule: a station whose place is a placeholder is an item like every other and has no geometry. The standard says that
an item without a geometry matches every box, and one without a time every interval: it may be there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from harbour_api.domain.nearest import Mask, PlaceIndex, Rows
from harbour_api.domain.network import Needs, Network
from harbour_api.domain.place import Place
from harbour_api.domain.station import Access, Basis, Station, Status, Town
from harbour_api.web.ogc.columns import STATION, TEXT, TOWN, Column, Facts, feature
from harbour_api.web.ogc.questions import CRS84, Interval, Question, fragment
from harbour_api.web.ogc.seen import Seen
from harbour_api.web.wire import local
from harbour_api.web.words import mark

GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
Feature = dict[str, Any]
Extent = dict[str, Any]
Member = TypeVar("Member", Station, Town)
_CODES = {"type": "array", "items": TEXT}  # of a name that is no property: a GIS would take it for an equality
_AS_IT_IS = ("code", "cnaps", "access", "location_basis")  # filters by what a station has, word for word


@dataclass(frozen=True, slots=True)
class Items:
    """One page of items, in order of code, how many there are on all pages, and whether it is the last."""

    features: list[Feature]
    n_matched: int
    is_last: bool


class Collection(ABC, Generic[Member]):
    """A collection, as the door sees it."""

    id: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Sequence[dict[str, Any]]]  # as OpenAPI 3.0 has them, beside what every collection may be asked

    def items(self, seen: Seen, question: Question) -> Items:
        """Return a page of the items that a question asks for."""
        members, rows = self._members(seen.network), self._rows(seen.network, question)
        first = bisect_left(rows, bisect_right(members, question.after, key=attrgetter("code")))
        last = first + question.limit
        shown = [self._feature(seen, members[row]) for row in rows[first:last].tolist()]
        return Items(shown, len(rows), last >= len(rows))

    @abstractmethod
    def one(self, seen: Seen, code: str) -> Feature:
        """Return the item with that code, or raise Unknown."""

    @abstractmethod
    def extent(self, network: Network) -> Extent:
        """Return what surely holds every geometry and every time."""

    @abstractmethod
    def _members(self, network: Network) -> Sequence[Member]:
        """Return all there are, in order of code."""

    @abstractmethod
    def _rows(self, network: Network, question: Question) -> Rows:
        """Return which of them a question asks for."""

    @abstractmethod
    def _feature(self, seen: Seen, member: Member) -> Feature:
        """Return one of them as it is told."""


class Stations(Collection[Station]):
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

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Network, _Known] = WeakKeyDictionary()

    def one(self, seen: Seen, code: str) -> Feature:
        """Return the station with that code, or raise Unknown."""
        return self._feature(seen, seen.network.station(code))

    def extent(self, network: Network) -> Extent:
        """Return a box around every verified place and every town, and the span of verifications, if any."""
        return self._known_of(network).extent

    def _members(self, network: Network) -> Sequence[Station]:
        return network.stations

    def _rows(self, network: Network, question: Question) -> Rows:
        needs, known = _needs(question.filters), self._known_of(network)
        rows = network.select(needs).rows
        if question.bbox is not None:
            may_be_there = ~known.is_placed
            may_be_there[network.select(replace(needs, bbox=question.bbox)).rows] = True
            rows = rows[may_be_there[rows]]
        if question.interval is not None:
            rows = rows[known.within(question.interval)[rows]]
        for name in question.filters.keys() & _AS_IT_IS:
            rows = rows[known.words(name)[rows] == question.filters[name]]
        return rows

    def _feature(self, seen: Seen, station: Station) -> Feature:
        facts = Facts(station, seen.network.town(station.town), seen.opening(station))
        return feature(station.code, station.place if station.is_placed else None, STATION, facts)

    def _known_of(self, network: Network) -> _Known:
        known = self._known.get(network)
        if known is None:
            known = self._known[network] = _Known(network)
        return known


def _needs(filters: Mapping[str, str]) -> Needs:
    """Return what the picture itself filters by; no status asked for is every status."""
    amenities = tuple(filters["amenity"].split(",")) if "amenity" in filters else ()
    status = Status(filters["status"]) if "status" in filters else None
    return Needs(town=filters.get("town"), amenities=amenities, status=status)


class _Known:
    """What is worked out of a picture's stations but once, when it is first asked for: an asker holds up nobody."""

    def __init__(self, network: Network) -> None:
        self._stations, self._towns = network.stations, network.towns  # not the picture, which may go when it is old
        self._words: dict[str, NDArray[np.str_]] = {}
        self.is_placed: Mask = np.frombuffer(network.placed, dtype=np.bool_)

    @cached_property
    def extent(self) -> Extent:
        """The box and the times."""
        times = [station.verified_at for station in self._stations if station.verified_at is not None]
        places = [station.place for station in self._stations if station.is_placed]
        return _extent([*places, *(town.place for town in self._towns.values())], times)

    def within(self, interval: Interval) -> Mask:
        """Return which were last verified then, and which never were."""
        seconds = self._verified_s
        found: Mask = (seconds >= interval.first_s) & (seconds <= interval.last_s) | np.isnan(seconds)
        return found

    def words(self, name: str) -> NDArray[np.str_]:
        """Return what each has under a name."""
        if name not in self._words:
            self._words[name] = np.array([getattr(station, name) for station in self._stations], dtype=np.str_)
        return self._words[name]

    @cached_property
    def _verified_s(self) -> NDArray[np.float64]:
        moments = (station.verified_at for station in self._stations)
        return np.array([np.nan if moment is None else moment.timestamp() for moment in moments])


class Towns(Collection[Town]):
    """The towns and subdistricts."""

    id = "towns"
    title = mark("各镇街")
    about = mark(
        "中山的 23 个镇街，每个一点：地名录里的位置（GeoNames，CC BY 4.0），不是界线。没有时间，datetime 不起作用。"
    )
    columns = TOWN
    filters = (fragment("code", TEXT, "code of a town, of today or of 2018"),)

    def one(self, seen: Seen, code: str) -> Feature:
        """Return the town with that code, of today or of 2018, or raise Unknown."""
        return self._feature(seen, seen.network.town(code))

    def extent(self, network: Network) -> Extent:
        """Return a box around every town."""
        return _extent([town.place for town in network.towns.values()], [])

    def _members(self, network: Network) -> Sequence[Town]:
        return sorted(network.towns.values(), key=attrgetter("code"))

    def _rows(self, network: Network, question: Question) -> Rows:
        towns, code = self._members(network), question.filters.get("code")
        mask: Mask = np.array([code is None or code in town.codes for town in towns], dtype=np.bool_)
        if question.bbox is not None:
            lons, lats = (np.array([getattr(town.place, name) for town in towns]) for name in ("lon", "lat"))
            mask &= PlaceIndex(lons, lats).inside(*question.bbox)
        return np.flatnonzero(mask)

    def _feature(self, seen: Seen, town: Town) -> Feature:  # noqa: ARG002  # a town is alike at every instant
        return feature(town.code, town.place, TOWN, town)


def _extent(places: Sequence[Place], times: Sequence[datetime]) -> Extent:
    extent: Extent = {}
    if places:
        lons, lats = [place.lon for place in places], [place.lat for place in places]
        extent["spatial"] = {"bbox": [[min(lons), min(lats), max(lons), max(lats)]], "crs": CRS84}
    if times:
        ends = [local(moment) for moment in (min(times), max(times))]
        extent["temporal"] = {"interval": [ends], "trs": GREGORIAN}
    return extent


COLLECTIONS: Mapping[str, Collection[Any]] = {one.id: one for one in (Stations(), Towns())}
