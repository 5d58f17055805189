"""The statistics page of the desk: choose a span and a grouping, and see what was recorded, as a chart and as a table.

One rule: no figure looks more certain than it is. The first sentence says how many station-days were recorded and that
the total is a floor; what is missing is a gap, not a zero; sample visits are striped and told in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Network
from harbour_api.domain.station import AUDIENCE_NAMES, Audience
from harbour_api.domain.statistics import Group, GroupBy, visit_statistics
from harbour_api.store.access import Who
from harbour_api.web.api.statistics import StatisticsQuery, asked_stations, recorded_days
from harbour_api.web.desk.frame import desk_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.dates import WEEKDAYS
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import SignedIn
from harbour_api.web.templates_env import switch_links
from harbour_api.web.words import Words, mark

PATH = "/manage/statistics"
GROUPINGS = {
    GroupBy.DAY: mark("日"),
    GroupBy.WEEK: mark("周"),
    GroupBy.MONTH: mark("月"),
    GroupBy.WEEKDAY: mark("星期几"),
    GroupBy.STATION: mark("站点"),
    GroupBy.TOWN: mark("镇街"),
    GroupBy.AUDIENCE: mark("人群"),
    GroupBy.NETWORK: mark("合计"),
}
OVER_TIME = (GroupBy.DAY, GroupBy.WEEK, GroupBy.MONTH)
FEWEST_COLUMNS = 7  # fewer are bars in the table: a lone column would fill the page
NAMES = ("from", "to", "group_by", "town", "include_sample")
PARAMETERS = [
    page_parameter("from", "First day, ISO; 29 days before `to` by default."),
    page_parameter("to", "Last day, ISO; yesterday by default."),
    page_parameter("group_by", "day (default), week, month, weekday, station, town, audience or network."),
    page_parameter("town", "Code of a town: only its stations."),
    page_parameter("include_sample", "true: count sample visits too."),
    LANG,
]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="Statistics of visits, as a page", openapi_extra={"parameters": PARAMETERS})
def statistics_page(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Show the visits of one's own stations, and of how many station-days they are."""
    words = language_only(request.query_params, *NAMES)
    yesterday = local_day(house.now()) - timedelta(days=1)
    query = _asked(request.query_params)
    if query is None:
        refused = {**_form(house.registry.network, who, _asked(QueryParams()), yesterday, words), "view": None}
        return desk_page(request, who, "statistics.html", words, refused, status=400)
    view = View.of(house, who, query, query.span(yesterday))
    form = _form(house.registry.network, who, query, yesterday, words)
    shown = {"view": view, "said": view.said(words), "rows": view.rows(house.registry.network, words)}
    return desk_page(request, who, "statistics.html", words, {**form, **shown})


@dataclass(frozen=True, slots=True)
class View:
    """What was recorded in a span: the groups, and beside each the same with samples where these are asked for."""

    group_by: GroupBy
    span: tuple[date, date]
    n_stations: int
    real: Sequence[Group]
    shown: Sequence[Group]

    @classmethod
    def of(cls, house: House, who: Who, query: StatisticsQuery, span: tuple[date, date]) -> View:
        """Return the view of one's own stations, from one reading of the span's sums."""
        stations = asked_stations(house.registry.network, who, None, query.town)
        days, today = recorded_days(house, stations, span), local_day(house.now())
        real = visit_statistics(stations, days, span, query.group_by, today=today)
        shown = real
        if query.include_sample:
            shown = visit_statistics(stations, days, span, query.group_by, today=today, include_sample=True)
        return cls(query.group_by, span, len(stations), real, shown)

    @property
    def n_sample(self) -> int:
        """How many station-days have nothing but samples."""
        return self._once(group.n_sample for group in self.real)

    @property
    def sample_visits(self) -> int:
        """How many of the visits shown are samples."""
        return sum(group.total or 0 for group in self.shown) - sum(group.total or 0 for group in self.real)

    @property
    def has_columns(self) -> bool:
        """Whether time runs along a chart of its own."""
        return self.group_by in OVER_TIME and len(self.shown) >= FEWEST_COLUMNS

    @property
    def most(self) -> int:
        """The tallest total."""
        return max((group.total or 0 for group in self.shown), default=0)

    def said(self, words: Words) -> str:
        """Return the first sentence: what was recorded, of how much, and what that makes of the total."""
        k = self._once(group.n_reporting for group in self.real)
        n = self._once(group.n_expected for group in self.real)
        total = sum(group.total or 0 for group in self.real)
        one_day = self.span[0] == self.span[1]
        if n == 0:
            return words("这段时间没有站点应当营业，没有要记录的。")
        if k == 0 and one_day:
            return words("{n} 个站点都没有记录；人次不清楚，不是 0。", n=n)
        if k == 0:
            return words("{n} 个站日都没有记录；人次不清楚，不是 0。", n=n)
        if k == n:
            return words("应记录的 {n} 个站日全部有记录：共 {total} 人次。", n=n, total=total)
        if one_day:
            return words("{n} 个站点中 {k} 个有记录；{total} 人次只是下限。", k=k, n=n, total=total)
        return words("{n} 个站日中 {k} 个有记录；{total} 人次只是下限。", k=k, n=n, total=total)

    def rows(self, network: Network, words: Words) -> list[Mapping[str, object]]:
        """Return the groups as the table and the chart show them; heights are shares of the tallest total."""
        most = self.most or 1
        return [
            {
                "name": _name(network, self.group_by, real.key, words),
                "total": shown.total,
                "is_floor": shown.total == real.total and real.n_reporting < real.n_expected,
                "sample": (shown.total or 0) - (real.total or 0),
                "real_share": (real.total or 0) / most,
                "shown_share": (shown.total or 0) / most,
                "n_reporting": real.n_reporting,
                "n_expected": real.n_expected,
                "recorded_share": real.n_reporting / real.n_expected if real.n_expected else 0,
                "mean": shown.mean_per_reported_day,
            }
            for real, shown in zip(self.real, self.shown, strict=True)
        ]

    def _once(self, counts: Iterable[int]) -> int:
        """Add up station-days; the audiences share theirs, so that one stands for all."""
        return max(counts, default=0) if self.group_by is GroupBy.AUDIENCE else sum(counts)


