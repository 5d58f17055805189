"""The map for other people's pages: the page that fits into a frame, the page that makes its snippet, and oEmbed.

One rule: whoever embeds decides where, never what. A frame shows our own map and list, says on its face what it is, and
every way out of it opens a page of its own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from starlette.datastructures import QueryParams

from harbour_api.domain.network import Needs, Network
from harbour_api.domain.problems import Invalid, Problem, Unknown
from harbour_api.domain.station import Amenity
from harbour_api.web.answers import public
from harbour_api.web.house import House, InHouse
from harbour_api.web.pages.cards import FIRST
from harbour_api.web.pages.map import map_view
from harbour_api.web.pages.parameters import LANG, page_parameter
from harbour_api.web.pages.question import Question
from harbour_api.web.security import EMBED, EMBED_CODE
from harbour_api.web.templates_env import Links, render
from harbour_api.web.wire import dumps
from harbour_api.web.words import DEFAULT, Words, mark

HEIGHT_SCRIPT = "/embed/height.js"  # stands in other people's pages for years, so its address never changes
DAY_S = 86_400
WIDTH_PX, HEIGHT_PX = 640, 640  # where nobody says otherwise
LEAST_PX, MOST_PX = 280, 4000
THEMES = {"auto": mark("跟随系统"), "light": mark("浅色"), "dark": mark("深色")}
CHOICE = ("town", "amenity", "lang", "theme")
SIZE = ("width", "height", "grow")
OEMBED = ("url", "format", "maxwidth", "maxheight", "dnt")  # dnt is sent by the most common consumer
_STATION = re.compile(r"/stations/([^/]+)")
AWAY = Markup(' target="_blank" rel="noopener noreferrer"')
IFRAME = Markup(
    '<iframe src="{src}" title="{title}" width="{width}" height="{height}" loading="lazy" allow="geolocation"'
    ' referrerpolicy="no-referrer" style="border:0;max-width:100%"></iframe>'
)
FALLBACK = Markup('<p><a href="{href}">{title}</a></p>')
GROWING = Markup('<script src="{src}" async></script>')

router = APIRouter(default_response_class=HTMLResponse, tags=["pages"])
CHOICE_PARAMETERS = [
    page_parameter("town", "Code of a town, of today or of 2018: only its stations are shown."),
    page_parameter("amenity", "Code of an amenity the station must have.", repeated=True),
    LANG,
    page_parameter("theme", "auto (default: as the reader's system has it), light or dark."),
]
SIZE_PARAMETERS = [
    page_parameter("width", f"Width of the frame in pixels, {LEAST_PX} to {MOST_PX}; the whole width where left out."),
    page_parameter("height", f"Height of the frame in pixels, {LEAST_PX} to {MOST_PX} ({HEIGHT_PX})."),
    page_parameter("grow", "1: the frame takes the height of its list, by a script of ours on the embedding page."),
]


class FormatNotOffered(Problem):
    """OEmbed lets a provider do without XML, and names the status for it."""

    status, slug, title = 501, "format-not-offered", "This format is not offered"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a frame shows: of which town, with which amenities, in which language and colours."""

    question: Question
    words: Words
    theme: str = "auto"

    @classmethod
    def read(cls, query: QueryParams, network: Network) -> Frame:
        """Return what a query chooses; names of others are left alone, see `only`."""
        places = [(name, value) for name, value in query.multi_items() if name in ("town", "amenity")]
        theme = _single(query, "theme") or "auto"
        if theme not in THEMES:
            raise Invalid.parameter("theme", f"must be one of: {', '.join(THEMES)}")
        return cls(Question.read(QueryParams(places), network), Words.asked(_single(query, "lang")), theme)

    @property
    def needs(self) -> Needs:
        """The same as the picture understands it: here a town is a border, not a place to measure from."""
        return Needs(town=self.question.town.code if self.question.town else None, amenities=self.question.amenities)

    @property
    def address(self) -> str:
        """Where the frame is, without the host."""
        lang, theme = self.words.lang, self.theme
        pairs = [*self.question.pairs(), *([("lang", lang)] if lang != DEFAULT else [])]
        query = urlencode([*pairs, *([("theme", theme)] if theme != "auto" else [])])
        return f"{EMBED}?{query}" if query else EMBED

    @property
    def finder(self) -> str:
        """Where the whole site answers the same question."""
        return Links(self.words.lang)("/", self.question.pairs())

    def title(self, network: Network) -> str:
        """Return what a screen reader says of the frame."""
        pick, town = self.words.pick, self.question.town
        amenities = [network.amenities[code] for code in self.question.amenities]
        chosen = [pick(town.name, town.name_en)] if town else []
        return " · ".join(
            [self.words("劳动者港湾地图"), *chosen, *(pick(amenity.zh, amenity.en) for amenity in amenities)]
        )


