"""The API definition of the geospatial door, in OpenAPI 3.0: GIS programs read that one, not the 3.1 of the rest.

One rule: every parameter, status and member that the door knows is stated here, for what is not stated is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harbour_api.web.ogc.collection import COLLECTIONS
from harbour_api.web.ogc.questions import LANG, PAGING, F
from harbour_api.web.ogc.telling import HTML, OPENAPI, ROOT
from harbour_api.web.wire import GEOJSON, JSON

Schema = dict[str, Any]
PROBLEM = "application/problem+json"
ABOUT = """Stations and towns of the Labourer Harbour (劳动者港湾) in Zhongshan by OGC API - Features, Part 1: Core.
A demonstration on public facts, not a service of the bank. Every fact stands beside its basis. A station whose place
nobody has verified has no geometry, for nobody may be sent to an invented point; such stations match every bbox."""
TEXT: Schema = {"type": "string"}
REFUSALS = {
    "400": "a parameter is not known, given twice, or breaks a bound",
    "404": "nothing has that address",
    "406": "the asker takes none of the media types there are",
    "429": "this address has read very often; Retry-After says in how many seconds it may again",
    "500": "something went wrong on our side",
    "503": "no picture of the network is held yet",
}


def definition(public_url: str) -> dict[str, Any]:
    """Return the whole document."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Labourer Harbour: open geospatial door", "version": "1.0.0", "description": ABOUT},
        "servers": [{"url": f"{public_url}{ROOT}", "description": "this service"}],
        "tags": [{"name": "door"}, *({"name": name} for name in COLLECTIONS)],
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


def _paths() -> dict[str, Any]:
    paths = {
        "/": _read("door", "landing", "The landing page", _json("landing")),
        "/conformance": _read("door", "conformance", "What the door conforms to", _json("conformance")),
        "/api": _read("door", "api", "This definition", {OPENAPI: {"schema": {"type": "object"}}}),
        "/collections": _read("door", "collections", "The collections", _json("collections")),
    }
    for name, collection in COLLECTIONS.items():
        path, title = f"/collections/{name}", name.capitalize()
        items, item = ({GEOJSON: {"schema": _ref(f"{name}{end}")}} for end in ("Items", "Item"))
        paths[path] = _read(name, f"{name}Collection", f"{title}: the collection", _json("collection"))
        paths[f"{path}/items"] = _read(name, f"{name}Items", f"{title}: items", items, [*PAGING, *collection.filters])
        code = {"name": "code", "in": "path", "required": True, "description": "code of the item", "schema": TEXT}
        paths[f"{path}/items/{{code}}"] = _read(name, f"{name}Item", f"{title}: one item", item, [code])
    return paths


def _read(
    tag: str, name: str, summary: str, content: Schema, parameters: Sequence[Schema] = ()
) -> dict[str, dict[str, Any]]:
    may_miss = any(parameter["in"] == "path" for parameter in parameters)
    refused = {
        status: {"description": said, "content": {PROBLEM: {"schema": _ref("problem")}}}
        for status, said in REFUSALS.items()
        if status != "404" or may_miss
    }
    answered = {"description": summary, "content": {**content, HTML: {"schema": TEXT}}}
    return {
        "get": {
            "tags": [tag],
            "operationId": name,
            "summary": summary,
            "parameters": [*parameters, F, LANG],
            "responses": {"200": answered, "304": {"description": "not changed since the ETag given"}, **refused},
        }
    }


def _json(name: str) -> Schema:
    return {JSON: {"schema": _ref(name)}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Schema]:
    """Return what the answers are made of."""
    links = {"type": "array", "items": _ref("link")}
    told = {"title": TEXT, "description": TEXT, "links": links}
    collection = {"id": TEXT, **told, "itemType": TEXT, "crs": _list(TEXT), "extent": _extent()}
    problem = dict.fromkeys(("type", "title", "detail", "reference"), TEXT)
    features = {f"{name}{end}": schema for name in COLLECTIONS for end, schema in _of(name).items()}
    return {
        "link": _object(dict.fromkeys(("href", "rel", "type", "title"), TEXT), "href", "rel", "type"),
        "landing": _object(told, "links"),
        "conformance": _object({"conformsTo": _list(TEXT), "links": links}, "conformsTo"),
        "collection": _object(collection, "id", "links"),
        "collections": _object({"collections": _list(_ref("collection")), "links": links}, "collections", "links"),
        "problem": _object({**problem, "status": {"type": "integer"}, "errors": _list({"type": "object"})}, "status"),
        **features,
    }


def _of(name: str) -> dict[str, Schema]:
    """Return the schemas of a collection's items, and of one."""
    links = {"type": "array", "items": _ref("link")}
    columns = {column.name: column.schema for column in COLLECTIONS[name].columns}
    point = _object(
        {"type": {**TEXT, "enum": ["Point"]}, "coordinates": _list({"type": "number"}, 2)}, "type", "coordinates"
    )
    kind = {**TEXT, "enum": ["Feature"]}
    facts = _object(columns, *columns)
    feature = {"type": kind, "id": TEXT, "geometry": {**point, "nullable": True}, "properties": facts}
    count = {"type": "integer", "minimum": 0}
    page = {
        "type": {**TEXT, "enum": ["FeatureCollection"]},
        "timeStamp": {**TEXT, "format": "date-time"},
        "numberMatched": count,
        "numberReturned": count,
        "features": _list(_ref(f"{name}Item")),
        "links": links,
    }
    return {"Item": _object({**feature, "links": links}, *feature), "Items": _object(page, *page)}


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def _list(items: Schema, n: int | None = None) -> Schema:
    return {"type": "array", "items": items} | ({} if n is None else {"minItems": n, "maxItems": n})


def _extent() -> Schema:
    box, interval = _list({"type": "number"}, 4), _list({**TEXT, "format": "date-time", "nullable": True}, 2)
    spatial = _object({"bbox": _list(box), "crs": TEXT}, "bbox")
    return _object({"spatial": spatial, "temporal": _object({"interval": _list(interval), "trs": TEXT}, "interval")})
