"""What a program may ask: the query parameters of the API, each with its bounds, read strictly.

A name that is not known is refused, and so is one given twice where one is meant: a misspelt or doubled filter that
went unnoticed would answer a question nobody asked.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar
from unicodedata import category

from fastapi import Request
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from harbour_api.domain.network import Needs
from harbour_api.domain.place import Datum, Place
from harbour_api.domain.problems import Fault, Invalid, Unknown
from harbour_api.domain.report import ReportState
from harbour_api.domain.station import Status
from harbour_api.web.navigation import MapApp

Moment = TypeVar("Moment", bound=date)  # a datetime is a date too
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:[0-5]\d)", re.ASCII)
_FIGURE = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LARGEST_ID = 2**63 - 1  # what both databases can hold
MOST = 200
MOST_NEAREST = 50
MOST_DAYS = 366
USUAL_DAYS = 30


def is_one_line(text: str) -> bool:
    """Whether it is one line of text; blanks of every width are, the ideographic one of Chinese keyboards too."""
    return all(character.isprintable() or category(character) == "Zs" for character in text)


def _is_text(text: str) -> str:
    if not is_one_line(text) or not text.strip():
        raise ValueError("must be printable text")
    return text


def instant_of(text: Any) -> datetime:
    """Return the instant that is written so, of any year; ValueError where none is: a bare number is no instant."""
    if isinstance(text, str) and _RFC3339.fullmatch(text):
        with suppress(ValueError):  # a day or an hour that there is not
            return datetime.fromisoformat(text.upper())
    raise ValueError("must be an RFC 3339 date and time with its offset")


def _iso_day(text: Any) -> Any:
    if not isinstance(text, str) or not _ISO_DAY.fullmatch(text):
        raise ValueError("must be an ISO date")
    return text


def _in_reach(moment: Moment) -> Moment:
    """Hold to years in which a day more or less is still a date, and Shanghai's clock went by whole minutes."""
    if not 1902 <= moment.year <= 2199:
        raise ValueError("must lie in the years 1902 to 2199")
    return moment


def _box(text: Any) -> Any:
    """Return the bbox that a query gives; a list, as Pydantic has it, is its parts."""
    return bbox_of(",".join(text if isinstance(text, list) else [text]).split(",", 4))


def bbox_of(figures: Sequence[str]) -> tuple[float, float, float, float]:
    """Return west, south, east, north in degrees; ValueError says which bound the figures break."""
    if len(figures) != 4:
        raise ValueError("must be west,south,east,north")
    west, south, east, north = (figure_of(figure) for figure in figures)
    Place.at(west, south)
    Place.at(east, north)
    if south > north:
        raise ValueError("south must not lie above north")
    return west, south, east, north


def figure_of(text: str) -> float:
    """Return a number that is there to be measured with; ValueError where it is none."""
    figure = float(text) if _FIGURE.fullmatch(text.strip()) else math.nan
    if not math.isfinite(figure):
        raise ValueError("must be numbers, separated by commas")
    return figure


Instant = Annotated[AwareDatetime, Strict(False), BeforeValidator(instant_of), AfterValidator(_in_reach)]
Day = Annotated[date, Strict(False), BeforeValidator(_iso_day), AfterValidator(_in_reach)]
_DAY = TypeAdapter[date](Day)
Text = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_is_text)]
Code = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_is_text)]
Box = Annotated[tuple[float, float, float, float], BeforeValidator(_box)]


