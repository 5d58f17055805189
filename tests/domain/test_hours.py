"""Open or not: held against the State Council's notices, and next_change against an evaluation minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbour_api.domain.hours import ZONE, DayKind, Opening, check_hours, day_kind, local_day, opening, spans
from harbour_api.domain.station import Closure, Station, Status
from tests.domain.notices import DAYS_OFF, FIRST, LAST, MAKE_UP_DAYS, days
from tests.domain.test_station import station

USUAL = "Mo-Fr 09:00-17:00; PH off"
YEARS = days(FIRST, LAST)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def shut(first: str, last: str) -> Closure:
    return Closure(1, local(first), local(last), "works")


def hours_on(hours: str, day: date) -> list[str]:
    """Return the stretches in which it is open that day, as one writes them."""
    opened = [span for span in spans(hours, day) if span.is_open]
    return [f"{s.start // 60:02}:{s.start % 60:02}-{s.end // 60:02}:{s.end % 60:02}" for s in opened]


def is_open(told: Station, text: str) -> bool | None:
    return opening(told, local(text)).is_open


def kind_by_notice(day: date) -> DayKind:
    if day in DAYS_OFF:
        return DayKind.HOLIDAY
    return DayKind.MAKE_UP if day in MAKE_UP_DAYS else DayKind.REGULAR


def works_by_notice(day: date) -> bool:
    return day in MAKE_UP_DAYS or (day.weekday() < 5 and day not in DAYS_OFF)


def test_every_day_of_both_years_is_classed_as_the_notices_say() -> None:
    assert {day: day_kind(day) for day in YEARS} == {day: kind_by_notice(day) for day in YEARS}


def test_the_usual_hours_follow_the_notices_on_every_day_of_both_years() -> None:
    wanted = {day: ["09:00-17:00"] if works_by_notice(day) else [] for day in YEARS}
    assert {day: hours_on(USUAL, day) for day in YEARS} == wanted


@pytest.mark.parametrize("day", sorted(MAKE_UP_DAYS))
def test_a_make_up_day_counts_as_a_monday(day: date) -> None:
    assert hours_on("Mo 08:30-17:00; Tu-Fr 09:00-17:00; Sa,Su 10:00-12:00", day) == ["08:30-17:00"]


@pytest.mark.parametrize("day", sorted(DAYS_OFF))
def test_every_day_of_a_holiday_has_the_holidays_hours(day: date) -> None:
    assert hours_on("Mo-Su 09:00-17:00; PH 10:00-12:00", day) == ["10:00-12:00"]
    assert hours_on("PH,Su 10:00-16:00", day) == ["10:00-16:00"]


@pytest.mark.parametrize("day", sorted(DAYS_OFF))
def test_hours_that_say_nothing_of_holidays_go_by_the_weekday(day: date) -> None:
    assert hours_on("Mo-Fr 09:00-17:00", day) == (["09:00-17:00"] if day.weekday() < 5 else [])


@pytest.mark.parametrize("day", YEARS[:: len(YEARS) // 40] + sorted(DAYS_OFF | MAKE_UP_DAYS))
def test_a_season_keeps_its_hours_on_holidays_and_make_up_days_too(day: date) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    hours = "; ".join(f"{month} Mo-Su {number:02}:00-23:00" for number, month in enumerate(months, start=1))
    assert hours_on(hours, day) == [f"{day.month:02}:00-23:00"]


def test_hours_of_one_year_hold_on_its_holidays() -> None:
    hours = "Mo-Fr 09:00-17:00; PH off; 2026 Oct 01-2026 Oct 07 10:00-12:00"
    assert hours_on(hours, date(2026, 10, 5)) == ["10:00-12:00"]
    assert hours_on(hours, date(2025, 10, 6)) == []


@pytest.mark.parametrize(
    ("hours", "day", "wanted"),
    [
        ("Mo-Fr 09:00-12:00,14:30-17:00; PH off", date(2026, 11, 23), ["09:00-12:00", "14:30-17:00"]),
        ("Mo-Fr 09:00-17:00; Sa 09:00-12:00; PH off", date(2026, 11, 21), ["09:00-12:00"]),
        ("Mo-Fr 09:00-17:00; Sa 09:00-12:00; PH off", date(2026, 2, 21), []),
        ("24/7", date(2026, 10, 1), ["00:00-24:00"]),
        ("24/7; PH off", date(2026, 10, 1), []),
        ("Mo-Fr 22:00-02:00; PH off", date(2026, 11, 24), ["00:00-02:00", "22:00-24:00"]),
        ("Mo-Fr 22:00-02:00; PH off", date(2026, 11, 21), ["00:00-02:00"]),
        ("PH 22:00-02:00", date(2026, 10, 1), ["22:00-24:00"]),
        ("PH 22:00-02:00", date(2026, 10, 2), ["00:00-02:00", "22:00-24:00"]),
        ("PH 22:00-02:00", date(2026, 10, 8), ["00:00-02:00"]),  # the holiday's last night
    ],
)
def test_hours_are_read_as_one_would_read_them_at_the_door(hours: str, day: date, wanted: list[str]) -> None:
    assert hours_on(hours, day) == wanted


def test_hours_somebody_must_be_asked_about_are_not_known() -> None:
    told = station(opening_hours='Mo-Fr 09:00-17:00; Sa unknown "ask"; PH off')
    assert is_open(told, "2026-11-21 10:00") is None


@pytest.mark.parametrize("day", [date(2003, 12, 31), date(2027, 1, 1), date(2027, 6, 15), date(2190, 1, 1)])
def test_beyond_the_notices_nothing_is_known_not_even_around_the_clock(day: date) -> None:
    assert day_kind(day) is DayKind.UNKNOWN
    for hours in (USUAL, "24/7", "off"):
        assert opening(station(opening_hours=hours), datetime.combine(day, time(12), ZONE)).is_open is None


def test_the_end_of_what_is_known_is_foreseen_as_a_change() -> None:
    told = station(opening_hours="24/7")
    assert opening(told, local("2026-06-01 12:00")) == Opening(True, local("2027-01-01 00:00"))
    assert opening(told, local("2027-01-01 00:00")) == Opening(None, None)


def test_without_hours_nothing_is_known_but_closures_are() -> None:
    told = station(opening_hours=None, closures=(shut("2026-11-23 08:00", "2026-11-30 18:00"),))
    assert opening(told, local("2026-11-20 10:00")) == Opening(None, local("2026-11-23 08:00"))
    assert opening(told, local("2026-11-25 10:00")) == Opening(False, local("2026-11-30 18:00"))
    assert opening(told, local("2026-12-01 10:00")) == Opening(None, None)


@pytest.mark.parametrize("status", [Status.SUSPENDED, Status.RETIRED])
def test_a_station_that_does_not_operate_is_shut_and_no_change_is_foreseen(status: Status) -> None:
    assert opening(station(opening_hours="24/7", status=status), local("2026-11-23 10:00")) == Opening(False, None)


def test_the_local_day_turns_at_sixteen_hours_utc() -> None:
    assert local_day(datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)) == date(2026, 9, 30)
    assert local_day(datetime(2026, 9, 30, 16, 0, 0, tzinfo=UTC)) == date(2026, 10, 1)
    told = station(opening_hours="24/7; PH off")
    assert opening(told, datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)) == Opening(True, local("2026-10-01 00:00"))
    assert opening(told, datetime(2026, 9, 30, 16, 0, 0, tzinfo=UTC)) == Opening(False, local("2026-10-08 00:00"))


@pytest.mark.parametrize(
    ("at", "wanted"),
    [("08:59:59.999999", False), ("09:00:00", True), ("16:59:59.999999", True), ("17:00:00", False)],
)
def test_the_first_moment_is_in_and_the_last_is_out(at: str, wanted: bool) -> None:
    assert is_open(station(opening_hours=USUAL), f"2026-11-23 {at}") is wanted


def test_before_a_long_holiday_the_next_change_lies_beyond_it() -> None:
    told = station(opening_hours=USUAL)
    assert opening(told, local("2026-02-14 10:00")) == Opening(True, local("2026-02-14 17:00"))  # a make-up Saturday
    assert opening(told, local("2026-02-14 17:00")) == Opening(False, local("2026-02-24 09:00"))


CLOSED_A_WHILE = station(
    opening_hours="Mo-Fr 09:00-12:00,14:00-17:00; PH off",
    closures=(shut("2026-11-23 10:00", "2026-11-23 15:00"), shut("2026-11-23 14:30", "2026-11-24 11:00:30")),
)


@pytest.mark.parametrize(
    ("at", "wanted", "change"),
    [
        ("2026-11-23 09:30", True, "2026-11-23 10:00"),
        ("2026-11-23 10:00", False, "2026-11-24 11:00:30"),
        ("2026-11-23 14:45", False, "2026-11-24 11:00:30"),
        ("2026-11-24 11:00:29", False, "2026-11-24 11:00:30"),
        ("2026-11-24 11:00:30", True, "2026-11-24 12:00"),
    ],
)
def test_a_closure_overrides_the_hours_from_its_first_moment_to_before_its_last(
    at: str, wanted: bool, change: str
) -> None:
    assert opening(CLOSED_A_WHILE, local(at)) == Opening(wanted, local(change))


def test_a_closure_beyond_any_horizon_is_foreseen() -> None:
    told = station(opening_hours="24/7", closures=(shut("2030-01-01 00:00", "2030-02-01 00:00"),))
    assert opening(told, local("2028-06-01 12:00")) == Opening(None, local("2030-01-01 00:00"))


CALENDARS = {
    "usual": station(opening_hours=USUAL),
    "lunch": station(opening_hours="Mo-Fr 09:00-12:00,14:30-17:00; Sa 09:00-12:00; PH off"),
    "nights": station(opening_hours="Mo-Sa 20:00-02:30; PH off"),
    "seasons": station(opening_hours="May-Sep Mo-Fr 08:30-18:00; Oct-Apr Mo-Fr 09:00-17:00; PH 10:00-12:00"),
    "doubt": station(opening_hours='Mo-Fr 09:00-17:00; Sa unknown "ask"; PH off'),
    "closed a while": CLOSED_A_WHILE,
    "around the clock": station(opening_hours="24/7", closures=CLOSED_A_WHILE.closures),
}


def by_the_minute(told: Station, day: date, minute: int) -> bool | None:
    """Decide anew, from the day's stretches and the closures alone."""
    at = datetime.combine(day, time(), ZONE) + timedelta(minutes=minute)
    if any(closure.starts_at <= at < closure.ends_at for closure in told.closures):
        return False
    (state,) = [s.is_open for s in spans(told.opening_hours or "", day) if s.start <= minute < s.end]
    return state


