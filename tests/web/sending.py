"""How the tests of writes send: bodies exactly as given, so that what no encoder would write can be sent too."""

from __future__ import annotations

import json
from typing import Any

from tests.web.conftest import OWN, Front

LIST = "/api/v1/stations"
VISITS = f"{LIST}/{OWN}/visits"
VISIT = {"audience": "courier", "count": 2}
STATION = {
    "cnaps": "105603000872",
    "name": "古镇曹步支行",
    "name_en": "Caobu",
    "town": "442000112",
    "lon": 113.2,
    "lat": 22.6,
}
NOT_A_LINE = [
    '""',
    '" "',
    "1",
    "null",
    "[]",
    r'"a\u0000b"',
    r'"a\nb"',
    r'"a\u001b[31m"',
    r'"\ud800"',
    r'"a\u202eb"',
    '"' + "x" * 201 + '"',
]


def post(front: Front, body: Any, path: str = VISITS, **headers: str) -> Any:
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    known = {
        "content-type": "application/json",
        **front.manager,
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    return front.client.post(path, content=content, headers=known)


def patch(
    front: Front, body: Any, code: str = OWN, if_match: str | None = "*", who: dict[str, str] | None = None
) -> Any:
    headers = {"content-type": "application/merge-patch+json", **(who or front.administrator)}
    headers |= {} if if_match is None else {"if-match": if_match}
    return front.client.patch(
        f"{LIST}/{code}", content=body if isinstance(body, str) else json.dumps(body), headers=headers
    )


def pointers(answer: Any) -> set[str]:
    return {fault["pointer"] for fault in answer.json().get("errors", ())}
