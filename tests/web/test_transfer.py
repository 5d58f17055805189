"""Sheets in and out: a round trip changes nothing, a sheet is taken in whole or not at all, and every cell is named."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from sqlalchemy import select

from harbour_api.domain.place import Datum, Place
from harbour_api.domain.sheet import COLUMNS, Kind
from harbour_api.domain.station import Basis, Station
from harbour_api.domain.tally import Source
from harbour_api.store import tables
from harbour_api.web.desk.transfer import reason_in
from harbour_api.web.words import Words
from tests.web.conftest import FOREIGN, OWN, Front
from tests.web.sending import LIST, patch, post

IMPORTS, EXPORTS = "/api/v1/imports", "/api/v1/exports"
HERE = Place.at(113.385, 22.517)
HOSTILE = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "＝1", "'=1", "#N/A", "_x0041_", "<b>&\"'", "1e5", "2026-01-01")


def send(front: Front, kind: str, body: bytes | str, who: dict[str, str] | None = None, **query: Any) -> Any:
    raw = body.encode() if isinstance(body, str) else body
    return front.client.post(IMPORTS, params={"kind": kind, **query}, content=raw, headers=who or front.administrator)


def fetch(front: Front, name: str, who: dict[str, str] | None = None, **query: Any) -> Any:
    answer = front.client.get(f"{EXPORTS}/{name}", params=query, headers=who or front.administrator)
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def counts(answer: Any) -> tuple[int, int, int]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["rejected"] == []
    return body["created"], body["updated"], body["unchanged"]


def rejected(answer: Any) -> list[tuple[str | None, str]]:
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert (body["created"], body["updated"], body["unchanged"]) == (0, 0, 0)
    told = [(reject["cell"], reject["reason"]) for reject in body["rejected"]]
    assert all(reason_in(Words("zh"), reason) != reason for _, reason in told), "the page tells it in Chinese"
    return told


def state(front: Front) -> dict[str, list[Any]]:
    """Everything that a sheet could change."""
    told = (tables.network, tables.stations, tables.offerings, tables.visits, tables.history, tables.audit)
    with front.house.database.read() as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in told}


@pytest.fixture(scope="module")
def lite(fronts: Callable[..., Iterator[Front]]) -> Iterator[Front]:
    """For what every sheet meets before any database does."""
    yield from fronts("sqlite")


@pytest.fixture
def peopled(own_front: Front) -> Front:
    """With a place that is known, texts that attack spreadsheets, and visits."""
    change = {"address": HOSTILE[0], "phone": "+86 760 8888", "name_en": "@home", "basis": "verified"}
    assert patch(own_front, change).status_code == 200
    for number, text in enumerate(HOSTILE):
        amenity = sorted(own_front.house.registry.network.amenities)[number]
        body = {"state": "yes", "count": number, "note": text}
        path = f"{LIST}/{OWN}/amenities/{amenity}"
        assert own_front.client.put(path, json=body, headers={**own_front.manager, "if-match": "*"}).status_code == 200
    taken = send(own_front, "stations", f"code,lon,lat,datum\n{OWN},{HERE.lon},{HERE.lat},wgs84\n")
    assert counts(taken) == (0, 1, 0)
    assert post(own_front, {"audience": "courier", "count": 3}).status_code == 201
    assert post(own_front, {"audience": "public", "count": 2}).status_code == 201
    return own_front


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_round_trip_changes_nothing(peopled: Front, form: str) -> None:
    before = state(peopled)
    for kind, query in [
        ("stations", {}), ("stations", {"datum": "gcj02"}), ("stations", {"datum": "bd09"}), ("offerings", {}),
        ("days", {}),
    ]:  # fmt: skip
        file = fetch(peopled, f"{kind}.{form}", **query)
        created, updated, unchanged = counts(send(peopled, kind, file.content))
        assert (created, updated) == (0, 0), kind
        assert unchanged >= {"stations": 64, "offerings": 1000, "days": 1}[kind]
    assert state(peopled) == before


def test_a_sheet_is_taken_in_once_and_remembered(peopled: Front) -> None:
    station = peopled.house.registry.network.station(OWN)
    assert (station.place, station.location_basis, station.address) == (HERE, Basis.IMPORTED, HOSTILE[0])
    changed = (
        "code,phone,town,opening_hours,access\nZS001,0760-1,石岐街道,Mo-Su 08:00-20:00,app\nZS002,,东区,,unknown\n"
    )
    would = send(peopled, "stations", changed, dry_run="true")
    assert peopled.house.registry.network.station(OWN) is station, "a dry run changes nothing"
    assert counts(would) == counts(send(peopled, "stations", changed)) == (0, 2, 0)
    assert counts(send(peopled, "stations", changed)) == (0, 0, 2)
    first, second = (peopled.house.registry.network.station(code) for code in (OWN, FOREIGN))
    assert (first.phone, first.town, first.basis["phone"]) == ("0760-1", "442000001", Basis.IMPORTED)
    assert (first.version, first.place, first.address) == (station.version + 1, HERE, HOSTILE[0])
    assert (second.opening_hours, second.town) == (None, "442000002")
    history = peopled.client.get(f"{LIST}/{OWN}/history", headers=peopled.administrator).json()
    assert "0760-1" in json.dumps(history)
    with peopled.house.database.read() as connection:
        [*_, last] = connection.execute(select(tables.audit).order_by(tables.audit.c.id))
    assert (last.actor, last.action, last.new) == (
        "chief",
        "import_stations",
        {"created": 0, "updated": 2, "unchanged": 0},
    )


def test_stations_are_opened_by_an_administrator_with_or_without_a_place(own_front: Front) -> None:
    sheet = (
        "cnaps,name,name_en,town,lon,lat,datum\n105603000872,古镇曹步支行,Caobu,古镇镇,113.19,22.62,wgs84\n"
        "105603000889,沙溪新支行,Shaxi New,442000105,,,\n"
    )
    cells = rejected(send(own_front, "stations", sheet, own_front.manager))
    assert {cell for cell, _ in cells} == {"A2", "A3"}
    answer = send(own_front, "stations", sheet)
    if answer.status_code == 422:
        pytest.fail(answer.text)
    assert counts(answer) == (2, 0, 0)
    assert counts(send(own_front, "stations", sheet)) == (0, 0, 2)
    placed, unplaced = (own_front.house.registry.network.station(code) for code in ("ZS065", "ZS066"))
    assert (placed.location_basis, placed.pinyin.split()[0]) == (Basis.IMPORTED, "gu")
    assert unplaced.location_basis is Basis.PLACEHOLDER


def test_offerings_are_made_changed_and_left(own_front: Front) -> None:
    held = {offering.amenity for offering in own_front.house.registry.network.station(OWN).offerings}
    new = next(code for code in own_front.house.registry.network.amenities if code not in held)
    rows = f"{OWN},{new},yes,2,门口\n{OWN},seating,out_of_order,,\n{OWN},drinking_water,yes,,\n"
    sheet = "station,amenity,state,count,note\n" + rows
    assert counts(send(own_front, "offerings", sheet, own_front.manager)) == (1, 1, 1)
    assert counts(send(own_front, "offerings", sheet, own_front.manager)) == (0, 0, 3)
    station = own_front.house.registry.network.station(OWN)
    known = {offering.amenity: offering for offering in station.offerings}
    assert (known[new].count, known[new].note, known[new].basis) == (2, "门口", Basis.IMPORTED)
    assert (known["seating"].state, station.version) == ("out_of_order", 2)


def test_the_days_of_an_offering_come_in_as_dates_and_go_out_again(own_front: Front) -> None:
    header, (first, last) = "station,amenity,state,from,to\n", ("2027-06-07", "2027-06-09")
    book = openpyxl.Workbook()
    for row in ([*header.strip().split(",")], [OWN, "tv", "yes", date(2027, 6, 7), date(2027, 6, 9)]):
        book.active.append(row)  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)
    text = f"{header}{OWN},seating,yes,{first},{last}\n"
    for sheet in (text, file.getvalue()):
        assert counts(send(own_front, "offerings", sheet, own_front.manager)) == (0, 1, 0)
        assert counts(send(own_front, "offerings", sheet, own_front.manager)) == (0, 0, 1)
    out = rows_of(fetch(own_front, "offerings.csv", own_front.manager))
    told = {one["amenity"]: (one["from"], one["to"]) for one in out}
    assert (told["seating"], told["tv"], told["wifi"]) == ((first, last), (first, last), ("", ""))
    left_out = send(own_front, "offerings", f"station,amenity,state\n{OWN},seating,yes\n")
    assert counts(left_out) == (0, 0, 1), "a column that is left out says nothing"
    emptied = send(own_front, "offerings", f"{header}{OWN},seating,yes,,\n")
    assert counts(emptied) == (0, 1, 0)
    seating = own_front.house.registry.network.station(OWN).offering("seating")
    assert (seating and seating.season, seating and seating.basis) == (None, Basis.IMPORTED)


@pytest.mark.parametrize(
    ("days", "cell"),
    [("2027-06-07,", "E2"), (",2027-06-07", "D2"), ("2027-06-09,2027-06-07", "E2"), ("46349,2027-06-07", "D2")],
)
def test_days_that_make_no_season_are_named_by_their_cell(lite: Front, days: str, cell: str) -> None:
    sheet = f"station,amenity,state,from,to\n{OWN},seating,yes,{days}\n"
    assert [where for where, _ in rejected(send(lite, "offerings", sheet, lite.manager))] == [cell]


def test_days_are_stated_as_entries_and_a_changed_one_needs_a_reason(own_front: Front) -> None:
    rows = f"{OWN},2026-11-22,0,,,\n{OWN},2026-11-21,5,3,2,\n{OWN},2026-11-20,1200,,,\n"
    sheet = "station,day,total,courier,public,reason\n" + rows
    assert counts(send(own_front, "days", sheet, own_front.manager)) == (3, 0, 0)
    assert counts(send(own_front, "days", sheet, own_front.manager)) == (0, 0, 3)
    days = own_front.client.get(f"{LIST}/{OWN}/days?from=2026-11-20&to=2026-11-22", headers=own_front.manager).json()
    assert [day["total"] for day in days["days"]] == [1200, 5, 0]
    other = sheet.replace("11-21,5,3,2,", "11-21,6,4,2,")
    assert rejected(send(own_front, "days", other)) == [("F3", "is needed: the day was recorded with other figures")]
    assert counts(send(own_front, "days", other.replace("6,4,2,", "6,4,2,recounted"))) == (0, 1, 2)
    with own_front.house.database.read() as connection:
        assert set(connection.scalars(select(tables.visits.c.source))) == {Source.IMPORT}


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (f"{OWN},2026-11-24,1,,", "B2"),
        (f"{OWN},2026-10-01,1,,", "B2"),
        (f"{OWN},46349,1,,", "B2"),
        (f"{OWN},2026-11-22,,,", "C2"),
        (f"{OWN},2026-11-22,-1,,", "C2"),
        (f"{OWN},2026-11-22,100001,,", "C2"),
        (f"{OWN},2026-11-22,3,1,1", "C2"),
        (f"{OWN},2026-11-22,3,x,1", "D2"),
        (f"{FOREIGN},2026-11-22,3,,", "A2"),
        ("ZS999,2026-11-22,3,,", "A2"),
        (f"{OWN},2026-11-22,3,,\n{OWN},2026-11-22,3,,", "B3"),
    ],
)
def test_a_day_that_cannot_be_so_is_named_by_its_cell(lite: Front, row: str, cell: str) -> None:
    before = state(lite)
    answer = send(lite, "days", f"station,day,total,courier,public\n{OWN},2026-11-19,1,,\n{row}\n", lite.manager)
    number = int(cell[1:]) + 1
    assert f"{cell[0]}{number}" in {found for found, _ in rejected(answer)}
    assert state(lite) == before, "the good row is not taken in either"


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (f"{OWN},,,,22.517,113.385,wgs84,,,", "F2"),  # longitude and latitude swapped
        (f"{OWN},,,,113.385,22.517,,,,", "G2"),
        (f"{OWN},,,,113.385,22.517,mercator,,,", "G2"),
        (f"{OWN},,,,116.4,39.9,wgs84,,,", "E2"),
        (f"{OWN},,,,113.385,,wgs84,,,", "F2"),
        (f"{OWN},,,,,,,,sometimes,", "I2"),
        (f"{OWN},,,,,,,call me,,", "H2"),
        (f"{OWN},,,,,,,,,7", "J2"),
        (f"{OWN},105603000024,,,,,,,,", "B2"),
        (f"{FOREIGN},,,,,,,,,", "A2"),
        ("ZS999,,,,,,,,,", "A2"),
        (",,,,,,,0760,,", "A2"),
        (f"{OWN},,,nowhere,,,,,,", "D2"),
        (f"{OWN},,{'x' * 81},,,,,,,", "C2"),
        (f"{OWN},,a\0b,,,,,,,", None),
        (f"{OWN},,a\u202eb,,,,,,,", "C2"),
    ],
)
def test_a_station_that_cannot_be_so_is_named_by_its_cell(lite: Front, row: str, cell: str | None) -> None:
    before = state(lite)
    known = lite.house.registry.network.station(OWN)
    cells = row.split(",")
    cells[2] = cells[2] or known.name
    cells[3] = cells[3] or known.town
    header = "code,cnaps,name,town,lon,lat,datum,phone,opening_hours,version"
    cells[7] = cells[7] or "0760-2"
    found = rejected(send(lite, "stations", f"{header}\n{','.join(cells)}\n", lite.manager))
    assert cell in {where for where, _ in found}
    assert state(lite) == before


def test_who_exported_before_another_changed_it_is_told_so(own_front: Front) -> None:
    file = fetch(own_front, "stations.csv").content.decode()
    assert patch(own_front, {"phone": "0760-5"}).status_code == 200
    [(cell, reason)] = rejected(send(own_front, "stations", file))
    assert (cell, "version 2" in reason) == ("Q2", True)


def test_a_station_that_a_sheet_leaves_out_stays_as_it_is(lite: Front) -> None:
    lines = fetch(lite, "stations.csv").content.decode().splitlines(keepends=True)
    assert counts(send(lite, "stations", "".join(lines[:-1]))) == (0, 0, 63)
    assert len(lite.house.registry.network) == 64


def test_maps_show_placed_stations_only_in_any_datum(peopled: Front) -> None:
    network = peopled.house.registry.network
    placed: list[Station] = [station for station in network.stations if station.is_placed]
    assert [station.code for station in placed] == [OWN]
    for datum in Datum:
        [feature] = fetch(peopled, "stations.geojson", datum=datum).json()["features"]
        assert tuple(feature["geometry"]["coordinates"]) == HERE.figures(datum)
        assert feature["properties"]["address"] == HOSTILE[0]
        kml = ElementTree.fromstring(fetch(peopled, "stations.kml", datum=datum).content)
        [coordinates] = kml.iter("{http://www.opengis.net/kml/2.2}coordinates")
        assert tuple(map(float, str(coordinates.text).split(","))) == HERE.figures(datum)
    assert {row["lon"] for row in rows_of(fetch(peopled, "stations.csv"))} == {str(HERE.lon), ""}
    notes = {feature["properties"]["note"] for feature in fetch(peopled, "offerings.geojson").json()["features"]}
    assert set(HOSTILE) <= notes
    assert len(fetch(peopled, "days.kml").content) > 500


def test_no_cell_of_an_export_begins_as_a_formula_could(peopled: Front) -> None:
    for kind in Kind:
        for row in rows_of(fetch(peopled, f"{kind}.csv")):
            assert not any(cell.startswith(tuple("=+-@\t\r＝＋－＠")) for cell in row.values())
        book = openpyxl.load_workbook(io.BytesIO(fetch(peopled, f"{kind}.xlsx").content))
        cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_managers_export_their_own_stations_and_templates_have_a_header_alone(lite: Front) -> None:
    assert {row["code"] for row in rows_of(fetch(lite, "stations.csv", lite.manager))} == {OWN}
    assert {row["station"] for row in rows_of(fetch(lite, "offerings.csv", lite.manager))} == {OWN}
    for kind in Kind:
        empty = fetch(lite, f"{kind}.csv", template="true")
        assert empty.content.decode("utf-8-sig").strip().split(",") == list(COLUMNS[kind])
        assert counts(send(lite, kind, empty.content)) == (0, 0, 0)
        assert "attachment" in empty.headers["content-disposition"]


def test_a_file_may_come_as_the_part_of_a_form(lite: Front) -> None:
    file = fetch(lite, "stations.xlsx").content
    for name, status in (("file", 200), ("other", 422)):
        answer = lite.client.post(
            f"{IMPORTS}?kind=stations", files={name: ("a.xlsx", file)}, headers=lite.administrator
        )
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", f"{IMPORTS}?kind=stations", 401),
        ("GET", f"{EXPORTS}/stations.csv", 401),
        ("POST", f"{IMPORTS}?kind=managers", 422),
        ("POST", IMPORTS, 422),
        ("POST", f"{IMPORTS}?kind=days&dryrun=true", 422),
        ("GET", f"{EXPORTS}/managers.csv", 404),
        ("GET", f"{EXPORTS}/stations.pdf", 404),
        ("GET", f"{EXPORTS}/stations.csv?from=2026-01-01", 422),
        ("GET", f"{EXPORTS}/stations.csv?datum=mars", 422),
    ],
)
def test_what_is_asked_wrongly_is_refused(lite: Front, method: str, path: str, status: int) -> None:
    headers = {} if status == 401 else lite.administrator
    assert (
        lite.client.request(method, path, content=b"x" if method == "POST" else None, headers=headers).status_code
        == status
    )


def test_another_site_cannot_have_a_browser_send_a_sheet(lite: Front) -> None:
    token = lite.administrator["Authorization"].removeprefix("Bearer ")
    headers = {"cookie": f"harbour={token}", "sec-fetch-site": "cross-site"}
    assert lite.client.post(f"{IMPORTS}?kind=days", content=b"x", headers=headers).status_code == 403


def test_the_page_tries_a_sheet_out_first_and_names_each_cell_in_both_languages(own_front: Front) -> None:
    page = "/manage/transfer"
    assert own_front.client.get(page).status_code == 401
    for path in ("/manage/transfer", "/manage/transfer?lang=en"):
        shown = own_front.client.get(path, headers=own_front.manager)
        assert "/api/v1/exports/days.xlsx?template=true" in shown.text
    good = f"code,phone\n{OWN},0760-7\n"

    def submit(sheet: str, lang: str = "zh", **more: str) -> Any:
        files = {"file": ("sheet.csv", sheet.encode())}
        data = {"kind": "stations", **more}
        return own_front.client.post(f"{page}?lang={lang}", data=data, files=files, headers=own_front.manager)

    assert "更改 1 行" in submit(good).text
    assert own_front.house.registry.network.station(OWN).phone is None
    assert "已经收下" in submit(good, do="take").text
    assert own_front.house.registry.network.station(OWN).phone == "0760-7"
    assert "1 as they were" in submit(good, "en", do="take").text
    bad = submit(f"code,phone\n{FOREIGN},<b>\n", do="take")
    assert (bad.status_code, "A2" in bad.text, "不是您管理的站点" in bad.text) == (422, True, True)
    assert "is not one of your stations" in submit(f"code\n{FOREIGN}\n", "en").text
    assert submit("x", kind="managers").status_code == 400
    cookie = {"cookie": f"harbour={own_front.manager['Authorization'].removeprefix('Bearer ')}"}
    foreign = own_front.client.post(page, data={"kind": "days"}, headers={**cookie, "sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
