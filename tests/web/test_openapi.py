"""The description of the API: valid, whole, and true, for a program that knows nothing else finds no 5xx behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from tests.web.conftest import Front

EXAMPLES = 10  # for each operation
FEWER = 5  # once more: as a stranger, who is refused most, and on the other engine, which sees what the first one saw
bounded = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def document(front: Front) -> dict[str, Any]:
    found: dict[str, Any] = front.client.get("/openapi.json").json()
    return found


def operations(front: Front) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document(front)["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(inner)


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(front: Front) -> None:
    whole = document(front)
    assert whole["openapi"].startswith("3.1")
    references = {part["$ref"] for part in parts(whole) if "$ref" in part}
    assert references
    for reference in references:
        found: Any = whole
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert isinstance(found, dict)


def test_every_schema_is_a_valid_one(front: Front) -> None:
    whole = document(front)
    schemas = [part["schema"] for part in parts(whole) if isinstance(part.get("schema"), dict)]
    for schema in [*schemas, *whole["components"]["schemas"].values()]:
        jsonschema_rs.meta.validate({"$schema": DIALECT, **schema})


def test_every_route_is_described_with_its_parameters_and_answers(front: Front) -> None:
    described = list(operations(front))
    assert len([path for _, path, _ in described if path.startswith("/api/v1/")]) >= 14
    names = [operation["operationId"] for _, _, operation in described]
    assert len(names) == len(set(names))
    for method, path, operation in described:
        assert operation["summary"], (method, path)
        assert operation.get("description"), (method, path)
        answers = operation["responses"]
        assert any(status.startswith(("2", "3")) for status in answers), (method, path)
        placed = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert placed == set(re.findall(r"\{(\w+)\}", path))
        if path.startswith("/api/v1/"):
            assert any("application/problem+json" in answer.get("content", {}) for answer in answers.values())


@pytest.mark.parametrize(
    ("method", "path", "model"),
    [
        ("POST", "/api/v1/sessions", "LogInBody"),
        ("POST", "/api/v1/stations", "StationBody"),
        ("PATCH", "/api/v1/stations/{code}", "StationPatch"),
        ("POST", "/api/v1/stations/{code}/visits", "VisitBody"),
        ("POST", "/api/v1/stations/{code}/visits/batch", "BatchBody"),
        ("POST", "/api/v1/visits/{id}/corrections", "CorrectionBody"),
        ("PUT", "/api/v1/stations/{code}/days/{day}", "DayBody"),
        ("PUT", "/api/v1/stations/{code}/days/{day}/unlock", "ReasonBody"),
        ("POST", "/api/v1/stations/{code}/reports", "ReportBody"),
        ("PUT", "/api/v1/stations/{code}/amenities/{amenity}", "OfferingBody"),
        ("POST", "/api/v1/stations/{code}/closures", "ClosureBody"),
        ("POST", "/api/v1/stations/{code}/verification", "VerificationBody"),
        ("PATCH", "/api/v1/reports/{id}", "ReportPatch"),
        ("PUT", "/api/v1/notice", "NoticeBody"),
    ],
)
def test_a_body_is_described_and_takes_no_other_field(front: Front, method: str, path: str, model: str) -> None:
    [operation] = [found for m, p, found in operations(front) if (m, p) == (method, path)]
    [content] = operation["requestBody"]["content"].values()
    assert content["schema"]["$ref"].endswith(f"/{model}")
    assert document(front)["components"]["schemas"][model]["additionalProperties"] is False


def test_the_questions_of_the_hottest_route_are_described_with_their_bounds(front: Front) -> None:
    [operation] = [found for m, p, found in operations(front) if p == "/api/v1/stations/nearest"]
    described = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert described.keys() == {
        "lon", "lat", "limit", "max_distance_m", "town", "amenity", "include_unknown", "open_at", "status", "datum",
    }  # fmt: skip
    assert described["lon"]["required"]
    assert (described["lon"]["schema"]["minimum"], described["lat"]["schema"]["maximum"]) == (-180, 90)
    assert (described["limit"]["schema"]["minimum"], described["limit"]["schema"]["maximum"]) == (1, 50)


@cache
def described_to_programs(app: FastAPI) -> Any:
    """The description with what is made of it, which takes longer than asking: once for all who ask.

    The geospatial door has a definition of its own, which its own tests hold to more.
    """
    return schemathesis.openapi.from_asgi("/openapi.json", app).exclude(path_regex="^/ogc")


def break_it(front: Front, headers: dict[str, str], examples: int) -> None:
    """Ask every operation what a program makes of the description."""
    asked = 0
    for result in described_to_programs(front.app).get_all_operations():
        operation = result.ok()
        if headers and operation.label.startswith("DELETE /api/v1/sessions"):
            continue  # it would log itself out

        @settings(bounded, max_examples=examples)
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=[not_a_server_error])

        ask()
        asked += 1
    assert asked >= 20


def test_nothing_an_administrators_program_makes_of_the_description_breaks_the_service(front: Front) -> None:
    examples = EXAMPLES if front.url.startswith("sqlite") else FEWER
    break_it(front, {**front.administrator, "If-Match": "*"}, examples)


@pytest.mark.parametrize("shared", ["sqlite"], indirect=True)  # no engine hears what a stranger is refused
def test_nothing_a_strangers_program_makes_of_the_description_breaks_the_service(front: Front) -> None:
    break_it(front, {}, FEWER)
