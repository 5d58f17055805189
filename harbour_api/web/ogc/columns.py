"""What a feature says of a station or a town, a column each: scalars all of them, for those every GIS can show, filter
and save; a list is its members with commas between.

One rule: a fact and its basis stand side by side, and a place that nobody has verified is no geometry.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from harbour_api.domain.network import Network
from harbour_api.domain.place import Place
from harbour_api.domain.station import Access, Basis, Offering, OfferingState, Station, Status, Town
from harbour_api.web.wire import local
from harbour_api.web.words import mark

TEXT: dict[str, Any] = {"type": "string"}
MAYBE_TEXT = {**TEXT, "nullable": True}
MAYBE_MOMENT = {**TEXT, "format": "date-time", "nullable": True}
MAYBE_BASIS = {**TEXT, "enum": [*Basis, None], "nullable": True}
NOT_SEEN = (Basis.ASSUMED, Basis.PLACEHOLDER)


class Column(NamedTuple):
    """A property of every feature of a collection: its name, what it is in words, and its schema in OpenAPI 3.0."""

    name: str
    title: str
    schema: dict[str, Any]


STATION = (
    Column("code", mark("编号"), TEXT),
    Column("cnaps", mark("行号"), TEXT),
    Column("name", mark("名称"), TEXT),
    Column("name_en", mark("英文名称"), TEXT),
    Column("name_basis", mark("名称的依据"), MAYBE_BASIS),
    Column("name_en_basis", mark("英文名称的依据"), MAYBE_BASIS),
    Column("town", mark("镇街代码"), TEXT),
    Column("town_name", mark("镇街"), TEXT),
    Column("town_name_en", mark("镇街英文名称"), TEXT),
    Column("town_basis", mark("镇街的依据"), MAYBE_BASIS),
    Column("address", mark("地址"), MAYBE_TEXT),
    Column("address_basis", mark("地址的依据"), MAYBE_BASIS),
    Column("phone", mark("电话"), MAYBE_TEXT),
    Column("phone_basis", mark("电话的依据"), MAYBE_BASIS),
    Column("access", mark("进入方式"), {**TEXT, "enum": list(Access)}),
    Column("access_basis", mark("进入方式的依据"), MAYBE_BASIS),
    Column("status", mark("状态"), {**TEXT, "enum": list(Status)}),
    Column("opening_hours", mark("营业时间"), MAYBE_TEXT),
    Column("opening_hours_basis", mark("营业时间的依据"), MAYBE_BASIS),
    Column("is_open", mark("现在是否营业"), {"type": "boolean", "nullable": True}),
    Column("next_change", mark("下次开关门"), MAYBE_MOMENT),
    Column("amenities", mark("有的设施"), MAYBE_TEXT),
    Column("amenities_out_of_order", mark("故障的设施"), MAYBE_TEXT),
    Column("amenities_no", mark("没有的设施"), MAYBE_TEXT),
    Column("amenities_assumed", mark("其中推定的设施"), MAYBE_TEXT),
    Column("amenities_seasonal", mark("限期的设施及起止日"), MAYBE_TEXT),
    Column("specials", mark("特色"), MAYBE_TEXT),
    Column("specials_en", mark("特色（英文）"), MAYBE_TEXT),
    Column("specials_basis", mark("特色的依据"), MAYBE_BASIS),
    Column("location_basis", mark("位置的依据"), {**TEXT, "enum": list(Basis)}),
    Column("verified_at", mark("核实时间"), MAYBE_MOMENT),
    Column("version", mark("版本"), {"type": "integer"}),
)
TOWN = (
    Column("code", mark("编号"), TEXT),
    Column("name", mark("名称"), TEXT),
    Column("name_en", mark("英文名称"), TEXT),
    Column("former_codes", mark("2018 年代码"), MAYBE_TEXT),
    Column("former_names", mark("2018 年名称"), MAYBE_TEXT),
)


def station_properties(network: Network, station: Station, now: datetime) -> dict[str, Any]:
    """Return every column of a station."""
    town, opening, basis = network.town(station.town), network.opening(station, now), station.basis
    return {
        "code": station.code,
        "cnaps": station.cnaps,
        "name": station.name,
        "name_en": station.name_en,
        "name_basis": basis.get("name"),
        "name_en_basis": basis.get("name_en"),
        "town": town.code,
        "town_name": town.name,
        "town_name_en": town.name_en,
        "town_basis": basis.get("town"),
        "address": station.address,
        "address_basis": basis.get("address"),
        "phone": station.phone,
        "phone_basis": basis.get("phone"),
        "access": station.access,
        "access_basis": basis.get("access"),
        "status": station.status,
        "opening_hours": station.opening_hours,
        "opening_hours_basis": basis.get("opening_hours"),
        "is_open": opening.is_open,
        "next_change": local(opening.next_change),
        **_amenities(station.offerings),
        "specials": _joined((special.zh for special in station.specials), "；"),
        "specials_en": _joined((special.en for special in station.specials), "; "),
        "specials_basis": basis.get("specials"),
        "location_basis": station.location_basis,
        "verified_at": local(station.verified_at),
        "version": station.version,
    }


def _amenities(offerings: tuple[Offering, ...]) -> dict[str, str | None]:
    """Return the codes by what is known of each; of what is in no list nothing is known."""
    known = [offering for offering in offerings if offering.state is not OfferingState.UNKNOWN]

    def having(state: OfferingState) -> str | None:
        return _joined(offering.amenity for offering in known if offering.state is state)

    return {
        "amenities": having(OfferingState.YES),
        "amenities_out_of_order": having(OfferingState.OUT_OF_ORDER),
        "amenities_no": having(OfferingState.NO),
        "amenities_assumed": _joined(one.amenity for one in known if one.basis in NOT_SEEN),
        "amenities_seasonal": _joined(
            f"{one.amenity} {one.season.first}/{one.season.last}" for one in known if one.season
        ),
    }


def _joined(members: Iterable[str], mark: str = ",") -> str | None:
    return mark.join(members) or None


def town_properties(town: Town) -> dict[str, Any]:
    """Return every column of a town."""
    return {
        "code": town.code,
        "name": town.name,
        "name_en": town.name_en,
        "former_codes": _joined(old.code for old in town.former),
        "former_names": _joined(old.name for old in town.former),
    }


def feature(code: str, place: Place | None, properties: dict[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON Feature; without a place its geometry is null."""
    geometry = None if place is None else {"type": "Point", "coordinates": place.figures()}
    return {"type": "Feature", "id": code, "geometry": geometry, "properties": properties}
