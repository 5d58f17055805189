"""A sheet of stations: which station each row is about, and what it says of it.

One rule: a place is read in the datum its row names, never guessed. An empty place leaves the station where it is, for
exports leave the places of placeholders empty; a new station without one stands at its town's point, as a placeholder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from harbour_api.domain.history import with_place
from harbour_api.domain.hours import check_hours
from harbour_api.domain.network import Network
from harbour_api.domain.place import Datum, Place
from harbour_api.domain.sheet import Kind, Line, Reject, Sheet
from harbour_api.domain.sheet_in import NOT_OWN, Edit, Once, Own, Plan, is_own, known_station, refuse_any
from harbour_api.domain.station import Access, Basis, Station, Status, Town, cnaps_is_valid

FARTHEST_FROM_TOWN_M = 50_000
PHONE_CHARACTERS = frozenset("0123456789+-() ")
TEXTS = {"name": 80, "name_en": 120}
MAY_BE_EMPTY = {"address": 200, "phone": 40, "opening_hours": 400}
_NO_OPENING = "no station has that clearing code, and only an administrator may open one"
_NO_CLEARING_CODE = "must be 12 digits whose last is the ISO 7064 MOD 11,10 check digit"


def station_plan(sheet: Sheet, network: Network, own: Own) -> Plan:
    """Return what a sheet of stations comes to; SheetRefused tells everything that is wrong with it."""
    return _Stations(network, own).plan(sheet)


class _Stations:
    """What has to be looked up for every row of stations, gathered once."""

    def __init__(self, network: Network, own: Own) -> None:
        self._network = network
        self._own = own
        self._by_cnaps = {station.cnaps: station for station in network.stations}
        self._towns = dict(_town_names(network.towns.values()))
        self._once = Once()

    def plan(self, sheet: Sheet) -> Plan:
        rejects: list[Reject] = []
        opened: list[Station] = []
        edits: list[Edit] = []
        unchanged = 0
        for line in sheet.lines(Kind.STATIONS, rejects):
            n_before = len(rejects)
            before = self._found(line)
            if len(rejects) > n_before:
                continue
            values = self._values(line, before)
            if before is None:
                opened += _opened(line, values, self._network)
                continue
            after = _edited(line, before, values)
            edits += [Edit(before, after)] if after != before else []
            unchanged += after == before
        refuse_any(rejects)
        return Plan(opened, edits, len(opened), len(edits), unchanged)

    def _found(self, line: Line) -> Station | None:
        """Return the station a row is about, None for one to open."""
        code, cnaps = line.code("code"), line.code("cnaps")
        column, key = ("code", code) if code else ("cnaps", cnaps)
        station = known_station(self._network, code) if code else self._by_cnaps.get(cnaps or "")
        if key is None:
            line.reject("code", "a row needs the code or the clearing code of its station")
        elif code and station is None:
            line.reject("code", "no station has that code; leave it empty to open one")
        elif station is None and (self._own is not None or not cnaps_is_valid(key)):
            line.reject("cnaps", _NO_OPENING if self._own is not None else _NO_CLEARING_CODE)
        elif station is not None and not is_own(station, self._own):
            line.reject(column, NOT_OWN)
        elif station is not None and cnaps not in (None, station.cnaps):
            line.reject("cnaps", "is not the clearing code of that station")
        else:
            self._once.first(line, column, station.code if station else cnaps)
        return station

    def _values(self, line: Line, before: Station | None) -> dict[str, Any]:
        """Return what the columns that are there say, by field."""
        values: dict[str, Any] = {
            field: line.text(field, most) for field, most in TEXTS.items() if line.has(field) and line.needed(field)
        }
        values |= {field: line.text(field, most) for field, most in MAY_BE_EMPTY.items() if line.has(field)}
        _check_phone(line, values.get("phone"))
        _check_hours(line, values.get("opening_hours"))
        for field, words in (("access", Access), ("status", Status)):
            if line.has(field) and (before is None or line.needed(field)) and not line.is_empty(field):
                values[field] = line.word(field, words)
        if line.has("town") and line.needed("town"):
            values["town"] = self._town(line)
        place = _place(line)
        if place is not None:
            town = self._network.towns.get(values.get("town") or (before.town if before else ""))
            values["place"] = _near(line, place, town, before)
        return values

    def _town(self, line: Line) -> str | None:
        name = line.code("town")
        town = self._towns.get(name or "")
        if name is not None and town is None:
            line.reject("town", "must be the code or the name of a town, as listed under /api/v1/towns")
        return town


def _town_names(towns: Collection[Town]) -> Iterator[tuple[str, str]]:
    """Yield what a town may be called, and its code; today's names come last, for they win."""
    for town in towns:
        for old in town.former:
            yield old.name, town.code
            yield old.code, town.code
    for town in towns:
        for name in (town.name, town.name_en, town.code):
            yield name, town.code


