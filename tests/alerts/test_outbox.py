"""The outbox: what is obsolete is not sent, one outcome never undoes another, nobody waits for anybody."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime

import pytest

from alerts.model import Alert, AlertState, Outcome, OutcomeClass
from alerts.outbox import Outbox
from monitor.incidents.model import IncidentState
from monitor.ports import Store, Text, Transaction
from storage.engine import open_store
from tests.support.builders import after, an_alert, an_incident, opening
from tests.support.databases import database_url, postgres_url, sqlite_url, store
from tests.support.lite import lite, template
from tests.support.setting import LosingStore, a_setting

__all__ = ["database_url", "lite", "postgres_url", "sqlite_url", "store", "template"]

OK = Outcome(kind=OutcomeClass.OK)
TIME_OUT = Outcome(kind=OutcomeClass.TRANSIENT, code="timeout")
REFUSED = Outcome(kind=OutcomeClass.AUTH, code="40001")
PAGE = an_alert(id="1|v1|detected||duty|duty-wecom")


def an_outbox(store: Store) -> Outbox:
    def render(_: Transaction, alerts: object, __: object, ___: datetime) -> Text:
        del alerts
        return Text(subject="预警", body="预警")

    return Outbox(store, a_setting(store).circumstances, render, "worker")


def seed(store: Store, *alerts: Alert) -> None:
    with store.transaction() as transaction:
        transaction.save(opening(an_incident(), alerts=alerts))


def states(store: Store) -> dict[str, tuple[AlertState, str | None]]:
    with store.reading() as transaction:
        return {alert.channel: (alert.state, alert.cause) for alert in transaction.alerts_of(1)}


def events(store: Store) -> list[tuple[str, str]]:
    with store.reading() as transaction:
        changes = [entry.change for entry in transaction.journal()]
    return [(c.event, c.facts["channel"]) for c in changes if c.event.startswith("alert_")]


@pytest.mark.parametrize(
    ("outcome", "state", "fallback"),
    [
        pytest.param(OK, (AlertState.SENT, None), False, id="accepted"),
        pytest.param(TIME_OUT, (AlertState.QUEUED, None), True, id="a time-out of something urgent"),
        pytest.param(REFUSED, (AlertState.DEAD, "auth"), True, id="refused for good"),
    ],
)
def test_an_outcome_decides_what_becomes_of_the_alert_and_of_the_persons_next_channel(
    store: Store, outcome: Outcome, state: tuple[AlertState, str | None], fallback: bool
) -> None:
    seed(store, PAGE)
    outbox = an_outbox(store)
    [dispatch] = outbox.take(after())
    outbox.settle(dispatch, outcome, after(seconds=10))
    found = states(store)
    assert found["duty-wecom"] == state
    assert ("duty-email" in found) is fallback


def test_what_another_channel_told_meanwhile_is_not_tried_again(store: Store) -> None:
    seed(store, PAGE)
    outbox = an_outbox(store)
    [first] = outbox.take(after())
    outbox.settle(first, TIME_OUT, after(seconds=10))
    [fallback] = outbox.take(after(seconds=10))
    [again] = outbox.take(after(seconds=17))
    outbox.settle(fallback, OK, after(seconds=18))
    outbox.settle(again, TIME_OUT, after(seconds=27))
    assert states(store) == {
        "duty-wecom": (AlertState.CANCELLED, "delivered"),
        "duty-email": (AlertState.SENT, None),
    }
    assert outbox.take(after(minutes=5)) == ()


def test_a_fallback_that_crossed_an_acceptance_is_found_out_before_it_is_sent(store: Store) -> None:
    seed(store, PAGE)
    outbox = an_outbox(store)
    [first] = outbox.take(after())
    outbox.settle(first, OK, after(seconds=10))
    crossed = replace(PAGE, id="1|v1|detected||duty|duty-email", channel="duty-email", fallback_of=PAGE.id)
    with store.transaction() as transaction:  # as two transactions on PostgreSQL leave it that cross
        transaction.enqueue([crossed])
    assert outbox.take(after(seconds=20)) == ()
    assert states(store)["duty-email"] == (AlertState.CANCELLED, "delivered")


class CrossedStore:
    """A store in which something else happens, once, between a decision about outbox rows and its saving."""

    def __init__(self, store: Store, crossing: Callable[[], None]) -> None:
        self._store = store
        self._crossings = [crossing]
        self.reading = store.reading
        self.close = store.close

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._store.transaction() as transaction:
            update = transaction.update_alerts

            def update_late(alerts: Sequence[Alert]) -> None:
                if self._crossings:
                    self._crossings.pop()()
                update(alerts)

            setattr(transaction, "update_alerts", update_late)  # noqa: B010 - a port has no such attribute to set
            yield transaction


@pytest.mark.postgres
@pytest.mark.parametrize(("crossing", "state"), [(OK, AlertState.SENT), (REFUSED, AlertState.DEAD)])
@pytest.mark.parametrize("late", [OK, TIME_OUT, REFUSED])
def test_two_outcomes_for_one_person_at_one_moment_leave_each_row_one_end(
    crossing: Outcome, state: AlertState, late: Outcome, postgres_url: str
) -> None:
    with closing(open_store(postgres_url)) as store:
        seed(store, PAGE)
        outbox = an_outbox(store)
        [first] = outbox.take(after())
        outbox.settle(first, TIME_OUT, after(seconds=10))
        [fallback] = outbox.take(after(seconds=10))
        [again] = outbox.take(after(seconds=17))
        crossed = CrossedStore(store, lambda: outbox.settle(fallback, crossing, after(seconds=18)))
        an_outbox(crossed).settle(again, late, after(seconds=18))
        assert states(store)["duty-email"][0] is state
        ends = [c for e, c in events(store) if e in ("alert_sent", "alert_dead", "alert_cancelled")]
        ended = [channel for channel, (state, _) in states(store).items() if state is not AlertState.QUEUED]
        assert sorted(ends) == sorted(ended)


def test_a_late_outcome_of_a_worker_that_lost_its_lease_undoes_nothing(store: Store) -> None:
    seed(store, PAGE)
    slow, quick = an_outbox(store), an_outbox(store)
    [lost] = slow.take(after())
    [taken_over] = quick.take(after(seconds=61))
    quick.settle(taken_over, OK, after(seconds=62))
    slow.settle(lost, REFUSED, after(seconds=63))
    assert states(store) == {"duty-wecom": (AlertState.SENT, None)}
    assert quick.take(after(minutes=5)) == ()


@pytest.mark.parametrize("late", [TIME_OUT, REFUSED])
def test_a_late_failure_leaves_the_message_to_the_worker_that_took_it_over(
    store: Store, late: Outcome
) -> None:
    seed(store, PAGE)
    slow, quick = an_outbox(store), an_outbox(store)
    [lost] = slow.take(after())
    [taken_over] = quick.take(after(seconds=61))
    slow.settle(lost, late, after(seconds=62))
    assert quick.take(after(seconds=100)) == ()
    assert states(store) == {"duty-wecom": (AlertState.QUEUED, None)}
    quick.settle(taken_over, OK, after(seconds=101))
    assert states(store) == {"duty-wecom": (AlertState.SENT, None)}


def test_a_message_of_which_nothing_is_true_any_more_is_cancelled_with_the_reason(store: Store) -> None:
    seed(store, PAGE)
    with store.transaction() as transaction:
        ended = an_incident(version=2, state=IncidentState.DISMISSED)
        transaction.save(opening(ended, expected_version=1))
    assert an_outbox(store).take(after()) == ()
    assert states(store) == {"duty-wecom": (AlertState.CANCELLED, "incident_dismissed")}
    assert ("alert_cancelled", "duty-wecom") in events(store)


def test_an_outcome_that_loses_a_race_is_written_down_again(lite: Store) -> None:
    seed(lite, PAGE)
    losing = LosingStore(lite, 0)
    outbox = an_outbox(losing)
    [dispatch] = outbox.take(after())
    losing.times = 2
    outbox.settle(dispatch, OK, after(seconds=1))
    assert states(lite) == {"duty-wecom": (AlertState.SENT, None)}
    assert events(lite) == [("alert_sent", "duty-wecom")]


class Line:
    """A channel that answers when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.released = asyncio.Event()

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:
        del text, message_no, part
        self.asked.set()
        await self.released.wait()
        return OK


