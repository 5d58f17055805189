"""What a program may send about the facts of a station, and about the amenities' vocabulary."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from harbour_api.domain.edits import LONGEST_CLOSURE
from harbour_api.domain.place import Datum, Place
from harbour_api.domain.problems import Invalid
from harbour_api.domain.season import Season
from harbour_api.domain.station import Amenity, OfferingState, Town
from harbour_api.domain.verification import ACCURATE_M, FAR_FROM_TOWN_M, Method, Slip, is_near, likely_slips
from harbour_api.web.api.bodies import Body, Figure, Line40, Line80, Line120, Line200, place_of
from harbour_api.web.api.queries import Day, Instant

ADDED_BY_HAND = "administrator"  # the source of a word that no source of the seed has
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
OsmTag = Annotated[Line120, StringConstraints(pattern=r"^[a-z_:]+=[a-z_]+(;[a-z_:]+=[a-z_]+)*$")]
Category = Literal["accessibility", "banking", "basic", "emergency", "family", "sanitary", "service"]


class OfferingBody(Body):
    """What is known of one amenity at one station, by somebody who has looked; its days, both or neither."""

    state: OfferingState
    count: int | None = Field(default=None, ge=0, le=1000)
    note: Line200 | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")

    def season(self) -> Season | None:
        """Return its days, None for always; Invalid where the two days make no season."""
        return Season.between(self.first, self.last)


class ClosureBody(Body):
    """Closed from `from` up to `to`, RFC 3339 with offset, at most a year long."""

    starts_at: Instant = Field(alias="from")
    ends_at: Instant = Field(alias="to")
    reason: Line200

    def check(self) -> None:
        """Raise Invalid where the two instants make no closure."""
        if not timedelta(0) < self.ends_at - self.starts_at <= LONGEST_CLOSURE:
            raise Invalid.field("/to", f"must lie after from, at most {LONGEST_CLOSURE.days} days")


class VerificationBody(Body):
    """Where a station is. `accuracy_m` is what the device says of itself: needed with it, of no use otherwise."""

    lon: Figure
    lat: Figure
    datum: Datum
    accuracy_m: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    method: Method

    def place_in(self, town: Town) -> Place:
        """Return the place; Invalid where it cannot be believed, and what to do about it."""
        self._check_accuracy()
        place = place_of(self.lon, self.lat, self.datum)
        if not is_near(place, town):
            bound = f"must lie within {FAR_FROM_TOWN_M // 1000} km of the point of the station's town"
            slips = likely_slips(self.lon, self.lat, self.datum, town)
            raise Invalid.field("/lon", "; ".join([bound, *map(_question, slips)]))
        return place

    def _check_accuracy(self) -> None:
        if self.method is not Method.DEVICE:
            return
        if self.accuracy_m is None:
            raise Invalid.field("/accuracy_m", "must be given with the method device")
        if self.accuracy_m > ACCURATE_M:
            todo = "go outside and wait for a better position, or put the pin on the map"
            raise Invalid.field("/accuracy_m", f"must be {ACCURATE_M} or less: {todo}")


def _question(slip: Slip) -> str:
    return "are longitude and latitude swapped?" if slip is Slip.SWAPPED else f"are the figures {slip.value}?"


class AmenityBody(Body):
    """A new word of the vocabulary; an icon that is not drawn shows the neutral one."""

    code: Word
    zh: Line40
    en: Line80
    category: Category
    icon: Word = "other"
    aliases: list[Line40] = Field([], max_length=20)
    osm_tag: OsmTag | None = None

    def amenity(self) -> Amenity:
        """Return the word."""
        facts = self.model_dump(exclude={"aliases"})
        return Amenity(**facts, aliases=tuple(self.aliases), source=ADDED_BY_HAND)


class AmenityPatch(Body):
    """A change of a word as a JSON Merge Patch; its code stays."""

    zh: Line40 = Field(default="")
    en: Line80 = Field(default="")
    category: Category = Field(default="service")
    icon: Word = Field(default="other")
    aliases: list[Line40] = Field([], max_length=20)
    osm_tag: OsmTag | None = None

    def changes(self) -> dict[str, Any]:
        """Return the fields that were named, as domain values."""
        named = {field: getattr(self, field) for field in self.model_fields_set}
        return named | ({"aliases": tuple(self.aliases)} if "aliases" in named else {})
