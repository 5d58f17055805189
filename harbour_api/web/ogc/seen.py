"""What one answer of the geospatial door is told from.

One rule: it is taken once, before anything else is done, and everything in the answer is read from it, its ETag too. A
picture or an hour that changes meanwhile belongs to the next answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends

from harbour_api.domain.hours import Opening
from harbour_api.domain.network import Board, Network
from harbour_api.domain.station import Station
from harbour_api.web.answers import lifetime_s
from harbour_api.web.house import InHouse


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture, the instant it is looked at, and who is open then."""

    network: Network
    now: datetime
    board: Board

    @classmethod
    def of(cls, network: Network, now: datetime) -> Seen:
        """Return a picture as it is seen at an instant."""
        return cls(network, now, network.board(now))

    def opening(self, station: Station) -> Opening:
        """Return whether a station is open, and when that changes."""
        return self.board.openings[self.network.schedule_of(station)]

    @property
    def etag(self) -> str:
        """What names this state: it changes with an edit, an opening, a shutting."""
        return f'"{self.network.revision}.{self.board.since.timestamp():.6f}"'

    @property
    def max_age_s(self) -> int:
        """For how many seconds an answer may be kept."""
        return lifetime_s(self.now, self.board.until)


async def _seen(house: InHouse) -> Seen:
    return Seen.of(house.registry.network, house.now())


AsSeen = Annotated[Seen, Depends(_seen)]
