"""A finder's one-tap report, and what becomes of it at the station's desk. No free text: nobody has to read a
stranger's words, and nothing personal can be in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median


class ReportKind(StrEnum):
    """What a finder met at the door."""

    CLOSED = "closed"
    NO_ACCESS = "no_access"
    AMENITY_OUT = "amenity_out"
    WRONG_INFO = "wrong_info"


class ReportState(StrEnum):
    """Where a report stands; done and dismissed end it."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DISMISSED = "dismissed"


ENDED = frozenset({ReportState.DONE, ReportState.DISMISSED})


@dataclass(frozen=True, slots=True)
class Report:
    """One report: of a kind, at a station, of an amenity where the kind is about one."""

    id: int
    station: str
    kind: ReportKind
    amenity: str | None
    state: ReportState
    reported_at: datetime
    ended_at: datetime | None = None
    handled_by: str | None = None

    @property
    def time_to_fix(self) -> timedelta | None:
        """How long it took until it was done; None where it is not, or was dismissed."""
        if self.state is not ReportState.DONE or self.ended_at is None:
            return None
        return self.ended_at - self.reported_at


def median_time(times: Collection[timedelta]) -> timedelta | None:
    """Return the time that half of them stay below; None where there is none."""
    return timedelta(seconds=median(time.total_seconds() for time in times)) if times else None