@router.get(EMBED, summary="The public map, for a frame", openapi_extra={"parameters": CHOICE_PARAMETERS})
def embed(request: Request, house: InHouse) -> HTMLResponse:
    """Show the map and its list without the site around them; other sites may frame this address, and no other."""
    only(request.query_params, CHOICE)
    network = house.registry.network
    frame = Frame.read(request.query_params, network)
    view = map_view(house, frame.words, frame.needs)
    more = {
        "away": AWAY,
        "title": frame.title(network),
        "finder_url": frame.finder,
        "style": f"embed-{frame.theme}.css",
    }
    return render(request, "embed.html", frame.words, view | more, headers={"Cache-Control": "no-cache"})


@router.get(
    EMBED_CODE, summary="The snippet of the map", openapi_extra={"parameters": [*CHOICE_PARAMETERS, *SIZE_PARAMETERS]}
)
async def embed_code(request: Request, house: InHouse) -> HTMLResponse:
    """Make the lines that show the map on another page, by a form, with the frame itself as the preview."""
    only(query := request.query_params, (*CHOICE, *SIZE))
    network = house.registry.network
    frame = Frame.read(query, network)
    width, height = _pixels(query, "width"), _pixels(query, "height") or HEIGHT_PX
    grows = _single(query, "grow") == "1"
    view = {
        "frame": frame,
        "title": frame.title(network),
        "width": width or "",
        "height": height,
        "grows": grows,
        "least": LEAST_PX,
        "most": MOST_PX,
        "themes": [(code, frame.words(name)) for code, name in THEMES.items()],
        "towns": sorted(network.towns.values(), key=lambda town: town.code),
        "amenities": _amenities(network),
        "snippet": snippet(house, frame, width or "100%", height, grows=grows),
    }
    return render(request, "embed_code.html", frame.words, view, headers={"Cache-Control": "no-cache"})


@router.get(HEIGHT_SCRIPT, summary="The script that fits a frame to its content", response_class=Response)
async def height_script(request: Request, house: InHouse) -> Response:
    """Give the embedding page a script that sets a frame's height to what the frame says of itself."""
    body = house.assets.text("embed-height.js").encode()
    answer = public(
        request, house, body, media_type="text/javascript; charset=utf-8", etag=_etag(body), max_age_s=DAY_S
    )
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@router.get(
    "/oembed",
    summary="How to embed a page of ours, for programs (oEmbed 1.0)",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}}},
        501: {"description": "XML, which oEmbed knows and we do not offer."},
    },
    openapi_extra={
        "parameters": [
            {**page_parameter("url", "Address of /, /map, /embed or of a station's page."), "required": True},
            page_parameter("format", "json (default)."),
            page_parameter("maxwidth", "Most pixels the frame may be wide."),
            page_parameter("maxheight", "Most pixels the frame may be high."),
            page_parameter("dnt", "Taken and without meaning: a frame follows nobody."),
        ]
    },
)
async def oembed(request: Request, house: InHouse) -> Response:
    """Answer with the frame that shows what a page of ours shows; a station's page is answered with its town."""
    only(query := request.query_params, OEMBED)
    _refuse_other_formats(_single(query, "format"))
    frame, title = _frame_of(house, _single(query, "url"))
    width, height = _at_most(query, "maxwidth", WIDTH_PX), _at_most(query, "maxheight", HEIGHT_PX)
    body = dumps(
        {
            "version": "1.0",
            "type": "rich",
            "title": title,
            "provider_name": frame.words("劳动者港湾"),
            "provider_url": house.settings.public_url,
            "cache_age": DAY_S,
            "html": _iframe(house, frame, title, width, height),
            "width": width,
            "height": height,
        }
    )
    return public(request, house, body, media_type="application/json", etag=_etag(body), max_age_s=DAY_S)


