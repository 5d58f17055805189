"""The desk's first page: one's own stations, what needs doing first.

One rule: yesterday counts as told only where somebody told it. A sample is no record, and of a station that was shut
all day nothing is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Needs, Network
from harbour_api.domain.problems import Invalid
from harbour_api.domain.station import Basis, Station, Status
from harbour_api.domain.statistics import is_expected
from harbour_api.domain.tally import DayTotal
from harbour_api.web.api.queries import is_one_line
from harbour_api.web.api.statistics import asked_stations
from harbour_api.web.desk.frame import HOME, desk_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import SignedIn
from harbour_api.web.words import Words

FEW = 8  # stations that need no search
AT_ONCE = 12  # of each list, until all are asked for
Q_LENGTH = 60
NAMES = ("q", "town", "all")
PARAMETERS = [
    page_parameter("q", "Only stations that mention this: Chinese, English, pinyin, initials or a code."),
    page_parameter("town", "Code of a town: only its stations."),
    page_parameter("all", "1: every station, not only the first."),
    LANG,
]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Duty:
    """One station as its manager must know it this morning."""

    station: Station
    today: DayTotal | None
    yesterday: DayTotal | None
    was_expected: bool
    n_reports: int

    @property
    def is_told(self) -> bool:
        """Whether yesterday was recorded."""
        return self.yesterday is not None and self.yesterday.recorded and not self.yesterday.is_sample

    @property
    def is_silent(self) -> bool:
        """Whether yesterday should have been recorded and was not."""
        return self.was_expected and not self.is_told

    @property
    def is_verified(self) -> bool:
        """Whether somebody has seen where the station is."""
        return self.station.location_basis is Basis.VERIFIED

    @property
    def urgency(self) -> tuple[int, int, bool, str]:
        """By what stations are sorted, the most urgent first."""
        return -self.n_reports, -self.station.n_out_of_order, self.is_verified, self.station.code


@router.get(HOME, summary="The managers' desk", openapi_extra={"parameters": PARAMETERS})
def home(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Show one's own stations: those first of which nothing is known of yesterday."""
    words = language_only(request.query_params, *NAMES)
    network, q, town = house.registry.network, _search(request.query_params), request.query_params.get("town") or None
    own = _running(asked_stations(network, who, None, None))
    wanted = {station.code for station in asked_stations(network, who, None, town)} & _mentioning(network, q)
    duties = duties_of(house, own)
    found = sorted((duty for duty in duties if duty.station.code in wanted), key=lambda duty: duty.urgency)
    is_whole = bool(request.query_params.get("all"))
    context = {
        "sentence": _sentence(duties, words),
        "has_search": len(own) > FEW,
        "n_own": len(own),
        "n_found": len(found),
        "lists": _lists(found, words),
        "most": len(found) if is_whole else AT_ONCE,
        "towns": _towns(network, own, words),
        "town_names": {code: words.pick(one.name, one.name_en) for code, one in network.towns.items()},
        "q": q,
        "town": town and network.town(town).code,
        "asked": [(name, value) for name, value in (("q", q), ("town", town)) if value],
    }
    return desk_page(request, who, "desk_home.html", words, context)


def duties_of(house: House, stations: Sequence[Station]) -> list[Duty]:
    """Return what there is to know of stations, from one reading of two days and one of the reports."""
    today = local_day(house.now())
    yesterday = today - timedelta(days=1)
    days = house.visits.network_days(yesterday, today, [station.code for station in stations])
    n_reports = house.reports.n_unended()
    duties = []
    for station in stations:
        before, now = days.get(station.code, (None, None))
        expected = is_expected(station, yesterday, before, today)
        duties.append(Duty(station, now, before, expected, n_reports.get(station.code, 0)))
    return duties


def _running(stations: Sequence[Station]) -> list[Station]:
    return [station for station in stations if station.status is not Status.RETIRED]


def _search(query: QueryParams) -> str:
    q = query.get("q", "").strip()
    if len(q) > Q_LENGTH or (q and not is_one_line(q)):
        raise Invalid.parameter("q", f"must be one line of at most {Q_LENGTH} characters")
    return q


def _mentioning(network: Network, q: str) -> set[str]:
    statuses = (Status.OPERATING, Status.SUSPENDED)
    return {one.code for status in statuses for one in network.matching(Needs(status=status, q=q or None))}


def _sentence(duties: Sequence[Duty], words: Words) -> str:
    """Return how much of yesterday is known, of all one's own stations."""
    expected = [duty for duty in duties if duty.was_expected]
    if len(duties) < 2:
        return ""
    if not expected:
        return words("昨天没有站点营业，没有要记录的。")
    told = sum(duty.is_told for duty in expected)
    return words("昨天 {k} / {n} 个站点有记录。", k=told, n=len(expected))


def _lists(duties: Sequence[Duty], words: Words) -> list[tuple[str, list[Duty]]]:
    silent = [duty for duty in duties if duty.is_silent]
    others = [duty for duty in duties if not duty.is_silent]
    rest = words("其他站点（{n}）", n=len(others)) if silent else words("{n} 个站点", n=len(others))
    named = ((words("昨天未记录（{n}）", n=len(silent)), silent), (rest, others))
    return [(name, listed) for name, listed in named if listed]


def _towns(network: Network, own: Sequence[Station], words: Words) -> list[tuple[str, str]]:
    codes = {station.town for station in own}
    return [(town.code, words.pick(town.name, town.name_en)) for town in network.towns.values() if town.code in codes]
