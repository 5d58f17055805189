"""What an operator's Prometheus reads: traffic, the picture, the database and the queue of the writer.

One rule: it asks nothing of the database, so that it answers when that is away, which is when it is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from harbour_api.domain.problems import Unavailable
from harbour_api.web.answers import NO_STORE
from harbour_api.web.api.queries import known_parameters_only
from harbour_api.web.api.reads import PROBLEM
from harbour_api.web.house import House, InHouse
from harbour_api.web.traffic import BOUNDS_S, Kind, Traffic

if TYPE_CHECKING:
    from prometheus_client import Metric

SAID: dict[int | str, dict[str, Any]] = {
    200: {"description": "the text format of Prometheus", "content": {"text/plain": {}}},
    422: PROBLEM,
}

router = APIRouter(tags=["public"], default_response_class=Response)


@router.get("/metrics", summary="Figures for Prometheus", responses=SAID)
async def metrics(request: Request, house: InHouse) -> Response:
    """Return the figures of this process: requests and their latency by route template, and the state it is in."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest  # on first use: nobody else needs it

    known_parameters_only(request)
    return Response(generate_latest(_Told(house)), headers=NO_STORE, media_type=CONTENT_TYPE_LATEST)


class _Told:
    """What Prometheus' library calls a collector."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        from prometheus_client import ProcessCollector

        yield from _traffic(self._house.traffic)
        yield from _state(self._house)
        yield from ProcessCollector(registry=None).collect()


def _traffic(traffic: Traffic) -> Iterator[Metric]:
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    labels = ("route", "method", "status")
    requests = CounterMetricFamily("harbour_requests", "Requests answered.", labels=labels)
    seconds = HistogramMetricFamily("harbour_request_seconds", "Time to answer a request.", labels=labels)
    for kind, answers in traffic.answers.items():
        n, cumulated = 0, []
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), answers.counts, strict=True):
            n += count
            cumulated.append((bound, n))
        told = _labels(kind)
        requests.add_metric(told, n)
        seconds.add_metric(told, cumulated, answers.seconds)
    yield requests
    yield seconds


def _labels(kind: Kind) -> tuple[str, str, str]:
    route, method, status_class = kind
    return route, method, f"{status_class}xx"


def _state(house: House) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily

    registry = house.registry
    age_s = max(0.0, (house.now() - registry.as_of).total_seconds())
    figures = {
        "harbour_picture_age_seconds": ("Since when the picture was last held against the database.", age_s),
        "harbour_database_reachable": ("1 while the database answers.", float(registry.is_reachable)),
        "harbour_visits_waiting": ("Posts of visits in the writer's queue.", float(house.visits.n_waiting)),
    }
    with suppress(Unavailable):
        network = registry.network
        figures["harbour_picture_revision"] = ("Revision of the picture.", float(network.revision))
        figures["harbour_stations"] = ("Stations in the picture, of any status.", float(len(network)))
    for name, (said, figure) in figures.items():
        yield GaugeMetricFamily(name, said, value=figure)
