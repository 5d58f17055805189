"""How the pages look: what a reader chooses is kept on the device, and what is not chosen is the device's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from harbour_api.web.assets import ALWAYS, NEVER, Assets, answered
from harbour_api.web.look import Look, own_path
from tests.web.conftest import Front

OWN_SITE = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def house(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")


@pytest.fixture
def front(house: Front) -> Front:
    house.client.cookies.clear()
    return house


def choose(front: Front, headers: dict[str, str] = OWN_SITE, **fields: str) -> tuple[int, str, str]:
    answer = front.client.post("/look", data=fields, headers=headers)
    return answer.status_code, answer.headers.get("location", ""), answer.headers.get("set-cookie", "")


def root(front: Front, path: str) -> str:
    found = re.search("<html([^>]*)>", front.open(path).text)
    assert found is not None
    return found[1]


def styles(front: Front, path: str) -> list[str]:
    return re.findall(r'<link rel="stylesheet" href="/a/\w+/([^"]+)"', front.open(path).text)


@pytest.mark.parametrize(
    ("cookie", "look"),
    [
        (None, Look()),
        ("", Look()),
        ("elder.high.dark", Look("elder", "high", "dark")),
        ("light", Look(scheme="light")),
        ("tiny.HIGH.<b>", Look()),
    ],
)
def test_a_cookie_is_read_and_never_refused(cookie: str | None, look: Look) -> None:
    assert Look.of_cookie(cookie) == look
    assert Look.of_cookie(look.cookie) == look


@pytest.mark.parametrize("text", ["/", "/stations/ZS001?lang=en", "/?q=%E4%B8%AD&town=442000001", "/?q=a//b:c"])
def test_an_address_of_this_site_is_led_back_to(text: str) -> None:
    assert own_path(text) == text


@pytest.mark.parametrize(
    "text", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/a\r\nSet-Cookie: b"]
)
def test_an_address_that_may_lead_elsewhere_leads_to_the_first_page(text: str) -> None:
    assert own_path(text) == "/"


def test_one_tap_on_the_finder_gives_large_text_and_another_takes_it_back(front: Front) -> None:
    page = front.open("/?town=442000001").text
    assert 'name="size" value="elder"' in page
    assert 'name="back" value="/?town=442000001&amp;lang=zh"' in page

    status, location, cookie = choose(front, size="elder", back="/?town=442000001")
    assert (status, location) == (303, "/?town=442000001")
    assert cookie.startswith("look=elder; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax")
    assert ' data-size="elder"' in root(front, "/")
    assert styles(front, "/") == ["site.css", "elder.css"]

    choose(front, size="device")
    assert "data-" not in root(front, "/")


def test_a_question_that_was_not_asked_keeps_its_answer(front: Front) -> None:
    choose(front, scheme="dark", contrast="high")
    choose(front, size="elder")

    assert root(front, "/look").partition(" ")[2].split()[1:] == [
        'data-size="elder"',
        'data-contrast="high"',
        'data-scheme="dark"',
    ]


def test_the_page_of_looks_shows_what_is_chosen_and_leads_back(front: Front) -> None:
    choose(front, scheme="dark")
    page = front.open("/look?back=/about&lang=en").text

    assert re.findall(r'name="(\w+)" value="(\w*)" checked', page) == [
        ("size", "device"),
        ("contrast", "device"),
        ("scheme", "dark"),
    ]
    assert 'name="back" value="/about"' in page
    assert re.findall(r"[\u4e00-\u9fff]+", page.partition("<body>")[2]) == ["中文"]


def test_a_word_that_is_no_choice_is_refused_by_name(front: Front) -> None:
    assert choose(front, size="giant")[0] == 400


def test_another_site_chooses_nothing(front: Front) -> None:
    assert choose(front, {"sec-fetch-site": "cross-site"}, size="elder")[0] == 403


def test_shared_caches_are_told_that_a_page_depends_on_the_cookie(front: Front) -> None:
    for path in ("/", "/stations/ZS001", "/map", "/about", "/nowhere"):
        assert "Cookie" in front.client.get(path).headers["vary"]


def test_a_chosen_look_is_the_same_style_with_the_question_answered() -> None:
    style = b":root{color-scheme:light dark}@media (prefers-contrast:more) and (prefers-color-scheme:dark){a{}}"
    whole = {b"light": NEVER, b"dark": ALWAYS}

    for scheme, answer in whole.items():
        expected = b":root{color-scheme:" + scheme + b"}@media " + ALWAYS + b" and " + answer + b"{a{}}"
        assert answered(style, contrast="high", scheme=scheme.decode()) == expected


def test_every_page_style_has_every_look_and_none_still_asks_what_was_answered() -> None:
    assets = Assets.load()
    looks = [Look(contrast=contrast, scheme=scheme) for contrast in ("", "high") for scheme in ("", "light", "dark")]

    assert len({assets.url("site.css", look.variant) for look in looks}) == len(looks)
    for look in looks[1:]:
        text = assets.text(f"{look.variant}.site.css")
        assert ("(prefers-color-scheme" in text, "(prefers-contrast" in text) == (not look.scheme, not look.contrast)


def test_the_desk_has_large_text_one_tap_away_and_its_forms_lead_back_to_a_page(front: Front) -> None:
    front.client.headers.update(front.administrator)
    shown = front.open("/manage/map?by=town&lang=en").text
    made = front.client.post("/manage/stations/ZS001/links", headers=OWN_SITE, data={"label": "desk"}).text
    del front.client.headers["authorization"]
    [back] = re.findall('name="back" value="([^"]*)"', shown)
    assert back == "/manage/map?by=town&amp;lang=en"
    assert 'name="size" value="elder"' in shown
    assert re.findall('name="back" value="([^"]*)"', made) == ["/manage"]
