"""The frame of one station's desk: its name, and the tabs that lead from each of its pages to the others."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse

from harbour_api.domain.station import Station
from harbour_api.store.access import Who
from harbour_api.web.desk.frame import desk_page
from harbour_api.web.security import DESK
from harbour_api.web.words import Words, mark

TABS = {"": mark("计数"), "/days": mark("每日"), "/facts": mark("资料"), "/links": mark("计数链接")}


def station_address(station: Station, tab: str = "") -> str:
    """Return the address of a page of a station's desk."""
    return f"{DESK}/stations/{station.code}{tab}"


def station_page(
    request: Request,
    who: Who,
    station: Station,
    template: str,
    words: Words,
    context: Mapping[str, object],
    *,
    status: int = 200,
) -> HTMLResponse:
    """Answer with a page that extends `desk_station_base.html`."""
    tabs = {station_address(station, tab): words(name) for tab, name in TABS.items()}
    here = max((path for path in tabs if request.url.path.startswith(path)), key=len)
    frame = {"tabs": tabs, "tab_at": here, "station_name": words.pick(station.name, station.name_en)}
    return desk_page(request, who, template, words, {**frame, **context}, status=status)


def facts_page(
    request: Request,
    who: Who,
    station: Station,
    template: str,
    words: Words,
    context: Mapping[str, object],
    *,
    status: int = 200,
) -> HTMLResponse:
    """Answer with a page of what is known of a station, which stands under the tab of its facts."""
    own = {"tab_at": station_address(station, "/facts"), "at": station_address(station), "station": station}
    return station_page(request, who, station, template, words, {**own, **context}, status=status)
