"""For how long an amenity has been out of order, as far as anybody knows.

One rule: a day is given as the first one only where the history has the change; else it is the day by which somebody
had seen it so, or nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from harbour_api.domain.station import OfferingState


@dataclass(frozen=True, slots=True)
class Turn:
    """A line of the history about an amenity: from which state to which, None where nothing was known."""

    at: datetime
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Outage:
    """One amenity out of order; `is_exact` where it worked before `since`, else it may have been so for longer."""

    station: str
    amenity: str
    since: datetime | None
    is_exact: bool


def outage(station: str, amenity: str, seen_at: datetime | None, turns: Iterable[Turn]) -> Outage:
    """Return since when it is out of order, from its lines in order; `seen_at` is when somebody last looked."""
    since, is_exact = None, False
    for turn in turns:
        if turn.new != OfferingState.OUT_OF_ORDER:
            since, is_exact = None, False
        elif since is None:
            since, is_exact = turn.at, turn.old == OfferingState.YES
    return Outage(station, amenity, since or seen_at, is_exact)
