"""The settings: what is taken from the environment where it says nothing."""

from __future__ import annotations

import pytest

from harbour_api.settings import read_settings


@pytest.mark.parametrize(
    ("given", "public_url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HARBOUR_PORT": "8099"}, "http://127.0.0.1:8099"),
        ({"HARBOUR_PORT": "8099", "HARBOUR_PUBLIC_URL": "https://harbour.example/"}, "https://harbour.example"),
    ],
)
def test_links_and_codes_lead_to_the_port_that_is_listened_on_unless_another_address_is_named(
    given: dict[str, str], public_url: str
) -> None:
    assert read_settings(given).public_url == public_url
