"""Files that are no honest sheet: refused by name before any parser of cells sees them, and nothing is changed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import openpyxl
import pytest

from tests.web.conftest import OWN, Front
from tests.web.test_transfer import rejected, send, state

HEADER = ("station", "day", "total")
GOOD = (OWN, "2026-11-22", 4)
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def lite(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")


def workbook(change: Callable[[Any], None] = lambda _: None, *rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADER, GOOD, *rows):
        book.active.append(row)
    change(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(raw: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """Return an archive with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def merge(sheet: Any) -> None:
    sheet.merge_cells("A2:A3")


def formula(sheet: Any) -> None:
    sheet["C2"] = "=1+3"


def hide_row(sheet: Any) -> None:
    sheet.row_dimensions[2].hidden = True


def hide_column(sheet: Any) -> None:
    sheet.column_dimensions["B"].hidden = True


def serial(sheet: Any) -> None:
    sheet["B2"] = 46348


def wide(sheet: Any) -> None:
    sheet.cell(2, 10_001, "x")


def far(sheet: Any) -> None:
    sheet["A1048576"] = "x"


def another(sheet: Any) -> None:
    sheet.parent.create_sheet("more")


def error(sheet: Any) -> None:
    sheet["C2"] = "#DIV/0!"


def with_macro(parts: dict[str, bytes]) -> None:
    parts["xl/vbaProject.bin"] = b"macro"


def with_doctype(parts: dict[str, bytes]) -> None:
    name = "xl/worksheets/sheet1.xml"
    parts[name] = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + parts[name]


def with_surrogate(parts: dict[str, bytes]) -> None:
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b"station", b"&#xD800;")


def without_workbook(parts: dict[str, bytes]) -> None:
    del parts["xl/workbook.xml"]


def far_by_hand(parts: dict[str, bytes]) -> None:
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b'r="A2"', b'r="XFD1048576"')


TEXT = f"station,day,total\n{OWN},2026-11-22,4\n"
GARBLED = TEXT.replace("total\n", "total,reason\n").replace(",4\n", ",4,石岐街道数错\n")
FILES: dict[str, tuple[bytes, str, str | None]] = {
    "nothing": (b"", "empty", None),
    "blanks": (b" \r\n\r\n", "empty", None),
    "a byte order mark alone": (b"\xef\xbb\xbf", "lacks", None),
    "GBK": (GARBLED.encode("gbk"), "probably GBK", None),
    "UTF-16 with a mark": (TEXT.encode("utf-16"), "UTF-16", None),
    "UTF-16 without one": (TEXT.encode("utf-16-le"), "UTF-16", None),
    "a NUL": (TEXT.replace("4", "4\0").encode(), "zero bytes", None),
    "a surrogate": (TEXT.encode() + b"\xed\xa0\x80,2026-11-21,1\n", "not UTF-8", None),
    "an open quotation mark": (TEXT.encode() + b'"ZS001,2026-11-21,1\n', "quotation", None),
    "10,001 columns": (TEXT.encode() + b"," * 10_000 + b"\n", "100 columns", None),
    "20,001 rows": (b"station,day,total\n" + b"ZS001,2026-11-22,1\n" * 20_001, "20000 rows", None),
    "an old XLS": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "XLS", None),
    "a cut archive": (workbook()[:-900], "damaged", None),
    "an archive of something else": (repacked(workbook(), without_workbook), "damaged", None),
    "macros": (repacked(workbook(), with_macro), "macros", None),
    "a document type": (repacked(workbook(), with_doctype), "document type", None),
    "a surrogate in XML": (repacked(workbook(), with_surrogate), "damaged", None),
    "merged cells": (workbook(merge), "merged", "A2"),
    "a formula": (workbook(formula), "formula", "C2"),
    "a hidden row": (workbook(hide_row), "hidden", None),
    "a hidden column": (workbook(hide_column), "hidden", "B1"),
    "a date as a number": (workbook(serial), "bare number", "B2"),
    "10,001 columns in XLSX": (workbook(wide), "100 columns", None),
    "a cell a million rows down": (workbook(far), "20000 rows", None),
    "a cell that is not where its row is": (repacked(workbook(), far_by_hand), "damaged", None),
    "two sheets": (workbook(another), "one sheet", None),
    "an error": (workbook(error), "error", "C2"),
    "the same row twice": (workbook(lambda _: None, GOOD), "already", "B3"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_honest_sheet_is_refused_by_name(lite: Front, name: str) -> None:
    raw, reason, cell = FILES[name]
    before = state(lite)
    for dry_run in ("true", "false"):
        found = rejected(send(lite, "days", raw, dry_run=dry_run))
        assert any(reason in told and cell in (None, where) for where, told in found), found
    assert state(lite) == before


def test_the_same_file_without_the_fault_is_taken_in(lite: Front) -> None:
    assert send(lite, "days", workbook(), dry_run="true").json()["created"] == 1


def bomb(n_bytes: int, says: int | None = None) -> bytes:
    """Return a workbook with a part of zeros; `says` is what the archive claims it unpacks to."""
    raw = repacked(workbook(), lambda parts: parts.update({"xl/media/image1.png": b"\0" * n_bytes}))
    if says is not None:
        raw = raw.replace(n_bytes.to_bytes(4, "little"), says.to_bytes(4, "little"))
    return raw


def test_a_bomb_is_refused_before_it_is_unpacked_in_whole(lite: Front) -> None:
    before = state(lite)
    assert send(lite, "days", bomb(8 * MIB)).status_code == 413
    assert "damaged" in rejected(send(lite, "days", bomb(8 * MIB, says=1000)))[0][1]
    assert send(lite, "days", repacked(workbook(), many_parts)).status_code == 413
    assert state(lite) == before


def many_parts(parts: dict[str, bytes]) -> None:
    parts.update({f"xl/media/{number}.xml": b"<a/>" for number in range(201)})


def test_a_body_of_ten_mebibytes_is_read_and_one_more_byte_is_not(lite: Front) -> None:
    assert send(lite, "days", b"x" * (10 * MIB)).status_code == 422
    too_large = send(lite, "days", b"x" * (10 * MIB + 1))
    assert (too_large.status_code, "10 MiB" in too_large.json()["detail"]) == (413, True)


def test_whatever_byte_of_a_workbook_is_damaged_it_is_taken_in_whole_or_refused(lite: Front) -> None:
    whole, random = workbook(), Random(35)
    before = state(lite)
    for _ in range(150):
        raw = bytearray(whole)
        raw[random.randrange(len(raw))] ^= random.randrange(1, 256)
        answer = send(lite, "days", bytes(raw), dry_run="true")
        assert answer.status_code in (200, 413, 422), answer.text
        assert answer.status_code != 200 or answer.json()["created"] == 1
    assert state(lite) == before
