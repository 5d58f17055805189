"""The contests over HTTP: the service against its reference, both under load at the same time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from harbour_api.domain.place import Place
from harbour_api.store.seed import Seed
from tests import cluster
from tests.benchmarks import city
from tests.benchmarks.inside import log_in
from tests.benchmarks.load import Target, requests_per_cpu_s
from tests.benchmarks.references import ANSWER_FILE
from tests.benchmarks.servers import Server, family_cpu_s, harbour, reference, serving
from tests.cluster import free_port

LIMIT = 10
ASKERS = 2_000
REAL_EXTENT = (113.2, 22.2, 113.7, 22.8)  # around the 64 stations
BARS = {64: 0.95, 14_000: 0.85, 200_000: 0.85, 1_000_000: 0.80}
FILTER_BAR = 0.60
VISIT_BAR = 0.80
START_BAR = 1.5
START_ROUNDS = 5
IMPORTS = "import fastapi, sqlalchemy, geoalchemy2, shapely, pyproj"


@dataclass(frozen=True)
class Line:
    """One line of the report: what was compared, ours over the reference round by round, and the bar to reach."""

    what: str
    ratios: Sequence[float]
    bar: float
    lower_is_better: bool = False

    @property
    def reaches(self) -> bool:
        """Whether the median reaches the bar."""
        middle = median(self.ratios)
        return middle <= self.bar if self.lower_is_better else middle >= self.bar


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int
    seconds: float


def nearest(count: int, seed: Seed, effort: Effort) -> Iterator[Line]:
    """Yield nearest-10 over HTTP, and where it is not the real seed the same with a filter that 1 in 100 matches."""
    with database_of(count, seed) as database, ours_on(database) as ours:
        places = city.askers(ASKERS, REAL_EXTENT if count == len(seed.stations) else city.EXTENT)
        yield Line(f"nearest-10, {count:,} stations", _against_ceiling(ours, places, "", effort), BARS[count])
        if count > len(seed.stations):
            ratios = _against_ceiling(ours, places, f"&amenity={city.RARE}", effort)
            yield Line(f"nearest-10, 1 in 100 of {count:,} matches", ratios, FILTER_BAR)


def visits(seed: Seed, effort: Effort) -> Iterator[Line]:
    """Yield a durable visit's POST against the same route without the write, on each database that is here."""
    with database_of(64, seed) as database, database_of(64, seed) as untouched:
        yield Line("a durable visit, SQLite", _against_nothing(database, untouched, seed, effort), VISIT_BAR)
    if not cluster.IS_HERE:
        return
    with cluster.cluster() as postgresql:
        for name in ("written", "untouched"):
            postgresql.run(f"CREATE DATABASE {name}")
            city.build_database(postgresql.url(name), 64, seed)
        urls = postgresql.url("written"), postgresql.url("untouched")
        ratios = _against_nothing(*urls, seed, effort, lambda: family_cpu_s(postgresql.pid))
        yield Line("a durable visit, PostgreSQL, its processes counted", ratios, VISIT_BAR)


def _against_nothing(
    database: str, untouched: str, seed: Seed, effort: Effort, more_cpu_s: Callable[[], float] = lambda: 0.0
) -> list[float]:
    """Return the ratios; `more_cpu_s` is what others spend on the writes, who are none of the service's processes."""
    port = free_port()
    _, settings = harbour(untouched)
    unwritten = serving(*reference("without_write", settings, port), port, "/health/ready")
    [post, other_post] = [_post(log_in(url), seed.stations[0].code) for url in (database, untouched)]
    with ours_on(database) as ours, unwritten as other:
        written = Target(ours.port, [post], 201, lambda: ours.cpu_s() + more_cpu_s())
        return _ratios([written, Target(other.port, [other_post], 201, other.cpu_s)], effort)


def start(seed: Seed) -> Line:
    """Return the time from start to first answer against the bare imports, wall clock, in turns.

    Both find their bytecode ready, as they do from the second start on; the first round makes it and is not counted.
    """
    ratios = []
    with database_of(64, seed) as database, TemporaryDirectory() as bytecode:
        environment = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode}
        for _ in range(START_ROUNDS + 1):
            ours = _seconds_to_answer(database, environment)
            ratios.append(ours / _seconds_to_import(environment))
            print(f"  {ours:.2f} s to the first answer", file=sys.stderr, flush=True)
    return Line("start to first answer, 64 stations", ratios[1:], START_BAR, lower_is_better=True)


def _against_ceiling(ours: Server, places: Sequence[Place], more: str, effort: Effort) -> list[float]:
    """Return the ratios against ready bytes as long as our median answer."""
    paths = [f"/api/v1/stations/nearest?lon={p.lon}&lat={p.lat}&limit={LIMIT}&datum=wgs84{more}" for p in places]
    requests = [f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode() for path in paths]
    answers = sorted((ours.get(path) for path in paths[:101]), key=len)
    assert len(json.loads(answers[0])["features"]) == LIMIT
    with TemporaryDirectory() as folder:
        ready = Path(folder) / "answer"
        ready.write_bytes(answers[len(answers) // 2])
        port = free_port()
        with serving(*reference("ceiling", {ANSWER_FILE: str(ready)}, port), port, paths[0]) as best:
            targets = [Target(server.port, requests, 200, server.cpu_s) for server in (ours, best)]
            return _ratios(targets, effort)


def _ratios(targets: Sequence[Target], effort: Effort) -> list[float]:
    ratios = []
    for _ in range(effort.rounds):
        ours, other = requests_per_cpu_s(targets, effort.seconds)
        print(f"  {ours:,.0f} against {other:,.0f} a CPU second", file=sys.stderr, flush=True)
        ratios.append(ours / other)
    return ratios


@contextmanager
def database_of(count: int, seed: Seed) -> Iterator[str]:
    """Give a database of so many stations, gone when the block ends."""
    with TemporaryDirectory(prefix="harbour-benchmark-") as folder:
        url = f"sqlite:///{folder}/harbour.db"
        city.build_database(url, count, seed)
        yield url


@contextmanager
def ours_on(database: str) -> Iterator[Server]:
    """Run the service on a database, as anybody starts it."""
    port = free_port()
    with serving(*harbour(database), port, "/health/ready") as server:
        yield server


def _post(token: str, station: str) -> bytes:
    body = json.dumps({"audience": "courier", "count": 1}).encode()
    lines = [
        f"POST /api/v1/stations/{station}/visits HTTP/1.1",
        "host: 127.0.0.1",
        f"authorization: Bearer {token}",
        "content-type: application/json",
        f"content-length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _seconds_to_answer(database: str, environment: dict[str, str]) -> float:
    port = free_port()
    command, settings = harbour(database)
    began = time.perf_counter()
    with serving(command, settings | environment, port, "/api/v1/stations/nearest?lon=113.4&lat=22.5"):
        return time.perf_counter() - began


def _seconds_to_import(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, env=os.environ | environment)
    return time.perf_counter() - began
