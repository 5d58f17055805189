"""The command line: what an operator does with the service. Long work says how far it is, refusals exit with 2."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from harbour_api.domain.hours import local_day
from harbour_api.domain.problems import Conflict, EasyPassword, Problem
from harbour_api.settings import Settings, SettingsRefused, read_settings
from harbour_api.store.access import Accounts
from harbour_api.store.database import Database
from harbour_api.store.migrate import SchemaTooNew, current, head, migrate
from harbour_api.store.passwords import check_password
from harbour_api.store.registry import Registry
from harbour_api.store.visits import Visits
from harbour_api.web.ground import OperatorsGround
from harbour_api.web.house import utc_now

SEED_FOLDER = Path(__file__).parent.parent / "seed_data"
ADMINISTRATOR = "admin"
REFUSED = 2

cli = typer.Typer(
    help="The Labourer Harbour (劳动者港湾): registry and locator of 64 rest stations. Without a command: serve.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line."""
    cli()


@cli.callback(invoke_without_command=True)
def by_default(context: typer.Context) -> None:
    """Serve where no command is given."""
    if context.invoked_subcommand is None:
        serve()


@cli.command("serve")
def serve() -> None:
    """Serve until interrupted.

    First migrates, seeds an empty database and makes the first administrator.
    """
    settings = _settings()
    with _refusing(), _database(settings) as database:
        ground = OperatorsGround.of(settings)
        database.check()
        if migrate(database):
            typer.echo(f"database brought to schema {head()}")
        _seed_if_empty(database, settings)
        ground.refuse_outsiders(Registry(database, utc_now).refresh())
        ground.close()
        _first_administrator(database, settings)
    _run_server(settings)


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema.

    Does nothing where it is there already.
    """
    with _refusing(), _database(_settings()) as database:
        typer.echo(f"database brought to schema {head()}" if migrate(database) else f"already at schema {head()}")


@cli.command("seed")
def seed_command(
    folder: Annotated[Path, typer.Option(help="folder of the seed files")] = SEED_FOLDER,
) -> None:
    """Add what the seed has and the database has not.

    Stations, towns and amenities that are there stay as they are.
    """
    settings = _settings()
    with _refusing(), _database(settings) as database:
        migrate(database)
        _seed(database, settings, folder)


@cli.command("check")
def check(folder: Annotated[Path, typer.Option(help="folder of the seed files")] = SEED_FOLDER) -> None:
    """Look over settings, seed files and database.

    Says what was found and exits with 2 where something is wrong.
    """
    settings = _settings()
    with _refusing(), _database(settings) as database:
        from harbour_api.store.seed import read_seed

        seed = read_seed(folder)
        typer.echo(
            f"seed: {len(seed.stations)} stations, {len(seed.towns)} towns, {len(seed.amenities)} amenities: good"
        )
        if not database.is_there():
            raise ValueError("database: there is none yet; `migrate` or the first start makes it")
        database.check()
        typer.echo("database: intact")
        found = current(database)
        typer.echo(f"schema: {found or 'none'}, newest {head()}" + ("" if found == head() else ": run migrate"))
        if found != head():
            raise typer.Exit(REFUSED)
        network = Registry(database, utc_now).refresh()
        OperatorsGround.of(settings).refuse_outsiders(network)
        placed = [station for station in network.stations if station.is_placed]
        typer.echo(f"places verified or imported: {len(placed)}")


@cli.command("add-manager")
def add_manager(
    username: Annotated[str, typer.Argument(help="user name, at most 40 characters")],
    station: Annotated[list[str] | None, typer.Option(help="code of an own station; repeatable")] = None,
    administrator: Annotated[bool, typer.Option("--administrator", help="may do everything")] = False,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="read it from standard input")] = False,
) -> None:
    """Make an account.

    The password is asked for; where nobody is there to ask, it is random and printed once.
    """
    with _refusing(), _database(_settings()) as database:
        migrate(database)
        password, said = _password(password_stdin)
        accounts = Accounts(database, utc_now)
        accounts.add_manager(username, password, is_administrator=administrator, stations=station or ())
        typer.echo(f"account {username} made" + (f", password: {password}" if said else ""))


@cli.command("forget-samples")
def forget_samples() -> None:
    """Remove every sample visit.

    Real entries stay.
    """
    with _refusing(), _database(_settings()) as database:
        visits = Visits(database)
        typer.echo(f"{visits.forget_samples()} sample entries removed")


@cli.command("backup")
def backup(file: Annotated[Path, typer.Argument(help="the file to write; it must not be there yet")]) -> None:
    """Write everything into one file.

    The service may go on meanwhile, on SQLite or PostgreSQL; the file is read again and compared.
    """
    with _refusing(), _database(_settings()) as database:
        from harbour_api.store.backup import back_up

        if not database.is_there():
            raise ValueError("there is no database to back up")
        typer.echo(f"{file}: {_told(back_up(database, file))}")


@cli.command("restore")
def restore_command(file: Annotated[Path, typer.Argument(help="a file that `backup` wrote")]) -> None:
    """Fill an empty database from a backup.

    Everybody logs in anew. Accounts, passwords, second factors and tally links are as they were at the backup: what was
    shut or withdrawn since counts again.
    """
    with _refusing(), _database(_settings()) as database:
        from harbour_api.store.backup import restore

        typer.echo(f"restored: {_told(restore(file, database))}")


def _told(n_rows: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {table}" for table, number in n_rows.items() if number)


def _settings() -> Settings:
    try:
        return read_settings(os.environ)
    except SettingsRefused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(REFUSED) from None


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _refusing() -> Iterator[None]:
    """Say in a line what was wrong and exit with 2; nothing was changed."""
    from harbour_api.store.seed_rows import SeedRefused

    try:
        yield
    except (Problem, SeedRefused, SettingsRefused, SchemaTooNew, ValueError, OSError) as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(REFUSED) from None


def _seed_if_empty(database: Database, settings: Settings) -> None:
    if Registry(database, utc_now).is_empty():
        _seed(database, settings, SEED_FOLDER)


def _seed(database: Database, settings: Settings, folder: Path) -> None:
    from harbour_api.store.samples import sample_visits
    from harbour_api.store.seed import read_seed

    seed = read_seed(folder)
    planted = Registry(database, utc_now).plant(seed)
    typer.echo(f"{planted} stations added" if planted else "nothing to add: every station is there")
    if planted and settings.sample_visits:
        typer.echo("adding sample visits ...")
        now = utc_now()
        codes = [station.code for station in seed.stations]
        visits = Visits(database)
        added = visits.plant_samples(sample_visits(codes, local_day(now) - timedelta(days=1)), now)
        typer.echo(f"{added} sample entries added, marked as sample; `forget-samples` removes them")


def _first_administrator(database: Database, settings: Settings) -> None:
    accounts = Accounts(database, utc_now)
    if accounts.has_managers():
        return
    given = settings.admin_password
    password = given.get_secret_value() if given else secrets.token_urlsafe(12)
    try:
        accounts.add_manager(ADMINISTRATOR, password, is_administrator=True)
    except Conflict:
        return  # another process started at the same time and was first
    except EasyPassword as refused:
        raise ValueError(f"HARBOUR_ADMIN_PASSWORD: {refused.detail}") from None
    said = "as HARBOUR_ADMIN_PASSWORD says" if given else f"{password} (shown only this once)"
    typer.echo(f"administrator made: user name {ADMINISTRATOR}, password {said}")


def _password(from_stdin: bool) -> tuple[str, bool]:
    """Return a password, and whether it has to be shown."""
    if from_stdin:
        return check_password(sys.stdin.readline().rstrip("\n")), False
    if sys.stdin.isatty():
        return check_password(typer.prompt("Password", hide_input=True, confirmation_prompt=True)), False
    return secrets.token_urlsafe(12), True


def _run_server(settings: Settings) -> None:
    import uvicorn

    from harbour_api.logs import configure
    from harbour_api.web.application import create_app

    configure()
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        ws="none",  # no route takes one, and its library would be imported at every start
        access_log=False,  # an address may hold a position or a secret
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
    )
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with _refusing(), socket.create_server((settings.host, settings.port), family=family) as bound:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        typer.echo(f"serving on http://{host}:{settings.port}")
        uvicorn.Server(config).run(sockets=[bound])
