"""Static files: addresses that name their content, compressed on the way, and only the Leaflet that was reviewed."""

from __future__ import annotations

import gzip
import html
import re

import brotli
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from harbour_api.domain.problems import Unknown
from harbour_api.web.assets import LEAFLET_SHA256, RUNTIME_LIMIT, Assets, LeafletDiffers, check_leaflet, negotiate
from tests.web.conftest import Front

SCRIPT = b"'use strict';" * 50


def a_client(assets: Assets) -> TestClient:
    def not_found(request: Request, error: Exception) -> Response:
        return Response(status_code=404)

    return TestClient(Starlette(routes=[assets.route()], exception_handlers={Unknown: not_found}))


def test_an_address_names_its_content_and_may_be_kept_for_a_year() -> None:
    assets = Assets({"a.js": SCRIPT})

    answer = a_client(assets).get(assets.url("a.js"), headers={"Accept-Encoding": "identity"})

    assert answer.status_code == 200
    assert answer.content == SCRIPT
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"


def test_a_changed_file_has_another_address() -> None:
    assert Assets({"a.js": b"1"}).url("a.js") != Assets({"a.js": b"2"}).url("a.js")


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, br", "br"), ("gzip", "gzip")])
def test_a_file_travels_compressed_with_an_etag_of_that_form(accepted: str, coding: str) -> None:
    assets = Assets({"a.js": SCRIPT})
    client = a_client(assets)

    with client.stream("GET", assets.url("a.js"), headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())

    assert answer.headers["content-encoding"] == coding
    assert answer.headers["etag"].endswith(f'-{coding}"')
    assert not answer.headers["etag"].startswith("W/")
    assert (brotli.decompress(raw) if coding == "br" else gzip.decompress(raw)) == SCRIPT


def test_a_known_etag_is_answered_with_304_and_no_body() -> None:
    assets = Assets({"a.js": SCRIPT})
    client = a_client(assets)
    tag = client.get(assets.url("a.js")).headers["etag"]

    answer = client.get(assets.url("a.js"), headers={"If-None-Match": tag})

    assert (answer.status_code, answer.content) == (304, b"")


def test_an_unknown_address_is_404_even_where_the_name_is_known() -> None:
    client = a_client(Assets({"a.js": SCRIPT}))

    assert client.get("/a/000000000000/a.js").status_code == 404
    assert client.get("/a/000000000000/none.js").status_code == 404


def test_a_text_made_at_run_time_is_served_and_the_same_text_keeps_its_address() -> None:
    assets = Assets({})

    url = assets.put("map.js", "draw()")

    assert assets.put("map.js", "draw()") == url
    assert a_client(assets).get(url).text == "draw()"


def test_texts_made_at_run_time_are_bounded_and_the_longest_unused_goes_first() -> None:
    assets = Assets({})
    client = a_client(assets)
    first, second = assets.put("map.js", "first"), assets.put("map.js", "second")

    for number in range(RUNTIME_LIMIT - 2):
        assets.put("map.js", str(number))
    assets.put("map.js", "first")
    assets.put("map.js", "one too many")

    assert client.get(first).status_code == 200
    assert client.get(second).status_code == 404


def test_the_reviewed_leaflet_is_served_without_naming_a_map_file_we_do_not_have() -> None:
    assets = Assets.load()

    answer = a_client(assets).get(assets.url("leaflet.js"))

    assert "leafletjs.com" in answer.text
    assert "sourceMappingURL" not in answer.text


def test_another_leaflet_stops_the_start_and_names_the_version_to_install() -> None:
    with pytest.raises(LeafletDiffers, match=r"install exactly django-js-lib-leaflet==1\.9\.4\.1"):
        check_leaflet(dict.fromkeys(LEAFLET_SHA256, b"something else"))


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", None),
        ("identity", None),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("br;q=nonsense", None),
    ],
)
def test_the_coding_is_the_one_the_client_weighs_most(accepted: str, coding: str | None) -> None:
    assert negotiate(accepted) == coding


def test_a_map_script_that_another_process_gave_out_is_drawn_again(front: Front) -> None:
    for page in ("/map", "/map?lang=en", "/embed?town=442000001&amenity=toilet"):
        [script] = re.findall(r'src="(/a/[0-9a-f]+/map-public\.js[^"]*)"', front.client.get(page).text)
        front.house.assets._runtime.clear()

        assert front.client.get(html.unescape(script)).status_code == 200
    assert front.client.get("/a/000000000000/map-public.js").status_code == 404


def test_the_icons_of_home_screens_are_small_and_of_the_size_they_are_said_to_have(front: Front) -> None:
    icons = front.open("/manifest.webmanifest").json()["icons"]
    assert [(icon["sizes"], icon["purpose"]) for icon in icons] == [
        ("any", "any"),
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    ]
    for icon in icons[1:]:
        assert icon["src"].startswith("/a/")
        assert side(front.open(icon["src"]).content) == int(icon["sizes"].split("x")[0])


def test_iphones_find_their_icon_and_the_first_page_does_not_make_a_phone_fetch_it(front: Front) -> None:
    [named] = re.findall('rel="apple-touch-icon" href="([^"]+)"', front.open("/about").text)
    assert side(front.open(named).content) == side(front.open("/apple-touch-icon.png").content) == 180
    assert "apple-touch-icon" not in front.open("/").text


def side(png: bytes) -> int:
    """The width of a square PNG of a few kilobytes."""
    width, height = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    assert png.startswith(b"\x89PNG")
    assert width == height
    assert len(png) < 4096
    return width
