"""Made-up stations in any number, spread as a province's are: thick in towns, thin between. Always the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np

from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.station import Basis, Offering, OfferingState, Station
from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.migrate import migrate
from harbour_api.store.registry import Registry
from harbour_api.store.seed import Seed, read_seed
from harbour_api.web.house import utc_now

SEED_FOLDER = Path(__file__).parent.parent.parent / "seed_data"
EXTENT = (112.0, 21.6, 115.0, 24.6)  # west, south, east, north: the Pearl River Delta and around
RARE = "nursing_room"  # the amenity that 1 in 100 has
OFFERINGS = 12
TOWNS_PER_STATION = 1 / 150
TOWN_SPREAD_DEG = 0.03
SCATTERED = 0.2  # the share that lies anywhere
SCHEDULES = ("Mo-Fr 09:00-17:00; PH off", "Mo-Su 08:30-17:30", "Mo-Sa 09:00-18:00; PH off", "24/7", None)
BATCH = 5_000
_SEED = 64


def real_seed() -> Seed:
    """Return the 64 stations and the vocabularies that the service ships with."""
    return read_seed(SEED_FOLDER)


def places(count: int) -> list[Place]:
    """Return so many places."""
    rng = np.random.default_rng(_SEED)
    west, south, east, north = EXTENT
    centres = rng.uniform((west, south), (east, north), (max(3, int(count * TOWNS_PER_STATION)), 2))
    points = centres[rng.integers(len(centres), size=count)] + rng.normal(0, TOWN_SPREAD_DEG, (count, 2))
    anywhere = rng.random(count) < SCATTERED
    points[anywhere] = rng.uniform((west, south), (east, north), (int(anywhere.sum()), 2))
    return [Place.at(lon, lat) for lon, lat in points.tolist()]


def askers(count: int, extent: tuple[float, float, float, float] = EXTENT) -> list[Place]:
    """Return so many places to ask from."""
    random = Random(_SEED + 1)
    west, south, east, north = extent
    return [Place.at(random.uniform(west, east), random.uniform(south, north)) for _ in range(count)]


def stations(count: int, seed: Seed) -> Iterator[Station]:
    """Yield so many stations of the real towns, with amenities of the real vocabulary."""
    random = Random(_SEED)
    towns = [town.code for town in seed.towns]
    common = [amenity.code for amenity in seed.amenities if amenity.code != RARE]
    for number, place in enumerate(places(count)):
        yield Station(
            code=f"B{number:07d}",
            cnaps=f"{number:012d}",
            name=f"基准支行{number}",
            name_en=f"Benchmark Sub-branch {number}",
            town=random.choice(towns),
            place=place,
            location_basis=Basis.IMPORTED,
            opening_hours=random.choice(SCHEDULES),
            offerings=_offerings(random.sample(common, OFFERINGS), number),
            basis={"name": Basis.IMPORTED, "location": Basis.IMPORTED},
        )


def network(count: int, seed: Seed) -> Network:
    """Return a picture of the 64 real stations, or of so many made-up ones."""
    members = seed.stations if count == len(seed.stations) else stations(count, seed)
    return Network(members, seed.towns, seed.amenities, revision=1)


def build_database(url: str, count: int, seed: Seed, *, has_offerings: bool = True) -> None:
    """Write a database: migrated, with the 64 real stations, or with so many made-up ones in their place.

    Most of the time goes into the offerings of the made-up ones, which not everybody needs.
    """
    database = Database(url)
    try:
        migrate(database)
        is_real = count == len(seed.stations)
        Registry(database, utc_now).plant(seed if is_real else replace(seed, stations=()))
        if not is_real:
            made_up = stations(count, seed)
            _insert(database, made_up if has_offerings else (replace(one, offerings=()) for one in made_up))
    finally:
        database.close()


def _offerings(codes: list[str], number: int) -> tuple[Offering, ...]:
    rare = [RARE] if number % 100 == 0 else []
    return tuple(Offering(code, OfferingState.YES, Basis.IMPORTED, source="benchmark") for code in sorted(codes + rare))


def _insert(database: Database, members: Iterator[Station]) -> None:
    with database.write() as connection:
        while batch := list(islice(members, BATCH)):
            connection.execute(tables.stations.insert(), [_row(station) for station in batch])
            offered = [(station.code, offering) for station in batch for offering in station.offerings]
            if offered:
                connection.execute(tables.offerings.insert(), [_offering_row(*pair) for pair in offered])


def _row(station: Station) -> dict[str, object]:
    columns = [column.name for column in tables.stations.columns if column.name not in ("specials", "revision")]
    return {name: getattr(station, name) for name in columns} | {"specials": [], "revision": 1}


def _offering_row(station: str, offering: Offering) -> dict[str, object]:
    known = {"amenity": offering.amenity, "state": offering.state, "basis": offering.basis, "source": offering.source}
    return {"station": station, "count": None, "note": None, "verified_at": None, **known}
