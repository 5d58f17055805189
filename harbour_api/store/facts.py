"""What managers find to be so, on the spot: offerings, closures, the verified place; and every change taken back.

One rule: whoever sets an amenity has looked at it, so the finders' open reports of it are answered in the same
transaction: they are done when the public can read what was found, whether that is `yes`, `no` or `out_of_order`, and
that it was found after a report.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from harbour_api.domain import edits
from harbour_api.domain.history import taken_back
from harbour_api.domain.place import Place
from harbour_api.domain.season import Season
from harbour_api.domain.station import Basis, Closure, Offering, OfferingState, Station
from harbour_api.store.edits import changes_since, edit_station
from harbour_api.store.registry import Registry
from harbour_api.store.reports import answer_reports

Edit = Callable[[Station], Station]


@dataclass(frozen=True, slots=True)
class By:
    """Who edits, and to which versions of the station the edit may be made; None: to any."""

    actor: str
    expected: Container[int] | None = None


class Facts:
    """The facts of one database's stations. `clock` gives the current instant."""

    def __init__(self, registry: Registry, clock: Callable[[], datetime]) -> None:
        self._registry = registry
        self._clock = clock

    def set_offering(
        self,
        code: str,
        amenity: str,
        state: OfferingState,
        count: int | None,
        note: str | None,
        by: By,
        *,
        season: Season | None = None,
    ) -> Station:
        """Set what is known of an amenity and return the station; reports of it are answered but by `unknown`."""
        said = Offering(amenity, state, Basis.VERIFIED, count, note, season=season)
        with self._registry.changing() as connection:
            return self._set(connection, code, said, by)

    def set_offerings(self, code: str, offerings: Iterable[Offering], by: By) -> None:
        """Set several amenities of a station as `set_offering` does one: all of them, or none."""
        with self._registry.changing() as connection:
            for said in offerings:
                self._set(connection, code, said, by)
                by = By(by.actor)  # whoever else edits waits until all are set

    def forget_offering(self, code: str, amenity: str, by: By) -> Station:
        """Forget what is known of an amenity; nothing happens where nothing is."""
        return self._edit(code, partial(edits.forget_offering, amenity=amenity), by)

    def confirm_offering(self, code: str, amenity: str, by: By) -> Station:
        """Verify anew what the page says of an amenity that works, and answer the reports of it.

        Called when a report is done: mended, the thing is again what the page calls it. Where the page says anything
        but `yes`, it stays: that a report is done does not tell which state the thing is in.
        """
        at = self._clock()
        with self._registry.changing() as connection:
            since = answer_reports(connection, code, amenity, actor=by.actor, now=at)
            edit = partial(edits.confirm_offering, amenity=amenity, at=at, reported_at=since)
            return edit_station(connection, code, edit, actor=by.actor, at=at, expected=by.expected)

    def answer(self, code: str, by: By) -> Station:
        """Note that a report of the station as a whole is done, so that its page can say so."""
        return self._edit(code, partial(edits.answer, at=self._clock()), by)

    def close(self, code: str, starts_at: datetime, ends_at: datetime, reason: str, by: By) -> Closure:
        """Close a station for a while and return the closure."""
        edit = partial(edits.close, starts_at=starts_at, ends_at=ends_at, reason=reason)
        closed = self._edit(code, edit, by)
        return max(closed.closures, key=lambda closure: closure.id)  # ids only grow

    def reopen(self, code: str, closure: int, by: By) -> Station:
        """Take a closure away; Unknown where the station has none of that id."""
        return self._edit(code, partial(edits.reopen, closure=closure), by)

    def verify_place(self, code: str, place: Place, by: By) -> Station:
        """Put a station where somebody stood or pointed; the history keeps the place it had."""
        return self._edit(code, partial(edits.verify_place, place=place, at=self._clock()), by)

    def take_back(self, code: str, line: int, by: By) -> Station:
        """Undo one line of a station's history by a further change; Conflict where the fact has changed since."""
        with self._registry.changing() as connection:
            change, *later = changes_since(connection, code, line)
            edit = partial(taken_back, change=change, later=later)
            return edit_station(connection, code, edit, actor=by.actor, at=self._clock(), expected=by.expected)

    def _set(self, connection: Connection, code: str, said: Offering, by: By) -> Station:
        at, since = self._clock(), None
        if said.state is not OfferingState.UNKNOWN:
            since = answer_reports(connection, code, said.amenity, actor=by.actor, now=at)
        edit = partial(edits.set_offering, said=said, at=at, reported_at=since)
        return edit_station(connection, code, edit, actor=by.actor, at=at, expected=by.expected)

    def _edit(self, code: str, edit: Edit, by: By) -> Station:
        with self._registry.changing() as connection:
            return edit_station(connection, code, edit, actor=by.actor, at=self._clock(), expected=by.expected)
