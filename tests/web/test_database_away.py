"""When a body is too large or the database is away: a refusal that says when to come back, and reads that go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from harbour_api.domain.problems import Unavailable
from harbour_api.store import database as database_module
from harbour_api.store.database import Database
from tests.conftest import MONDAY_MORNING, PASSWORD
from tests.web.conftest import OWN, Front
from tests.web.sending import LIST, VISIT, VISITS, patch, post

SAME_SITE = {"sec-fetch-site": "same-origin"}
NEW = "another good password"


@pytest.mark.parametrize("path", [VISITS, f"{LIST}/{OWN}", LIST, "/api/v1/sessions"])
def test_a_body_of_a_byte_over_1_mib_is_too_large(front: Front, path: str) -> None:
    headers = {**front.administrator, "if-match": "*", "content-type": "application/json"}
    method = "PATCH" if path.endswith(OWN) else "POST"
    for size, status in ((1024 * 1024, 422), (1024 * 1024 + 1, 413)):
        whole = b"{" + b" " * (size - 1)
        assert front.client.request(method, path, content=whole, headers=headers).status_code == status
        pieces = (whole[at : at + 65536] for at in range(0, size, 65536))
        assert front.client.request(method, path, content=pieces, headers=headers).status_code == status


@contextmanager
def away(front: Front) -> Iterator[None]:
    """Take the database away: the file's place is taken by a folder, the server lets nobody in."""
    url = make_url(front.url)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        front.house.database.engine.dispose()
        path.rename(path.with_suffix(".away"))
        for leftover in path.parent.glob(f"{path.name}-*"):
            leftover.unlink()
        path.mkdir()
        yield
        path.rmdir()
        path.with_suffix(".away").rename(path)
        return
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS false"))
        connection.execute(
            text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'")
        )
        yield
        connection.execute(text(f"ALTER DATABASE {url.database} WITH ALLOW_CONNECTIONS true"))
    admin.dispose()


def test_with_the_database_away_writes_are_refused_for_a_while_and_reads_go_on(own_front: Front) -> None:
    before = own_front.open(LIST)
    with away(own_front):
        with suppress(Unavailable):
            own_front.house.registry.refresh()
        for refused in (post(own_front, VISIT), patch(own_front, {"phone": "1"})):
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
        read = own_front.open(LIST)
        assert (read.status_code, read.content) == (200, before.content)
        assert datetime.fromisoformat(read.headers["x-data-as-of"]) == MONDAY_MORNING
        assert "x-data-as-of" in own_front.open(f"{LIST}/nearest?lon=113&lat=22").headers
        assert own_front.client.get("/health/ready").json()["writes"] is False
    own_front.house.registry.refresh()
    assert "x-data-as-of" not in own_front.open(LIST).headers
    assert post(own_front, VISIT).status_code == 201
    assert own_front.client.get(VISITS, headers=own_front.manager).json()["visits"][0]["count"] == 2


def test_a_locked_database_refuses_writes_after_the_wait_and_leaves_nothing_half_done(
    fronts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "LOCK_WAIT_MS", 200)
    monkeypatch.setattr(database_module, "TRUE_FOR_S", 0)
    making = fronts("sqlite")
    front: Front = next(making)
    holder = Database(front.url)
    with holder.write():
        for refused in (post(front, VISIT, idempotency_key="k"), patch(front, {"phone": "1"})):
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert front.open(f"{LIST}/{OWN}").headers["etag"] == '"1.open"'
        assert front.client.get("/health/ready").json()["writes"] is False
    holder.close()
    assert front.client.get(VISITS, headers=front.manager).json()["visits"] == []
    assert post(front, VISIT, idempotency_key="k").status_code == 201
    assert front.client.get("/health/ready").json()["writes"] is True
    making.close()


def test_a_form_of_the_desk_says_that_it_was_not_saved_and_when_to_send_it_again(
    fronts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "LOCK_WAIT_MS", 50)
    making = fronts("sqlite")
    front: Front = next(making)
    client, desk = front.client, f"/manage/stations/{OWN}"
    client.post("/login", data={"username": "chief", "password": PASSWORD}, headers=SAME_SITE)
    forms: dict[str, dict[str, str]] = {
        desk: {"audience": "courier", "key": "0b54f4a1-7a4e-4f0e-9a55-6a4b6a4f1a11"},
        f"{desk}/links": {"after": "0"},
        "/manage/me": {"do": "password", "old": PASSWORD, "new": NEW, "again": NEW},
        "/manage/accounts": {"username": "lobby", "password": PASSWORD},
        "/manage/accounts/desk": {"do": "shut"},
    }
    holder = Database(front.url)
    with holder.write():
        for path, form in forms.items():
            refused = client.post(path, data=form, headers=SAME_SITE)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5"), path
            assert "刚才填写的没有保存" in refused.text
            assert 'href="/manage"' in refused.text
            assert PASSWORD not in refused.text
    holder.close()
    assert [client.post(path, data=form, headers=SAME_SITE).status_code for path, form in forms.items()] == [
        303, 201, 303, 303, 303,
    ]  # fmt: skip
    making.close()
