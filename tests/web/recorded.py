"""Visits that the tests of the statistics know by heart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from harbour_api.domain.hours import ZONE
from harbour_api.domain.station import Audience
from harbour_api.domain.tally import Entry, Source
from tests.conftest import MONDAY_MORNING
from tests.web.conftest import FOREIGN, OWN, Front

MONTH_END = datetime(2026, 10, 31, 23, 59, tzinfo=ZONE)


def entry(station: str, moment: datetime, count: int, **facts: Any) -> Entry:
    given = {"audience": Audience.COURIER, "source": Source.MANAGER, "actor": "desk", **facts}
    return Entry(
        station=station,
        day=moment.astimezone(ZONE).date(),
        count=count,
        occurred_at=moment.astimezone(UTC),
        recorded_at=MONDAY_MORNING,
        **given,
    )


def record(front: Front) -> None:
    """Real visits about the end of October and on a Friday, a correction, a zero and a few samples."""
    log = front.house.visits.log
    friday = datetime(2026, 11, 20, 12, tzinfo=ZONE)
    first = log(entry(OWN, friday, 9)).result()
    for one in (
        entry(OWN, friday, 4, corrects=first.id, reason="miscounted"),
        entry(OWN, friday, 3, audience=Audience.TAXI_DRIVER),
        entry(OWN, MONTH_END, 5),
        entry(OWN, MONTH_END + timedelta(minutes=1), 6),
        entry(FOREIGN, friday, 0),
        entry("ZS003", friday, 8, source=Source.SAMPLE),
    ):
        log(one).result()
