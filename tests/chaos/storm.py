"""A storm: three workers on one database, killed with -9 again and again while clocks run and people act."""

import asyncio
import multiprocessing
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from alerts.model import AlertState
from monitor.classifiers.model import Count, Figures
from monitor.dossier import acts
from monitor.dossier.intake import Newcomer, open_incident
from monitor.errors import RefusedActError
from monitor.incidents.model import IncidentState
from monitor.keeping import keep
from monitor.pipeline.acting import Acting
from monitor.pipeline.auditing import audit_store
from monitor.pipeline.setting import Setting
from monitor.ports import Store
from tests.chaos.facts import Facts
from tests.chaos.plan import WORKERS, Deed, Moment, Opening, Plan, Sentence, Storm, draw
from tests.chaos.wire import Vendor, a_vendor
from tests.chaos.worker import ORDERED, Order, a_short_setting, live
from tests.support.builders import a_verdict, an_item
from tests.support.clock import SimulatedClock

PATIENCE = 60
"""Seconds until a worker that says nothing is a failed test."""

AFTERWARDS = 30
"""Cycles after everything was closed: longer than a lease and all tries at one person together."""

EVERYTHING = 10_000_000
_FORKS = multiprocessing.get_context("forkserver")  # forks of one process that has loaded everything
_FORKS.set_forkserver_preload(["tests.chaos.worker"])


class Worker:
    """The parent's end of a worker."""

    def __init__(self, name: str, url: str, address: str) -> None:
        self.name = name
        self.is_doomed = False
        self._connection, theirs = _FORKS.Pipe()
        self._running = _FORKS.Process(target=live, args=(theirs, url, address, name), daemon=True)
        self._running.start()
        theirs.close()

    async def hears(self) -> Any:
        """Return what it says next, or None once it was killed."""
        said = await asyncio.to_thread(_next, self._connection)
        if said == ORDERED:
            self.kill()
            return await self.hears()
        if said is None:
            await asyncio.to_thread(self._running.join)
            assert self._running.exitcode == -9, f"worker {self.name} ended with {self._running.exitcode}"
        return said

    def tell(self, order: Order) -> None:
        """Hand out a cycle."""
        self._connection.send(order)

    def kill(self) -> None:
        """Kill it with -9."""
        self._running.kill()


def _next(connection: Connection) -> Any:
    try:
        if not connection.poll(PATIENCE):
            raise TimeoutError("a worker says nothing")
        return connection.recv()
    except (EOFError, ConnectionError):
        return None


