"""The pages that explain: the service itself, who is near a station, and the API."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.web.conftest import Front


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_every_figure_stands_beside_its_source(front: Front) -> None:
    page = words(front.open("/about").text)

    for figure in (
        "设站网点 64",
        "每站设施与服务（种，至少） 42",
        "全市日均接待（人次） 133",
        "提供助考服务的网点（多于） 20",
    ):
        assert f"{figure} 2018年报道 S0: founding article" in page


def test_it_says_whom_it_serves_how_staff_are_trained_and_what_is_assumed(front: Front) -> None:
    page = words(front.open("/about?lang=en").text)

    for said in (
        "Sanitation worker",
        "Staff training: sign language, service etiquette, accessible service",
        "64 of 64 stations have invented coordinates",
        "GeoNames , CC BY 4.0",
        "Natural Earth (public domain)",
        "CNAPS (MIT)",
        "Leaflet (BSD-2-Clause)",
        "not a service of the bank",
    ):
        assert said in page


@pytest.mark.parametrize("path", ["/about", "/coverage", "/posters", "/docs"])
def test_the_foot_of_every_page_leads_there_in_its_language(front: Front, path: str) -> None:
    assert f'href="{path}"' in front.open("/map").text
    assert f'href="{path}?lang=en"' in front.open("/map?lang=en").text
    assert front.open(f"{path}?lang=en").status_code == 200
    assert front.open(f"{path}?nonsense=1").status_code == 400


def test_every_operation_is_on_the_page_of_the_api(front: Front) -> None:
    page = front.open("/docs").text
    described = front.client.get("/openapi.json").json()["paths"]

    for methods in described.values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
    assert "<script" not in page.partition("<main")[2]


def test_parameters_bodies_and_refusals_are_told_with_their_bounds(front: Front) -> None:
    page = words(front.open("/docs").text)

    assert re.search(r"radius_m query integer; at least 100; at most 5000; default 1000 how far is near", page)
    assert re.search(r"count body required integer; at least 1; at most 1000", page)
    assert "one of operating, suspended, retired" in page
    assert "422 problem+json" in page


def test_the_examples_of_public_reads_work_as_they_stand(front: Front) -> None:
    examples = re.findall(r"curl &#39;([^&]+(?:&amp;[^&]+)*)&#39;", front.open("/docs").text)
    public = front.house.settings.public_url

    assert len(examples) >= 9
    for example in examples:
        assert front.open(unescape(example).removeprefix(public)).status_code == 200, example


def test_the_page_of_coverage_says_first_that_it_rests_on_placeholders(front: Front) -> None:
    page = words(front.open("/coverage").text)

    assert "64 个站点中有 64 个的位置是虚拟的" in page
    assert "东区街道" in page
    assert page.index("仅为示意") < page.index("东区街道")


def test_one_more_station_is_tried_by_town_or_by_coordinates(front: Front) -> None:
    by_town = words(front.open("/coverage?town=442000001").text)
    by_point = words(front.open("/coverage?lon=113.3852&lat=22.5168&town=").text)

    assert "如果在 石岐街道 新开一个站点" in by_town
    assert "如果在 113.3852, 22.5168 新开一个站点" in by_point
    assert "新开之后" not in words(front.open("/coverage").text)


def test_past_the_announced_holidays_the_page_still_opens(front: Front) -> None:
    front.at(front.clock.at.replace(year=2031))

    assert front.open("/coverage").status_code == 200
    assert "09:00–17:00" in front.open("/stations/ZS001/poster").text


@pytest.mark.parametrize("query", ["radius_m=900", "radius_m=x", "town=1", "lon=113.4", "lon=1&lat=95", "q=x"])
def test_a_question_the_page_does_not_know_is_refused(front: Front, query: str) -> None:
    assert front.open(f"/coverage?{query}").status_code == 400
