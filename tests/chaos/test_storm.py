"""Workers die at random while clocks run: every crossing is told, nothing is lost, nothing told for nothing.

`make test` raises a small storm on each database, `make chaos` a great one. A seed tells where who dies: with
HUIYING_CHAOS_SEED the same storm comes again.
"""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.model import AlertState, RoundState
from monitor.deadlines.model import ReminderState
from storage.engine import open_store
from tests.chaos.checks import crossings, find_faults
from tests.chaos.facts import Facts
from tests.chaos.plan import Storm, draw
from tests.chaos.storm import raise_storm
from tests.chaos.summary import numbers_of
from tests.support.databases import BOTH, fresh_database

SEED = int(os.environ.get("HUIYING_CHAOS_SEED", "1"))
SMALL = Storm(seed=SEED, incidents=30, kills=12, blackouts=1, minutes=16, opening=4)
GREAT = Storm(seed=SEED)


async def weathered(storm: Storm, kind: str, folder: Path) -> Facts:
    with fresh_database(kind, folder) as url, closing(open_store(url)) as store:
        return await raise_storm(storm, store, url)


@pytest.mark.kill
@pytest.mark.parametrize("kind", BOTH)
async def test_twelve_kills_lose_nothing_and_repeat_only_what_was_in_flight(
    kind: str, tmp_path: Path
) -> None:
    facts = await weathered(SMALL, kind, tmp_path)
    numbers = numbers_of(facts)
    assert find_faults(facts) == [], f"HUIYING_CHAOS_SEED={SEED}"
    assert numbers["kills"] >= SMALL.kills
    assert numbers["crossings fired"] > 50
    assert [name for name, spoil in BLINDFOLDS.items() if not find_faults(spoil(facts))] == []


@pytest.mark.chaos
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", BOTH)
async def test_two_hundred_kills_lose_nothing_and_repeat_only_what_was_in_flight(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = await weathered(GREAT, kind, tmp_path)
    numbers = numbers_of(facts)
    with capsys.disabled():
        print(f"\n{kind}, HUIYING_CHAOS_SEED={SEED}")  # noqa: T201 - the numbers are for people
        for name, number in numbers.items():
            print(f"  {name:<46}{number:>8,}")  # noqa: T201
    assert find_faults(facts) == [], f"HUIYING_CHAOS_SEED={SEED}"
    assert numbers["kills"] >= GREAT.kills


def test_the_same_seed_is_the_same_storm() -> None:
    one, same, other = (draw(Storm(seed=seed)) for seed in (7, 7, 8))
    assert (one.kills, one.openings, one.blackouts) == (same.kills, same.openings, same.blackouts)
    assert one.kills != other.kills


# -- what a storm must not be blind to: each takes the facts of a good one and spoils them


def _told(facts: Facts) -> int:
    """Return where an accepted row of a reminder stands, with which nobody else shares the message."""
    counts = [sum(a.message_no == alert.message_no for a in facts.alerts) for alert in facts.alerts]
    return next(
        n
        for n, alert in enumerate(facts.alerts)
        if counts[n] == 1 and alert.state is AlertState.SENT and alert.reason == "reminder_50"
    )


def _without_row(facts: Facts) -> Facts:
    n = _told(facts)
    return replace(facts, alerts=(*facts.alerts[:n], *facts.alerts[n + 1 :]))


def _with_row_twice(facts: Facts) -> Facts:
    row = facts.alerts[_told(facts)]
    return replace(facts, alerts=(*facts.alerts, replace(row, id=f"{row.id}-again")))


def _never_arrived(facts: Facts) -> Facts:
    no = facts.alerts[_told(facts)].message_no
    return replace(facts, receipts=[r for r in facts.receipts if r.no != no])


def _arrived_twice(facts: Facts) -> Facts:
    no = facts.alerts[_told(facts)].message_no
    return replace(facts, receipts=[*facts.receipts, *(r for r in facts.receipts if r.no == no)])


def _arrived_of_nothing(facts: Facts) -> Facts:
    return replace(facts, receipts=[*facts.receipts, replace(facts.receipts[-1], no=10**9)])


def _still_queued(facts: Facts) -> Facts:
    row = replace(facts.alerts[-1], state=AlertState.QUEUED)
    return replace(facts, alerts=(*facts.alerts[:-1], row))


def _dead_for_no_reason(facts: Facts) -> Facts:
    row = replace(facts.alerts[-1], state=AlertState.DEAD, cause=None)
    return replace(facts, alerts=(*facts.alerts[:-1], row))


def _without_outcome(facts: Facts) -> Facts:
    kept = {at for at, _ in facts.killed}
    attempts = [
        replace(d, outcome=None) if d.started_at not in kept and d.outcome else d for d in facts.deliveries
    ]
    return replace(facts, deliveries=attempts)


def _reminder(state: ReminderState | None) -> Callable[[Facts], Facts]:
    """Return what gives one crossing that fired this state instead, or takes its row away."""

    def spoil(facts: Facts) -> Facts:
        fired = next(
            c.row
            for d in facts.dossiers
            for c in crossings(d, facts)
            if c.row and c.row.state is ReminderState.FIRED and c.kind == "due"
        )
        spoilt = [replace(fired, state=state)] if state else []
        dossiers = [
            replace(d, reminders=(*(r for r in d.reminders if r.id != fired.id), *spoilt))
            if d.incident.id == fired.incident_id
            else d
            for d in facts.dossiers
        ]
        return replace(facts, dossiers=dossiers)

    return spoil


def _asleep(facts: Facts) -> Facts:
    """Let a round that should have climbed long ago be open when the storm is over."""
    ended = next(d for d in facts.dossiers if d.rounds)
    forgotten = replace(ended.rounds[-1], state=RoundState.OPEN, next_at=facts.instants[0])
    return replace(facts, still_open=[replace(ended, rounds=(forgotten,))])


BLINDFOLDS: dict[str, Callable[[Facts], Facts]] = {
    "a row is missing": _without_row,
    "a row is there twice": _with_row_twice,
    "what counts as accepted never arrived": _never_arrived,
    "something arrived twice without a kill": _arrived_twice,
    "something arrived that is in no row": _arrived_of_nothing,
    "a row is still queued": _still_queued,
    "a row died for no reason": _dead_for_no_reason,
    "an attempt without an outcome": _without_outcome,
    "a breach still waits": _reminder(ReminderState.WAITING),
    "a breach was skipped": _reminder(ReminderState.SKIPPED),
    "a breach was cancelled": _reminder(ReminderState.CANCELLED),
    "a breach has no row": _reminder(None),
    "a round did not climb": _asleep,
    "an outage is told twice": lambda facts: replace(
        facts, journal=[*facts.journal, *facts.noted("service_up")]
    ),
    "the journal is broken": lambda facts: replace(facts, journal_holds=False),
    "the auditor objects": lambda facts: replace(facts, untold=("breach_untold:1",)),
    "a step failed": lambda facts: replace(facts, complaints=("tick",)),
}
