"""Who changed what, as a page for administrators: newest first, a page at a time."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.hours import ZONE
from harbour_api.domain.problems import Invalid
from harbour_api.store.audit import Line
from harbour_api.web.api.audit import cursor_text, spot_of
from harbour_api.web.api.queries import PageQuery, cursor_after
from harbour_api.web.desk.frame import desk_page
from harbour_api.web.house import InHouse
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import Administrator
from harbour_api.web.words import Words, mark

PATH = "/manage/audit"
A_PAGE = 50
LONGEST_CURSOR = 100
CURSOR = page_parameter("cursor", "Where to go on, from the link of the page before.")
ACTIONS = {
    "change_station": mark("修改站点"),
    "add_manager": mark("新建账户"),
    "change_manager": mark("修改账户"),
    "change_password": mark("修改自己的密码"),
    "reset_password": mark("重设密码"),
    "add_second_factor": mark("开启两步验证"),
    "remove_second_factor": mark("关闭两步验证"),
    "unlock_day": mark("解锁日期"),
    "import_stations": mark("导入站点资料"),
    "import_offerings": mark("导入设施与服务"),
    "import_days": mark("导入每日人次"),
    "lock_day": mark("重新锁定日期"),
    "make_tally_link": mark("新建计数链接"),
    "withdraw_tally_link": mark("撤回计数链接"),
    "put_up_notice": mark("发布通知"),
    "take_down_notice": mark("撤下通知"),
    "add_amenity": mark("新增设施词"),
    "change_amenity": mark("修改设施词"),
}

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="The audit, as a page", openapi_extra={"parameters": [CURSOR, LANG]})
def audit_page(request: Request, house: InHouse, who: Administrator) -> Response:
    """Show who changed what, when, from what to what."""
    words = language_only(request.query_params, "cursor")
    lines = house.audit.newest(A_PAGE + 1, before=spot_of(_after(request.query_params.get("cursor"))))
    following = cursor_after(cursor_text(lines[A_PAGE - 1].spot)) if len(lines) > A_PAGE else None
    context = {
        "lines": [_shown(line, words) for line in lines[:A_PAGE]],
        "following": following,
        "is_first": "cursor" not in request.query_params,
    }
    return desk_page(request, who, "desk_audit.html", words, context)


def _after(cursor: str | None) -> str:
    if cursor is not None and len(cursor) > LONGEST_CURSOR:
        raise Invalid.parameter("cursor", "must be one that a page before gave")
    return PageQuery(limit=A_PAGE, cursor=cursor).after


def _shown(line: Line, words: Words) -> dict[str, Any]:
    action = ACTIONS.get(line.action)
    return {
        "at": line.spot.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
        "actor": line.actor,
        "action": words(action) if action else line.action,
        "subject": line.subject,
        "parts": list(_parts(line)),
    }


def _parts(line: Line) -> list[tuple[str, str, str]]:
    """Return what was changed, a part each: its name, what it was and what it is, as text."""
    if line.field is not None:
        return [(line.field, _text(line.old), _text(line.new))]
    old, new = line.old or {}, line.new or {}
    return [(name, _text(old.get(name)), _text(new.get(name))) for name in {**old, **new}]


def _text(value: Any) -> str:
    if value is None:
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
