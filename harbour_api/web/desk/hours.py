"""Opening hours in a form of weekdays, or as the text they are kept as; and the fortnight they would make.

One rule: hours are looked at before they are saved, day by day with holidays and make-up days named, for OSM's
opening_hours say more than one sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from harbour_api.domain.hours import local_day, spans
from harbour_api.domain.problems import Invalid, Stale
from harbour_api.domain.station import Basis, Station
from harbour_api.domain.weekly import DAYS, MOST_STRETCHES, Row, Week, clock_of, row_of
from harbour_api.store.access import Who
from harbour_api.web.api.bodies import StationPatch
from harbour_api.web.desk.belief import belief_in
from harbour_api.web.desk.form import FieldsSent
from harbour_api.web.desk.frame import see_other
from harbour_api.web.desk.station import facts_page, station_address
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.dates import WEEKDAYS, day_name
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.pages.station import day_notes, hours_of_day
from harbour_api.web.security import OwnStation, SignedIn
from harbour_api.web.words import Words

PATH = "/manage/stations/{code}/hours"
DAYS_SHOWN = 14
USUAL: Row = ((9 * 60, 17 * 60),)  # what a day that is ticked first shows
Clocks = list[tuple[str, str]]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Editor:
    """The form as it is shown: rows of a week, the text, what was refused of them, and the hours to be looked at."""

    is_open: tuple[bool, ...]
    clocks: tuple[Clocks, ...]
    is_off_on_holidays: bool
    text: str
    refused: frozenset[int] = frozenset()
    fault: str = ""
    looked_at: str | None = None
    theirs: str | None = None

    @classmethod
    def of(cls, hours: str | None) -> Editor:
        """Return the form of these hours; of those it cannot say, and of none, a blank week."""
        week = Week.read(hours) if hours else None
        rows = week.rows if week else ((),) * len(DAYS)
        return cls(
            tuple(bool(row) for row in rows),
            tuple(_clocks(row or USUAL) for row in rows),
            week.is_off_on_holidays if week else True,
            hours or "",
        )

    @classmethod
    def sent(cls, fields: Mapping[str, str]) -> Editor:
        """Return the form as it was typed."""
        days = range(len(DAYS))
        return cls(
            tuple(fields.get(f"open-{day}") == "1" for day in days),
            tuple([_pair(fields, day, n) for n in range(MOST_STRETCHES)] for day in days),
            fields.get("holidays") == "off",
            fields.get("text", "").strip(),
        )

    def week(self) -> Week | None:
        """Return what the rows say; None where some cannot be read."""
        return (
            None if self.faulty() else Week(tuple(self._row(day) for day in range(len(DAYS))), self.is_off_on_holidays)
        )

    def faulty(self) -> frozenset[int]:
        """Return the days whose times cannot be read."""
        return frozenset(day for day in range(len(DAYS)) if not self._is_sound(day))

    def _is_sound(self, day: int) -> bool:
        try:
            self._row(day)
        except ValueError:
            return False
        return True

    def _row(self, day: int) -> Row:
        return row_of([pair for pair in self.clocks[day] if any(pair)]) if self.is_open[day] else ()


@router.get(PATH, summary="A station's opening hours, as a page", openapi_extra={"parameters": [LANG]})
def hours_page(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Show the hours as a form, and the coming fortnight."""
    words = language_only(request.query_params)
    return _page(request, house, who, station, words, Editor.of(station.opening_hours))


