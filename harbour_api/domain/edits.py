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
from harbour_api.domain.hours import local_day
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


def set_offering(station: Station, said: Offering, at: datetime, *, reported_at: datetime | None = None) -> Station:
    """Set state, count, note and days of an amenity: whoever says so has looked, so it is verified.

    `reported_at` is since when reports waited that this answers. That it was checked after a report stays known while
    the matter lasts: for the rest of the local day (a note is added to the answer), and from what was found out of
    order to the check that ends it. An ordinary check on a later day makes it old news.
    """
    since = reported_at or _answered_still(station.offering(said.amenity), at)
    since = None if said.state is OfferingState.UNKNOWN else since
    return with_offering(
        station, said.amenity, replace(said, basis=Basis.VERIFIED, source="", verified_at=at, reported_at=since)
    )


def _answered_still(known: Offering | None, at: datetime) -> datetime | None:
    if known is None or known.verified_at is None:
        return None
    lasts = known.state is OfferingState.OUT_OF_ORDER or local_day(known.verified_at) == local_day(at)
    return known.reported_at if lasts else None


def forget_offering(station: Station, amenity: str) -> Station:
    """Forget what is known of an amenity."""
    return with_offering(station, amenity, None)


def confirm_offering(station: Station, amenity: str, at: datetime, *, reported_at: datetime | None = None) -> Station:
    """Verify anew that an amenity is there and works, where that is what is known of it; else change nothing."""
    known = station.offering(amenity)
    if known is None or known.state is not OfferingState.YES:
        return station
    since = reported_at or _answered_still(known, at)
    return with_offering(station, amenity, replace(known, basis=Basis.VERIFIED, verified_at=at, reported_at=since))


def answer(station: Station, at: datetime) -> Station:
    """Note that a finder's report of the station as a whole is done."""
    return replace(station, answered_at=at)


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