def _opened(line: Line, values: Mapping[str, Any], network: Network) -> list[Station]:
    """Return the station to open, in a list; without a place it stands at its town's point, as a placeholder."""
    for field in ("name", "name_en", "town"):
        if not line.has(field):
            line.reject(field, "is needed to open a station")
    if any(values.get(field) is None for field in ("name", "name_en", "town")):
        return []
    said = {field: value for field, value in values.items() if value is not None and field != "place"}
    location = Basis.PLACEHOLDER if values.get("place") is None else Basis.IMPORTED
    return [
        Station(
            code="",
            cnaps=line.code("cnaps") or "",
            official_name=said["name"],
            place=values.get("place") or network.town(said["town"]).place,
            location_basis=location,
            basis={"location": location, **dict.fromkeys(said, Basis.IMPORTED)},
            **said,
        )
    ]


def _edited(line: Line, before: Station, values: Mapping[str, Any]) -> Station:
    """Return a station as its row has it; who made the sheet must have seen the version that is there."""
    changes = {field: value for field, value in values.items() if value != getattr(before, field)}
    version = line.whole("version", 2**31 - 1)
    if changes and version not in (None, before.version):
        line.reject("version", f"the station is at version {before.version} now: export it again")
    place = changes.pop("place", None)
    after = replace(before, **changes, basis={**before.basis, **dict.fromkeys(changes, Basis.IMPORTED)})
    return after if place is None else with_place(after, place, Basis.IMPORTED)


def _place(line: Line) -> Place | None:
    """Return the place of a row, None where it gives none; its datum is never guessed."""
    if line.is_empty("lon") and line.is_empty("lat"):
        return None
    datum = line.word("datum", Datum) if line.needed("datum") else None
    lon, lat = line.degrees("lon"), line.degrees("lat")
    if datum is None or lon is None or lat is None:
        return None
    try:
        return Place.at(lon, lat, datum)
    except ValueError as error:
        hint = "; are longitude and latitude swapped?" if abs(lat) > 90 else ""
        line.reject("lat" if "latitude" in str(error) else "lon", f"{error}{hint}")
        return None


def _near(line: Line, place: Place, town: Town | None, before: Station | None) -> Place:
    """Return a place after a look that it lies near its town, unless it is where the station was before."""
    is_new = before is None or place != before.place
    if is_new and town is not None and place.distance_m(town.place) > FARTHEST_FROM_TOWN_M:
        line.reject("lon", f"lies more than {FARTHEST_FROM_TOWN_M // 1000} km from its town; are they swapped?")
    return place


def _check_phone(line: Line, phone: str | None) -> None:
    if phone is not None and not set(phone) <= PHONE_CHARACTERS:
        line.reject("phone", "may have digits, blanks and + - ( ) only")


def _check_hours(line: Line, text: str | None) -> None:
    fault = None if text is None else _hours_fault(text)
    if fault is not None:
        line.reject("opening_hours", fault)


@lru_cache(maxsize=256)
def _hours_fault(text: str) -> str | None:
    try:
        check_hours(text)
    except ValueError as error:
        return str(error)
    return None
