"""What a feature says of a station or a town, a column each: scalars all of them, for those every GIS can show, filter
and save; a list is its members with commas between.

One rule: a fact and its basis stand side by side, and a place that nobody has verified is no geometry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, NamedTuple

from harbour_api.domain.hours import Opening
from harbour_api.domain.place import Place
from harbour_api.domain.station import Access, Basis, Offering, OfferingState, Station, Status, Town
from harbour_api.web.wire import local
from harbour_api.web.words import mark

TEXT: dict[str, Any] = {"type": "string"}
MAYBE_TEXT = {**TEXT, "nullable": True}
MAYBE_MOMENT = {**TEXT, "format": "date-time", "nullable": True}
MAYBE_BASIS = {**TEXT, "enum": [*Basis, None], "nullable": True}


class Facts(NamedTuple):
    """A station, and what is told beside it."""

    station: Station
    town: Town
    opening: Opening


class Column(NamedTuple):
    """A property of every feature of a collection: its name, what it is in words, its schema in OpenAPI 3.0, and what
    it is for a town, or for the facts of a station.
    """

    name: str
    title: str
    schema: dict[str, Any]
    read: Callable[[Any], Any]


def _own(name: str, title: str, schema: dict[str, Any]) -> Column:
    """Return the column of what is told just as the station has it."""
    return Column(name, title, schema, attrgetter(f"station.{name}"))


def _basis(name: str, title: str) -> Column:
    """Return the column of the basis of a fact."""
    return Column(f"{name}_basis", title, MAYBE_BASIS, lambda facts: facts.station.basis.get(name))


def _offered(name: str, title: str, told: Callable[[Offering], str | None]) -> Column:
    """Return the column of some amenities; of what is in none of them nothing is known."""
    return Column(name, title, MAYBE_TEXT, lambda facts: _joined(map(told, facts.station.offerings)))


def _in_state(state: OfferingState) -> Callable[[Offering], str | None]:
    return lambda one: one.amenity if one.state is state else None


def _assumed(one: Offering) -> str | None:
    is_known = one.state is not OfferingState.UNKNOWN
    return one.amenity if is_known and one.basis in (Basis.ASSUMED, Basis.PLACEHOLDER) else None


def _seasonal(one: Offering) -> str | None:
    if one.season is None or one.state is OfferingState.UNKNOWN:
        return None
    return f"{one.amenity} {one.season.first}/{one.season.last}"


def _joined(members: Iterable[str | None], between: str = ",") -> str | None:
    return between.join(filter(None, members)) or None


STATION = (
    _own("code", mark("编号"), TEXT),
    _own("cnaps", mark("行号"), TEXT),
    _own("name", mark("名称"), TEXT),
    _own("name_en", mark("英文名称"), TEXT),
    _basis("name", mark("名称的依据")),
    _basis("name_en", mark("英文名称的依据")),
    Column("town", mark("镇街代码"), TEXT, attrgetter("town.code")),
    Column("town_name", mark("镇街"), TEXT, attrgetter("town.name")),
    Column("town_name_en", mark("镇街英文名称"), TEXT, attrgetter("town.name_en")),
    _basis("town", mark("镇街的依据")),
    _own("address", mark("地址"), MAYBE_TEXT),
    _basis("address", mark("地址的依据")),
    _own("phone", mark("电话"), MAYBE_TEXT),
    _basis("phone", mark("电话的依据")),
    _own("access", mark("进入方式"), {**TEXT, "enum": list(Access)}),
    _basis("access", mark("进入方式的依据")),
    _own("status", mark("状态"), {**TEXT, "enum": list(Status)}),
    _own("opening_hours", mark("营业时间"), MAYBE_TEXT),
    _basis("opening_hours", mark("营业时间的依据")),
    Column("is_open", mark("现在是否营业"), {"type": "boolean", "nullable": True}, attrgetter("opening.is_open")),
    Column("next_change", mark("下次开关门"), MAYBE_MOMENT, lambda facts: local(facts.opening.next_change)),
    _offered("amenities", mark("有的设施"), _in_state(OfferingState.YES)),
    _offered("amenities_out_of_order", mark("故障的设施"), _in_state(OfferingState.OUT_OF_ORDER)),
    _offered("amenities_no", mark("没有的设施"), _in_state(OfferingState.NO)),
    _offered("amenities_assumed", mark("其中推定的设施"), _assumed),
    _offered("amenities_seasonal", mark("限期的设施及起止日"), _seasonal),
    Column(
        "specials", mark("特色"), MAYBE_TEXT, lambda facts: _joined((one.zh for one in facts.station.specials), "；")
    ),
    Column(
        "specials_en",
        mark("特色（英文）"),
        MAYBE_TEXT,
        lambda facts: _joined((one.en for one in facts.station.specials), "; "),
    ),
    _basis("specials", mark("特色的依据")),
    _own("location_basis", mark("位置的依据"), {**TEXT, "enum": list(Basis)}),
    Column("verified_at", mark("核实时间"), MAYBE_MOMENT, lambda facts: local(facts.station.verified_at)),
    _own("version", mark("版本"), {"type": "integer"}),
)
TOWN = (
    Column("code", mark("编号"), TEXT, attrgetter("code")),
    Column("name", mark("名称"), TEXT, attrgetter("name")),
    Column("name_en", mark("英文名称"), TEXT, attrgetter("name_en")),
    Column("former_codes", mark("2018 年代码"), MAYBE_TEXT, lambda town: _joined(old.code for old in town.former)),
    Column("former_names", mark("2018 年名称"), MAYBE_TEXT, lambda town: _joined(old.name for old in town.former)),
)


def feature(code: str, place: Place | None, columns: Iterable[Column], subject: Facts | Town) -> dict[str, Any]:
    """Return a GeoJSON Feature with every column; without a place its geometry is null."""
    geometry = None if place is None else {"type": "Point", "coordinates": place.figures()}
    properties = {column.name: column.read(subject) for column in columns}
    return {"type": "Feature", "id": code, "geometry": geometry, "properties": properties}
