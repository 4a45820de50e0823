"""A rehearsal: the real pipeline and outbox; only time and the channels' other end are simulated.

Time is a list of instants: the next step of the scenario, the next wake of the database, the next answer
of a slow channel. Nothing waits, so two months pass in seconds, and every run of a scenario is the same.
"""

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.model import Outcome
from monitor.clock import as_local
from monitor.drill.scenario import Scenario, Step
from monitor.drill.timeline import Event, as_event
from monitor.errors import MonitorError
from monitor.pipeline.auditing import audit_store
from monitor.pipeline.digesting import next_digest_at
from monitor.pipeline.engine import Engine
from monitor.pipeline.handover import next_handover_at, queue_handovers
from monitor.pipeline.rendering import Rendering
from monitor.pipeline.setting import Setting
from monitor.pipeline.timely_papers import next_paper_at, queue_flashes, queue_papers
from monitor.ports import Dispatch, Posting
from monitor.service import build_outbox, simulated_answer

A_MOMENT = timedelta(seconds=1)
MOST_ROUNDS_AN_INSTANT = 200
"""More cycles than this at one instant means that something wakes for ever: a bug, not a story."""


class StuckError(MonitorError):
    """The rehearsal does not come to rest at one instant."""


class DrillClock:
    """True time of the rehearsal, and the machine's clock, which a step may move."""

    def __init__(self, now: datetime) -> None:
        self.true = now
        self.skew = timedelta(0)

    def now(self) -> datetime:
        """Return what the machine's clock shows."""
        return self.true + self.skew

    async def sleep(self, length: timedelta) -> None:
        """Refuse: nothing waits in a rehearsal."""
        raise StuckError(f"something wants to wait for {length}")


@dataclass(slots=True)
class Worker:
    """One process of the service: an engine and an outbox on the shared database."""

    engine: Engine
    outbox: Posting


