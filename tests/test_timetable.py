"""The loop guard: a step that fails is logged with its traceback, counted, and runs again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest
from loguru import logger

from monitor.timetable import Faults, Periodic, build_timetable, guarded


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []
    logger.configure(patcher=lambda _: None)  # logs set up before this test may have left theirs
    sink = logger.add(lines.append, format="{extra[stage]} {level} {message}", level="WARNING")
    yield lines
    logger.remove(sink)


def failing(*fails: bool) -> Callable[[], Awaitable[None]]:
    """Return a step that fails at those of its runs."""
    runs = iter(fails)

    async def run() -> None:
        if next(runs):
            raise ZeroDivisionError("a step that failed")

    return run


@pytest.mark.parametrize(
    ("fails", "counted", "in_a_row"),
    [
        pytest.param((False,), 0, 0, id="all well"),
        pytest.param((True,), 1, 1, id="a fault"),
        pytest.param((True, True, True), 3, 3, id="faults in a row"),
        pytest.param((True, True, False), 2, 0, id="well again"),
        pytest.param((True, False, True), 2, 1, id="now and then"),
    ],
)
async def test_a_fault_is_logged_and_counted_and_the_step_runs_again(
    logged: list[str], fails: tuple[bool, ...], counted: int, in_a_row: int
) -> None:
    faults = Faults()
    run = guarded(Periodic(name="tick", every=timedelta(seconds=1), run=failing(*fails)), faults)
    for _ in fails:
        await run()
    assert (faults.counts["tick"], faults.in_a_row["tick"]) == (counted, in_a_row)
    assert len(logged) == counted
    for line in logged:
        assert line.startswith("tick ERROR step failed")
        assert "ZeroDivisionError: a step that failed" in line


async def test_a_cancelled_step_is_cancelled_and_no_fault() -> None:
    faults = Faults()
    started = asyncio.Event()

    async def wait() -> None:
        started.set()
        await asyncio.Event().wait()

    run = guarded(Periodic(name="tick", every=timedelta(0), run=wait), faults)
    running = asyncio.ensure_future(run())
    await started.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert faults.counts == {}


async def test_the_timetable_runs_a_failing_step_again_and_never_beside_itself(logged: list[str]) -> None:
    faults = Faults()
    done = asyncio.Event()
    running, most, runs = 0, 0, 0

    async def step() -> None:
        nonlocal running, most, runs
        running, runs = running + 1, runs + 1
        most = max(most, running)
        await asyncio.to_thread(str)
        running -= 1
        if runs == 3:
            done.set()
        raise ZeroDivisionError

    timetable = build_timetable([Periodic(name="step", every=timedelta(milliseconds=5), run=step)], faults)
    timetable.start()
    async with asyncio.timeout(30):
        await done.wait()
    timetable.shutdown(wait=False)
    assert most == 1
    assert faults.counts["step"] >= 2
    assert len(logged) >= 2
