"""Accounts as they are looked after: what must end ends at once, an administrator is left, a code counts once."""

from __future__ import annotations

import json
from datetime import timedelta
from threading import Thread

import pyotp
import pytest
from sqlalchemy import select

from harbour_api.domain.problems import Conflict, EasyPassword, Invalid, NotLoggedIn, TooMany, Unknown
from harbour_api.store import tables
from harbour_api.store.access import Accounts
from harbour_api.store.audit import Audit
from harbour_api.store.database import Database
from harbour_api.store.managers import Change, Managers
from harbour_api.store.second_factor import STEP_S
from harbour_api.store.tries import TRIES_A_MINUTE, TRIES_AT_ALL
from tests.conftest import PASSWORD, Clock

LEAVES_STATIONS_ALONE = True
HERE, ANOTHER = "10.0.0.1", "another good password"


@pytest.fixture
def accounts(ground: Database, clock: Clock, quick_hashes: None) -> Accounts:
    made = Accounts(ground, clock)
    made.add_manager("chief", PASSWORD, is_administrator=True)
    made.add_manager("desk", PASSWORD, stations=["ZS001"])
    return made


@pytest.fixture
def managers(ground: Database, accounts: Accounts, clock: Clock) -> Managers:
    return Managers(ground, accounts, clock)


def log_in(accounts: Accounts, name: str = "desk", password: str = PASSWORD, code: str | None = None) -> str:
    return accounts.log_in(name, password, code, address=HERE).token


def turn_on(managers: Managers, clock: Clock, token: str) -> pyotp.TOTP:
    """Give `desk` a second factor, and let the code that proved it pass."""
    totp = pyotp.TOTP(managers.begin_second_factor("desk"))
    turn(managers, totp.at(clock()), token)
    clock.at += timedelta(seconds=STEP_S)
    return totp


def turn(managers: Managers, code: str, token: str, *, on: bool = True, password: str = PASSWORD) -> None:
    managers.turn_second_factor("desk", password, code, on=on, token=token)


def is_out(accounts: Accounts, token: str) -> bool:
    try:
        accounts.who(token)
    except NotLoggedIn:
        return True
    return False


def reset_at_the_last_moment(
    accounts: Accounts, managers: Managers, monkeypatch: pytest.MonkeyPatch, wanted: Change
) -> None:
    """Have an administrator change the account when its password was found right and nothing is written yet."""
    forget = accounts.tries.forget

    def forgetting(origin: str, username: str) -> None:
        forget(origin, username)
        managers.change("desk", wanted, actor="chief")

    monkeypatch.setattr(accounts.tries, "forget", forgetting)


@pytest.mark.parametrize("wanted", [Change(password=ANOTHER), Change(is_active=False)])
def test_a_log_in_under_way_does_not_outlive_a_reset_or_a_shut_account(
    managers: Managers, accounts: Accounts, ground: Database, monkeypatch: pytest.MonkeyPatch, wanted: Change
) -> None:
    reset_at_the_last_moment(accounts, managers, monkeypatch, wanted)
    with pytest.raises(NotLoggedIn):
        log_in(accounts)
    with ground.read() as connection:
        assert connection.execute(select(tables.sessions)).all() == []


