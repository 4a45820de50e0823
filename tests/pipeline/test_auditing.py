"""Self-watch: what is due and was told to nobody, and sources that fell silent."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.model import Alert, AlertState
from monitor.collectors.model import Source, SourceKind, SourceState
from monitor.pipeline.auditing import Auditor
from monitor.ports import Store
from tests.support.builders import (
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
TOLD = an_alert(reason="due", obligation_id=CONFERENCE, state=AlertState.SENT)
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
        transaction.save(opening(an_incident(state="closed"), obligations=(BREACHED,)))
    assert Auditor(a_setting(lite), tuple).audit(AT) == ()


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
