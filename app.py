"""The service's front door: `python app.py` migrates, seeds an empty database and serves; `app:app` is for any ASGI
server."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Build the ASGI application when a server asks for `app`; `python app.py --help` never pays for it."""
    if name != "app":
        raise AttributeError(name)
    import os

    from harbour_api.logs import configure
    from harbour_api.settings import read_settings
    from harbour_api.web.application import create_app

    configure()
    globals()["app"] = create_app(read_settings(os.environ))
    return globals()["app"]


if __name__ == "__main__":
    from harbour_api.cli import main

    main()
