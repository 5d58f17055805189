"""The map for other people's pages: who may frame what, what the snippet says, and what oEmbed answers and refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from harbour_api.settings import Settings, SettingsRefused, read_settings
from tests.web.conftest import Front
from tests.web.test_problems import routes

BASE = "http://127.0.0.1:8000"  # the setting's default, as other people's pages see us
TOWN = "442000001"
MARK = "zqmarkzq"
HOSTILE_URLS = (
    'https://x.example/"><script>alert(1)</script>',
    "https://x.example/'onload='alert(1)",
    "https://x.example/?a=1&lt;b=2",
    "https://x.example/{{7*7}}{src}",
)


class Elements(HTMLParser):
    """Every element with its attributes, as a browser would read them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def one(self, tag: str) -> dict[str, Any]:
        [attributes] = [attributes for found, attributes in self.found if found == tag]
        return attributes


def directives(answer: Any) -> dict[str, str]:
    policy = answer.headers["content-security-policy"]
    return dict(part.split(" ", 1) for part in policy.split("; "))


def snippet_of(answer: Any) -> str:
    """What stands in the textarea, as a browser reads it."""
    [text] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)
    return unescape(text)


def oembed(front: Front, url: str, **more: str) -> Any:
    return front.open("/oembed?" + urlencode({"url": url, **more}))


def test_no_address_but_the_embed_may_be_framed(front: Front) -> None:
    framed = set()
    for method, path in [
        *routes(front),
        ("GET", "/embed/"),
        ("GET", "/embed/x"),
        ("GET", "//embed"),
        ("GET", "/EMBED"),
    ]:
        told = directives(front.client.request(method, path))
        if told["frame-ancestors"] != "'none'":
            framed.add(path)
        assert told.get("frame-src", "'self'" if path == "/embed/code" else None) == (
            "'self'" if path == "/embed/code" else None
        )

    assert framed == {"/embed"}


@pytest.mark.parametrize("query", ["", "?lang=en", "?nonsense=1"])
def test_a_frame_may_stand_anywhere_and_sends_no_form(front: Front, query: str) -> None:
    answer = front.open("/embed" + query)

    assert directives(answer)["frame-ancestors"] == "*"
    assert directives(answer)["form-action"] == "'none'"
    assert "geolocation=(self)" in answer.headers["permissions-policy"]
    assert "set-cookie" not in answer.headers
    assert "x-frame-options" not in answer.headers


