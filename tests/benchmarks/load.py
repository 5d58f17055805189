"""The load: a bounded number of keep-alive connections, each asking its next question when it has the last answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import cast

import uvloop

CONNECTIONS = 16
WARM_UP_S = 0.7
LAST_ANSWERS_S = 0.3


class LoadFailed(RuntimeError):
    """A server answered something else than was expected, so there is nothing to measure."""


@dataclass
class Target:
    """A server under load: its port, the requests in turn, the status every answer must have, and its CPU seconds."""

    port: int
    requests: Sequence[bytes]
    status: int
    cpu_s: Callable[[], float]
    answered: int = 0
    is_over: bool = False
    failure: str = ""


def requests_per_cpu_s(targets: Sequence[Target], seconds: float) -> list[float]:
    """Load all targets at once for so many seconds; return each one's answers per CPU second of its processes."""
    return uvloop.run(_measured(targets, seconds))


async def _measured(targets: Sequence[Target], seconds: float) -> list[float]:
    for target in targets:
        target.is_over = False
    connections = [await _connect(target, cycle(target.requests)) for target in targets for _ in range(CONNECTIONS)]
    try:
        await asyncio.sleep(WARM_UP_S)
        before = [(target.answered, target.cpu_s()) for target in targets]
        await asyncio.sleep(seconds)
        after = [(target.answered, target.cpu_s()) for target in targets]
    finally:
        await _finish(targets, connections)
    _refuse_failures(targets)
    return [(n1 - n0) / (cpu1 - cpu0) for (n0, cpu0), (n1, cpu1) in zip(before, after, strict=True)]


async def _finish(targets: Sequence[Target], connections: Sequence[asyncio.BaseTransport]) -> None:
    """Let the last answers come: a server must not spend the next round on questions nobody waits for."""
    for target in targets:
        target.is_over = True
    await asyncio.sleep(LAST_ANSWERS_S)
    for transport in connections:
        transport.close()


async def _connect(target: Target, requests: Iterator[bytes]) -> asyncio.BaseTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_connection(lambda: _Asker(target, requests), "127.0.0.1", target.port)
    return transport


def _refuse_failures(targets: Sequence[Target]) -> None:
    for target in targets:
        if target.failure or not target.answered:
            raise LoadFailed(target.failure or f"no answer on port {target.port}")


class _Asker(asyncio.Protocol):
    """One connection. It reads no more of an answer than status and length: its own CPU is not the point."""

    def __init__(self, target: Target, requests: Iterator[bytes]) -> None:
        self._target = target
        self._requests = requests
        self._head = b""
        self._missing = 0  # bytes of the present answer's body; with a head begun, not known yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._missing = _body_length(self._head[:end])
            self._check_status(self._head)
            data, self._head = self._head[end + 4 :], b""
        self._missing -= len(data)
        if not self._missing and not self._target.failure:
            self._target.answered += 1
            self._ask()

    def _ask(self) -> None:
        if not self._target.is_over:
            self._transport.write(next(self._requests))

    def _check_status(self, head: bytes) -> None:
        if int(head[9:12]) != self._target.status:
            self._target.failure = f"expected {self._target.status}, got: {head[:500].decode(errors='replace')}"


def _body_length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])
