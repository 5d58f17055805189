"""What lets a phone go on without a connection: the worker, the page it answers with then, and the manifest.

One rule: the worker's version is the digest of everything it may keep, so that a changed page is never held back by it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from harbour_api.web import icons
from harbour_api.web.assets import MEDIA_TYPES
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.parameters import LANG, language_only
from harbour_api.web.templates_env import Links, render
from harbour_api.web.wire import dumps
from harbour_api.web.words import HTML_LANG

WEB = Path(icons.__file__).parent
SHIPPED = ("static", "templates", "locales")
PAPER, BAR = "#faf6ee", "#0b5cad"  # of site.css
UNCHANGED = {"Cache-Control": "no-cache"}
TOUCH_ICON = "apple-touch-icon.png"
ICONS = (  # how they are drawn anew: CONTRIBUTING
    ("harbour.svg", "any", "any"),
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable-512.png", "512x512", "maskable"),
)
WORKER = ("tally-queue.js", "tally-sender.js", "sw.js")  # one script: what it does when woken must be there already

router = APIRouter(tags=["pages"])


@router.get("/sw.js", include_in_schema=False)
def worker(request: Request, house: InHouse) -> Response:
    """Return the worker's script, at the root, for what lies beneath its address is what it may answer."""
    language_only(request.query_params)
    script = f"const VERSION = '{shipped_digest()}';\n" + "".join(house.assets.text(name) for name in WORKER)
    return Response(script, media_type="text/javascript", headers=UNCHANGED)


@lru_cache(maxsize=1)
def shipped_digest() -> str:
    """Return the digest of all files that pages are made from."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in SHIPPED for path in (WEB / folder).iterdir() if path.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@router.get(
    "/offline",
    summary="What is shown without a connection, as a page",
    openapi_extra={"parameters": [LANG]},
    response_class=HTMLResponse,
)
def offline(request: Request) -> HTMLResponse:
    """Show that a page needs a connection; in place of a station's page a script fills in what the phone holds."""
    return render(request, "offline.html", language_only(request.query_params), {}, headers=UNCHANGED)


@router.get("/manifest.webmanifest", include_in_schema=False)
def manifest(request: Request, house: InHouse) -> Response:
    """Return how the site is installed on a phone, in the page's language."""
    words = language_only(request.query_params)
    name = words("劳动者港湾")
    value = {
        "name": name,
        "short_name": name,
        "description": words("找一个歇脚的地方"),
        "lang": HTML_LANG[words.lang],
        "dir": "ltr",
        "id": "/",
        "start_url": Links(words.lang)("/"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": BAR,
        "icons": [_icon(house, *icon) for icon in ICONS],
    }
    return Response(dumps(value), media_type="application/manifest+json", headers=UNCHANGED)


def _icon(house: House, name: str, sizes: str, purpose: str) -> dict[str, str]:
    url = house.assets.url(name)
    return {"src": url, "sizes": sizes, "type": MEDIA_TYPES[PurePosixPath(name).suffix], "purpose": purpose}


@router.get(f"/{TOUCH_ICON}", include_in_schema=False)
def touch_icon(request: Request, house: InHouse) -> Response:
    """Return the icon where iPhones look unasked: `/` names none, for a phone would fetch it on the first load."""
    language_only(request.query_params)
    return Response(house.assets.body(TOUCH_ICON), media_type=MEDIA_TYPES[".png"], headers=UNCHANGED)
