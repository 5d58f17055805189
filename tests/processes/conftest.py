"""The service as an operator runs it: `python app.py` as a process of its own, on a free port, always ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.cluster import free_port

ROOT = Path(__file__).parents[2]
PASSWORD = "a long enough password"
PATIENCE_S = 60
WITHOUT_SAMPLES = {"HARBOUR_SAMPLE_VISITS": "false"}  # half a second of a first start


def environment(url: str, **more: str) -> dict[str, str]:
    """The environment of a process: this one's, with the database and what the test adds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARBOUR_")}
    return kept | {"HARBOUR_DATABASE_URL": url, "HARBOUR_ADMIN_PASSWORD": PASSWORD} | more


def command(url: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `python app.py ...` to its end."""
    return subprocess.run(
        [sys.executable, "app.py", *words],
        cwd=ROOT,
        env=environment(url, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@dataclass
class Server:
    """A running service."""

    process: subprocess.Popen[str]
    address: str

    def get(self, path: str, **more: object) -> httpx2.Response:
        return httpx2.get(self.address + path, **more)  # type: ignore[arg-type]

    def log_in(self) -> dict[str, str]:
        given = {"username": "admin", "password": PASSWORD}
        answer = httpx2.post(f"{self.address}/api/v1/sessions", json=given)
        return {"Authorization": f"Bearer {answer.json()['token']}"}

    def stop(self) -> str:
        """End it the way an operator does, and return what it had said."""
        self.process.terminate()
        said, _ = self.process.communicate(timeout=PATIENCE_S)
        return said

    def kill(self) -> None:
        """End it with no chance to say good-bye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start a service on a database: `serve(url)`; everything started is ended with the test."""
    with serving() as start:
        yield start


@contextmanager
def serving() -> Iterator[Callable[..., Server]]:
    """Give what starts services; everything started is ended with the block."""
    started: list[subprocess.Popen[str]] = []

    def start(url: str, **more: str) -> Server:
        port = more.pop("HARBOUR_PORT", None) or str(free_port())
        process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=environment(url, HARBOUR_PORT=port, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        server = Server(process, f"http://127.0.0.1:{port}")
        _wait_until_ready(server)
        return server

    try:
        yield start
    finally:
        for process in started:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
    if process.stdout is not None and not process.stdout.closed:
        process.communicate(timeout=PATIENCE_S)


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError(f"the service ended: {server.process.communicate()[0]}")
        try:
            if server.get("/health/ready").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the service did not come up")
