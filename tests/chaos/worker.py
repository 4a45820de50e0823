"""One worker of the service in a process of its own: engine and outbox, driven cycle by cycle, and mortal."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection

from loguru import logger

from alerts.model import Outcome, Text
from alerts.outbox import Outbox
from monitor.pipeline.engine import Engine
from monitor.pipeline.rendering import Rendering
from monitor.pipeline.setting import Setting
from monitor.ports import Channel, Store, Transaction
from monitor.timetable import Faults, Periodic, guarded
from storage.engine import open_store
from tests.chaos.plan import Moment, Sentence, short_office, short_rules
from tests.support.child import wires
from tests.support.setting import a_setting

ORDERED = "ordered"
"""What a worker says when it has come to the moment of its sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One cycle: everybody's `now`, and a sentence to carry from here on."""

    now: datetime
    sentence: Sentence | None = None


class Mortal:
    """Counts the moments of a sentence, and stands still at the last until the parent kills the process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._sentence: Sentence | None = None

    def carry(self, sentence: Sentence | None) -> None:
        """Take a sentence along; without one the present one stays."""
        self._sentence = sentence or self._sentence

    def reaches(self, moment: Moment) -> bool:
        """Count this moment; return whether it is the last."""
        with self._lock:
            if self._sentence is None or self._sentence.moment is not moment:
                return False
            left = self._sentence.count - 1
            self._sentence = replace(self._sentence, count=left)
            return left == 0

    def die(self) -> None:
        """Say that the moment has come, and wait for the end."""
        self._connection.send(ORDERED)
        threading.Event().wait()


@dataclass(frozen=True, slots=True)
class MortalStore:
    """A store in which its process may die: before a commit, and after it."""

    store: Store
    mortal: Mortal

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self.store.transaction() as transaction:
            yield transaction
            if self.mortal.reaches(Moment.WRITTEN):
                transaction.journal_head()  # the journal is written last, by whoever asks for its end
                self.mortal.die()
        if self.mortal.reaches(Moment.COMMITTED):
            self.mortal.die()

    def reading(self) -> AbstractContextManager[Transaction]:
        return self.store.reading()

    def close(self) -> None:
        self.store.close()


@dataclass(frozen=True, slots=True)
class MortalChannel:
    """A channel whose process may die once the answer is there."""

    channel: Channel
    mortal: Mortal

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:
        outcome = await self.channel.send(text, message_no, part)
        if self.mortal.reaches(Moment.ANSWERED):
            self.mortal.die()
        return outcome


def a_short_setting(store: Store, address: str, worker: str) -> Setting:
    """Return the setting of a storm."""
    return replace(a_setting(store, short_office(address, worker)), rules=short_rules)


def live(connection: Connection, url: str, address: str, name: str) -> None:
    """Work until killed: an order in, what failed in that cycle out."""
    complaints: list[str] = []
    logger.remove()
    logger.add(lambda line: complaints.append(_short(line.record)), level="ERROR", format="{message}")
    with closing(open_store(url)) as store:
        asyncio.run(_work(connection, store, address, name, complaints))


def _short(record: Mapping[str, object]) -> str:
    error = getattr(record["exception"], "value", None)
    return f"{record['extra']}: {record['message']}: {error!r}"


async def _work(connection: Connection, store: Store, address: str, name: str, complaints: list[str]) -> None:
    mortal = Mortal(connection)
    setting = a_short_setting(MortalStore(store, mortal), address, name)
    engine = Engine(setting)
    outbox = Outbox(setting.store, setting.circumstances, Rendering(setting, tuple, lambda _: None), name)
    async with wires(setting.office()) as opened:
        channels = {key: MortalChannel(channel, mortal) for key, channel in opened.items()}
        connection.send("ready")
        while True:
            order: Order = await asyncio.to_thread(connection.recv)
            mortal.carry(order.sentence)
            async with asyncio.TaskGroup() as group:  # side by side, as in the service
                group.create_task(_guarded("tick", partial(_tick, engine, order.now)))
                group.create_task(_guarded("deliver", partial(_deliver, outbox, channels, order.now)))
            await _guarded("deliver", partial(_deliver, outbox, channels, order.now))
            connection.send(tuple(complaints))
            complaints.clear()


async def _guarded(name: str, run: Callable[[], Awaitable[None]]) -> None:
    await guarded(Periodic(name=name, every=timedelta(0), run=run), Faults())()


async def _tick(engine: Engine, now: datetime) -> None:
    while (await asyncio.to_thread(engine.tick, now)).more:
        continue


async def _deliver(outbox: Outbox, channels: Mapping[str, Channel], now: datetime) -> None:
    while await outbox.deliver(channels, lambda: now):
        continue
