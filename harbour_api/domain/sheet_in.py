"""What the rows of a sheet would change: decided in whole before anything is written, against the picture as it is.

A column that is left out says nothing, and so does a row that is left out: nothing is ever removed by its absence. An
empty cell empties what may be empty. What is new carries the basis `imported`; a fact that stays as it was keeps its
own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from harbour_api.domain.history import with_offering
from harbour_api.domain.network import Network
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.season import Season
from harbour_api.domain.sheet import Kind, Line, Reject, Sheet, SheetRefused
from harbour_api.domain.station import (
    Basis,
    Offering,
    OfferingState,
    Station,
)

FARTHEST_FROM_TOWN_M = 50_000
PHONE_CHARACTERS = frozenset("0123456789+-() ")
TEXTS = {"name": 80, "name_en": 120}
MAY_BE_EMPTY = {"address": 200, "phone": 40, "opening_hours": 400}
NOT_OWN = "is not one of your stations"
Own: TypeAlias = frozenset[str] | None  # whose rows are taken: the stations of a manager, None for every one


@dataclass(frozen=True, slots=True)
class Edit:
    """A station as it was, and as a sheet has it."""

    before: Station
    after: Station


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sheet of stations or offerings comes to, and how many rows made what; those to open have no code yet."""

    opened: Sequence[Station]
    edits: Sequence[Edit]
    created: int
    updated: int
    unchanged: int


def offering_plan(sheet: Sheet, network: Network, own: Own) -> Plan:
    """Return what a sheet of offerings comes to; SheetRefused tells everything that is wrong with it."""
    rejects: list[Reject] = []
    once, rows = Once(), Counter[str]()
    edited: dict[str, Edit] = {}
    for line in sheet.lines(Kind.OFFERINGS, rejects):
        station = station_of(line, network, own)
        wanted = _offering(line, network, station)
        if station is None or wanted is None or not once.first(line, "amenity", station.code, wanted.amenity):
            continue
        held = station.offering(wanted.amenity)
        is_so = held is not None and _says(held) == _says(wanted)
        rows["unchanged" if is_so else "created" if held is None else "updated"] += 1
        if not is_so:
            so_far = edited.get(station.code, Edit(station, station)).after
            edited[station.code] = Edit(station, with_offering(so_far, wanted.amenity, wanted))
    refuse_any(rejects)
    return Plan((), list(edited.values()), rows["created"], rows["updated"], rows["unchanged"])


class Once:
    """Sees to it that no two rows are about the same thing."""

    def __init__(self) -> None:
        self._seen: dict[object, int] = {}

    def first(self, line: Line, column: str, *key: object) -> bool:
        """Whether no row before was about that; the later one is a reject, in that column."""
        first = self._seen.setdefault(key, line.number)
        if first != line.number:
            line.reject(column, f"row {first} is about the same already")
        return first == line.number


def refuse_any(rejects: Sequence[Reject]) -> None:
    """Raise SheetRefused where anything was noted."""
    if rejects:
        raise SheetRefused(rejects)


def is_own(station: Station, own: Own) -> bool:
    """Whether rows of that station are taken."""
    return own is None or station.code in own


def known_station(network: Network, code: str) -> Station | None:
    """Return the station of that code, None where there is none."""
    try:
        return network.station(code)
    except Unknown:
        return None


def station_of(line: Line, network: Network, own: Own) -> Station | None:
    """Return one of the asker's stations that a row names."""
    code = line.code("station") if line.needed("station") else None
    station = known_station(network, code) if code else None
    if code is not None and station is None:
        line.reject("station", "no station has that code")
    if station is not None and not is_own(station, own):
        line.reject("station", NOT_OWN)
        return None
    return station


def _offering(line: Line, network: Network, station: Station | None) -> Offering | None:
    amenity = line.text("amenity", 40) if line.needed("amenity") else None
    if amenity is not None and amenity not in network.amenities:
        line.reject("amenity", "must be a code listed under /api/v1/amenities")
    state = line.word("state", OfferingState) if line.needed("state") else None
    given: dict[str, Any] = {}
    if line.has("count"):
        given["count"] = line.whole("count", 1000)
    if line.has("note"):
        given["note"] = line.text("note", 200)
    if line.has("from") or line.has("to"):
        given["season"] = _season(line)
    if amenity is None or amenity not in network.amenities or state is None:
        return None
    known = station.offering(amenity) if station is not None else None
    held = {} if known is None else {"count": known.count, "note": known.note, "season": known.season}
    return Offering(amenity, state, Basis.IMPORTED, **(held | given))


def _season(line: Line) -> Season | None:
    n_before = len(line.rejects)
    first, last = (None if line.is_empty(name) else line.day(name) for name in ("from", "to"))
    if len(line.rejects) > n_before:
        return None  # a cell that is no day has been told of
    try:
        return Season.between(first, last)
    except Invalid as refusal:
        for fault in refusal.errors:
            line.reject((fault.pointer or "").strip("/"), fault.detail)
        return None


def _says(offering: Offering) -> tuple[OfferingState, int | None, str | None, Season | None]:
    return offering.state, offering.count, offering.note, offering.season
