"""The managers' map of visits: circles over time, the same as a table, and what wants seeing to. Kept by no cache.

One rule: the figures are read once, for the page, and the page carries them; the map's own script brings places only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import QueryParams

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Needs
from harbour_api.domain.periods import PeriodTotals, Span
from harbour_api.domain.problems import Invalid
from harbour_api.domain.station import AUDIENCE_NAMES, Audience, Station
from harbour_api.store.access import Who
from harbour_api.web.desk.frame import MAP, NO_STORE, desk_page
from harbour_api.web.desk.map_table import PAGE, SORTS, Table
from harbour_api.web.desk.map_work import work_to_do
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import SignedIn
from harbour_api.web.templates_env import switch_links
from harbour_api.web.words import Words, mark
from maps.figures import visit_figures
from maps.marks import town_order

SPANS = {
    Span.DAYS_14: mark("最近 14 天"),
    Span.DAYS_28: mark("最近 28 天"),
    Span.WEEKS: mark("最近 12 周"),
    Span.MONTHS: mark("最近 12 个月"),
}
Q_LENGTH = 60
NAMES = ("span", "audience", "sort", "q", "page")
PARAMETERS = [
    page_parameter("span", "Steps of time: 14days, 28days, 12weeks (default) or 12months."),
    page_parameter("audience", "Only visits by this audience."),
    page_parameter("sort", f"The table's order: {', '.join(SORTS)}; a - before it turns it round. -total by default."),
    page_parameter("q", "Only rows of stations that mention this."),
    page_parameter("page", "Which page of the table, from 1."),
    LANG,
]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for."""

    span: Span = Span.WEEKS
    audience: Audience | None = None
    sort: str = "-total"
    q: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: QueryParams) -> Asked:
        """Read the address; Invalid names what is out of bounds."""
        sort, q, page = query.get("sort") or cls().sort, query.get("q", "").strip(), query.get("page") or "1"
        if sort.removeprefix("-") not in SORTS:
            raise Invalid.parameter("sort", f"must be one of {', '.join(SORTS)}, or one of them after a -")
        if len(q) > Q_LENGTH or not q.isprintable():
            raise Invalid.parameter("q", f"must be one line of at most {Q_LENGTH} characters")
        if not (page.isascii() and page.isdigit() and 1 <= len(page) <= 6 and int(page)):
            raise Invalid.parameter("page", "must be a number from 1")
        audience = query.get("audience") or None
        if audience is not None and audience not in list(Audience):
            raise Invalid.parameter("audience", "must be the code of an audience")
        span = query.get("span") or Span.WEEKS
        if span not in list(Span):
            raise Invalid.parameter("span", f"must be one of {', '.join(Span)}")
        return cls(Span(span), None if audience is None else Audience(audience), sort, q, int(page))

    def pairs(self, **other: str) -> list[tuple[str, str]]:
        """Return it as an address has it, what is the default left out, with `other` in place of some."""
        told = {"span": self.span.value, "audience": self.audience or "", "sort": self.sort, "q": self.q}
        told |= {"page": str(self.page), **other}
        usual = {"span": Span.WEEKS.value, "audience": "", "sort": "-total", "q": "", "page": "1"}
        return [(name, value) for name, value in told.items() if value != usual[name]]


@router.get(MAP, summary="The managers' map of visits, as a page", openapi_extra={"parameters": PARAMETERS})
def visits_map(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Show the visits of one's own stations as circles over time, as a table, and what wants seeing to."""
    from maps.manager import map_frame  # on first use: Folium is slow to import

    words = language_only(request.query_params, *NAMES)
    asked = Asked.of(request.query_params)
    view = MapView.of(house, who, asked)
    table = Table.of(view.stations, view.totals, house.reports.n_unended(), view.today)
    wanted = {station.code for station in house.registry.network.matching(Needs(q=asked.q or None))}
    context = {
        "asked": asked,
        "map_frame": map_frame(lang=words.lang),
        "ground": house.ground,
        "script_url": f"{MAP}.js?lang={words.lang}",
        "n_stations": len(view.stations),
        "n_days": (view.today - view.starts[0]).days + 1,
        "rows": table.rows(house.registry.network, wanted, asked.sort, asked.page, words),
        "is_paged": len(view.stations) > PAGE,
        "n_pages": table.n_pages(wanted),
        "n_found": table.n_found(wanted),
        "spans": [(span.value, words(name)) for span, name in SPANS.items()],
        "audiences": [(audience.value, words.pick(*names)) for audience, names in AUDIENCE_NAMES.items()],
        "audience_name": "" if asked.audience is None else words.pick(*AUDIENCE_NAMES[asked.audience]),
        "periods": _names(view.starts, asked.span),
        "figures": {**view.figures(house, words), "reports": table.n_reports},
        "has_samples": any(totals.has_sample for totals in view.totals),
        "work": work_to_do(house, who, view.stations, table.lines, view.today, words),
        "today": view.today.isoformat(),
        "switch": switch_links(asked.pairs()),
    }
    return desk_page(request, who, "desk_map.html", words, context)


@router.get(f"{MAP}.js", include_in_schema=False)
def visits_map_script(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Return the map's own script: it says what is out of order where, so it is for the same eyes as the page."""
    from maps.manager import manager_map

    words = language_only(request.query_params)
    drawn = manager_map(own_stations(house, who), house.registry.network.towns, house.ground.drawn, lang=words.lang)
    return Response(drawn.script, media_type="text/javascript; charset=utf-8", headers=NO_STORE)


def own_stations(house: House, who: Who) -> list[Station]:
    """Return the operating stations that one sees: an administrator all of them; station i of the map is the i-th."""
    return who.own(house.registry.network.matching(Needs()))


@dataclass(frozen=True, slots=True)
class MapView:
    """What the map shows: stations, each one's totals over time, and when the periods begin."""

    stations: Sequence[Station]
    totals: Sequence[PeriodTotals]
    starts: Sequence[date]
    today: date

    @classmethod
    def of(cls, house: House, who: Who, asked: Asked) -> MapView:
        """Return the view of one's own stations."""
        today = local_day(house.now())
        starts = asked.span.starts(today)
        recorded = house.visits.period_totals(starts, today, asked.audience)
        nothing = PeriodTotals((None,) * len(starts))
        stations = own_stations(house, who)
        return cls(stations, [recorded.get(station.code, nothing) for station in stations], starts, today)

    def figures(self, house: House, words: Words) -> dict[str, object]:
        """Return what the page's script draws, and the names it speaks of."""
        towns = [house.registry.network.town(code) for code in town_order(self.stations)]
        return {
            **visit_figures(self.stations, [totals.totals for totals in self.totals]),
            "codes": [station.code for station in self.stations],
            "samples": [int(totals.has_sample) for totals in self.totals],
            "names": [words.pick(station.name, station.name_en) for station in self.stations],
            "towns": [words.pick(town.name, town.name_en) for town in towns],
        }


def _names(starts: Sequence[date], span: Span) -> list[str]:
    """Return each period as people call it."""
    match span:
        case Span.WEEKS:
            return [f"{monday:%m-%d} – {monday + timedelta(days=6):%m-%d}" for monday in starts]
        case Span.MONTHS:
            return [f"{first:%Y-%m}" for first in starts]
        case _:
            return [f"{day:%m-%d}" for day in starts]