def _asked(query: QueryParams) -> StatisticsQuery | None:
    """Return what the form asks; None where it is out of bounds."""
    given = {name: query[name] for name in NAMES if query.get(name)}
    try:
        return StatisticsQuery.model_validate({"group_by": GroupBy.DAY, **given})
    except ValidationError:
        return None


def _form(
    network: Network, who: Who, query: StatisticsQuery | None, yesterday: date, words: Words
) -> dict[str, object]:
    assert query is not None
    first, last = query.span(yesterday)
    towns = {station.town for station in asked_stations(network, who, None, None)}
    kept = {"town": query.town, "include_sample": "true" if query.include_sample else None}
    pairs = [(name, value) for name, value in kept.items() if value]
    asked = [("from", str(first)), ("to", str(last)), ("group_by", query.group_by.value)]
    return {
        "query": query,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "groupings": [(group_by.value, words(name)) for group_by, name in GROUPINGS.items()],
        "towns": [(t.code, words.pick(t.name, t.name_en)) for t in network.towns.values() if t.code in towns],
        "town": None if query.town is None else network.town(query.town).code,
        "spans": [(name, [*span, *pairs]) for name, span in _spans(yesterday, words)],
        "with_samples": [*asked, *(pair for pair in pairs if pair[0] == "town"), ("include_sample", "true")],
        "switch": switch_links([*asked, *pairs]),
    }


def _spans(yesterday: date, words: Words) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the spans that are asked for most, each with the grouping that suits it."""
    wanted = (
        (words("昨天"), 1, GroupBy.STATION),
        (words("最近 7 天"), 7, GroupBy.DAY),
        (words("最近 30 天"), 30, GroupBy.DAY),
        (words("最近一年"), 365, GroupBy.MONTH),
    )
    return [
        (name, [("from", str(yesterday - timedelta(days=n - 1))), ("to", str(yesterday)), ("group_by", group_by.value)])
        for name, n, group_by in wanted
    ]


def _name(network: Network, group_by: GroupBy, key: str, words: Words) -> str:
    """Return a group's key as people call it."""
    match group_by:
        case GroupBy.STATION:
            name = words.pick(network.station(key).name, network.station(key).name_en)
        case GroupBy.TOWN:
            name = words.pick(network.town(key).name, network.town(key).name_en)
        case GroupBy.AUDIENCE if key == Audience.PUBLIC:
            name = words("其他市民，或没有分人群的")
        case GroupBy.AUDIENCE:
            name = words.pick(*AUDIENCE_NAMES[Audience(key)])
        case GroupBy.DAY:
            name = f"{key} {words(WEEKDAYS[date.fromisoformat(key).weekday()])}"
        case GroupBy.WEEK:
            monday = date.fromisocalendar(int(key[:4]), int(key[6:]), 1)
            name = f"{key} ({monday:%m-%d} – {monday + timedelta(days=6):%m-%d})"
        case GroupBy.WEEKDAY:
            name = words(WEEKDAYS[int(key) - 1])
        case _:
            name = words("合计") if group_by is GroupBy.NETWORK else key
    return name
