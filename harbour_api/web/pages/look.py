"""Where a reader chooses how the pages look, without JavaScript: three questions, and the tap 大字 for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from harbour_api.domain.problems import Invalid
from harbour_api.web.answers import NO_STORE
from harbour_api.web.house import InHouse
from harbour_api.web.look import CHOICES, COOKIE, DEVICE, Look, own_path
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import refuse_foreign_form
from harbour_api.web.templates_env import render
from harbour_api.web.words import Words

YEAR_S = 365 * 24 * 3600
BACK = page_parameter("back", "Path of this site to lead back to.")
Choice = Annotated[str | None, Form(max_length=20)]
router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


@router.get("/look", summary="Text size, contrast and colours, as a page", openapi_extra={"parameters": [BACK, LANG]})
def look_page(request: Request) -> HTMLResponse:
    """Show what may be chosen, and what is."""
    words = language_only(request.query_params, "back")
    view = {"questions": _questions(words), "back": own_path(request.query_params.get("back", "/"))}
    return render(request, "look.html", words, view, headers=NO_STORE)


@router.post("/look", summary="Choose how the pages look", openapi_extra={"parameters": [LANG]})
def choose_look(
    request: Request,
    house: InHouse,
    size: Choice = None,
    contrast: Choice = None,
    scheme: Choice = None,
    back: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Keep what was chosen and lead back; a question that was not asked keeps its answer."""
    language_only(request.query_params)
    refuse_foreign_form(request, house)
    asked = {"size": size, "contrast": contrast, "scheme": scheme}
    chosen = {name: _checked(name, word) for name, word in asked.items() if word is not None}
    look = replace(Look.of_cookie(request.cookies.get(COOKIE)), **chosen)
    answer = RedirectResponse(own_path(back), status_code=303, headers=NO_STORE)
    if look.cookie:
        answer.set_cookie(
            COOKIE, look.cookie, max_age=YEAR_S, secure=house.settings.is_secure, httponly=True, samesite="lax"
        )
    else:
        answer.delete_cookie(COOKIE, secure=house.settings.is_secure, httponly=True, samesite="lax")
    return answer


def _checked(name: str, word: str) -> str:
    if word not in (DEVICE, *CHOICES[name]):
        raise Invalid.field(f"/{name}", f"must be one of: {', '.join((DEVICE, *CHOICES[name]))}")
    return "" if word == DEVICE else word


def _questions(words: Words) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return each question with its name and its answers, the device's own first."""
    return [
        ("size", words("字号"), [(DEVICE, words("标准")), ("elder", words("大字，大按钮"))]),
        ("contrast", words("对比度"), [(DEVICE, words("按手机设置")), ("high", words("高对比度，粗边框"))]),
        ("scheme", words("颜色"), [(DEVICE, words("按手机设置")), ("light", words("浅色")), ("dark", words("深色"))]),
    ]
