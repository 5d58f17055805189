"""The application as production builds it, showing a picture that a test made by hand instead of a database's."""

from __future__ import annotations

from datetime import datetime

from starlette.testclient import TestClient

from harbour_api.domain.network import Network
from harbour_api.settings import Settings
from harbour_api.web.application import create_app


def showing(network: Network, now: datetime) -> TestClient:
    """A client that reads this picture at this instant; nothing can be written, for there is no database."""
    app = create_app(Settings(database_url="sqlite:////nowhere/harbour.db"), lambda: now)
    registry = app.state.house.registry
    registry._network, registry.is_reachable = network, True  # what a look at the database would have set
    return TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
