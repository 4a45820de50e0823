"""What the service keeps for itself: pulse, digests, logins, sessions."""

from dataclasses import replace
from datetime import date, timedelta

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
