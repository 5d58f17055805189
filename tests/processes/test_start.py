"""The first start does everything, the second nothing but serve; a start that cannot be says so in a line."""

from __future__ import annotations

from collections.abc import Callable

from tests.processes.conftest import PASSWORD, Server, command


def test_the_first_start_seeds_and_makes_an_administrator_and_the_second_does_not(
    sqlite_url: str, serve: Callable[..., Server]
) -> None:
    first, second = serve(sqlite_url), serve(sqlite_url)
    taken = command(sqlite_url, "serve", HARBOUR_PORT=second.address.rpartition(":")[2])
    still_there = second.get("/health/ready").status_code
    said_first, said_second = first.stop(), second.stop()

    assert "64 stations added" in said_first
    assert "marked as sample" in said_first
    assert "administrator made: user name admin" in said_first
    assert PASSWORD not in said_first
    assert said_second.startswith("serving on ")
    assert taken.returncode != 0
    assert "Traceback" not in taken.stderr
    assert still_there == 200
