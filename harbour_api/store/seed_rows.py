"""One seed file as checked rows: people edit these files in spreadsheets, which break them in many quiet ways.

The rule to keep: nothing is raised half-way. Every fault goes to the one list with its file, line and column, and a
faulty cell yields a stand-in, so that the rest of its row is still checked; a seed with any fault is never handed out.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from harbour_api.domain.place import Place

W = TypeVar("W", bound=StrEnum)
MAX_CELL = 500
STAND_IN = Place(0.0, 0.0)
PINYIN = re.compile(r"[a-z]+( [a-z]+)*")  # of a whole name, syllables apart
_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
_SURPRISES = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp"})  # no eye sees them, and every comparison trips over them


@dataclass(frozen=True, slots=True)
class SeedFault:
    """One thing wrong with the seed, and where: in the whole file if it has no line, the whole line if no column."""

    file: str
    message: str
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        line = f" line {self.line}" if self.line is not None else ""
        column = f", {self.column}" if self.column is not None else ""
        return f"{self.file}{line}{column}: {self.message}"


class SeedRefused(Exception):
    """The seed is not taken; `faults` are all that was found, and the text has them one a line."""

    def __init__(self, faults: tuple[SeedFault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file. Asking it for a value of some form checks that form and notes a fault if it is not met."""

    file: str
    line: int
    cells: Mapping[str, str]
    faults: list[SeedFault]

    def fault(self, column: str, message: str) -> None:
        """Note a fault of this row."""
        self.faults.append(SeedFault(self.file, message, self.line, column))

    def text(self, column: str) -> str:
        """Return a cell that must not be empty."""
        if not self.cells[column]:
            self.fault(column, "must not be empty")
        return self.cells[column]

    def optional(self, column: str) -> str | None:
        """Return a cell, None where it is empty."""
        return self.cells[column] or None

    def listed(self, column: str) -> tuple[str, ...]:
        """Return the parts between semicolons; an empty cell is an empty list."""
        parts = tuple(self.cells[column].split(";")) if self.cells[column] else ()
        if any(part != part.strip() or not part for part in parts) or len(set(parts)) < len(parts):
            self.fault(column, f"{self.cells[column]!r} is no list of different words with single semicolons between")
        return parts

    def matching(self, column: str, form: re.Pattern[str], example: str) -> str:
        """Return a cell of a given form; the example goes into the fault."""
        value = self.text(column)
        if value and not form.fullmatch(value):
            self.fault(column, f"{value!r} does not have the form of {example}")
        return value

    def one_of(self, column: str, words: Collection[str]) -> str:
        """Return a cell that must be one of these words."""
        value = self.text(column)
        if value and value not in words:
            self.fault(column, f"{value!r} is not one of {', '.join(sorted(words))}")
        return value

    def word(self, column: str, words: type[W]) -> W:
        """Return a cell as a word of the domain."""
        value = self.one_of(column, [word.value for word in words])
        return next((word for word in words if word.value == value), next(iter(words)))

    def known(self, column: str, noun: str, codes: Collection[str]) -> str:
        """Return the code in that column; with no codes at all their own file has failed, and says so itself."""
        value = self.text(column)
        if value and codes and value not in codes:
            self.fault(column, f"no {noun} has the code {value!r}; known codes: {', '.join(sorted(codes))}")
        return value

    def cited(self, keys: Collection[str]) -> str:
        """Return the column `source`, which every row has, after a look at each key it names."""
        self.text("source")
        for key in self.listed("source"):
            if key and keys and key not in keys:
                self.fault("source", f"no source has the key {key!r}; known keys: {', '.join(sorted(keys))}")
        return self.cells["source"]

    def count(self, column: str) -> int | None:
        """Return a cell as a small whole number, None where it is empty."""
        value = self.optional(column)
        if value is None or re.fullmatch(r"[0-9]{1,4}", value):
            return None if value is None else int(value)
        self.fault(column, f"{value!r} is no whole number from 0 to 9999")
        return None

    def place(self) -> Place:
        """Return the place in the columns lon and lat, STAND_IN after a fault."""
        lon, lat = self._degrees("lon"), self._degrees("lat")
        if lon is None or lat is None:
            return STAND_IN
        try:
            return Place.at(lon, lat)
        except ValueError as error:
            hint = "; longitude and latitude look swapped" if abs(lon) <= 90 < abs(lat) <= 180 else ""
            self.fault("lat" if abs(lon) <= 180 else "lon", f"{error}{hint}")
            return STAND_IN

    def _degrees(self, column: str) -> float | None:
        value = self.text(column)
        if _NUMBER.fullmatch(value):
            return float(value)
        if value:
            self.fault(column, f"{value!r} is no number of degrees such as 113.385210")
        return None


