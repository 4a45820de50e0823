"""A served desk over a real SQLite store, and browsers that are signed in."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from monitor.collectors.model import Source
from monitor.collectors.poll import Polled
from monitor.desk.access import Access
from monitor.desk.app import build_desk, desk_server
from monitor.desk.context import Desk, DeskSettings, Lookout, Reaching
from monitor.desk.machine import GIB, Disk
from monitor.desk.rehearsing import Rehearsals
from monitor.desk.trying import Probing, SourceTrials
from monitor.drill.shipped import ShippedRehearsals
from monitor.office.model import Office
from monitor.pipeline.receiving import DeskActs
from monitor.pipeline.trial import Words
from monitor.ports import Store
from storage.engine import open_store
from tests.desk.story import NOW, WrittenActs, an_office, tell_the_story, the_sources
from tests.support.clock import SimulatedClock
from tests.support.databases import migrated_file

PEOPLE = {"duty": "duty", "head": "office_head", "leader": "leader", "department": "emergency_bureau"}
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SECRET = b"a secret of the tests"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk answered."""

    status: int
    headers: Any
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser without scripts, or a program with a token."""

    session: aiohttp.ClientSession

    async def get(self, path: str, **more: Any) -> Answer:
        async with self.session.get(path, **more) as answer:
            return Answer(answer.status, answer.headers, await answer.text(), str(answer.url))

    async def post(self, path: str, **more: Any) -> Answer:
        async with self.session.post(path, **more) as answer:
            return Answer(answer.status, answer.headers, await answer.text(), str(answer.url))

    async def act(self, incident_id: int, **fields: str) -> Answer:
        """Post a form of the incident page with that page's own form token."""
        page = await self.get(f"/incidents/{incident_id}")
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        return await self.post(f"/incidents/{incident_id}/acts", data={"csrf": csrf, **fields})


@dataclass(frozen=True, slots=True)
class ServedDesk:
    """A desk that really listens on loopback."""

    address: str
    desk: Desk
    acts: WrittenActs
    clock: SimulatedClock

    @property
    def access(self) -> Access:
        return self.desk.access

    @asynccontextmanager
    async def browser(self, role: str | None = None, **headers: str) -> AsyncIterator[Browser]:
        """Open a browser, signed in by a one-time link if a role is given."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(self.address, cookie_jar=jar, headers=headers) as session:
            browser = Browser(session)
            if role is not None:
                token = await asyncio.to_thread(self.access.open_demo, role, PEOPLE.get(role))
                await browser.post(f"/enter/{token}")
            yield browser

    @asynccontextmanager
    async def program(self, role: str, *scopes: str) -> AsyncIterator[Browser]:
        """Open a program that holds a token of these scopes."""
        await asyncio.to_thread(self.access.open_demo, role, PEOPLE.get(role))
        token = await asyncio.to_thread(
            self.access.issue_token, f"demo-{role}", scopes, self.desk.settings.session_lasts
        )
        async with self.browser(Authorization=f"Bearer {token}") as program:
            yield program


@pytest.fixture(scope="session")
def empty_file() -> Path:
    """Return a database of this version without a row, to be copied."""
    return migrated_file()


@pytest.fixture(scope="session")
def told_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database in the middle of the story, to be copied."""
    path = tmp_path_factory.mktemp("desk") / "told.db"
    shutil.copy(empty_file, path)
    with closing(open_store(f"sqlite:///{path}")) as store:
        tell_the_story(store)
    return path


@pytest.fixture
def store(tmp_path: Path, empty_file: Path) -> Iterator[Store]:
    """Return an empty store; the contract tests of the storage run it on both databases."""
    with closing(open_store(f"sqlite:///{shutil.copy(empty_file, tmp_path)}")) as opened:
        yield opened


@pytest.fixture
def told(tmp_path: Path, told_file: Path) -> Iterator[Store]:
    """Return a store in the middle of the story."""
    with closing(open_store(f"sqlite:///{shutil.copy(told_file, tmp_path)}")) as opened:
        yield opened


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOW)


async def _unasked(source: Source) -> Polled:
    raise AssertionError(f"nothing said how to ask {source.id}")


@asynccontextmanager
async def serve(
    store: Store,
    clock: SimulatedClock,
    wording: Words | None = None,
    reaching: Reaching | None = None,
    faults: Callable[[], tuple[str, ...]] = tuple,
    rehearsing: Rehearsals | None = None,
    office: Callable[[], Office] = an_office,
    sources: Callable[[], tuple[Source, ...]] = the_sources,
    probing: Probing | None = None,
    disk: Callable[[], Disk] = lambda: Disk(free=GIB, total=GIB),
    proxies: str = "",
) -> AsyncIterator[ServedDesk]:
    """Serve a desk on a free port of loopback until the block ends."""
    acts = WrittenActs(store, clock)
    app = build_desk(
        store=store,
        acts=cast("DeskActs", acts),
        office=office,
        sources=sources,
        clock=clock,
        settings=DeskSettings(secret=SecretStr(SECRET.decode()), version="0.1.0"),
        hasher=QUICK_HASHER,
        wording=wording,
        reaching=reaching,
        faults=faults,
        rehearsing=rehearsing or ShippedRehearsals(),
        lookout=Lookout(trials=SourceTrials(probing or _unasked, clock), disk=disk),
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = desk_server(app, host="127.0.0.1", port=0, proxies=proxies)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listening]))
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            yield ServedDesk(address=address, desk=app.state.desk, acts=acts, clock=clock)
            server.should_exit = True


@pytest.fixture
async def quiet(store: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    """Return a served desk on an empty store."""
    async with serve(store, clock) as desk:
        yield desk


@pytest.fixture
async def served(told: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    """Return a served desk in the middle of the story."""
    async with serve(told, clock) as desk:
        yield desk
