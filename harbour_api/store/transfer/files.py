"""A file that somebody sent as a sheet of cells: XLSX or CSV, told apart by its first bytes and not by what it says.

One rule: a text is UTF-8 or it is refused by the name of what it is. To guess would be to store garbled names.
"""

from __future__ import annotations

import csv
import io

from harbour_api.domain.sheet import MOST_COLUMNS, MOST_ROWS, Cell, Reject, Sheet, SheetRefused
from harbour_api.store.seed_rows import guessed_coding, is_utf16
from harbour_api.store.transfer.workbook import read_workbook

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
HOW_TO_SAVE = "in Excel or WPS choose Save as, and there XLSX or CSV UTF-8"


def read_sheet(raw: bytes) -> Sheet:
    """Return the cells of a file; SheetRefused where it cannot be read, TooLarge where it unpacks to too much."""
    if not raw.strip():
        raise SheetRefused([Reject("the file is empty")])
    if raw.startswith(OLE):
        raise SheetRefused([Reject("is an old XLS file or one with a password; save it as XLSX without one")])
    return read_workbook(raw) if raw.startswith(ZIP) else _read_csv(raw)


def _read_csv(raw: bytes) -> Sheet:
    rows: list[list[Cell]] = []
    reader = csv.reader(io.StringIO(_text(raw), newline=""), strict=True)
    try:
        for row in reader:
            rows.append(list(row))
            _check_size(len(rows), len(row))
    except csv.Error:
        broken = "broken CSV, often a quotation mark too many or too few"
        raise SheetRefused([Reject(broken, len(rows) + 1)]) from None
    return Sheet(rows)


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = None if is_utf16(raw) else raw.count(b"\n", 0, error.start) + 1
        raise SheetRefused([Reject(f"not UTF-8, but {guessed_coding(raw)}; {HOW_TO_SAVE}", row)]) from None
    if is_utf16(raw):
        raise SheetRefused([Reject(f"not UTF-8, but {guessed_coding(raw)}; {HOW_TO_SAVE}")])
    return text


def _check_size(n_rows: int, n_columns: int) -> None:
    if n_columns > MOST_COLUMNS:
        raise SheetRefused([Reject(f"a sheet may have {MOST_COLUMNS} columns at most", n_rows)])
    if n_rows > MOST_ROWS + 1:
        raise SheetRefused([Reject(f"a sheet may have {MOST_ROWS} rows at most", n_rows)])
