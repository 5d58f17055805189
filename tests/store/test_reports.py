"""Finders' reports: one an hour, a queue of what is asked for, and a time to fix that is never moved."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest

from harbour_api.domain.problems import TooMany, Unknown
from harbour_api.domain.report import ReportKind, ReportState, median_time
from harbour_api.store.database import Database
from harbour_api.store.reports import A_MINUTE, Reports
from tests.conftest import MONDAY_MORNING

EVERY = list(ReportState)


@pytest.fixture
def reports(ground: Database) -> Reports:
    return Reports(ground)


def test_the_same_within_an_hour_is_the_first_one_again(reports: Reports) -> None:
    ids = [
        reports.file("ZS001", ReportKind.CLOSED, None, MONDAY_MORNING + timedelta(minutes=late), address="a")
        for late in (0, 59, 60)
    ]

    assert ids[0] == ids[1] != ids[2]


def test_another_station_kind_or_amenity_is_another_report(reports: Reports) -> None:
    said = [
        ("ZS001", ReportKind.CLOSED, None),
        ("ZS002", ReportKind.CLOSED, None),
        ("ZS001", ReportKind.NO_ACCESS, None),
        ("ZS001", ReportKind.AMENITY_OUT, "drinking_water"),
        ("ZS001", ReportKind.AMENITY_OUT, "toilet"),
    ]

    assert len({reports.file(*one, MONDAY_MORNING, address="a") for one in said}) == len(said)


def test_the_same_sent_by_many_at_once_is_one_report(reports: Reports) -> None:
    found: list[int] = []

    def send(address: str) -> None:
        found.append(reports.file("ZS003", ReportKind.NO_ACCESS, None, MONDAY_MORNING, address=address))

    threads = [Thread(target=send, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_an_address_may_report_so_often_and_no_more_but_another_may(reports: Reports) -> None:
    for _ in range(A_MINUTE):
        reports.file("ZS001", ReportKind.CLOSED, None, MONDAY_MORNING, address="a")

    with pytest.raises(TooMany) as refused:
        reports.file("ZS001", ReportKind.CLOSED, None, MONDAY_MORNING, address="a")
    reports.file("ZS001", ReportKind.CLOSED, None, MONDAY_MORNING, address="b")

    assert refused.value.retry_after_s == 60


def test_the_queue_has_the_newest_first_of_the_stations_and_states_asked_for(reports: Reports) -> None:
    first, second, third = (
        reports.file(code, ReportKind.CLOSED, None, MONDAY_MORNING, address="a") for code in ("ZS001", "ZS002", "ZS003")
    )
    reports.move(second, ReportState.DISMISSED, actor="desk", now=MONDAY_MORNING)

    assert [one.id for one in reports.queue(None, EVERY)] == [third, second, first]
    assert [one.id for one in reports.queue({"ZS001", "ZS002"}, EVERY)] == [second, first]
    assert [one.id for one in reports.queue(None, [ReportState.OPEN])] == [third, first]
    assert reports.queue(set(), EVERY) == []
    assert [one.id for one in reports.queue(None, EVERY, before=third, limit=1)] == [second]
    assert reports.n_by_state(None) == dict.fromkeys(EVERY, 0) | {ReportState.OPEN: 2, ReportState.DISMISSED: 1}
    assert reports.n_by_state({"ZS002"})[ReportState.OPEN] == 0


def test_a_report_keeps_who_ended_it_and_when_however_often_that_is_said(reports: Reports) -> None:
    made = reports.file("ZS001", ReportKind.AMENITY_OUT, "toilet", MONDAY_MORNING, address="a")
    reports.move(made, ReportState.DONE, actor="desk", now=MONDAY_MORNING + timedelta(hours=3))
    again = reports.move(made, ReportState.DONE, actor="chief", now=MONDAY_MORNING + timedelta(hours=9))

    assert again == reports.one(made)
    assert (again.amenity, again.handled_by, again.time_to_fix) == ("toilet", "desk", timedelta(hours=3))


def test_a_report_opened_again_has_no_time_to_fix(reports: Reports) -> None:
    made = reports.file("ZS001", ReportKind.CLOSED, None, MONDAY_MORNING, address="a")
    reports.move(made, ReportState.DONE, actor="desk", now=MONDAY_MORNING + timedelta(hours=3))
    opened = reports.move(made, ReportState.OPEN, actor="desk", now=MONDAY_MORNING + timedelta(hours=4))

    assert (opened.ended_at, opened.time_to_fix) == (None, None)


def test_the_median_counts_what_was_done_and_nothing_dismissed(reports: Reports) -> None:
    ends = [("ZS001", 1, ReportState.DONE), ("ZS002", 4, ReportState.DONE), ("ZS003", 90, ReportState.DISMISSED)]
    assert median_time(reports.times_to_fix(None)) is None
    for code, hours, state in ends:
        made = reports.file(code, ReportKind.CLOSED, None, MONDAY_MORNING, address="a")
        reports.move(made, state, actor="desk", now=MONDAY_MORNING + timedelta(hours=hours))

    assert median_time(reports.times_to_fix(None)) == timedelta(hours=2, minutes=30)
    assert reports.times_to_fix({"ZS002", "ZS003"}) == [timedelta(hours=4)]


def test_an_id_that_no_report_has_is_unknown(reports: Reports) -> None:
    with pytest.raises(Unknown):
        reports.one(1)
    with pytest.raises(Unknown):
        reports.move(1, ReportState.DONE, actor="desk", now=MONDAY_MORNING)
