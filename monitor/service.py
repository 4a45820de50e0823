"""The one place that builds everything, starts it and stops it."""

import asyncio
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from argon2 import PasswordHasher
from fastapi import FastAPI
from loguru import logger
from pydantic import SecretStr

from alerts.channels.base import open_session
from alerts.channels.build import build_channel
from alerts.channels.email import SmtpSecurity, SmtpSettings
from alerts.model import Alert
from alerts.outbox import Outbox
from monitor.classifiers.grade import grade_figures
from monitor.classifiers.judge import Judge
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter
from monitor.clock import Clock, SystemClock
from monitor.collectors.fetch import Fetcher
from monitor.collectors.model import Source
from monitor.collectors.registry import read_sources
from monitor.deadlines.rules import packaged_rules
from monitor.desk.access import Access
from monitor.desk.app import build_desk, desk_server
from monitor.desk.context import DeskSettings
from monitor.desk.links import message_path
from monitor.errors import ConfigurationError
from monitor.incidents.group import Grouper
from monitor.office.model import Office
from monitor.office.registry import read_office
from monitor.pipeline.auditing import Auditor
from monitor.pipeline.collecting import Collecting
from monitor.pipeline.digesting import queue_digests
from monitor.pipeline.engine import Engine
from monitor.pipeline.intake import Intake
from monitor.pipeline.known import Known
from monitor.pipeline.receiving import DeskActs
from monitor.pipeline.rendering import Rendering
from monitor.pipeline.setting import Setting
from monitor.ports import Channel, Store
from monitor.settings import Settings, environment_values
from monitor.timetable import Faults, Periodic, build_timetable, guarded
from monitor.watched import Watched
from storage.engine import open_store

ROLES = ("collect", "engine", "deliver", "desk")
"""What a process may do; one process does everything by default (DESIGN 5)."""

READY = "值班台已就绪"

Kept = TypeVar("Kept")


class Words:
    """Lexicon, grading table and judge as they hold now; built once, slow to build."""

    def __init__(self, office: Callable[[], Office], folder: Path | None) -> None:
        lexicon = load_lexicon()
        self.table = load_table()
        self.segmenter = JiebaSegmenter(lexicon.user_words, folder)
        self._lexicon = lexicon
        self._office = office
        self._territory = office().territory
        self.judge = self._build()

    def _build(self) -> Judge:
        return Judge(self._lexicon, self.table, self._territory, segmenter=self.segmenter)

    def refresh(self) -> None:
        """Build the judge anew if the office's territory was edited."""
        if self._office().territory != self._territory:
            self._territory = self._office().territory
            self.judge = self._build()


class Files:
    """The files people keep, as they hold now; a demo hands in its own values instead."""

    def __init__(
        self, settings: Settings, office: Office | None = None, sources: Sequence[Source] | None = None
    ) -> None:
        """Read what was not handed in; raises ConfigurationError with the faults of every file."""
        environment = environment_values()
        self._watched: list[Watched[Any]] = []
        faults: list[str] = []
        self.office = self._keep(
            settings.office, lambda text, name: read_office(text, name, environment), office, faults
        )
        self.sources: Callable[[], tuple[Source, ...]] = self._keep(
            settings.sources,
            lambda text, name: read_sources(text, name, environment),
            None if sources is None else tuple(sources),
            faults,
        )
        if faults:
            raise ConfigurationError(tuple(faults))

    def _keep(
        self, path: Path, read: Callable[[str, str], Kept], given: Kept | None, faults: list[str]
    ) -> Callable[[], Kept]:
        if given is not None:
            return lambda: given
        try:
            watched = Watched(path, read)
        except ConfigurationError as error:
            faults += error.faults
            raise_later: Callable[[], Kept] = _unread
            return raise_later
        self._watched.append(watched)
        return lambda: watched.value

    def refresh(self) -> None:
        """Look whether a file was edited."""
        for watched in self._watched:
            watched.refresh()

    def faults(self) -> tuple[str, ...]:
        """Return what is wrong with edits made while running; the values before them still hold."""
        return tuple(fault for watched in self._watched for fault in watched.faults)


