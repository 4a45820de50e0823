"""The engine's tick: notice an outage or a moved clock, then advance every incident whose time has come."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.dossier.advance import advance
from monitor.dossier.model import Change
from monitor.errors import ConflictError
from monitor.keeping import keep_all
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction

JUMP = timedelta(seconds=90)
"""A longer gap between two tries of one running engine means that the machine's clock was moved (C28)."""

OUTAGE = timedelta(seconds=15)
"""A longer gap before the first tick of a new engine means that no worker ran: the service was away (T10).

So it was where an engine tried all the time and the database let none of its ticks through.
"""

BATCH = 200
"""How many incidents one tick wakes."""

TOGETHER = 50
"""How many incidents share a transaction: few enough that nobody waits long for the one writer of SQLite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What one cycle did: how many incidents it woke, and whether more wait."""

    woken: int
    more: bool


class Engine:
    """Ticks.

    It blocks and runs in a worker thread; several may run on one database (A1).
    """

    def __init__(self, setting: Setting, pace: float = 1.0) -> None:
        """Take part in ticking; `pace` is how many times faster than real time the clock runs."""
        self._setting = setting
        self._pace = pace
        self._tried_at: datetime | None = None
        self._failed: set[int] = set()

    def tick(self, now: datetime) -> Ticked:
        """Run one cycle with one `now` (T11).

        Safe to run twice, and beside other workers.
        """
        store = self._setting.store
        tried_at, self._tried_at = self._tried_at, now
        with store.transaction() as transaction:
            self._feel_pulse(transaction, tried_at, now)
            ids = transaction.wake(now, BATCH)
        with ExitStack() as turns:  # each group has its turn, whatever another raises; then the error goes on
            for some in reversed(self._gathered(ids)):
                turns.callback(self._advance, some, now)
        return Ticked(woken=len(ids), more=len(ids) == BATCH)

    def _gathered(self, ids: Sequence[int]) -> list[Sequence[int]]:
        """Return what is advanced together: whatever was in an attempt that failed is alone from then on."""
        sound = [incident_id for incident_id in ids if incident_id not in self._failed]
        groups: list[Sequence[int]] = [sound[i : i + TOGETHER] for i in range(0, len(sound), TOGETHER)]
        return groups + [[incident_id] for incident_id in ids if incident_id in self._failed]

    def _advance(self, ids: Sequence[int], now: datetime) -> None:
        self._failed.update(ids)
        try:
            with self._setting.store.transaction() as transaction:
                circumstances = self._setting.circumstances(transaction, now)
                keep_all(transaction, [advance(d, circumstances) for d in transaction.dossiers(ids)])
        except ConflictError:
            pass  # Another worker was faster; what is left comes with the next tick.
        self._failed.difference_update(ids)

    def note_idle(self, now: datetime) -> None:
        """Keep the pulse without looking for work: a rehearsal jumps from instant to instant."""
        with self._setting.store.transaction() as transaction:
            before = transaction.pulse(to_change=True)
            transaction.save_pulse(replace(before, last_tick_at=now, awake_since=before.awake_since or now))
        self._tried_at = now

    def _feel_pulse(self, transaction: Transaction, tried_at: datetime | None, now: datetime) -> None:
        before = transaction.pulse(to_change=True)
        after = replace(before, last_tick_at=now, awake_since=before.awake_since or now)
        gap = now - before.last_tick_at if before.last_tick_at is not None else timedelta(0)
        is_new = tried_at is None
        ran_on = tried_at is not None and now - tried_at <= JUMP * self._pace
        if gap > (OUTAGE if is_new else JUMP) * self._pace or gap < timedelta(seconds=-1):
            was_away = gap > timedelta(0) and (is_new or ran_on)
            after = replace(after, awake_since=now, away=gap if was_away else timedelta(0))
            if not was_away:
                after = replace(after, jumped_at=now, jumped_by=gap)
            transaction.record(_gap_changes(was_away, now - gap, gap, now))
        transaction.save_pulse(after)


def _gap_changes(was_away: bool, down_at: datetime, gap: timedelta, now: datetime) -> list[Change]:
    """Return what the journal says of a gap: the service was away, or the machine's clock was moved (C28)."""
    seconds = round(gap.total_seconds())
    if not was_away:
        return [Change(at=now, event="clock_jumped", incident=None, facts={"by_s": seconds})]
    return [
        Change(at=now, event="service_down", incident=None, facts={"since": down_at.isoformat()}),
        Change(at=now, event="service_up", incident=None, facts={"away_s": seconds}),
    ]
