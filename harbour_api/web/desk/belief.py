"""Why a fact is believed, in words, and since when: what somebody has to look at says so first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from harbour_api.domain.hours import local_day
from harbour_api.domain.station import Basis, Station
from harbour_api.domain.verification import STALE_AFTER, is_stale
from harbour_api.web.pages.cards import BASIS
from harbour_api.web.pages.dates import date_text
from harbour_api.web.words import Words


@dataclass(frozen=True, slots=True)
class Belief:
    """What stands beside a fact; `is_due` where somebody has to go and see."""

    text: str
    is_due: bool


def belief(basis: Basis | None, verified_at: datetime | None, now: datetime, words: Words) -> Belief:
    """Return why a fact is believed."""
    if basis is not Basis.VERIFIED or verified_at is None:
        if basis in (None, Basis.PLACEHOLDER, Basis.VERIFIED):
            return Belief(words("未核实"), True)
        return Belief(words("未核实（{basis}）", basis=words(BASIS[basis])), True)
    on = date_text(local_day(verified_at), words, year=True)
    if is_stale(verified_at, now):
        return Belief(words("超过 {n} 天没有核实（上次 {on}）", n=STALE_AFTER.days, on=on), True)
    return Belief(words("{on} 核实", on=on), False)


def belief_in(station: Station, field: str, now: datetime, words: Words) -> Belief:
    """Return why a field of a station is believed; its place is the field `location`."""
    return belief(station.basis.get(field), station.verified_at, now, words)