@pytest.mark.parametrize("name", CALENDARS)
def test_a_year_walked_from_change_to_change_misses_none_and_invents_none(name: str) -> None:
    told, at, end = CALENDARS[name], local("2026-01-01 00:00"), local("2027-01-01 00:00")
    seen = opening(told, at)
    while seen.next_change is not None and seen.next_change < end:
        following = opening(told, seen.next_change)
        before = opening(told, seen.next_change - timedelta(microseconds=1))
        middle = opening(told, at + (seen.next_change - at) / 2)
        assert before.is_open is middle.is_open is seen.is_open is not following.is_open
        assert before.next_change == middle.next_change == seen.next_change
        at, seen = seen.next_change, following
    assert seen.next_change == end


@pytest.mark.parametrize("name", CALENDARS)
@given(day=st.sampled_from(YEARS[365:]), minute=st.integers(0, 1439))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_until_the_next_change_every_minute_has_the_same_answer(name: str, day: date, minute: int) -> None:
    told, at = CALENDARS[name], datetime.combine(day, time(), ZONE) + timedelta(minutes=minute)
    seen = opening(told, at)
    assert seen.is_open is by_the_minute(told, day, minute)
    assert seen.next_change is not None
    while at < seen.next_change:
        assert by_the_minute(told, at.date(), at.hour * 60 + at.minute) is seen.is_open
        at += timedelta(minutes=30 if seen.next_change - at > timedelta(hours=1) else 1)