@dataclass(frozen=True, slots=True)
class Table:
    """What could be read of one file. `n_rows` counts the lines of bad width too, which `rows` leaves out."""

    file: str
    rows: tuple[Row, ...] = ()
    n_rows: int | None = None

    def codes(self, column: str = "code") -> frozenset[str]:
        """Return every value of a column."""
        return frozenset(row.cells[column] for row in self.rows)

    def keyed(self, *key: str) -> tuple[Row, ...]:
        """Return the rows, after a look that no two share these columns."""
        first_lines: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            value = tuple(row.cells[column] for column in key)
            first = first_lines.setdefault(value, row.line)
            if first != row.line:
                row.fault(key[-1], f"{', '.join(value)!r} stands a second time; first in line {first}")
        return self.rows


def read_table(path: Path, columns: tuple[str, ...], faults: list[SeedFault]) -> Table:
    """Return the rows of a CSV file that has exactly these columns; an unreadable file has none, and n_rows None."""
    text = _decoded(path, faults)
    if text is None:
        return Table(path.name)
    records = _records(path.name, text, faults)
    line, header = next(records, (1, []))
    if tuple(header) != columns:
        faults.append(SeedFault(path.name, _header_message(header, columns), line))
        return Table(path.name)
    found = [_row(path.name, line, record, columns, faults) for line, record in records]
    return Table(path.name, tuple(row for row in found if row is not None), len(found))


def _decoded(path: Path, faults: list[SeedFault]) -> str | None:
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = None if is_utf16(raw) else raw.count(b"\n", 0, error.start) + 1
        faults.append(SeedFault(path.name, f"not UTF-8, but {guessed_coding(raw)}; save it as UTF-8", line))
        return None
    except OSError as error:
        faults.append(SeedFault(path.name, f"the file cannot be read: {error.strerror}"))
        return None
    if is_utf16(raw):
        faults.append(SeedFault(path.name, f"not UTF-8, but {guessed_coding(raw)}; save it as UTF-8"))
        return None
    if not text.endswith(("\n", "\r")):
        faults.append(SeedFault(path.name, "no line break at the end: cut short?", len(text.splitlines()) or 1))
    return text


def is_utf16(raw: bytes) -> bool:
    """Whether bytes look like UTF-16: by their first mark, or a zero byte, which no text of ours has."""
    return raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in raw


def guessed_coding(raw: bytes) -> str:
    """Return, in words, what bytes are that are not UTF-8."""
    if is_utf16(raw):
        return "by its zero bytes or its first mark UTF-16"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return "damaged or in an encoding not recognised"
    return "probably GBK"


def _records(file: str, text: str, faults: list[SeedFault]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(SeedFault(file, f"broken CSV, often a quotation mark too many or too few: {error}", line))
            continue
        yield line, record


def _header_message(header: list[str], columns: tuple[str, ...]) -> str:
    missing = [name for name in columns if name not in header]
    strange = [name for name in header if name not in columns]
    parts = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has unknown {strange!r}"] * bool(strange)
    return f"the header {' and '.join(parts) or 'is out of order'}; it must read {','.join(columns)}"


def _row(file: str, line: int, record: list[str], columns: tuple[str, ...], faults: list[SeedFault]) -> Row | None:
    if len(record) != len(columns):
        faults.append(SeedFault(file, f"{len(record)} cells, expected {len(columns)}", line))
        return None
    row = Row(file, line, dict(zip(columns, record, strict=True)), faults)
    for column, value in row.cells.items():
        _check_clean(row, column, value)
    return row


def _check_clean(row: Row, column: str, value: str) -> None:
    odd = sorted({char for char in value if char == "\N{REPLACEMENT CHARACTER}" or _is_surprise(char)})
    if odd:
        row.fault(column, f"holds invisible or damaged characters: {', '.join(f'U+{ord(char):04X}' for char in odd)}")
    if value != value.strip():
        row.fault(column, "begins or ends with a blank")
    if len(value) > MAX_CELL:
        row.fault(column, f"{len(value)} characters, at most {MAX_CELL} are taken")


def _is_surprise(char: str) -> bool:
    return unicodedata.category(char) in _SURPRISES
