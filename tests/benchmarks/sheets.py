"""Sheets of 10,000 rows taken in by the real application, every row a change: as slow as honest sheets get."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Network
from harbour_api.domain.place import Datum
from harbour_api.domain.sheet import Cell, Kind
from harbour_api.domain.sheet_out import Row
from harbour_api.domain.station import OfferingState, Station, cnaps_is_valid
from harbour_api.store.seed import Seed
from harbour_api.store.transfer.exports import MEDIA_TYPES, Form, write_file
from harbour_api.web.house import utc_now
from tests.benchmarks.contests import database_of
from tests.benchmarks.inside import Inside, inside

ROWS = 10_000
BAR_S = 10.0
STATIONS_OF_DAYS = 1_000  # a day may be stated 14 days back: so many stations, ten days each
FORMS = (Form.CSV, Form.XLSX)


@dataclass(frozen=True)
class Taken:
    """How long one sheet took, looked at only and taken in: by the clock, and of this processor's own seconds."""

    what: str
    form: Form
    looked_s: float
    taken_s: float
    looked_cpu_s: float
    taken_cpu_s: float

    @property
    def is_in_time(self) -> bool:
        """Whether both took no longer than they may."""
        return max(self.looked_s, self.taken_s) <= BAR_S


def taken_in(seed: Seed) -> Iterator[Taken]:
    """Yield what was seen of every kind in both forms, each form on a network of 10,000 stations of its own."""
    for form in FORMS:
        with database_of(ROWS, seed) as path, inside(path) as one:
            for what, (kind, rows) in SHEETS.items():
                told = list(rows(one.house.registry.network))
                cells = [Row(tuple(row.values()), "", None) for row in told]
                raw = write_file(form, kind, list(told[0]), cells, Datum.WGS84)
                looked, looked_cpu = _seconds(one, kind, form, raw, is_dry=True)
                taken, taken_cpu = _seconds(one, kind, form, raw)
                yield Taken(what, form, looked, taken, looked_cpu, taken_cpu)


def _seconds(one: Inside, kind: Kind, form: Form, raw: bytes, *, is_dry: bool = False) -> tuple[float, float]:
    began, cpu_began = time.perf_counter(), time.process_time()
    address = f"/api/v1/imports?kind={kind}&dry_run={str(is_dry).lower()}"
    answer = one.client.post(address, content=raw, headers={"content-type": MEDIA_TYPES[form]})
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_began
    report = answer.json()
    assert report["created"] + report["updated"] == ROWS, report["rejected"][:3]
    return seconds, cpu_s


def _renamed(network: Network) -> Iterator[Mapping[str, Cell]]:
    for station in network.stations[:ROWS]:
        yield {"code": station.code, **_plain(station), "name": f"{station.name}新", "version": station.version}


def _opened(network: Network) -> Iterator[Mapping[str, Cell]]:
    for number, station in enumerate(network.stations[:ROWS]):
        [cnaps] = [code for last in range(10) if cnaps_is_valid(code := f"9{number:010d}{last}")]
        yield {"cnaps": cnaps, **_plain(station), "lon": None, "lat": None}


def _plain(station: Station) -> Mapping[str, Cell]:
    lon, lat = station.place.figures(Datum.WGS84)
    return {
        "name": station.name,
        "name_en": station.name_en,
        "town": station.town,
        "lon": lon,
        "lat": lat,
        "datum": Datum.WGS84.value,
        "phone": "0760-88888888",
        "opening_hours": station.opening_hours,
    }


def _offered(network: Network) -> Iterator[Mapping[str, Cell]]:
    for station in network.stations[:ROWS]:
        amenity = station.offerings[0].amenity
        yield {"station": station.code, "amenity": amenity, "state": OfferingState.OUT_OF_ORDER.value, "note": "停水"}


def _counted(network: Network) -> Iterator[Mapping[str, Cell]]:
    for station in network.stations[:STATIONS_OF_DAYS]:
        for back in range(ROWS // STATIONS_OF_DAYS):
            day: date = local_day(utc_now()) - timedelta(days=back)
            yield {"station": station.code, "day": day.isoformat(), "total": 12, "courier": 7, "public": 5}


SHEETS: Mapping[str, tuple[Kind, Callable[[Network], Iterator[Mapping[str, Cell]]]]] = {
    "offerings, each set": (Kind.OFFERINGS, _offered),
    "days, each stated by audience": (Kind.DAYS, _counted),
    "stations, each renamed": (Kind.STATIONS, _renamed),
    "stations, each opened": (Kind.STATIONS, _opened),
}
