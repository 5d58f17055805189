"""One station's page: every fact that is held of it, in words, and beside each why we believe it.

One rule: what nobody knows is said to be unknown, never left out, for a reader takes silence for a no.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from harbour_api.domain.hours import ZONE, DayKind, Span, day_kind, local_day, spans
from harbour_api.domain.network import Needs, Network
from harbour_api.domain.problems import Invalid
from harbour_api.domain.report import ReportKind
from harbour_api.domain.season import Phase, Season
from harbour_api.domain.station import Amenity, Closure, Offering, OfferingState, Station, Status
from harbour_api.web.navigation import MapApp, destination
from harbour_api.web.pages.cards import ACCESS, BASIS, CATEGORIES, card_of
from harbour_api.web.pages.dates import PHASES, WEEKDAYS, closure_text, date_text, day_number, span_text
from harbour_api.web.pages.linked_data import linked_data
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.templates_env import render
from harbour_api.web.words import Words, mark

DAYS_SHOWN = 7
OTHERS_SHOWN = 3
NEWS = timedelta(days=30)  # for as long a page says that a report was dealt with
STATUS = {Status.SUSPENDED: mark("暂停服务"), Status.RETIRED: mark("已撤销")}
STATES = {
    OfferingState.YES: mark("有"),
    OfferingState.OUT_OF_ORDER: mark("故障"),
    OfferingState.NO: mark("没有"),
    OfferingState.UNKNOWN: mark("不清楚"),
}
APPS = {
    MapApp.AMAP: mark("高德地图"),
    MapApp.BAIDU: mark("百度地图"),
    MapApp.TENCENT: mark("腾讯地图"),
    MapApp.APPLE: mark("苹果地图"),
    MapApp.GOOGLE: mark("谷歌地图"),
    MapApp.GEO: mark("手机上的其他地图"),
}
REPORTS = (
    (ReportKind.CLOSED, "", mark("关门"), "lock"),
    (ReportKind.NO_ACCESS, "", mark("进不去"), "no_entry"),
    (ReportKind.AMENITY_OUT, "drinking_water", mark("没有水"), "no_water"),
    (ReportKind.WRONG_INFO, "", mark("信息不对"), "pen"),
)
DAY_KINDS = {DayKind.HOLIDAY: mark("法定节假日"), DayKind.MAKE_UP: mark("调休上班")}
REPORTED = page_parameter("reported", "1: say thank you for a report.")
FROM = page_parameter("from", "poster: the reader scanned the sign at the door; no other value.")
router = APIRouter(default_response_class=HTMLResponse, tags=["pages"])


@router.get("/stations/{code}", summary="One station, as a page", openapi_extra={"parameters": [LANG, REPORTED, FROM]})
async def station_page(request: Request, code: str) -> HTMLResponse:
    """Show everything that is known of a station, each fact with its basis."""
    house = request.app.state.house
    network: Network = house.registry.network
    station = network.station(code)
    words = language_only(request.query_params, "reported", "from")
    if request.query_params.get("from", "poster") != "poster":
        raise Invalid.parameter("from", "must be poster or left out")
    view = station_view(network, station, house.now(), words, public_url=house.settings.public_url)
    view["was_reported"] = request.query_params.get("reported") == "1"
    return render(request, "station.html", words, view, headers={"Cache-Control": "no-cache"})


def station_view(
    network: Network, station: Station, now: datetime, words: Words, *, public_url: str
) -> dict[str, object]:
    """Return what `station.html` shows of a station at an instant."""
    shown = network.matching(Needs())
    page_url, twin_url = f"/stations/{station.code}", f"/api/v1/stations/{station.code}"
    return {
        "ways": _ways(network, station, words),
        **_others(network, station, now, words),
        **_reporting(network, words),
        "report_page_url": f"{page_url}/reports",
        "report_url": f"{twin_url}/reports",
        "text_url": f"{page_url}.txt",
        "linked_data": linked_data(network, station, now, f"{public_url}{page_url}"),
        "card": card_of(network, station, now, words),
        "status_text": words(STATUS[station.status]) if station.status in STATUS else "",
        "days": _days(station, local_day(now), words),
        "hours_basis": _basis(station, "opening_hours", words),
        "closures": [_closure(closure, words) for closure in station.closures if closure.ends_at > now],
        "facts": _facts(network, station, words),
        "specials": [words.pick(special.zh, special.en) for special in station.specials],
        "specials_basis": _basis(station, "specials", words),
        "amenity_groups": _amenity_groups(network, station, local_day(now), words),
        "answered": _answered(station, now, words),
        "checked_on": date_text(local_day(station.verified_at), words, year=True) if station.verified_at else "",
        "map_anchor": f"s{shown.index(station)}" if station in shown else "",
        "twin_url": twin_url,
    }


def _ways(network: Network, station: Station, words: Words) -> list[dict[str, str]]:
    town = network.town(station.town)
    return [{"name": words(name), "url": destination(station, town, app)[1]} for app, name in APPS.items()]


def _others(network: Network, station: Station, now: datetime, words: Words) -> dict[str, object]:
    """Return where else to go: the nearest that are open, and where none is, the nearest with the hour they open."""
    title, needs = words("附近正在营业的站点"), Needs(open_at=now)
    if not any(other.code != station.code for other in network.matching(needs)):
        title, needs = words("附近的站点"), Needs()
    found = network.nearest(station.place, needs, limit=OTHERS_SHOWN + 1)
    others = [nearby for nearby in found if nearby.station.code != station.code][:OTHERS_SHOWN]
    cards = [card_of(network, nearby.station, now, words, nearby=nearby) for nearby in others]
    return {"others_title": title, "others": cards}


def _reporting(network: Network, words: Words) -> dict[str, object]:
    """Return the one-tap reports, and the amenities that one may report as broken."""
    known = [one for one in REPORTS if not one[1] or one[1] in network.amenities]
    return {
        "reports": [
            {"kind": kind.value, "amenity": amenity, "name": words(name), "icon": icon}
            for kind, amenity, name, icon in known
        ],
        "breakable": [(amenity.code, words.pick(amenity.zh, amenity.en)) for amenity in network.amenities.values()],
    }


def _basis(station: Station, fact: str, words: Words) -> str:
    basis = station.basis.get(fact)
    return words(BASIS[basis]) if basis else ""


def _facts(network: Network, station: Station, words: Words) -> list[dict[str, str]]:
    town = network.town(station.town)
    named = [
        (words("进入方式"), words(ACCESS[station.access]), "access"),
        (words("镇街"), words.pick(town.name, town.name_en), "town"),
        (words("地址"), station.address or words("未登记"), "address"),
        (words("电话"), station.phone or words("未登记"), "phone"),
        (words("正式名称"), station.official_name or words("未登记"), "name"),
        (words("清算行号"), station.cnaps, "name"),
        (words("站点编号"), station.code, ""),
    ]
    return [{"name": name, "value": value, "basis": _basis(station, fact, words)} for name, value, fact in named]


def _days(station: Station, first: date, words: Words) -> list[dict[str, object]]:
    """Return the coming week's hours; none where nobody knows them or the station does not run."""
    if station.opening_hours is None or station.status is not Status.OPERATING:
        return []
    days = [first + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)]
    return [
        {
            "name": f"{words(WEEKDAYS[day.weekday()])} {date_text(day, words)}",
            "hours": hours_of_day(spans(station.opening_hours, day), words),
            "notes": day_notes(station, day, words),
            "is_today": day == first,
            "number": day_number(day),
        }
        for day in days
    ]


