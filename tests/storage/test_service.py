"""What the service keeps for itself: pulse, digests, logins, sessions."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from monitor.ports import Account, Pulse, Session, Store
from tests.support.builders import T0, after

DUTY = Account(name="duty", person_id="zhang", role="duty", password_hash="x")  # noqa: S106
SESSION = Session(token_hash="h", account="duty", created_at=T0, expires_at=after(hours=8))  # noqa: S106


def test_the_pulse_starts_empty_and_is_one_for_all(store: Store) -> None:
    beating = Pulse(last_tick_at=T0, awake_since=T0, away=timedelta(hours=6, microseconds=1))
    with store.transaction() as unit:
        assert unit.pulse() == Pulse()
        unit.save_pulse(replace(beating, away=timedelta(0)))
        unit.save_pulse(beating)
    with store.reading() as unit:
        assert unit.pulse() == beating


def test_a_digest_is_due_once_for_a_person_and_day(store: Store) -> None:
    asked = [(2, "leader"), (2, "leader"), (3, "leader"), (2, "office_head")]
    answers = []
    for day, person in asked:
        with store.transaction() as unit:
            answers.append(unit.digest_due(date(2026, 3, day), person))
    assert answers == [True, False, True, True]


def test_logins_are_added_and_changed(store: Store) -> None:
    admin = replace(DUTY, name="admin", person_id=None, role="admin")
    with store.transaction() as unit:
        unit.save_account(DUTY)
        unit.save_account(admin)
        unit.save_account(replace(DUTY, disabled=True))
    with store.reading() as unit:
        assert unit.account("duty") == replace(DUTY, disabled=True)
        assert unit.account("nobody") is None
        assert [account.name for account in unit.accounts()] == ["admin", "duty"]


def test_a_session_lives_until_it_is_dropped(store: Store) -> None:
    token = replace(SESSION, token_hash="t", kind="token", scope="history")  # noqa: S106
    with store.transaction() as unit:
        unit.save_session(SESSION)
        unit.save_session(token)
        unit.drop_session("h")
        unit.drop_session("never")
    with store.reading() as unit:
        assert unit.session("h") is None
        assert unit.session("t") == token


def test_expired_sessions_are_deleted_and_only_they(store: Store) -> None:
    with store.transaction() as unit:
        unit.save_session(SESSION)
        unit.save_session(replace(SESSION, token_hash="later", expires_at=after(hours=9)))  # noqa: S106
        assert unit.drop_expired_sessions(after(hours=7)) == 0
        assert unit.drop_expired_sessions(after(hours=8)) == 1
        assert unit.session("h") is None
        assert unit.session("later") is not None


def test_the_other_sessions_of_a_login_are_revoked_together(store: Store) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "here": {},
        "there": {},
        "program": {"kind": "token"},
        "somebody": {"account": "head"},
    }
    with store.transaction() as unit:
        for name, more in kinds.items():
            unit.save_session(replace(SESSION, token_hash=name, **more))
        unit.drop_sessions_of("duty", but="here")
        assert [name for name in kinds if unit.session(name)] == ["here", "program", "somebody"]
