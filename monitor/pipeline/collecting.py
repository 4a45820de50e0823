"""Which sources are due, and one poll of each: a slow source delays no other."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path

from loguru import logger

from monitor.clock import Clock
from monitor.collectors.inbox_files import finish_file, scan_inbox_folder
from monitor.collectors.model import Poll, Source, SourceKind, SourceState
from monitor.collectors.poll import Fetching, Polled, poll
from monitor.items.intake import take_in
from monitor.pipeline.intake import Intake
from monitor.ports import Store

AT_ONCE = 256
"""How many polls may be under way at once; most of them may wait for their turn at one slow server."""

Guard = Callable[[str, Callable[[], Awaitable[None]]], Awaitable[None]]


def due_sources(
    sources: tuple[Source, ...], states: Mapping[str, SourceState], now: datetime
) -> tuple[Source, ...]:
    """Return the enabled sources whose time has come, longest waiting first. Inboxes are never polled."""
    waiting = [
        (state.next_poll_at if (state := states.get(s.id)) and state.next_poll_at else now, s.id, s)
        for s in sources
        if s.enabled and s.kind is not SourceKind.INBOX
    ]
    return tuple(source for at, _, source in sorted(waiting, key=lambda w: w[:2]) if at <= now)


class Collecting:
    """Polls what is due. Each poll is a task of its own; the same source is never polled beside itself."""

    def __init__(
        self,
        store: Store,
        intake: Intake,
        fetcher: Fetching,
        sources: Callable[[], tuple[Source, ...]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._intake = intake
        self._fetcher = fetcher
        self._sources = sources
        self._clock = clock
        self._running: set[str] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._luck = random.Random()  # noqa: S311 - spreads polls in time, protects nothing

    async def start_due(self, group: asyncio.TaskGroup, guard: Guard) -> None:
        """Start a guarded poll of every source that is due and not yet being polled."""
        states = await asyncio.to_thread(self._states)
        for source in due_sources(self._sources(), states, self._clock.now()):
            if source.id not in self._running:
                self._running.add(source.id)
                state = states.get(source.id) or SourceState(source_id=source.id)
                group.create_task(self._guarded(source, state, guard))

    async def _guarded(self, source: Source, state: SourceState, guard: Guard) -> None:
        async def once() -> None:
            await self.poll_once(source, state)

        try:
            await guard(f"collect:{source.id}", once)
        finally:
            self._running.discard(source.id)

    async def poll_once(self, source: Source, state: SourceState) -> Poll:
        """Poll one source now and store what came; return its row of the run ledger."""
        async with self._places:
            polled = await poll(source, state, self._fetcher, self._clock.now())
        return await asyncio.to_thread(self.store_poll, polled)

    def store_poll(self, polled: Polled) -> Poll:
        """Store one poll with everything that follows from it. Blocks."""
        row = self._intake.take_in(take_in(polled), self._clock.now(), self._luck.random())
        if row.fault is not None:
            logger.bind(stage="collect", source=row.source_id, fault=row.fault, why=row.message).warning(
                "poll failed"
            )
        return row

    def _states(self) -> Mapping[str, SourceState]:
        with self._store.reading() as transaction:
            return transaction.source_states()

    async def read_inbox_folders(self, home: Path) -> None:
        """Read the files dropped into the folders of inboxes."""
        for source in self._sources():
            folder = source.reading.get("folder")
            if source.enabled and source.kind is SourceKind.INBOX and folder:
                await asyncio.to_thread(self._read_folder, home / str(folder), source)

    def _read_folder(self, folder: Path, source: Source) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        state = self._states().get(source.id) or SourceState(source_id=source.id)
        for dropped in scan_inbox_folder(folder, source, state, self._clock.now()):
            self.store_poll(dropped.polled)
            finish_file(dropped, self._clock.now())
            state = self._states().get(source.id) or state
