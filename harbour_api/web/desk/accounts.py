"""Everybody's accounts, as pages for administrators: the list, a new one, and one with all that may be done to it.

Every form of an account's page is sent to that page's address and says in `do` what it wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.problems import Conflict, EasyPassword, Invalid, Problem, Unavailable
from harbour_api.store.access import Who, check_username
from harbour_api.store.managers import Change, Manager
from harbour_api.store.passwords import PASSWORD_LENGTH, check_password
from harbour_api.web.api.account_bodies import MOST_STATIONS
from harbour_api.web.api.accounts import check_stations
from harbour_api.web.desk.frame import desk_page, done_text, see_other
from harbour_api.web.desk.me import EASY
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.security import Administrator
from harbour_api.web.words import Words, mark

LIST = "/manage/accounts"
DONE = {
    "made": mark("账户已经建好。"),
    "change": mark("已经保存。"),
    "password": mark("密码已经重设，这个账户的登录都已结束。"),
    "shut": mark("账户已经停用，它的登录都已结束。"),
    "open": mark("账户已经重新启用。"),
    "factor": mark("两步验证已经关闭。"),
}
SAID = page_parameter("done", f"one of {', '.join(DONE)}: say that it was done.")
Field = Annotated[str, Form(max_length=200)]
Codes = Annotated[Sequence[str], Form(max_length=MOST_STATIONS)]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(LIST, summary="Accounts, as a page", openapi_extra={"parameters": [LANG]})
def accounts(request: Request, house: InHouse, who: Administrator) -> Response:
    """Show all accounts, and the form for another."""
    return _list(request, house, who, language_only(request.query_params), {})


@router.post(LIST, summary="Make an account from the page", openapi_extra={"parameters": [LANG]})
def add(
    request: Request,
    house: InHouse,
    who: Administrator,
    username: Field = "",
    password: Field = "",
    role: Field = "manager",
    station: Codes = (),
) -> Response:
    """Make an account and lead to its page."""
    words = language_only(request.query_params)
    is_administrator = role == "administrator"
    try:
        _check(check_username, username, "/username")
        _check(check_password, password, "/password")
        check_stations(house, station)
        house.accounts.add_manager(
            username, password, is_administrator=is_administrator, stations=station, actor=who.username
        )
    except Unavailable:
        raise
    except Problem as problem:
        filled = {"username": username, "is_administrator": is_administrator, "stations": station}
        return _list(request, house, who, words, filled, _told(problem, words), problem.status)
    return see_other(f"{LIST}/{username}", words, done="made")


def known_manager(username: str, house: InHouse, _who: Administrator) -> Manager:
    """Return the account of the address, or raise Unknown."""
    return house.managers.one(username)


KnownManager = Annotated[Manager, Depends(known_manager)]


@router.get(f"{LIST}/{{username}}", summary="An account, as a page", openapi_extra={"parameters": [SAID, LANG]})
def account(request: Request, house: InHouse, who: Administrator, manager: KnownManager) -> Response:
    """Show one account, and the forms to change it."""
    words = language_only(request.query_params, "done")
    return _one(request, house, who, words, manager, said=done_text(request, DONE, words))


@router.post(f"{LIST}/{{username}}", summary="Change an account from the page", openapi_extra={"parameters": [LANG]})
def change(
    request: Request,
    house: InHouse,
    who: Administrator,
    manager: KnownManager,
    do: Field = "",
    role: Field = "",
    password: Field = "",
    station: Codes = (),
) -> Response:
    """Do what the form asks for: `change`, `password`, `shut`, `open` or `factor`."""
    words = language_only(request.query_params)
    try:
        wanted = _wanted(house, do, role, password, station)
        house.managers.change(manager.username, wanted, actor=who.username)
    except Unavailable:
        raise
    except Problem as problem:
        return _one(request, house, who, words, manager, error=_told(problem, words), status=problem.status)
    return see_other(f"{LIST}/{manager.username}", words, done=do)


def _wanted(house: House, do: str, role: str, password: str, stations: Sequence[str]) -> Change:
    if do == "change":
        check_stations(house, stations)
        return Change(is_administrator=role == "administrator", stations=stations)
    if do == "password":
        _check(check_password, password, "/password")
        return Change(password=password)
    changes = {
        "shut": Change(is_active=False),
        "open": Change(is_active=True),
        "factor": Change(drops_second_factor=True),
    }
    if do not in changes:
        raise Invalid.field("/do", "must be what a form of this page asks for")
    return changes[do]


def _check(bound: Any, value: str, pointer: str) -> None:
    try:
        bound(value)
    except ValueError as error:
        raise Invalid.field(pointer, str(error)) from error


def _told(problem: Problem, words: Words) -> str:
    """Return what to say of a refusal, in the page's language."""
    shortest, longest = PASSWORD_LENGTH
    faults = {
        "/username": words("用户名由 1 到 40 个小写字母、数字和 . _ - 组成，以字母或数字开头。"),
        "/password": words("密码要有 {shortest} 到 {longest} 个字符。", shortest=shortest, longest=longest),
    }
    if isinstance(problem, Conflict):
        return words("不能这样做：用户名已经有人用，或者这是最后一个能登录的管理员。")
    if isinstance(problem, EasyPassword):
        return words(EASY)
    return next((faults[fault.pointer] for fault in problem.errors if fault.pointer in faults), problem.detail)


def _list(
    request: Request,
    house: House,
    who: Who,
    words: Words,
    filled: dict[str, Any],
    error: str = "",
    status: int = 200,
) -> Response:
    context = {
        "managers": house.managers.all(),
        "names": _names(house, words),
        "filled": {"username": "", "is_administrator": False, "stations": (), **filled},
        "error": error,
        "password_length": PASSWORD_LENGTH,
    }
    return desk_page(request, who, "desk_accounts.html", words, context, status=status)


def _one(
    request: Request,
    house: House,
    who: Who,
    words: Words,
    manager: Manager,
    *,
    said: str = "",
    error: str = "",
    status: int = 200,
) -> Response:
    context = {
        "manager": manager,
        "names": _names(house, words),
        "said": said,
        "error": error,
        "password_length": PASSWORD_LENGTH,
    }
    return desk_page(request, who, "desk_account.html", words, context, status=status)


def _names(house: House, words: Words) -> dict[str, str]:
    """Return the stations' names by their codes."""
    stations = house.registry.network.stations
    return {station.code: words.pick(station.name, station.name_en) for station in stations}
