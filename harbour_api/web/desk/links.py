"""The tally links of a station, as a page: made, printed for the phone of the desk, withdrawn.

One rule: the secret is on the page that answers the making of its link, and on no other. So that one page is no
redirect: the secret would have to stand in an address, or be kept. Its form names the newest link that was shown, so
that sending it again, as a reload does, makes no other.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.domain.problems import Conflict
from harbour_api.domain.station import Station
from harbour_api.store.access import Who
from harbour_api.store.tally_links import TallyLink
from harbour_api.web.api.queries import row_id
from harbour_api.web.api.tally_links import pad_url
from harbour_api.web.desk.frame import see_other
from harbour_api.web.desk.station import station_address, station_page
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.cards import minute_text
from harbour_api.web.pages.parameters import LANG, language_only, page_parameter
from harbour_api.web.pages.poster import drawn_qr_code
from harbour_api.web.security import OwnStation, SignedIn
from harbour_api.web.words import Words

PATH = "/manage/stations/{code}/links"
SAID = page_parameter("done", "withdrawn: say that the link was.")
After = Annotated[int | None, Form(ge=0)]

router = APIRouter(tags=["managers' pages"], default_response_class=HTMLResponse)


@router.get(PATH, summary="A station's tally links, as a page", openapi_extra={"parameters": [SAID, LANG]})
def links(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Show who made which link and when, and which were withdrawn."""
    words = language_only(request.query_params, "done")
    is_done = request.query_params.get("done") == "withdrawn"
    return _page(request, house, who, station, words, said=words("链接已经停用，马上生效。") if is_done else "")


@router.post(PATH, status_code=201, summary="Make a tally link from the page", openapi_extra={"parameters": [LANG]})
def make(request: Request, house: InHouse, who: SignedIn, station: OwnStation, after: After = None) -> Response:
    """Make a link, and show its address and its QR code, this once."""
    words = language_only(request.query_params)
    try:
        link, secret = house.tally_links.make(station.code, actor=who.username, now=house.now(), after=after)
    except Conflict as problem:
        error = words("没有新建：这一页打开以后已经建过一个链接，它的地址只显示一次。还要一个，请再点“新建”。")
        return _page(request, house, who, station, words, error=error, status=problem.status)
    url = pad_url(house, secret)
    made = {
        "id": link.id,
        "url": url,
        "path": f"/t/{secret}",
        "qr": drawn_qr_code(url),
        "at": minute_text(link.created_at, words, year=True),
    }
    return _page(request, house, who, station, words, made=made, status=201)


@router.post(
    f"{PATH}/{{id}}/withdraw", summary="Withdraw a tally link from the page", openapi_extra={"parameters": [LANG]}
)
def withdraw(request: Request, house: InHouse, who: SignedIn, station: OwnStation, id: str) -> Response:
    """End a link at once."""
    words = language_only(request.query_params)
    house.tally_links.withdraw(station.code, row_id(id), actor=who.username, now=house.now())
    return see_other(station_address(station, "/links"), words, done="withdrawn")


def _page(
    request: Request,
    house: House,
    who: Who,
    station: Station,
    words: Words,
    status: int = 200,
    **shown: object,
) -> Response:
    links = house.tally_links.of_station(station.code)
    context: dict[str, object] = {
        "here": station_address(station, "/links"),
        "links": [_shown(link, words) for link in links],
        "newest": links[0].id if links else 0,
        "said": "",
        "error": "",
        "made": None,
    }
    return station_page(request, who, station, "desk_links.html", words, context | shown, status=status)


def _shown(link: TallyLink, words: Words) -> dict[str, object]:
    withdrawn = None if link.revoked_at is None else minute_text(link.revoked_at, words, year=True)
    return {
        "id": link.id,
        "by": link.created_by,
        "at": minute_text(link.created_at, words, year=True),
        "withdrawn": withdrawn,
    }
