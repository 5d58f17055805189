"""The seed's stations: three files come together here, the outlets, what they offer and what makes each its own.

The rule to keep: a row for a named station wins over the row for every station (`*`), wherever it stands in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from harbour_api.domain.hours import check_hours
from harbour_api.domain.place import Place
from harbour_api.domain.station import (
    Access,
    Basis,
    Offering,
    OfferingState,
    Special,
    Station,
    Town,
    cnaps_is_valid,
)
from harbour_api.store.seed_rows import PINYIN, STAND_IN, Row, Table

MAX_DEGREES_FROM_TOWN = 0.5
EVERY_STATION = "*"
KINDS = frozenset({"business_department", "sub_branch", "sub_office"})
_STATION_CODE = re.compile(r"ZS[0-9]{3}")


@dataclass(frozen=True, slots=True)
class _Fact:
    """A special with the reason to believe it, which a station keeps for all its specials together."""

    special: Special
    basis: Basis


def read_stations(tables: Mapping[str, Table], towns: Mapping[str, Town]) -> tuple[Station, ...]:
    """Return the stations in the order of their file, with their offerings and specials."""
    return _Stations(tables, towns).read()


class _Stations:
    """What other files have to say of a station, gathered before the first one is made."""

    def __init__(self, tables: Mapping[str, Table], towns: Mapping[str, Town]) -> None:
        self._tables = tables
        self._towns = towns
        self._sources = tables["sources.csv"].codes("key")
        self._codes = tables["stations.csv"].codes()
        self._now_of = {row.cells["code"]: row.cells["town"] for row in tables["former_towns.csv"].rows}
        self._offerings = self._read_offerings()
        self._specials = self._read_specials()

    def read(self) -> tuple[Station, ...]:
        table = self._tables["stations.csv"]
        rows = table.keyed("code")
        table.keyed("cnaps")
        for earlier, later in pairwise(rows):
            _check_order(earlier, later)
        return tuple(self._station(row) for row in rows)

    def _station(self, row: Row) -> Station:
        code = row.matching("code", _STATION_CODE, "ZS017")
        specials = self._specials.get(code, [])
        basis = _basis(row) | ({"specials": specials[0].basis} if specials else {})
        row.cited(self._sources)
        row.text("town_note")
        return Station(
            code=code,
            cnaps=_cnaps(row),
            name=row.text("name"),
            name_en=row.text("name_en"),
            town=row.known("town", "town", self._towns),
            former_town=self._former(row),
            place=_place_near(row, self._towns.get(row.cells["town"])),
            location_basis=basis["location"],
            official_name=row.text("official_name"),
            kind=row.one_of("kind", KINDS),
            pinyin=row.matching("pinyin", PINYIN, "'shi qi zhi hang'"),
            address=row.optional("address"),
            phone=row.optional("phone"),
            access=row.word("access", Access),
            opening_hours=_hours(row),
            offerings=self._offered(code),
            specials=tuple(fact.special for fact in specials),
            basis=basis,
        )

    def _former(self, row: Row) -> str:
        code = row.known("former_town", "former town", self._now_of)
        now = self._now_of.get(code)
        town = row.cells["town"]
        if now is not None and town in self._towns and now != town:
            row.fault("former_town", f"{code!r} lies in {now!r} today, but the column town says {town!r}")
        return code

    def _read_offerings(self) -> dict[tuple[str, str], Offering]:
        amenities = self._tables["amenities.csv"].codes()
        found = {}
        for row in self._tables["offerings.csv"].keyed("station", "amenity"):
            if row.cells["station"] != EVERY_STATION:
                row.known("station", "station", self._codes)
            found[row.cells["station"], row.cells["amenity"]] = Offering(
                amenity=row.known("amenity", "amenity", amenities),
                state=row.word("state", OfferingState),
                basis=row.word("basis", Basis),
                count=row.count("count"),
                note=row.optional("note"),
                source=row.cited(self._sources),
            )
        return found

    def _offered(self, station: str) -> tuple[Offering, ...]:
        order = (row.cells["code"] for row in self._tables["amenities.csv"].rows)
        rules = (self._offerings.get((station, code)) or self._offerings.get((EVERY_STATION, code)) for code in order)
        return tuple(offering for offering in rules if offering is not None)

    def _read_specials(self) -> dict[str, list[_Fact]]:
        found: dict[str, list[_Fact]] = {}
        for row in self._tables["specials.csv"].keyed("station", "zh"):
            code = row.known("station", "station", self._codes)
            fact = _Fact(Special(row.text("zh"), row.text("en")), row.word("basis", Basis))
            row.cited(self._sources)
            found.setdefault(code, []).append(fact)
            if fact.basis is not found[code][0].basis:
                row.fault("basis", f"one basis holds for all specials of {code!r}, and another row has a different one")
        return found


def _check_order(earlier: Row, later: Row) -> None:
    for column in ("code", "cnaps"):
        if later.cells[column] < earlier.cells[column]:
            above = earlier.cells[column]
            later.fault(column, f"belongs before {above!r} above it; codes and rows follow the clearing code")


def _basis(row: Row) -> dict[str, Basis]:
    columns = {"name": "name", "name_en": "name_en", "town": "town", "location": "location", "access": "access"}
    basis = {field: row.word(f"{column}_basis", Basis) for field, column in columns.items()}
    hours = row.word("hours_basis", Basis)
    return basis | ({"opening_hours": hours} if row.cells["opening_hours"] else {})


def _cnaps(row: Row) -> str:
    code = row.text("cnaps")
    if code and not cnaps_is_valid(code):
        row.fault("cnaps", f"{code!r} is no clearing code: 12 digits, the last one a check on the others")
    return code


def _hours(row: Row) -> str | None:
    text = row.optional("opening_hours")
    try:
        return text and check_hours(text)
    except ValueError as error:
        row.fault("opening_hours", f"{text!r} is {error}")
        return None


def _place_near(row: Row, town: Town | None) -> Place:
    place = row.place()
    if town is None or STAND_IN in (place, town.place):
        return place
    for column, here, there in (("lon", place.lon, town.place.lon), ("lat", place.lat, town.place.lat)):
        if abs(here - there) > MAX_DEGREES_FROM_TOWN:
            row.fault(column, f"{here} lies more than {MAX_DEGREES_FROM_TOWN} degrees from its town's {there}")
    return place
