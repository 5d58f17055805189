"""Static files at addresses that name their content, so that a phone fetches each once and never asks again.

One rule: an address carries the digest of the bytes behind it. A changed file has a new address, so every answer may be
kept for a year. Leaflet comes from an installed package whose bytes must be the ones we reviewed.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path, PurePosixPath
from threading import Lock

import brotli  # type: ignore[import-untyped]  # it ships no types
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harbour_api.domain.problems import Unknown
from harbour_api.web.look import style_variant

OWN_FILES = Path(__file__).parent / "static"
MOUNT = "/a"
RUNTIME_LIMIT = 64
EMBED_STYLE = ("site.css", "map.css", "embed.css")
MAP_STYLE = ("site.css", "map.css")  # of `/map` in one file, which saves a request
MAP_SCRIPT = ("map.js", "map-stations.js")  # of the public maps: the other pages with a map need the first only
ALWAYS, NEVER = b"(min-width:0)", b"(max-width:0)"
LEAFLET = "django-js-lib-leaflet==1.9.4.1"
LEAFLET_SHA256 = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
}
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=11)),
    "gzip": lambda body: gzip.compress(body, compresslevel=9, mtime=0),
}


class LeafletDiffers(RuntimeError):
    """The installed Leaflet is not the one that was reviewed; the service does not start with it."""


class Asset:
    """One file's bytes, its digest, and the compressed forms made so far."""

    def __init__(self, name: str, body: bytes) -> None:
        self.name = name
        self.body = body
        self.digest = hashlib.sha256(body).hexdigest()[:12]
        self.media_type = MEDIA_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
        self._encoded: dict[str, bytes] = {}

    @property
    def path(self) -> str:
        """Its address below the mount: digest and name."""
        return f"{self.digest}/{self.name}"

    def encoded(self, coding: str | None) -> bytes:
        """Return the bytes in that content coding, made on first use."""
        if coding is None:
            return self.body
        if coding not in self._encoded:
            self._encoded[coding] = ENCODERS[coding](self.body)
        return self._encoded[coding]


class Assets:
    """The files the pages may name: those of the package, known from the start, and a few texts made at run time."""

    def __init__(self, sources: Mapping[str, bytes], mount: str = MOUNT) -> None:
        self.mount = mount
        self._named = {name: Asset(name, body) for name, body in sources.items()}
        self._fixed = {asset.path: asset for asset in self._named.values()}
        self._runtime: OrderedDict[str, Asset] = OrderedDict()
        self._lock = Lock()
        self.make_again: Callable[[str, QueryParams], None] | None = None

    @classmethod
    def load(cls) -> Assets:
        """Read our own static files and the reviewed Leaflet; LeafletDiffers where that is another one."""
        own = _own_files()
        return cls({**own, **_embed_styles(own), **_answered_styles(own), **_leaflet_files()})

    def url(self, name: str, variant: str = "") -> str:
        """Return the address of a file known from the start, in that form where it has it; KeyError for other names."""
        asset = self._named.get(f"{variant}.{name}") or self._named[name]
        return f"{self.mount}/{asset.path}"

    def text(self, name: str) -> str:
        """Return a file known from the start as text, for a page that carries it inline."""
        return self.body(name).decode()

    def body(self, name: str) -> bytes:
        """Return a file known from the start as it is, for an address that others have chosen."""
        return self._named[name].body

    def put(self, name: str, text: str) -> str:
        """Keep a text made at run time and return its address; beyond the limit the longest unused one goes."""
        asset = Asset(name, text.encode())
        with self._lock:
            self._runtime.setdefault(asset.path, asset)
            self._runtime.move_to_end(asset.path)
            if len(self._runtime) > RUNTIME_LIMIT:
                self._runtime.popitem(last=False)
        return f"{self.mount}/{asset.path}"

    def route(self) -> Route:
        """Return the Starlette route that serves every address this object gives out."""
        return Route(f"{self.mount}/{{digest}}/{{name}}", self.serve, methods=["GET"], name="asset")

    def serve(self, request: Request) -> Response:
        """Answer one file. Not async: the first brotli of a large file takes longer than a loop may wait."""
        path = f"{request.path_params['digest']}/{request.path_params['name']}"
        asset = self._fixed.get(path) or self._runtime.get(path)
        if asset is None and self.make_again is not None:
            # Another process gave the address out, or this one before it was started anew.
            self.make_again(request.path_params["name"], request.query_params)
            asset = self._runtime.get(path)
        if asset is None:
            raise Unknown("No such file; its address changes with its content.")
        coding = negotiate(request.headers.get("accept-encoding", ""))
        headers = _headers(asset, coding)
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if coding:
            headers["Content-Encoding"] = coding
        return Response(asset.encoded(coding), media_type=asset.media_type, headers=headers)


