"""Statistics: the rules one by one, then held against a naive recomputation from the raw entries."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbour_api.domain.hours import ZONE, local_day
from harbour_api.domain.place import Place
from harbour_api.domain.station import Audience, Basis, Closure, Station, Status
from harbour_api.domain.statistics import Group, GroupBy, visit_statistics
from harbour_api.domain.tally import DayTotal, Entry, Source, day_totals

FRIDAY = date(2026, 11, 20)
SATURDAY, SUNDAY, MONDAY = (FRIDAY + timedelta(days=n) for n in (1, 2, 3))
MONTH_END = date(2026, 11, 30)
COURIER, TAXI = Audience.COURIER, Audience.TAXI_DRIVER
OFFICE = "Mo-Fr 09:00-17:00; PH off"


def station(code: str = "ZS001", town: str = "442000001", **facts: object) -> Station:
    plain = Station(code, "", "", "", town, Place.at(113.4, 22.5), Basis.PLACEHOLDER, opening_hours=OFFICE)
    return dataclasses.replace(plain, **facts)  # type: ignore[arg-type]


def closed(first: datetime, last: datetime) -> Closure:
    return Closure(1, first, last, "painting")


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZONE)


def told(*totals: DayTotal, group_by: GroupBy = GroupBy.NETWORK, **more: object) -> list[Group]:
    """The groups of one station, Friday to Monday, asked on Monday."""
    facts = {"stations": [station()], "span": (FRIDAY, MONDAY), "today": MONDAY, **more}
    return visit_statistics(days={"ZS001": totals}, group_by=group_by, **facts)  # type: ignore[arg-type]


def reported(day: date, total: int, *, is_sample: bool = False) -> DayTotal:
    return DayTotal(day, total, {COURIER: total}, is_sample)


def test_where_nothing_is_recorded_the_total_is_none_and_not_zero() -> None:
    assert told() == [Group("network", None, 0, 2, 0, None)]


def test_an_explicit_zero_is_a_record() -> None:
    assert told(reported(FRIDAY, 0)) == [Group("network", 0, 1, 2, 0, 0.0)]


def test_missing_days_stay_out_of_the_mean() -> None:
    assert told(reported(FRIDAY, 7), DayTotal(MONDAY, None, {})) == [Group("network", 7, 1, 2, 0, 7.0)]


def test_samples_are_told_apart_and_count_only_where_asked_for() -> None:
    days = (reported(FRIDAY, 4), reported(SATURDAY, 9, is_sample=True))

    assert told(*days) == [Group("network", 4, 1, 2, 1, 4.0)]
    assert told(*days, include_sample=True) == [Group("network", 13, 1, 2, 1, 6.5)]


def test_samples_alone_leave_the_total_unknown() -> None:
    assert told(reported(FRIDAY, 9, is_sample=True)) == [Group("network", None, 0, 2, 1, None)]


def test_a_closed_day_is_expected_of_whoever_recorded_it_all_the_same() -> None:
    assert told(reported(SUNDAY, 2)) == [Group("network", 2, 1, 3, 0, 2.0)]


@pytest.mark.parametrize(
    ("facts", "n_expected"),
    [
        ({}, 2),
        ({"opening_hours": None}, 4),
        ({"opening_hours": "24/7"}, 4),
        ({"status": Status.SUSPENDED}, 0),
        ({"status": Status.RETIRED}, 0),
        ({"closures": (closed(at(FRIDAY, 9), at(FRIDAY, 17)),)}, 1),
        ({"closures": (closed(at(FRIDAY, 9), at(FRIDAY, 16)),)}, 2),
        ({"closures": (closed(at(FRIDAY, 12), at(FRIDAY, 17)), closed(at(FRIDAY, 0), at(FRIDAY, 12)))}, 1),
        ({"closures": (closed(at(FRIDAY, 0), at(MONDAY, 23)),)}, 0),
        ({"closures": (closed(at(FRIDAY, 0), at(SATURDAY, 0)),), "opening_hours": None}, 3),
    ],
)
def test_a_day_is_expected_unless_hours_and_closures_leave_no_open_minute(
    facts: dict[str, object], n_expected: int
) -> None:
    [group] = told(stations=[station(**facts)])
    assert group.n_expected == n_expected


def test_holidays_and_make_up_days_decide_as_they_do_for_opening() -> None:
    golden_week = told(span=(date(2026, 10, 1), date(2026, 10, 10)), group_by=GroupBy.DAY)
    assert [group.key for group in golden_week if group.n_expected] == ["2026-10-08", "2026-10-09", "2026-10-10"]


def test_days_to_come_are_not_expected_yet() -> None:
    groups = told(span=(FRIDAY, MONDAY + timedelta(days=1)), today=FRIDAY, group_by=GroupBy.DAY)
    assert [group.n_expected for group in groups] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("group_by", "keys"),
    [
        (GroupBy.NETWORK, ["network"]),
        (GroupBy.STATION, ["ZS001"]),
        (GroupBy.TOWN, ["442000001"]),
        (GroupBy.AUDIENCE, [audience.value for audience in Audience]),
        (GroupBy.DAY, ["2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04"]),
        (GroupBy.WEEK, ["2026-W53", "2027-W01"]),
        (GroupBy.MONTH, ["2026-12", "2027-01"]),
        (GroupBy.WEEKDAY, ["1", "4", "5", "6", "7"]),
    ],
)
def test_every_key_of_a_span_has_its_group_also_where_nothing_was_recorded(group_by: GroupBy, keys: list[str]) -> None:
    groups = told(span=(date(2026, 12, 31), date(2027, 1, 4)), group_by=group_by)
    assert [group.key for group in groups] == keys


def test_without_a_station_there_is_nothing_but_the_audiences() -> None:
    assert told(stations=[]) == []
    assert [group.total for group in told(stations=[], group_by=GroupBy.AUDIENCE)] == [None] * len(Audience)


def test_whoever_recorded_a_day_recorded_it_for_every_audience() -> None:
    groups = {group.key: group for group in told(reported(FRIDAY, 3), group_by=GroupBy.AUDIENCE)}
    assert groups[COURIER] == Group(COURIER, 3, 1, 2, 0, 3.0)
    assert groups[TAXI] == Group(TAXI, 0, 1, 2, 0, 0.0)


STATIONS = (
    station("ZS001", "442000001"),
    station("ZS002", "442000002", opening_hours=None, closures=(closed(at(MONTH_END, 0), at(date(2026, 12, 2), 0)),)),
    station("ZS003", "442000002", opening_hours="Mo-Su 20:00-02:00", closures=(closed(at(FRIDAY, 1), at(MONDAY, 23)),)),
    station("ZS004", "442000003", status=Status.SUSPENDED),
)
EDGES = (date(2025, 12, 31), date(2026, 10, 31), MONTH_END, FRIDAY)


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Entries around midnight at the ends of months and years, corrections, samples and zeros among them."""
    made: list[Entry] = []
    for id in range(1, draw(st.integers(0, 16)) + 1):
        firsts = [known for known in made if known.corrects is None]
        if firsts and draw(st.integers(0, 2)) == 0:
            first = draw(st.sampled_from(firsts))
            changed = {"id": id, "count": draw(st.integers(0, 3)), "corrects": first.id, "reason": "miscounted"}
            made.append(dataclasses.replace(first, source=Source.MANAGER, **changed))  # type: ignore[arg-type]
            continue
        minutes = draw(st.integers(-3 * 1440, 3 * 1440))
        moment = at(draw(st.sampled_from(EDGES)), 0) + timedelta(minutes=minutes)
        where, who = draw(st.sampled_from(STATIONS)).code, draw(st.sampled_from((COURIER, TAXI)))
        source = draw(st.sampled_from((Source.MANAGER, Source.TALLY, Source.SAMPLE)))
        made.append(Entry(where, local_day(moment), who, draw(st.integers(0, 3)), moment, moment, source, "x", id))
    return made


