"""The addresses of the open geospatial door, OGC API - Features: every read from the picture in memory, as the API's.

One rule: only what the tests prove is claimed under `/ogc/conformance`, and an address tells a page nothing that it
does not tell a program.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from harbour_api.web.house import House, InHouse
from harbour_api.web.ogc.collection import COLLECTIONS, Collection, Feature, Items
from harbour_api.web.ogc.definition import REFUSALS, definition
from harbour_api.web.ogc.questions import CRS84, LANG, PAGING, F, Question, cursor_pair
from harbour_api.web.ogc.seen import AsSeen, Seen
from harbour_api.web.ogc.telling import HTML, OPENAPI, ROOT, Document, Form, Telling
from harbour_api.web.pages.docs import docs_view
from harbour_api.web.wire import GEOJSON, JSON, local
from harbour_api.web.words import mark

CLAIMED = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")
)
TITLE, CONFORMANCE = mark("劳动者港湾：开放地理空间接口"), mark("符合的标准")
ABOUT = mark(
    "按 OGC API - Features 第 1 部分提供休息站和镇街，可以直接加进 QGIS、GDAL 等软件。"
    "这是基于公开资料的演示，并非银行官方服务；位置没有核实的站点没有几何。"
)
DEFINITION, DATA, ITEMS = mark("接口定义（OpenAPI 3.0）"), mark("全部数据集"), mark("全部要素")
COLLECTION, NEXT = mark("数据集"), mark("下一页")
STATION_PAGE, STATION_JSON, LICENCE = mark("站点网页"), mark("站点的全部事实及依据（JSON）"), mark("点位许可：GeoNames")
STATIONS, TOWNS = COLLECTIONS["stations"], COLLECTIONS["towns"]
PROBLEM: dict[str, Any] = {"application/problem+json": {}}
GEONAMES = {"href": "https://creativecommons.org/licenses/by/4.0/", "rel": "license", "type": HTML}

router = APIRouter(tags=["ogc"], default_response_class=Response)


def _described(*parameters: dict[str, Any], media_type: str = JSON, item: str = "") -> dict[str, Any]:
    """Return how a route is described in the whole service's own OpenAPI document; `item` names what may be missing."""
    statuses = ("400", "406", *(("404",) if item else ()))
    refused = {int(one): {"description": f"problem+json: {REFUSALS[one]}", "content": PROBLEM} for one in statuses}
    answered = {"description": "as JSON or as a page", "content": {media_type: {}, HTML: {}}}
    named = [{"name": item, "in": "path", "required": True, "schema": {"type": "string"}}] if item else []
    return {
        "responses": {200: answered, 304: {"description": "not changed since the ETag given"}, **refused},
        "openapi_extra": {"parameters": [*named, *parameters, F, LANG]},
    }


