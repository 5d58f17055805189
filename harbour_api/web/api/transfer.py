"""Spreadsheets in and out over the API, and files for maps.

One rule: a file is taken in whole or not at all, and whoever sent it is told every cell that keeps it out. The answer
names cells and rules, never what stood in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from harbour_api.domain.hours import local_day
from harbour_api.domain.network import Network
from harbour_api.domain.place import Datum
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.sheet import COLUMNS, Kind, Reject, SheetRefused
from harbour_api.domain.sheet_out import Row, day_rows, offering_rows, station_rows
from harbour_api.domain.station import Station
from harbour_api.store.access import Who
from harbour_api.store.transfer.exports import MEDIA_TYPES, Form, write_file
from harbour_api.store.transfer.files import read_sheet
from harbour_api.store.transfer.imports import Taken
from harbour_api.web.answers import private
from harbour_api.web.api.queries import DaysQuery, known_parameters_only
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import SignedIn
from harbour_api.web.wire import JSON

MOST_REJECTS = 200  # told of; a sheet that is wrong in every row is wrong in one way
MULTIPART = "multipart/form-data"
SHEET_TYPES = ("text/csv", MEDIA_TYPES[Form.XLSX])
REFUSALS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 503: PROBLEM}

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=REFUSALS, default_response_class=Response)
_one_at_a_time = CapacityLimiter(
    1
)  # a sheet takes memory and a processor: others wait here, not in the readers' threads


class ImportQuery(BaseModel):
    """What a sheet is about, and whether it is to be taken in or only looked at."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = Field(description="what the rows are about")
    dry_run: bool = Field(False, description="tell what would be, and change nothing")


class ExportQuery(DaysQuery):
    """What is to be in a file."""

    datum: Datum = Field(Datum.WGS84, description="of the coordinates in the file")
    template: bool = Field(False, description="the header alone, to fill in")


_COUNT = {"type": "integer", "minimum": 0}
_WHERE = {"row": {"type": ["integer", "null"]}, "column": {"type": ["string", "null"]}}
_REJECT = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "cell": {"type": ["string", "null"]}, **_WHERE},
}
_REPORT = {
    "type": "object",
    "required": ["created", "updated", "unchanged", "rejected"],
    "properties": {
        **dict.fromkeys(("created", "updated", "unchanged"), _COUNT),
        "rejected": {"type": "array", "items": _REJECT, "maxItems": MOST_REJECTS + 1},
    },
}
_REPORTED = {JSON: {"schema": _REPORT}}
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_FILE = {"schema": {"type": "object", "required": ["file"], "properties": {"file": _BINARY["schema"]}}}
_IMPORT: dict[str, Any] = {
    "requestBody": {"required": True, "content": {**dict.fromkeys(SHEET_TYPES, _BINARY), MULTIPART: _FILE}},
}


@router.post(
    "/imports",
    summary="Take a sheet in",
    openapi_extra=_IMPORT,
    responses={
        200: {"description": "what the rows came to", "content": _REPORTED},
        413: PROBLEM,
        422: {
            "description": "nothing was changed: the cells at fault, or a query at fault",
            "content": {**_REPORTED, "application/problem+json": {}},
        },
    },
)
async def take_in(request: Request, house: InHouse, who: SignedIn, query: Annotated[ImportQuery, Query()]) -> Response:
    """Take in an XLSX or CSV file (UTF-8) of stations, offerings or days, all of it or, with any reject, nothing.

    The columns are those of the exports, in any order; one that is left out says nothing, and neither does a row that
    is left out. A row that says what is so already is `unchanged`, and the same file taken in twice is that throughout.
    Managers send rows of their own stations; an administrator opens stations by rows with an unknown clearing code.
    """
    known_parameters_only(request)
    raw = await sent_file(request)
    return private(*await taken_in(house, who, raw, query.kind, is_dry=query.dry_run))


async def taken_in(house: House, who: Who, raw: bytes, kind: Kind, *, is_dry: bool) -> tuple[dict[str, Any], int]:
    """Return the report of a file and its status: 422 where anything in it was at fault."""

    def take() -> Taken:
        return house.imports.take(read_sheet(raw), kind, who.reach, actor=who.username, is_dry=is_dry)

    try:
        taken = await to_thread.run_sync(take, limiter=_one_at_a_time)
    except SheetRefused as refusal:
        return {**asdict(Taken(0, 0, 0)), "rejected": _told(refusal.rejects)}, 422
    return {**asdict(taken), "rejected": []}, 200


async def sent_file(request: Request) -> bytes:
    """Return the file that was sent: the body itself, or the part `file` of a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != MULTIPART:
        return await request.body()
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid("The form must have the file as its part `file`.")
        return await file.read()


def _told(rejects: Sequence[Reject]) -> list[dict[str, Any]]:
    told = [asdict(reject) for reject in rejects[:MOST_REJECTS]]
    more = len(rejects) - MOST_REJECTS
    return told + ([asdict(Reject(f"and {more} more"))] if more > 0 else [])


@router.get(
    "/exports/{kind}.{form}",
    summary="Download a file",
    response_class=Response,
    responses={
        200: {"description": "the file", "content": dict.fromkeys(MEDIA_TYPES.values(), _BINARY)},
        404: PROBLEM,
        422: PROBLEM,
    },
)
def export(
    request: Request, house: InHouse, who: SignedIn, kind: str, form: str, query: Annotated[ExportQuery, Query()]
) -> Response:
    """Return one's own stations, or all for an administrator, with what they offer or what their days came to.

    As CSV (UTF-8), XLSX, GeoJSON or KML, in order of code. Taken in again, it changes nothing. Cells that could start a
    formula have a `'` before them. Placeholders have no place in a sheet and are on no map. `from` and `to` go with
    days: those recorded, samples not among them.
    """
    known_parameters_only(request)
    if kind not in list(Kind) or form not in list(Form):
        raise Unknown("There is a file each of stations, offerings and days, as csv, xlsx, geojson and kml.")
    if Kind(kind) is not Kind.DAYS and (query.first or query.last):
        raise Invalid.parameter("from" if query.first else "to", "goes with days only")
    body = exported(house, who, Kind(kind), Form(form), query)
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{kind}.{form}"'}
    return Response(body, 200, headers, MEDIA_TYPES[Form(form)])


def exported(house: House, who: Who, kind: Kind, form: Form, query: ExportQuery) -> bytes:
    """Return the bytes of a file of one's own stations."""
    network = house.registry.network
    rows = [] if query.template else _rows(house, network, who.own(network.stations), kind, query)
    return write_file(form, kind, COLUMNS[kind], rows, query.datum)


def _rows(house: House, network: Network, own: list[Station], kind: Kind, query: ExportQuery) -> Iterable[Row]:
    if kind is Kind.STATIONS:
        return station_rows(network, own, query.datum)
    if kind is Kind.OFFERINGS:
        return offering_rows(network, own)
    first, last = query.span(local_day(house.now()))
    days = house.visits.network_days(first, last, {station.code for station in own})
    return day_rows(own, days)