def test_the_operator_says_which_sites_may_frame_it(fronts: Callable[..., Iterator[Front]]) -> None:
    for front in fronts("sqlite", frame_ancestors="https://a.example https://*.b.example:8443"):
        told = directives(front.open("/embed"))["frame-ancestors"]

        assert told == "'self' https://a.example https://*.b.example:8443"
        assert directives(front.open("/"))["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("sources", ["*", "'self'", "https:", "example.org", "https://a.example:* http://127.0.0.1:81"])
def test_sources_of_frames_are_taken_as_browsers_know_them(sources: str) -> None:
    assert Settings(frame_ancestors=sources).frame_ancestors == sources


@pytest.mark.parametrize(
    "sources", ["", "'none'", "*; script-src *", "a.example,b.example", "https://a.example/x\n", "港"]
)
def test_what_is_no_source_stops_the_start(sources: str) -> None:
    with pytest.raises(SettingsRefused, match="HARBOUR_FRAME_ANCESTORS"):
        read_settings({"HARBOUR_FRAME_ANCESTORS": sources})


def test_the_frame_has_map_and_list_and_every_way_out_opens_a_page_of_its_own(front: Front) -> None:
    answer = front.open("/embed")
    links = [attributes for tag, attributes in Elements(answer.text).found if tag == "a"]
    out = [link for link in links if not str(link["href"]).startswith("#")]

    assert answer.text.count('class="map-card"') == 64
    assert 'class="map"' in answer.text
    assert "演示，非银行服务" in answer.text
    assert len(out) == 1 + 2 * 64
    assert {(link["target"], link["rel"]) for link in out} == {("_blank", "noopener noreferrer")}
    assert "<form" not in answer.text
    assert "<nav" not in answer.text.replace('<nav id="map-towns"', "")
    assert answer.text.index("map-card") > 0
    assert all(
        "defer" in attributes
        for tag, attributes in Elements(answer.text).found
        if tag == "script" and "src" in attributes
    )


def test_a_frame_shows_the_stations_of_a_town_with_all_amenities_asked(front: Front) -> None:
    network = front.house.registry.network
    inside = [station for station in network.stations if station.town == TOWN]

    answer = front.open(f"/embed?town={TOWN}&amenity=toilet&amenity=drinking_water")

    assert answer.text.count('class="map-card"') == len(inside) > 0
    assert f'href="/?town={TOWN}&amp;amenity=toilet&amp;amenity=drinking_water"' in answer.text
    nothing = front.open("/embed?amenity=aed")
    assert nothing.text.count('class="map-card"') == 0
    assert "没有登记不等于没有" in nothing.text


def test_a_towns_former_code_is_understood(front: Front) -> None:
    merged = next(town for town in front.house.registry.network.towns.values() if len(town.former) > 1)

    pages = {front.open(f"/embed?town={code}").text for code in (merged.code, *(was.code for was in merged.former))}

    assert len(pages) == 1


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_a_theme_is_a_style_of_its_own(front: Front, theme: str) -> None:
    [style] = re.findall(r'href="(/a/[0-9a-f]+/embed-(\w+)\.css)"', front.open(f"/embed?theme={theme}").text)
    sheet = front.open(style[0]).text

    assert style[1] == theme
    assert ("(prefers-color-scheme:dark)" in sheet) == (theme == "auto")
    assert ".embed-line" in sheet
    assert ".map-page" in sheet


@pytest.mark.parametrize("page", ["/embed", "/embed/code"])
@pytest.mark.parametrize(
    "query", [f"{MARK}=1", f"town={MARK}", f"amenity={MARK}", "theme=blue", "theme=dark&theme=dark", "lang=fr", "q=x"]
)
def test_what_is_not_known_is_refused_not_ignored(front: Front, page: str, query: str) -> None:
    assert front.open(f"{page}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["width=279", "width=4001", "height=-1", "height=1e3", "width=٣٠٠", "height=300&height=301"]
)
def test_a_size_out_of_bounds_is_refused(front: Front, query: str) -> None:
    assert front.open(f"/embed/code?{query}").status_code == 400


def test_the_snippet_is_whole(front: Front) -> None:
    answer = front.open(f"/embed/code?town={TOWN}&amenity=toilet&lang=en&theme=dark&width=500&height=700&grow=1")
    elements = Elements(snippet_of(answer))

    frame = elements.one("iframe")
    assert frame["src"] == f"{BASE}/embed?town={TOWN}&amenity=toilet&lang=en&theme=dark"
    assert frame["title"].endswith("Shiqi Subdistrict · Toilet")
    assert (frame["width"], frame["height"], frame["loading"]) == ("500", "700", "lazy")
    assert (frame["allow"], frame["referrerpolicy"]) == ("geolocation", "no-referrer")
    assert elements.one("a")["href"] == f"{BASE}/?town={TOWN}&amenity=toilet&lang=en"
    assert elements.one("script")["src"] == f"{BASE}/embed/height.js"
    assert f'src="/embed?town={TOWN}&amp;amenity=toilet&amp;lang=en&amp;theme=dark"' in answer.text, "the preview"


def test_a_snippet_with_nothing_chosen_fills_the_width_and_brings_no_script(front: Front) -> None:
    elements = Elements(snippet_of(front.open("/embed/code?town=&width=&height=&theme=&lang=")))

    assert elements.one("iframe")["src"] == f"{BASE}/embed"
    assert elements.one("iframe")["width"] == "100%"
    assert [tag for tag, _ in elements.found] == ["iframe", "p", "a"]


@pytest.mark.parametrize("public_url", HOSTILE_URLS)
def test_no_public_url_breaks_out_of_its_attribute(fronts: Callable[..., Iterator[Front]], public_url: str) -> None:
    for front in fronts("sqlite", public_url=public_url):
        elements = Elements(snippet_of(front.open("/embed/code?grow=1")))

        assert [tag for tag, _ in elements.found] == ["iframe", "p", "a", "script"]
        assert elements.one("iframe")["src"] == f"{public_url}/embed"
        assert elements.one("script")["src"] == f"{public_url}/embed/height.js"
        assert public_url not in front.open("/map").text or '"' not in public_url


def test_the_height_script_keeps_its_address_and_may_run_on_any_page(front: Front) -> None:
    answer = front.open("/embed/height.js")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize(
    ("page", "frame"),
    [
        ("/embed", "/embed"),
        (f"/embed?town={TOWN}&theme=dark&lang=en", f"/embed?town={TOWN}&lang=en&theme=dark"),
        ("/", "/embed"),
        ("", "/embed"),
        (f"/?town={TOWN}&amenity=toilet&lon=113.1234&lat=22.5&q=x", f"/embed?town={TOWN}&amenity=toilet"),
        ("/map?lang=en", "/embed?lang=en"),
    ],
)
def test_oembed_answers_for_our_own_pages(front: Front, page: str, frame: str) -> None:
    answer = oembed(front, BASE + page)
    told = answer.json()

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (told["version"], told["type"], told["provider_url"]) == ("1.0", "rich", BASE)
    assert Elements(told["html"]).one("iframe")["src"] == BASE + frame
    assert (told["width"], told["height"]) == (640, 640)


def test_a_stations_page_is_embedded_as_its_town(front: Front) -> None:
    station = front.house.registry.network.station("ZS001")

    told = oembed(front, f"{BASE}/stations/ZS001").json()

    assert told["title"] == station.name
    assert Elements(told["html"]).one("iframe")["src"] == f"{BASE}/embed?town={station.town}"


def test_a_frame_is_never_larger_than_the_consumer_allows(front: Front) -> None:
    told = oembed(front, f"{BASE}/map", maxwidth="300", maxheight="200", dnt="1", format="json").json()
    frame = Elements(told["html"]).one("iframe")

    assert (told["width"], told["height"]) == (300, 200)
    assert (frame["width"], frame["height"]) == ("300", "200")
    assert oembed(front, f"{BASE}/map", maxwidth="9999").json()["width"] == 640


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/map",
        "http://127.0.0.1:8000@elsewhere.example/map",
        "http://127.0.0.1:80/map",
        "//127.0.0.1:8000/map",
        "javascript:alert(1)",
        "http://[",
        f"{BASE}/manage/map",
        f"{BASE}/login",
        f"{BASE}/embed/code",
        f"{BASE}/stations/ZS999",
        f"{BASE}/stations/ZS001/poster",
        f"{BASE}/stations/ZS001?lang=fr",
        f"{BASE}/embed?town={MARK}",
    ],
)
def test_oembed_knows_no_other_address(front: Front, url: str) -> None:
    answer = oembed(front, url)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert MARK not in answer.text


def test_oembed_speaks_json_only_and_refuses_what_it_does_not_know(front: Front) -> None:
    assert oembed(front, f"{BASE}/map", format="xml").status_code == 501
    assert oembed(front, f"{BASE}/map", format="yaml").status_code == 422
    assert front.open("/oembed").status_code == 422
    assert oembed(front, f"{BASE}/map", maxwidth="0").status_code == 422
    assert oembed(front, f"{BASE}/map", callback="run").status_code == 422


@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_the_map_says_where_programs_ask_for_its_frame(front: Front, query: str) -> None:
    links = [attributes for tag, attributes in Elements(front.open(f"/map{query}").text).found if tag == "link"]
    [link] = [link for link in links if link.get("type") == "application/json+oembed"]
    asked = urlsplit(str(link["href"]))

    assert link["rel"] == "alternate"
    assert parse_qs(asked.query) == {"url": [f"{BASE}/map{query}"]}
    assert json.loads(front.open(f"{asked.path}?{asked.query}").text)["type"] == "rich"
