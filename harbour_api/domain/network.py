"""All stations, towns and amenities as one frozen picture: every read is answered from it, without lock, thread or SQL.

A picture is never changed. A write makes a new one (`with_changes`), and the registry swaps it in by one assignment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harbour_api.domain import hours
from harbour_api.domain.hours import Opening
from harbour_api.domain.nearest import Found, Mask, PlaceIndex, Rows
from harbour_api.domain.notice import Notice
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.station import Amenity, OfferingState, Station, Status, Town

KEPT_SELECTIONS = 32


WALK_MINUTES_PER_M = 15 / 1000  # the field's own promise: a kilometre in a quarter of an hour
CYCLE_MINUTES_PER_M = 4 / 1000  # 15 km/h, an electric bicycle in town


def walk_minutes(distance_m: float) -> int:
    """Return whole minutes on foot; ask only for a station that is placed: nobody is sent to an invented point."""
    return math.ceil(distance_m * WALK_MINUTES_PER_M)


def cycle_minutes(distance_m: float) -> int:
    """Return whole minutes by bicycle; as with walking, only for a station that is placed."""
    return math.ceil(distance_m * CYCLE_MINUTES_PER_M)


@dataclass(frozen=True, slots=True)
class Needs:
    """What an asker needs of a station; every need narrows. `bbox` is west, south, east, north in degrees.

    A `status` of None is every status there is.
    `include_unknown` also lets through amenities and hours nobody knows, never what is known to be out of order.
    """

    town: str | None = None
    amenities: tuple[str, ...] = ()
    include_unknown: bool = False
    open_at: datetime | None = None
    status: Status | None = Status.OPERATING
    bbox: tuple[float, float, float, float] | None = None
    q: str | None = None


class Nearby(NamedTuple):
    """A station as seen from an asker: geodesic metres to the millimetre, bearing in degrees, [0, 360)."""

    station: Station
    distance_m: float
    bearing_deg: float


class Chosen:
    """The rows of a picture that meet some needs, in order of code; an index of their own is made when it is needed."""

    def __init__(self, rows: Rows, whole: PlaceIndex) -> None:
        self.rows = rows
        self._whole = whole

    def nearest(self, place: Place, limit: int) -> list[Found]:
        """Return the nearest of them, by their rows in the whole picture."""
        found = self._index.nearest(place, limit)
        if self._index is self._whole:
            return found
        return [Found(metres, int(self.rows[row]), bearing) for metres, row, bearing in found]

    @cached_property
    def _index(self) -> PlaceIndex:
        return self._whole if len(self.rows) == len(self._whole) else self._whole.part(self.rows)


@dataclass(frozen=True, slots=True)
class Board:
    """Who is open during a stretch of time in which no station opens or shuts: [since, until)."""

    openings: tuple[Opening, ...]  # one a schedule
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether it may answer for that instant; with no change in sight it may for a day, for sight has an end."""
        return self.since <= at < (self.until or self.since + timedelta(days=1))


