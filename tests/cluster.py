"""A throwaway PostgreSQL cluster with PostGIS, run as a user without rights and gone when its block ends."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
POSTGIS = Path("/usr/share/postgresql/15/extension/postgis.control")
IS_HERE = (PROGRAMS / "initdb").exists() and POSTGIS.exists()
# For what need not outlive a fall of the power: a run of tests.
IN_HASTE = "-c fsync=off -c full_page_writes=off -c autovacuum=off -c wal_level=minimal -c max_wal_senders=0"


@dataclass(frozen=True)
class Cluster:
    """A running cluster: where it listens, and its first process."""

    address: str
    pid: int

    def url(self, database: str) -> str:
        """Return the URL of a database there."""
        return f"postgresql+psycopg://harbour@{self.address}/{database}"

    def run(self, statement: str) -> None:
        """Run a statement outside of any database of ours: to make one, or to drop it."""
        admin = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(statement))
        admin.dispose()


@contextmanager
def cluster(settings: str = "", folder: Path | None = None) -> Iterator[Cluster]:
    """Start a cluster, with these settings besides, in a folder of its own under that one; stop it at the end."""
    home = Path(tempfile.mkdtemp(prefix="harbour-pg-", dir=folder))
    data, port = home / "data", free_port()
    as_user = _unprivileged(home)
    run = lambda *words: subprocess.run([*as_user, *map(str, words)], check=True, capture_output=True)  # noqa: E731
    run(PROGRAMS / "initdb", "-D", data, "-A", "trust", "-U", "harbour", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c max_connections=200 {settings}"
    run(PROGRAMS / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
    try:
        yield Cluster(f"127.0.0.1:{port}", int((data / "postmaster.pid").read_text().split()[0]))
    finally:
        run(PROGRAMS / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then another user owns the folder and runs it."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["runuser", "-u", "postgres", "--"]
