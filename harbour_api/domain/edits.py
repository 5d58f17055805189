"""What a manager may do to a station, as functions from one state to the next. The store makes the rows say what these
return and the history tell the difference; nothing here knows of either.

One rule: an edit touches its one fact, so two managers who edit different facts at once both stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from harbour_api.domain.history import with_closure, with_offering, with_place
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Conflict, Unknown
from harbour_api.domain.station import Basis, Closure, Offering, OfferingState, Station

LONGEST_CLOSURE = timedelta(days=366)
NEW = 0  # the id of a closure that has none yet: the store gives it one


def change_fields(station: Station, changes: Mapping[str, Any], basis: Basis, at: datetime) -> Station:
    """Change fields, each carrying the basis afterwards; what is verified stamps the station, new or said before."""
    moved = {
        field: value
        for field, value in changes.items()
        if getattr(station, field) != value or station.basis.get(field) is not basis
    }
    verified_at = at if changes and basis is Basis.VERIFIED else station.verified_at
    return replace(station, **moved, basis={**station.basis, **dict.fromkeys(moved, basis)}, verified_at=verified_at)


def set_offering(
    station: Station, amenity: str, state: OfferingState, count: int | None, note: str | None, at: datetime
) -> Station:
    """Set what is known of an amenity: whoever says so has looked, so it is verified."""
    return with_offering(station, amenity, Offering(amenity, state, Basis.VERIFIED, count, note, verified_at=at))


def forget_offering(station: Station, amenity: str) -> Station:
    """Forget what is known of an amenity."""
    return with_offering(station, amenity, None)


def confirm_offering(station: Station, amenity: str, at: datetime) -> Station:
    """Verify anew that an amenity is there and works, where that is what is known of it; else change nothing."""
    for known in station.offerings:
        if known.amenity == amenity and known.state is OfferingState.YES:
            return with_offering(station, amenity, replace(known, basis=Basis.VERIFIED, verified_at=at))
    return station


def close(station: Station, starts_at: datetime, ends_at: datetime, reason: str) -> Station:
    """Close for a while; closures may overlap (a week of building work, a holiday in it).

    Conflict where one stands for the very same time: a request sent twice would have to be taken back twice.
    """
    if any((known.starts_at, known.ends_at) == (starts_at, ends_at) for known in station.closures):
        raise Conflict("The station is already closed for that very time.")
    return with_closure(station, NEW, Closure(NEW, starts_at, ends_at, reason))


def reopen(station: Station, closure: int) -> Station:
    """Take a closure away; Unknown where the station has none of that id."""
    if all(known.id != closure for known in station.closures):
        raise Unknown("This station has no closure of that id.")
    return with_closure(station, closure, None)


def verify_place(station: Station, place: Place, at: datetime) -> Station:
    """Put the station where somebody stood or pointed: whatever was believed before, a placeholder included, ends."""
    return replace(with_place(station, place, Basis.VERIFIED), verified_at=at)
