"""A sheet's cells: formulas are taken out of use and come back as they were, and every form is read strictly."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour_api.domain.place import Datum
from harbour_api.domain.sheet import COLUMNS, Cell, Kind, Line, Reject, Sheet, defused, letters, restored

TRIGGERS = "=+-@\t\r＝＋－＠"
MIDNIGHT = datetime.fromisoformat("2026-11-23")  # as a spreadsheet has it: of no zone
anything = st.one_of(st.text(), st.builds(str.__add__, st.sampled_from([*TRIGGERS, "'", "''", "'="]), st.text()))


def line_of(cell: Cell, column: str = "x") -> Line:
    return Line(5, {column: cell}, {column: "C"}, [])


@given(anything)
def test_what_was_defused_comes_back_as_it_was(text: str) -> None:
    assert restored(defused(text)) == text


@given(anything)
def test_nothing_defused_begins_as_a_formula_could(text: str) -> None:
    assert not defused(text).startswith(tuple(TRIGGERS))


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_called_as_spreadsheets_call_them(column: int, name: str) -> None:
    assert letters(column) == name


@pytest.mark.parametrize("cell", ["2026-11-23", " 2026-11-23 ", date(2026, 11, 23), MIDNIGHT])
def test_a_day_is_an_iso_date_or_a_cell_known_to_be_a_date(cell: Cell) -> None:
    assert line_of(cell).day("x") == date(2026, 11, 23)


@pytest.mark.parametrize(
    "cell",
    [
        46349,
        46349.0,
        "46349",
        "2026/11/23",
        "23.11.2026",
        "2026-02-29",
        "2026-11-23T00:00",
        "２０２６-11-23",
        True,
        None,
        MIDNIGHT.replace(hour=8),
        time(8),
        "",
        "1066-10-14",
    ],
)
def test_whatever_else_might_be_a_day_is_rejected_by_its_cell(cell: Cell) -> None:
    line = line_of(cell)
    assert line.day("x") is None
    [reject] = line.rejects
    assert (reject.row, reject.column, reject.cell) == (5, "x", "C5")


@pytest.mark.parametrize(("cell", "value"), [(0, 0), (7.0, 7), ("7", 7), (" 7 ", 7), (None, None), ("", None)])
def test_a_whole_number_is_one_of_its_spreadsheet_or_digits(cell: Cell, value: int | None) -> None:
    line = line_of(cell)
    assert line.whole("x", 1000) == value
    assert line.rejects == []


@pytest.mark.parametrize(
    "cell", [-1, 7.5, 1001, 1e300, float("nan"), True, "-1", "7.0", "1e2", "７", "٧", date(2026, 1, 1)]
)
def test_a_count_that_is_none_is_rejected(cell: Cell) -> None:
    line = line_of(cell)
    assert line.whole("x", 1000) is None
    assert len(line.rejects) == 1


@pytest.mark.parametrize(
    "cell", ["a\nb", "a\0b", "\ud800", "\u202eabc", "a\u2028b", "x" * 41, 5, True, date(2026, 1, 1)]
)
def test_a_text_is_one_printable_line_of_bounded_length_and_no_number(cell: Cell) -> None:
    line = line_of(cell)
    assert line.text("x", 40) is None
    assert len(line.rejects) == 1


@pytest.mark.parametrize(
    ("cell", "text"),
    [("'=1+1", "=1+1"), ("'+86 760", "+86 760"), ("'s", "'s"), ("石岐　街道", "石岐　街道"), (" ", None)],
)
def test_a_text_is_read_as_it_was_before_it_was_defused(cell: str, text: str | None) -> None:
    assert line_of(cell).text("x", 40) == text


def test_a_code_of_digits_may_have_become_a_number() -> None:
    assert line_of(442000002.0).code("x") == "442000002"
    assert line_of("ZS001").code("x") == "ZS001"


@pytest.mark.parametrize("cell", ["113,38", "1e2", "113°", "NaN", float("inf"), None, True, "１１３.3"])
def test_degrees_are_plain_figures(cell: Cell) -> None:
    line = line_of(cell)
    assert line.degrees("x") is None
    assert len(line.rejects) == 1


def test_a_word_that_is_none_of_the_list_is_told_the_list() -> None:
    line = line_of("mercator")
    assert line.word("x", Datum) is None
    assert "wgs84, gcj02, bd09" in line.rejects[0].reason


def read(rows: list[list[Cell]], kind: Kind = Kind.OFFERINGS) -> tuple[list[Line], list[Reject]]:
    rejects: list[Reject] = []
    return list(Sheet(rows).lines(kind, rejects)), rejects


def test_columns_may_stand_in_any_order_and_be_left_out() -> None:
    lines, rejects = read([["State", "amenity", "", "station"], ["yes", "wifi", None, "ZS001"], [None] * 4, []])
    assert rejects == []
    [line] = lines
    assert (line.number, line.text("station", 9), line.has("count")) == (2, "ZS001", False)


@pytest.mark.parametrize(
    ("header", "where"),
    [
        (["station", "amenity", "state", "colour"], "D1"),
        (["station", "amenity", "state", "state"], "D1"),
        (["station", "amenity"], None),
        ([], None),
        (["station;amenity;state"], "A1"),
        (["station", "amenity", "state", 5], "D1"),
        ([*COLUMNS[Kind.OFFERINGS], *(f"x{n}" for n in range(10_001))], None),
    ],
)
def test_a_header_of_another_kind_is_rejected_and_no_row_is_read(header: list[Cell], where: str | None) -> None:
    lines, rejects = read([header, ["ZS001", "wifi", "yes", "x"]])
    assert lines == []
    assert where in {reject.cell for reject in rejects}


def test_a_row_that_was_cut_short_is_rejected() -> None:
    lines, rejects = read([["station", "amenity", "state"], ["ZS001", "wifi"]])
    assert lines == []
    assert rejects == [Reject("has 2 cells where the header has 3", 2)]
