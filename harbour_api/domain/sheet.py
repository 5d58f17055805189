"""A spreadsheet as people fill it in: which columns each kind has, and one line of it as checked values.

The rule to keep: nothing is raised half-way. Every fault becomes a reject that names its cell, and a faulty cell yields
None, so that the rest is still checked; a sheet with any reject is never taken in, not in part either.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias, TypeVar

from harbour_api.domain.station import Audience

W = TypeVar("W", bound=StrEnum)
Cell: TypeAlias = str | float | bool | date | time | timedelta | None

MOST_ROWS = 20_000
MOST_COLUMNS = 100
BLANKS = frozenset("\u00a0\u2002\u2003\u2009\u202f\u3000")  # besides the blank: what Chinese keyboards and Word write
_TRIGGERS = "=+\\-@\t\r＝＋－＠"
_DEFUSABLE = re.compile(f"'*[{_TRIGGERS}]")
_DEFUSED = re.compile(f"'+[{_TRIGGERS}]")
_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
_DAY = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


class Kind(StrEnum):
    """What a sheet is about."""

    STATIONS = "stations"
    OFFERINGS = "offerings"
    DAYS = "days"


COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    Kind.STATIONS: (
        "code", "cnaps", "name", "name_en", "town", "town_name", "lon", "lat", "datum", "location_basis", "address",
        "phone", "access", "status", "opening_hours", "verified_at", "version",
    ),
    Kind.OFFERINGS: (
        "station", "station_name", "amenity", "amenity_name", "state", "count", "note", "from", "to", "basis",
        "verified_at",
    ),
    Kind.DAYS: ("station", "station_name", "day", "total", *(audience.value for audience in Audience), "reason"),
}  # fmt: skip
NEEDED: Mapping[Kind, tuple[str, ...]] = {
    Kind.STATIONS: (),  # `code` or `cnaps` says which one a line is about
    Kind.OFFERINGS: ("station", "amenity", "state"),
    Kind.DAYS: ("station", "day", "total"),
}


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing wrong with a sheet: in the whole of it if there is no row, in the whole row if there is no column.

    `row` and `cell` count as spreadsheets do: the header is row 1, and C5 is the third cell of row 5.
    """

    reason: str
    row: int | None = None
    column: str | None = None
    cell: str | None = None


