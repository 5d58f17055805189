"""What the history says of a station: each change as a field with its old and its new value, and the way back.

One rule: the lines of a change are the difference of two states and nothing else, so all lines in order, replayed from
the first state, lead to the present one. What follows from the facts (version, pinyin) has no line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any

from harbour_api.domain.place import Place
from harbour_api.domain.problems import Conflict
from harbour_api.domain.season import Season
from harbour_api.domain.station import (
    Access,
    Basis,
    Closure,
    Offering,
    OfferingState,
    Special,
    Station,
    Status,
)

LOCATION, STAMP, ANSWER = "location", "verified_at", "answered_at"
NOT_TAKEN_BACK = frozenset({"code", STAMP, ANSWER})  # an opening and two stamps: no fact that could be wrong
PLAIN = tuple(
    field.name
    for field in fields(Station)
    if field.name
    not in {"code", "place", "location_basis", "pinyin", "offerings", "closures", "basis", STAMP, ANSWER, "version"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One line: a field (`phone`, `basis.phone`, `location`, `amenities.wifi`, `closures.7`), from what, to what."""

    field: str
    old: Any
    new: Any


def facts_of(station: Station) -> dict[str, Any]:
    """Return every fact of a station by its field in the history, as JSON has it."""
    told: dict[str, Any] = {field: plain(getattr(station, field)) for field in PLAIN}
    told |= {} if station.answered_at is None else {ANSWER: _instant(station.answered_at)}
    told |= {f"basis.{field}": basis.value for field, basis in station.basis.items() if field != LOCATION}
    place = station.place
    told[LOCATION] = {"lon": place.lon, "lat": place.lat, "basis": station.location_basis.value}
    told |= {f"amenities.{offering.amenity}": _offering(offering) for offering in station.offerings}
    return told | {f"closures.{closure.id}": _closure(closure) for closure in station.closures}


def changes_between(before: Station, after: Station) -> list[Change]:
    """Return what the history says of a change; that facts were only verified again is a line of its own."""
    was, now = facts_of(before), facts_of(after)
    moved = [
        Change(field, was.get(field), now.get(field)) for field in {**was, **now} if was.get(field) != now.get(field)
    ]
    stamps = _instant(before.verified_at), _instant(after.verified_at)
    return moved or ([Change(STAMP, *stamps)] if stamps[0] != stamps[1] else [])


def replayed(station: Station, changes: Iterable[Change]) -> Station:
    """Return the station after these changes."""
    return reduce(lambda reached, change: with_fact(reached, change.field, change.new), changes, station)


def taken_back(station: Station, change: Change, later: Iterable[Change]) -> Station:
    """Return the station with the value from before a change, believed for the reason from before it.

    `later` are the station's changes since, the change itself the first; Conflict where the fact has changed again.
    """
    if facts_of(station).get(change.field) != change.new or change.field in NOT_TAKEN_BACK:
        raise Conflict("This cannot be taken back: the fact has changed since, or the line changes no fact.")
    reason = f"basis.{change.field}"
    back = with_fact(station, change.field, change.old)
    for one in later:
        if one.field == reason:
            back = with_fact(back, reason, one.old)
            break
    is_verified = Basis.VERIFIED in back.basis.values()
    return back if is_verified else replace(back, verified_at=None)


def with_fact(station: Station, field: str, value: Any) -> Station:
    """Return the station with one fact as the history tells it."""
    kind, _, key = field.partition(".")
    if kind == "basis":
        others = {name: basis for name, basis in station.basis.items() if name != key}
        return replace(station, basis=others if value is None else {**others, key: Basis(value)})
    if kind == "amenities":
        return with_offering(station, key, None if value is None else offering_told(key, value))
    if kind == "closures":
        return with_closure(station, int(key), None if value is None else _closure_of(int(key), value))
    if kind == LOCATION:
        return with_place(station, Place.at(value["lon"], value["lat"]), Basis(value["basis"]))
    known = _READ[field](value) if field in _READ and value is not None else value
    return replace(station, **{field: known})


def with_offering(station: Station, amenity: str, offering: Offering | None) -> Station:
    """Return the station with this known of one amenity, None for nothing; offerings are held in order of amenity."""
    known = {one.amenity: one for one in station.offerings if one.amenity != amenity}
    known |= {amenity: offering} if offering is not None else {}
    return replace(station, offerings=tuple(known[code] for code in sorted(known)))


def with_closure(station: Station, id: int, closure: Closure | None) -> Station:
    """Return the station with this closure under that id, None for none; closures are held in order of id."""
    known = {one.id: one for one in station.closures if one.id != id}
    known |= {id: closure} if closure is not None else {}
    return replace(station, closures=tuple(known[number] for number in sorted(known)))


def with_place(station: Station, place: Place, basis: Basis) -> Station:
    """Return the station at that place, believed for that reason."""
    return replace(station, place=place, location_basis=basis, basis={**station.basis, LOCATION: basis})


def plain(value: Any) -> Any:
    """Return a value the way JSON can hold it."""
    return [asdict(part) for part in value] if isinstance(value, tuple) else value


def _offering(offering: Offering) -> dict[str, Any]:
    """Return what is known; days and reports only where there are any, as lines of before there could be have none."""
    season, reported_at = offering.season, _instant(offering.reported_at)
    days = {} if season is None else {"from": season.first.isoformat(), "to": season.last.isoformat()}
    told = {
        "state": offering.state.value,
        "count": offering.count,
        "note": offering.note,
        "basis": offering.basis.value,
        "source": offering.source,
        "verified_at": _instant(offering.verified_at),
    }
    return told | days | ({} if reported_at is None else {"reported_at": reported_at})


def offering_told(amenity: str, told: Mapping[str, Any]) -> Offering:
    """Return an offering as the history tells it."""
    stamp, reported_at = _moment(told["verified_at"]), _moment(told.get("reported_at"))
    state, basis, season = OfferingState(told["state"]), Basis(told["basis"]), None
    if "from" in told:
        season = Season(date.fromisoformat(told["from"]), date.fromisoformat(told["to"]))
    return Offering(amenity, state, basis, told["count"], told["note"], told["source"], stamp, season, reported_at)


def _closure(closure: Closure) -> dict[str, Any]:
    return {"from": _instant(closure.starts_at), "to": _instant(closure.ends_at), "reason": closure.reason}


def _closure_of(id: int, told: Mapping[str, Any]) -> Closure:
    return Closure(id, datetime.fromisoformat(told["from"]), datetime.fromisoformat(told["to"]), told["reason"])


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)


def _specials(told: Iterable[Mapping[str, str]]) -> tuple[Special, ...]:
    return tuple(Special(**special) for special in told)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "access": Access,
    "status": Status,
    "specials": _specials,
    STAMP: datetime.fromisoformat,
    ANSWER: datetime.fromisoformat,
}
