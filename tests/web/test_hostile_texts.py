"""What is no line of text is refused at every door where a text may come in, and nothing of it is kept or sent back.

What may be kept is looked at in the browser: tests/browser/test_hostile_texts_in_browser.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import MONDAY_MORNING
from tests.hostile import (
    HOSTILE,
    LIST,
    NOT_UNICODE,
    NOTED,
    REFUSED,
    Form,
    correction,
    names,
    notice,
    remarks,
    send,
    unlocking,
)
from tests.web.conftest import OWN, Front
from tests.web.sending import VISIT, pointers, post

NOT_TEXT = [*REFUSED, "", " ", "\u3000"]
NAMES = {"/name", "/name_en", "/address", "/specials/0/zh", "/specials/0/en"}
PLACES = [
    {"/zh", "/en", "/aliases/0"},
    NAMES,
    {"/note"},
    {"/reason"},
    {"/note"},
    {"/text", "/text_en"},
    {"/reason"},
    {"/reason"},
]


@pytest.fixture(scope="module")
def lite(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """The doors are before any database."""
    yield from fronts("sqlite")


def refused(front: Front, form: Form) -> set[str]:
    answer: Any = send(front.client, form, front.administrator)
    assert answer.status_code == 422, (form, answer.text)
    assert "alert" not in answer.text
    return pointers(answer)


@pytest.mark.parametrize("text", [*NOT_TEXT, NOT_UNICODE], ids=ascii)
def test_what_is_no_line_of_text_is_refused_in_every_field(lite: Front, text: str) -> None:
    visit = post(lite, VISIT).json()["id"]
    revision = lite.house.registry.network.revision

    given = [*names(text, 0, "toilet"), *remarks(text, 0, "toilet", MONDAY_MORNING), notice(text, MONDAY_MORNING)]
    found = [refused(lite, form) for form in (*given, unlocking(text), correction(visit, text))]

    assert found == [expected(text, places) for places in PLACES]
    assert lite.house.registry.refresh().revision == revision


def expected(text: str, places: set[str]) -> set[str]:
    """Which fields are named: none where the body is no JSON. An English text has a word more, so it is never blank."""
    if text == NOT_UNICODE:
        return {""}
    return {place for place in places if text.strip() or "en" not in place}


def test_a_telephone_number_is_no_place_for_a_text(lite: Front) -> None:
    for text in HOSTILE:
        assert refused(lite, Form("PATCH", f"{LIST}/{NOTED}", {"phone": text})) == {"/phone"}
    assert lite.client.get(f"{LIST}/{OWN}").json()["properties"]["phone"] is None
