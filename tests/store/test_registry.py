"""The registry: nobody overwrites another's edit unseen, every change is in the history, every process sees it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from harbour_api.domain.network import Needs
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Conflict, Stale
from harbour_api.domain.station import Basis, Special, Station, Status
from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.registry import Registry
from harbour_api.store.seed import Seed
from tests.conftest import MONDAY_MORNING, Clock
from tests.seeded import SeededDatabases

ASKERS = [Place(113.38, 22.52), Place(113.2, 22.7), Place(0.0, 0.0), Place(-66.6, -22.5), Place(113.4, 90.0)]


def history(database: Database, code: str) -> list[tuple[str, str, object, object]]:
    lines = tables.history
    with database.read() as connection:
        wanted = select(lines.c.actor, lines.c.field, lines.c.old, lines.c.new).where(lines.c.station == code)
        return [tuple(row) for row in connection.execute(wanted.order_by(lines.c.id))]  # type: ignore[misc]


def a_station(**facts: object) -> Station:
    known: dict[str, object] = {"cnaps": "105603000872", "name": "古镇曹步支行", "name_en": "Guzhen Caobu Sub-branch"}
    known |= {"code": "", "town": "442000112", "place": Place(113.2, 22.6), "location_basis": Basis.PLACEHOLDER}
    return Station(**(known | facts))  # type: ignore[arg-type]


def test_planting_twice_changes_nothing(registry: Registry, ground: Database, seed: Seed) -> None:
    before = registry.network

    assert registry.plant(seed) == 0

    assert registry.network is before
    with ground.read() as connection:
        assert connection.execute(select(tables.network.c.revision)).scalar_one() == before.revision


def test_planting_never_overwrites_an_edit(registry: Registry, seed: Seed) -> None:
    registry.change_station("ZS001", {"phone": "1"}, expected=None, basis=Basis.VERIFIED, actor="desk")
    registry.plant(seed)
    assert registry.network.station("ZS001").phone == "1"


def test_what_is_planted_is_read_back_figure_for_figure(registry: Registry, seed: Seed) -> None:
    for planted in seed.stations:
        found = registry.network.station(planted.code)
        offerings = tuple(sorted(planted.offerings, key=lambda offering: offering.amenity))
        assert found == replace(planted, offerings=offerings)
    assert list(registry.network.amenities.values()) == list(seed.amenities)
    assert {town.code: town.place for town in seed.towns} == {t.code: t.place for t in registry.network.towns.values()}


def test_a_change_makes_the_next_version_and_says_why_it_is_believed(
    registry: Registry, ground: Database, clock: Clock
) -> None:
    before = registry.network.station("ZS001")
    specials = (Special("修鞋", "Shoe repair"),)
    changes = {"phone": "0760-1", "specials": specials, "name": before.name}

    after = registry.change_station("ZS001", changes, expected={before.version}, basis=Basis.VERIFIED, actor="desk")

    assert after == replace(
        before,
        phone="0760-1",
        specials=specials,
        version=before.version + 1,
        basis={**before.basis, "name": Basis.VERIFIED, "phone": Basis.VERIFIED, "specials": Basis.VERIFIED},
        verified_at=clock(),
    )
    old = [{"zh": special.zh, "en": special.en} for special in before.specials]
    assert history(ground, "ZS001") == [
        ("desk", "phone", None, "0760-1"),
        ("desk", "specials", old, [{"zh": "修鞋", "en": "Shoe repair"}]),
        ("desk", "basis.name", "directory", "verified"),
        ("desk", "basis.specials", before.basis["specials"], "verified"),
        ("desk", "basis.phone", None, "verified"),
    ]


def test_a_fact_that_was_not_verified_does_not_stamp_the_station(registry: Registry) -> None:
    after = registry.change_station("ZS001", {"phone": "2"}, expected=None, basis=Basis.IMPORTED, actor="desk")
    assert (after.verified_at, after.basis["phone"]) == (None, Basis.IMPORTED)


def test_a_change_of_nothing_makes_no_version(registry: Registry, ground: Database) -> None:
    before = registry.network.station("ZS002")
    after = registry.change_station(
        "ZS002", {"name": before.name}, expected={before.version}, basis=before.basis["name"], actor="desk"
    )
    assert after.version == before.version
    assert history(ground, "ZS002") == []


def test_a_stale_version_changes_nothing(registry: Registry, ground: Database) -> None:
    registry.change_station("ZS003", {"phone": "1"}, expected={1}, basis=Basis.VERIFIED, actor="one")
    with pytest.raises(Stale):
        registry.change_station("ZS003", {"phone": "2"}, expected={1}, basis=Basis.VERIFIED, actor="other")
    assert registry.network.station("ZS003").phone == "1"
    assert [line[1] for line in history(ground, "ZS003")] == ["phone", "basis.phone"]


def test_a_new_name_can_be_searched_by_its_pinyin_at_once(registry: Registry) -> None:
    registry.change_station("ZS004", {"name": "翠亨新区支行"}, expected=None, basis=Basis.VERIFIED, actor="desk")
    assert [station.code for station in registry.network.matching(Needs(q="cuihengxinquzhihang"))] == ["ZS004"]


def test_of_ten_who_change_one_version_one_wins(registry: Registry, ground: Database) -> None:
    def change(number: int) -> bool:
        try:
            registry.change_station("ZS005", {"phone": str(number)}, expected={1}, basis=Basis.VERIFIED, actor="desk")
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        won = list(pool.map(change, range(10)))

    station = registry.network.station("ZS005")
    assert won.count(True) == 1
    assert (station.version, station.phone) == (2, str(won.index(True)))
    assert [line[1] for line in history(ground, "ZS005")] == ["phone", "basis.phone"]


def test_changes_of_different_stations_at_once_all_stand(registry: Registry) -> None:
    def change(number: int) -> None:
        code = f"ZS{number:03}"
        registry.change_station(code, {"phone": code}, expected={1}, basis=Basis.VERIFIED, actor="desk")

    before = registry.network.revision
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(change, range(10, 30)))
    assert all(registry.network.station(f"ZS{n:03}").phone == f"ZS{n:03}" for n in range(10, 30))
    assert registry.network.revision == before + 20


def test_a_new_station_gets_the_next_code_and_a_taken_clearing_code_is_refused(
    registry: Registry, ground: Database
) -> None:
    opened = registry.open_station(a_station(), actor="admin")
    assert (opened.code, opened.version, opened.pinyin) == ("ZS065", 1, "gu zhen cao bu zhi hang")
    assert history(ground, "ZS065") == [("admin", "code", None, "ZS065")]

    with pytest.raises(Conflict):
        registry.open_station(a_station(name="别的"), actor="admin")
    assert len(registry.refresh()) == 65


def test_another_process_sees_a_change_within_a_second(registry: Registry, seeded_url: str, clock: Clock) -> None:
    elsewhere = Database(seeded_url)
    watching = Registry(elsewhere, clock)
    kept = watching.refresh().station("ZS007")
    thread = watching.watch()

    registry.change_station("ZS006", {"status": Status.SUSPENDED}, expected=None, basis=Basis.VERIFIED, actor="desk")
    deadline = time.monotonic() + 1
    while watching.network.revision != registry.network.revision and time.monotonic() < deadline:
        time.sleep(0.02)

    assert watching.network.station("ZS006").status is Status.SUSPENDED
    assert watching.network.station("ZS007") is kept, "what did not change is the very same object"
    assert watching.network.board(MONDAY_MORNING) is not None
    watching.close()
    thread.join(2)
    assert not thread.is_alive()
    elsewhere.close()


@pytest.mark.postgis
def test_both_databases_give_the_same_answers_to_the_millimetre_and_postgis_agrees(
    seeded_databases: SeededDatabases, clock: Clock
) -> None:
    made = {engine: Database(seeded_databases.copy(engine)) for engine in ("sqlite", "postgis")}
    networks = {engine: Registry(database, clock).refresh() for engine, database in made.items()}
    distance = text(
        "SELECT code, ST_Distance(place, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, true) AS metres"
        " FROM stations"
    )
    for asker in ASKERS:
        answers = [
            [(n.station.code, n.distance_m, n.bearing_deg) for n in network.nearest(asker, Needs(), limit=64)]
            for network in networks.values()
        ]
        assert answers[0] == answers[1]
        with made["postgis"].read() as connection:
            rows = connection.execute(distance, {"lon": asker.lon, "lat": asker.lat})
            theirs = {row.code: row.metres for row in rows}
        ours = {code: metres for code, metres, _ in answers[0]}
        assert theirs == pytest.approx(ours, abs=0.001)
    for database in made.values():
        database.close()
