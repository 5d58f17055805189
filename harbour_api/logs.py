"""Logs: one JSON object a line on standard error, control characters escaped, no secrets and no coordinates in them."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor

LONGEST_PATH = 200
TALLY_PADS = "/t/"


def path_for_logs(path: str) -> str:
    """Return an address as a log may hold it: cut where it is long, and without the secret of a tally pad."""
    return f"{TALLY_PADS}..." if path.startswith(TALLY_PADS) else path[:LONGEST_PATH]


def configure() -> None:
    """Make every log line of ours and of the server a JSON object."""
    shared: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    renderer = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processor=structlog.processors.JSONRenderer()
    )
    handler.setFormatter(renderer)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("uvicorn.access").disabled = True  # an address may hold a position or a secret
