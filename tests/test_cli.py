"""The command line says what it did, refuses with a line and exit code 2, and changes nothing when it refuses."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from harbour_api.cli import SEED_FOLDER, cli
from harbour_api.store.access import Accounts
from harbour_api.store.database import Database
from harbour_api.web.house import utc_now

Command = Callable[..., Result]


@pytest.fixture
def command(sqlite_url: str) -> Command:
    """Run a command on an empty SQLite database of this test."""

    def run(*words: str, typed: str | None = None, **environment: str) -> Result:
        return CliRunner().invoke(cli, words, input=typed, env={"HARBOUR_DATABASE_URL": sqlite_url} | environment)

    return run


def test_seeding_twice_adds_64_stations_and_then_nothing(command: Command) -> None:
    assert "64 stations added" in command("seed").stdout
    assert "nothing to add" in command("seed").stdout


def test_samples_are_added_once_with_the_seed_and_removed_by_one_command(command: Command) -> None:
    assert "marked as sample" in command("seed").stdout
    assert "0 sample entries removed" not in command("forget-samples").stdout
    assert command("forget-samples").stdout == "0 sample entries removed\n"


def test_no_samples_are_added_where_the_setting_says_so(command: Command) -> None:
    assert "sample" not in command("seed", HARBOUR_SAMPLE_VISITS="false").stdout


def test_a_random_password_is_printed_and_logs_in(command: Command, sqlite_url: str) -> None:
    said = command("add-manager", "desk").stdout
    password = said.rpartition("password: ")[2].strip()
    database = Database(sqlite_url)

    session = Accounts(database, utc_now).log_in("desk", password, address="test")

    assert said.startswith("account desk made")
    assert session.token
    database.close()


def test_a_password_from_standard_input_is_not_printed(command: Command) -> None:
    made = command("add-manager", "desk", "--password-stdin", typed="a long enough password\n")

    assert made.stdout == "account desk made\n"


def test_a_first_password_that_is_easy_to_guess_ends_the_start_and_names_its_setting(command: Command) -> None:
    refused = command("serve", HARBOUR_ADMIN_PASSWORD="admin123456", HARBOUR_SAMPLE_VISITS="false")

    assert refused.exit_code == 2
    assert "HARBOUR_ADMIN_PASSWORD: The password is easy to guess" in refused.stderr
    assert "admin123456" not in refused.output


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (("two words",), "a long enough password\n", "user name"),
        (("desk",), "short\n", "10 to 200 characters"),
        (("desk",), "desk123456\n", "easy to guess"),
        (("desk", "--station", "ZS999"), "a long enough password\n", "station does not exist"),
    ],
)
def test_add_manager_refuses_with_a_line_and_makes_nothing(
    command: Command, words: tuple[str, ...], typed: str, told: str
) -> None:
    refused = command("add-manager", *words, "--password-stdin", typed=typed)

    assert refused.exit_code == 2
    assert told in refused.stderr
    assert command("add-manager", "desk", "--password-stdin", typed="a long enough password\n").exit_code == 0


def test_add_manager_refuses_a_name_that_is_taken(command: Command) -> None:
    command("add-manager", "desk")

    assert "taken" in command("add-manager", "desk").stderr


def test_check_finds_a_seeded_house_good(command: Command) -> None:
    command("seed")
    found = command("check")

    assert found.exit_code == 0
    assert "64 stations, 23 towns, 63 amenities: good" in found.stdout
    assert "places verified or imported: 0" in found.stdout


def test_check_says_what_to_do_where_there_is_no_database_and_makes_none(command: Command, sqlite_url: str) -> None:
    found = command("check")

    assert found.exit_code == 2
    assert "`migrate` or the first start makes it" in found.stderr
    assert not Path(sqlite_url.removeprefix("sqlite:///")).exists()


def test_a_port_that_is_taken_ends_the_start_before_it_says_that_it_serves(command: Command) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = command("serve", HARBOUR_PORT=str(other.getsockname()[1]))

    assert refused.exit_code != 0
    assert "serving on" not in refused.stdout


@pytest.mark.parametrize("words", [("check",), ("serve",)])
def test_a_damaged_file_is_refused_and_not_touched(command: Command, sqlite_url: str, words: tuple[str, ...]) -> None:
    command("seed")
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    damaged = bytearray(path.read_bytes())
    damaged[4096 * 3 : 4096 * 3 + 200] = b"\xff" * 200
    path.write_bytes(damaged)

    refused = command(*words)

    assert refused.exit_code == 2
    assert "restore the file from a backup" in refused.stderr
    assert path.read_bytes() == bytes(damaged)


def test_a_bad_seed_is_refused_with_file_and_line_and_nothing_is_changed(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "seed"
    shutil.copytree(SEED_FOLDER, folder)
    stations = folder / "stations.csv"
    stations.write_text(stations.read_text(encoding="utf-8").replace("105603000024", "105603000025"), encoding="utf-8")

    refused = command("seed", "--folder", str(folder))

    assert refused.exit_code == 2
    assert "stations.csv line 3" in refused.stderr
    assert "64 stations added" in command("seed").stdout


def test_a_mistyped_setting_stops_the_start_and_names_the_nearest(command: Command) -> None:
    refused = command("check", HARBOUR_PROT="80")

    assert refused.exit_code == 2
    assert "did you mean HARBOUR_PORT?" in refused.stderr


def test_every_fault_of_the_settings_is_told_at_once(command: Command) -> None:
    refused = command("check", HARBOUR_PORT="0", HARBOUR_PUBLIC_URL="harbour.example")

    assert "HARBOUR_PORT" in refused.stderr
    assert "HARBOUR_PUBLIC_URL" in refused.stderr


@pytest.mark.parametrize("words", [(), ("serve",), ("seed",), ("add-manager",)])
def test_every_command_explains_itself(command: Command, words: tuple[str, ...]) -> None:
    told = command(*words, "--help")

    assert told.exit_code == 0
    assert "Usage:" in told.stdout


def test_a_backup_is_told_in_rows_and_fills_an_empty_database(command: Command, tmp_path: Path) -> None:
    command("seed", HARBOUR_SAMPLE_VISITS="false")
    empty = {"HARBOUR_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"}

    made, restored = command("backup", str(tmp_path / "copy")), command("restore", str(tmp_path / "copy"), **empty)

    assert (made.exit_code, restored.exit_code) == (0, 0)
    assert "64 stations" in made.stdout
    assert "64 stations" in restored.stdout
    assert "intact" in command("check", **empty).stdout


def test_a_backup_of_nothing_and_one_from_nowhere_are_refused(command: Command, tmp_path: Path) -> None:
    made, restored = command("backup", str(tmp_path / "copy")), command("restore", str(tmp_path / "copy"))

    assert (made.exit_code, restored.exit_code) == (2, 2)
    assert "there is no database" in made.stderr
    assert "no such file" in restored.stderr
    assert list(tmp_path.iterdir()) == []
