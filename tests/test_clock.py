"""The contract of every clock, and how the simulated and the accelerated one move."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.clock import Clock, SystemClock, as_local, as_utc
from monitor.drill.pace import AcceleratedClock
from monitor.errors import NaiveTimeError
from tests.support.clock import SimulatedClock

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

CLOCKS = [
    pytest.param(SystemClock, id="system"),
    pytest.param(lambda: SimulatedClock(START), id="simulated"),
    pytest.param(lambda: AcceleratedClock(START, 240), id="accelerated"),
]


@pytest.mark.parametrize("build", CLOCKS)
def test_every_clock_tells_aware_utc_and_never_runs_backwards(build: Callable[[], Clock]) -> None:
    clock = build()
    first, second = clock.now(), clock.now()
    assert first.utcoffset() == timedelta(0)
    assert second >= first


@pytest.mark.parametrize("build", CLOCKS)
@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=-5)], ids=["zero", "negative"])
async def test_a_sleep_of_no_length_only_yields_to_other_tasks(
    build: Callable[[], Clock], length: timedelta
) -> None:
    clock, order = build(), list[str]()

    async def sleeper() -> None:
        order.append("before")
        await clock.sleep(length)
        order.append("after")

    async def neighbour() -> None:
        order.append("neighbour")

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper())
        group.create_task(neighbour())
    assert order == ["before", "neighbour", "after"]


async def test_sleepers_of_the_simulated_clock_wake_in_the_order_of_their_instants() -> None:
    clock, woken = SimulatedClock(START), list[str]()

    async def sleeper(name: str, minutes: int) -> None:
        await clock.sleep(timedelta(minutes=minutes))
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("late", 3))
        group.create_task(sleeper("early", 1))
        await clock.sleep(timedelta(0))
        clock.advance(MINUTE / 2)
        await clock.sleep(timedelta(0))
        assert woken == []
        clock.advance(5 * MINUTE)
    assert woken == ["early", "late"]
    assert clock.now() == START + 5.5 * MINUTE


async def test_a_jump_of_the_simulated_clock_changes_what_it_shows_and_wakes_nobody() -> None:
    clock = SimulatedClock(START)
    async with asyncio.TaskGroup() as group:
        sleeper = group.create_task(clock.sleep(10 * MINUTE))
        await clock.sleep(timedelta(0))
        clock.jump(-60 * MINUTE)
        await clock.sleep(timedelta(0))
        assert clock.now() == START - 60 * MINUTE
        assert not sleeper.done()
        clock.advance(10 * MINUTE)


async def test_a_cancelled_sleeper_of_the_simulated_clock_is_forgotten() -> None:
    clock = SimulatedClock(START)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await clock.sleep(MINUTE)
    clock.advance(MINUTE)


def test_the_simulated_clock_refuses_to_advance_backwards() -> None:
    with pytest.raises(ValueError, match="use jump"):
        SimulatedClock(START).advance(-MINUTE)


async def test_the_accelerated_clock_moves_faster_and_sleeps_shorter_by_its_factor() -> None:
    base = SimulatedClock(START)
    clock = AcceleratedClock(START + timedelta(days=1), 240, base)
    async with asyncio.TaskGroup() as group:
        sleeper = group.create_task(clock.sleep(240 * MINUTE))
        await base.sleep(timedelta(0))
        base.advance(MINUTE / 2)
        await base.sleep(timedelta(0))
        assert not sleeper.done()
        base.advance(MINUTE / 2)
    assert clock.now() == START + timedelta(days=1) + 240 * MINUTE


@pytest.mark.parametrize("factor", [0, -1])
def test_the_accelerated_clock_refuses_a_factor_that_is_not_positive(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        AcceleratedClock(START, factor)


@pytest.mark.parametrize("read", [as_utc, as_local])
def test_a_naive_time_is_refused_and_an_aware_one_stays_the_same_instant(
    read: Callable[[datetime], datetime],
) -> None:
    with pytest.raises(NaiveTimeError):
        read(datetime(2026, 3, 2, 8, 0))  # noqa: DTZ001 - a naive time is what is refused
    at = datetime(2026, 3, 2, 1, 0, tzinfo=timezone(timedelta(hours=1)))
    assert read(at) == START