@dataclass
class Weather:
    """The running storm."""

    plan: Plan
    url: str
    setting: Setting
    vendor: Vendor
    workers: dict[str, Worker]
    clock: SimulatedClock
    waiting: deque[Sentence] = field(default_factory=deque)
    killed: list[tuple[datetime, Moment]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    lived: list[datetime] = field(default_factory=list)
    born: int = 0

    async def blow(self) -> None:
        """Live through every cycle of the plan."""
        for cycle, now in enumerate(self.plan.instants):
            if cycle in self.plan.blackouts:
                await self._black_out()
            if cycle == self.plan.calm_from:
                await self._calm_down()
            self.clock.advance(now - self.clock.now())
            self.lived.append(now)
            self.waiting += self.plan.kills.get(cycle, ())
            await self._fill_up()
            self._hand_out(now)
            people = asyncio.to_thread(self._people_act, cycle, now)
            await asyncio.gather(people, *(self._hear(worker, now) for worker in list(self.workers.values())))

    async def _fill_up(self) -> None:
        fresh = []
        while len(self.workers) < WORKERS:
            self.born += 1
            worker = Worker(f"w{self.born}", self.url, self.vendor.address)
            self.workers[worker.name] = worker
            fresh.append(worker)
        for worker in fresh:
            assert await worker.hears() == "ready"

    def _hand_out(self, now: datetime) -> None:
        for worker in self.workers.values():
            sentence = None
            if self.waiting and not worker.is_doomed:
                sentence = self.waiting.popleft()
                worker.is_doomed = True
                self.vendor.sentences[worker.name] = sentence
            worker.tell(Order(now=now, sentence=sentence))

    async def _hear(self, worker: Worker, now: datetime) -> None:
        said = await worker.hears()
        if said is None:
            del self.workers[worker.name]
            self.killed.append((now, self.vendor.sentences[worker.name].moment))
            return
        self.complaints += said

    async def _black_out(self) -> None:
        """Kill everybody between two cycles."""
        await self._fill_up()
        for worker in self.workers.values():
            worker.kill()
        for worker in self.workers.values():
            assert await worker.hears() is None
            self.killed.append((self.clock.now(), Moment.RESTING))
        self.workers.clear()

    async def _calm_down(self) -> None:
        """Let those die at rest who never came to their moment, and as many more as were promised."""
        self.waiting.clear()
        doomed = any(worker.is_doomed for worker in self.workers.values())
        while doomed or len(self.killed) < self.plan.promised:
            await self._black_out()
            doomed = False

    def _people_act(self, cycle: int, now: datetime) -> None:
        _open(self.setting, self.plan.openings.get(cycle, ()), now)
        _act(self.setting, self.clock, self.plan.deeds.get(cycle, ()))


def _open(setting: Setting, openings: Iterable[Opening], now: datetime) -> None:
    """Open incidents, each in its own transaction, as intake does."""
    for opening in openings:
        with setting.store.transaction() as transaction:
            number = transaction.next_incident_id()
            figures = Figures(counts={"deaths": Count.exactly(opening.deaths)})
            verdict = a_verdict(figures=figures, grade=setting.grade(figures, "road_traffic"))
            seen = an_item(key=f"{number}", published_at=now - opening.backdated, first_seen_at=now)
            (item,) = transaction.add_items([seen], [verdict])
            newcomer = Newcomer(item=item, verdict=verdict)
            keep(transaction, open_incident(number, [newcomer], setting.circumstances(transaction, now)))


def _act(setting: Setting, clock: SimulatedClock, deeds: Iterable[Deed]) -> None:
    """Let people act; what the rules refuse is on record."""
    acting = Acting(setting, clock)
    for deed in deeds:
        try:
            acting.do(deed.incident, deed.act, by=deed.by, via="desk")
        except RefusedActError:
            continue


@asynccontextmanager
async def _weather(storm: Storm, store: Store, url: str) -> AsyncIterator[Weather]:
    workers: dict[str, Worker] = {}
    async with a_vendor(storm.seed, lambda name: workers[name].kill()) as vendor:
        plan = draw(storm)
        clock = SimulatedClock(plan.instants[0])
        setting = a_short_setting(store, vendor.address, "desk")
        weather = Weather(plan, url, setting, vendor, workers, clock)
        try:
            yield weather
        finally:
            for worker in workers.values():
                worker.kill()


async def raise_storm(storm: Storm, store: Store, url: str) -> Facts:
    """Raise a storm over an empty database; return what is on record afterwards, here and at the vendor."""
    async with _weather(storm, store, url) as weather:
        await weather.blow()
        with store.reading() as transaction:
            over = {
                "over_at": weather.clock.now(),
                "untold": audit_store(transaction, weather.clock.now()),
                "still_open": transaction.dossiers_of(
                    transaction.incidents((IncidentState.OPEN,), limit=EVERYTHING)
                ),
            }
        await _come_to_rest(weather)
        return _facts(weather, store, over)


async def _come_to_rest(weather: Weather) -> None:
    """Let the leader close what is open, so that nothing new comes, and let what is under way arrive."""
    store = weather.setting.store
    with store.reading() as transaction:
        left = transaction.incidents((IncidentState.OPEN,), limit=EVERYTHING)
    deeds = [Deed(incident=i.id, by="leader", act=acts.close("演练结束")) for i in left]
    await asyncio.to_thread(_act, weather.setting, weather.clock, deeds)
    calm = weather.plan.instants[-1]
    step = calm - weather.plan.instants[-2]
    weather.plan = Plan(instants=tuple(calm + step * n for n in range(1, AFTERWARDS + 1)))
    await weather.blow()


def _facts(weather: Weather, store: Store, over: dict[str, Any]) -> Facts:
    with store.reading() as transaction:
        incidents = transaction.incidents(limit=EVERYTHING)
        alerts = transaction.alerts_in_states([str(state) for state in AlertState], limit=EVERYTHING)
        return Facts(
            dossiers=transaction.dossiers_of(incidents),
            alerts=alerts,
            deliveries=transaction.deliveries({alert.message_no for alert in alerts}),
            journal=tuple(entry.change for entry in transaction.journal(limit=EVERYTHING)),
            journal_holds=transaction.verify_journal()[0],
            **over,
            receipts=tuple(weather.vendor.receipts),
            instants=tuple(weather.lived),
            killed=tuple(weather.killed),
            complaints=tuple(weather.complaints),
        )
