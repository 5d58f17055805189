"""The administrator's page for the notice above every public page.

One rule: a form refused comes back as it was filled in, with what to change; nothing of it is put up.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from harbour_api.domain.hours import ZONE
from harbour_api.domain.notice import Notice
from harbour_api.domain.problems import Invalid
from harbour_api.store.access import Who
from harbour_api.web.api.bodies import NoticeBody
from harbour_api.web.desk.frame import desk_page, done_text, see_other
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.dates import date_text
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import Administrator
from harbour_api.web.templates_env import NOTICE_KINDS
from harbour_api.web.wire import dumps
from harbour_api.web.words import Words, mark

PATH = "/manage/notice"
DONE = {"up": mark("通知已经发布。"), "down": mark("通知已经撤下。")}
SAID = page_parameter("done", "up or down: say that it was done.")
Field = Annotated[str, Form(max_length=1000)]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="The notice, as a page", openapi_extra={"parameters": [SAID, LANG]})
async def notice_page(request: Request, house: InHouse, who: Administrator) -> Response:
    """Show the notice there is, and the form for another."""
    words = language_only(request.query_params, "done")
    return _page(request, house, who, words, said=done_text(request, DONE, words))


@router.post(PATH, summary="Put up a notice from the page", openapi_extra={"parameters": [LANG]})
def put_up(
    request: Request,
    house: InHouse,
    who: Administrator,
    kind: Field = "",
    starts_at: Annotated[str, Form(alias="from", max_length=1000)] = "",
    ends_at: Annotated[str, Form(alias="to", max_length=1000)] = "",
    text: Field = "",
    text_en: Field = "",
) -> Response:
    """Show this notice on every public page, instead of the one before."""
    words = language_only(request.query_params)
    filled = {"kind": kind, "from": starts_at, "to": ends_at, "text": text, "text_en": text_en}
    try:
        wanted = _notice(filled)
    except (Invalid, ValidationError) as error:
        return _page(request, house, who, words, filled=filled, faults=_faults(error, words))
    house.notices.put_up(wanted, actor=who.username)
    return see_other(PATH, words, done="up")


@router.post(f"{PATH}/end", summary="Take down the notice from the page", openapi_extra={"parameters": [LANG]})
def take_down(request: Request, house: InHouse, who: Administrator) -> Response:
    """Show no notice any more."""
    words = language_only(request.query_params)
    house.notices.take_down(actor=who.username)
    return see_other(PATH, words, done="down")


def _page(
    request: Request,
    house: House,
    who: Who,
    words: Words,
    *,
    said: str = "",
    filled: dict[str, str] | None = None,
    faults: list[str] | None = None,
) -> Response:
    present = house.registry.network.notice
    context = {
        "said": said,
        "faults": faults or [],
        "kinds": [(kind.value, words(name)) for kind, name in NOTICE_KINDS.items()],
        "filled": filled or dict.fromkeys(("kind", "from", "to", "text", "text_en"), ""),
        "present": None if present is None else _shown(present, house.now(), words),
    }
    return desk_page(request, who, "notice.html", words, context, status=400 if faults else 200)


def _notice(filled: dict[str, str]) -> Notice:
    """Return what the form says, by the rules of the API; its times are those of Zhongshan."""
    times = {name: f"{filled[name]}:00+08:00" for name in ("from", "to")}
    return NoticeBody.model_validate_json(dumps({**filled, **times})).notice()


def _faults(error: Invalid | ValidationError, words: Words) -> list[str]:
    names = {fault["loc"][0] for fault in error.errors()} if isinstance(error, ValidationError) else {"to"}
    told = [words("时间要写全；结束要晚于开始。")] if names & {"from", "to"} else []
    return told + ([words("中文和英文都要写，各一行。")] if names - {"from", "to"} else [])


def _shown(notice: Notice, now: datetime, words: Words) -> dict[str, object]:
    if notice.holds(now):
        state = words("正在显示")
    else:
        state = words("还没有开始") if now < notice.starts_at else words("已经结束")
    return {
        "state": state,
        "kind": words(NOTICE_KINDS[notice.kind]),
        "span": words("{first} 至 {last}", first=_moment(notice.starts_at, words), last=_moment(notice.ends_at, words)),
        "text": notice.text,
        "text_en": notice.text_en,
    }


def _moment(at: datetime, words: Words) -> str:
    local = at.astimezone(ZONE)
    return f"{date_text(local.date(), words, year=True)} {local:%H:%M}"
