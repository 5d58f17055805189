"""The page about the service itself: what a harbour is, whom it serves, and where every figure comes from.

One rule: no figure without its source, read from the seed itself, so that the page cannot say what the files do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from harbour_api.domain.network import Network
from harbour_api.domain.station import AUDIENCE_NAMES, Audience, Status
from harbour_api.store.seed import Figure, Seed, read_seed
from harbour_api.web.house import InHouse
from harbour_api.web.pages.cards import BASIS
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.templates_env import render
from harbour_api.web.words import Words

SEED_FOLDER = Path(__file__).parents[3] / "seed_data"
# What a life or a body depends on; the seed has no row for it anywhere.
NEVER_ASSUMED = (
    "aed", "first_aid", "wheelchair_loan", "ramp", "toilet_accessible", "low_counter", "call_button", "guide_dog",
    "sign_language", "braille_guide", "changing_table",
)  # fmt: skip

router = APIRouter(tags=["pages"], default_response_class=HTMLResponse)


@router.get("/about", summary="About the service, as a page", openapi_extra={"parameters": [LANG]})
def about_page(request: Request, house: InHouse) -> HTMLResponse:
    """Show what a harbour is, whom it serves, every figure with its source, and what is only assumed."""
    words = language_only(request.query_params)
    view = about_view(house.registry.network, known_facts(), words)
    return render(request, "about.html", words, view, headers={"Cache-Control": "no-cache"})


@lru_cache(maxsize=1)
def known_facts() -> Seed:
    """Return the seed as its files have it, read once."""
    return read_seed(SEED_FOLDER)


def about_view(network: Network, seed: Seed, words: Words) -> dict[str, object]:
    """Return what `about.html` shows."""
    figures = {figure.key: figure for figure in seed.figures}
    stations = [station for station in network.stations if station.status is Status.OPERATING]
    return {
        "figures": [_figure(figure, seed, words) for figure in seed.figures if figure.value.isdigit()],
        "audiences": [words.pick(*AUDIENCE_NAMES[Audience(word)]) for word in _listed(figures, "audiences")],
        "free": _amenities(network, _listed(figures, "free_use"), words),
        "exam": _amenities(network, _listed(figures, "exam_services"), words),
        "training": words.pick(figures["staff_training"].zh, figures["staff_training"].en),
        "never_assumed": _amenities(network, NEVER_ASSUMED, words),
        "n_stations": len(stations),
        "n_placeholder": sum(not station.is_placed for station in stations),
        "n_verified": sum(station.verified_at is not None for station in stations),
        "sources": seed.sources,
    }


def _listed(figures: Mapping[str, Figure], key: str) -> list[str]:
    return figures[key].value.split(";")


def _amenities(network: Network, codes: list[str] | tuple[str, ...], words: Words) -> list[str]:
    found = (network.amenities[code] for code in codes if code in network.amenities)
    return [words.pick(amenity.zh, amenity.en) for amenity in found]


def _figure(figure: Figure, seed: Seed, words: Words) -> dict[str, str]:
    cited = [source for source in seed.sources if source.key in figure.source.split(";")]
    return {
        "key": figure.key,
        "name": words.pick(figure.zh, figure.en),
        "value": figure.value,
        "basis": words(BASIS[figure.basis]),
        "source": "; ".join(f"{source.key}: {source.what}" for source in cited),
    }
