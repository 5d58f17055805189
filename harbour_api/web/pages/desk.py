"""The managers' pages: the log-in, and the map of visits behind it. No cache keeps what they show of visits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Needs
from harbour_api.domain.problems import NotLoggedIn, TooMany
from harbour_api.domain.station import Station
from harbour_api.domain.tally import DayTotal
from harbour_api.store.access import Who
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.map import ground
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.security import (
    address_of,
    give_cookie,
    may_give_cookie,
    refuse_foreign_form,
    take_cookie,
    token_of,
    who_asks,
)
from harbour_api.web.templates_env import render
from harbour_api.web.words import Words

if TYPE_CHECKING:
    from maps.canvas import MapParts

HOME = "/manage/map"
WEEKS = 12  # on the map's slider, the present one included
NO_STORE = {"Cache-Control": "private, no-store"}
Field = Annotated[str, Form(max_length=200)]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get("/login", summary="The log-in, as a page", openapi_extra={"parameters": [LANG]})
async def login_page(request: Request) -> Response:
    """Show the log-in."""
    return _login(request, language_only(request.query_params))


@router.post("/login", summary="Log in from the page", openapi_extra={"parameters": [LANG]})
def log_in(
    request: Request, house: InHouse, username: Field = "", password: Field = "", next: Field = HOME
) -> Response:
    """Log in, keep the session in the browser and lead on to where the manager wanted to go."""
    words = language_only(request.query_params)
    refuse_foreign_form(request, house)
    if not may_give_cookie(request, house):
        return _login(request, words, username, words("这里没有加密连接，不能登录。请通过 https 地址打开本站。"), 403)
    try:
        session = house.accounts.log_in(username, password, address=address_of(request))
    except NotLoggedIn:
        return _login(request, words, username, words("用户名或密码不对。"), 401)
    except TooMany as problem:
        wait = {"Retry-After": str(problem.retry_after_s)}
        return _login(request, words, username, words("试得太频繁，请一分钟后再试。"), 429, wait)
    answer = RedirectResponse(_own_address(next), status_code=303, headers=NO_STORE)
    give_cookie(answer, session, house)
    return answer


@router.post("/logout", summary="Log out from the page")
def log_out(request: Request, house: InHouse) -> Response:
    """End this browser's session and lead back to the finder."""
    refuse_foreign_form(request, house)
    house.accounts.log_out(token_of(request, house))
    answer = RedirectResponse("/", status_code=303, headers=NO_STORE)
    take_cookie(answer, house)
    return answer


def on_desk(request: Request, house: InHouse) -> Who | None:
    """Return who is logged in on this browser, or None: a page then leads to the log-in."""
    try:
        return who_asks(request, house)
    except NotLoggedIn:
        return None


OnDesk = Annotated[Who | None, Depends(on_desk)]


@router.get("/manage", summary="The managers' desk")
def desk() -> Response:
    """Lead to the desk's first page, which asks a stranger to log in."""
    return _to(HOME)


@router.get("/manage/map", summary="The managers' map of visits, as a page", openapi_extra={"parameters": [LANG]})
def visits_map(request: Request, house: InHouse, who: OnDesk) -> Response:
    """Show the visits of one's own stations as circles over the last weeks, with the same as a table."""
    words = language_only(request.query_params)
    if who is None:
        return _login(request, words, status=401)
    view = MapView.of(house, who)
    context = {
        "map": view.drawn(house, words.lang),
        "script_url": f"/manage/map.js?lang={words.lang}",
        "rows": view.rows(house, words),
        "periods": [_week_name(monday) for monday in view.weeks],
        "has_samples": any(day.is_sample for days in view.days for day in days),
        "who": who,
    }
    return render(request, "desk_map.html", words, context, headers=NO_STORE)


@router.get("/manage/map.js", include_in_schema=False)
def visits_map_script(request: Request, house: InHouse, who: OnDesk) -> Response:
    """Return the map's own script: it holds visit figures, so it is for whoever may see them and kept by nobody."""
    words = language_only(request.query_params)
    if who is None:
        raise NotLoggedIn("This needs a log-in.")
    script = MapView.of(house, who).drawn(house, words.lang).script
    return Response(script, media_type="text/javascript; charset=utf-8", headers=NO_STORE)


@dataclass(frozen=True)
class MapView:
    """What the managers' map shows: stations, and each one's days over whole weeks up to today."""

    stations: Sequence[Station]
    days: Sequence[Sequence[DayTotal]]
    weeks: Sequence[date]  # their Mondays

    @classmethod
    def of(cls, house: House, who: Who) -> MapView:
        """Return the view of one's own stations; an administrator's are all."""
        today = local_day(house.now())
        monday = today - timedelta(days=today.weekday())
        weeks = [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]
        totals = house.visits.network_days(weeks[0], today)
        operating = house.registry.network.matching(Needs())
        stations = [s for s in operating if who.is_administrator or s.code in who.stations]
        return cls(stations, [totals.get(station.code, []) for station in stations], weeks)

    def drawn(self, house: House, lang: str) -> MapParts:
        """Return the map of it."""
        from maps.manager import manager_map  # on first use: Folium is slow to import

        counts = [[_week_total(days, monday) for monday in self.weeks] for days in self.days]
        return manager_map(self.stations, house.registry.network.towns, ground(), counts, lang=lang)

    def rows(self, house: House, words: Words) -> list[dict[str, Any]]:
        """Return the table beside the map."""
        network, today = house.registry.network, local_day(house.now())
        return [
            {
                "i": i,
                "name": words.pick(station.name, station.name_en),
                "town": words.pick(network.town(station.town).name, network.town(station.town).name_en),
                "total": _sum(day.total for day in days),
                "broken": station.n_out_of_order,
                "silent_days": _silent_days(days, today),
            }
            for i, (station, days) in enumerate(zip(self.stations, self.days, strict=True))
        ]


def _login(
    request: Request,
    words: Words,
    username: str = "",
    error: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    wanted = request.url.path if request.url.path.startswith("/manage") else HOME
    context = {"username": username, "error": error, "next": wanted}
    return render(request, "login.html", words, context, status=status, headers={**NO_STORE, **(headers or {})})


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers=NO_STORE)


def _own_address(wanted: str) -> str:
    """Return an address of the desk; anything else could lead a manager to another site."""
    return wanted if wanted.startswith("/manage") and wanted.isascii() and "\\" not in wanted else HOME


def _week_total(days: Sequence[DayTotal], monday: date) -> int | None:
    return _sum(day.total for day in days if monday <= day.day < monday + timedelta(weeks=1))


def _sum(totals: Any) -> int | None:
    """Return the sum of what was recorded; None where nothing was."""
    known = [total for total in totals if total is not None]
    return sum(known) if known else None


def _silent_days(days: Sequence[DayTotal], today: date) -> int | None:
    """Return for how many days nothing has been recorded; None where nothing ever was in the span."""
    recorded = [day.day for day in days if day.recorded]
    return (today - recorded[-1]).days if recorded else None


def _week_name(monday: date) -> str:
    return f"{monday:%m-%d} – {monday + timedelta(days=6):%m-%d}"
