"""What wants seeing to at one's own stations: silence, things out of order and since when, places, finders' reports.

One rule: how long something has been so is said only as far as it is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Network
from harbour_api.domain.outage import Outage
from harbour_api.domain.report import median_time
from harbour_api.domain.station import Basis, Station
from harbour_api.store.access import Who
from harbour_api.store.outages import outages
from harbour_api.web.desk.map_table import SORTS, Line
from harbour_api.web.house import House
from harbour_api.web.words import Words

MOST = 50  # of each list
IN_HOURS = timedelta(hours=48)  # up to here a time to fix is told in hours


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: at which station, and what is known of it."""

    code: str
    name: str
    told: str


@dataclass(frozen=True, slots=True)
class Work:
    """A list of things to do: its title with the full number, its first items, and a sentence below."""

    title: str
    n: int
    items: Sequence[Item]
    said: str = ""

    @property
    def n_more(self) -> int:
        """How many are not listed."""
        return self.n - len(self.items)


def work_to_do(
    house: House, who: Who, stations: Sequence[Station], lines: Sequence[Line], today: date, words: Words
) -> list[Work]:
    """Return the four lists."""
    network, broken = house.registry.network, outages(house.database, stations)
    unplaced = [station for station in stations if station.location_basis is not Basis.VERIFIED]
    return [
        _silence(lines, words),
        Work(
            words("故障设施"),
            len(broken),
            [_broken(network, one, today, words) for one in broken[:MOST]],
        ),
        Work(words("位置未核实"), len(unplaced), [_item(station, "", words) for station in unplaced[:MOST]]),
        _reports(house, who, lines, words),
    ]


def _silence(lines: Sequence[Line], words: Words) -> Work:
    silent = sorted((line for line in lines if line.is_silent), key=SORTS["silent"], reverse=True)
    items = [_item(line.station, _silent_words(line, words), words) for line in silent[:MOST]]
    return Work(words("一周没有记录的站点"), len(silent), items)


def _silent_words(line: Line, words: Words) -> str:
    if line.silent_days is not None:
        return words("{n} 天没有记录", n=line.silent_days)
    return words("只有示例数据") if line.totals.has_sample else words("这段时间都没有记录")


def _broken(network: Network, one: Outage, today: date, words: Words) -> Item:
    amenity = network.amenity(one.amenity)
    told = f"{words.pick(amenity.zh, amenity.en)} · {_since(one, today, words)}"
    return _item(network.station(one.station), told, words)


def _since(one: Outage, today: date, words: Words) -> str:
    """Return for how long, or by when it was seen so, or that nobody knows."""
    if one.since is None:
        return words("不清楚从何时起")
    day = local_day(one.since)
    if not one.is_exact:
        return words("{day} 已故障，此前不明", day=day)
    return words("{day} 起，{n} 天", day=day, n=(today - day).days)


def _reports(house: House, who: Who, lines: Sequence[Line], words: Words) -> Work:
    waiting = sorted((line for line in lines if line.n_reports), key=lambda line: -line.n_reports)
    items = [_item(line.station, words("{n} 条反馈待处理", n=line.n_reports), words) for line in waiting[:MOST]]
    return Work(words("反馈待处理"), sum(line.n_reports for line in waiting), items, _time_to_fix(house, who, words))


def _time_to_fix(house: House, who: Who, words: Words) -> str:
    done = house.reports.times_to_fix(who.reach)
    middle = median_time(done)
    if middle is None:
        return words("还没有处理完的反馈，处理用时未知。")
    if middle < IN_HOURS:
        return words("处理用时中位数：{h} 小时（共 {n} 条）。", h=f"{middle / timedelta(hours=1):.1f}", n=len(done))
    return words("处理用时中位数：{d} 天（共 {n} 条）。", d=f"{middle / timedelta(days=1):.1f}", n=len(done))


def _item(station: Station, told: str, words: Words) -> Item:
    return Item(station.code, words.pick(station.name, station.name_en), told)
