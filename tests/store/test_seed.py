"""The seed is all or nothing: good files become 64 stations, bad ones are refused with every fault in its place."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from shapely import union_all
from shapely.geometry import Point, shape

from harbour_api.domain.place import Place
from harbour_api.domain.station import Basis, OfferingState, cnaps_is_valid
from harbour_api.store.seed import COLUMNS, N_STATIONS, N_TOWNS, Seed, SeedRefused, read_seed

FOLDER = Path(__file__).parents[2] / "seed_data"
REPORTED_OF_ALL = (
    "seating",
    "drinking_water",
    "phone_charging",
    "toilet",
    "care_trolley",
    "amenity_cabinet",
    "umbrella",
    "fan",
    "towel",
    "cooling_balm",
    "power_bank",
    "blood_pressure",
    "microwave",
)
NEVER_ASSUMED = (
    "aed",
    "first_aid",
    "wheelchair_loan",
    "ramp",
    "toilet_accessible",
    "low_counter",
    "call_button",
    "guide_dog",
    "sign_language",
    "braille_guide",
    "changing_table",
    "nursing_room",
)


@pytest.fixture(scope="module")
def seed() -> Seed:
    return read_seed(FOLDER)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "seed_data"))


def rows_of(file: str) -> list[dict[str, str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def change(folder: Path, file: str, line: int, **cells: str) -> None:
    """Overwrite cells of one line, counted as an editor does: the header is line 1."""
    with (folder / file).open(encoding="utf-8", newline="") as lines:
        table = list(csv.reader(lines))
    for column, value in cells.items():
        table[line - 1][table[0].index(column)] = value
    with (folder / file).open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(table)


def rewrite(folder: Path, file: str, edit: Callable[[bytes], bytes]) -> None:
    path = folder / file
    path.write_bytes(edit(path.read_bytes()))


def refusal(folder: Path) -> list[str]:
    with pytest.raises(SeedRefused) as caught:
        read_seed(folder)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.faults)
    return lines


# What the seed says


def test_the_seed_has_64_stations_in_order_of_clearing_code(seed: Seed) -> None:
    assert [station.code for station in seed.stations] == [f"ZS{n:03}" for n in range(1, N_STATIONS + 1)]
    cnaps = [station.cnaps for station in seed.stations]
    assert cnaps == sorted(set(cnaps))
    assert all(cnaps_is_valid(code) for code in cnaps)


def test_the_newest_outlet_of_the_directory_is_left_out(seed: Seed) -> None:
    assert "105603000872" not in {station.cnaps for station in seed.stations}


def test_the_24_towns_of_2018_are_the_23_of_today_and_each_has_a_station(seed: Seed) -> None:
    former = {old.code: town.code for town in seed.towns for old in town.former}

    assert (len(seed.towns), len(former)) == (N_TOWNS, 24)
    assert former["442000104"] == former["442000100"] == "442000118"
    assert {station.town for station in seed.stations} == {town.code for town in seed.towns}
    assert {station.former_town for station in seed.stations} == set(former)
    assert all(former[station.former_town or ""] == station.town for station in seed.stations)


def test_every_location_is_a_placeholder_on_land(seed: Seed) -> None:
    coast = json.loads((FOLDER / "coast.geojson").read_text(encoding="utf-8"))
    land = union_all([shape(feature["geometry"]) for feature in coast["features"]])

    assert all(land.contains(Point(station.place.lon, station.place.lat)) for station in seed.stations)
    assert {station.location_basis for station in seed.stations} == {Basis.PLACEHOLDER}
    assert {(station.address, station.phone) for station in seed.stations} == {(None, None)}


def test_every_placeholder_lies_within_1500_m_of_its_town_of_2018(seed: Seed) -> None:
    towns = {row["code"]: Place.at(float(row["lon"]), float(row["lat"])) for row in rows_of("former_towns.csv")}

    assert all(station.place.distance_m(towns[station.former_town or ""]) <= 1500 for station in seed.stations)


def test_no_two_placeholders_are_closer_than_150_m(seed: Seed) -> None:
    places = [station.place for station in seed.stations]

    assert min(one.distance_m(other) for one, other in combinations(places, 2)) >= 150


def test_every_station_offers_at_least_42_amenities_13_of_them_by_the_article(seed: Seed) -> None:
    for station in seed.stations:
        offered = {offering.amenity: offering for offering in station.offerings}

        assert sum(offering.state is OfferingState.YES for offering in offered.values()) >= 42
        assert {offered[code].basis for code in REPORTED_OF_ALL} == {Basis.ARTICLE}
        assert all(offering.source and offering.count is None for offering in offered.values())


def test_nothing_a_life_or_a_body_depends_on_is_assumed(seed: Seed) -> None:
    known = {
        (station.name, code)
        for station in seed.stations
        for code in NEVER_ASSUMED
        if station.offers(code) is not OfferingState.UNKNOWN
    }

    assert known == {("中山分行营业部", "nursing_room")}


def test_only_what_the_article_reports_is_of_basis_article(seed: Seed) -> None:
    beyond = {
        (station.name, offering.amenity)
        for station in seed.stations
        for offering in station.offerings
        if offering.basis is Basis.ARTICLE and offering.amenity not in REPORTED_OF_ALL
    }

    assert beyond == {
        ("中山分行营业部", "nursing_room"),
        ("中山滨河湾支行", "anti_fraud"),
        ("中山火炬开发区支行", "innovation_center"),
    }
    assert {station.name for station in seed.stations if station.specials} == {name for name, _ in beyond}


def test_each_field_of_a_station_says_why_it_is_believed(seed: Seed) -> None:
    department, second = seed.stations[0], seed.stations[1]

    assert second.basis == {
        "name": Basis.DIRECTORY,
        "name_en": Basis.ASSUMED,
        "town": Basis.ASSUMED,
        "location": Basis.PLACEHOLDER,
        "access": Basis.ASSUMED,
        "opening_hours": Basis.ASSUMED,
    }
    assert department.basis["specials"] is Basis.ARTICLE
    assert department.name_en == "Zhongshan Branch Business Department"


def test_the_reading_of_a_name_has_one_syllable_a_character(seed: Seed) -> None:
    assert all(len(station.pinyin.split()) == len(station.name) for station in seed.stations)
    assert {station.pinyin.rsplit(" ", 2)[-1] for station in seed.stations} == {"hang", "bu", "chu"}


def test_every_row_of_every_file_has_a_basis_and_a_source() -> None:
    for file in set(COLUMNS) - {"sources.csv"}:
        for row in rows_of(file):
            bases = [value for column, value in row.items() if column == "basis" or column.endswith("_basis")]
            assert bases, file
            assert all(bases), (file, row)
            assert row["source"], (file, row)
    coast = json.loads((FOLDER / "coast.geojson").read_text(encoding="utf-8"))
    assert all(feature["properties"]["source"] == "NE" for feature in coast["features"])


def test_the_published_figures_are_there(seed: Seed) -> None:
    values = {figure.key: figure.value for figure in seed.figures if figure.basis is Basis.ARTICLE}

    assert (values["stations"], values["facilities_at_least"], values["visitors_a_day"]) == ("64", "42", "133")
    assert values["exam_outlets_more_than"] == "20"


# What is refused


@pytest.mark.parametrize(
    ("file", "line", "column", "value", "message"),
    [
        ("stations.csv", 17, "town", "123", "no town has the code '123'; known codes: 442000001, "),
        ("stations.csv", 17, "former_town", "442000100", "'442000100' lies in '442000118' today"),
        ("stations.csv", 17, "code", "ZS015", "'ZS015' stands a second time; first in line 16"),
        ("stations.csv", 17, "code", "S16", "'S16' does not have the form of ZS017"),
        ("stations.csv", 17, "code", "ZS001", "belongs before 'ZS015' above it"),
        ("stations.csv", 17, "cnaps", "105603000232", "'105603000232' is no clearing code"),
        ("stations.csv", 17, "cnaps", "105603000207", "'105603000207' stands a second time; first in line 16"),
        ("stations.csv", 17, "cnaps", "105603000016", "belongs before '105603000207' above it"),
        ("stations.csv", 17, "name", "", "must not be empty"),
        ("stations.csv", 17, "name", " 中山", "begins or ends with a blank"),
        ("stations.csv", 17, "name", "中山\u200b支行", "holds invisible or damaged characters: U+200B"),
        ("stations.csv", 17, "name", "中山\ufffd支行", "holds invisible or damaged characters: U+FFFD"),
        ("stations.csv", 17, "name", "中" * 501, "501 characters, at most 500 are taken"),
        ("stations.csv", 17, "name_basis", "rumour", "'rumour' is not one of article, assumed, directory"),
        ("stations.csv", 17, "kind", "kiosk", "'kiosk' is not one of business_department, sub_branch, sub_office"),
        ("stations.csv", 17, "pinyin", "Shiqi", "'Shiqi' does not have the form of 'shi qi zhi hang'"),
        ("stations.csv", 17, "access", "window", "'window' is not one of app, ask_staff, door_code, unknown, walk_in"),
        ("stations.csv", 17, "opening_hours", "9 to 5", "'9 to 5' is not in the OSM opening_hours syntax"),
        ("stations.csv", 17, "hours_basis", "", "must not be empty"),
        ("stations.csv", 17, "location_basis", "", "must not be empty"),
        ("stations.csv", 17, "source", "", "must not be empty"),
        ("stations.csv", 17, "source", "CNAPS;XX", "no source has the key 'XX'; known keys: B1, "),
        ("stations.csv", 17, "source", "CNAPS; OWN", "is no list of different words"),
        ("stations.csv", 17, "lon", "113,4", "'113,4' is no number of degrees"),
        ("stations.csv", 17, "lon", "nan", "'nan' is no number of degrees"),
        ("stations.csv", 17, "lon", "１１３.4", "is no number of degrees"),
        ("stations.csv", 17, "lon", "181", "longitude must lie between -180 and 180"),
        ("stations.csv", 17, "lat", "91", "latitude must lie between -90 and 90"),
        ("stations.csv", 17, "lat", "23.1", "23.1 lies more than 0.5 degrees from its town's 22.51682"),
        ("towns.csv", 5, "lat", "113.4", "latitude must lie between -90 and 90"),
        ("towns.csv", 5, "name_en", "", "must not be empty"),
        ("towns.csv", 5, "basis", "", "must not be empty"),
        ("former_towns.csv", 12, "town", "442000104", "no town has the code '442000104'"),
        ("former_towns.csv", 3, "town", "442000001", "'442000002' is a town of today too"),
        ("former_towns.csv", 3, "code", "442000001", "'442000001' stands a second time; first in line 2"),
        ("amenities.csv", 9, "category", "comfort", "'comfort' is not one of accessibility, banking, basic"),
        ("amenities.csv", 9, "tier", "some", "'some' is not one of conditional, core"),
        ("amenities.csv", 9, "icon", "Plug!", "'Plug!' does not have the form of hot_water"),
        ("amenities.csv", 9, "osm_tag", "a node", "'a node' does not have the form of"),
        ("amenities.csv", 9, "aliases", "热;热", "is no list of different words"),
        ("offerings.csv", 4, "amenity", "sauna", "no amenity has the code 'sauna'"),
        ("offerings.csv", 4, "station", "ZS099", "no station has the code 'ZS099'"),
        ("offerings.csv", 4, "amenity", "seating", "'*, seating' stands a second time; first in line 2"),
        ("offerings.csv", 4, "state", "maybe", "'maybe' is not one of no, out_of_order, unknown, yes"),
        ("offerings.csv", 4, "count", "-1", "'-1' is no whole number from 0 to 9999"),
        ("specials.csv", 2, "station", "ZS065", "no station has the code 'ZS065'"),
        ("figures.csv", 3, "value", "", "must not be empty"),
        ("sources.csv", 3, "licence", "", "must not be empty"),
    ],
)
def test_a_bad_cell_is_named_with_file_line_and_column(
    folder: Path, file: str, line: int, column: str, value: str, message: str
) -> None:
    change(folder, file, line, **{column: value})

    assert any(text.startswith(f"{file} line {line}, {column}: ") and message in text for text in refusal(folder))


def test_every_fault_of_every_file_comes_at_once_in_order(folder: Path) -> None:
    change(folder, "stations.csv", 9, town="123", access="window")
    change(folder, "stations.csv", 4, cnaps="1")
    change(folder, "towns.csv", 2, name="")
    change(folder, "offerings.csv", 30, state="perhaps")

    assert [text.split(":")[0] for text in refusal(folder)] == [
        "towns.csv line 2, name",
        "stations.csv line 4, cnaps",
        "stations.csv line 4, cnaps",
        "stations.csv line 9, town",
        "stations.csv line 9, access",
        "offerings.csv line 30, state",
    ]


def test_swapped_longitude_and_latitude_get_a_hint(folder: Path) -> None:
    change(folder, "stations.csv", 17, lon="22.516820", lat="113.385210")

    assert refusal(folder) == [
        "stations.csv line 17, lat: latitude must lie between -90 and 90; longitude and latitude look swapped"
    ]


def test_specials_of_one_station_cannot_differ_in_basis(folder: Path) -> None:
    change(folder, "specials.csv", 3, station="ZS001", basis="assumed")

    assert refusal(folder)[0].startswith("specials.csv line 3, basis: one basis holds for all specials of 'ZS001'")


def test_63_stations_are_refused(folder: Path) -> None:
    rewrite(folder, "stations.csv", lambda raw: raw[: raw[:-1].rindex(b"\n") + 1])

    assert refusal(folder) == ["stations.csv: 63 rows, expected 64"]


def test_a_row_of_the_wrong_width_is_named_with_its_line(folder: Path) -> None:
    rewrite(folder, "stations.csv", lambda raw: raw.replace(b",placeholder,,,walk_in", b",placeholder,,walk_in", 1))

    assert refusal(folder)[0] == "stations.csv line 2: 22 cells, expected 23"


def test_an_empty_line_is_named(folder: Path) -> None:
    rewrite(folder, "towns.csv", lambda raw: raw + b"\n")

    assert refusal(folder) == ["towns.csv: 24 rows, expected 23", "towns.csv line 25: 0 cells, expected 8"]


def test_a_changed_header_is_refused_and_says_what_it_must_read(folder: Path) -> None:
    rewrite(folder, "towns.csv", lambda raw: raw.replace(b"name_en", b"english", 1))

    (fault,) = refusal(folder)

    assert fault.startswith("towns.csv line 1: the header lacks name_en and has unknown ['english']; ")
    assert fault.endswith("it must read code,name,name_en,pinyin,lon,lat,basis,source")


def test_columns_in_another_order_are_refused(folder: Path) -> None:
    rewrite(folder, "towns.csv", lambda raw: raw.replace(b"lon,lat", b"lat,lon", 1))

    assert refusal(folder)[0].startswith("towns.csv line 1: the header is out of order")


def test_an_open_quotation_mark_is_named_with_the_line_it_starts_in(folder: Path) -> None:
    rewrite(folder, "towns.csv", lambda raw: raw.replace("沙溪镇".encode(), '"沙溪镇'.encode(), 1))

    assert any(text.startswith("towns.csv line 13: broken CSV") for text in refusal(folder))


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "amenities.csv").unlink()

    assert refusal(folder) == ["amenities.csv: the file cannot be read: No such file or directory"]


def test_an_empty_file_is_refused(folder: Path) -> None:
    (folder / "specials.csv").write_bytes(b"")

    assert any(text.startswith("specials.csv line 1: the header lacks station, zh") for text in refusal(folder))


def test_a_file_cut_short_within_its_last_line_is_refused(folder: Path) -> None:
    rewrite(folder, "offerings.csv", lambda raw: raw[:-1])

    assert refusal(folder) == ["offerings.csv line 48: no line break at the end: cut short?"]


def test_gbk_is_refused_by_name(folder: Path) -> None:
    rewrite(folder, "towns.csv", lambda raw: raw.decode().encode("gbk"))

    assert refusal(folder) == ["towns.csv line 2: not UTF-8, but probably GBK; save it as UTF-8"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_by_name(folder: Path, encoding: str) -> None:
    rewrite(folder, "towns.csv", lambda raw: raw.decode().encode(encoding))

    faults = refusal(folder)

    assert len(faults) == 1
    assert faults[0].startswith("towns.csv: not UTF-8")
    assert "UTF-16" in faults[0]


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(folder: Path, seed: Seed) -> None:
    for file in COLUMNS:
        rewrite(folder, file, lambda raw: b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))

    assert read_seed(folder) == seed


def test_a_row_for_a_named_station_wins_over_the_row_for_every_station(folder: Path) -> None:
    rewrite(folder, "offerings.csv", lambda raw: raw + b"ZS002,toilet,no,,,verified,OWN\n")

    first, second = read_seed(folder).stations[:2]

    assert (first.offers("toilet"), second.offers("toilet")) == (OfferingState.YES, OfferingState.NO)


def is_refused(folder: Path) -> bool:
    try:
        read_seed(folder)
    except SeedRefused:
        return True
    return False


@pytest.mark.parametrize("byte", [b"\x00", b"\xff"])
def test_a_byte_that_no_text_holds_is_refused_wherever_it_stands(folder: Path, byte: bytes) -> None:
    good = (FOLDER / "towns.csv").read_bytes()

    for spot in range(0, len(good), 61):
        (folder / "towns.csv").write_bytes(good[:spot] + byte + good[spot + 1 :])
        assert is_refused(folder), spot


@pytest.mark.parametrize("byte", [b"\n", b","])
def test_a_misplaced_comma_or_line_break_never_passes(folder: Path, byte: bytes) -> None:
    good = (FOLDER / "towns.csv").read_bytes()

    for spot in range(0, len(good), 61):
        (folder / "towns.csv").write_bytes(good[:spot] + byte + good[spot + 1 :])
        assert is_refused(folder) or good[spot : spot + 1] == byte, spot
