"""The notice above every public page, in heat, in heavy rain, or in the season of exams.

One rule: the public reads it on the pages, and only while it holds. Here every manager may see it also before and
afterwards, which is why reading it needs a log-in; only an administrator puts it up or takes it down.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from harbour_api.domain.notice import Notice
from harbour_api.domain.problems import Unknown
from harbour_api.web.answers import private
from harbour_api.web.api.bodies import NoticeBody, described, read
from harbour_api.web.api.queries import known_parameters_only
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import Administrator, SignedIn
from harbour_api.web.wire import local

PATH = "/api/v1/notice"
REFUSALS: dict[int | str, dict[str, Any]] = {401: PROBLEM, 403: PROBLEM, 422: PROBLEM, 503: PROBLEM}

router = APIRouter(tags=["managers"], responses=REFUSALS, default_response_class=Response)


@router.get(PATH, summary="Show the notice", responses={404: PROBLEM})
async def notice(request: Request, house: InHouse, _who: SignedIn) -> Response:
    """Return the notice `{kind, from, to, text, text_en}`, whether it holds at present or not; 404 without one."""
    known_parameters_only(request)
    return private(_shown(_known(house)))


@router.put(PATH, summary="Put up the notice", openapi_extra=described(NoticeBody))
async def put_up(request: Request, house: InHouse, who: Administrator) -> Response:
    """Show this notice on every public page from `from` up to `to`, instead of the one before; and return it."""
    known_parameters_only(request)
    wanted = (await read(request, NoticeBody)).notice()
    await run_in_threadpool(house.notices.put_up, wanted, actor=who.username)
    return private(_shown(wanted))


@router.delete(PATH, status_code=204, summary="Take down the notice")
def take_down(request: Request, house: InHouse, who: Administrator) -> Response:
    """Show no notice any more; 204 also where there was none."""
    known_parameters_only(request)
    house.notices.take_down(actor=who.username)
    return Response(status_code=204)


def _known(house: House) -> Notice:
    notice = house.registry.network.notice
    if notice is None:
        raise Unknown("There is no notice.")
    return notice


def _shown(notice: Notice) -> dict[str, Any]:
    span = {"from": local(notice.starts_at), "to": local(notice.ends_at)}
    return {"kind": notice.kind, **span, "text": notice.text, "text_en": notice.text_en}
