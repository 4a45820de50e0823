"""A whole county service without its timetable: real files, real HTTP and SMTP, simulated time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from alerts.channels.base import open_session
from alerts.model import Alert, Delivery
from alerts.outbox import Outbox
from monitor.collectors.fetch import Fetcher
from monitor.collectors.model import Poll, SourceState
from monitor.pipeline.auditing import audit_store
from monitor.pipeline.collecting import Collecting
from monitor.pipeline.digesting import queue_digests
from monitor.pipeline.engine import Engine
from monitor.pipeline.rendering import Rendering
from monitor.ports import Channel, Hit, Question, Store
from monitor.service import Parts, build_parts, link_maker, open_channels
from monitor.settings import Settings, Smtp
from tests.support.clock import SimulatedClock
from tests.support.dictionary import lend_dictionary
from tests.support.mail import MailServer

OFFICE = """
name: 昌宁县人民政府办公室
allow_private_channels: true
territory:
  {name: 昌宁县, code: "530524", level: county, province: 云南省, city: 保山市, aliases: [昌宁],
   places: [{name: 柯街镇, kind: township, code: "530524103"},
            {name: 漭水镇, kind: township, code: "530524102"}]}
channels:
  duty-wecom: {kind: wecom, address: "WECOM", per_minute: 600}
  duty-email: {kind: email, address: duty@example.gov.cn}
  head-email: {kind: email, address: head@example.gov.cn}
  leader-email: {kind: email, address: leader@example.gov.cn}
  admin-email: {kind: email, address: admin@example.gov.cn}
people:
  duty: {name: 值班员, role: duty, level: 1, channels: [duty-wecom, duty-email]}
  office_head: {name: 办公室主任, role: head, level: 2, channels: [head-email]}
  leader: {name: 分管领导, role: leader, level: 3, channels: [leader-email]}
  admin: {name: 系统管理员, role: admin, channels: [admin-email]}
administrators: [admin]
digest: {at: 08:00, to: [leader]}
"""
"""Three people who can be told; WECOM stands for the address of a bot."""


@dataclass(slots=True)
class County:
    """The parts of one running service, driven by hand."""

    parts: Parts
    clock: SimulatedClock
    collecting: Collecting
    outbox: Outbox
    channels: Mapping[str, Channel]
    engine: Engine
    inbox: Path
    finished: dict[str, asyncio.Event] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.parts.store

    async def poll(self, *names: str) -> list[Poll]:
        """Poll these sources now, due or not, one after the other."""
        sources = {source.id: source for source in self.parts.files.sources()}
        with self.store.reading() as transaction:
            states = transaction.source_states()
        return [
            await self.collecting.poll_once(sources[name], states.get(name) or SourceState(source_id=name))
            for name in names
        ]

    async def start_due(self, group: asyncio.TaskGroup) -> None:
        """Start a poll of every source that is due; `finished` tells when each is done."""
        for source in self.parts.files.sources():
            self.finished[source.id] = asyncio.Event()
        await self.collecting.start_due(group, self._guard)

    async def _guard(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        await run()
        self.finished[name.removeprefix("collect:")].set()

    async def step(self) -> None:
        """Do everything that is due at this instant: tick, digests, deliveries."""
        self.engine.note_idle(self.clock.now())
        while self.engine.tick(self.clock.now()).woken:
            continue
        queue_digests(self.parts.setting, self.clock.now())
        while await self.outbox.deliver(self.channels, self.clock.now):
            continue

    async def live(self, length: timedelta) -> None:
        """Let time pass, stopping at every instant at which the database wakes."""
        end = self.clock.now() + length
        while (at := self._next_at()) is not None and at < end:
            self.clock.advance(max(at - self.clock.now(), timedelta(seconds=1)))
            await self.step()
        self.clock.advance(max(end - self.clock.now(), timedelta(0)))
        await self.step()

    def _next_at(self) -> datetime | None:
        with self.store.reading() as transaction:
            return transaction.next_wake_at()

    def alerts(self, incident_id: int = 1) -> tuple[Alert, ...]:
        with self.store.reading() as transaction:
            return transaction.alerts_of(incident_id)

    def told(self, incident_id: int = 1) -> list[tuple[str, str, str, str]]:
        """Return who was told of an incident why, through what, and whether it was sent."""
        return [(a.to, a.reason, a.channel, a.state) for a in self.alerts(incident_id)]

    def attempts(self, numbers: set[int]) -> tuple[Delivery, ...]:
        with self.store.reading() as transaction:
            return transaction.deliveries(numbers)

    def find(self, *words: str) -> tuple[Hit, ...]:
        with self.store.reading() as transaction:
            return transaction.search(Question(words=words)).hits

    def faults(self) -> tuple[str, ...]:
        """Return what the self-watch and the journal's own check find wrong."""
        with self.store.reading() as transaction:
            holds, said = transaction.verify_journal()
            return (*audit_store(transaction, self.clock.now()), *(() if holds else (said,)))


@asynccontextmanager
async def county(
    folder: Path,
    database_url: str,
    sources: str,
    *,
    clock: SimulatedClock,
    mail: MailServer,
    wecom: str,
    office: str = OFFICE,
) -> AsyncIterator[County]:
    """Build the service from files as `huiying run` does, and open its connections."""
    (folder / "sources.yaml").write_text(sources, encoding="utf-8")
    (folder / "office.yaml").write_text(office.replace("WECOM", wecom), encoding="utf-8")
    settings = Settings(
        _env_file=None,
        database_url=SecretStr(database_url),
        sources=folder / "sources.yaml",
        office=folder / "office.yaml",
        var=folder / "var",
        smtp=Smtp(host=mail.host, port=mail.port, security="none", sender="huiying@example.gov.cn"),
    )
    lend_dictionary(settings.var)
    parts = build_parts(settings, clock)
    async with AsyncExitStack() as stack:
        stack.enter_context(closing(parts.store))
        session = await stack.enter_async_context(open_session(allow_private=True))
        fetcher = await stack.enter_async_context(Fetcher(clock=clock))
        rendering = Rendering(parts.setting, parts.files.sources, link_maker(parts))
        yield County(
            parts=parts,
            clock=clock,
            collecting=Collecting(parts.store, parts.intake, fetcher, parts.files.sources, clock),
            outbox=Outbox(parts.store, parts.setting.circumstances, rendering, "worker"),
            channels=open_channels(parts, session),
            engine=Engine(parts.setting),
            inbox=settings.var / "inbox",
        )