def snippet(house: House, frame: Frame, width: int | str, height: int, *, grows: bool) -> str:
    """Return the lines for another page: the frame, a link for where no frame is shown, and the script if wanted."""
    base, title = house.settings.public_url, frame.title(house.registry.network)
    lines = [_iframe(house, frame, title, width, height), FALLBACK.format(href=base + frame.finder, title=title)]
    return "\n".join([*lines, *([GROWING.format(src=base + HEIGHT_SCRIPT)] if grows else [])])


def _iframe(house: House, frame: Frame, title: str, width: int | str, height: int) -> str:
    return IFRAME.format(src=house.settings.public_url + frame.address, title=title, width=width, height=height)


def _refuse_other_formats(name: str) -> None:
    if name == "xml":
        raise FormatNotOffered("oEmbed is offered as json.")
    if name not in ("", "json"):
        raise Invalid.parameter("format", "must be json")


def _frame_of(house: House, url: str) -> tuple[Frame, str]:
    """Return the frame that stands for one of our pages, and its title; Unknown for any other address."""
    if not url:
        raise Invalid.parameter("url", "must be given")
    own, asked, network = urlsplit(house.settings.public_url), _split(url), house.registry.network
    if (asked.scheme, asked.netloc.lower()) != (own.scheme, own.netloc.lower()):
        raise Unknown("That address is none of ours.")
    path, query = asked.path.removeprefix(own.path) or "/", QueryParams(asked.query)
    station = _STATION.fullmatch(path)
    if station is not None:
        return _frame_of_station(network, station[1], query)
    if path not in ("/", "/map", EMBED):
        raise Unknown("That page is not for frames.")
    try:
        frame = Frame.read(query, network)
    except Invalid as error:
        raise Unknown("Nothing has that address.") from error
    return frame, frame.title(network)


def _frame_of_station(network: Network, code: str, query: QueryParams) -> tuple[Frame, str]:
    station = network.station(code)
    try:
        words = Words.asked(query.get("lang"))
    except Invalid as error:
        raise Unknown("Nothing has that address.") from error
    frame = Frame(Question(town=network.town(station.town)), words)
    return frame, words.pick(station.name, station.name_en)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Unknown("That address is none of ours.") from error


def _amenities(network: Network) -> list[Amenity]:
    """Return the vocabulary, what most people ask for first."""
    return [
        network.amenities[code] for code in dict.fromkeys((*FIRST, *network.amenities)) if code in network.amenities
    ]


def only(query: QueryParams, known: tuple[str, ...]) -> None:
    """Refuse a parameter that is not known: a misspelt filter must not show every station."""
    for name in query:
        if name not in known:
            raise Invalid.parameter(name, f"there is no such parameter; known: {', '.join(known)}")


def _single(query: QueryParams, name: str) -> str:
    if len(query.getlist(name)) > 1:
        raise Invalid.parameter(name, "may be given once")
    return query.get(name, "").strip()


def _pixels(query: QueryParams, name: str) -> int | None:
    text = _single(query, name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", text) or not LEAST_PX <= int(text) <= MOST_PX:
        raise Invalid.parameter(name, f"must be a number of pixels between {LEAST_PX} and {MOST_PX}")
    return int(text)


def _at_most(query: QueryParams, name: str, usual: int) -> int:
    text = _single(query, name)
    if text and not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise Invalid.parameter(name, "must be a number of pixels")
    return min(usual, int(text)) if text else usual


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'
