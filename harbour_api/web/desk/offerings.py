"""What a station has, as rows of a form: four states each, a count and a note.

One rule: a row left as it was says nothing, so two managers who set different amenities at once both stand.
"""

from __future__ import annotations

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
from harbour_api.web.desk.statement import read_form
from harbour_api.web.house import House
from harbour_api.web.pages.cards import CATEGORIES, EXAM_AMENITY, date_text
from harbour_api.web.pages.station import STATES
from harbour_api.web.words import Words, mark

GROUPS = {**CATEGORIES, "exam": mark("中高考期间")}  # exam support by itself, for its note has the dates


@dataclass(frozen=True, slots=True)
class Typed:
    """One row of the form: an amenity's state, count and note as they were typed."""

    state: str
    count: str
    note: str

    @classmethod
    def sent(cls, fields: Mapping[str, str], amenity: str) -> Typed:
        """Return the row as it was sent."""
        return cls(*(fields.get(f"{name}-{amenity}", "").strip() for name in ("state", "count", "note")))

    @classmethod
    def known(cls, offering: Offering | None) -> Typed:
        """Return the row of what is known."""
        if offering is None:
            return cls(OfferingState.UNKNOWN.value, "", "")
        return cls(offering.state.value, "" if offering.count is None else str(offering.count), offering.note or "")

    @property
    def text(self) -> str:
        """The row as one text, by which the form tells whether it was changed."""
        return "|".join((self.state, self.count, self.note))

    def body(self) -> OfferingBody:
        """Return what the row says, by the bounds of the API; Invalid where it breaks one."""
        if self.state not in set(OfferingState) or not (
            not self.count or (self.count.isascii() and self.count.isdigit())
        ):
            raise Invalid("A row is not valid.")
        count = int(self.count[:9]) if self.count else None
        fields = {"state": OfferingState(self.state), "count": count, "note": self.note or None}
        return read_form(OfferingBody, fields)


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
        rows_said = [Offering(code, one.state, Basis.VERIFIED, one.count, one.note) for code, one in bodies.items()]
        house.facts.set_offerings(station.code, rows_said, by)
    return refused


def groups_of(
    network: Network,
    station: Station,
    reports: Iterable[Report],
    typed: Mapping[str, Typed],
    refused: Iterable[str],
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