class Network:
    """One frozen picture. Build it with stations in any order; they are held in order of code."""

    def __init__(
        self,
        stations: Iterable[Station],
        towns: Iterable[Town],
        amenities: Iterable[Amenity],
        revision: int = 0,
        notice: Notice | None = None,
    ) -> None:
        self.stations: tuple[Station, ...] = tuple(sorted(stations, key=lambda station: station.code))
        self.towns: Mapping[str, Town] = {town.code: town for town in towns}
        self.amenities: Mapping[str, Amenity] = {amenity.code: amenity for amenity in amenities}
        self.revision = revision
        self.notice = notice
        self.placed = bytes(station.is_placed for station in self.stations)  # a byte a row: whether anyone may be sent
        self._rows = {station.code: row for row, station in enumerate(self.stations)}
        self._town_of = {code: town for town in self.towns.values() for code in town.codes}
        self._index = PlaceIndex(
            np.array([station.place.lon for station in self.stations]),
            np.array([station.place.lat for station in self.stations]),
        )
        self._schedules, self._schedule_of = _schedules(self.stations)
        self._board: Board | None = None
        self._select = lru_cache(maxsize=KEPT_SELECTIONS)(self._chosen)

    def __len__(self) -> int:
        return len(self.stations)

    def with_changes(
        self,
        changed: Iterable[Station],
        towns: Iterable[Town],
        amenities: Iterable[Amenity],
        revision: int,
        notice: Notice | None = None,
    ) -> Network:
        """Return the next picture: these stations new or replaced, the others the very same objects."""
        stations = {station.code: station for station in self.stations}
        stations.update((station.code, station) for station in changed)
        return Network(stations.values(), towns, amenities, revision, notice)

    def station(self, code: str) -> Station:
        """Return the station with that code, or raise Unknown."""
        row = self._rows.get(code)
        if row is None:
            raise Unknown("No station has that code.")
        return self.stations[row]

    def town(self, code: str) -> Town:
        """Return the town with that code, of today or of 2018, or raise Unknown."""
        town = self._town_of.get(code)
        if town is None:
            raise Unknown("No town has that code.")
        return town

    def amenity(self, code: str) -> Amenity:
        """Return the amenity with that code, or raise Unknown."""
        amenity = self.amenities.get(code)
        if amenity is None:
            raise Unknown("No amenity has that code.")
        return amenity

    def board(self, at: datetime) -> Board:
        """Return who is open at that instant; remembered, since most askers ask about now."""
        board = self._board
        if board is None or not board.holds(at):
            openings = tuple(hours.opening(station, at) for station in self._schedules)
            changes = [opening.next_change for opening in openings if opening.next_change is not None]
            board = self._board = Board(openings, at, min(changes, default=None))
        return board

    def opening(self, station: Station, at: datetime) -> Opening:
        """Return whether a station of this picture is open at that instant, and when that changes."""
        return self.board(at).openings[self.schedule_of(station)]

    @property
    def schedules(self) -> Sequence[Station]:
        """One station for each distinct schedule of this picture."""
        return self._schedules

    def schedule_of(self, station: Station) -> int:
        """Return which of `schedules` a station of this picture keeps to."""
        return int(self._schedule_of[self._rows[station.code]])

    def select(self, needs: Needs) -> Chosen:
        """Return the rows that meet the needs, in order of code; Invalid names a need nobody could meet."""
        if not self.amenities.keys() >= set(needs.amenities):
            raise Invalid.parameter("amenity", "must be a code listed under /api/v1/amenities")
        if needs.town is not None and needs.town not in self._town_of:
            raise Invalid.parameter("town", "must be a code listed under /api/v1/towns")
        town = None if needs.town is None else self._town_of[needs.town].code
        open_states = None if needs.open_at is None else self._open_states(needs.open_at, needs.include_unknown)
        return self._select(
            town, tuple(sorted(set(needs.amenities))), needs.include_unknown, open_states, needs.status, needs.bbox,
            needs.q,
        )  # fmt: skip

    def matching(self, needs: Needs) -> list[Station]:
        """Return the stations that meet the needs, in order of code."""
        return [self.stations[row] for row in self.select(needs).rows.tolist()]

    def nearest(self, place: Place, needs: Needs, *, limit: int, max_distance_m: float | None = None) -> list[Nearby]:
        """Return the nearest stations that meet the needs, by distance then code; no radius unless one is given."""
        found = self.nearest_rows(place, needs, limit=limit, max_distance_m=max_distance_m)
        return [Nearby(self.stations[row], metres, deg) for metres, row, deg in found]

    def nearest_of(self, place: Place, is_wanted: Callable[[Station], bool], *, limit: int) -> list[Nearby]:
        """Return the nearest stations of any status of which that is true, by distance then code."""
        wanted = [row for row, station in enumerate(self.stations) if is_wanted(station)]
        found = Chosen(np.array(wanted, dtype=np.intp), self._index).nearest(place, limit)
        return [Nearby(self.stations[row], metres, deg) for metres, row, deg in found]

    def nearest_rows(
        self, place: Place, needs: Needs, *, limit: int, max_distance_m: float | None = None
    ) -> list[Found]:
        """Return the same as rows of this picture, for whoever need not look at the stations themselves."""
        found = self.select(needs).nearest(place, limit)
        if max_distance_m is None:
            return found
        return [one for one in found if one.distance_m <= max_distance_m]

    def _open_states(self, at: datetime, include_unknown: bool) -> bytes:
        """Return, a byte a schedule, which of them count as open at that instant."""
        answers = [hours.is_open(station, at) for station in self._schedules]
        return bytes(answer is True or (answer is None and include_unknown) for answer in answers)

    def _chosen(
        self, town: str | None, amenities: tuple[str, ...], include_unknown: bool, open_states: bytes | None,
        status: Status | None, bbox: tuple[float, float, float, float] | None, q: str | None,
    ) -> Chosen:  # fmt: skip
        mask: Mask = np.ones(len(self), dtype=np.bool_)
        if status is not None:
            mask &= self._columns.status == _STATUSES.index(status)
        if town is not None:
            mask &= self._columns.town == list(self.towns).index(town)
        for code in amenities:
            mask &= self._columns.having(list(self.amenities).index(code), include_unknown)
        if open_states is not None:
            mask &= np.frombuffer(open_states, dtype=np.bool_)[self._schedule_of]
        if bbox is not None:
            mask &= self._index.inside(*bbox)
        rows = np.flatnonzero(mask)
        if q is not None:
            rows = np.array([row for row in rows.tolist() if _mentions(self._texts[row], q)], dtype=np.intp)
        return Chosen(rows, self._index)

    @cached_property
    def _columns(self) -> _Columns:
        return _Columns(self.stations, list(self.towns), list(self.amenities))

    @cached_property
    def _texts(self) -> list[str]:
        return [_searchable(station, self.towns.get(station.town)) for station in self.stations]


