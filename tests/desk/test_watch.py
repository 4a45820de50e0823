import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sse_starlette import ServerSentEvent

from monitor.desk.watch import Watch, _head_of
from monitor.dossier.model import Change
from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.desk.story import NOW
from tests.support.clock import SimulatedClock

A_LITTLE = timedelta(milliseconds=100)


def change(store: Store, incident: int) -> None:
    with store.transaction() as transaction:
        transaction.record([Change(at=NOW, event="assigned", incident=incident)])


async def next_event(events: AsyncIterator[ServerSentEvent], clock: SimulatedClock) -> ServerSentEvent:
    """Move time in small steps until something is told."""
    waiting = asyncio.ensure_future(anext(events))
    while not waiting.done():
        clock.advance(A_LITTLE)
        await clock.sleep(timedelta(0))
    return waiting.result()


@given(st.integers(0, 10_000_000))
def test_the_newest_number_is_found_with_few_questions(head: int) -> None:
    asked = []

    def has_after(seq: int) -> bool:
        asked.append(seq)
        return seq < head

    assert _head_of(has_after) == head
    assert len(asked) <= 52


async def test_a_page_hears_of_changes_from_now_on(told: Store, clock: SimulatedClock) -> None:
    watch = Watch(store=told, clock=clock, every=timedelta(seconds=1))
    events = watch.events(None)
    first = await anext(events)
    await asyncio.to_thread(change, told, 4)
    second = await next_event(events, clock)
    assert (first.event, second.event, second.data) == ("time", "change", "4")


async def test_a_page_hears_what_happened_since_it_was_made(store: Store, clock: SimulatedClock) -> None:
    watch = Watch(store=store, clock=clock, every=timedelta(seconds=1))
    made_at = await asyncio.to_thread(watch.head)
    for incident in (7, 3, 7):
        await asyncio.to_thread(change, store, incident)
    clock.advance(timedelta(seconds=1))
    event = await anext(watch.events(made_at))
    assert (event.event, event.data, event.id) == ("change", "3,7", "3")


async def test_after_a_restart_everything_counts_as_changed(store: Store, clock: SimulatedClock) -> None:
    for incident in (7, 3):
        await asyncio.to_thread(change, store, incident)
    event = await anext(Watch(store=store, clock=clock, every=timedelta(seconds=1)).events(1))
    assert (event.event, event.data, event.id) == ("change", "*", "2")


def test_many_pages_share_one_read(store: Store, clock: SimulatedClock) -> None:
    watch = Watch(store=store, clock=clock, every=timedelta(seconds=1))
    watch.head()
    change(store, 1)
    assert [watch.head() for _ in range(3)] == [0, 0, 0]
    clock.advance(timedelta(seconds=1))
    assert [watch.head() for _ in range(3)] == [1, 1, 1]


async def test_events_arrive_over_the_wire(served: ServedDesk) -> None:
    async with served.browser("duty") as browser, browser.session.get("/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert (await stream.content.readline()).strip().startswith(b"id: ")
        assert (await stream.content.readline()).strip() == b"event: time"


async def test_a_session_that_was_ended_hears_of_no_change(served: ServedDesk) -> None:
    async with served.browser("duty") as browser, browser.session.get("/events") as stream:
        assert (await stream.content.readline()).startswith(b"id: ")
        await asyncio.to_thread(served.access.end_sessions, "demo-duty", by="admin")
        rest = asyncio.ensure_future(stream.content.read())
        while not rest.done():
            served.clock.advance(A_LITTLE)
            await served.clock.sleep(timedelta(0))
        assert b"event: change" not in rest.result()
