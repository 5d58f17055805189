"""The geospatial door's own definition is valid OpenAPI 3.0, whole, and true: OGC API - Features, class oas30."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web.conftest import Front
from tests.web.geospatial import ITEMS, ROOT, TOWN_ITEMS, place_two, read
from tests.web.test_openapi import bounded

PATHS = {
    *("/", "/conformance", "/api", "/collections", "/collections/stations", "/collections/towns"),
    *("/collections/stations/items", "/collections/towns/items"),
    *("/collections/stations/items/{code}", "/collections/towns/items/{code}"),
}
EXAMPLES = 10  # for each operation
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
VALUES = {
    "f": "json", "lang": "en", "limit": "5", "cursor": "WlMwMDE=", "bbox": "113,22,114,23",
    "bbox-crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "datetime": "../2026-11-02T00:00:00Z",
    "code": "ZS001", "cnaps": "105603000016", "town": "442000001", "access": "walk_in", "status": "operating",
    "location_basis": "verified", "amenity": "toilet,wifi",
}  # fmt: skip


@pytest.fixture(scope="module")
def door(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    for front in fronts("sqlite"):
        yield place_two(front)


@pytest.fixture(scope="module")
def definition(door: Front) -> dict[str, Any]:
    found: dict[str, Any] = read(door, f"{ROOT}/api")
    return found


def parameters(definition: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in definition["paths"][path]["get"]["parameters"]}


def test_it_is_valid_openapi_3_0_and_says_so(door: Front, definition: dict[str, Any]) -> None:
    assert door.open(f"{ROOT}/api").headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    assert definition["openapi"].startswith("3.0.")
    assert [error.message for error in OpenAPIV30SpecValidator(definition).iter_errors()] == []


def test_the_validator_would_tell(definition: dict[str, Any]) -> None:
    assert list(OpenAPIV30SpecValidator({**definition, "paths": {"/": {"get": {}}}}).iter_errors()) != []


def test_it_defines_every_address_of_the_door_and_no_other(door: Front, definition: dict[str, Any]) -> None:
    listed = {path for path in door.client.get("/openapi.json").json()["paths"] if path.startswith(ROOT)}

    assert definition["paths"].keys() == PATHS
    assert {path.removeprefix(ROOT).replace("{town}", "{code}") for path in listed} == PATHS
    assert [server["url"] for server in definition["servers"]] == [f"{door.house.settings.public_url}{ROOT}"]


@pytest.mark.parametrize("path", ["/collections/stations/items", "/collections/towns/items"])
def test_limit_bbox_and_datetime_are_defined_as_the_standard_does(definition: dict[str, Any], path: str) -> None:
    found = parameters(definition, path)

    assert found["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 100}
    assert found["bbox"]["schema"] == {
        "type": "array",
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    }
    assert found["datetime"]["schema"] == {"type": "string"}
    for name in ("limit", "bbox", "datetime"):
        assert (found[name]["in"], found[name]["required"]) == ("query", False)
        assert (found[name]["style"], found[name]["explode"]) == ("form", False)


def test_every_parameter_it_defines_is_understood(door: Front, definition: dict[str, Any]) -> None:
    for path in PATHS:
        address = ROOT + path.replace("{code}", "442000001" if "towns" in path else "ZS001")
        for name, parameter in parameters(definition, path).items():
            if parameter["in"] == "query":
                value = "442000001" if "towns" in path and name == "code" else VALUES[name]
                assert door.open(address, params={name: value}).status_code == 200, (path, name)


@pytest.mark.parametrize("path", sorted(PATHS - {"/api"}))
def test_an_answer_is_what_its_schema_says(door: Front, definition: dict[str, Any], path: str) -> None:
    content = definition["paths"][path]["get"]["responses"]["200"]["content"]
    [kind] = [kind for kind in content if "json" in kind]
    schema = {**content[kind]["schema"], "components": definition["components"]}
    codes = ("442000001",) if "towns" in path else ("ZS001", "ZS002")
    for code in codes:
        answer = door.open(ROOT + path.replace("{code}", code))
        faults = [error.message for error in OAS30Validator(schema).iter_errors(answer.json())]
        assert (faults, answer.headers["content-type"]) == ([], kind)


def test_every_operation_tells_of_the_refusals_that_any_may_meet(definition: dict[str, Any]) -> None:
    for path in PATHS:
        assert definition["paths"][path]["get"]["responses"].keys() >= {"400", "406", "429", "500", "503"}


def test_a_schema_names_every_property_and_would_miss_one(door: Front, definition: dict[str, Any]) -> None:
    for name, items in (("stations", ITEMS), ("towns", TOWN_ITEMS)):
        schema = {**definition["components"]["schemas"][f"{name}Items"], "components": definition["components"]}
        page = read(door, f"{items}?limit=1")
        [feature] = page["features"]
        told = definition["components"]["schemas"][f"{name}Item"]["properties"]["properties"]
        del feature["properties"]["name"]

        assert told["properties"].keys() == {*feature["properties"], "name"}
        assert list(OAS30Validator(schema).iter_errors(page)) != []


def test_nothing_a_program_makes_of_the_definition_is_answered_as_it_does_not_say(door: Front) -> None:
    schema = schemathesis.openapi.from_asgi(f"{ROOT}/api", door.app)
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(bounded, max_examples=EXAMPLES)
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        ask()
        asked += 1
    assert asked == len(PATHS) - 1, "all but the address that the definition itself comes from"
