"""The vocabulary of amenities as a page for administrators: words added and changed, each with one of our drawings.

One rule: a word's code stays and no word is taken away, for facts, reports and the history speak by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.problems import Conflict, Invalid, Unknown
from harbour_api.domain.station import Amenity
from harbour_api.store.access import Who
from harbour_api.web.api.fact_bodies import AmenityBody, AmenityPatch
from harbour_api.web.desk.form import FieldsSent
from harbour_api.web.desk.frame import desk_page, see_other
from harbour_api.web.desk.statement import read_form
from harbour_api.web.house import House, InHouse
from harbour_api.web.icons import Sprite
from harbour_api.web.pages.cards import CATEGORIES
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import Administrator, SignedIn
from harbour_api.web.words import Words

PATH = "/manage/amenities"
NAMES = ("code", "zh", "en", "category", "icon", "aliases", "osm_tag")
SAID = page_parameter("done", "Code of an amenity: say that it was saved.")

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="The amenities' vocabulary, as a page", openapi_extra={"parameters": [SAID, LANG]})
def vocabulary(request: Request, house: InHouse, who: Administrator) -> Response:
    """Show every word, and the form for another."""
    words = language_only(request.query_params, "done")
    done = house.registry.network.amenities.get(request.query_params.get("done", ""))
    said = words("“{name}”已经保存。", name=words.pick(done.zh, done.en)) if done else ""
    return _page(request, house, who, words, said=said)


@router.post(PATH, summary="Add a kind of amenity from the page", openapi_extra={"parameters": [LANG]})
def add(request: Request, house: InHouse, who: Administrator, fields: FieldsSent) -> Response:
    """Add a word behind all others."""
    words = language_only(request.query_params)
    try:
        amenity = read_form(AmenityBody, _given(fields) | {"code": fields.get("code", "").strip()}).amenity()
        house.vocabulary.add(amenity, actor=who.username)
    except (Invalid, Conflict) as problem:
        fault = words("这个代码已经有了。") if isinstance(problem, Conflict) else _told(problem, words)
        return _page(request, house, who, words, typed=fields, fault=fault, status=problem.status)
    return see_other(PATH, words, done=amenity.code)


@router.post(
    f"{PATH}/{{amenity}}", summary="Change a kind of amenity from the page", openapi_extra={"parameters": [LANG]}
)
def change(request: Request, house: InHouse, who: SignedIn, amenity: str, fields: FieldsSent) -> Response:
    """Change what a word says."""
    if amenity not in house.registry.network.amenities:
        raise Unknown("No amenity has that code.")
    who.may_administer()
    words = language_only(request.query_params)
    try:
        changes = read_form(AmenityPatch, _given(fields)).changes()
    except Invalid as problem:
        typed = {**fields, "code": amenity}
        return _page(request, house, who, words, typed=typed, fault=_told(problem, words), status=problem.status)
    house.vocabulary.change(amenity, changes, actor=who.username)
    return see_other(PATH, words, done=amenity)


def _given(fields: Mapping[str, str]) -> dict[str, object]:
    """Return a word as the API has it; other names of it are apart by commas of either kind."""
    typed = {name: fields.get(name, "").strip() for name in NAMES}
    aliases = [part.strip() for part in typed["aliases"].replace("，", ",").replace("、", ",").split(",")]
    word: dict[str, object] = {name: typed[name] for name in ("zh", "en", "category", "icon")}
    return word | {"aliases": [alias for alias in aliases if alias], "osm_tag": typed["osm_tag"] or None}


def _told(problem: Invalid, words: Words) -> str:
    rules = {
        "code": words("代码：小写英文字母开头，只能有小写字母、数字和下划线。"),
        "zh": words("中文名：一行，最多 40 个字符。"),
        "en": words("英文名：一行，最多 80 个字符。"),
        "category": words("请选分类。"),
        "icon": words("请选图标。"),
        "aliases": words("别名：最多 20 个，每个最多 40 个字符。"),
        "osm_tag": words("OSM 标签：写成 drinking_water=yes 这样。"),
    }
    named = [(fault.pointer or "").split("/")[1] for fault in problem.errors if fault.pointer]
    return " ".join(dict.fromkeys(rules[name] for name in named if name in rules))


def _page(
    request: Request,
    house: House,
    who: Who,
    words: Words,
    *,
    said: str = "",
    typed: Mapping[str, str] | None = None,
    fault: str = "",
    status: int = 200,
) -> Response:
    filled = dict.fromkeys(NAMES, "") | {name: typed[name] for name in NAMES if typed and name in typed}
    known = list(house.registry.network.amenities.values())
    sprite: Sprite = house.pages.globals["sprite"]  # type: ignore[assignment]  # a mapping of anything
    context = {
        "said": said,
        "fault": fault,
        "adding": filled
        if filled["code"] not in house.registry.network.amenities or not fault
        else dict.fromkeys(NAMES, ""),
        "rows": [_row(one, filled if fault and filled["code"] == one.code else None, words) for one in known],
        "categories": [(code, words(name)) for code, name in CATEGORIES.items()],
        "icons": sorted(sprite.symbols),
    }
    return desk_page(request, who, "desk_amenities.html", words, context, status=status)


def _row(amenity: Amenity, typed: Mapping[str, str] | None, words: Words) -> dict[str, object]:
    known = {
        "code": amenity.code,
        "zh": amenity.zh,
        "en": amenity.en,
        "category": amenity.category,
        "icon": amenity.icon,
        "aliases": "、".join(amenity.aliases),
        "osm_tag": amenity.osm_tag or "",
    }
    return {
        "name": words.pick(amenity.zh, amenity.en),
        "icon": amenity.icon,
        "fields": typed or known,
        "is_open": bool(typed),
    }
