"""Facts in the database: what the history tells of them leads to what stands there, on either engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from harbour_api.domain.history import Change, facts_of, replayed
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Conflict, Stale
from harbour_api.domain.report import ReportKind, ReportState
from harbour_api.domain.season import Season
from harbour_api.domain.station import Amenity, Basis, Offering, OfferingState, Status
from harbour_api.store import tables
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database
from harbour_api.store.facts import By, Facts
from harbour_api.store.registry import Registry
from harbour_api.store.reports import Reports
from harbour_api.store.vocabulary import Vocabulary
from tests.conftest import MONDAY_MORNING, Clock

DESK = By("desk")
SAUNA = Amenity("sauna", "桑拿", "Sauna", "basic", "other", ("蒸气房",), None, "administrator")


@pytest.fixture
def facts(registry: Registry, clock: Clock) -> Facts:
    return Facts(registry, clock)


def lines(database: Database, code: str) -> list[tuple[int, Change]]:
    columns = tables.history.c
    wanted = select(columns.id, columns.field, columns.old, columns.new).where(columns.station == code)
    with database.read() as connection:
        rows = connection.execute(wanted.order_by(columns.id))
        return [(row.id, Change(row.field, row.old, row.new)) for row in rows]


def at(hour: int) -> datetime:
    return MONDAY_MORNING + timedelta(hours=hour)


def test_several_amenities_are_set_all_or_none(facts: Facts, registry: Registry) -> None:
    said = [Offering(code, OfferingState.NO, Basis.VERIFIED) for code in ("wifi", "toilet")]
    before = registry.network.station("ZS006")
    with pytest.raises(IntegrityError):
        facts.set_offerings("ZS006", [*said, Offering("no_such_word", OfferingState.NO, Basis.VERIFIED)], DESK)
    assert registry.refresh().station("ZS006") == before
    facts.set_offerings("ZS006", said, DESK)
    assert {registry.network.station("ZS006").offers(one.amenity) for one in said} == {OfferingState.NO}


def test_the_history_replayed_from_the_first_state_leads_to_the_present_one(
    facts: Facts, registry: Registry, ground: Database, clock: Clock
) -> None:
    first = registry.network.station("ZS001")
    facts.verify_place("ZS001", Place.at(113.391234, 22.523456), DESK)
    facts.set_offering("ZS001", "wifi", OfferingState.OUT_OF_ORDER, 2, "坏了", DESK)
    changes = {"phone": "0760-1", "status": Status.SUSPENDED, "specials": ()}
    registry.change_station("ZS001", changes, expected=None, basis=Basis.IMPORTED, actor="desk")
    closure = facts.close("ZS001", at(1), at(2), "盘点", DESK)
    clock.at = at(1)
    facts.reopen("ZS001", closure.id, DESK)
    facts.close("ZS001", at(3), at(4), "停电", DESK)
    facts.forget_offering("ZS001", "drinking_water", DESK)
    facts.set_offering("ZS001", "wifi", OfferingState.YES, None, None, DESK)
    facts.take_back("ZS001", lines(ground, "ZS001")[0][0], DESK)
    facts.take_back("ZS001", lines(ground, "ZS001")[-2][0], DESK)

    present = registry.network.station("ZS001")
    assert facts_of(replayed(first, [line for _, line in lines(ground, "ZS001")])) == facts_of(present)
    assert (present.place, present.version) == (first.place, first.version + 10)
    assert [one.reason for one in present.closures] == ["停电"]


def test_a_closure_taken_back_to_returns_under_its_own_id_and_the_next_gets_a_new_one(
    facts: Facts, registry: Registry, ground: Database
) -> None:
    closure = facts.close("ZS002", at(1), at(2), "盘点", DESK)
    facts.reopen("ZS002", closure.id, DESK)
    back = facts.take_back("ZS002", lines(ground, "ZS002")[-1][0], DESK)
    assert back.closures == (closure,)
    assert registry.network.station("ZS002") == back
    assert facts.close("ZS002", at(3), at(4), "停电", DESK).id > closure.id


def test_what_is_refused_leaves_no_line_and_no_version(facts: Facts, registry: Registry, ground: Database) -> None:
    before = registry.network.station("ZS003")
    with pytest.raises(Stale):
        facts.set_offering("ZS003", "wifi", OfferingState.NO, None, None, By("desk", frozenset({7})))
    assert lines(ground, "ZS003") == []
    assert registry.refresh().station("ZS003") == before


def test_reports_are_answered_in_the_transaction_that_sets_the_amenity_or_not_at_all(
    facts: Facts, ground: Database
) -> None:
    reports = Reports(ground)
    made = reports.file("ZS004", ReportKind.AMENITY_OUT, "wifi", MONDAY_MORNING, address="a")
    with pytest.raises(Stale):
        facts.set_offering("ZS004", "wifi", OfferingState.YES, None, None, By("desk", frozenset({7})))
    assert reports.one(made).state is ReportState.OPEN
    facts.set_offering("ZS004", "wifi", OfferingState.YES, None, None, DESK)
    ended = reports.one(made)
    assert (ended.state, ended.handled_by, ended.ended_at) == (ReportState.DONE, "desk", MONDAY_MORNING)


def test_a_report_ended_before_keeps_its_end(facts: Facts, ground: Database, clock: Clock) -> None:
    reports = Reports(ground)
    made = reports.file("ZS005", ReportKind.AMENITY_OUT, "wifi", MONDAY_MORNING, address="a")
    dismissed = reports.move(made, ReportState.DISMISSED, actor="one", now=MONDAY_MORNING)
    clock.at = at(1)
    facts.set_offering("ZS005", "wifi", OfferingState.YES, None, None, DESK)
    assert reports.one(made) == dismissed


def test_a_season_is_kept_as_it_was_said_and_no_half_of_one_can_be(
    facts: Facts, registry: Registry, ground: Database
) -> None:
    season = Season(date(2027, 6, 7), date(2027, 6, 9))
    facts.set_offering("ZS007", "wifi", OfferingState.YES, None, None, DESK, season=season)
    known = registry.refresh().station("ZS007").offering("wifi")
    assert known is not None
    assert known.season == season
    for days in ({"last_day": None}, {"first_day": date(2027, 6, 10)}):
        with pytest.raises(IntegrityError), ground.write() as connection:
            connection.execute(update(tables.offerings).where(tables.offerings.c.first_day.is_not(None)), days)


def test_a_new_word_is_in_the_picture_behind_all_others_and_in_the_audit(
    registry: Registry, ground: Database, clock: Clock
) -> None:
    words, before = Vocabulary(registry, clock), registry.network
    words.add(SAUNA, actor="chief")
    assert list(registry.network.amenities.values()) == [*before.amenities.values(), SAUNA]
    with pytest.raises(Conflict):
        words.add(SAUNA, actor="chief")
    changed = words.change("sauna", {"en": "Steam bath", "aliases": ()}, actor="chief")
    assert changed == replace(SAUNA, en="Steam bath", aliases=())
    assert words.change("sauna", {"en": "Steam bath"}, actor="chief") == changed
    assert registry.network.amenities["sauna"] == changed
    assert registry.network.revision == before.revision + 2
    told = [(line.action, line.subject, line.old, line.new) for line in Audit(ground).newest(9)]
    assert told == [
        ("change_amenity", "sauna", {"en": "Sauna", "aliases": ["蒸气房"]}, {"en": "Steam bath", "aliases": []}),
        ("add_amenity", "sauna", None, told[1][3]),
    ]
    assert told[1][3]["zh"] == "桑拿"