@router.post(PATH, summary="Change opening hours from the page", openapi_extra={"parameters": [LANG]})
def change(request: Request, house: InHouse, who: SignedIn, station: OwnStation, fields: FieldsSent) -> Response:
    """Show what the rows (`do=rows`) or the text (`do=text`) make of a fortnight; with `do=save` save the text."""
    words = language_only(request.query_params)
    is_text = fields.get("do") != "rows"
    editor = replace(Editor.sent(fields), refused=frozenset()) if not is_text else _of_text(fields.get("text", ""))
    try:
        hours = _checked(editor.text) if is_text else _written(editor)
    except Invalid:
        fault = (
            words("这不是能读懂的 opening_hours 写法。")
            if is_text
            else words("请看标出的日子：结束要晚于开始，第二段要在第一段后面。")
        )
        refused = replace(editor, refused=frozenset() if is_text else editor.faulty(), fault=fault)
        return _page(request, house, who, station, words, refused, status=422)
    if fields.get("do") != "save":
        return _page(request, house, who, station, words, replace(editor, text=hours or "", looked_at=hours or ""))
    return _saved(request, house, who, station, words, fields, editor, hours)


def _saved(
    request: Request,
    house: House,
    who: Who,
    station: Station,
    words: Words,
    fields: Mapping[str, str],
    editor: Editor,
    hours: str | None,
) -> Response:
    """Save hours and lead back; where somebody else changed them meanwhile, show theirs beside them."""
    present = house.registry.refresh().station(station.code)
    if (present.opening_hours or "") == fields.get("was", ""):
        try:
            _save(house, who, present, hours)
            return see_other(station_address(station, "/facts"), words, done="hours")
        except Stale:
            present = house.registry.refresh().station(station.code)
    both = replace(editor, looked_at=hours or "", theirs=present.opening_hours or "")
    return _page(request, house, who, present, words, both, status=412)


def _save(house: House, who: Who, station: Station, hours: str | None) -> None:
    changes = {"opening_hours": hours}
    house.registry.change_station(
        station.code, changes, expected={station.version}, basis=Basis.VERIFIED, actor=who.username
    )


def _of_text(text: str) -> Editor:
    """Return the form of a text; one that cannot be read stays as it was typed."""
    return replace(Editor.of(text.strip()), text=text.strip())


def _written(editor: Editor) -> str:
    week = editor.week()
    if week is None:
        raise Invalid("A day's times cannot be read.")
    return week.written()


def _checked(text: str) -> str | None:
    """Return the text by the bounds of the API; an empty one says that nothing is known."""
    try:
        return StationPatch.model_validate({"opening_hours": text or None}).opening_hours
    except ValidationError as error:
        raise Invalid("The text is not valid.") from error


def _clocks(row: Row) -> Clocks:
    pairs = [(clock_of(first), clock_of(last)) for first, last in row]
    return pairs + [("", "")] * (MOST_STRETCHES - len(pairs))


def _pair(fields: Mapping[str, str], day: int, n: int) -> tuple[str, str]:
    return fields.get(f"from-{day}-{n}", "").strip(), fields.get(f"to-{day}-{n}", "").strip()


def _page(
    request: Request, house: House, who: Who, station: Station, words: Words, editor: Editor, *, status: int = 200
) -> Response:
    now = house.now()
    hours = station.opening_hours if editor.looked_at is None else editor.looked_at
    is_odd = bool(station.opening_hours) and Week.read(station.opening_hours or "") is None
    context = {
        "editor": editor,
        "weekdays": [words(name) for name in WEEKDAYS],
        "belief": belief_in(station, "opening_hours", now, words),
        "is_odd": is_odd,
        "known": station.opening_hours or "",
        "days": _fortnight(house, station, hours, words) if not editor.fault else [],
        "their_days": _fortnight(house, station, editor.theirs, words) if editor.theirs else [],
    }
    return facts_page(request, who, station, "desk_hours.html", words, context, status=status)


def _fortnight(house: House, station: Station, hours: str | None, words: Words) -> list[dict[str, object]]:
    """Return the coming days under these hours."""
    first = local_day(house.now())
    days = [first + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)] if hours else []
    return [
        {
            "name": day_name(day, words),
            "hours": hours_of_day(spans(hours or "", day), words),
            "notes": day_notes(station, day, words),
        }
        for day in days
    ]
