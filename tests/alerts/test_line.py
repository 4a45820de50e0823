"""A bot takes so many messages a minute: what is urgent overtakes, what is not waits in line."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from alerts.model import Alert, AlertState
from alerts.outbox import Outbox
from monitor.office.example import example_office
from monitor.office.model import ChannelKind, Office
from monitor.ports import Channel, Store, Text, Transaction
from tests.support.builders import T0, after, an_alert, an_incident, opening
from tests.support.clock import SimulatedClock
from tests.support.lite import lite, template
from tests.support.posting import posting
from tests.support.setting import a_setting

__all__ = ["lite", "template"]

BREACH = an_alert(id="breach|duty-wecom", alert_round="breach", reason="due")


def bot_office() -> Office:
    """Return the example office with the duty officer's WeCom channel a real bot."""
    office = example_office()
    channels = tuple(
        replace(c, kind=ChannelKind.WECOM, per_minute=20) if c.name == "duty-wecom" else c
        for c in office.channels
    )
    return replace(office, channels=channels)


def an_outbox(store: Store) -> Outbox:
    """Return an outbox that says which alert a message tells."""

    def render(_: Transaction, alerts: Sequence[Alert], __: object, ___: object) -> Text:
        return Text(subject="", body=alerts[0].id)

    return Outbox(store, a_setting(store, bot_office()).circumstances, render, "worker")


def queue_warnings(store: Store, count: int) -> None:
    """Queue this many warnings to the duty officer, each a message of its own."""
    warnings = [an_alert(id=f"w{n}|duty-wecom", alert_round=f"w{n}", urgent=False) for n in range(count)]
    with store.transaction() as transaction:
        transaction.save(opening(an_incident()))
        transaction.enqueue(*([warning] for warning in warnings))


async def send_all_there_is_room_for(outbox: Outbox, channel: Channel, clock: SimulatedClock) -> None:
    while await outbox.deliver({"duty-wecom": channel}, clock.now):
        continue


async def test_a_breach_overtakes_three_hundred_warnings_and_none_of_them_is_lost(lite: Store) -> None:
    clock = SimulatedClock(T0)
    queue_warnings(lite, 300)
    outbox = an_outbox(lite)
    arrived: list[int] = []
    async with posting(ChannelKind.WECOM, clock, per_minute=20) as (channel, server):
        await send_all_there_is_room_for(outbox, channel, clock)
        waiting = 300 - len(server.seen)
        with lite.transaction() as transaction:
            transaction.enqueue([BREACH])
        await send_all_there_is_room_for(outbox, channel, clock)
        told = [seen["text"]["content"] for seen in server.seen]
        for _ in range(20):
            clock.advance(timedelta(minutes=1))
            arrived.append(len(server.seen))
            await send_all_there_is_room_for(outbox, channel, clock)
    assert (waiting, told[15:]) == (285, [BREACH.id])
    assert max(late - soon for soon, late in pairwise(arrived)) <= 15
    assert len(server.seen) == 301
    with lite.reading() as transaction:
        assert {alert.state for alert in transaction.alerts_of(1)} == {AlertState.SENT}
        assert transaction.channel_health()["duty-wecom"].failures == 0


async def test_a_full_bot_keeps_nobody_else_waiting(lite: Store) -> None:
    queue_warnings(lite, 300)
    with lite.transaction() as transaction:
        transaction.enqueue([an_alert(to="leader", channel="leader-wecom", urgent=False)])
    outbox = an_outbox(lite)
    taken = [outbox.take(after()) for _ in range(2)]
    assert [len(dispatches) for dispatches in taken] == [15, 1]
    assert taken[1][0].claim.message.channel == "leader-wecom"