def naive(
    entries: Sequence[Entry],
    span: tuple[date, date],
    today: date,
    include_sample: bool,
    key_of: Callable[[Station, date], str],
) -> dict[str, tuple[int | None, int, int, int]]:
    """Recompute from the raw entries, station-day by station-day and minute by minute."""
    groups: dict[str, tuple[int | None, int, int, int]] = {}
    for one in STATIONS:
        for day in (span[0] + timedelta(days=n) for n in range((span[1] - span[0]).days + 1)):
            firsts = [e for e in entries if (e.station, e.corrects) == (one.code, None)]
            firsts = [e for e in firsts if e.occurred_at.astimezone(ZONE).date() == day]
            held = [max((c for c in entries if first.id in (c.id, c.corrects)), key=lambda c: c.id) for first in firsts]
            real = [e for e in held if e.source is not Source.SAMPLE]
            counted = real or (held if include_sample else [])
            expected = bool(real) or (day <= today and may_be_open(one, day))
            key = key_of(one, day)
            total, *ns = groups.get(key, (None, 0, 0, 0))
            if counted:
                total = (total or 0) + sum(e.count for e in counted)
            more = (bool(real), expected, bool(held) and not real)
            groups[key] = (total, *(n + m for n, m in zip(ns, more, strict=True)))  # type: ignore[assignment]
    return groups


