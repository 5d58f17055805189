"""Tally links over the API: made, listed and withdrawn by the managers of their station.

One rule: the secret is in the answer that makes the link, and in no other answer and no log.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from harbour_api.store.tally_links import TallyLink
from harbour_api.web.answers import private
from harbour_api.web.api.queries import known_parameters_only, row_id
from harbour_api.web.api.stations import REFUSALS
from harbour_api.web.house import House, InHouse
from harbour_api.web.security import OwnStation, SignedIn
from harbour_api.web.wire import local

router = APIRouter(prefix="/api/v1", tags=["managers"], responses=REFUSALS, default_response_class=Response)


@router.get("/stations/{code}/tally-links", summary="List a station's tally links")
def tally_links(request: Request, house: InHouse, station: OwnStation) -> Response:
    """Return the links, withdrawn ones too, newest first; their secrets are told by nobody."""
    known_parameters_only(request)
    return private({"tally_links": [_shown(link) for link in house.tally_links.of_station(station.code)]})


@router.post("/stations/{code}/tally-links", status_code=201, summary="Make a tally link")
def make(request: Request, house: InHouse, who: SignedIn, station: OwnStation) -> Response:
    """Return `{id, secret, url}` of a new link, this once; the secret is a Bearer token that may log visits here."""
    known_parameters_only(request)
    link, secret = house.tally_links.make(station.code, actor=who.username, now=house.now())
    return private({"id": link.id, "secret": secret, "url": pad_url(house, secret)}, status=201)


@router.delete("/stations/{code}/tally-links/{id}", status_code=204, summary="Withdraw a tally link")
def withdraw(request: Request, house: InHouse, who: SignedIn, station: OwnStation, id: str) -> Response:
    """End a link at once: whoever posts by it gets 401 and is told whom to ask."""
    known_parameters_only(request)
    house.tally_links.withdraw(station.code, row_id(id), actor=who.username, now=house.now())
    return Response(status_code=204)


def pad_url(house: House, secret: str) -> str:
    """Return the address of the tally pad of a link, as the public reaches it."""
    return f"{house.settings.public_url}/t/{secret}"


def _shown(link: TallyLink) -> dict[str, Any]:
    return {
        "id": link.id,
        "created_by": link.created_by,
        "created_at": local(link.created_at),
        "revoked_at": local(link.revoked_at),
    }