class _Query(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class PageQuery(_Query):
    """The query of a list that comes page by page."""

    limit: int = Field(100, ge=1, le=MOST, description="how many at most")
    cursor: str | None = Field(None, max_length=100, description="where to go on, from `next` of the page before")

    @property
    def after(self) -> str:
        """What the page before ended with; Invalid where the cursor is none of ours."""
        return "" if self.cursor is None else code_before(self.cursor)


class Filters(_Query):
    """The filters that a list and the nearest share."""

    town: Code | None = Field(None, description="code of a town, of today or of 2018")
    amenity: list[Code] = Field([], max_length=64, description="code of an amenity; repeatable: all of them, state yes")
    include_unknown: bool = Field(False, description="let through unknown amenities and hours, never out of order ones")
    open_at: Instant | Literal["now"] | None = Field(None, description="open at that RFC 3339 instant, or now")
    status: Status = Field(Status.OPERATING, description="status of the station")

    def needs(self, now: datetime) -> Needs:
        """Return the same as the picture understands it."""
        return Needs(
            town=self.town,
            amenities=tuple(self.amenity),
            include_unknown=self.include_unknown,
            open_at=now if self.open_at == "now" else self.open_at,
            status=self.status,
            bbox=getattr(self, "bbox", None),
            q=getattr(self, "q", None),
        )


class ListQuery(Filters, PageQuery):
    """The query of a list of stations."""

    bbox: Box | None = Field(None, description="west,south,east,north in WGS-84 degrees; west > east crosses 180")
    q: Text | None = Field(
        None, description="part of a name, address, code or town: Chinese, English, pinyin, initials"
    )


def cursor_after(code: str) -> str:
    """Return the cursor of the page that begins after this code."""
    return base64.urlsafe_b64encode(code.encode()).decode()


def code_before(cursor: str) -> str:
    """Return the code that the page before a cursor ended with; Invalid where the cursor is none of ours."""
    try:
        code = base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii")
    except ValueError:  # of the coding, or of the text in it
        code = ""
    if not code:
        raise Invalid.parameter("cursor", "must be one that a page before gave")
    return code


class NearestQuery(Filters):
    """The query of the nearest stations."""

    lon: float = Field(ge=-180, le=180, description="longitude in degrees, in `datum`")
    lat: float = Field(ge=-90, le=90, description="latitude in degrees, in `datum`")
    limit: int = Field(5, ge=1, le=MOST_NEAREST, description="how many at most")
    max_distance_m: float | None = Field(None, ge=0, description="leave out what is farther, in metres")
    datum: Datum = Field(Datum.WGS84, description="of the coordinates given and answered")

    @property
    def place(self) -> Place:
        """Where the asker is."""
        return Place.at(self.lon, self.lat, self.datum)


class NavigationQuery(_Query):
    """The query of the way to a station."""

    app: MapApp = Field(description="the map application to open")


class ReportsQuery(PageQuery):
    """The query of the queue of reports."""

    state: ReportState | None = Field(None, description="only reports in that state")
    station: Code | None = Field(None, description="code of a station: only reports of that one")

    @property
    def before(self) -> int | None:
        """The id that the page before ended with; Invalid where the cursor is none of ours."""
        if self.cursor is None:
            return None
        found = row_id(self.after)
        if not found:
            raise Invalid.parameter("cursor", "must be one that a page before gave")
        return found


class ClosuresQuery(_Query):
    """The query of a station's closures."""

    past: bool = Field(False, description="those that are over too")


class DaysQuery(_Query):
    """A span of local days, both ends in."""

    first: Day | None = Field(None, alias="from", description="first day, ISO; 29 days before `to` by default")
    last: Day | None = Field(None, alias="to", description="last day, ISO; today by default")

    @model_validator(mode="after")
    def _in_order(self) -> DaysQuery:
        if self.first and self.last and not timedelta(0) <= self.last - self.first < timedelta(days=MOST_DAYS):
            raise ValueError(f"from must not lie after to, nor more than {MOST_DAYS} days before")
        return self

    def span(self, today: date) -> tuple[date, date]:
        """Return the first and the last day."""
        last = self.last or (self.first + timedelta(days=USUAL_DAYS - 1) if self.first else today)
        return self.first or last - timedelta(days=USUAL_DAYS - 1), last


class DayQuery(_Query):
    """One local day."""

    day: Day | None = Field(None, description="ISO date; today by default")


def row_id(text: str) -> int:
    """Return the id that an address names, or 0, which no row has, where it can be none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
    return number if number <= LARGEST_ID else 0


def named_day(day: str) -> date:
    """Return the local day that an address names; Unknown where it is none."""
    try:
        return _DAY.validate_python(day)
    except ValidationError:
        raise Unknown("No day has that address: write it as an ISO date.") from None


def known_parameters_only(request: Request) -> None:
    """Refuse a query parameter the route does not declare, and one given twice where one is meant."""
    single, repeatable = _declared(request)
    names = [name for name, _ in request.query_params.multi_items()]
    faults = [
        Fault("is not known here", parameter=name) for name in dict.fromkeys(names) if name not in single | repeatable
    ]
    faults += [Fault("is given twice", parameter=name) for name in sorted(single) if names.count(name) > 1]
    if faults:
        raise Invalid("A query parameter is not valid.", errors=tuple(faults))


def _declared(request: Request) -> tuple[set[str], set[str]]:
    single: set[str] = set()
    repeatable: set[str] = set()
    for parameter in request.scope["route"].dependant.query_params:
        model = parameter.field_info.annotation
        for name, field in model.model_fields.items():
            (repeatable if field.annotation == list[Code] else single).add(field.alias or name)
    return single, repeatable
