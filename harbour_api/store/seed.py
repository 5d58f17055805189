"""The seed: the facts of `seed_data/` as domain values, with what is known and what is assumed kept apart.

The rule to keep: all or nothing. Every file is read to its end, every fault is gathered, and with a single one the
whole seed is refused, so that whoever mends the files mends them once and a half-read network is never served.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harbour_api.domain.station import Amenity, Basis, FormerTown, Station, Town
from harbour_api.store.seed_rows import PINYIN, Row, SeedFault, SeedRefused, Table, read_table
from harbour_api.store.seed_stations import read_stations

__all__ = ["N_STATIONS", "N_TOWNS", "Figure", "Seed", "SeedFault", "SeedRefused", "Source", "read_seed"]

N_STATIONS = 64
N_TOWNS = 23
N_FORMER_TOWNS = 24
COLUMNS: Mapping[str, tuple[str, ...]] = {
    file: tuple(header.split(","))
    for file, header in {
        "sources.csv": "key,what,where,licence",
        "towns.csv": "code,name,name_en,pinyin,lon,lat,basis,source",
        "former_towns.csv": "code,name,town,lon,lat,note,basis,source",
        "amenities.csv": "code,zh,en,category,tier,icon,aliases,osm_tag,osm_status,basis,source",
        "stations.csv": (
            "code,cnaps,name,name_basis,name_en,name_en_basis,official_name,kind,pinyin,town,former_town,town_basis,"
            "town_note,lon,lat,location_basis,address,phone,access,access_basis,opening_hours,hours_basis,source"
        ),
        "offerings.csv": "station,amenity,state,count,note,basis,source",
        "specials.csv": "station,zh,en,basis,source",
        "figures.csv": "key,value,zh,en,basis,source",
    }.items()
}
CATEGORIES = frozenset({"accessibility", "banking", "basic", "emergency", "family", "sanitary", "service"})
TIERS = frozenset({"core", "optional", "conditional", "site-specific", "seasonal"})
_TOWN_CODE = re.compile(r"442000[0-9]{3}")
_WORD = re.compile(r"[a-z][a-z0-9_]*")
_KEY = re.compile(r"[A-Z][A-Z0-9]*")
_OSM_TAG = re.compile(r"[a-z_:]+=[a-z_]+(;[a-z_:]+=[a-z_]+)*")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the network for the page about it; `value` is a number, or words of the contract by semicolons."""

    key: str
    value: str
    zh: str
    en: str
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts come from and under which licence; `key` is what the columns `source` name."""

    key: str
    what: str
    where: str
    licence: str


@dataclass(frozen=True, slots=True)
class Seed:
    """All of `seed_data/` but the coast, in the order of the files; stations carry their offerings and specials."""

    towns: tuple[Town, ...]
    amenities: tuple[Amenity, ...]
    stations: tuple[Station, ...]
    figures: tuple[Figure, ...]
    sources: tuple[Source, ...]


def read_seed(folder: Path) -> Seed:
    """Return the seed in that folder, or raise SeedRefused with every fault of every file."""
    faults: list[SeedFault] = []
    tables = {file: read_table(folder / file, columns, faults) for file, columns in COLUMNS.items()}
    seed = _joined(tables)
    for file, expected in (("towns.csv", N_TOWNS), ("former_towns.csv", N_FORMER_TOWNS), ("stations.csv", N_STATIONS)):
        if tables[file].n_rows not in (None, expected):
            faults.append(SeedFault(file, f"{tables[file].n_rows} rows, expected {expected}"))
    if faults:
        files = list(COLUMNS)
        raise SeedRefused(tuple(sorted(faults, key=lambda fault: (files.index(fault.file), fault.line or 0))))
    return seed


def _joined(tables: Mapping[str, Table]) -> Seed:
    sources = tables["sources.csv"].codes("key")
    towns = _towns(tables, sources)
    return Seed(
        towns=towns,
        amenities=tuple(_amenity(row, sources) for row in tables["amenities.csv"].keyed("code")),
        stations=read_stations(tables, {town.code: town for town in towns}),
        figures=tuple(_figure(row, sources) for row in tables["figures.csv"].keyed("key")),
        sources=tuple(_source(row) for row in tables["sources.csv"].keyed("key")),
    )


def _towns(tables: Mapping[str, Table], sources: frozenset[str]) -> tuple[Town, ...]:
    codes = tables["towns.csv"].codes()
    former: dict[str, list[FormerTown]] = {}
    for row in tables["former_towns.csv"].keyed("code"):
        former.setdefault(row.cells["town"], []).append(_former_town(row, codes, sources))
    return tuple(_town(row, former, sources) for row in tables["towns.csv"].keyed("code"))


def _former_town(row: Row, codes: frozenset[str], sources: frozenset[str]) -> FormerTown:
    code = row.matching("code", _TOWN_CODE, "442000104")
    town = row.known("town", "town", codes)
    if code in codes and town != code:
        row.fault("town", f"{code!r} is a town of today too, so it must point to itself, not to {town!r}")
    row.place()
    row.word("basis", Basis)
    row.cited(sources)
    return FormerTown(code, row.text("name"))


def _town(row: Row, former: Mapping[str, list[FormerTown]], sources: frozenset[str]) -> Town:
    code = row.matching("code", _TOWN_CODE, "442000118")
    row.matching("pinyin", PINYIN, "'shi qi jie dao'")
    row.word("basis", Basis)
    row.cited(sources)
    return Town(code, row.text("name"), row.text("name_en"), row.place(), tuple(former.get(code, ())))


def _amenity(row: Row, sources: frozenset[str]) -> Amenity:
    row.one_of("tier", TIERS)
    row.text("osm_status")
    row.word("basis", Basis)
    return Amenity(
        code=row.matching("code", _WORD, "drinking_water"),
        zh=row.text("zh"),
        en=row.text("en"),
        category=row.one_of("category", CATEGORIES),
        icon=row.matching("icon", _WORD, "hot_water"),
        aliases=row.listed("aliases"),
        osm_tag=row.matching("osm_tag", _OSM_TAG, "toilets=yes;fee=no") if row.cells["osm_tag"] else None,
        source=row.cited(sources),
    )


def _figure(row: Row, sources: frozenset[str]) -> Figure:
    key = row.matching("key", _WORD, "visitors_a_day")
    basis = row.word("basis", Basis)
    return Figure(key, row.text("value"), row.text("zh"), row.text("en"), basis, row.cited(sources))


def _source(row: Row) -> Source:
    key = row.matching("key", _KEY, "S0 or NBS")
    return Source(key, row.text("what"), row.cells["where"], row.text("licence"))
