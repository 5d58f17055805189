"""A report from a station's page, for browsers without JavaScript: a form that leads back to the page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from harbour_api.domain.problems import Invalid
from harbour_api.web.answers import NO_STORE
from harbour_api.web.api.bodies import ReportBody
from harbour_api.web.api.reads import KnownStation
from harbour_api.web.api.reports import file_report
from harbour_api.web.house import InHouse
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.security import refuse_foreign_form
from harbour_api.web.templates_env import Links

Field = Annotated[str, Form(max_length=40)]
router = APIRouter()


@router.post(
    "/stations/{code}/reports",
    summary="Report from a station's page",
    tags=["pages"],
    response_class=HTMLResponse,
    openapi_extra={"parameters": [LANG]},
)
def report_from_page(
    request: Request, house: InHouse, station: KnownStation, kind: Field = "", amenity: Field = ""
) -> Response:
    """Take a report and lead back to the station's page, which says thank you."""
    words = language_only(request.query_params)
    refuse_foreign_form(request, house)
    try:
        given = ReportBody.model_validate({"kind": kind, "amenity": amenity or None}, strict=False)
    except ValidationError:
        raise Invalid.field("/kind", "must be one of the reports on the station's page") from None
    file_report(request, house, station, given)
    back = Links(words.lang)(f"/stations/{station.code}", reported="1")
    return RedirectResponse(f"{back}#report", status_code=303, headers=NO_STORE)