def negotiate(accept_encoding: str) -> str | None:
    """Return the content coding to answer with, "br" before "gzip" where both weigh the same, or None for none."""
    weights = dict(_weighed(part) for part in accept_encoding.split(","))
    offers = [(weights.get(coding, weights.get("*", 0.0)), coding) for coding in ("br", "gzip")]
    best, coding = max(offers, key=lambda offer: offer[0])
    return coding if best > 0 else None


def _weighed(part: str) -> tuple[str, float]:
    coding, _, parameter = part.partition(";")
    _, _, figure = parameter.partition("=")
    try:
        weight = float(figure) if figure.strip() else 1.0
    except ValueError:
        weight = 0.0
    return coding.strip().lower(), weight


def _headers(asset: Asset, coding: str | None) -> dict[str, str]:
    suffix = f"-{coding}" if coding else ""
    return {
        "Cache-Control": "public, max-age=31536000, immutable",
        "ETag": f'"{asset.digest}{suffix}"',
        "Vary": "Accept-Encoding",
    }


def _own_files() -> dict[str, bytes]:
    own = {entry.name: entry.read_bytes() for entry in OWN_FILES.iterdir() if not entry.name.startswith(".")}
    joined = {"map-page.css": MAP_STYLE, "map-page.js": MAP_SCRIPT}
    return own | {name: b"".join(own[part] for part in parts) for name, parts in joined.items()}


def _embed_styles(own: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the whole style of a map in a frame, one file for each theme: a frame can't do with three requests."""
    whole = b"".join(own[name] for name in EMBED_STYLE)
    return {f"embed-{scheme or 'auto'}.css": answered(whole, scheme=scheme) for scheme in ("", "light", "dark")}


def _answered_styles(own: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return our style sheets in the forms that a reader may choose, named after what they answer."""
    styles = {name: body for name, body in own.items() if name.endswith(".css")}
    looks = [(contrast, scheme) for contrast in ("", "high") for scheme in ("", "light", "dark")][1:]
    return {
        f"{style_variant(contrast, scheme)}.{name}": answered(body, contrast=contrast, scheme=scheme)
        for name, body in styles.items()
        for contrast, scheme in looks
    }


def answered(style: bytes, *, contrast: str = "", scheme: str = "") -> bytes:
    """Return a style sheet with its questions to the reader's device answered beforehand."""
    if contrast:
        style = style.replace(b"(prefers-contrast:more)", ALWAYS)
    if scheme:
        dark = ALWAYS if scheme == "dark" else NEVER
        style = style.replace(b"(prefers-color-scheme:dark)", dark).replace(b"light dark", scheme.encode(), 1)
    return style


def _leaflet_files() -> dict[str, bytes]:
    folder = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
    bodies = {name: (folder / name).read_bytes() for name in LEAFLET_SHA256}
    check_leaflet(bodies)
    # Its map file is not served: asking for it would be a 404 in every developer's console.
    bodies["leaflet.js"] = bodies["leaflet.js"].replace(b"//# sourceMappingURL=leaflet.js.map", b"")
    return bodies


def check_leaflet(bodies: Mapping[str, bytes]) -> None:
    """Raise LeafletDiffers unless every file has the digest of the version that was reviewed."""
    for name, expected in LEAFLET_SHA256.items():
        found = hashlib.sha256(bodies[name]).hexdigest()
        if found != expected:
            raise LeafletDiffers(
                f"{name} of the installed Leaflet has sha256 {found}, expected {expected}; install exactly {LEAFLET}"
            )