def hours_of_day(stretches: Sequence[Span], words: Words) -> str:
    """Return the hours of one day in words."""
    if any(span.is_open is None for span in stretches):
        return words("不清楚")
    said = [f"{clock_text(span.start)}–{clock_text(span.end)}" for span in stretches if span.is_open]
    return words("、").join(said) or words("休息")


def clock_text(minute: int) -> str:
    """Return a minute of the day as the clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def day_notes(station: Station, day: date, words: Words) -> list[str]:
    """Return what is out of the ordinary on that day: a closure, a holiday."""
    start = datetime.combine(day, time(), ZONE)
    is_cut = any(
        closure.starts_at < start + timedelta(days=1) and closure.ends_at > start for closure in station.closures
    )
    kind = DAY_KINDS.get(day_kind(day))
    return [*([words("有临时关闭")] if is_cut else []), *([words(kind)] if kind else [])]


def _closure(closure: Closure, words: Words) -> dict[str, str]:
    return {"span": closure_text(closure, words), "reason": closure.reason}


def _answered(station: Station, now: datetime, words: Words) -> str:
    """Return the day on which a report was last dealt with, as long as that is news."""
    at = station.last_answer
    return date_text(local_day(at), words) if at is not None and now - at <= NEWS else ""


def _amenity_groups(network: Network, station: Station, today: date, words: Words) -> list[dict[str, object]]:
    known = {offering.amenity: offering for offering in station.offerings}
    groups: dict[str, list[Amenity]] = {category: [] for category in CATEGORIES}
    for amenity in network.amenities.values():
        groups.setdefault(amenity.category if amenity.category in CATEGORIES else "", []).append(amenity)
    return [
        {"name": words(CATEGORIES.get(category, "其他")), "rows": _rows(amenities, known, today, words)}
        for category, amenities in groups.items()
        if amenities
    ]


def _rows(amenities: Sequence[Amenity], known: dict[str, Offering], today: date, words: Words) -> list[dict[str, str]]:
    """Return one row an amenity: what is there today first, what nobody knows last."""
    rows = [_row(amenity, known.get(amenity.code), today, words) for amenity in amenities]
    return sorted(rows, key=lambda row: (list(STATES).index(OfferingState(row["state"])), row["look"] != row["state"]))


def _row(amenity: Amenity, offering: Offering | None, today: date, words: Words) -> dict[str, str]:
    state = offering.state if offering else OfferingState.UNKNOWN
    count = offering.count if offering else None
    return {
        "name": words.pick(amenity.zh, amenity.en),
        "icon": amenity.icon,
        "state": state.value,
        "look": state.value,
        "state_text": words(STATES[state]),
        "days": "",
        "season": "",
        "count": words("{n} 个", n=count) if count is not None else "",
        "note": (offering.note or "") if offering else "",
        "basis": words(BASIS[offering.basis]) if offering else "",
        "after_report": _after_report(offering, today, words),
        **(_in_season(offering.season, state, today, words) if offering and offering.season else {}),
    }


def _in_season(season: Season, state: OfferingState, today: date, words: Words) -> dict[str, str]:
    """Return what a row with days says besides; out of its days nothing looks as if it were there."""
    if state in (OfferingState.NO, OfferingState.UNKNOWN):
        return {}
    days = {"days": span_text(season, today, words)}
    if state is not OfferingState.YES:
        return days
    phase = season.phase(today)
    look = (state if phase is Phase.ON else OfferingState.UNKNOWN).value
    numbers = f"{day_number(season.first)} {day_number(season.last)}"
    return {**days, "look": look, "state_text": words(PHASES[phase]), "season": numbers}


def _after_report(offering: Offering | None, today: date, words: Words) -> str:
    """Return on which day it was checked because finders had reported it; nothing where they had not."""
    if offering is None or offering.reported_at is None or offering.verified_at is None:
        return ""
    on = local_day(offering.verified_at)
    return words("收到反馈后于 {day}核实", day=date_text(on, words, year=on.year != today.year))
