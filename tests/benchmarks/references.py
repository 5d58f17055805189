"""What the service is measured against. A reference is the best case, not a rival: the framework with nothing to do."""

from __future__ import annotations

import os
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal, cast

from fastapi import FastAPI, Query, Response

from harbour_api.domain.tally import Entry
from harbour_api.logs import configure
from harbour_api.settings import read_settings
from harbour_api.store.visits import Visits
from harbour_api.store.writer import Once
from harbour_api.web.application import create_app

ANSWER_FILE = "BENCHMARK_ANSWER_FILE"


def ceiling() -> FastAPI:
    """Return a plain application whose one route validates four query parameters and returns bytes it has ready."""
    app = FastAPI()
    ready = Path(os.environ[ANSWER_FILE]).read_bytes()

    @app.get("/api/v1/stations/nearest")
    async def nearest(
        lon: Annotated[float, Query(ge=-180, le=180)],
        lat: Annotated[float, Query(ge=-90, le=90)],
        limit: Annotated[int, Query(ge=1, le=50)] = 5,
        datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84",
    ) -> Response:
        return Response(ready, media_type="application/geo+json")

    return app


def without_write() -> FastAPI:
    """Return the service itself, but a visit is not written: its entry is given back at once."""
    configure()
    app = create_app(read_settings(os.environ))
    app.state.house = replace(app.state.house, visits=cast(Visits, _Unwritten()))
    return app


class _Unwritten:
    def log(self, entry: Entry, _once: Once | None = None) -> Future[Entry]:
        done: Future[Entry] = Future()
        done.set_result(replace(entry, id=1))
        return done

    def close(self) -> None:
        """There is nothing to write."""
