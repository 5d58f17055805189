"""What a station has, as rows of a form: four states each, a count, a note and the days it is there.

One rule: a row left as it was says nothing, so two managers who set different amenities at once both stand; of two who
set the same, the second sees both versions before anything of the first is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Network
from harbour_api.domain.problems import Invalid
from harbour_api.domain.report import Report, ReportKind
from harbour_api.domain.station import Amenity, Basis, Offering, OfferingState, Station
from harbour_api.store.facts import By
from harbour_api.web.api.fact_bodies import OfferingBody
from harbour_api.web.desk.belief import belief
from harbour_api.web.desk.details import tellers_of
from harbour_api.web.desk.statement import read_form
from harbour_api.web.house import House
from harbour_api.web.pages.cards import CATEGORIES, EXAM_AMENITY
from harbour_api.web.pages.dates import date_text, span_text
from harbour_api.web.pages.station import STATES
from harbour_api.web.words import Words, mark

GROUPS = {**CATEGORIES, "exam": mark("中高考期间")}  # exam support by itself, for it has its days

NAMES = ("state", "count", "note", "from", "to")


@dataclass(frozen=True, slots=True)
class Typed:
    """One row of the form: an amenity's state, count, note and days as they were typed."""

    state: str
    count: str
    note: str
    first: str = ""
    last: str = ""

    @classmethod
    def sent(cls, fields: Mapping[str, str], amenity: str) -> Typed:
        """Return the row as it was sent."""
        return cls(*(fields.get(f"{name}-{amenity}", "").strip() for name in NAMES))

    @classmethod
    def known(cls, offering: Offering | None) -> Typed:
        """Return the row of what is known."""
        if offering is None:
            return cls(OfferingState.UNKNOWN.value, "", "")
        days = [] if offering.season is None else [str(offering.season.first), str(offering.season.last)]
        count = "" if offering.count is None else str(offering.count)
        return cls(offering.state.value, count, offering.note or "", *days)

    @property
    def text(self) -> str:
        """The row as one text, by which the form tells whether it was changed; the page's script writes the same."""
        count = re.sub("^0+(?=[0-9])", "", self.count)  # 05 is 5
        row = [self.state, count, self.note, self.first, self.last]
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))

    def body(self) -> OfferingBody:
        """Return what the row says, by the bounds of the API; Invalid where it breaks one."""
        if self.state not in set(OfferingState) or not (
            not self.count or (self.count.isascii() and self.count.isdigit())
        ):
            raise Invalid("A row is not valid.")
        count = int(self.count[:9]) if self.count else None
        said = {"state": OfferingState(self.state), "count": count, "note": self.note or None}
        body = read_form(OfferingBody, {**said, "from": self.first or None, "to": self.last or None})
        body.season()
        return body


def rows_changed(fields: Mapping[str, str], network: Network) -> dict[str, Typed]:
    """Return the rows that differ from what the form showed, or were seen with their group, by amenity.

    Of what nobody knows nothing was seen.
    """
    rows = {code: Typed.sent(fields, code) for code in network.amenities if f"was-{code}" in fields}
    return {
        code: row
        for code, row in rows.items()
        if row.text != fields[f"was-{code}"]
        or (row.state != OfferingState.UNKNOWN and fields.get(f"seen-{_group(network.amenities[code])}") == "1")
    }


def rows_overtaken(fields: Mapping[str, str], rows: Mapping[str, Typed], station: Station) -> set[str]:
    """Return the changed rows of which somebody else has made something third since the form was shown."""
    known = {code: Typed.known(station.offering(code)).text for code in rows}
    return {code for code, row in rows.items() if known[code] not in (row.text, fields[f"was-{code}"])}


def theirs_told(house: House, station: Station, codes: Iterable[str], words: Words) -> dict[str, str]:
    """Return what somebody else made of these amenities, who and when."""
    tellers = tellers_of(house, station, words)
    known = {code: said_text(station.offering(code), words) for code in codes}
    return {
        code: words("{name}（{when}）", name=said, when=tellers[f"amenities.{code}"])
        if f"amenities.{code}" in tellers
        else said
        for code, said in known.items()
    }


def said_text(offering: Offering | None, words: Words) -> str:
    """Return what is said of an amenity as one reads it."""
    if offering is None:
        return words(STATES[OfferingState.UNKNOWN])
    parts = [words(STATES[offering.state])]
    parts += [words("{n} 个", n=offering.count)] if offering.count is not None else []
    parts += [offering.note] if offering.note else []
    parts += [span_text(offering.season, None, words)] if offering.season else []
    return " · ".join(parts)


def save_rows(house: House, station: Station, rows: Mapping[str, Typed], by: By) -> set[str]:
    """Save all rows, or none where any of them is refused: return which."""
    bodies: dict[str, OfferingBody] = {}
    refused = set()
    for code, row in rows.items():
        try:
            bodies[code] = row.body()
        except Invalid:
            refused.add(code)
    if bodies and not refused:
        rows_said = [
            Offering(code, one.state, Basis.VERIFIED, one.count, one.note, season=one.season())
            for code, one in bodies.items()
        ]
        house.facts.set_offerings(station.code, rows_said, by)
    return refused


def groups_of(
    network: Network,
    station: Station,
    reports: Iterable[Report],
    typed: Mapping[str, Typed],
    refused: Iterable[str],
    theirs: Mapping[str, str],
    now: datetime,
    words: Words,
) -> list[dict[str, object]]:
    """Return the rows by category, as they are known or were typed."""
    known = {offering.amenity: offering for offering in station.offerings}
    waiting = _waiting(reports, words)
    groups: dict[str, list[dict[str, object]]] = {name: [] for name in GROUPS}
    for amenity in network.amenities.values():
        row = _row(amenity, known.get(amenity.code), typed.get(amenity.code), now, words)
        row |= {"reports": waiting.get(amenity.code, []), "is_refused": amenity.code in refused}
        row["theirs"] = theirs.get(amenity.code, "")
        groups[_group(amenity)].append(row)
    return [
        {"code": code, "name": words(GROUPS[code]), "rows": rows, "n_due": sum(bool(row["is_due"]) for row in rows)}
        for code, rows in groups.items()
        if rows
    ]


def states(words: Words) -> list[tuple[str, str]]:
    """Return the four states a row may say, in words."""
    return [(state.value, words(name)) for state, name in STATES.items()]


def _group(amenity: Amenity) -> str:
    if amenity.code == EXAM_AMENITY:
        return "exam"
    return amenity.category if amenity.category in CATEGORIES else "service"


def _waiting(reports: Iterable[Report], words: Words) -> dict[str, list[str]]:
    """Return the days on which finders reported each amenity."""
    found: dict[str, list[str]] = {}
    for report in reports:
        if report.kind is ReportKind.AMENITY_OUT and report.amenity:
            found.setdefault(report.amenity, []).append(date_text(local_day(report.reported_at), words))
    return found


def _row(
    amenity: Amenity, offering: Offering | None, typed: Typed | None, now: datetime, words: Words
) -> dict[str, object]:
    known = Typed.known(offering)
    why = belief(offering.basis if offering else None, offering.verified_at if offering else None, now, words)
    return {
        "code": amenity.code,
        "name": words.pick(amenity.zh, amenity.en),
        "icon": amenity.icon,
        "row": typed or known,
        "was": known.text,
        "belief": why.text,
        "is_due": why.is_due,
    }