class Rehearsal:
    """Plays a scenario.

    `perform` does one step that is not about the rehearsal itself.
    """

    def __init__(
        self,
        scenario: Scenario,
        setting: Setting,
        clock: DrillClock,
        workers: int,
        perform: Callable[[Step], None],
        emit: Callable[[Event], None],
    ) -> None:
        self._scenario = scenario
        self._setting = setting
        self._clock = clock
        self._count = workers
        self._render = Rendering(setting, tuple, lambda _: None)
        self._perform = perform
        self._emit_line = emit
        self._modes: dict[str, Any] = dict(scenario.modes)
        self._steps = list(scenario.steps)
        self._in_flight: list[tuple[datetime, int, Worker, Dispatch, Outcome]] = []
        self._order = itertools.count()
        self._down_until: datetime | None = None
        self._seq = 0
        self._has_jumped = False
        self._workers = self._start()

    def _start(self) -> list[Worker]:
        return [
            Worker(
                engine=Engine(self._setting),
                outbox=build_outbox(self._setting, self._render, f"worker-{n}"),
            )
            for n in range(1, self._count + 1)
        ]

    def run(self) -> None:
        """Play to the end of the scenario and emit every event, `drill_ended` last."""
        self._idle()
        lived = self._scenario.starts_at - A_MOMENT
        while (at := self._next_at()) is not None and at <= self._scenario.ends_at:
            # What still wakes at an instant lived through (a worker's lease) is looked at a second later.
            self._clock.true = at if at > lived else lived + A_MOMENT
            self._live_through()
            lived = self._clock.true
        self._clock.true = self._scenario.ends_at
        self._finish()

    def _next_at(self) -> datetime | None:
        if self._down_until is not None:
            return self._down_until
        instants = [self._steps[0].at] if self._steps else []
        instants += [self._in_flight[0][0]] if self._in_flight else []
        with self._setting.store.reading() as transaction:
            wakes = [transaction.next_wake_at()]
        office, now = self._setting.office(), self._clock.now()
        wakes += [next_digest_at(office, now), next_handover_at(office, now), next_paper_at(office, now)]
        instants += [wake - self._clock.skew for wake in wakes if wake is not None]
        return min(instants, default=None)

    def _live_through(self) -> None:
        """Do everything of this instant: people first, then answers of channels, then the engine."""
        if self._down_until is not None:
            self._down_until = None
            self._workers = self._start()
        else:
            self._idle()
        self._take_steps()
        for _ in range(MOST_ROUNDS_AN_INSTANT):
            if self._is_down() or not self._cycle():
                return
        raise StuckError(f"no rest at {self._clock.true.isoformat()}")

    def _is_down(self) -> bool:
        return self._down_until is not None

    def _idle(self) -> None:
        if not self._has_jumped_now():
            for worker in self._workers:
                worker.engine.note_idle(self._clock.now())

    def _has_jumped_now(self) -> bool:
        return bool(self._steps) and self._steps[0].what == "clock" and self._steps[0].at <= self._clock.true

    def _take_steps(self) -> None:
        while self._steps and self._steps[0].at <= self._clock.true and self._down_until is None:
            step = self._steps.pop(0)
            if step.what == "channel":
                self._modes.update(step.detail)
            elif step.what == "clock":
                self._clock.skew += step.detail.jump
                self._has_jumped = True
            elif step.what == "crash":
                self._crash(step.at + step.detail.down_for)
            else:
                self._perform(step)
            self._emit()

    def _crash(self, until: datetime) -> None:
        """Lose everything but the database: what was on the wire, leases held, what a worker knew."""
        self._in_flight.clear()
        self._down_until = until
        self._emit_line({**self._stamp(), "event": "service_down", "incident": None})

    def _stamp(self) -> Event:
        return {"at": as_local(self._clock.true).isoformat()}

    def _cycle(self) -> bool:
        """Settle, tick and take once on every worker; return whether anything happened."""
        busy = self._settle_answers()
        queue_papers(self._setting, (), self._clock.now())
        queue_flashes(self._setting, (), self._clock.now())
        queue_handovers(self._setting, self._clock.now())
        for worker in self._workers:
            ticked = worker.engine.tick(self._clock.now())
            dispatches = worker.outbox.take(self._clock.now())
            for dispatch in dispatches:
                self._send(worker, dispatch)
            busy = busy or bool(dispatches) or ticked.woken > 0
        self._settle_answers()
        self._emit()
        return busy

    def _send(self, worker: Worker, dispatch: Dispatch) -> None:
        outcome, took = simulated_answer(self._modes.get(dispatch.claim.message.channel, "ok"))
        heapq.heappush(
            self._in_flight, (self._clock.true + took, next(self._order), worker, dispatch, outcome)
        )

    def _settle_answers(self) -> bool:
        settled = False
        while self._in_flight and self._in_flight[0][0] <= self._clock.true:
            _, _, worker, dispatch, outcome = heapq.heappop(self._in_flight)
            worker.outbox.settle(dispatch, outcome, self._clock.now())
            settled = True
        return settled

    def _emit(self) -> None:
        """Emit what the journal holds since the last look, stamped with true time."""
        while True:
            with self._setting.store.reading() as transaction:
                entries = transaction.journal(after_seq=self._seq)
            for entry in entries:
                self._seq = entry.seq
                if entry.change.event != "service_down":
                    machine = self._clock.now() if self._has_jumped else None
                    self._emit_line(as_event(entry.change, self._clock.true, machine))
            if not entries:
                return

    def _finish(self) -> None:
        with self._setting.store.reading() as transaction:
            journal_ok, _ = transaction.verify_journal()
            faults = audit_store(transaction, self._clock.now())
            queued = transaction.alerts_in_states(("queued",), limit=100_000)
        unsent = sum(alert.send_at <= self._clock.now() for alert in queued)
        self._emit_line(
            {
                **self._stamp(),
                "event": "drill_ended",
                "incident": None,
                "journal_ok": journal_ok,
                "auditor_clean": not faults,
                "unsent": unsent,
            }
        )
