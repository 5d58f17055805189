"""The servers under test: each a process of its own on a loopback port, and none left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

PROJECT = Path(__file__).parent.parent.parent
START_LIMIT_S = 900.0  # a million stations are read at start
ADMIN_PASSWORD = "measured, not kept"
_TICKS = os.sysconf("SC_CLK_TCK")


class DidNotStart(RuntimeError):
    """A server ended, or gave no answer, before it could be measured."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_s(self) -> float:
        """Return the CPU seconds, user and system, of the server and all its processes so far."""
        return family_cpu_s(self.process.pid)

    def get(self, path: str) -> bytes:
        """Return the body of an answer, which must be 200."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise DidNotStart(f"{path}: {answer.status} {body[:300]!r}")
        return body


def harbour(database: str) -> tuple[list[str], dict[str, str]]:
    """Return the command and environment by which anybody starts the service on a database, by its URL."""
    settings = {"HARBOUR_DATABASE_URL": database, "HARBOUR_ADMIN_PASSWORD": ADMIN_PASSWORD}
    return [sys.executable, "app.py"], settings


def reference(name: str, environment: Mapping[str, str], port: int) -> tuple[list[str], dict[str, str]]:
    """Return the same for a reference application: one worker of the same server with the same options."""
    options = "--factory --workers 1 --loop uvloop --http httptools --log-level warning --no-access-log"
    quiet = "--no-server-header --no-proxy-headers"
    target = f"tests.benchmarks.references:{name}"
    command = [sys.executable, "-m", "uvicorn", target, *options.split(), *quiet.split(), "--port", str(port)]
    return command, dict(environment)


@contextmanager
def serving(command: list[str], environment: Mapping[str, str], port: int, first_path: str) -> Iterator[Server]:
    """Run a server until the block ends; it has answered `first_path` when the block begins."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HARBOUR_")}
    env = own | dict(environment) | {"HARBOUR_PORT": str(port)}
    process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=subprocess.DEVNULL)
    try:
        server = Server(process, port)
        _wait_for_answer(server, first_path)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_answer(server: Server, path: str) -> None:
    give_up = time.monotonic() + START_LIMIT_S
    while time.monotonic() < give_up:
        if server.process.poll() is not None:
            raise DidNotStart(f"{server.process.args!r} ended with {server.process.returncode}")
        try:
            server.get(path)
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise DidNotStart(f"no answer within {START_LIMIT_S:.0f} s")


def family_cpu_s(pid: int) -> float:
    """Return the CPU seconds, user and system, of a process and all that came of it and still runs."""
    return sum(map(_cpu_s, _family(pid)))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _family(int(child))


def _cpu_s(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS
