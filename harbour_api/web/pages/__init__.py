"""The pages people open, and what each of them shows."""

from harbour_api.web.pages import (
    about,
    coverage,
    desk,
    docs,
    embed,
    finder,
    map,
    poster,
    report,
    station,
    station_text,
)

# `/stations/{code}.txt` before `/stations/{code}`, which would take the message's address for a code.
ROUTERS = (
    finder.router,
    map.router,
    station_text.router,
    station.router,
    report.router,
    poster.router,
    embed.router,
    coverage.router,
    about.router,
    docs.router,
    desk.router,
)
