from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.model import AlertState, ChannelHealth
from monitor.collectors.model import PollState, SourceKind
from monitor.desk.health import KINDS, Surroundings, source_trouble, troubles, unreached
from monitor.dossier.model import Changes
from monitor.ports import Pulse, SelfWatch, Store, Transaction
from tests.support.builders import T0, a_poll, a_source, a_source_state, after, an_alert, an_incident

DOWN = a_source(id="down")
AROUND = Surroundings(
    disk_fault="磁盘只剩 90 MB",
    year_fault="还没有 2027 年的节假日和调休安排",
    sources=(DOWN,),
    channels=frozenset({"duty-wecom"}),
    faults=("office.yaml:3:1: x",),
    failing={"tick": 3, "collect": 1},
)


def break_everything(transaction: Transaction) -> None:
    """Leave a database in which everything that can be wrong is wrong, as seen an hour after T0."""
    jump = timedelta(minutes=-9)
    transaction.save_pulse(Pulse(last_tick_at=T0, jumped_at=after(minutes=1), jumped_by=jump))
    transaction.save_self_watch(
        SelfWatch(audited_at=T0, untold=1, heartbeat_failures=3, journal_fault="第 2 条：内容被改动")
    )
    transaction.save_channel_health(ChannelHealth(channel="duty-wecom", failures=3, last_failure_at=T0))
    transaction.save_poll(a_poll(source_id=DOWN.id), a_source_state(source_id=DOWN.id, failures=2.0))
    transaction.next_incident_id()
    queued, _ = transaction.save(
        Changes(incident=an_incident(), expected_version=None, alerts=(an_alert(), an_alert(to="leader")))
    )
    dead = replace(queued, state=AlertState.DEAD, cause="permanent", closed_at=T0)
    transaction.update_alerts([dead])


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
        break_everything(transaction)
        found = troubles(transaction, AROUND, after(hours=1))
    assert [t.kind for t in found] == [kind for kind in KINDS if kind != "store"]
    assert all(not trouble.text.isascii() for trouble in found)


def test_what_mends_itself_is_no_trouble(store: Store) -> None:
    """One failure of a step, a heartbeat or a channel, and a message on its way, are not told."""
    with store.transaction() as transaction:
        transaction.save_pulse(Pulse(last_tick_at=after(minutes=59.9)))
        transaction.save_self_watch(SelfWatch(audited_at=after(minutes=59), heartbeat_failures=2))
        transaction.save_channel_health(ChannelHealth(channel="duty-wecom", failures=2))
        transaction.save_channel_health(ChannelHealth(channel="of-no-office", failures=9))
        transaction.enqueue([an_alert(incident_id=None, created_at=after(minutes=56))])
        around = replace(AROUND, sources=(), faults=(), failing={"tick": 2}, year_fault=None, disk_fault=None)
        assert troubles(transaction, around, after(hours=1)) == ()


def test_a_faster_clock_is_given_its_own_minutes(store: Store) -> None:
    """The demo's minute is 240 minutes long: what counts as late is real time."""
    with store.transaction() as transaction:
        transaction.save_pulse(Pulse(last_tick_at=after(minutes=58)))
        transaction.save_self_watch(SelfWatch(audited_at=T0))
        for pace, kinds in ((1.0, ["engine", "audit"]), (240.0, [])):
            around = Surroundings(pace=pace)
            assert [t.kind for t in troubles(transaction, around, after(hours=1))] == kinds


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
