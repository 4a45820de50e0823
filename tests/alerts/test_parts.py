"""A message of several parts: what was accepted is remembered, and no retry begins again at the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pytest

from alerts.model import Alert, AlertState, Outcome, OutcomeClass
from alerts.outbox import LEASE, Outbox
from monitor.office.model import ChannelKind
from monitor.ports import Channel, Store, Text, Transaction
from tests.alerts.test_outbox import seed, states
from tests.support.builders import after, an_alert
from tests.support.clock import SimulatedClock
from tests.support.databases import database_url, postgres_url, sqlite_url, store
from tests.support.lite import lite, template
from tests.support.posting import posting
from tests.support.setting import a_setting
from tests.support.vendors import Play, VendorServer, resets, says

__all__ = ["database_url", "lite", "postgres_url", "sqlite_url", "store", "template"]

TAKEN, BUSY, STOPPED = says({"errcode": 0}), says({"errcode": -1}), says({"errcode": 93004})
LONG = "。".join(f"第{n}句：漭水镇群众反映道路中断" for n in range(120))  # three parts for this bot
PAGE = an_alert(id="1|v1|detected||duty|duty-wecom", urgent=False)


def an_outbox(store: Store, body: str = LONG) -> Outbox:
    """Return an outbox whose words are others each time they are rendered."""
    turn = count(1)

    def render(_: Transaction, alerts: object, __: object, ___: object) -> Text:
        del alerts
        return Text(subject="预警", body=f"第{next(turn)}次写成：{body}")

    return Outbox(store, a_setting(store).circumstances, render, "worker")


def heads(server: VendorServer) -> list[str]:
    """Return the first line of each part that arrived, without the number of the message."""
    contents = [seen["text"]["content"] for seen in server.seen]
    return [content.split("\n")[0].removeprefix("编号 1") for content in contents]


async def deliver(outbox: Outbox, channel: Channel, *seconds: int) -> None:
    """Let the outbox send what is due at each of these instants."""
    for second in seconds:
        await outbox.deliver({"duty-wecom": channel}, lambda: after(seconds=second))  # noqa: B023 - at once


SCRIPTS = [
    pytest.param((TAKEN,), ["（1/3）", "（2/3）", "（3/3）"], id="nothing fails"),
    pytest.param((TAKEN, BUSY, TAKEN), ["（1/3）", "（2/3）", "（2/3）", "（3/3）"], id="the second is busy"),
    pytest.param((BUSY, TAKEN), ["（1/3）", "（1/3）", "（2/3）", "（3/3）"], id="the first is busy"),
    pytest.param(
        (TAKEN, TAKEN, resets, TAKEN), ["（1/3）", "（2/3）", "（3/3）", "（3/3）"], id="the last is cut off"
    ),
]


@pytest.mark.parametrize(("script", "arrived"), SCRIPTS)
async def test_a_retry_goes_on_with_the_part_that_failed(
    script: tuple[Play, ...], arrived: list[str], lite: Store, clock: SimulatedClock
) -> None:
    seed(lite, PAGE)
    async with posting(ChannelKind.WECOM, clock, *script) as (channel, server):
        await deliver(an_outbox(lite), channel, 0, 10)
    assert heads(server) == arrived
    assert states(lite) == {"duty-wecom": (AlertState.SENT, None)}


async def test_the_parts_after_a_retry_belong_to_those_before_it(lite: Store, clock: SimulatedClock) -> None:
    seed(lite, PAGE)
    async with posting(ChannelKind.WECOM, clock, TAKEN, BUSY, TAKEN) as (channel, server):
        await deliver(an_outbox(lite), channel, 0, 10)
    contents = [seen["text"]["content"].split("\n", 1)[1] for seen in server.seen]
    assert "".join([contents[0], *contents[2:]]) == f"第1次写成：{LONG}"


async def test_nothing_accepted_means_words_of_the_moment(lite: Store, clock: SimulatedClock) -> None:
    seed(lite, PAGE)
    async with posting(ChannelKind.WECOM, clock, BUSY, TAKEN) as (channel, server):
        await deliver(an_outbox(lite, "短"), channel, 0, 10)
    assert [seen["text"]["content"] for seen in server.seen] == ["第1次写成：短", "第2次写成：短"]


async def test_a_part_refused_for_good_hands_the_whole_to_the_next_channel(
    lite: Store, clock: SimulatedClock
) -> None:
    seed(lite, PAGE)
    async with posting(ChannelKind.WECOM, clock, TAKEN, STOPPED) as (channel, server):
        await deliver(an_outbox(lite), channel, 0)
    assert heads(server) == ["（1/3）", "（2/3）"]
    assert states(lite) == {
        "duty-wecom": (AlertState.DEAD, "permanent"),
        "duty-email": (AlertState.QUEUED, None),
    }


class DyingStore:
    """A store whose process dies at the n-th transaction that writes: it never commits, nor any after it."""

    def __init__(self, store: Store, deadly: int) -> None:
        self._store = store
        self._left = deadly
        self.reading = store.reading
        self.close = store.close

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._store.transaction() as transaction:
            yield transaction
            self._left -= 1
            if self._left <= 0:
                raise KilledError


class KilledError(Exception):
    """The process is no more."""


@pytest.mark.parametrize(
    ("deadly", "arrived"),
    [
        pytest.param(2, ["（1/3）", "（1/3）", "（2/3）", "（3/3）"], id="after the first part"),
        pytest.param(3, ["（1/3）", "（2/3）", "（2/3）", "（3/3）"], id="after the second part"),
        pytest.param(4, ["（1/3）", "（2/3）", "（3/3）", "（3/3）"], id="after the last part"),
    ],
)
async def test_a_kill_repeats_no_more_than_the_part_in_flight(
    deadly: int, arrived: list[str], store: Store, clock: SimulatedClock
) -> None:
    seed(store, PAGE)
    async with posting(ChannelKind.WECOM, clock, TAKEN) as (channel, server):
        dying = an_outbox(DyingStore(store, deadly))
        with pytest.raises(ExceptionGroup):
            await deliver(dying, channel, 0)
        await deliver(an_outbox(store), channel, int(LEASE.total_seconds()) + 10)
    assert heads(server) == arrived
    assert states(store) == {"duty-wecom": (AlertState.SENT, None)}


def test_each_part_renews_the_lease_and_a_lost_one_ends_the_sending(lite: Store) -> None:
    seed(lite, PAGE)
    outbox, other = an_outbox(lite), an_outbox(lite)
    [taken] = outbox.take(after())
    dispatch = replace(taken, text=replace(taken.text, attach=tuple))
    noted = outbox.note_part(dispatch, after(seconds=50))
    assert noted is not None
    assert noted.claim.message.lease_until == after(seconds=50) + LEASE
    assert other.take(after(seconds=100)) == ()
    [again] = other.take(after(seconds=120))
    assert again.claim.message.accepted_parts == 1
    assert again.text == dispatch.text
    assert again.text.attach is None  # files are made by a channel that takes any, and never stored
    assert outbox.note_part(noted, after(seconds=121)) is None
    with lite.reading() as transaction:
        first, second = transaction.deliveries([1])
    assert (first.outcome and first.outcome.code, second.outcome) == ("lease_lost", None)


def test_what_is_not_true_any_more_is_not_finished(lite: Store) -> None:
    seed(lite, PAGE)
    outbox = an_outbox(lite)
    [dispatch] = outbox.take(after())
    noted = outbox.note_part(dispatch, after())
    assert noted is not None
    outbox.settle(noted, Outcome(kind=OutcomeClass.TRANSIENT, code="timeout", parts=3), after(seconds=1))
    with lite.transaction() as transaction:
        ended = replace(_only(transaction), state=AlertState.CANCELLED, cause="acknowledged")
        transaction.update_alerts([ended])
    assert outbox.take(after(seconds=30)) == ()


def _only(transaction: Transaction) -> Alert:
    [alert] = transaction.alerts_of(1)
    return alert
