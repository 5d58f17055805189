"""The desk's frame: what every page behind the log-in shares.

A page takes `SignedIn`, `Administrator` or `OwnStation` from `security`, as a route of the API does: whoever is not
logged in is shown the log-in, which leads back; whoever may not is refused; and so is a form another site had the
browser send. It answers with `desk_page`, and a form that was taken with `see_other`.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from harbour_api.domain.problems import NotLoggedIn
from harbour_api.store.access import Who
from harbour_api.web.answers import NO_STORE
from harbour_api.web.refusals import refuse
from harbour_api.web.security import DESK, SAFE_METHODS
from harbour_api.web.templates_env import Links, problem_words, render
from harbour_api.web.words import Words

HOME = DESK
MAP = "/manage/map"
ME = "/manage/me"


def install(app: FastAPI) -> None:
    """Make every page of the desk show the log-in to whoever is not logged in."""
    app.add_exception_handler(NotLoggedIn, _on_not_logged_in)


def desk_page(
    request: Request, who: Who, template: str, words: Words, context: Mapping[str, object], *, status: int = 200
) -> HTMLResponse:
    """Answer with a page that extends `desk_base.html`; no cache keeps it."""
    links = _links(who, words)
    here = max((path for path in links if request.url.path.startswith(path)), key=len, default=DESK)
    frame = {"who": who, "desk_links": links, "desk_at": here, "way_back": _wanted(request, words)}
    return render(request, template, words, {**frame, **context}, status=status, headers=NO_STORE)


def done_text(request: Request, told: Mapping[str, str], words: Words) -> str:
    """Return what has been done, where the address that a form led to says so, in one of these words."""
    done = told.get(request.query_params.get("done", ""))
    return words(done) if done else ""


def see_other(path: str, words: Words, **more: str) -> Response:
    """Lead on to a page of ours, in the language of this one, so that reloading it sends no form again."""
    return RedirectResponse(Links(words.lang)(path, more.items()), status_code=303, headers=NO_STORE)


def log_in_page(
    request: Request,
    words: Words,
    error: str = "",
    *,
    wanted: str,
    username: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Answer with the log-in; `wanted` is the address of the desk it leads to."""
    context = {"username": username, "error": error, "next": wanted}
    return render(request, "login.html", words, context, status=status, headers={**NO_STORE, **(headers or {})})


def own_address(wanted: str) -> str:
    """Return an address of the desk; anything else could lead a manager to another site."""
    return wanted if wanted.startswith(DESK) and wanted.isascii() and "\\" not in wanted else HOME


def _on_not_logged_in(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotLoggedIn)
    if not request.url.path.startswith(DESK):
        return refuse(request, error)
    words = problem_words(request)
    return log_in_page(request, words, wanted=_wanted(request, words), status=401)


def _wanted(request: Request, words: Words) -> str:
    """Return the address to lead back to; that of a form is no page."""
    if request.method not in SAFE_METHODS:
        return Links(words.lang)(HOME)
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return Links(words.lang)(request.url.path, pairs)


def _links(who: Who, words: Words) -> dict[str, str]:
    """Return the names of the desk's pages by their addresses."""
    own = {HOME: words("工作台"), "/manage/round": words("巡查"), "/manage/reports": words("反馈")}
    own |= {MAP: words("地图"), "/manage/statistics": words("统计")}
    if who.is_administrator:
        own |= {"/manage/amenities": words("词表"), "/manage/notice": words("通知")}
        own |= {"/manage/accounts": words("账户"), "/manage/audit": words("审计")}
    return own | {"/manage/transfer": words("导入导出"), ME: words("我的账户")}
