"""What the address of the managers' map asks for: how far back, which period, whose visits, drawn and sorted how.

One rule: what the address says is the whole state of the page, so that it can be shared and loaded again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import QueryParams

from harbour_api.domain.periods import Span
from harbour_api.domain.problems import Invalid
from harbour_api.domain.station import Audience
from harbour_api.web.desk.map_table import SORTS
from harbour_api.web.pages.parameters import LANG, page_parameter
from harbour_api.web.words import mark


class By(StrEnum):
    """What a circle stands for."""

    STATION = "station"
    TOWN = "town"


Choice = TypeVar("Choice", bound=StrEnum)
WHOLE = "whole"
SPANS = {
    Span.DAYS_14: mark("14 天"),
    Span.DAYS_28: mark("28 天"),
    Span.WEEKS: mark("12 周"),
    Span.MONTHS: mark("12 个月"),
}
BY = {By.STATION: mark("按站点"), By.TOWN: mark("按镇街")}
Q_LENGTH = 60
NAMES = ("span", "at", "audience", "by", "sort", "q", "page")
PARAMETERS = [
    page_parameter("span", "Steps of time: 14days, 28days, 12weeks (default) or 12months."),
    page_parameter(
        "at", "The period shown: an ISO day, week or month of the span, or whole. The latest recorded by default."
    ),
    page_parameter("audience", "Only visits by this audience."),
    page_parameter("by", "What a circle stands for: station (default) or town."),
    page_parameter("sort", f"The table's order: {', '.join(SORTS)}; a - before it turns it round. -total by default."),
    page_parameter("q", "Only rows of stations that mention this."),
    page_parameter("page", "Which page of the table, from 1."),
    LANG,
]
USUAL = {
    "span": Span.WEEKS.value,
    "at": "",
    "audience": "",
    "by": By.STATION.value,
    "sort": "-total",
    "q": "",
    "page": "1",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked for; `at` is checked where the periods are known."""

    span: Span
    at: str
    audience: Audience | None
    by: By
    sort: str
    q: str
    page: int

    @classmethod
    def of(cls, query: QueryParams) -> Asked:
        """Read the address; Invalid names what is out of bounds."""
        told = {name: query.get(name) or usual for name, usual in USUAL.items()}
        audience = _one_of("audience", told["audience"], Audience) if told["audience"] else None
        span, by = _one_of("span", told["span"], Span), _one_of("by", told["by"], By)
        return cls(span, told["at"], audience, by, _sort(told["sort"]), _search(told["q"].strip()), _page(told["page"]))

    def pairs(self, **other: str) -> list[tuple[str, str]]:
        """Return it as an address has it, what is the default left out, with `other` in place of some."""
        told = {"span": self.span.value, "at": self.at, "audience": self.audience or "", "by": self.by.value}
        told |= {"sort": self.sort, "q": self.q, "page": str(self.page), **other}
        return [(name, value) for name, value in told.items() if value != USUAL[name]]


def _one_of(name: str, word: str, choices: type[Choice]) -> Choice:
    try:
        return choices(word)
    except ValueError:
        raise Invalid.parameter(name, f"must be one of {', '.join(choices)}") from None


def _sort(word: str) -> str:
    if word.removeprefix("-") not in SORTS:
        raise Invalid.parameter("sort", f"must be one of {', '.join(SORTS)}, or one of them after a -")
    return word


def _search(q: str) -> str:
    if len(q) > Q_LENGTH or not q.isprintable():
        raise Invalid.parameter("q", f"must be one line of at most {Q_LENGTH} characters")
    return q


def _page(word: str) -> int:
    if not (word.isascii() and word.isdigit() and 1 <= len(word) <= 6 and int(word)):
        raise Invalid.parameter("page", "must be a number from 1")
    return int(word)
