"""One's own account, as a page: the password and the second factor; the way out of every session is the log-out's.

Every form of the page is sent to its own address and says in `do` what it wants, so that a refusal shows the page
again, under the address it has.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.problems import Conflict, EasyPassword, Invalid, Problem, TooMany, Unavailable
from harbour_api.store.access import Who
from harbour_api.store.passwords import PASSWORD_LENGTH
from harbour_api.store.second_factor import enrolment_uri
from harbour_api.web.desk.frame import ME, desk_page, done_text, see_other
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.pages.poster import drawn_qr_code
from harbour_api.web.security import SignedIn, token_of
from harbour_api.web.words import Words, mark

DONE = {
    "password": mark("密码已经修改，您在别处的登录都已结束。"),
    "on": mark("两步验证已经开启：下次登录还要填动态码。"),
    "off": mark("两步验证已经关闭。"),
}
EASY = mark("这个密码太容易猜到：不要用用户名、常见的密码、重复或连着的字符。")
SAID = page_parameter("done", "password, on or off: say that it was done.")
Field = Annotated[str, Form(max_length=200)]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(ME, summary="My account, as a page", openapi_extra={"parameters": [SAID, LANG]})
def my_account(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Show who is logged in, and the forms to change it."""
    words = language_only(request.query_params, "done")
    return _page(request, house, who, words, said=done_text(request, DONE, words))


@router.post(ME, summary="Change my account from the page", openapi_extra={"parameters": [LANG]})
def change(
    request: Request,
    house: InHouse,
    who: SignedIn,
    do: Field = "",
    old: Field = "",
    new: Field = "",
    again: Field = "",
    code: Field = "",
) -> Response:
    """Do what the form asks for: `password`, `begin`, `on` or `off`."""
    words, token = language_only(request.query_params), token_of(request, house)
    try:
        if do == "password":
            _change_password(house, who, token, old, new, again)
        else:
            _change_second_factor(house, who, token, do, old, code.strip())
    except Unavailable:
        raise
    except Problem as problem:
        answer = _page(request, house, who, words, error=_told(problem, words), status=problem.status)
        if problem.retry_after_s is not None:
            answer.headers["Retry-After"] = str(problem.retry_after_s)
        return answer
    return see_other(ME, words, **({"done": do} if do in DONE else {}))


def _change_password(house: House, who: Who, token: str, old: str, new: str, again: str) -> None:
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(new) <= longest:
        raise Invalid.field("/new", f"must have {shortest} to {longest} characters")
    if new != again:
        raise Invalid.field("/again", "must be the new password once more")
    house.managers.set_own_password(who.username, old, new, token=token)


def _change_second_factor(house: House, who: Who, token: str, do: str, password: str, code: str) -> None:
    if do == "begin":
        house.managers.begin_second_factor(who.username)
    elif do in ("on", "off"):
        house.managers.turn_second_factor(who.username, password, code, on=do == "on", token=token)
    else:
        raise Invalid.field("/do", "must be what a form of this page asks for")


def _told(problem: Problem, words: Words) -> str:
    """Return what to say of a refusal, in the page's language."""
    shortest, longest = PASSWORD_LENGTH
    faults = {
        "/old": words("现在的密码不对。"),
        "/password": words("现在的密码不对。"),
        "/new": words("新密码要有 {shortest} 到 {longest} 个字符。", shortest=shortest, longest=longest),
        "/again": words("两次输入的新密码不一样。"),
        "/code": words("动态码不对，或者已经用过；请等下一个码再试。"),
    }
    if isinstance(problem, TooMany):
        return words("试得太频繁，请一分钟后再试。")
    if isinstance(problem, Conflict):
        return words("两步验证的状态刚刚变了，请看下面现在的情况。")
    if isinstance(problem, EasyPassword):
        return words(EASY)
    return next((faults[fault.pointer] for fault in problem.errors if fault.pointer in faults), problem.detail)


def _page(
    request: Request, house: House, who: Who, words: Words, *, said: str = "", error: str = "", status: int = 200
) -> Response:
    manager = house.managers.one(who.username)
    secret = house.managers.pending_secret(who.username)
    uri = enrolment_uri(secret, who.username) if secret else ""
    network = house.registry.network
    stations = [network.station(code) for code in manager.stations]
    context = {
        "said": said,
        "error": error,
        "manager": manager,
        "stations": [words.pick(station.name, station.name_en) for station in stations],
        "secret": secret,
        "uri": uri,
        "qr": drawn_qr_code(uri) if uri else "",
        "password_length": PASSWORD_LENGTH,
    }
    return desk_page(request, who, "desk_me.html", words, context, status=status)
