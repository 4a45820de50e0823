"""Which step runs how often.

APScheduler only ticks: what is due, and when, stands in the database (T1).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from loguru import logger


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """One step that runs again and again, never beside itself."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


class Faults:
    """How often each step failed, for `/health` and `/metrics`."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.in_a_row: dict[str, int] = {}

    def note(self, name: str, *, failed: bool) -> None:
        """Count one run of a step."""
        self.counts[name] = self.counts.get(name, 0) + failed
        self.in_a_row[name] = self.in_a_row.get(name, 0) + 1 if failed else 0

    def failing(self) -> Mapping[str, int]:
        """Return how often each kind of step failed in a row: of `collect:paper` and its kin, the worst."""
        worst: dict[str, int] = {}
        for name, times in tuple(self.in_a_row.items()):
            kind = name.partition(":")[0]
            worst[kind] = max(worst.get(kind, 0), times)
        return worst


def guarded(step: Periodic, faults: Faults) -> Callable[[], Awaitable[None]]:
    """Return the step in the loop guard: a fault is logged with its traceback and counted."""

    async def run() -> None:
        try:
            await step.run()
        except Exception:  # noqa: BLE001 - the one loop guard: a step that fails must not end the timetable
            logger.bind(stage=step.name).exception("step failed")
            faults.note(step.name, failed=True)
        else:
            faults.note(step.name, failed=False)

    return run


def build_timetable(steps: list[Periodic], faults: Faults) -> AsyncIOScheduler:
    """Return a scheduler, not yet started; late runs of a step are folded into one."""
    scheduler = AsyncIOScheduler(executors={"default": AsyncIOExecutor()}, timezone="UTC")
    for step in steps:
        scheduler.add_job(
            guarded(step, faults),
            "interval",
            id=step.name,
            seconds=step.every.total_seconds(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    return scheduler