@pytest.mark.parametrize("hours", [USUAL, "24/7", "Mo-Fr 09:00-12:00,14:00-17:00; PH,Su off", "off"])
def test_hours_are_handed_back_as_they_were_written(hours: str) -> None:
    assert check_hours(hours) == hours


@pytest.mark.parametrize("hours", ["", " ", "9 to 5", "Mo-Fr 25:00-99:00", "周一至周五 9:00-17:00", f"{USUAL}\x00"])
def test_what_is_no_opening_hours_syntax_is_refused(hours: str) -> None:
    with pytest.raises(ValueError, match="not in the OSM opening_hours syntax"):
        check_hours(hours)


@pytest.mark.parametrize("hours", ['"call us"', 'Mo-Fr 09:00-17:00 "ask"', "sunrise-sunset", "Mo-Fr 09:00+"])
def test_hours_the_library_would_have_to_guess_at_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match="give plain times"):
        check_hours(hours)


@pytest.mark.parametrize("hours", ["Mo-Fr 09:00-17:00; PH +1 day off", "PH Mo-Fr 10:00-12:00"])
def test_holidays_shifted_or_narrowed_are_refused_when_written_not_when_read(hours: str) -> None:
    with pytest.raises(ValueError, match="PH must stand alone"):
        check_hours(hours)
