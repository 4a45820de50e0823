"""The outbox: one row for ever, messages shared only where they may be, claims that survive a crash."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.model import (
    Alert,
    AlertState,
    ChannelHealth,
    Mention,
    Message,
    MessageState,
    Outcome,
    OutcomeClass,
    Text,
)
from monitor.errors import ConflictError, NotFoundError
from monitor.ports import Claim, Store
from storage.errors import StoreError
from tests.support.builders import T0, after, an_alert, an_incident, opening

LEASE = timedelta(minutes=2)
OK = Outcome(kind=OutcomeClass.OK, receipt="1")


@pytest.fixture(autouse=True)
def _incident(store: Store) -> None:
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening())


def enqueue(store: Store, *alerts: Alert) -> tuple[Alert, ...]:
    with store.transaction() as unit:
        return unit.enqueue(alerts)


def claim(store: Store, now: datetime, limit: int = 100) -> tuple[Claim, ...]:
    with store.transaction() as unit:
        return unit.claim(now, "worker", LEASE, limit)


def claim_and_die(store: Store) -> None:
    with store.transaction() as unit:
        unit.claim(T0, "worker", LEASE, 10)
        raise ZeroDivisionError


def waiting(n: int, **fields: Any) -> Alert:
    """Return an alert created n seconds after T0 that may wait until a minute after that."""
    at = after(seconds=n)
    return an_alert(
        **{
            "id": f"w{n}",
            "urgent": False,
            "created_at": at,
            "send_at": at + timedelta(seconds=60),
        }
        | fields
    )


def held(n: int, until: datetime, **fields: Any) -> Alert:
    return waiting(n, id=f"h{n}", state=AlertState.HELD, send_at=until, held_reason="quiet", **fields)


def test_an_alert_is_queued_once_for_ever(store: Store) -> None:
    first = enqueue(store, an_alert())
    assert first[0].message_no > 0
    assert enqueue(store, an_alert(), an_alert(reason="due"), an_alert(reason="due"))[0].reason == "due"
    with store.reading() as unit:
        assert [alert.reason for alert in unit.alerts_of(1)] == ["detected", "due"]


def test_a_decision_returns_its_new_alerts_with_their_numbers(store: Store) -> None:
    with store.transaction() as unit:
        number = unit.next_incident_id()
        changes = opening(an_incident(id=number), alerts=(an_alert(incident_id=number),))
        (queued,) = unit.save(changes)
        assert unit.alerts_of(number) == (queued,)


def in_group(**fields: Any) -> Alert:
    return an_alert(**{"channel": "group", "to_group": True} | fields)


MORNING = after(hours=23)
SHARED: list[tuple[str, list[list[Alert]], list[int]]] = [
    ("one decision, one recipient", [[an_alert(reason="a"), an_alert(reason="b")]], [1, 1]),
    ("two recipients", [[an_alert(reason="a"), an_alert(reason="b", to="leader")]], [1, 2]),
    ("two channels", [[an_alert(reason="a"), an_alert(reason="b", channel="duty-email")]], [1, 2]),
    ("two decisions at once", [[an_alert(reason="a")], [an_alert(reason="b")]], [1, 2]),
    ("both may wait", [[waiting(0)], [waiting(30)]], [1, 1]),
    ("the first has left by then", [[waiting(0)], [waiting(60)]], [1, 2]),
    ("an urgent one joins nothing", [[waiting(0)], [an_alert(created_at=after(seconds=30))]], [1, 2]),
    ("nothing joins an urgent one", [[an_alert()], [waiting(0)]], [1, 2]),
    ("others do not share", [[waiting(0)], [waiting(30, to="leader")]], [1, 2]),
    ("held to the same instant", [[held(0, MORNING)], [held(900, MORNING)]], [1, 1]),
    ("held to another instant", [[held(0, MORNING)], [held(900, after(hours=24))]], [1, 2]),
    ("what waits does not wait for morning", [[held(0, MORNING)], [waiting(1)]], [1, 2]),
    ("what is held does not leave at night", [[waiting(0)], [held(1, MORNING)]], [1, 2]),
    ("held and waiting to one instant", [[waiting(0), held(0, after(seconds=60))]], [1, 2]),
    ("a group of one decision", [[in_group(reason="a"), in_group(reason="a", to="leader")]], [1, 1]),
    (
        "a group of two decisions at once",
        [[in_group(reason="a")], [in_group(reason="b", to="leader")]],
        [1, 2],
    ),
    ("a group and a person there", [[in_group(reason="a"), an_alert(reason="b", channel="group")]], [1, 2]),
    ("two groups", [[in_group(reason="a"), in_group(reason="b", channel="other")]], [1, 2]),
    (
        "a group may wait for others",
        [[waiting(0, channel="group", to_group=True)], [waiting(30, channel="group", to_group=True, to="x")]],
        [1, 1],
    ),
]


@pytest.mark.parametrize("together", [False, True], ids=["one after the other", "kept together"])
@pytest.mark.parametrize(
    ("decisions", "numbers"), [row[1:] for row in SHARED], ids=[row[0] for row in SHARED]
)
def test_messages_are_shared(
    decisions: list[list[Alert]], numbers: list[int], together: bool, store: Store
) -> None:
    if together:
        with store.transaction() as unit:
            queued = list(unit.enqueue(*decisions))
    else:
        queued = [alert for alerts in decisions for alert in enqueue(store, *alerts)]
    order = sorted({alert.message_no for alert in queued})
    assert [order.index(alert.message_no) + 1 for alert in queued] == numbers


def test_nothing_joins_a_message_that_was_claimed_or_tried(store: Store) -> None:
    (first,) = enqueue(store, waiting(0))
    (taken,) = claim(store, after(seconds=60))
    (second,) = enqueue(store, waiting(30))
    retried = replace(taken.message, state=MessageState.QUEUED, send_at=after(seconds=80))
    with store.transaction() as unit:
        unit.finish_message(retried)
    (third,) = enqueue(store, waiting(31, created_at=after(seconds=31)))
    assert first.message_no != second.message_no == third.message_no


def test_a_claim_takes_what_is_due_urgent_first_then_oldest(store: Store) -> None:
    enqueue(
        store,
        an_alert(to="late", urgent=False, created_at=after(seconds=2)),
        an_alert(to="early", urgent=False, created_at=after(seconds=1)),
        an_alert(to="urgent", created_at=after(seconds=3)),
        an_alert(to="future", created_at=after(minutes=9)),
    )
    assert [taken.message.to for taken in claim(store, after(minutes=1), limit=2)] == ["urgent", "early"]
    assert [taken.message.to for taken in claim(store, after(minutes=1))] == ["late"]
    assert claim(store, after(minutes=1)) == ()


def test_a_channel_without_room_takes_only_what_is_urgent(store: Store) -> None:
    enqueue(
        store,
        *(an_alert(reason=f"minor {n}", alert_round=str(n), to=f"{n}", urgent=False) for n in range(4)),
        an_alert(to="pressing"),
        an_alert(to="elsewhere", channel="duty-email", urgent=False),
    )
    taken = []
    for room in ({"duty-wecom": 2}, {"duty-wecom": 0}, {}):
        with store.transaction() as unit:
            taken.append([c.message.to for c in unit.claim(T0, "worker", LEASE, 4, room)])
    assert taken == [["pressing", "0", "1"], ["elsewhere"], ["2", "3"]]


def test_attempts_are_counted_by_channel_from_just_after_an_instant(store: Store) -> None:
    enqueue(store, an_alert(), an_alert(to="x", channel="duty-email"))
    enqueue(store, an_alert(reason="due", created_at=after(seconds=9)))
    claim(store, T0)
    claim(store, after(seconds=9))
    with store.reading() as unit:
        assert unit.attempts_since(after(seconds=-1)) == {"duty-wecom": 2, "duty-email": 1}
        assert unit.attempts_since(T0) == {"duty-wecom": 1}
        assert unit.attempts_since(after(seconds=9)) == {}


def test_how_far_a_message_has_come_is_kept_while_it_is_ones_own(store: Store) -> None:
    enqueue(store, an_alert())
    (taken,) = claim(store, T0)
    text = Text(subject="预警", body="预警", mentions=(Mention(mobile="13800000000"),))
    come = replace(taken.message, accepted_parts=2, text=text, lease_until=after(minutes=5))
    with store.transaction() as unit:
        assert unit.note_part(come)
    assert claim(store, after(minutes=4)) == ()
    (again,) = claim(store, after(minutes=6))
    assert (again.message.accepted_parts, again.message.text) == (2, text)
    with store.transaction() as unit:
        assert not unit.note_part(come)


def test_a_claim_writes_the_attempt_before_the_call(store: Store) -> None:
    alerts = enqueue(store, an_alert(reason="a"), an_alert(reason="b"))
    (taken,) = claim(store, after(seconds=5))
    assert taken.alerts == alerts
    assert taken.message == Message(
        no=alerts[0].message_no,
        channel="duty-wecom",
        to="duty",
        state=MessageState.SENDING,
        urgent=True,
        send_at=T0,
        attempts=1,
        first_attempt_at=after(seconds=5),
        lease_until=after(seconds=5) + LEASE,
        lease_by="worker",
    )
    with store.reading() as unit:
        assert unit.deliveries([taken.message.no]) == (taken.delivery,)
        assert taken.delivery.attempt == 1
        assert taken.delivery.outcome is None


def test_a_dead_senders_message_is_taken_again_when_its_lease_has_run_out(store: Store) -> None:
    enqueue(store, an_alert())
    (first,) = claim(store, T0)
    assert first.message.lease_until is not None
    assert claim(store, first.message.lease_until) == ()
    (second,) = claim(store, first.message.lease_until + timedelta(microseconds=1))
    assert second.message.no == first.message.no
    assert (second.message.attempts, second.message.first_attempt_at) == (2, T0)
    with store.reading() as unit:
        assert [attempt.attempt for attempt in unit.deliveries([first.message.no])] == [1, 2]


def test_a_claim_that_was_rolled_back_never_was(store: Store) -> None:
    enqueue(store, an_alert())
    with pytest.raises(ZeroDivisionError):
        claim_and_die(store)
    (taken,) = claim(store, T0)
    assert taken.message.attempts == 1


def test_a_finished_message_is_not_taken_again(store: Store) -> None:
    enqueue(store, an_alert())
    (taken,) = claim(store, T0)
    with store.transaction() as unit:
        unit.finish_delivery(taken.delivery.id, after(seconds=1), OK)
        unit.update_alerts([replace(taken.alerts[0], state=AlertState.SENT, closed_at=after(seconds=1))])
        unit.finish_message(replace(taken.message, state=MessageState.DONE))
        assert unit.next_wake_at() is None
    assert claim(store, after(days=1)) == ()
    with store.reading() as unit:
        (attempt,) = unit.deliveries([taken.message.no])
        assert (attempt.ended_at, attempt.outcome) == (after(seconds=1), OK)
        assert unit.alerts_of(1)[0].state is AlertState.SENT


def test_a_message_to_be_tried_again_waits_for_its_time(store: Store) -> None:
    enqueue(store, an_alert())
    (taken,) = claim(store, T0)
    with store.transaction() as unit:
        unit.finish_message(replace(taken.message, state=MessageState.QUEUED, send_at=after(seconds=20)))
        assert unit.next_wake_at() == after(seconds=20)
    assert claim(store, after(seconds=19)) == ()
    (again,) = claim(store, after(seconds=20))
    assert again.message.attempts == 2


@pytest.mark.parametrize("state", [AlertState.CANCELLED, AlertState.DEAD, AlertState.SENT])
def test_a_message_of_which_nothing_is_left_to_tell_is_done(state: AlertState, store: Store) -> None:
    (first, second) = enqueue(store, an_alert(reason="a"), an_alert(reason="b"))
    with store.transaction() as unit:
        unit.update_alerts([replace(first, state=state, cause="obsolete")])
    (taken,) = claim(store, T0)
    assert taken.alerts == (second,)
    with store.transaction() as unit:
        unit.update_alerts([replace(second, state=state, cause="obsolete")])
        unit.finish_message(replace(taken.message, state=MessageState.QUEUED))
        assert unit.next_wake_at() is None
    assert claim(store, after(days=1)) == ()


def test_a_held_message_leaves_at_the_end_of_the_hold(store: Store) -> None:
    enqueue(store, held(0, MORNING))
    with store.reading() as unit:
        assert unit.next_wake_at() == MORNING
    assert claim(store, after(hours=22)) == ()
    (taken,) = claim(store, MORNING)
    assert [alert.held_reason for alert in taken.alerts] == ["quiet"]


def test_the_engine_wakes_for_a_lease_that_runs_out(store: Store) -> None:
    enqueue(store, an_alert())
    claim(store, T0)
    with store.reading() as unit:
        assert unit.next_wake_at() == T0 + LEASE


def test_siblings_are_the_same_news_to_the_same_person_through_any_channel(store: Store) -> None:
    one, two, *_ = enqueue(
        store,
        an_alert(id="1", alert_round="r1"),
        an_alert(id="2", alert_round="r1", channel="duty-email"),
        an_alert(id="3", alert_round="r2"),
        an_alert(id="4", alert_round="r1", to="leader"),
        an_alert(id="5", alert_round="r1", reason="due"),
        an_alert(id="6", alert_round="r1", incident_id=None),
        an_alert(id="7", alert_round="r1", incident_id=None, channel="duty-email"),
    )
    with store.reading() as unit:
        assert unit.sibling_alerts(two) == (one, two)
        nobodys = unit.sibling_alerts(an_alert(id="6", alert_round="r1", incident_id=None))
        assert [alert.id for alert in nobodys] == ["6", "7"]


def test_alerts_are_found_by_state_oldest_first(store: Store) -> None:
    queued = enqueue(store, *(an_alert(reason=f"r{n}", created_at=after(seconds=9 - n)) for n in range(3)))
    with store.transaction() as unit:
        unit.update_alerts([replace(alert, state=AlertState.DEAD) for alert in queued])
        assert [alert.reason for alert in unit.alerts_in_states(["dead"], 2)] == ["r2", "r1"]
        assert unit.alerts_in_states(["queued", "sent"], 10) == ()


@pytest.mark.parametrize("ended", [AlertState.CANCELLED, AlertState.DEAD, AlertState.SENT])
def test_a_row_that_has_ended_stays_as_it_is(ended: AlertState, store: Store) -> None:
    (alert,) = enqueue(store, an_alert())
    with store.transaction() as unit:
        unit.update_alerts([replace(alert, state=ended, cause="why")])
    for late in AlertState:
        with pytest.raises(ConflictError), store.transaction() as unit:
            unit.update_alerts([replace(alert, state=late)])
    with store.reading() as unit:
        assert unit.alerts_of(1) == (replace(alert, state=ended, cause="why"),)


def test_what_was_never_queued_cannot_be_changed(store: Store) -> None:
    with pytest.raises(NotFoundError), store.transaction() as unit:
        unit.update_alerts([an_alert(message_no=1)])
    with pytest.raises(NotFoundError), store.transaction() as unit:
        unit.finish_delivery(7, T0, OK)


def test_a_message_that_is_being_sent_must_have_a_lease(store: Store) -> None:
    enqueue(store, an_alert())
    (taken,) = claim(store, T0)
    with pytest.raises(StoreError), store.transaction() as unit:
        unit.finish_message(taken.message)


def test_the_health_of_a_channel_is_remembered(store: Store) -> None:
    sick = ChannelHealth(channel="duty-wecom", failures=3, last_failure_at=T0)
    with store.transaction() as unit:
        unit.save_channel_health(ChannelHealth(channel="duty-wecom"))
        unit.save_channel_health(sick)
        assert unit.channel_health() == {"duty-wecom": sick}


def test_the_newest_received_alert_of_each_incident_is_known(store: Store) -> None:
    with store.transaction() as unit:
        for number in (2, 3):
            unit.next_incident_id()
            unit.save(opening(an_incident(id=number)))
    sent = {"state": AlertState.SENT, "closed_at": after(hours=9)}
    enqueue(
        store,
        an_alert(id="old", incident_id=1, **sent),
        an_alert(id="new", incident_id=1, created_at=after(minutes=1), **sent),
        an_alert(id="queued", incident_id=1, created_at=after(minutes=2)),
        an_alert(id="other", incident_id=2, **sent),
        an_alert(id="never", incident_id=3),
    )
    with store.reading() as unit:
        assert {n: a.id for n, a in unit.last_sent([1, 2, 3, 9]).items()} == {1: "new", 2: "other"}
        assert unit.last_sent([]) == {}


def test_alerts_of_one_reason_are_found_for_many_incidents(store: Store) -> None:
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening(an_incident(id=2)))
    enqueue(
        store,
        an_alert(id="b", reason="due", created_at=after(minutes=1)),
        an_alert(id="a", reason="due"),
        an_alert(id="c", reason="due", incident_id=2),
        an_alert(id="d", incident_id=2),
    )
    with store.reading() as unit:
        found = unit.alerts_about([1, 2, 9], "due")
    assert {n: [a.id for a in alerts] for n, alerts in found.items()} == {1: ["a", "b"], 2: ["c"]}
