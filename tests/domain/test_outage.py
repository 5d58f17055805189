"""Since when something is out of order: as exact as the history, and no more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harbour_api.domain.outage import Outage, Turn, outage

SEEN = datetime(2026, 11, 20, tzinfo=UTC)


def on(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("turns", "since", "is_exact"),
    [
        ([], SEEN, False),
        ([Turn(on(3), "yes", "out_of_order")], on(3), True),
        ([Turn(on(3), None, "out_of_order")], on(3), False),
        ([Turn(on(3), "unknown", "out_of_order")], on(3), False),
        ([Turn(on(3), "out_of_order", "out_of_order")], on(3), False),
        ([Turn(on(3), "yes", "out_of_order"), Turn(on(9), "out_of_order", "out_of_order")], on(3), True),
        ([Turn(on(3), "yes", "out_of_order"), Turn(on(5), "out_of_order", "yes"), Turn(on(9), "yes", "out_of_order")],
         on(9), True),
        ([Turn(on(3), "yes", "out_of_order"), Turn(on(5), "out_of_order", None)], SEEN, False),
    ],
)  # fmt: skip
def test_an_outage_is_told_from_its_last_beginning(turns: list[Turn], since: datetime, is_exact: bool) -> None:
    assert outage("ZS001", "wifi", SEEN, turns) == Outage("ZS001", "wifi", since, is_exact)


def test_without_history_and_stamp_nothing_is_said() -> None:
    assert outage("ZS001", "wifi", None, []).since is None
