"""The API of accounts: log in and out, look after the own account, and, as an administrator, after everybody's.

Whoever is no administrator gets 403 for every user name, real or not: who has an account is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.problems import Invalid
from harbour_api.store.access import Who
from harbour_api.store.managers import Manager
from harbour_api.store.second_factor import enrolment_uri
from harbour_api.web.answers import private
from harbour_api.web.api.account_bodies import FactorBody, LogInBody, ManagerBody, ManagerPatch, PasswordBody, Role
from harbour_api.web.api.bodies import described, read
from harbour_api.web.api.queries import PageQuery, known_parameters_only
from harbour_api.web.api.reads import PROBLEM, next_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import Administrator, SignedIn, address_of, token_of, who_asks
from harbour_api.web.wire import local

REFUSALS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 422: PROBLEM, 429: PROBLEM, 503: PROBLEM}
CONFLICT: dict[int | str, dict[str, Any]] = {409: PROBLEM}
MERGE_PATCH = "application/merge-patch+json"
SECOND_FACTOR = "/me/second-factor"

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=REFUSALS, default_response_class=Response)
NoQuery = Depends(known_parameters_only)


@router.post("/sessions", status_code=201, summary="Log in", openapi_extra=described(LogInBody))
async def log_in(request: Request, house: InHouse) -> Response:
    """Return a new session: `{token, expires_at}`. It also ends after half an hour unused."""
    known_parameters_only(request)
    given = await read(request, LogInBody)
    session = await run_in_threadpool(
        house.accounts.log_in, given.username, given.password, given.code, address=address_of(request)
    )
    return private({"token": session.token, "expires_at": local(session.expires_at)}, status=201)


@router.delete("/sessions/current", status_code=204, summary="Log out here", dependencies=[Depends(who_asks), NoQuery])
def log_out(request: Request, house: InHouse, _who: SignedIn) -> Response:
    """End this session."""
    house.accounts.log_out(token_of(request, house))
    return Response(status_code=204)


@router.delete("/sessions", status_code=204, summary="Log out everywhere", dependencies=[Depends(who_asks), NoQuery])
def log_out_everywhere(house: InHouse, who: SignedIn) -> Response:
    """End every session of this account."""
    house.accounts.log_out_everywhere(who.username)
    return Response(status_code=204)


@router.get("/me", summary="Who am I", dependencies=[Depends(who_asks), NoQuery])
def me(house: InHouse, who: SignedIn) -> Response:
    """Return the account, its stations (an administrator has all) and whether its second factor is on."""
    role = Role.ADMINISTRATOR if who.is_administrator else Role.MANAGER
    told = {"username": who.username, "role": role, "stations": sorted(who.stations)}
    return private(told | {"second_factor": house.managers.one(who.username).has_second_factor})


@router.put("/me/password", status_code=204, summary="Change my password", openapi_extra=described(PasswordBody))
async def change_password(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Take a new password and end every other session of this account; tries are limited as at the log-in."""
    known_parameters_only(request)
    given = await read(request, PasswordBody)
    change, token = house.managers.set_own_password, token_of(request, house)
    await run_in_threadpool(change, who.username, given.old, given.new, token=token)
    return Response(status_code=204)


@router.post(
    SECOND_FACTOR,
    status_code=201,
    summary="Begin a second factor",
    responses=CONFLICT,
    dependencies=[Depends(who_asks), NoQuery],
)
def begin_second_factor(house: InHouse, who: SignedIn) -> Response:
    """Return `{secret, uri}` for an authenticator (TOTP); a PUT with the password and a code of it turns it on."""
    secret = house.managers.begin_second_factor(who.username)
    return private({"secret": secret, "uri": enrolment_uri(secret, who.username)}, status=201)


@router.put(
    SECOND_FACTOR,
    status_code=204,
    summary="Turn the second factor on",
    responses=CONFLICT,
    openapi_extra=described(FactorBody),
)
async def add_second_factor(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Turn it on: the password says whose it is, a code that it is set up; from now on a log-in needs `code`."""
    return await _turn(request, house, who, on=True)


@router.delete(
    SECOND_FACTOR,
    status_code=204,
    summary="Take the second factor off",
    responses=CONFLICT,
    openapi_extra=described(FactorBody),
)
async def remove_second_factor(request: Request, house: InHouse, who: SignedIn) -> Response:
    """Take it off; this needs password and code too. Where the authenticator is lost, an administrator takes it off."""
    return await _turn(request, house, who, on=False)


async def _turn(request: Request, house: House, who: Who, *, on: bool) -> Response:
    known_parameters_only(request)
    given = await read(request, FactorBody)
    turn, token = house.managers.turn_second_factor, token_of(request, house)
    await run_in_threadpool(turn, who.username, given.password, given.code, on=on, token=token)
    return Response(status_code=204)


@router.get("/managers", summary="List accounts")
def managers(request: Request, house: InHouse, _who: Administrator, query: Annotated[PageQuery, Query()]) -> Response:
    """Return the accounts in order of user name; `next` and the Link header lead to the following page."""
    known_parameters_only(request)
    after = query.after
    later = (manager for manager in house.managers.all() if manager.username > after)
    page = list(islice(later, query.limit + 1))
    following = next_page(request, page[query.limit - 1].username) if len(page) > query.limit else None
    answer = private({"managers": [_shown(manager) for manager in page[: query.limit]], "next": following})
    if following is not None:
        answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer


@router.post(
    "/managers", status_code=201, summary="Make an account", responses=CONFLICT, openapi_extra=described(ManagerBody)
)
async def add_manager(request: Request, house: InHouse, who: Administrator) -> Response:
    """Make an account; 409 where the user name is taken."""
    known_parameters_only(request)
    given = await read(request, ManagerBody)
    check_stations(house, given.stations)
    await run_in_threadpool(
        house.accounts.add_manager,
        given.username,
        given.password,
        is_administrator=given.role is Role.ADMINISTRATOR,
        stations=given.stations,
        actor=who.username,
    )
    answer = private(_shown(await run_in_threadpool(house.managers.one, given.username)), status=201)
    answer.headers["Location"] = f"/api/v1/managers/{given.username}"
    return answer


@router.patch(
    "/managers/{username}",
    summary="Change an account",
    responses={404: PROBLEM, **CONFLICT},
    openapi_extra=described(ManagerPatch, MERGE_PATCH),
)
async def change_manager(username: str, request: Request, house: InHouse, who: Administrator) -> Response:
    """Change role, stations or password, shut or open the account, take a second factor off (`false`).

    A shut account and one with a new password are logged out everywhere at once. 409 where no administrator who can
    log in would be left.
    """
    known_parameters_only(request)
    await run_in_threadpool(house.managers.one, username)
    given = await read(request, ManagerPatch)
    check_stations(house, given.stations)
    changed = await run_in_threadpool(house.managers.change, username, given.change(), actor=who.username)
    return private(_shown(changed))


def check_stations(house: House, codes: Sequence[str]) -> None:
    """Raise Invalid where one of these is no station's code."""
    known = {station.code for station in house.registry.network.stations}
    for number, code in enumerate(codes):
        if code not in known:
            raise Invalid.field(f"/stations/{number}", "must be the code of a station")


def _shown(manager: Manager) -> dict[str, Any]:
    return {
        "username": manager.username,
        "role": manager.role,
        "stations": manager.stations,
        "is_active": manager.is_active,
        "second_factor": manager.has_second_factor,
        "created_at": local(manager.created_at),
    }
