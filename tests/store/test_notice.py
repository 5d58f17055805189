"""The notice as it is kept: with its audit, and seen by every process with its next picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from harbour_api.domain.notice import Notice, NoticeKind
from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.notice import Notices
from harbour_api.store.registry import Registry
from tests.conftest import MONDAY_MORNING, Clock

HEAT = Notice(NoticeKind.HEAT, MONDAY_MORNING, MONDAY_MORNING + timedelta(days=2), "高温", "Heat")
RAIN = replace(HEAT, kind=NoticeKind.RAIN)


def test_a_notice_comes_back_as_it_was_put_up_and_other_processes_see_it(ground: Database, clock: Clock) -> None:
    here, elsewhere = Registry(ground, clock), Registry(ground, clock)
    assert elsewhere.refresh().notice is None
    notices = Notices(ground, here, clock)

    for wanted in (HEAT, RAIN):
        notices.put_up(wanted, actor="chief")
        assert (here.network.notice, elsewhere.refresh().notice) == (wanted, wanted)
    notices.take_down(actor="chief")
    assert (here.network.notice, elsewhere.refresh().notice) == (None, None)


def test_the_audit_keeps_each_change_and_nothing_that_changed_nothing(ground: Database, clock: Clock) -> None:
    registry = Registry(ground, clock)
    notices, before = Notices(ground, registry, clock), registry.refresh().revision
    revisions = []
    for wanted in (HEAT, HEAT, RAIN):
        notices.put_up(wanted, actor="chief")
        revisions.append(registry.refresh().revision - before)
    for actor in ("chief", "other"):
        notices.take_down(actor=actor)

    with ground.read() as connection:
        lines = list(connection.execute(select(tables.audit).order_by(tables.audit.c.id)))
    assert revisions == [1, 1, 2], "what changed nothing is no new picture for every process to read"
    assert [(line.actor, line.action, line.subject) for line in lines] == [
        ("chief", "put_up_notice", "notice"),
        ("chief", "put_up_notice", "notice"),
        ("chief", "take_down_notice", "notice"),
    ]
    assert [(line.old and line.old["kind"], line.new and line.new["kind"]) for line in lines] == [
        (None, "heat"),
        ("heat", "rain"),
        ("rain", None),
    ]
    assert lines[0].new == {
        "kind": "heat", "from": "2026-11-23T10:00:00+08:00", "to": "2026-11-25T10:00:00+08:00",
        "text": "高温", "text_en": "Heat",
    }  # fmt: skip
