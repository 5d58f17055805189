"""The managers' map of visits: circles over time, the same as a table, and what wants seeing to. Kept by no cache.

One rule: the figures are read once, for the page, and the page carries them; the map's own script brings places only.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Needs
from harbour_api.domain.station import AUDIENCE_NAMES, Station
from harbour_api.store.access import Who
from harbour_api.web.answers import NO_STORE
from harbour_api.web.desk.frame import MAP, desk_page
from harbour_api.web.desk.map_asked import BY, NAMES, PARAMETERS, SPANS, Asked, By
from harbour_api.web.desk.map_drawn import legends, still_view
from harbour_api.web.desk.map_table import PAGE, Table
from harbour_api.web.desk.map_view import MapView
from harbour_api.web.desk.map_work import work_to_do
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import language_only
from harbour_api.web.security import SignedIn
from harbour_api.web.templates_env import switch_links
from harbour_api.web.words import Words

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(MAP, summary="The managers' map of visits, as a page", openapi_extra={"parameters": PARAMETERS})
def visits_map(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Show the visits of one's own stations as circles over time, as a table, and what wants seeing to."""
    words = language_only(request.query_params, *NAMES)
    asked = Asked.of(request.query_params)
    today = local_day(house.now())
    view = MapView.of(house, own_stations(house, who), asked, words)
    table = Table.of(view.stations, view.totals, view.counts(By.STATION), house.reports.n_unended(), today)
    context = {
        **_choices(asked, words),
        **_drawn(house, view),
        **_listed(house, table, asked, words),
        "figures": {**view.figures, "reports": table.n_reports},
        "work": work_to_do(house, who, view.stations, table.lines, today, words),
        "n_days": (today - asked.span.starts(today)[0]).days + 1,
        "today": today.isoformat(),
        "switch": switch_links(asked.pairs()),
    }
    return desk_page(request, who, "desk_map.html", words, context)


def _choices(asked: Asked, words: Words) -> dict[str, Any]:
    """Return what was asked for and what may be."""
    return {
        "asked": asked,
        "spans": [(span.value, words(name)) for span, name in SPANS.items()],
        "audiences": [(audience.value, words.pick(*names)) for audience, names in AUDIENCE_NAMES.items()],
        "audience_name": "" if asked.audience is None else words.pick(*AUDIENCE_NAMES[asked.audience]),
        "drawn_by": [(by.value, words(name)) for by, name in BY.items()],
    }


def _drawn(house: House, view: MapView) -> dict[str, Any]:
    """Return what the map is drawn with: by the script, and without it."""
    from maps.manager import map_frame  # on first use: Folium is slow to import

    return {
        "view": view,
        "map_frame": map_frame(lang=view.words.lang),
        "ground": house.ground,
        "script_url": f"{MAP}.js?lang={view.words.lang}",
        "still": still_view(view, house.ground.drawn),
        "legends": legends(view),
    }


def _listed(house: House, table: Table, asked: Asked, words: Words) -> dict[str, Any]:
    """Return the page of the table that was asked for."""
    network = house.registry.network
    wanted = {station.code for station in network.matching(Needs(q=asked.q or None))}
    return {
        "n_stations": len(table.lines),
        "rows": table.rows(network, wanted, asked.sort, asked.page, words),
        "is_paged": len(table.lines) > PAGE,
        "n_pages": table.n_pages(wanted),
        "n_found": table.n_found(wanted),
    }


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
