from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.model import AlertState
from monitor.collectors.model import PollState, SourceKind
from monitor.desk.health import source_trouble, troubles, unreached
from monitor.dossier.model import Changes
from monitor.ports import Pulse, Store
from tests.support.builders import T0, a_poll, a_source, a_source_state, after, an_alert, an_incident


@pytest.mark.parametrize(
    ("source", "state", "now", "trouble"),
    [
        ({}, None, T0, None),
        ({}, {"last_success_at": T0, "last_state": PollState.OK}, after(hours=2), None),
        ({}, {"last_success_at": T0, "last_state": PollState.FAILED}, after(minutes=29), None),
        ({}, {"last_success_at": T0, "last_state": PollState.FAILED}, after(hours=2), "已 2小时00分未成功"),
        ({}, {"failures": 1.0, "last_state": PollState.FAILED}, after(hours=2), "从未成功"),
        ({"verified": False}, {"failures": 1.0, "last_state": PollState.FAILED}, after(hours=2), None),
        ({"enabled": False}, {"failures": 1.0, "last_state": PollState.FAILED}, after(hours=2), None),
        (
            {},
            {"last_success_at": after(days=3), "last_new_item_at": T0, "usual_gap": timedelta(hours=1)},
            after(days=3),
            "已 3天0小时无新条目",
        ),
    ],
)
def test_a_source_is_down_when_it_fails_or_falls_silent(
    source: dict[str, object], state: dict[str, object] | None, now: datetime, trouble: str | None
) -> None:
    known = None if state is None else a_source_state(**state)
    assert source_trouble(a_source(**source), known, now) == trouble


def test_everything_wrong_is_told_the_worst_first(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.save_pulse(Pulse(last_tick_at=T0))
        transaction.next_incident_id()
        [queued] = transaction.save(
            Changes(incident=an_incident(), expected_version=None, alerts=(an_alert(),))
        )
        dead = replace(queued, state=AlertState.DEAD, cause="permanent", closed_at=T0)
        transaction.update_alerts([dead])
        found = troubles(
            transaction,
            sources=(),
            faults=("office.yaml:3:1: x",),
            now=after(minutes=5),
            tick_expected_every=timedelta(seconds=5),
        )
    assert [t.kind for t in found] == ["engine", "dead", "configuration"]


def test_sources_that_were_never_read_are_counted(store: Store) -> None:
    sources = (
        a_source(),
        a_source(id="never"),
        a_source(id="unused", enabled=False),
        a_source(id="hotline", kind=SourceKind.INBOX),
    )
    with store.transaction() as transaction:
        transaction.save_poll(a_poll(state=PollState.EMPTY), a_source_state(last_success_at=T0))
        assert unreached(transaction, sources) == 1
