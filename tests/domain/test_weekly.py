"""Weekly hours as a form has them: what is read is written again with the same meaning, and all else is left a text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour_api.domain.hours import DayKind, check_hours, day_kind, spans
from harbour_api.domain.weekly import LAST_MINUTE, Row, Week, row_of

MONDAY = date(2026, 11, 23)
NEW_YEAR, MAKE_UP = date(2026, 10, 1), date(2026, 10, 10)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A day off, or one or two stretches that follow each other."""
    n = draw(st.sampled_from((0, 2, 4)))
    edges = sorted(draw(st.sets(st.integers(0, LAST_MINUTE), min_size=n, max_size=n)))
    return tuple((edges[at], edges[at + 1]) for at in range(0, n, 2))


weeks = st.builds(Week, st.tuples(*[rows()] * 7), st.booleans())


def open_stretches(hours: str, day: date) -> tuple[tuple[int, int], ...]:
    return tuple((span.start, span.end) for span in spans(hours, day) if span.is_open)


@given(weeks)
def test_a_week_is_written_so_that_it_is_read_again_and_every_day_is_open_as_its_row_says(week: Week) -> None:
    hours = check_hours(week.written())
    assert Week.read(hours) == week
    for weekday, row in enumerate(week.rows):
        assert open_stretches(hours, MONDAY + timedelta(days=weekday)) == row
    assert day_kind(NEW_YEAR) is DayKind.HOLIDAY
    on_holiday = () if week.is_off_on_holidays else week.rows[NEW_YEAR.weekday()]
    assert open_stretches(hours, NEW_YEAR) == on_holiday
    assert day_kind(MAKE_UP) is DayKind.MAKE_UP
    assert open_stretches(hours, MAKE_UP) == week.rows[0]


@pytest.mark.parametrize(
    ("hours", "written"),
    [
        ("Mo-Fr 09:00-17:00; PH off", "Mo-Fr 09:00-17:00; PH off"),
        ("Mo-Fr 9:00-12:00,14:00-17:30;Sa 09:00-12:00", "Mo-Fr 09:00-12:00,14:00-17:30; Sa 09:00-12:00"),
        ("Mo-Su 08:00-18:00; We off", "Mo-Tu 08:00-18:00; Th-Su 08:00-18:00"),
        ("Sa-Mo 10:00-12:00", "Mo 10:00-12:00; Sa-Su 10:00-12:00"),
        ("08:00-18:00", "Mo-Su 08:00-18:00"),
        ("off", "Mo-Su off"),
    ],
)
def test_hours_that_fit_the_form_keep_their_meaning(hours: str, written: str) -> None:
    week = Week.read(hours)
    assert week is not None
    assert week.written() == written
    for ahead in range(14):
        day = MONDAY + timedelta(days=ahead)
        assert open_stretches(hours, day) == open_stretches(written, day)


@pytest.mark.parametrize(
    "hours",
    [
        "24/7",
        "Mo-Fr 00:00-24:00",
        "Mo-Fr 22:00-02:00",
        "PH off; Mo-Fr 09:00-17:00",
        "Sa,Su,PH 10:00-17:00",
        "Apr-Oct Mo-Fr 09:00-18:00",
        "Mo-Fr 08:00-10:00,11:00-12:00,13:00-14:00",
        "Mo-Fr 09:00-12:00 || Sa 10:00-11:00",
        "Mo[1] 09:00-12:00",
        "Xx 09:00-12:00",
        "Mo-Fr",
        "",
    ],
)
def test_hours_that_the_form_cannot_say_stay_a_text(hours: str) -> None:
    assert Week.read(hours) is None


@pytest.mark.parametrize(
    "clocks",
    [
        [],
        [("", "")],
        [("17:00", "09:00")],
        [("09:00", "09:00")],
        [("09:00", "12:00"), ("11:00", "13:00")],
        [("09:00", "24:00")],
        [("09:60", "12:00")],
        [("٠٩:٠٠", "12:00")],
        [("08:00", "09:00"), ("10:00", "11:00"), ("12:00", "13:00")],
    ],
)
def test_times_that_make_no_day_are_refused(clocks: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match="must be"):
        row_of(clocks)
