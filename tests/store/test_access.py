"""Accounts and sessions: nothing tells a stranger who exists, and an ended session is ended everywhere at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from harbour_api.domain.problems import Conflict, Forbidden, NotLoggedIn, TooMany
from harbour_api.store import tables
from harbour_api.store.access import ABSOLUTE, IDLE, SEEN_EVERY, Accounts
from harbour_api.store.database import Database
from harbour_api.store.tries import TRIES_A_MINUTE, TRIES_AT_ALL
from tests.conftest import PASSWORD, Clock

LEAVES_STATIONS_ALONE = True


@pytest.fixture
def accounts(ground: Database, clock: Clock, quick_hashes: None) -> Accounts:
    made = Accounts(ground, clock)
    made.add_manager("desk", PASSWORD, stations=["ZS001", "ZS002"])
    return made


def log_in(accounts: Accounts, name: str = "desk", password: str = PASSWORD) -> str:
    return accounts.log_in(name, password, address="10.0.0.1").token


def refusal(accounts: Accounts, name: str, password: str) -> str:
    with pytest.raises(NotLoggedIn) as refused:
        log_in(accounts, name, password)
    return refused.value.detail


def test_the_right_password_opens_a_session_of_its_account(accounts: Accounts) -> None:
    who = accounts.who(log_in(accounts))
    assert (who.username, who.is_administrator, who.stations) == ("desk", False, {"ZS001", "ZS002"})
    who.may_manage("ZS001")
    with pytest.raises(Forbidden):
        who.may_manage("ZS003")
    with pytest.raises(Forbidden):
        who.may_administer()


def test_an_administrator_may_do_everything(accounts: Accounts) -> None:
    accounts.add_manager("chief", PASSWORD, is_administrator=True)
    who = accounts.who(log_in(accounts, "chief"))
    who.may_manage("ZS064")
    who.may_administer()


def test_an_unknown_user_is_refused_in_the_words_of_a_wrong_password(accounts: Accounts) -> None:
    wrong = refusal(accounts, "desk", "another password")
    for nobody in ("nobody", "DESK", "", "de\0sk", "desk'--", "x" * 5000, "\U0001f525"):
        assert refusal(accounts, nobody, PASSWORD) == wrong


@pytest.mark.parametrize("password", ["", PASSWORD.upper(), PASSWORD + " ", "\0" + PASSWORD, "x" * 10_000])
def test_a_password_is_right_to_the_last_character(accounts: Accounts, password: str) -> None:
    refusal(accounts, "desk", password)


def test_only_hashes_are_kept(accounts: Accounts, ground: Database) -> None:
    token = log_in(accounts)
    with ground.read() as connection:
        kept = str(connection.execute(select(tables.sessions)).all()) + str(
            connection.execute(select(tables.managers)).all()
        )
    assert token not in kept
    assert PASSWORD not in kept
    assert "$argon2id$" in kept


def test_the_sixth_try_in_a_minute_is_refused_even_with_the_right_password(accounts: Accounts) -> None:
    for _ in range(TRIES_A_MINUTE):
        refusal(accounts, "desk", "another password")
    with pytest.raises(TooMany) as refused:
        log_in(accounts)
    assert refused.value.retry_after_s
    accounts.log_in("desk", PASSWORD, address="10.0.0.2")


def test_an_unknown_user_is_throttled_just_the_same(accounts: Accounts) -> None:
    for _ in range(TRIES_A_MINUTE):
        refusal(accounts, "nobody", PASSWORD)
    with pytest.raises(TooMany):
        log_in(accounts, "nobody")


def test_the_right_password_forgives_the_tries_before(accounts: Accounts) -> None:
    for _ in range(3):
        for _ in range(TRIES_A_MINUTE - 1):
            refusal(accounts, "desk", "another password")
        log_in(accounts)


def test_a_session_unused_for_half_an_hour_has_ended(accounts: Accounts, clock: Clock) -> None:
    token = log_in(accounts)
    clock.at += IDLE - timedelta(seconds=1)
    accounts.who(token)
    clock.at += IDLE - timedelta(seconds=1)
    accounts.who(token)
    clock.at += IDLE
    with pytest.raises(NotLoggedIn):
        accounts.who(token)


def test_a_session_in_use_ends_after_twelve_hours_all_the_same(accounts: Accounts, clock: Clock) -> None:
    session = accounts.log_in("desk", PASSWORD, address="10.0.0.1")
    opened = clock.at
    assert session.expires_at == opened + ABSOLUTE
    while clock.at + timedelta(minutes=20) < opened + ABSOLUTE:
        clock.at += timedelta(minutes=20)
        accounts.who(session.token)
    clock.at = opened + ABSOLUTE - timedelta(seconds=1)
    accounts.who(session.token)
    clock.at = opened + ABSOLUTE
    with pytest.raises(NotLoggedIn):
        accounts.who(session.token)


def test_use_is_noted_no_oftener_than_once_a_minute(accounts: Accounts, ground: Database, clock: Clock) -> None:
    def seen() -> object:
        with ground.read() as connection:
            return connection.execute(select(tables.sessions.c.seen_at)).scalar_one()

    token, first = log_in(accounts), clock()
    clock.at += SEEN_EVERY
    accounts.who(token)
    assert seen() == first
    clock.at += timedelta(seconds=1)
    accounts.who(token)
    assert seen() == clock()


def test_logging_out_ends_this_session_only(accounts: Accounts) -> None:
    here, there = log_in(accounts), log_in(accounts)
    accounts.log_out(here)
    with pytest.raises(NotLoggedIn):
        accounts.who(here)
    assert accounts.who(there).username == "desk"


def test_logging_out_everywhere_ends_every_session_of_this_account_only(accounts: Accounts) -> None:
    accounts.add_manager("other", PASSWORD)
    mine, others = [log_in(accounts) for _ in range(3)], log_in(accounts, "other")
    accounts.log_out_everywhere("desk")
    for token in mine:
        with pytest.raises(NotLoggedIn):
            accounts.who(token)
    assert accounts.who(others).username == "other"


def test_a_shut_account_is_out_at_once_and_cannot_come_back(accounts: Accounts, ground: Database) -> None:
    token = log_in(accounts)
    wrong = refusal(accounts, "desk", "another password")
    with ground.write() as connection:
        connection.execute(text("UPDATE managers SET is_active = :shut"), {"shut": False})
    with pytest.raises(NotLoggedIn):
        accounts.who(token)
    assert refusal(accounts, "desk", PASSWORD) == wrong


def test_a_session_lives_on_in_another_process_and_after_a_restart(
    accounts: Accounts, seeded_url: str, clock: Clock
) -> None:
    token = log_in(accounts)
    elsewhere = Database(seeded_url)
    assert Accounts(elsewhere, clock).who(token).username == "desk"
    Accounts(elsewhere, clock).log_out(token)
    with pytest.raises(NotLoggedIn):
        accounts.who(token)
    elsewhere.close()


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "é" * 9000])
def test_no_invented_token_opens_anything(accounts: Accounts, token: str) -> None:
    with pytest.raises(NotLoggedIn):
        accounts.who(token)
    accounts.log_out(token)


def test_a_new_log_in_sweeps_sessions_long_ended(accounts: Accounts, ground: Database, clock: Clock) -> None:
    log_in(accounts)
    clock.at += ABSOLUTE + timedelta(seconds=1)
    log_in(accounts)
    with ground.read() as connection:
        assert len(connection.execute(select(tables.sessions)).all()) == 1


def test_an_account_is_made_once_with_a_password_of_length_and_stations_that_exist(accounts: Accounts) -> None:
    with pytest.raises(Conflict):
        accounts.add_manager("desk", PASSWORD)
    with pytest.raises(Conflict):
        accounts.add_manager("second", PASSWORD, stations=["ZS999"])
    for password in ("short", "x" * 201):
        with pytest.raises(ValueError, match="10 to 200"):
            accounts.add_manager("second", password)
    refusal(accounts, "second", PASSWORD)


def test_thirty_wrong_tries_from_one_address_shut_it_out_whatever_the_names(accounts: Accounts) -> None:
    for number in range(TRIES_AT_ALL):
        with pytest.raises(NotLoggedIn):
            accounts.log_in(f"name{number}", "not the password", address="10.0.0.9")

    with pytest.raises(TooMany):
        accounts.log_in("one-more", "not the password", address="10.0.0.9")
    with pytest.raises(NotLoggedIn):
        accounts.log_in("one-more", "not the password", address="10.0.0.10")
