"""XLSX, read and written: what calamine and openpyxl are used for, and what must be so before either sees a file.

One rule: a parser is given nothing but what was unpacked and counted here. The parts are looked through for what a
reader of cells would pass over in silence (formulas, hidden rows, merged cells, cells far away) and packed anew, so
that no second reading of a crafted archive can differ from the first.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from xml.parsers import expat

from harbour_api.domain.problems import TooLarge
from harbour_api.domain.sheet import MOST_COLUMNS, MOST_ROWS, Cell, Reject, Sheet, SheetRefused, letters

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_PARTS = 200
MOST_UNPACKED_BYTES = 64 * 1024 * 1024
MOST_RATIO = 100
MOST_ELEMENTS = 5_000_000
MOST_REJECTS = 200
CHUNK = 1024 * 1024
WORKBOOK = "xl/workbook.xml"
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # what XLSX would read as a character by its number


def read_workbook(raw: bytes) -> Sheet:
    """Return the cells of a workbook's one sheet; SheetRefused says what keeps it from being read."""
    parts = _unpacked(raw)
    look = _Look()
    for name, part in parts.items():
        look.at(name, part)
    look.refuse_any()
    return Sheet(_cells(_packed(parts)))


def write_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a workbook of one sheet; every text is typed as one, so that none can become a formula or a date."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    text = WriteOnlyCell(sheet)
    text.number_format = "@"  # so that a spreadsheet leaves what is typed over it a text too
    for row in chain([header], rows):
        sheet.append(_typed(text, cell) for cell in row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _typed(text: Any, value: Cell) -> Any:
    """Return what is to be written of a value: a text goes into the one cell for texts, which is written at once."""
    if not isinstance(value, str):
        return value
    text.value = _ESCAPE.sub("_x005F_", value)
    text.data_type = "s"
    return text


def _unpacked(raw: bytes) -> dict[str, bytes]:
    """Return the XML parts of an archive; TooLarge where it unpacks to more than a sheet of ours can need."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            infos = archive.infolist()
            _check_parts([info.filename for info in infos])
            left, parts = min(MOST_UNPACKED_BYTES, MOST_RATIO * len(raw)), {}
            for info in infos:
                part = _inflated(archive, info, left)
                left -= len(part)
                if info.filename.endswith((".xml", ".rels")):
                    parts[info.filename] = part
            return parts
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise SheetRefused([Reject("is damaged, or no XLSX file")]) from None


def _check_parts(names: Sequence[str]) -> None:
    if len(names) > MOST_PARTS:
        raise TooLarge(f"A workbook may have at most {MOST_PARTS} parts.")
    if len(set(names)) < len(names) or WORKBOOK not in names:
        raise SheetRefused([Reject("is damaged, or no XLSX file")])
    if any("vbaproject" in name.lower() or "macrosheets" in name.lower() for name in names):
        raise SheetRefused([Reject("has macros; save it as XLSX without them")])


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    """Return a part, counted as it is unpacked: what the archive says of its size is not believed."""
    chunks = []
    with archive.open(info) as file:
        while chunk := file.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise TooLarge(f"A workbook may unpack to 64 MiB and to {MOST_RATIO} times its size at most.")
            chunks.append(chunk)
    return b"".join(chunks)


def _packed(parts: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    file.seek(0)
    return file


def _cells(file: io.BytesIO) -> list[list[Cell]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(file) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError):
        raise SheetRefused([Reject("is damaged, or no XLSX file")]) from None
    return [list(row) for row in rows]


class _Look:
    """A look through the parts, of which those whose root is a worksheet are sheets, wherever they lie."""

    def __init__(self) -> None:
        self._rejects: list[Reject] = []
        self._n_sheets = self._n_elements = 0

    def at(self, name: str, part: bytes) -> None:
        """Look through a part, and note what we do not take."""
        self._is_root, self._row, self._column, self._is_sheet = True, 0, -1, False
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            parser.Parse(part, True)
        except expat.ExpatError:
            raise SheetRefused([Reject("is damaged, or no XLSX file")]) from None
        if name == "[Content_Types].xml" and b"macroEnabled" in part:
            raise SheetRefused([Reject("has macros; save it as XLSX without them")])

    def refuse_any(self) -> None:
        """Raise SheetRefused where anything was noted."""
        if self._n_sheets != 1:
            self._rejects.insert(0, Reject("a workbook must have one sheet, so that it is plain which one is meant"))
        if self._rejects:
            raise SheetRefused(self._rejects)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if self._is_root:
            self._is_root, self._is_sheet = False, tag == "worksheet"
            self._n_sheets += self._is_sheet
        self._n_elements += 1
        if self._n_elements > MOST_ELEMENTS:
            raise TooLarge("A workbook may not have that many elements.")
        if self._is_sheet and (look := _LOOKS.get(tag)):
            look(self, attributes)

    def _at_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self._row = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else self._row + 1
        self._column = -1
        if self._row > MOST_ROWS + 1:
            raise SheetRefused([Reject(f"a sheet may have {MOST_ROWS} rows at most", self._row)])
        if _is_true(attributes.get("hidden")):
            self._note("is hidden; show it or delete it", cell=False)

    def _at_cell(self, attributes: dict[str, str]) -> None:
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        if "r" in attributes and (found is None or int(found[2]) != self._row):
            raise SheetRefused([Reject("is damaged, or no XLSX file", self._row)])
        self._column = _column(found[1]) if found else self._column + 1
        if self._column >= MOST_COLUMNS:
            raise SheetRefused([Reject(f"a sheet may have {MOST_COLUMNS} columns at most", self._row)])
        if attributes.get("t") == "e":
            self._note("holds an error of its spreadsheet", cell=True)

    def _at_formula(self, _attributes: dict[str, str]) -> None:
        self._note("is a formula; paste its value in its place", cell=True)

    def _at_merged(self, attributes: dict[str, str]) -> None:
        first = _REFERENCE.match(attributes.get("ref", ""))
        row, cell = (int(first[2]), first[0]) if first else (None, None)
        self._keep(Reject("is merged with its neighbours; undo that", row, None, cell))

    def _at_columns(self, attributes: dict[str, str]) -> None:
        first = attributes.get("min", "")
        if _is_true(attributes.get("hidden")) and first.isascii() and first.isdecimal() and int(first) <= MOST_COLUMNS:
            self._keep(Reject("the column is hidden; show it or delete it", None, None, f"{letters(int(first) - 1)}1"))

    def _note(self, reason: str, *, cell: bool) -> None:
        where = f"{letters(self._column)}{self._row}" if cell and self._column >= 0 else None
        self._keep(Reject(reason, self._row, None, where))

    def _keep(self, reject: Reject) -> None:
        if len(self._rejects) < MOST_REJECTS:
            self._rejects.append(reject)


_LOOKS = {
    "row": _Look._at_row,
    "c": _Look._at_cell,
    "f": _Look._at_formula,
    "mergeCell": _Look._at_merged,
    "col": _Look._at_columns,
}


def _refuse_doctype(*_: object) -> None:
    raise SheetRefused([Reject("is damaged, or no XLSX file: it declares a document type")])


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")


def _column(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