def _unread() -> Any:
    raise AssertionError("a file with faults has no value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything of one running service."""

    settings: Settings
    clock: Clock
    store: Store
    files: Files
    words: Words
    setting: Setting
    intake: Intake
    acts: DeskActs
    secret: SecretStr


def build_parts(
    settings: Settings,
    clock: Clock | None = None,
    office: Office | None = None,
    sources: Sequence[Source] | None = None,
) -> Parts:
    """Read the files, open the store and put the pipeline together.

    An office or sources handed in stand for the files (the demo). Raises ConfigurationError with every fault.
    """
    files = Files(settings, office, sources)
    settings.var.mkdir(parents=True, exist_ok=True)
    words = Words(files.office, settings.var / "jieba")
    store = open_database(settings.database_url.get_secret_value())
    setting = Setting(
        store=store,
        office=files.office,
        rules=packaged_rules,
        grade=lambda figures, kind: grade_figures(figures, kind, words.table),
    )
    known = Known(lambda: Grouper(words.segmenter.rarity))
    intake = Intake(setting, lambda item, now: words.judge.judge_item(item, now), known)
    shown = clock or SystemClock()
    return Parts(
        settings=settings,
        clock=shown,
        store=store,
        files=files,
        words=words,
        setting=setting,
        intake=intake,
        acts=DeskActs(setting, shown, intake, files.sources),
        secret=settings.session_secret or _kept_secret(settings.var),
    )


def open_database(address: str) -> Store:
    """Open a database, migrated to the newest version; raises an error that names what is wrong with it."""
    return open_store(address)


def _kept_secret(folder: Path) -> SecretStr:
    """Return the secret that signs sessions and links, made once and kept where only this user reads it."""
    path = folder / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return SecretStr(path.read_text(encoding="ascii").strip())


def link_maker(parts: Parts) -> Callable[[Alert], str | None]:
    """Return what gives an alert its link to acknowledge, or None without a public address (A12)."""

    def link_for(alert: Alert) -> str | None:
        base = parts.files.office().public_url
        if base is None or alert.incident_id is None:
            return None
        path = message_path(parts.secret.get_secret_value().encode(), alert.incident_id, alert.message_no)
        return base.rstrip("/") + path

    return link_for


def smtp_settings(settings: Settings) -> SmtpSettings | None:
    """Return the mail server of the environment, or None without a host."""
    smtp = settings.smtp
    if not smtp.host:
        return None
    return SmtpSettings(
        host=smtp.host,
        port=smtp.port,
        security=SmtpSecurity(smtp.security),
        username=smtp.username,
        password=smtp.password.get_secret_value() if smtp.password else None,
        sender=smtp.sender,
        sender_name=smtp.sender_name,
    )


def open_channels(parts: Parts, session: aiohttp.ClientSession) -> Mapping[str, Channel]:
    """Return every channel of the office by name."""
    office = parts.files.office()
    smtp = smtp_settings(parts.settings)
    return {
        spec.name: build_channel(
            spec, smtp, session, parts.clock, allow_private=office.allow_private_channels
        )
        for spec in office.channels
    }


class Service:
    """One running process of the service, with the roles it was given."""

    def __init__(
        self, parts: Parts, roles: Sequence[str] = ROLES, *, demo: bool = False, rate: float = 1.0
    ) -> None:
        self._parts = parts
        self._roles = roles
        self._demo = demo
        self._rate = rate
        self._faults = Faults()
        self._stopping = asyncio.Event()
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
            scheduler.start()
            if "desk" in self._roles:
                await self._serve_desk(group, on_ready)
            else:
                on_ready(self.app)
            await self._stopping.wait()
            scheduler.shutdown(wait=False)
            raise _StoppedError

    def stop(self) -> None:
        """Ask the service to end; what is under way stands in the database for the next start."""
        self._stopping.set()

    async def _serve_desk(self, group: asyncio.TaskGroup, on_ready: Callable[[FastAPI], None]) -> None:
        server = desk_server(self.app, host=self._parts.settings.host, port=self._parts.settings.port)

        async def serve() -> None:
            await server.serve()
            self.stop()

        group.create_task(serve())
        while not server.started and not self._stopping.is_set():
            await SystemClock().sleep(timedelta(milliseconds=50))
        on_ready(self.app)

    def _steps(
        self, session: aiohttp.ClientSession, collecting: Collecting, group: asyncio.TaskGroup
    ) -> list[Periodic]:
        steps = [Periodic(name="files", every=timedelta(seconds=3), run=self._in_thread(self._refresh))]
        if "collect" in self._roles:
            steps += self._collect_steps(collecting, group)
        if "engine" in self._roles:
            steps += self._engine_steps(session)
        if "deliver" in self._roles:
            steps.append(self._deliver_step(session))
        return steps

    def _collect_steps(self, collecting: Collecting, group: asyncio.TaskGroup) -> list[Periodic]:
        async def guard(name: str, run: Callable[[], Awaitable[None]]) -> None:
            await guarded(Periodic(name=name, every=timedelta(0), run=run), self._faults)()

        async def collect() -> None:
            await collecting.start_due(group, guard)

        async def read_folders() -> None:
            await collecting.read_inbox_folders(self._parts.settings.var)

        return [
            Periodic(name="collect", every=timedelta(seconds=1), run=collect),
            Periodic(name="inbox", every=timedelta(seconds=5), run=read_folders),
        ]

    def _engine_steps(self, session: aiohttp.ClientSession) -> list[Periodic]:
        parts = self._parts
        engine = Engine(parts.setting)
        auditor = Auditor(parts.setting, parts.files.sources)

        def tick() -> None:
            while engine.tick(parts.clock.now()).more:
                continue

        async def audit() -> None:
            faults = await asyncio.to_thread(auditor.audit, parts.clock.now())
            await asyncio.to_thread(auditor.tell_stale, parts.clock.now())
            url = parts.files.office().heartbeat_url
            if url and not faults:
                async with session.get(url, timeout=aiohttp.ClientTimeout(total=10)) as answer:
                    answer.raise_for_status()

        return [
            Periodic(name="tick", every=timedelta(seconds=1), run=self._in_thread(tick)),
            Periodic(
                name="digest",
                every=timedelta(seconds=20),
                run=self._in_thread(lambda: queue_digests(parts.setting, parts.clock.now())),
            ),
            Periodic(name="audit", every=timedelta(seconds=60), run=audit),
        ]

    def _deliver_step(self, session: aiohttp.ClientSession) -> Periodic:
        parts = self._parts
        rendering = Rendering(parts.setting, parts.files.sources, link_maker(parts))
        outbox = Outbox(parts.store, parts.setting.circumstances, rendering, f"worker-{secrets.token_hex(4)}")

        opened: dict[int, Mapping[str, Channel]] = {}

        async def deliver() -> None:
            # Channels count their own messages a minute: they are built anew only when the office was edited.
            office = parts.files.office()
            if id(office) not in opened:
                opened.clear()
                opened[id(office)] = open_channels(parts, session)
            await outbox.deliver(opened[id(office)], parts.clock.now)

        return Periodic(name="deliver", every=timedelta(seconds=1), run=deliver)

    def _refresh(self) -> None:
        self._parts.files.refresh()
        self._parts.words.refresh()

    @staticmethod
    def _in_thread(step: Callable[[], object]) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await asyncio.to_thread(step)

        return run


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


def desk_access(parts: Parts) -> Access:
    """Return the desk's door without the desk: for making accounts from the command line."""
    return Access(
        store=parts.store,
        clock=parts.clock,
        secret=parts.secret.get_secret_value().encode(),
        session_lasts=timedelta(hours=12),
        hasher=PasswordHasher(),
    )
