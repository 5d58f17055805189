"""The days in which a thing is there: what may be said, and where a day stands to them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from harbour_api.domain.problems import Invalid
from harbour_api.domain.season import MOST_DAYS, Phase, Season

FIRST, LAST = date(2027, 6, 7), date(2027, 6, 9)


def test_both_days_are_in_it() -> None:
    exams = Season(FIRST, LAST)
    days = [FIRST + timedelta(days=ahead) for ahead in range(-1, 4)]
    assert [exams.phase(day) for day in days] == [Phase.COMING, Phase.ON, Phase.ON, Phase.ON, Phase.OVER]


def test_it_is_near_from_a_fortnight_before_until_it_is_over() -> None:
    exams = Season(FIRST, LAST)
    told = [exams.is_near(FIRST + timedelta(days=ahead)) for ahead in (-15, -14, 0, 2, 3)]
    assert told == [False, True, True, True, False]


def test_any_two_days_of_a_year_make_a_season_and_none_is_none() -> None:
    assert Season.between(FIRST, FIRST) == Season(FIRST, FIRST)
    assert Season.between(FIRST, FIRST + timedelta(days=MOST_DAYS - 1)) is not None
    assert Season.between(None, None) is None


@pytest.mark.parametrize(
    ("first", "last", "pointer"),
    [
        (FIRST, None, "/to"),
        (None, LAST, "/from"),
        (LAST, FIRST, "/to"),
        (FIRST, FIRST + timedelta(days=MOST_DAYS), "/to"),
        (date(1999, 12, 31), date(2000, 1, 1), "/from"),
        (date(2199, 12, 31), date(2200, 1, 1), "/to"),
    ],
)
def test_what_makes_no_season_is_refused_at_the_day_that_is_wrong(
    first: date | None, last: date | None, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        Season.between(first, last)
    assert [fault.pointer for fault in refused.value.errors] == [pointer]