@router.get(ROOT, include_in_schema=False)
@router.get(f"{ROOT}/", summary="The landing page", **_described())
async def landing(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """Lead to everything the door has; `/ogc` without its last stroke answers the same."""
    telling = Telling.asked(request, house, seen)
    links = [
        *telling.itself(f"{ROOT}/", JSON),
        *telling.forms("service-desc", f"{ROOT}/api", OPENAPI, DEFINITION, page=("service-doc", DEFINITION)),
        *telling.forms("conformance", f"{ROOT}/conformance", JSON, CONFORMANCE),
        *telling.forms("data", f"{ROOT}/collections", JSON, DATA),
    ]
    document = {"title": telling.say(TITLE), "description": telling.say(ABOUT), "links": links}
    return telling.answer(request, house, document, "ogc.html")


@router.get(f"{ROOT}/conformance", summary="What the door conforms to", **_described())
async def conformance(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """List the conformance classes; each requirement of each of them has a test."""
    telling = Telling.asked(request, house, seen)
    document = {"conformsTo": CLAIMED, "links": telling.itself(f"{ROOT}/conformance", JSON)}
    return telling.answer(request, house, document, "ogc.html", title=telling.say(CONFORMANCE))


@router.get(f"{ROOT}/api", summary="The door's own definition", **_described(media_type=OPENAPI))
def api_definition(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """Define the door in OpenAPI 3.0, or show that definition as a page."""
    telling = Telling.asked(request, house, seen)
    document = definition(house.settings.public_url)
    context = {
        "tags": docs_view(document, house.settings.public_url),
        "about": document["info"]["description"],
        "own_links": telling.itself(f"{ROOT}/api", OPENAPI),
    }
    return telling.answer(request, house, document, "ogc_api.html", OPENAPI, **context)


@router.get(f"{ROOT}/collections", summary="The collections", **_described())
def collections(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """List the collections, stations and towns, with their extents and the links to their items."""
    telling = Telling.asked(request, house, seen)
    document = {
        "collections": [_collection(telling, collection) for collection in COLLECTIONS.values()],
        "links": telling.itself(f"{ROOT}/collections", JSON),
    }
    return telling.answer(request, house, document, "ogc.html", title=telling.say(DATA))


@router.get(f"{ROOT}/collections/stations", summary="The stations as a collection", **_described())
def stations(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """Say what the collection of stations holds."""
    return _told_collection(request, house, seen, STATIONS)


@router.get(f"{ROOT}/collections/towns", summary="The towns as a collection", **_described())
def towns(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """Say what the collection of towns holds."""
    return _told_collection(request, house, seen, TOWNS)


@router.get(
    f"{ROOT}/collections/stations/items",
    summary="Stations as features",
    **_described(*PAGING, *STATIONS.filters, media_type=GEOJSON),
)
def station_items(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """Return stations in order of code, page by page; one whose place nobody has verified has no geometry."""
    return _told_items(request, house, seen, STATIONS)


@router.get(
    f"{ROOT}/collections/towns/items",
    summary="Towns as features",
    **_described(*PAGING, *TOWNS.filters, media_type=GEOJSON),
)
def town_items(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """Return towns in order of code, each as a gazetteer's point."""
    return _told_items(request, house, seen, TOWNS)


@router.get(
    f"{ROOT}/collections/stations/items/{{code}}",
    summary="One station as a feature",
    **_described(media_type=GEOJSON, item="code"),
)
async def station_item(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """Return one station, with a link to its page and to all its facts."""
    return _told_item(request, house, seen, STATIONS, request.path_params["code"])


@router.get(
    f"{ROOT}/collections/towns/items/{{town}}",
    summary="One town as a feature",
    **_described(media_type=GEOJSON, item="town"),
)
async def town_item(request: Request, house: InHouse, seen: AsSeen) -> Response:
    """Return one town, by its code of today or of 2018."""
    return _told_item(request, house, seen, TOWNS, request.path_params["town"])


def _told_collection(request: Request, house: House, seen: Seen, collection: Collection[Any]) -> Response:
    telling = Telling.asked(request, house, seen)
    return telling.answer(request, house, _collection(telling, collection), "ogc.html")


def _told_items(request: Request, house: House, seen: Seen, collection: Collection[Any]) -> Response:
    known = (parameter["name"] for parameter in (*PAGING, *collection.filters))
    telling = Telling.asked(request, house, seen, *known)
    question = Question.read(request.query_params, collection.filters)
    found, path = collection.items(seen, question), _path(collection, "/items")
    document = {
        "type": "FeatureCollection",
        "timeStamp": local(seen.board.since),
        "numberMatched": found.n_matched,
        "numberReturned": len(found.features),
        "features": found.features,
        "links": [*_page_links(telling, path, question, found), *_collection_links(telling, collection)],
    }
    view = {"title": telling.say(collection.title), "columns": collection.columns, "items_path": path}
    return telling.answer(request, house, document, "ogc_items.html", GEOJSON, **view)


def _page_links(telling: Telling, path: str, question: Question, found: Items) -> list[dict[str, str]]:
    here = [*question.pairs, *([cursor_pair(question.after)] if question.after else [])]
    links = telling.itself(path, GEOJSON, here)
    if not found.is_last:
        following = [*question.pairs, cursor_pair(found.features[-1]["id"]), ("f", telling.form)]
        own_type = HTML if telling.form is Form.HTML else GEOJSON
        links.append(telling.link("next", path, own_type, NEXT, following))
    return links


def _told_item(request: Request, house: House, seen: Seen, collection: Collection[Any], code: str) -> Response:
    document: Document = collection.one(seen, code)  # first of all, for what is not there is 404
    telling = Telling.asked(request, house, seen)
    path = f"{_path(collection, '/items')}/{document['id']}"
    whole = _collection_links(telling, collection)
    document["links"] = [*telling.itself(path, GEOJSON), *whole, *_more(telling, document)]
    name, name_en = (document["properties"][column] for column in ("name", "name_en"))
    view = {"columns": collection.columns, "title": telling.words.pick(name, name_en)}
    return telling.answer(request, house, document, "ogc_item.html", GEOJSON, **view)


def _more(telling: Telling, document: Feature) -> list[dict[str, str]]:
    """Return where else a station is told of; a town has no page."""
    if "cnaps" not in document["properties"]:
        return []
    return [
        telling.link("about", f"/stations/{document['id']}", HTML, STATION_PAGE),
        telling.link("describedby", f"/api/v1/stations/{document['id']}", GEOJSON, STATION_JSON),
    ]


def _collection(telling: Telling, collection: Collection[Any]) -> Document:
    items = telling.forms("items", _path(collection, "/items"), GEOJSON, ITEMS)
    licence = [{**GEONAMES, "title": telling.say(LICENCE)}] if collection is TOWNS else []
    return {
        "id": collection.id,
        "title": telling.say(collection.title),
        "description": telling.say(collection.about),
        "extent": collection.extent(telling.seen.network),
        "itemType": "feature",
        "crs": [CRS84],
        "links": [*telling.itself(_path(collection), JSON), *items, *licence],
    }


def _collection_links(telling: Telling, collection: Collection[Any]) -> list[dict[str, str]]:
    return telling.forms("collection", _path(collection), JSON, COLLECTION)


def _path(collection: Collection[Any], end: str = "") -> str:
    return f"{ROOT}/collections/{collection.id}{end}"
