"""The log-in and the way out, as pages: they put a session into the browser and take it out again."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from harbour_api.domain.problems import NotLoggedIn, TooMany
from harbour_api.web.answers import NO_STORE
from harbour_api.web.desk.frame import HOME, log_in_page, own_address, see_other
from harbour_api.web.house import InHouse
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.security import (
    address_of,
    device_of,
    give_cookie,
    may_give_cookie,
    refuse_foreign_form,
    take_cookie,
    token_of,
    who_asks,
)

Field = Annotated[str, Form(max_length=200)]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get("/login", summary="The log-in, as a page", openapi_extra={"parameters": [LANG]})
def login_page(request: Request, house: InHouse) -> Response:
    """Show the log-in; whoever is logged in already is led straight on."""
    words = language_only(request.query_params)
    with suppress(NotLoggedIn):
        who_asks(request, house)
        return see_other(HOME, words)
    return log_in_page(request, words, wanted=HOME)


@router.post("/login", summary="Log in from the page", openapi_extra={"parameters": [LANG]})
def log_in(
    request: Request,
    house: InHouse,
    username: Field = "",
    password: Field = "",
    code: Field = "",
    next: Field = HOME,
) -> Response:
    """Log in, keep the session in the browser and lead on to where the manager wanted to go."""
    words, wanted = language_only(request.query_params), own_address(next)
    refuse_foreign_form(request, house)
    again = partial(log_in_page, request, words, wanted=wanted, username=username)
    if not may_give_cookie(request, house):
        return again(words("这里没有加密连接，不能登录。请通过 https 地址打开本站。"), status=403)
    try:
        session = house.accounts.log_in(
            username, password, code.strip(), address=address_of(request), device=device_of(request, house)
        )
    except NotLoggedIn:
        return again(words("用户名、密码或动态码不对。"), status=401)
    except TooMany as problem:
        wait = {"Retry-After": str(problem.retry_after_s)}
        return again(words("试得太频繁，请一分钟后再试。"), status=429, headers=wait)
    answer = RedirectResponse(wanted, status_code=303, headers=NO_STORE)
    give_cookie(answer, session, house)
    return answer


@router.post("/logout", summary="Log out from the page")
def log_out(request: Request, house: InHouse, everywhere: Field = "") -> Response:
    """End this browser's session, with `everywhere` all of this account, and lead back to the finder."""
    refuse_foreign_form(request, house)
    if everywhere:
        house.accounts.log_out_everywhere(who_asks(request, house).username)
    house.accounts.log_out(token_of(request, house))
    answer = RedirectResponse("/", status_code=303, headers=NO_STORE)
    take_cookie(answer, house)
    return answer
