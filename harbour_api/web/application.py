"""The recipe: what the application is made of, top to bottom. Tests and production call the same `create_app`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from harbour_api.domain.problems import Unavailable
from harbour_api.settings import Settings
from harbour_api.web import api, desk, ogc, pages, refusals
from harbour_api.web.api.bodies import body_schemas
from harbour_api.web.api.express import ExpressLane
from harbour_api.web.compression import Compression
from harbour_api.web.desk import frame
from harbour_api.web.ground import tiles_origin
from harbour_api.web.house import House, utc_now
from harbour_api.web.methods import Methods
from harbour_api.web.pace import Pace, ReadRate
from harbour_api.web.pages.map import draw_again
from harbour_api.web.security import SecurityHeaders, security_policy
from harbour_api.web.templates_env import style_sources
from harbour_api.web.traffic import Counting

DESCRIPTION = """The 64 rest stations of the Labourer Harbour (劳动者港湾) in Zhongshan: where they are, when they open,
what they have, and who came. A demonstration on public facts, not a service of the bank. Each fact carries its basis;
points whose `location_basis` is `placeholder` are invented, and nobody may be sent there. Whoever runs the service may
bound how often one may read: then a read too many is a 429, whose Retry-After says when to ask again."""

log = structlog.get_logger()


class HarbourApi(FastAPI):
    """FastAPI with an express lane before its door: the layers it puts around every route cost as much as a search."""

    def __init__(self, *, lane: ExpressLane, **options: Any) -> None:
        super().__init__(**options)
        self._lane = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the lane what it takes, and everything else as FastAPI does."""
        if scope["type"] != "http" or not await self._lane.answers(scope, send):
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, now: Callable[[], datetime] = utc_now) -> FastAPI:
    """Build the application; nothing is read from the database before it starts."""
    house = House.build(settings, now)
    policy = security_policy(style_sources(house.assets), settings.frame_ancestors, tiles_origin(settings))
    pace = Pace(settings.read_rate) if settings.read_rate else None
    app = HarbourApi(
        lane=ExpressLane(house, policy.general, pace),
        title="Labourer Harbour",
        version="0.1.0",
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.house = house
    house.assets.make_again = partial(draw_again, house)
    refusals.install(app)
    frame.install(app)
    for router in (*api.ROUTERS, *ogc.ROUTERS, *pages.ROUTERS, *desk.ROUTERS):
        app.include_router(router)
    app.router.routes.append(house.assets.route())
    app.add_middleware(refusals.BodyLimit)
    app.add_middleware(refusals.Surprises)
    app.add_middleware(Compression)
    if pace is not None:
        app.add_middleware(ReadRate, pace=pace, house=house)
    app.add_middleware(Counting, traffic=house.traffic)
    app.add_middleware(Methods)
    app.add_middleware(SecurityHeaders, policy=policy)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hold a picture before the first question, keep it fresh, and at the end write what is queued."""
    house: House = app.state.house
    try:
        house.ground.refuse_outsiders(await run_in_threadpool(house.registry.refresh))
    except Unavailable:
        log.warning("database away at start; waiting for it")
    house.registry.watch()
    yield
    await run_in_threadpool(house.close)


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(body_schemas())
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for operation in (operation for path in document["paths"].values() for operation in path.values()):
            if "401" in operation["responses"] and operation["summary"] != "Log in":
                operation["security"] = [{"token": []}]
        app.openapi_schema = document
    return app.openapi_schema
