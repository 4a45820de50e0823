"""Self-watch: what is due and was told to nobody, and sources that fell silent."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.model import Alert, AlertState
from monitor.collectors.model import Source, SourceKind, SourceState
from monitor.incidents.model import IncidentState
from monitor.pipeline.auditing import STRETCH, Auditor
from monitor.ports import SelfWatch, Store
from tests.storage.test_journal import change_by_hand
from tests.support.builders import (
    a_change,
    a_poll,
    a_reminder,
    a_source,
    after,
    an_alert,
    an_incident,
    an_obligation,
    opening,
)
from tests.support.setting import a_setting

CONFERENCE = "1:press_conference:1"
BREACHED = an_obligation(id=CONFERENCE, state="breached", breached_at=after(hours=24, seconds=1))
ASKED = an_obligation(id=CONFERENCE, due_at=after(hours=48))
TOLD = an_alert(
    reason="due",
    obligation_id=CONFERENCE,
    state=AlertState.SENT,
    created_at=after(hours=24, seconds=1),
)
AT = after(hours=25)


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        pytest.param({}, None, id="nothing to do"),
        pytest.param(
            {"obligations": (an_obligation(id=CONFERENCE, due_at=AT),)},
            None,
            id="due, and two minutes not over",
        ),
        pytest.param({"obligations": (an_obligation(id=CONFERENCE),)}, f"breach_unnoticed:{CONFERENCE}"),
        pytest.param({"obligations": (BREACHED,)}, f"breach_untold:{CONFERENCE}"),
        pytest.param({"obligations": (BREACHED,), "alerts": (TOLD,)}, None, id="breached and told"),
        pytest.param(
            {"obligations": (BREACHED,), "alerts": (replace(TOLD, state=AlertState.CANCELLED),)},
            f"breach_untold:{CONFERENCE}",
            id="told to nobody after all",
        ),
        pytest.param(
            {"obligations": (ASKED,), "reminders": (a_reminder(id="late", obligation_id=CONFERENCE),)},
            "reminder_forgotten:late",
        ),
        pytest.param(
            {
                "obligations": (ASKED,),
                "reminders": (a_reminder(obligation_id=CONFERENCE, fires_at=after(hours=26)),),
            },
            None,
            id="a reminder to come",
        ),
    ],
)
def test_what_is_due_and_untold_is_found(
    lite: Store, parts: dict[str, tuple[object, ...]], fault: str
) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(), **parts))
    assert Auditor(a_setting(lite), tuple).audit(AT) == ((fault,) if fault else ())


def test_an_incident_that_has_ended_owes_nothing(lite: Store) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(state=IncidentState.CLOSED), obligations=(BREACHED,)))
    assert Auditor(a_setting(lite), tuple).audit(AT) == ()


# -- what is kept of it


def record(store: Store, count: int) -> None:
    with store.transaction() as transaction:
        transaction.record([a_change() for _ in range(count)])


def test_what_was_found_is_kept_for_every_worker_until_it_is_well_again(lite: Store) -> None:
    record(lite, 3)
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(), obligations=(BREACHED,)))
    auditor = Auditor(a_setting(lite), tuple)
    found = auditor.watch(AT)
    with lite.reading() as transaction:
        assert transaction.self_watch() == found
    assert found == SelfWatch(
        audited_at=AT, untold=1, first_untold=f"breach_untold:{CONFERENCE}", journal_whole_at=AT
    )
    assert not found.is_clean
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(version=2), expected_version=1, alerts=(TOLD,)))
    assert auditor.watch(AT).is_clean


def test_a_long_journal_is_read_in_stretches_and_a_forged_entry_stays_told_until_all_is_read_again(
    lite: Store,
) -> None:
    record(lite, STRETCH + 10)
    forge = "UPDATE journal SET actor = '{actor}' WHERE seq = 2005"
    auditor = Auditor(a_setting(lite), tuple)
    assert auditor.watch(AT) == SelfWatch(audited_at=AT, journal_seq=STRETCH)
    change_by_hand(lite, forge.format(actor="x"))
    found = auditor.watch(AT)
    assert found.journal_fault == "第 2005 条：内容被改动"
    assert not found.is_clean
    change_by_hand(lite, forge.format(actor="engine"))
    first, second = auditor.watch(AT), auditor.watch(after(hours=26))
    assert first.journal_fault == found.journal_fault
    assert (second.journal_fault, second.journal_seq) == (None, 0)
    assert second.journal_whole_at == after(hours=26)


def test_a_heartbeat_without_an_answer_is_counted_until_one_is_answered(lite: Store) -> None:
    auditor = Auditor(a_setting(lite), tuple)
    kept = []
    for minute, answered in enumerate((True, False, False, True)):
        auditor.note_heartbeat(after(minutes=minute), answered=answered)
        with lite.reading() as transaction:
            watch = transaction.self_watch()
        kept.append((watch.heartbeat_failures, watch.heartbeat_at))
    assert kept == [(0, after()), (1, after()), (2, after()), (0, after(minutes=3))]


# -- sources

PAPER = a_source(every=timedelta(minutes=10))
SILENT = SourceState(
    source_id=PAPER.id,
    last_success_at=after(hours=30),
    last_new_item_at=after(),
    usual_gap=timedelta(hours=2),
)
DOWN = SourceState(
    source_id=PAPER.id, failures=4, last_success_at=after(hours=1), last_poll_at=after(hours=30)
)
NEVER = SourceState(source_id=PAPER.id, failures=4, last_poll_at=after(hours=30))


def stale_alerts(store: Store) -> list[Alert]:
    with store.reading() as transaction:
        queued = transaction.alerts_in_states(["queued", "held"], 100)
    return [alert for alert in queued if alert.reason == "source_stale"]


def watch(store: Store, source: Source, state: SourceState, now: datetime) -> None:
    with store.transaction() as transaction:
        transaction.save_poll(a_poll(), state)
    Auditor(a_setting(store), lambda: (source,)).tell_stale(now)


@pytest.mark.parametrize(
    ("state", "since"),
    [
        pytest.param(SILENT, after(), id="answers and brings nothing new"),
        pytest.param(DOWN, after(hours=1), id="fails"),
        pytest.param(NEVER, None, id="never answered"),
    ],
)
def test_a_silent_source_is_told_to_the_administrator_once_however_often_it_is_polled(
    lite: Store, state: SourceState, since: datetime | None
) -> None:
    for hours in (30, 31, 32):
        polled = replace(state, last_poll_at=after(hours=hours))
        if state is SILENT:
            polled = replace(polled, last_success_at=after(hours=hours))
        watch(lite, PAPER, polled, after(hours=hours, minutes=1))
    [alert] = stale_alerts(lite)
    assert alert.to == "admin"
    facts = json.loads(alert.facts)
    assert facts == {"source": "县报", "since": since.isoformat() if since else ""}


def test_a_source_that_falls_silent_again_is_told_again(lite: Store) -> None:
    watch(lite, PAPER, DOWN, after(hours=30))
    watch(lite, PAPER, replace(DOWN, last_success_at=after(hours=40), failures=0), after(hours=40))
    watch(lite, PAPER, replace(DOWN, last_success_at=after(hours=40)), after(hours=50))
    assert len(stale_alerts(lite)) == 2


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(replace(PAPER, enabled=False), id="switched off"),
        pytest.param(replace(PAPER, id="another"), id="never polled"),
        pytest.param(replace(PAPER, kind=SourceKind.INBOX), id="an inbox, which is not polled"),
    ],
)
def test_a_source_nobody_expects_anything_of_is_not_told(lite: Store, source: Source) -> None:
    watch(lite, source, DOWN, after(hours=30))
    assert stale_alerts(lite) == []
