"""A worker of the service in a process of its own, to be killed: the script, and the parent's end of it.

It says on standard output what it has done, one line at a time, and waits for a line where it says so; so a
test knows where it stands when it is killed, and nobody sleeps.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from alerts.channels.base import open_session
from alerts.channels.build import build_channel
from alerts.outbox import Outbox
from monitor.clock import SystemClock
from monitor.office.example import example_office
from monitor.office.model import ChannelKind, Office
from monitor.pipeline.digesting import queue_digests
from monitor.pipeline.engine import Engine
from monitor.pipeline.rendering import Rendering
from monitor.ports import Channel, Store, Transaction
from storage.backup import take_backup
from storage.engine import open_store
from tests.support.builders import T0, after
from tests.support.setting import a_setting
from tests.support.writing import write_on

PATIENCE = 60
"""Seconds until a child that says nothing is a failed test."""


@dataclass(frozen=True, slots=True)
class Child:
    """The parent's end."""

    running: asyncio.subprocess.Process

    async def hears(self) -> str:
        """Return the next line that the child says."""
        assert self.running.stdout is not None
        async with asyncio.timeout(PATIENCE):
            return (await self.running.stdout.readline()).decode().strip()

    async def tell(self, word: str = "go") -> None:
        """Let the child go on."""
        assert self.running.stdin is not None
        self.running.stdin.write(f"{word}\n".encode())
        await self.running.stdin.drain()

    async def kill(self) -> None:
        """Kill it with -9, and see that this is what ended it."""
        self.running.kill()
        assert await self.running.wait() == -9


@asynccontextmanager
async def child(what: str, database_url: str, *more: str) -> AsyncIterator[Child]:
    """Start a child; whatever happens, it is gone afterwards."""
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.child", what, database_url, *more, stdin=pipe, stdout=pipe
    )
    try:
        yield Child(running)
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


def wired_office(address: str) -> Office:
    """Return the example office with the duty officer's bot at this address."""
    office = example_office()
    channels = tuple(
        replace(spec, kind=ChannelKind.WECOM, address=address, per_minute=1000)
        if spec.name == "duty-wecom"
        else spec
        for spec in office.channels
    )
    return replace(office, channels=channels)


def an_outbox(store: Store, office: Office, name: str) -> Outbox:
    setting = a_setting(store, office)
    return Outbox(store, setting.circumstances, Rendering(setting, tuple, lambda _: None), name)


@asynccontextmanager
async def wires(office: Office) -> AsyncIterator[dict[str, Channel]]:
    """Open every channel of an office, on loopback."""
    async with open_session(allow_private=True) as session:
        yield {
            spec.name: build_channel(spec, None, session, SystemClock(), allow_private=True)
            for spec in office.channels
        }


# -- the script


def say(word: object) -> None:
    print(word, flush=True)  # noqa: T201 - this is how it talks to its parent


def wait() -> None:
    sys.stdin.readline()


def take_only(url: str, address: str) -> None:
    """Claim what is due and be killed before it is sent."""
    with closing(open_store(url)) as store:
        taken = an_outbox(store, wired_office(address), "child").take(after())
        say(len(taken))
        wait()


def deliver_all(url: str, address: str) -> None:
    """Send what is due until nothing is."""
    office = wired_office(address)

    async def deliver() -> int:
        sent = 0
        async with wires(office) as channels:
            outbox = an_outbox(store, office, f"child-{id(channels)}")
            while count := await outbox.deliver(channels, after):
                sent += count
        return sent

    with closing(open_store(url)) as store:
        say("ready")
        wait()
        say(asyncio.run(deliver()))


@dataclass(frozen=True, slots=True)
class PausingStore:
    """A store that says `written` or `committed` when its n-th transaction has got there, and waits."""

    store: Store
    pauses: Iterator[str | None]

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        pause = next(self.pauses, None)
        with self.store.transaction() as transaction:
            yield transaction
            if pause == "written":
                transaction.journal_head()  # the journal is written last, by whoever asks for its end
                say(pause)
                wait()
        if pause == "committed":
            say(pause)
            wait()

    def reading(self) -> AbstractContextManager[Transaction]:
        return self.store.reading()

    def close(self) -> None:
        self.store.close()


def tick(url: str, pause: str) -> None:
    """Run one cycle of the engine; its second transaction, the first incident's, pauses."""
    with closing(open_store(url)) as store:
        paused = PausingStore(store, iter([None, pause]))
        Engine(a_setting(paused)).tick(after(hours=12, minutes=1))


def digest(url: str, at: str) -> None:
    """Queue the daily digest."""
    with closing(open_store(url)) as store:
        office = replace(example_office(), digest_at=datetime.fromisoformat(at).time())
        say("ready")
        wait()
        say(queue_digests(a_setting(store, office), datetime.fromisoformat(at) + timedelta(minutes=1)))


def write(url: str) -> None:
    """Write without a pause until killed."""
    with closing(open_store(url)) as store:
        write_on(store)


def back_up(url: str, file: str, member: str) -> None:
    """Take a backup that has one more member; a pipe is waited for."""
    take_backup(url, Path(file), {"office.yaml": Path(member)}, work=Path(file).parent, now=T0)


SCRIPTS: dict[str, Callable[..., None]] = {
    "take": take_only,
    "deliver": deliver_all,
    "tick": tick,
    "digest": digest,
    "write": write,
    "back_up": back_up,
}

if __name__ == "__main__":
    SCRIPTS[sys.argv[1]](*sys.argv[2:])