def may_be_open(one: Station, day: date) -> bool:
    """The rules of the four stations above, in words of their own: every half hour of the day is asked for."""
    moments = [at(day, 0) + timedelta(minutes=30 * n) for n in range(48)]
    moments = [m for m in moments if not any(c.starts_at <= m < c.ends_at for c in one.closures)]
    if one.code == "ZS001":
        return day.weekday() < 5 and day not in (date(2026, 1, 1), date(2026, 1, 2))  # New Year, by the notice
    if one.code == "ZS003":
        return any(m.hour >= 20 or m.hour < 2 for m in moments)
    return one.code == "ZS002" and bool(moments)


KEYS: dict[GroupBy, Callable[[Station, date], str]] = {
    GroupBy.NETWORK: lambda _, __: "network",
    GroupBy.STATION: lambda one, _: one.code,
    GroupBy.TOWN: lambda one, _: one.town,
    GroupBy.DAY: lambda _, day: str(day),
    GroupBy.WEEK: lambda _, day: day.strftime("%G-W%V"),
    GroupBy.MONTH: lambda _, day: str(day)[:7],
    GroupBy.WEEKDAY: lambda _, day: str(day.weekday() + 1),
}


@given(
    entries=histories(),
    group_by=st.sampled_from(list(KEYS)),
    edge=st.sampled_from(EDGES),
    lengths=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    include_sample=st.booleans(),
)
@settings(derandomize=True, deadline=None, max_examples=150)
def test_statistics_are_what_a_naive_recomputation_from_the_raw_entries_gives(
    entries: list[Entry], group_by: GroupBy, edge: date, lengths: tuple[int, int], include_sample: bool
) -> None:
    span = (edge - timedelta(days=lengths[0]), edge + timedelta(days=lengths[1]))
    days = {s.code: day_totals([e for e in entries if e.station == s.code], *span) for s in STATIONS}
    groups = visit_statistics(STATIONS, days, span, group_by, today=edge, include_sample=include_sample)
    wanted = naive(entries, span, edge, include_sample, KEYS[group_by])

    assert {g.key: (g.total, g.n_reporting, g.n_expected, g.n_sample) for g in groups} == wanted
    for group in groups:
        n_counted = group.n_reporting + group.n_sample * include_sample
        wanted_mean = None if group.total is None else round(group.total / n_counted, 3)
        assert group.mean_per_reported_day == wanted_mean
    by_audience = visit_statistics(STATIONS, days, span, GroupBy.AUDIENCE, today=edge, include_sample=include_sample)
    assert sum(group.total or 0 for group in by_audience) == sum(group.total or 0 for group in groups)
