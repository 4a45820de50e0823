"""One running process: its timetable, its desk, its end."""

import asyncio
import gc
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import aiohttp
import uvicorn
from fastapi import FastAPI
from loguru import logger

from alerts.channels.base import open_session
from alerts.message.own_templates import sample
from monitor.clock import SystemClock
from monitor.collectors.fetch import Fetcher
from monitor.collectors.model import Source
from monitor.desk.app import build_desk, desk_server
from monitor.desk.context import DeskSettings, Lookout, Reaching
from monitor.desk.rehearsing import Rehearsals
from monitor.desk.trying import SourceTrials
from monitor.office.model import Office
from monitor.pipeline.auditing import Auditor
from monitor.pipeline.collecting import Collecting
from monitor.pipeline.engine import Engine
from monitor.pipeline.handover import queue_handovers
from monitor.pipeline.rendering import Rendering
from monitor.pipeline.saved_questions import tell_new_answers
from monitor.pipeline.setting import Setting
from monitor.pipeline.timely_papers import queue_flashes, queue_papers
from monitor.ports import Channel
from monitor.service.building import Parts, build_outbox, link_maker, open_channels
from monitor.service.presence import REPORTED_EVERY, Presence, disk_of
from monitor.service.saving import forget_by_policy
from monitor.service.trying import try_channel, try_source
from monitor.timetable import Faults, Periodic, build_timetable, guarded

ROLES = ("collect", "engine", "deliver", "desk")
"""What a process may do; one process does everything by default (DESIGN 5)."""

READY = "值班台已就绪"
TICK = timedelta(seconds=1)
DEMO_TICK = timedelta(milliseconds=250)