async def unguarded(_: str, run: Callable[[], Awaitable[None]]) -> None:
    await run()


async def test_what_becomes_due_while_a_channel_hangs_is_sent_meanwhile(lite: Store) -> None:
    seed(lite, PAGE)
    outbox, stuck, quick = an_outbox(lite), Line(), Line()
    quick.released.set()
    channels = {"duty-wecom": stuck, "leader-wecom": quick}
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        assert await outbox.start_due(group, unguarded, channels, after) == 1
        await stuck.asked.wait()
        with lite.transaction() as transaction:
            transaction.enqueue([an_alert(to="leader", channel="leader-wecom")])
        assert await outbox.start_due(group, unguarded, channels, after) == 1
        await quick.asked.wait()
        stuck.released.set()
    assert states(lite) == {
        "duty-wecom": (AlertState.SENT, None),
        "leader-wecom": (AlertState.SENT, None),
    }


async def test_a_channel_the_office_no_longer_has_is_passed_over(lite: Store) -> None:
    seed(lite, PAGE)
    await an_outbox(lite).deliver({}, after)
    assert states(lite)["duty-wecom"] == (AlertState.DEAD, "permanent")
    assert states(lite)["duty-email"] == (AlertState.QUEUED, None)


async def test_a_sent_digest_is_on_record_as_one(lite: Store) -> None:
    line = Line()
    line.released.set()
    with lite.transaction() as transaction:
        transaction.enqueue(
            [an_alert(incident_id=None, reason="digest", to="leader", channel="leader-wecom")]
        )
    await an_outbox(lite).deliver({"leader-wecom": line}, after)
    with lite.reading() as transaction:
        assert [e.change.event for e in transaction.journal()] == ["alert_sent", "digest_sent"]