def test_ones_own_new_password_under_way_does_not_undo_a_reset(
    managers: Managers, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = log_in(accounts)
    with monkeypatch.context() as until_then:
        reset_at_the_last_moment(accounts, managers, until_then, Change(password=ANOTHER))
        with pytest.raises(Invalid) as refused:
            managers.set_own_password("desk", PASSWORD, "a third good password", token=token)
    assert [fault.pointer for fault in refused.value.errors] == ["/old"]
    log_in(accounts, password=ANOTHER)


def test_an_account_is_changed_in_what_is_named_and_nothing_else(managers: Managers, accounts: Accounts) -> None:
    token = log_in(accounts)
    changed = managers.change("desk", Change(stations=["ZS003", "ZS002", "ZS003"]), actor="chief")
    assert (changed.role, changed.stations, changed.is_active) == ("manager", ("ZS002", "ZS003"), True)
    assert accounts.who(token).stations == {"ZS002", "ZS003"}, "at once, in a session that is open"
    assert [manager.username for manager in managers.all()] == ["chief", "desk"]
    for nobody in ("nobody", "de\0sk"):
        with pytest.raises(Unknown):
            managers.one(nobody)
    with pytest.raises(Conflict):
        managers.change("desk", Change(stations=["ZS999"]), actor="chief")
    assert managers.one("desk") == changed


def test_a_shut_account_is_out_at_once_and_its_sessions_do_not_come_back_with_it(
    managers: Managers, accounts: Accounts
) -> None:
    token = log_in(accounts)
    managers.change("desk", Change(is_active=False), actor="chief")
    assert is_out(accounts, token)
    with pytest.raises(NotLoggedIn):
        log_in(accounts)
    managers.change("desk", Change(is_active=True), actor="chief")
    assert is_out(accounts, token)
    assert not is_out(accounts, log_in(accounts))


def test_a_reset_password_ends_every_session(managers: Managers, accounts: Accounts) -> None:
    token = log_in(accounts)
    managers.change("desk", Change(password=ANOTHER), actor="chief")
    assert is_out(accounts, token)
    with pytest.raises(NotLoggedIn):
        log_in(accounts)
    log_in(accounts, password=ANOTHER)


@pytest.mark.parametrize("change", [Change(is_active=False), Change(is_administrator=False)])
def test_the_last_administrator_who_can_log_in_stays_one(managers: Managers, change: Change) -> None:
    with pytest.raises(Conflict):
        managers.change("chief", change, actor="chief")
    managers.change("desk", Change(is_administrator=True, is_active=False), actor="chief")
    with pytest.raises(Conflict):
        managers.change("chief", change, actor="chief")
    managers.change("desk", Change(is_active=True), actor="chief")
    managers.change("chief", change, actor="desk")


def test_two_administrators_who_shut_each_other_do_not_both_succeed(managers: Managers, accounts: Accounts) -> None:
    managers.change("desk", Change(is_administrator=True), actor="chief")
    outcomes: list[str] = []

    def shut(name: str) -> None:
        try:
            managers.change(name, Change(is_active=False), actor="each other")
            outcomes.append("shut")
        except Conflict:
            outcomes.append("refused")

    threads = [Thread(target=shut, args=[name]) for name in ("chief", "desk")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "shut"]


def test_ones_own_new_password_ends_the_other_sessions_only(managers: Managers, accounts: Accounts) -> None:
    here, there = log_in(accounts), log_in(accounts)
    with pytest.raises(Invalid):
        managers.set_own_password("desk", ANOTHER, ANOTHER, token=here)
    managers.set_own_password("desk", PASSWORD, ANOTHER, token=here)
    assert not is_out(accounts, here)
    assert is_out(accounts, there)
    log_in(accounts, password=ANOTHER)


def test_guessing_ones_password_is_slow_in_one_session_and_hinders_no_other(
    managers: Managers, accounts: Accounts
) -> None:
    mine, stolen = log_in(accounts), log_in(accounts)
    for _ in range(TRIES_A_MINUTE):
        with pytest.raises(Invalid):
            managers.set_own_password("desk", "not the password", ANOTHER, token=stolen)
    with pytest.raises(TooMany):
        managers.set_own_password("desk", PASSWORD, ANOTHER, token=stolen)
    managers.set_own_password("desk", PASSWORD, ANOTHER, token=mine)


def test_a_second_factor_counts_once_a_code_has_proved_it(managers: Managers, accounts: Accounts, clock: Clock) -> None:
    token = log_in(accounts)
    totp = pyotp.TOTP(managers.begin_second_factor("desk"))
    log_in(accounts)
    with pytest.raises(Invalid):
        turn(managers, "000000", token)
    assert not managers.one("desk").has_second_factor
    turn(managers, totp.at(clock()), token)
    assert managers.one("desk").has_second_factor
    assert managers.pending_secret("desk") is None
    with pytest.raises(Conflict):
        managers.begin_second_factor("desk")
    with pytest.raises(Conflict):
        turn(managers, "1", token)


def test_a_log_in_then_needs_a_code_and_tells_nobody_that_the_password_was_right(
    managers: Managers, accounts: Accounts, clock: Clock
) -> None:
    totp = turn_on(managers, clock, log_in(accounts))
    told = set()
    for password, code in ((PASSWORD, None), (PASSWORD, "000000"), (PASSWORD, "é"), (ANOTHER, totp.at(clock()))):
        with pytest.raises(NotLoggedIn) as refused:
            log_in(accounts, password=password, code=code)
        told.add(refused.value.detail)
    with pytest.raises(NotLoggedIn) as refused:
        log_in(accounts, "nobody")
    assert told == {refused.value.detail}
    log_in(accounts, code=totp.at(clock()))


def test_one_step_of_drift_is_forgiven(managers: Managers, accounts: Accounts, clock: Clock) -> None:
    totp = turn_on(managers, clock, log_in(accounts))
    for drift in (-2, -1, 0, 1, 2):
        clock.at += timedelta(minutes=5)
        code = totp.at(clock() + timedelta(seconds=drift * STEP_S))
        if abs(drift) <= 1:
            log_in(accounts, code=code)
        with pytest.raises(NotLoggedIn):  # wrong, or used
            log_in(accounts, code=code)


def test_a_code_opens_one_session_even_when_it_is_sent_twice_at_once(
    managers: Managers, accounts: Accounts, clock: Clock
) -> None:
    code = turn_on(managers, clock, log_in(accounts)).at(clock())
    opened: list[str] = []

    def enter() -> None:
        try:
            opened.append(log_in(accounts, code=code))
        except NotLoggedIn:
            return

    threads = [Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1


def test_a_second_factor_is_taken_off_by_a_code_or_by_an_administrator(
    managers: Managers, accounts: Accounts, clock: Clock
) -> None:
    token = log_in(accounts)
    totp = turn_on(managers, clock, token)
    with pytest.raises(Invalid):
        turn(managers, "000000", token, on=False)
    turn(managers, totp.at(clock()), token, on=False)
    log_in(accounts)
    with pytest.raises(Conflict):
        turn(managers, totp.at(clock()), token, on=False)
    turn_on(managers, clock, token)
    assert not managers.change("desk", Change(drops_second_factor=True), actor="chief").has_second_factor
    log_in(accounts)


def test_a_session_alone_turns_no_second_factor_on_or_off(managers: Managers, accounts: Accounts, clock: Clock) -> None:
    token = log_in(accounts)
    pending = pyotp.TOTP(managers.begin_second_factor("desk"))
    with pytest.raises(Invalid) as refused:
        turn(managers, pending.at(clock()), token, password=ANOTHER)
    assert [fault.pointer for fault in refused.value.errors] == ["/password"]
    totp = turn_on(managers, clock, token)
    with pytest.raises(Invalid):
        turn(managers, totp.at(clock()), token, on=False, password=ANOTHER)
    assert managers.one("desk").has_second_factor


def test_a_secret_that_came_in_between_is_not_turned_on(
    managers: Managers, accounts: Accounts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, pending = log_in(accounts), pyotp.TOTP(managers.begin_second_factor("desk"))
    proved = managers._proved

    def then_another_begins(*given: str) -> object:
        account = proved(*given)
        managers.begin_second_factor("desk")
        return account

    monkeypatch.setattr(managers, "_proved", then_another_begins)
    with pytest.raises(Invalid):
        turn(managers, pending.at(clock()), token)
    assert not managers.one("desk").has_second_factor


EASY = (
    "aaaaaaaaaa", "1234567890", "abcdefghij", "password1234", "qwertyuiop", "desk12345678", "P@ssw0rd!!",
    "desk2-desk2", "labourer harbour", "Harbour@2026", "Admin@12345", "harbour-admin",
)  # fmt: skip


@pytest.mark.parametrize("password", EASY)
def test_what_anybody_would_try_first_is_no_password(managers: Managers, accounts: Accounts, password: str) -> None:
    token = log_in(accounts)
    for refused, pointer in (
        (lambda: accounts.add_manager("desk2", password), "/password"),
        (lambda: managers.change("desk", Change(password=password), actor="chief"), "/password"),
        (lambda: managers.set_own_password("desk", PASSWORD, password, token=token), "/new"),
    ):
        with pytest.raises(EasyPassword) as problem:
            refused()
        assert [fault.pointer for fault in problem.value.errors] == [pointer]
        assert password not in f"{problem.value.detail} {problem.value.errors}"
    assert not is_out(accounts, token)


def test_guessing_codes_is_slow(managers: Managers, accounts: Accounts, clock: Clock) -> None:
    token = log_in(accounts)
    totp = turn_on(managers, clock, token)
    for _ in range(TRIES_A_MINUTE):
        with pytest.raises(Invalid):
            turn(managers, "000000", token, on=False)
    with pytest.raises(TooMany):
        turn(managers, totp.at(clock()), token, on=False)


def test_a_neighbour_behind_the_same_address_does_not_lock_out_a_device_that_has_been_here(
    accounts: Accounts,
) -> None:
    known = accounts.log_in("desk", PASSWORD, address=HERE).device
    for number in range(TRIES_AT_ALL):
        with pytest.raises(NotLoggedIn):
            accounts.log_in("desk" if number < TRIES_A_MINUTE else f"name{number}", "a wrong one", address=HERE)
    for stranger in ("", "x.y", known[:-1] + ("0" if known[-1] != "0" else "1"), "\ud800.\ud800"):
        with pytest.raises(TooMany):
            accounts.log_in("desk", PASSWORD, address=HERE, device=stranger)
    with pytest.raises(TooMany):
        accounts.log_in("chief", PASSWORD, address=HERE, device=known)
    again = accounts.log_in("desk", PASSWORD, address=HERE, device=known)
    assert again.device != known


def test_a_device_that_has_been_here_may_not_guess_any_faster(accounts: Accounts) -> None:
    known = accounts.log_in("desk", PASSWORD, address=HERE).device
    for number in range(TRIES_A_MINUTE):
        with pytest.raises(NotLoggedIn):
            accounts.log_in("desk", "a wrong one", address=f"10.0.1.{number}", device=known)
    with pytest.raises(TooMany):
        accounts.log_in("desk", PASSWORD, address="10.0.2.1", device=known)


def test_all_addresses_of_one_ipv6_household_are_one(accounts: Accounts) -> None:
    for number in range(TRIES_A_MINUTE):
        with pytest.raises(NotLoggedIn):
            accounts.log_in("desk", "a wrong one", address=f"2001:db8:0:1::{number}")
    with pytest.raises(TooMany):
        accounts.log_in("desk", PASSWORD, address="2001:db8:0:1:ffff::1")
    accounts.log_in("desk", PASSWORD, address="2001:db8:0:2::1")


def test_every_change_of_an_account_is_in_the_audit_and_no_secret_is(
    managers: Managers, accounts: Accounts, ground: Database, clock: Clock
) -> None:
    token = log_in(accounts)
    totp = turn_on(managers, clock, token)
    managers.set_own_password("desk", PASSWORD, ANOTHER, token=token)
    managers.change("desk", Change(stations=["ZS002"], password=PASSWORD), actor="chief")
    managers.change("desk", Change(stations=["ZS002"]), actor="chief")
    managers.change("desk", Change(drops_second_factor=True), actor="chief")
    lines = Audit(ground).newest(50)
    assert [(line.actor, line.action, line.subject, line.old, line.new) for line in reversed(lines)] == [
        ("(operator)", "add_manager", "chief", None, {"role": "administrator", "stations": []}),
        ("(operator)", "add_manager", "desk", None, {"role": "manager", "stations": ["ZS001"]}),
        ("desk", "add_second_factor", "desk", None, None),
        ("desk", "change_password", "desk", None, None),
        ("chief", "change_manager", "desk", {"stations": ["ZS001"]}, {"stations": ["ZS002"]}),
        ("chief", "reset_password", "desk", None, None),
        ("chief", "change_manager", "desk", {"second_factor": True}, {"second_factor": False}),
    ]
    with ground.read() as connection:
        kept = json.dumps([list(map(str, row)) for row in connection.execute(select(tables.audit))])
    for secret in (PASSWORD, ANOTHER, "argon2", totp.secret, token):
        assert secret not in kept


def test_the_audit_is_read_page_by_page_with_history_in_its_place(
    managers: Managers, ground: Database, clock: Clock
) -> None:
    noon = clock()
    with ground.write() as connection:
        facts = {"actor": "desk", "station": "ZS001", "field": "phone", "old": None}
        connection.execute(tables.history.insert(), [{**facts, "at": noon, "new": number} for number in range(3)])
        later = {**facts, "at": noon + timedelta(hours=1), "new": "later", "station": "ZS002"}
        connection.execute(tables.history.insert(), later)
    audit, pages = Audit(ground), []
    whole = audit.newest(50)
    before = None
    while page := audit.newest(2, before=before):
        pages += page
        before = page[-1].spot
    assert pages == whole
    assert [line.new for line in whole if line.field] == ["later", 2, 1, 0]
    assert whole[0].new == "later"
    assert [line.action for line in whole[1:3]] == ["add_manager"] * 2, "of one instant, what is no fact comes first"
    assert [line.new for line in audit.newest(50, station="ZS001")] == [2, 1, 0]
    assert [line.new for line in audit.newest(50, station="ZS001", before=pages[-2].spot)] == [0]