_STATUSES = list(Status)


class _Columns:
    """What the filters read, a column each; amenities as bit masks, 64 to a word."""

    def __init__(self, stations: Sequence[Station], towns: list[str], amenities: list[str]) -> None:
        town_number = {code: number for number, code in enumerate(towns)}
        self.status = np.array([_STATUSES.index(station.status) for station in stations], dtype=np.int8)
        self.town = np.array([town_number[station.town] for station in stations], dtype=np.int32)
        bit = {code: number for number, code in enumerate(amenities)}
        words = len(amenities) // 64 + 1
        self._yes = _bit_masks(stations, bit, words, frozenset({OfferingState.YES}))
        self._ruled_out = _bit_masks(stations, bit, words, frozenset({OfferingState.NO, OfferingState.OUT_OF_ORDER}))

    def having(self, amenity: int, include_unknown: bool) -> Mask:
        """Return which stations have the amenity, or with `include_unknown` at least may have it."""
        masks, word, bit = (self._ruled_out if include_unknown else self._yes), amenity // 64, amenity % 64
        has_bit: Mask = (masks[:, word] >> np.uint64(bit)) & np.uint64(1) == 1
        return ~has_bit if include_unknown else has_bit


def _bit_masks(
    stations: Sequence[Station], bit: Mapping[str, int], words: int, states: frozenset[OfferingState]
) -> NDArray[np.uint64]:
    masks = np.zeros((len(stations), words), dtype=np.uint64)
    for row, station in enumerate(stations):
        numbers = {bit[offering.amenity] for offering in station.offerings if offering.state in states}
        whole = sum(1 << number for number in numbers)
        for word in range(words):
            masks[row, word] = whole >> (64 * word) & 0xFFFF_FFFF_FFFF_FFFF
    return masks


def _schedules(stations: Sequence[Station]) -> tuple[list[Station], Rows]:
    """Return one station for each distinct schedule, and each station's schedule by number: there are few of them."""
    number: dict[object, int] = {}
    examples: list[Station] = []
    rows = np.empty(len(stations), dtype=np.intp)
    for row, station in enumerate(stations):
        key = (station.status is Status.OPERATING, station.opening_hours, station.closures)
        if key not in number:
            number[key] = len(examples)
            examples.append(station)
        rows[row] = number[key]
    return examples, rows


def _searchable(station: Station, town: Town | None) -> str:
    """Return everything a station may be searched by: Chinese, English, pinyin with and without blanks, initials."""
    syllables = station.pinyin.split()
    words = [station.code, station.cnaps, station.name, station.official_name, station.name_en, station.address or ""]
    words += [station.pinyin, "".join(syllables), "".join(syllable[0] for syllable in syllables)]
    if town is not None:
        words += [town.name, town.name_en, *(old.name for old in town.former)]
    return "\n".join(words).casefold()


def _mentions(text: str, q: str) -> bool:
    return all(word in text for word in q.casefold().split())
