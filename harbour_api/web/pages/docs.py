"""The documentation of the API as a page made from its own description: no script, nothing from elsewhere.

One rule: nothing is said here that `/openapi.json` does not say; a program and its author read the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from harbour_api.web.house import InHouse
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.templates_env import render

BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "characters: at least {}",
    "maxLength": "characters: at most {}",
    "minItems": "items: at least {}",
    "maxItems": "items: at most {}",
    "pattern": "pattern {}",
}
# A value for each parameter without which an example would be refused.
EXAMPLES = {"code": "ZS001", "lon": "113.3852", "lat": "22.5168", "app": "amap"}
Document = Mapping[str, Any]

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


@router.get("/docs", summary="The documentation of the API, as a page", openapi_extra={"parameters": [LANG]})
def docs_page(request: Request, house: InHouse) -> HTMLResponse:
    """Show every operation with its parameters, body, answers and refusals."""
    words = language_only(request.query_params)
    document = request.app.openapi()
    tags = docs_view(document, house.settings.public_url)
    context = {"tags": tags, "title": document["info"]["title"], "about": document["info"]["description"]}
    return render(request, "docs.html", words, context, headers={"Cache-Control": "no-cache"})


def docs_view(document: Document, public_url: str) -> list[dict[str, Any]]:
    """Return every operation by tag, in the order of the description."""
    tags: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = _operation(document, method, path, operation, public_url)
            tags.setdefault(operation.get("tags", ["other"])[0], []).append(shown)
    return [{"name": name, "operations": operations} for name, operations in tags.items()]


def _operation(
    document: Document, method: str, path: str, operation: Mapping[str, Any], public_url: str
) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    is_public = "public" in operation.get("tags", ()) and method == "get"
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", "").split("\n\n"),
        "parameters": [_parameter(document, parameter) for parameter in parameters],
        "bodies": [_body(document, kind, media) for kind, media in _content(operation.get("requestBody", {}))],
        "answers": [(status, answer.get("description", "")) for status, answer in operation["responses"].items()],
        "curl": _curl(path, parameters, public_url) if is_public else "",
    }


def _content(part: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from part.get("content", {}).items()


def _parameter(document: Document, parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter["name"],
        "where": parameter["in"],
        "required": parameter.get("required", False),
        "kind": _kind(document, parameter.get("schema", {})),
        "description": parameter.get("description", ""),
    }


def _body(document: Document, kind: str, media: Mapping[str, Any]) -> dict[str, Any]:
    schema = _resolved(document, media.get("schema", {}))
    required = schema.get("required", ())
    return {
        "media_type": kind,
        "kind": "" if schema.get("properties") else _kind(document, schema),
        "description": schema.get("description", ""),
        "fields": [
            {
                "name": name,
                "where": "body",
                "required": name in required,
                "kind": _kind(document, field),
                "description": field.get("description", ""),
            }
            for name, field in schema.get("properties", {}).items()
        ],
    }


def _resolved(document: Document, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema itself where it only points to one."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return {**found, **{name: value for name, value in schema.items() if name != "$ref"}}


def _kind(document: Document, schema: Mapping[str, Any]) -> str:
    """Return a schema in words: type, choices, bounds and default."""
    schema = _resolved(document, schema)
    parts = [_type(document, schema), *_bounds(schema)]
    if schema.get("default") is not None and schema["default"] != []:
        default = schema["default"]
        parts.append(f"default {str(default).lower() if isinstance(default, bool) else default}")
    return "; ".join(part for part in parts if part)


def _type(document: Document, schema: Mapping[str, Any]) -> str:
    choices: Sequence[Mapping[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
    if choices:
        return " or ".join(_kind(document, choice) for choice in choices)
    if "const" in schema:
        return f"“{schema['const']}”"
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        inner = schema.get("prefixItems") or [schema.get("items", {})]
        return "list of " + ", ".join(_kind(document, item) or "anything" for item in inner)
    return str(schema.get("format") or schema.get("type", ""))


def _bounds(schema: Mapping[str, Any]) -> list[str]:
    return [said.format(schema[key]) for key, said in BOUNDS.items() if key in schema]


def _curl(path: str, parameters: Sequence[Mapping[str, Any]], public_url: str) -> str:
    """Return a command that works as it stands on a seeded service."""
    needed = [parameter for parameter in parameters if parameter.get("required")]
    for parameter in needed:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", EXAMPLES.get(parameter["name"], "1"))
    query = "&".join(
        f"{quote(parameter['name'])}={quote(EXAMPLES.get(parameter['name'], '1'))}"
        for parameter in needed
        if parameter["in"] == "query"
    )
    return f"curl '{public_url}{path}{'?' if query else ''}{query}'"
