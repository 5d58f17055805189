"""The pages people open, and what each of them shows."""

from harbour_api.web.pages import (
    about,
    coverage,
    docs,
    embed,
    finder,
    look,
    map,
    offline,
    phone,
    poster,
    report,
    station,
    station_text,
    tiles,
)

# `/stations/{code}.txt` before `/stations/{code}`, which would take the message's address for a code.
ROUTERS = (
    finder.router,
    phone.router,
    offline.router,
    map.router,
    tiles.router,
    station_text.router,
    station.router,
    report.router,
    poster.router,
    embed.router,
    coverage.router,
    about.router,
    docs.router,
    look.router,
)
