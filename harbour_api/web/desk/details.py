"""Names, address, telephone, way in, status and specials of a station, as one form, and two managers in it at once.

One rule: nothing typed is lost. Whoever comes second sees both versions of every field in which they differ, and
chooses; what the other changed elsewhere meanwhile is neither overwritten nor in the way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from harbour_api.domain.problems import Invalid, Stale, Unknown
from harbour_api.domain.station import Basis, Station, Status
from harbour_api.store.access import Who
from harbour_api.web.api.bodies import StationPatch
from harbour_api.web.house import House
from harbour_api.web.pages.cards import ACCESS, minute_text
from harbour_api.web.refusals import faults_of
from harbour_api.web.words import Words, mark

FIELDS = {
    "name": mark("中文名称"),
    "name_en": mark("英文名称"),
    "town": mark("镇街"),
    "address": mark("地址"),
    "phone": mark("电话"),
    "access": mark("进入方式"),
    "status": mark("状态"),
    "specials": mark("一点一策"),
}
STATUS = {Status.OPERATING: mark("服务中"), Status.SUSPENDED: mark("暂停服务"), Status.RETIRED: mark("已撤销")}
RULES = {
    "name": mark("写一行，最多 80 个字符。"),
    "name_en": mark("写一行，最多 120 个字符。"),
    "town": mark("请从列表里选。"),
    "address": mark("写一行，最多 200 个字符。"),
    "phone": mark("只能有数字、空格和 + - ( )，最多 40 个。"),
    "access": mark("请从列表里选。"),
    "status": mark("请从列表里选。"),
    "specials": mark("每行一条，最多 10 条：中文，一条竖线 |，英文。"),
}
NULLABLE = frozenset({"address", "phone"})
MOST_LINES = 100  # of a station's history, in which the other's change is looked for


def details_of(station: Station) -> dict[str, str]:
    """Return the form's fields as the station has them."""
    lines = [f"{special.zh} | {special.en}" for special in station.specials]
    return {name: str(getattr(station, name) or "") for name in FIELDS} | {"specials": "\n".join(lines)}


def sent_details(fields: Mapping[str, str], prefix: str = "") -> dict[str, str]:
    """Return the form's fields as they were typed; with the prefix `was_`, as the form had shown them."""
    return {name: "\n".join(_lines(fields.get(prefix + name, ""))) for name in FIELDS}


def save_details(house: House, who: Who, station: Station, fields: Mapping[str, str]) -> None:
    """Save what was changed, or seen to be right; Invalid names the fields, Stale where somebody was faster."""
    sent, was = sent_details(fields), sent_details(fields, "was_")
    is_seen = fields.get("seen") == "1"
    names = [name for name in FIELDS if sent[name] != was[name] or (is_seen and sent[name])]
    changes = _changes(house, sent, names)
    try:
        _change(house, who, station.code, changes, _version(fields))
    except Stale:
        present = house.registry.refresh().station(station.code)
        if details_of(present) != was:
            raise
        _change(house, who, station.code, changes, present.version)  # some other fact was changed: no field of these


def both_versions(house: House, station: Station, fields: Mapping[str, str], words: Words) -> dict[str, Any]:
    """Return each field in which the two versions differ, with yours, theirs, and who theirs are by."""
    sent, was, theirs = sent_details(fields), sent_details(fields, "was_"), details_of(station)
    tellers = tellers_of(house, station, words)
    differing = [
        {
            "field": name,
            "name": words(FIELDS[name]),
            "yours": sent[name],
            "yours_text": value_text(house, name, sent[name], words),
            "theirs": theirs[name],
            "theirs_text": value_text(house, name, theirs[name], words),
            "by": tellers.get(name, ""),
            "keeps_yours": sent[name] != was[name],
        }
        for name in FIELDS
        if sent[name] != theirs[name]
    ]
    same = {name: sent[name] for name in FIELDS if sent[name] == theirs[name]}
    return {"differing": differing, "same": same, "was": theirs, "version": station.version}


def choices(house: House, words: Words) -> dict[str, list[tuple[str, str]]]:
    """Return what may be chosen in the fields that are lists."""
    towns = house.registry.network.towns.values()
    return {
        "town": [(town.code, words.pick(town.name, town.name_en)) for town in towns],
        "access": [(access.value, words(name)) for access, name in ACCESS.items()],
        "status": [(status.value, words(name)) for status, name in STATUS.items()],
    }


def value_text(house: House, name: str, value: str, words: Words) -> str:
    """Return a field's value as one reads it."""
    return dict(choices(house, words).get(name, [])).get(value, value)


def _lines(text: str) -> Iterable[str]:
    return (line for line in (line.strip() for line in text.split("\n")) if line)


def _version(fields: Mapping[str, str]) -> int:
    text = fields.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _change(house: House, who: Who, code: str, changes: Mapping[str, Any], version: int) -> None:
    if changes:
        house.registry.change_station(code, changes, expected={version}, basis=Basis.VERIFIED, actor=who.username)


def _changes(house: House, sent: Mapping[str, str], names: Iterable[str]) -> dict[str, Any]:
    """Return the changes by the bounds of the API."""
    given = {name: _given(name, sent[name]) for name in names}
    try:
        changes = StationPatch.model_validate_json(json.dumps(given)).changes()
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise Invalid("A field is not valid.", errors=faults_of(found, body=True)) from error
    if "town" in changes:
        try:
            changes["town"] = house.registry.network.town(changes["town"]).code
        except Unknown as error:
            raise Invalid.field("/town", "must be the code of a town") from error
    return changes


def _given(name: str, text: str) -> Any:
    if name == "specials":
        pairs = (line.partition("|") for line in _lines(text))
        return [{"zh": zh.strip(), "en": en.strip()} for zh, _, en in pairs]
    return None if name in NULLABLE and not text else text


def tellers_of(house: House, station: Station, words: Words) -> dict[str, str]:
    """Return who changed each field last, as the history calls it, and when."""
    tellers: dict[str, str] = {}
    for line in house.audit.newest(MOST_LINES, station=station.code):
        said = words("{who}，{when}", who=line.actor, when=minute_text(line.spot.at, words))
        tellers.setdefault(line.field or "", said)
    return tellers