class Service:
    """One running process of the service, with the roles it was given."""

    def __init__(
        self,
        parts: Parts,
        roles: Sequence[str] = ROLES,
        *,
        demo: bool = False,
        rate: float = 1.0,
        rehearsals: Rehearsals | None = None,
    ) -> None:
        """Build the desk; without `rehearsals` it has no page of them."""
        self._parts = parts
        self._roles = roles
        self._demo = demo
        self._rate = rate
        self._rehearsals = rehearsals
        self._presence = Presence(parts.store, parts.clock, tuple(roles))
        self._faults = Faults()
        self._stopping = asyncio.Event()
        self._desk: tuple[uvicorn.Server, asyncio.Task[None]] | None = None
        self.app = self._build_desk()

    def _build_desk(self) -> FastAPI:
        parts = self._parts
        return build_desk(
            store=parts.store,
            acts=parts.acts,
            office=parts.files.office,
            sources=parts.files.sources,
            clock=parts.clock,
            settings=DeskSettings(
                secret=parts.secret, version="0.1.0", demo=self._demo, clock_rate=self._rate
            ),
            faults=parts.files.faults,
            failing=self._faults.failing,
            wording=parts.words,
            reaching=Reaching(
                try_channel=partial(try_channel, parts), preview=lambda: sample(parts.files.templates())
            ),
            rehearsing=self._rehearsals,
            lookout=Lookout(
                trials=SourceTrials(partial(try_source, parts), parts.clock),
                disk=partial(disk_of, parts.settings.var),
            ),
            levels=parts.files.opinion_levels,
        )

    async def run(self, on_ready: Callable[[FastAPI], None]) -> None:
        """Run until stopped; `on_ready` is called once the desk answers, or at once without a desk."""
        parts = self._parts
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            session = await stack.enter_async_context(
                open_session(allow_private=parts.files.office().allow_private_channels)
            )
            fetcher = await stack.enter_async_context(Fetcher(clock=parts.clock))
            collecting = Collecting(parts.store, parts.intake, fetcher, parts.files.sources, parts.clock)
            scheduler = build_timetable(self._steps(session, collecting, group), self._faults)
            await asyncio.to_thread(self._presence.report)
            scheduler.start()
            if "desk" in self._roles:
                await self._serve_desk(group)
            # What was loaded stays for good: looking through it would stop the desk for 100 ms.
            gc.freeze()
            on_ready(self.app)
            await self._stopping.wait()
            scheduler.shutdown(wait=False)
            await self._end_desk()
            await asyncio.to_thread(self._presence.leave)
            raise _StoppedError

    def stop(self) -> None:
        """Ask the service to end; what is under way stands in the database for the next start."""
        self._stopping.set()

    async def _serve_desk(self, group: asyncio.TaskGroup) -> None:
        settings = self._parts.settings
        server = desk_server(self.app, host=settings.host, port=settings.port, proxies=settings.proxies)

        async def serve() -> None:
            await server.serve()
            self.stop()

        self._desk = server, group.create_task(serve())
        while not server.started and not self._stopping.is_set():
            await SystemClock().sleep(timedelta(milliseconds=50))

    async def _end_desk(self) -> None:
        """Let requests under way end and give the port back."""
        if self._desk is not None:
            server, serving = self._desk
            server.should_exit = True
            await serving

    def _steps(
        self, session: aiohttp.ClientSession, collecting: Collecting, group: asyncio.TaskGroup
    ) -> list[Periodic]:
        steps = [
            Periodic(name="files", every=timedelta(seconds=3), run=self._in_thread(self._refresh)),
            Periodic(name="workers", every=REPORTED_EVERY, run=self._in_thread(self._presence.report)),
        ]
        if "collect" in self._roles:
            steps += self._collect_steps(collecting, group)
        if "engine" in self._roles:
            steps += self._engine_steps(session)
        if "deliver" in self._roles:
            steps.append(self._deliver_step(session, group))
        return steps

    async def _guard(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        await guarded(Periodic(name=name, every=timedelta(0), run=run), self._faults)()

    def _collect_steps(self, collecting: Collecting, group: asyncio.TaskGroup) -> list[Periodic]:
        async def collect() -> None:
            await collecting.start_due(group, self._guard)

        async def read_folders() -> None:
            await collecting.read_inbox_folders(Path())

        return [
            Periodic(name="collect", every=timedelta(seconds=1), run=collect),
            Periodic(name="inbox", every=timedelta(seconds=5), run=read_folders),
        ]

    def _paper_steps(self) -> list[Periodic]:
        """Return what writes for people by itself: papers at their hour, a flash at once, handovers."""
        parts = self._parts

        def write(queue: Callable[[Setting, Sequence[Source], datetime], int]) -> Callable[[], object]:
            return lambda: queue(parts.setting, parts.files.sources(), parts.clock.now())

        # The demo's hours are short: it would call its morning digest late.
        papers_every = timedelta(seconds=20 if self._rate == 1 else 2)
        return [
            Periodic(name="digest", every=papers_every, run=self._in_thread(write(queue_papers))),
            Periodic(name="flash", every=timedelta(seconds=5), run=self._in_thread(write(queue_flashes))),
            Periodic(
                name="handover",
                every=timedelta(seconds=5),
                run=self._in_thread(lambda: queue_handovers(parts.setting, parts.clock.now())),
            ),
        ]

    def _engine_steps(self, session: aiohttp.ClientSession) -> list[Periodic]:
        parts = self._parts
        engine = Engine(parts.setting, self._rate)
        auditor = Auditor(parts.setting, parts.files.sources)

        def tick() -> None:
            while engine.tick(parts.clock.now()).more:
                continue

        async def audit() -> None:
            found = await asyncio.to_thread(auditor.watch, parts.clock.now())
            await asyncio.to_thread(auditor.tell_stale, parts.clock.now())
            url = parts.files.office().heartbeat_url
            if url and found.is_clean:
                answered = await _is_answered(session, url)
                await asyncio.to_thread(auditor.note_heartbeat, parts.clock.now(), answered=answered)

        return [
            Periodic(
                name="tick",
                every=TICK if self._rate == 1 else DEMO_TICK,
                run=self._in_thread(tick),
            ),
            *self._paper_steps(),
            Periodic(
                name="retention",
                every=timedelta(hours=1),
                run=self._in_thread(
                    lambda: forget_by_policy(parts.settings, parts.files.office(), parts.clock.now())
                ),
            ),
            Periodic(
                name="saved",
                every=timedelta(seconds=30),
                run=self._in_thread(lambda: tell_new_answers(parts.setting, parts.clock.now())),
            ),
            Periodic(name="audit", every=timedelta(seconds=60), run=audit),
        ]

    def _deliver_step(self, session: aiohttp.ClientSession, group: asyncio.TaskGroup) -> Periodic:
        parts = self._parts
        rendering = Rendering(parts.setting, parts.files.sources, link_maker(parts), parts.files.templates)
        outbox = build_outbox(parts.setting, rendering, f"worker-{secrets.token_hex(4)}")

        opened: tuple[Office, Mapping[str, Channel]] | None = None

        async def deliver() -> None:
            # Channels count their own messages a minute: they are built anew only when the office was edited.
            nonlocal opened
            office = parts.files.office()
            if opened is None or opened[0] is not office:
                opened = office, open_channels(parts, session)
            await outbox.start_due(group, self._guard, opened[1], parts.clock.now)

        return Periodic(name="deliver", every=timedelta(seconds=1), run=deliver)

    def _refresh(self) -> None:
        self._parts.files.refresh()
        self._parts.words.refresh()

    @staticmethod
    def _in_thread(step: Callable[[], object]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await asyncio.to_thread(step)

        return run


async def _is_answered(session: aiohttp.ClientSession, url: str) -> bool:
    """Return whether an address answers well; that it does not is a fact to be shown, not a fault of ours."""
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=10)) as answer:
            return answer.ok
    except (aiohttp.ClientError, TimeoutError):
        return False


class _StoppedError(Exception):
    """Ends the task group of a service that was asked to stop."""


async def serve(service: Service, on_ready: Callable[[FastAPI], None]) -> None:
    """Run a service until SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, service.stop)
    try:
        await service.run(on_ready)
    except* _StoppedError:
        logger.bind(stage="service").info("stopped")
