"""What a program may send: the JSON bodies of the managers' API, read strictly.

The order of refusal is 401, 404, 403, 422, so a route reads its body itself, once it is known who asks: `await
read(request, Model)`. What JSON does not have (NaN, lone surrogates) and numbers past every bound are refused, not met
halfway: no text becomes a number here, and no fraction a count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.json_schema import models_json_schema

from harbour_api.domain.hours import check_hours
from harbour_api.domain.network import Network
from harbour_api.domain.notice import Notice, NoticeKind
from harbour_api.domain.place import Datum, Place
from harbour_api.domain.problems import Invalid
from harbour_api.domain.report import ReportKind, ReportState
from harbour_api.domain.station import Access, Basis, Special, Status, cnaps_is_valid
from harbour_api.web.api.queries import Instant, is_one_line
from harbour_api.web.refusals import faults_of

JSON_TYPES = ("application/json", "application/merge-patch+json")
MOST_BYTES = 65_536  # no body here comes near it, and finding fault with a larger one would hold up everybody
SCHEMA_REF = "#/components/schemas/{model}"


def _one_line(text: str) -> str:
    if not is_one_line(text):
        raise ValueError("must be one line of printable text")
    return text


def _clearing_code(code: str) -> str:
    if not cnaps_is_valid(code):
        raise ValueError("must be 12 digits whose last is the ISO 7064 MOD 11,10 check digit")
    return code


def _phone(text: str) -> str:
    if not set(text) <= set("0123456789+-() "):
        raise ValueError("may have digits, blanks and + - ( ) only")
    return text


def _at_most(length: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=length)


Line40 = Annotated[str, _at_most(40), AfterValidator(_one_line)]
Line80 = Annotated[str, _at_most(80), AfterValidator(_one_line)]
Line120 = Annotated[str, _at_most(120), AfterValidator(_one_line)]
Line200 = Annotated[str, _at_most(200), AfterValidator(_one_line)]
Line400 = Annotated[str, _at_most(400), AfterValidator(_one_line)]
Hours = Annotated[str, _at_most(400), AfterValidator(_one_line), AfterValidator(check_hours)]
Phone = Annotated[Line40, AfterValidator(_phone)]
Cnaps = Annotated[str, AfterValidator(_clearing_code)]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class Body(BaseModel):
    """A body: what it does not name is refused, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SpecialBody(Body):
    """What makes a station its own, in both languages."""

    zh: Line80
    en: Line120


class StationBody(Body):
    """A new station. Its point stays a placeholder, to which nobody is sent, unless `location_basis` says better."""

    cnaps: Cnaps
    name: Line80
    name_en: Line120
    town: Line40
    lon: Figure
    lat: Figure
    datum: Datum = Datum.WGS84
    location_basis: Basis = Basis.PLACEHOLDER
    address: Line200 | None = None
    phone: Phone | None = None
    access: Access = Access.UNKNOWN
    opening_hours: Hours | None = None
    specials: list[SpecialBody] = Field([], max_length=10)

    def place(self) -> Place:
        """Return where it is."""
        return place_of(self.lon, self.lat, self.datum)


class StationPatch(Body):
    """A change of a station as a JSON Merge Patch: what is not named stays, null empties what may be empty.

    `basis` is why the new facts are believed; a manager on site verifies them.
    """

    name: Line80 = Field(default="")
    name_en: Line120 = Field(default="")
    town: Line40 = Field(default="")
    address: Line200 | None = None
    phone: Phone | None = None
    access: Access = Access.UNKNOWN
    status: Status = Status.OPERATING
    opening_hours: Hours | None = None
    specials: list[SpecialBody] = Field([], max_length=10)
    basis: Basis = Basis.VERIFIED

    def changes(self) -> dict[str, Any]:
        """Return the fields that were named, as domain values."""
        named = {field: getattr(self, field) for field in self.model_fields_set - {"basis"}}
        return named | ({"specials": specials_of(self.specials)} if "specials" in named else {})


class NoticeBody(Body):
    """The notice above every public page, from `from` up to `to`, in both languages."""

    kind: NoticeKind
    starts_at: Instant = Field(alias="from")
    ends_at: Instant = Field(alias="to")
    text: Line200
    text_en: Line400

    def notice(self) -> Notice:
        """Return the notice; Invalid where it would end before it begins."""
        if self.ends_at <= self.starts_at:
            raise Invalid.field("/to", "must lie after from")
        return Notice(self.kind, self.starts_at, self.ends_at, self.text, self.text_en)


class ReportBody(Body):
    """What a finder met at the door; `amenity` for `amenity_out`, and for nothing else."""

    kind: ReportKind
    amenity: str | None = None

    def amenity_in(self, network: Network) -> str | None:
        """Return the code of the amenity the report is about; Invalid where it is missing, unknown or of no use."""
        if self.kind is not ReportKind.AMENITY_OUT:
            if self.amenity is not None:
                raise Invalid.field("/amenity", "goes with the kind amenity_out only")
            return None
        if self.amenity is None or self.amenity not in network.amenities:
            raise Invalid.field("/amenity", "must be a code listed under /api/v1/amenities")
        return self.amenity


class ReportPatch(Body):
    """Where a report stands now."""

    state: ReportState


_DESCRIBED: dict[str, type[Body]] = {}  # by name: what the routes read
Given = TypeVar("Given", bound=Body)


async def read(request: Request, model: type[Given], most_bytes: int = MOST_BYTES) -> Given:
    """Return the request's JSON body; Invalid lists every fault by JSON pointer."""
    kind = request.headers.get("content-type", JSON_TYPES[0]).partition(";")[0].strip().lower()
    if kind not in JSON_TYPES:
        raise Invalid("The body must be JSON, with the content type application/json.")
    body = await request.body()
    if len(body) > most_bytes:
        raise Invalid(f"A body of this kind has at most {most_bytes} bytes.")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = faults_of(error.errors(include_url=False, include_input=False, include_context=False), body=True)
        raise Invalid("The body is not valid.", errors=faults) from None


def place_of(lon: float, lat: float, datum: Datum) -> Place:
    """Return the place of a body; Invalid names the figure out of bounds, and guesses when the two were swapped."""
    try:
        return Place.at(lon, lat, datum)
    except ValueError as error:
        hint = "; are longitude and latitude swapped?" if abs(lat) > 90 else ""
        raise Invalid.field("/lat" if "latitude" in str(error) else "/lon", f"{error}{hint}") from error


def specials_of(specials: list[SpecialBody]) -> tuple[Special, ...]:
    """Return specials as domain values."""
    return tuple(Special(special.zh, special.en) for special in specials)


def described(
    model: type[Body], kind: str = JSON_TYPES[0], *, header: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what OpenAPI is to say of a route that reads this body, and perhaps a header, itself."""
    _DESCRIBED[model.__name__] = model
    schema = {"$ref": SCHEMA_REF.format(model=model.__name__)}
    told: dict[str, Any] = {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}
    if header is not None:
        told["parameters"] = [{"in": "header", "schema": {"type": "string"}, **header}]
    return told


def body_schemas() -> dict[str, Any]:
    """Return the schemas of all bodies that routes describe, for the components of the OpenAPI document."""
    pairs = [(model, "validation") for _, model in sorted(_DESCRIBED.items())]
    _, document = models_json_schema(pairs, ref_template=SCHEMA_REF)  # type: ignore[arg-type]
    schemas: dict[str, Any] = document["$defs"]
    return schemas
