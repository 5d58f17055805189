"""The nouns of the registry as frozen values: a Station with its offerings and closures, Town, Amenity, and the words
a fact may be described with. Nothing here can be changed; a change makes a new value and a new picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from harbour_api.domain.place import Place
from harbour_api.domain.season import Season


class Basis(StrEnum):
    """Why we believe a fact. `assumed` and `placeholder` are shown as such to whoever reads the fact."""

    DIRECTORY = "directory"
    ARTICLE = "article"
    ASSUMED = "assumed"
    PLACEHOLDER = "placeholder"
    IMPORTED = "imported"
    VERIFIED = "verified"


class Access(StrEnum):
    """How one gets in."""

    WALK_IN = "walk_in"
    ASK_STAFF = "ask_staff"
    DOOR_CODE = "door_code"
    APP = "app"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """Whether the station runs; a retired one stays in the registry for its history."""

    OPERATING = "operating"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class OfferingState(StrEnum):
    """What is known of one amenity at one station; no offering at all means unknown."""

    YES = "yes"
    NO = "no"
    OUT_OF_ORDER = "out_of_order"
    UNKNOWN = "unknown"


class Audience(StrEnum):
    """Whom a visit was by."""

    SANITATION_WORKER = "sanitation_worker"
    TAXI_DRIVER = "taxi_driver"
    TRAFFIC_POLICE = "traffic_police"
    URBAN_MANAGEMENT = "urban_management"
    COURIER = "courier"
    VOLUNTEER = "volunteer"
    OUTDOOR_WORKER = "outdoor_worker"
    ELDERLY = "elderly"
    SICK_OR_DISABLED = "sick_or_disabled"
    PREGNANT_OR_INFANT = "pregnant_or_infant"
    LOST_CHILD = "lost_child"
    EXAM_CANDIDATE = "exam_candidate"
    PUBLIC = "public"


AUDIENCE_NAMES: Mapping[Audience, tuple[str, str]] = {
    Audience.SANITATION_WORKER: ("环卫工人", "Sanitation worker"),
    Audience.TAXI_DRIVER: ("出租车司机", "Taxi driver"),
    Audience.TRAFFIC_POLICE: ("交通警察", "Traffic police"),
    Audience.URBAN_MANAGEMENT: ("城管队员", "Urban-management officer"),
    Audience.COURIER: ("快递员、外卖员", "Courier"),
    Audience.VOLUNTEER: ("志愿者", "Volunteer"),
    Audience.OUTDOOR_WORKER: ("其他户外工作者", "Other outdoor worker"),
    Audience.ELDERLY: ("老年人", "Elderly person"),
    Audience.SICK_OR_DISABLED: ("病弱或残障人士", "Sick or disabled person"),
    Audience.PREGNANT_OR_INFANT: ("孕妇或带婴儿者", "Pregnant, or with an infant"),
    Audience.LOST_CHILD: ("走失儿童", "Lost child"),
    Audience.EXAM_CANDIDATE: ("考生", "Exam candidate"),
    Audience.PUBLIC: ("其他市民", "Other member of the public"),
}


@dataclass(frozen=True, slots=True)
class FormerTown:
    """A code and name that a town had in 2018, before the changes of 2021."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Town:
    """One of today's 23 towns and subdistricts; `place` is a gazetteer's point for it, not its boundary."""

    code: str
    name: str
    name_en: str
    place: Place
    former: tuple[FormerTown, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """Every code this town answers to, today's and the former ones."""
        return frozenset({self.code, *(old.code for old in self.former)})


@dataclass(frozen=True, slots=True)
class Amenity:
    """A kind of thing or service a station may have. `icon` names a symbol of our own sprite."""

    code: str
    zh: str
    en: str
    category: str
    icon: str
    aliases: tuple[str, ...] = ()
    osm_tag: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Offering:
    """What is known of one amenity at one station, and why we believe it.

    `season` are its days, None where it is there always. `reported_at` is since when finders' reports waited that its
    verification answers, None where nobody had reported anything.
    """

    amenity: str
    state: OfferingState
    basis: Basis
    count: int | None = None
    note: str | None = None
    source: str = ""
    verified_at: datetime | None = None
    season: Season | None = None
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Closure:
    """A dated exception: shut from `starts_at` (in) to `ends_at` (out), whatever the weekly hours say."""

    id: int
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Special:
    """What makes a station its own (一点一策), in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Station:
    """One rest station in a bank outlet. `basis` names, per field, why we believe it; `version` grows by one an edit.

    `opening_hours` is OSM opening_hours syntax in local time (Asia/Shanghai); None means not known.
    `pinyin` is the name's reading, syllables apart by blanks, for search. `answered_at` is when a finder's report of
    the station as a whole (closed, no way in, wrong facts) was last done.
    """

    code: str
    cnaps: str
    name: str
    name_en: str
    town: str
    place: Place
    location_basis: Basis
    official_name: str = ""
    kind: str = "sub_branch"
    former_town: str | None = None
    pinyin: str = ""
    address: str | None = None
    phone: str | None = None
    access: Access = Access.UNKNOWN
    status: Status = Status.OPERATING
    opening_hours: str | None = None
    offerings: tuple[Offering, ...] = ()
    closures: tuple[Closure, ...] = ()
    specials: tuple[Special, ...] = ()
    basis: Mapping[str, Basis] = field(default_factory=dict)
    verified_at: datetime | None = None
    answered_at: datetime | None = None
    version: int = 1

    @property
    def is_placed(self) -> bool:
        """Whether anybody may be sent to `place`: a placeholder is an invented point."""
        return self.location_basis is not Basis.PLACEHOLDER

    @property
    def n_out_of_order(self) -> int:
        """How many of its amenities are out of order."""
        return sum(offering.state is OfferingState.OUT_OF_ORDER for offering in self.offerings)

    @property
    def last_answer(self) -> datetime | None:
        """When a finder's report was last answered here, of the station or of an amenity; None where none was."""
        checks = [one.verified_at for one in self.offerings if one.reported_at is not None]
        return max((at for at in (self.answered_at, *checks) if at is not None), default=None)

    def offering(self, amenity: str) -> Offering | None:
        """Return what is known of that amenity here, None where nothing is."""
        return next((known for known in self.offerings if known.amenity == amenity), None)

    def offers(self, amenity: str) -> OfferingState:
        """Return the state of that amenity here; unknown where nothing is known."""
        known = self.offering(amenity)
        return OfferingState.UNKNOWN if known is None else known.state


def cnaps_is_valid(code: str) -> bool:
    """Whether a 12-digit clearing code carries the right ISO 7064 MOD 11,10 check digit."""
    if not (len(code) == 12 and code.isascii() and code.isdigit()):
        return False
    carry = 10
    for digit in code[:11]:
        carry = ((carry + int(digit)) % 10 or 10) * 2 % 11
    return (11 - carry) % 10 == int(code[11])
