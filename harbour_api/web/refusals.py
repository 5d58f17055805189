"""The one place that turns what went wrong into an answer: RFC 9457 for programs, a plain page for people.

An answer names the bound that was broken, never the value that broke it, and never a trace; the log has the rest under
the reference it gives.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from harbour_api.domain.problems import Fault, Invalid, Problem, TooLarge, Unknown
from harbour_api.logs import path_for_logs
from harbour_api.web.methods import methods_of
from harbour_api.web.security import DESK, cookie_name
from harbour_api.web.templates_env import problem_page
from harbour_api.web.wire import dumps

MEDIA_TYPE = "application/problem+json"
MIB = 1024 * 1024
MOST_MIB = 1  # of a body
MOST_MIB_AT = {"/api/v1/imports": 10, "/manage/transfer": 10}  # where a file may come in
MOST_FAULTS = 50  # a request of nothing but faults must not make an answer many times its size
GEOSPATIAL = "/ogc"  # of a standard that knows no 422
FOR_THE_PHONE = "/network.json"
PROGRAM_PATHS = ("/api/", "/health/", "/metrics", "/openapi.json", GEOSPATIAL, FOR_THE_PHONE, "/oembed")

log = structlog.get_logger()


class MethodNotAllowed(Problem):
    """The address is right, the method is not; only HTTP knows this one."""

    status, slug, title = 405, "method-not-allowed", "This address does not take that method"


def install(app: FastAPI) -> None:
    """Make every refusal of the application come from here."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_leaving)


def refuse(request: Request, problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """Answer with a problem, as JSON or as a page by the address asked."""
    reference = secrets.token_hex(6)
    more = dict(headers or {}) | _headers(problem)
    path, status = path_for_logs(request.url.path), _status(request.url.path, problem)
    log.info("refused", reference=reference, status=status, problem=problem.slug, path=path)
    errors = _told(problem)
    if request.url.path.startswith(PROGRAM_PATHS):
        if _is_public_read(request):
            more["Access-Control-Allow-Origin"] = "*"  # so that another site's script can tell what it asked wrongly
        return Response(dumps({**members(problem, reference), "status": status}), status, more, MEDIA_TYPE)
    page = problem_page(
        request, _home(request), status=status, detail=problem.detail, errors=errors, reference=reference
    )
    page.headers.update(more)
    return page


def _status(path: str, problem: Problem) -> int:
    """Return the status of a refusal: on a page, in its file and at the geospatial door what is malformed is a 400."""
    is_program = path.startswith(PROGRAM_PATHS) and not path.startswith((GEOSPATIAL, FOR_THE_PHONE))
    return 400 if isinstance(problem, Invalid) and not is_program else problem.status


def _home(request: Request) -> str:
    """Return where a page of refusal leads: to the desk whoever came from there with a log-in, else to the finder."""
    is_desks = request.url.path.startswith(DESK) and cookie_name(request.app.state.house) in request.cookies
    return DESK if is_desks else "/"


def _is_public_read(request: Request) -> bool:
    """Whether this is a read that other sites may make: an address is a manager's where its route says so."""
    route = request.scope.get("route")
    return request.method == "GET" and route is not None and "managers" not in getattr(route, "tags", ())


def faults_of(errors: Iterable[Any], *, body: bool) -> tuple[Fault, ...]:
    """Return a validation's errors as faults: where and which rule, without the value."""
    return tuple(_fault(error["loc"], error["msg"], error["type"], body) for error in errors)


def _fault(loc: Sequence[int | str], message: str, kind: str, body: bool) -> Fault:
    if kind == "extra_forbidden":
        message = "is not known here"
    message = message.removeprefix("Value error, ")
    if body:
        return Fault(message, pointer="".join(f"/{_escaped(str(part))}" for part in loc))
    return Fault(message, parameter=str(loc[0]) if loc else None)


def _escaped(part: str) -> str:
    return _named(part).replace("~", "~0").replace("/", "~1")


def _bounded(fault: Fault) -> Fault:
    """Return a fault as it may be told: whoever raised it need not think of what a stranger called a parameter."""
    return fault if fault.parameter is None else replace(fault, parameter=_named(fault.parameter))


def _named(name: str) -> str:
    """Return a field's name for an answer; a stranger's own invention is not echoed at length."""
    return name if len(name) <= 40 and name.isprintable() else "?"


def members(problem: Problem, reference: str) -> dict[str, Any]:
    """Return a problem as RFC 9457 tells it; the log has more under the reference."""
    found: dict[str, Any] = {
        "type": f"/problems/{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "reference": reference,
    }
    if problem.errors:
        found["errors"] = [_fault_json(fault) for fault in _told(problem)]
    return found


def _told(problem: Problem) -> list[Fault]:
    return [_bounded(fault) for fault in problem.errors[:MOST_FAULTS]]


def _fault_json(fault: Fault) -> dict[str, str]:
    members = {"detail": fault.detail, "pointer": fault.pointer, "parameter": fault.parameter}
    return {name: value for name, value in members.items() if value is not None}


def _headers(problem: Problem) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if problem.retry_after_s is not None:
        headers["Retry-After"] = str(problem.retry_after_s)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return refuse(request, error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = faults_of([{**fault, "loc": fault["loc"][1:]} for fault in error.errors()], body=False)
    where = {fault["loc"][0] for fault in error.errors()}
    what = "A query parameter" if where == {"query"} else "A field"
    return refuse(request, Invalid(f"{what} is not valid.", errors=faults))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = {"Allow": methods_of(request.scope)}  # Starlette's own names the first route of the address alone
        return refuse(request, MethodNotAllowed("See the documentation for what it takes."), allowed)
    if error.status_code == 413:
        return refuse(request, TooLarge(f"A body may have at most {_most_mib(request.scope)} MiB here."))
    if error.status_code == 404:
        return refuse(request, Unknown("Nothing has that address."))
    return refuse(request, Invalid("The request could not be read."))


async def _on_leaving(_request: Request, _error: Exception) -> Response:
    """End a request whose sender left amid the body: no fault of ours, and nobody reads this."""
    return Response(status_code=400)


def _most_mib(scope: Scope) -> int:
    return MOST_MIB_AT.get(scope.get("path", ""), MOST_MIB)


class BodyLimit:
    """The middleware: stops reading a body that passes the bound, announced or not.

    The framework's own limit answers in plain text, above every layer of ours.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is read of it."""
        length = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        announced, taken = int(length) if length.isdecimal() and len(length) < 20 else 0, 0
        most = _most_mib(scope) * MIB

        async def counted() -> Message:
            nonlocal taken
            message = await receive() if announced <= most else {}
            taken += len(message.get("body", b""))
            if announced > most or taken > most:
                raise HTTPException(413)  # of the kind that form parsing lets through
            return message

        await self._app(scope, counted, send)


class Surprises:
    """The middleware: answers what nobody foresaw, below the layers that every answer has to pass.

    Starlette's own place for this lies above them all, and its answers would lack the security headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; an answer that has begun can only be broken off."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            answer = await _on_surprise(Request(scope), error)
            await answer(scope, receive, send)


async def _on_surprise(request: Request, error: Exception) -> Response:
    log.error("unexpected", path=path_for_logs(request.url.path), exc_info=error)
    return refuse(request, Problem("It was logged under the reference given; trying again may help."))
