"""The fast lane and the ordinary route are one address: the same bytes, the same headers, the same refusals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harbour_api.web.api.express import _plain_question
from tests.web.conftest import Front
from tests.web.test_questions import BAD_NEAREST

PATH = "/api/v1/stations/nearest"
SLOWLY = "&include_unknown=false"  # says what is the case anyway, in words the lane passes on

figures = st.one_of(
    st.integers(-190, 190).map(str),
    st.floats(-181, 181, allow_nan=False).map(lambda figure: f"{figure:.6f}"),
    st.sampled_from(["-0", "0.0", "007.5", "113.380000000000001", "180", "-180", "90", "-90", "1.", ".5", "1e2", "+1"]),
)
towns = st.sampled_from(["442000001", "442000002", "442000112", "442000100", "x", ""])
amenities = st.lists(st.sampled_from(["toilet", "nursing_room", "aed", "wifi", "x", "TOILET"]), max_size=3)
limits = st.one_of(st.integers(-1, 60).map(str), st.sampled_from(["05", "00", "1.0", "", "5 "]))


@st.composite
def questions(draw: st.DrawFn) -> str:
    parts = [f"lon={draw(figures)}", f"lat={draw(figures)}"]
    parts += [f"limit={draw(limits)}"] if draw(st.booleans()) else []
    parts += [f"town={draw(towns)}"] if draw(st.booleans()) else []
    parts += [f"amenity={code}" for code in draw(amenities)]
    parts += draw(st.sampled_from([[], [], [], ["lat=1"], ["limit=3"], ["datum=gcj02"], ["foo=1"], ["open_at=now"]]))
    return "&".join(draw(st.permutations(parts)))


def takes_the_lane(query: str) -> bool:
    return _plain_question({"method": "GET", "query_string": query.encode()}) is not None


def told(answer: Any) -> tuple[int, dict[str, str], Any]:
    """Everything an answer says but the reference, which each has of its own."""
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    if answer.status_code in (200, 304):
        return answer.status_code, dict(answer.headers), answer.content
    return answer.status_code, headers, {**answer.json(), "reference": ""}


@settings(max_examples=100, deadline=None)
@given(query=questions())
@example(query="lon=113.38&lat=22.52")
@example(query="lat=22.52&lon=113.38&limit=50&amenity=toilet&amenity=toilet&town=442000002")
def test_both_lanes_say_the_same(shared: Front, query: str) -> None:
    quick, slow = shared.open(f"{PATH}?{query}"), shared.open(f"{PATH}?{query}{SLOWLY}")
    assert told(quick) == told(slow)
    again = {"if-none-match": quick.headers.get("etag", '"x"')}
    quick, slow = (shared.open(f"{PATH}?{query}{more}", headers=again) for more in ("", SLOWLY))
    assert told(quick) == told(slow)


@pytest.mark.parametrize("query", ["lon=113.38&lat=22.52", "lat=22.5&lon=-1.25&limit=50&amenity=toilet&town=442000002"])
@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_the_plain_question_takes_the_lane_and_the_longer_one_does_not(front: Front, query: str, coding: str) -> None:
    assert takes_the_lane(query)
    assert not takes_the_lane(query + SLOWLY)
    quick, slow = (front.open(f"{PATH}?{query}{more}", headers={"accept-encoding": coding}) for more in ("", SLOWLY))
    assert told(quick) == told(slow)
    assert quick.status_code == 200


@pytest.mark.parametrize(("name", "value"), BAD_NEAREST)
def test_whatever_is_malformed_is_left_to_the_ordinary_route(front: Front, name: str, value: str) -> None:
    query = "&".join(f"{n}={v}" for n, v in {"lon": "113.38", "lat": "22.52", name: value}.items())
    quick, slow = (
        front.open(f"{PATH}?{query}"),
        front.open(f"{PATH}?{query}&{SLOWLY if name != 'include_unknown' else ''}"),
    )
    assert quick.status_code == 422
    assert told(quick) == told(slow)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_get_takes_the_lane(front: Front, method: str) -> None:
    answer = front.client.request(method, f"{PATH}?lon=113.38&lat=22.52")
    assert answer.status_code in (401, 405)


def test_both_lanes_say_how_old_the_picture_is_when_the_database_is_away(own_front: Front) -> None:
    own_front.house.registry.close()
    own_front.house.registry.is_reachable = False
    query = f"{PATH}?lon=113.38&lat=22.52"
    quick, slow = own_front.open(query), own_front.open(query + SLOWLY)
    assert told(quick) == told(slow)
    assert "x-data-as-of" in quick.headers
