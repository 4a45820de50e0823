"""A decision, its journal entries and its outbox rows are one transaction (A1)."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alerts.model import AlertState
from monitor.dossier.model import Changes
from monitor.errors import ConflictError
from monitor.keeping import alert_change, keep, keep_alerts, queued_change
from monitor.ports import Store
from storage.engine import open_store
from tests.support.builders import T0, a_change, after, an_alert, an_incident, opening


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'huiying.db'}")) as opened:
        yield opened


def events(store: Store) -> list[str]:
    with store.reading() as transaction:
        return [entry.change.event for entry in transaction.journal()]


def test_a_decision_brings_its_journal_and_its_numbered_alerts(store: Store) -> None:
    held = an_alert(id="2", to="leader", channel="leader-wecom", state=AlertState.HELD)
    with store.transaction() as transaction:
        alerts = keep(transaction, opening(alerts=(an_alert(id="1"), held)))
    assert [alert.message_no for alert in alerts] == [1, 2]
    assert events(store) == ["incident_opened", "alert_queued", "alert_held"]


def test_a_decision_that_says_nothing_is_not_kept(store: Store) -> None:
    with store.transaction() as transaction:
        keep(transaction, opening())
        nothing = Changes(incident=an_incident(version=2), expected_version=1)
        assert keep(transaction, nothing) == ()
        assert transaction.dossier(1).incident.version == 1


def test_whoever_comes_second_keeps_nothing_at_all(store: Store) -> None:
    with store.transaction() as transaction:
        keep(transaction, opening())
    stale = Changes(
        incident=an_incident(version=9),
        expected_version=8,
        alerts=(an_alert(),),
        journal=(a_change(event="severity_changed"),),
    )
    with pytest.raises(ConflictError), store.transaction() as transaction:
        keep(transaction, stale)
    with store.reading() as transaction:
        assert transaction.alerts_of(1) == ()
    assert events(store) == ["incident_opened"]


def test_an_alert_that_is_queued_again_is_one_row_and_one_entry(store: Store) -> None:
    for _ in range(2):
        with store.transaction() as transaction:
            keep_alerts(transaction, [an_alert(id="system|1", incident_id=None)])
    assert events(store) == ["alert_queued"]


def test_where_there_is_a_cause_it_is_the_reason_and_the_alerts_own_stands_beside_it() -> None:
    alert = an_alert(
        obligation_id="1:press_conference:2",
        reason="due",
        due_at=after(hours=24),
        late_by=after(seconds=90) - T0,
        message_no=7,
    )
    plain = alert_change("alert_sent", alert, T0).facts
    assert (plain["reason"], plain["alert_reason"]) == ("due", "due")
    assert (plain["obligation"], plain["late_by_s"], plain["message_no"]) == ("press_conference", 90, 7)
    dead = alert_change("alert_dead", alert, T0, cause="person_exhausted").facts
    assert (dead["reason"], dead["alert_reason"]) == ("person_exhausted", "due")


def test_what_is_held_back_says_why() -> None:
    held = an_alert(state=AlertState.HELD, held_reason="quiet_hours")
    assert queued_change(held).event == "alert_held"
    assert queued_change(held).facts["reason"] == "quiet_hours"
