"""The amenities' vocabulary: an administrator adds a word, and it is a filter and a toggle at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.web.conftest import Front
from tests.web.sending import LIST, NOT_A_LINE, pointers

WORDS = "/api/v1/amenities"
SAUNA = {"code": "sauna", "zh": "桑拿", "en": "Sauna", "category": "basic"}


@pytest.fixture(scope="module")
def shared(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    yield from fronts("sqlite")


def add(front: Front, body: Any) -> Any:
    return front.client.post(WORDS, json=body, headers=front.administrator)


def change(front: Front, code: str, body: Any) -> Any:
    return front.client.patch(f"{WORDS}/{code}", json=body, headers=front.administrator)


def test_a_new_word_is_listed_filtered_by_and_set_at_once(front: Front) -> None:
    made = add(front, SAUNA)
    assert made.status_code == 201
    assert made.json() == SAUNA | {"icon": "other", "aliases": [], "osm_tag": None, "source": "administrator"}
    assert front.client.get(WORDS).json()["amenities"][-1] == made.json()
    assert add(front, SAUNA).status_code == 409
    put = front.client.put(f"{LIST}/ZS001/amenities/sauna", json={"state": "yes"}, headers=front.manager)
    assert put.status_code == 200
    found = front.client.get(LIST, params={"amenity": "sauna"}).json()["features"]
    assert [feature["id"] for feature in found] == ["ZS001"]


def test_a_word_is_changed_and_its_code_stays(front: Front) -> None:
    before = next(word for word in front.client.get(WORDS).json()["amenities"] if word["code"] == "tv")
    answer = change(front, "tv", {"en": "Television set", "aliases": ["电视"], "osm_tag": None})
    assert answer.status_code == 200
    assert answer.json() == before | {"en": "Television set", "aliases": ["电视"], "osm_tag": None}
    assert answer.json() in front.client.get(WORDS).json()["amenities"]
    assert pointers(change(front, "tv", {"code": "telly"})) == {"/code"}


def test_the_order_of_refusal_is_401_404_403_422(front: Front) -> None:
    def status(code: str, who: dict[str, str]) -> int:
        return int(front.client.patch(f"{WORDS}/{code}?x=1", content=b"{", headers=who).status_code)

    assert status("fire_brigade", {}) == status("tv", {}) == 401
    assert status("fire_brigade", front.manager) == 404
    assert status("tv", front.manager) == 403
    assert status("tv", front.administrator) == 422
    assert front.client.post(f"{WORDS}?x=1", content=b"{", headers=front.manager).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("code", value) for value in ("", "Sauna", "1st", "a-b", "a" * 41, "桑拿", "a\n")),
        ("category", "fun"),
        ("category", None),
        ("icon", "../x"),
        ("aliases", ["a\nb"]),
        ("aliases", ["x"] * 21),
        ("osm_tag", "sauna"),
        ("source", "me"),
    ],
)
def test_a_word_bends_no_value_to_fit(front: Front, field: str, value: Any) -> None:
    answer = add(front, SAUNA | {"code": "steam", field: value})
    assert answer.status_code == 422
    assert all(pointer.startswith(f"/{field}") for pointer in pointers(answer))


def test_a_name_is_one_line(front: Front) -> None:
    headers = {**front.administrator, "content-type": "application/json"}
    for text in NOT_A_LINE:
        body = f'{{"code":"steam","en":"Steam","category":"basic","zh":{text}}}'
        assert front.client.post(WORDS, content=body, headers=headers).status_code == 422
