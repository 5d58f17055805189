"""Dates in words, how long a station is shut, and the days of what is not there always: `6月7日至9日，未开始`.

One rule: a thing with days never shows as if it were there today when it is not. `network.js` says the same without a
connection, from the same sentences.
"""

from __future__ import annotations

from datetime import date, time, timedelta

from harbour_api.domain.hours import ZONE
from harbour_api.domain.season import Phase, Season
from harbour_api.domain.station import Amenity, Closure
from harbour_api.web.words import Words, mark

WEEKDAYS = (mark("周一"), mark("周二"), mark("周三"), mark("周四"), mark("周五"), mark("周六"), mark("周日"))
IN_MONTH = ("{month}月{day}日至{to_day}日", "{day} to {to_day} {short}")
BETWEEN = mark("{begins}至{ends}")
OF_YEAR = mark("{year}年{span}")
PHASES = {Phase.COMING: mark("未开始"), Phase.ON: mark("进行中"), Phase.OVER: mark("已结束")}
WHEN, NAME_AND_WHEN = mark("{span}，{phase}"), mark("{name}（{when}）")


def date_text(day: date, words: Words, *, year: bool = False) -> str:
    """Return a date as one says it, with its year where that matters."""
    zh, en = f"{day.month}月{day.day}日", f"{day.day} {day:%b}"
    return words.pick(f"{day.year}年{zh}", f"{en} {day.year}") if year else words.pick(zh, en)


def day_name(day: date, words: Words) -> str:
    """Return a day as one says it, with its weekday."""
    return f"{date_text(day, words)} {words(WEEKDAYS[day.weekday()])}"


def day_number(day: date) -> int:
    """Return a day as the phone counts them, from 1970: by it a kept page finds its today."""
    return (day - date(1970, 1, 1)).days


def span_text(season: Season, today: date | None, words: Words) -> str:
    """Return from which day to which; the year where it is not today's, and always where there is no today."""
    first, last = season.first, season.last
    if first.year != last.year:
        return words(BETWEEN, begins=date_text(first, words, year=True), ends=date_text(last, words, year=True))
    if first == last:
        span = date_text(first, words)
    elif first.month == last.month:
        days = {"month": first.month, "day": first.day, "to_day": last.day, "short": f"{first:%b}"}
        span = words.pick(*IN_MONTH).format(**days)
    else:
        span = words(BETWEEN, begins=date_text(first, words), ends=date_text(last, words))
    return span if today is not None and last.year == today.year else words(OF_YEAR, span=span, year=last.year)


def when_text(season: Season, today: date, words: Words) -> str:
    """Return the days, and whether they are to come, today or over."""
    phase = PHASES[season.phase(today)]
    return words(WHEN, span=span_text(season, today, words), phase=words(phase))


def closure_text(closure: Closure, words: Words) -> str:
    """Return from when to when a closure lasts, as one says it."""
    first, last = closure.starts_at.astimezone(ZONE), closure.ends_at.astimezone(ZONE)
    if first.time() == time() and last - first == timedelta(days=1):
        return words("{day} 整天", day=day_name(first.date(), words))
    ends_with_day = last.time() == time()
    last_day = last.date() - timedelta(days=ends_with_day)
    clock = "24:00" if ends_with_day else f"{last:%H:%M}"
    end = clock if last_day == first.date() else f"{day_name(last_day, words)} {clock}"
    return words("{first} 至 {last}", first=f"{day_name(first.date(), words)} {first:%H:%M}", last=end)


def amenity_text(amenity: Amenity, season: Season | None, today: date, words: Words) -> str:
    """Return the name of what a station has, with its days."""
    name = words.pick(amenity.zh, amenity.en)
    return name if season is None else words(NAME_AND_WHEN, name=name, when=when_text(season, today, words))
