"""Which sources are due, and that none is polled beside itself or held up by its neighbours."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from monitor.collectors.fetch import Fetched
from monitor.collectors.model import PollState, Source, SourceKind, SourceState
from monitor.pipeline.collecting import Collecting, due_sources
from monitor.ports import Store
from tests.support.builders import T0, a_source, after
from tests.support.clock import SimulatedClock
from tests.support.telling import an_intake

FEED = b'<rss version="2.0"><channel><item><title>%s</title></item></channel></rss>'


def state(id_: str, minutes: int | None) -> SourceState:
    return SourceState(source_id=id_, next_poll_at=None if minutes is None else after(minutes=minutes))


@pytest.mark.parametrize(
    ("sources", "states", "due"),
    [
        pytest.param([a_source(id="new")], [], ["new"], id="never polled"),
        pytest.param([a_source(id="now")], [state("now", 0)], ["now"], id="its time has just come"),
        pytest.param([a_source(id="later")], [state("later", 1)], [], id="its time is to come"),
        pytest.param([a_source(id="no-time")], [state("no-time", None)], ["no-time"], id="no time known"),
        pytest.param([a_source(id="off", enabled=False)], [], [], id="switched off"),
        pytest.param([a_source(id="box", kind=SourceKind.INBOX)], [], [], id="an inbox"),
        pytest.param(
            [a_source(id="b"), a_source(id="a"), a_source(id="c")],
            [state("a", -1), state("b", -9)],
            ["b", "a", "c"],
            id="the longest waiting first",
        ),
    ],
)
def test_due_are_the_enabled_sources_whose_time_has_come(
    sources: list[Source], states: list[SourceState], due: list[str]
) -> None:
    found = due_sources(tuple(sources), {s.source_id: s for s in states}, T0)
    assert [source.id for source in found] == due


class HeldFetches:
    """Answers only when told to, and counts what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.released = asyncio.Event()

    async def fetch(self, source: Source, state: SourceState) -> Fetched:
        del state
        self.asked.append(source.id)
        await self.released.wait()
        return Fetched(status=200, body=FEED % source.id.encode(), content_type="application/rss+xml")


async def guard(_: str, run: Callable[[], Awaitable[None]]) -> None:
    await run()


async def test_a_source_is_never_polled_beside_itself_and_again_only_when_its_time_has_come(
    lite: Store, clock: SimulatedClock
) -> None:
    sources = (a_source(id="a"), a_source(id="b"))
    fetches = HeldFetches()
    collecting = Collecting(lite, an_intake(lite, {}), fetches, lambda: sources, clock)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            await collecting.start_due(group, guard)
        fetches.released.set()
    assert sorted(fetches.asked) == ["a", "b"]
    async with asyncio.TaskGroup() as group:
        await collecting.start_due(group, guard)
        clock.advance(timedelta(minutes=30))
        await collecting.start_due(group, guard)
    assert sorted(fetches.asked) == ["a", "a", "b", "b"]


async def test_a_poll_that_fails_in_our_own_code_leaves_the_source_free_for_the_next(
    lite: Store, clock: SimulatedClock
) -> None:
    fetches = HeldFetches()
    fetches.released.set()
    faults: list[str] = []

    async def note(name: str, run: Callable[[], Awaitable[None]]) -> None:
        try:
            await run()
        except ZeroDivisionError:
            faults.append(name)

    class Broken:
        def take_in(self, *_: object) -> object:
            raise ZeroDivisionError

    collecting = Collecting(lite, Broken(), fetches, lambda: (a_source(id="a"),), clock)  # type: ignore[arg-type]
    for _ in range(2):
        async with asyncio.TaskGroup() as group:
            await collecting.start_due(group, note)
    assert faults == ["collect:a"] * 2


async def test_a_poll_is_a_row_of_the_ledger(lite: Store, clock: SimulatedClock) -> None:
    fetches = HeldFetches()
    fetches.released.set()
    source = a_source(id="a")
    collecting = Collecting(lite, an_intake(lite, {}), fetches, lambda: (source,), clock)
    row = await collecting.poll_once(source, SourceState(source_id="a"))
    with lite.reading() as transaction:
        assert transaction.polls("a", 10) == (row,)
        assert transaction.source_states()["a"].last_success_at == clock.now()
    assert (row.state, row.raw, row.created) == (PollState.BASELINE, 1, 1)