class SheetRefused(Exception):
    """The sheet is not taken in; `rejects` are all that was found."""

    def __init__(self, rejects: Sequence[Reject]) -> None:
        super().__init__("\n".join(reject.reason for reject in rejects))
        self.rejects = tuple(rejects)


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: whatever could start one has a `'` before it."""
    return f"'{text}" if _DEFUSABLE.match(text) else text


def restored(text: str) -> str:
    """Return what was defused as it was before; every other text as it is."""
    return text[1:] if _DEFUSED.match(text) else text


def letters(column: int) -> str:
    """Return what spreadsheets call a column, counted from 0."""
    head, last = divmod(column, 26)
    return (letters(head - 1) if head else "") + chr(ord("A") + last)


def is_blank(cell: Cell) -> bool:
    """Whether nothing was written into a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet. Asking it for a value of some form checks that form, and notes a reject if it is not met."""

    number: int
    cells: Mapping[str, Cell]
    places: Mapping[str, str]  # the letters of each column
    rejects: list[Reject]

    def reject(self, column: str, reason: str) -> None:
        """Note what is wrong with a cell of this row."""
        where = self.places.get(column)
        self.rejects.append(Reject(reason, self.number, column, f"{where}{self.number}" if where else None))

    def has(self, column: str) -> bool:
        """Whether the sheet has that column at all: one that is left out says nothing, an empty cell does."""
        return column in self.cells

    def is_empty(self, column: str) -> bool:
        """Whether nothing stands there."""
        return is_blank(self.cells.get(column))

    def needed(self, column: str) -> bool:
        """Whether something stands there; where nothing does, that is a reject."""
        if self.is_empty(column):
            self.reject(column, "must not be empty")
        return not self.is_empty(column)

    def text(self, column: str, most: int) -> str | None:
        """Return one line of text, None where nothing stands."""
        cell = self.cells.get(column)
        if is_blank(cell):
            return None
        if not isinstance(cell, str):
            self.reject(
                column, "must be text: numbers lose leading zeros, so format the cell as text and type it again"
            )
            return None
        return self._one_line(column, restored(cell.strip()).strip(), most)

    def code(self, column: str) -> str | None:
        """Return a code; one of digits alone may have become a number in the spreadsheet."""
        cell = self.cells.get(column)
        if isinstance(cell, float | int) and not isinstance(cell, bool) and 0 <= cell < 1e15 and cell == int(cell):
            return str(int(cell))
        return self.text(column, 40)

    def word(self, column: str, words: type[W]) -> W | None:
        """Return a word of the domain."""
        value = self.text(column, 40)
        found = next((word for word in words if word.value == value), None)
        if value is not None and found is None:
            self.reject(column, f"must be one of {', '.join(words)}")
        return found

    def whole(self, column: str, most: int) -> int | None:
        """Return a whole number from 0, None where nothing stands."""
        cell = self.cells.get(column)
        if is_blank(cell):
            return None
        if isinstance(cell, str) and _WHOLE.fullmatch(cell.strip()):
            cell = int(cell)
        if isinstance(cell, float | int) and not isinstance(cell, bool) and 0 <= cell <= most and cell == int(cell):
            return int(cell)
        self.reject(column, f"must be a whole number from 0 to {most}")
        return None

    def degrees(self, column: str) -> float | None:
        """Return degrees; whether they lie on the globe is a Place's to say."""
        cell = self.cells.get(column)
        if isinstance(cell, str) and _NUMBER.fullmatch(text := restored(cell.strip())):
            return float(text)
        if isinstance(cell, float | int) and not isinstance(cell, bool) and math.isfinite(cell):
            return float(cell)
        self.reject(column, "must be degrees such as 113.385210")
        return None

    def day(self, column: str) -> date | None:
        """Return a day: an ISO date, or a cell that its spreadsheet knows to be a date."""
        cell = self.cells.get(column)
        if isinstance(cell, datetime):
            cell = cell.date() if cell.time() == time(0) else None
        if isinstance(cell, date):
            return cell
        if isinstance(cell, str) and _DAY.fullmatch(cell.strip()):
            try:
                return date.fromisoformat(cell.strip())
            except ValueError:
                pass
        self.reject(column, "must be a day such as 2026-11-23; a bare number of days is not taken for one")
        return None

    def _one_line(self, column: str, text: str, most: int) -> str | None:
        if not all(character.isprintable() or character in BLANKS for character in text):
            self.reject(column, "must be one line of printable text")
        elif len(text) > most:
            self.reject(column, f"may have {most} characters at most")
        else:
            return text
        return None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a file, row by row, the header first."""

    rows: Sequence[Sequence[Cell]]

    def lines(self, kind: Kind, rejects: list[Reject]) -> Iterator[Line]:
        """Yield the rows that have anything in them; a header that is not of this kind is a reject, and none follow."""
        header = self.rows[0] if self.rows else ()
        places = _columns(header, kind, rejects)
        if rejects:
            return
        by_name = [(name, position) for position, cell in enumerate(header) if (name := _name(cell))]
        for number, row in enumerate(self.rows[1:], start=2):
            if all(is_blank(cell) for cell in row):
                continue
            if len(row) != len(header):
                rejects.append(Reject(f"has {len(row)} cells where the header has {len(header)}", number))
                continue
            yield Line(number, {name: row[position] for name, position in by_name}, places, rejects)


def _name(cell: Cell) -> str:
    return cell.strip().lower() if isinstance(cell, str) else "" if cell is None else "?"


def _columns(header: Sequence[Cell], kind: Kind, rejects: list[Reject]) -> dict[str, str]:
    """Return where each column stands."""
    places: dict[str, str] = {}
    for position, name in enumerate(map(_name, header[:MOST_COLUMNS])):
        where = letters(position)
        if name in places:
            rejects.append(Reject("stands a second time in the header", 1, name, f"{where}1"))
        elif name in COLUMNS[kind]:
            places[name] = where
        elif name:
            known = ", ".join(COLUMNS[kind])
            rejects.append(Reject(f"is no column of {kind}; its columns are {known}", 1, None, f"{where}1"))
    if len(header) > MOST_COLUMNS:
        rejects.append(Reject(f"a sheet may have {MOST_COLUMNS} columns at most", 1))
    lacking = [name for name in NEEDED[kind] if name not in places]
    if kind is Kind.STATIONS and not places.keys() & {"code", "cnaps"}:
        lacking = ["code"]
    rejects += [Reject("the header lacks this column", 1, name) for name in lacking]
    return places
