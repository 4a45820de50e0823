"""Which reminder of an obligation is due at `now`, which are passed over, and when the next one comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.deadlines.model import Obligation, Reminder, ReminderState

JUST_AFTER = timedelta(seconds=1)
"""A deadline is inclusive: it is missed only after its instant, so the engine wakes this much later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """What to do now: at most one reminder fires; `skipped` maps each passed-over reminder to its reason."""

    fires: Reminder | None
    skipped: tuple[tuple[Reminder, str], ...] = ()


def reminder_id(obligation: Obligation, kind: str) -> str:
    """Return the unique key of a reminder: one for each obligation, version and kind."""
    return f"{obligation.id}/{obligation.version}/{kind}"


def plan_reminders(obligation: Obligation, marks: Sequence[int]) -> tuple[Reminder, ...]:
    """Return the reminders on the way to `due_at`: one at each share of the window, and the breach (T9)."""
    planned = [(f"reminder_{mark}", obligation.starts_at + obligation.window * mark / 100) for mark in marks]
    return tuple(_waiting(obligation, kind, at) for kind, at in [*planned, ("due", obligation.due_at)])


def overdue_reminder(obligation: Obligation, number: int, every: timedelta) -> Reminder:
    """Return `overdue_N`, at its own instant `due_at + every * N` (C1)."""
    return _waiting(obligation, f"overdue_{number}", obligation.due_at + every * number)


def _waiting(obligation: Obligation, kind: str, fires_at: datetime) -> Reminder:
    return Reminder(
        id=reminder_id(obligation, kind),
        obligation_id=obligation.id,
        incident_id=obligation.incident_id,
        kind=kind,
        fires_at=fires_at,
    )


def overdue_number(kind: str) -> int | None:
    """Return N of `overdue_N`, or None for every other kind."""
    return int(kind.removeprefix("overdue_")) if kind.startswith("overdue_") else None


def tells_breach(kind: str) -> bool:
    """Return whether a reminder of this kind says that the due time has passed."""
    return kind == "due" or overdue_number(kind) is not None


def wakes_at(reminder: Reminder) -> datetime:
    """Return the first instant at which this reminder has passed; a breach needs `now > due_at` (T3)."""
    return reminder.fires_at + JUST_AFTER if reminder.kind == "due" else reminder.fires_at


def reminder_due(waiting: Sequence[Reminder], now: datetime, awake_since: datetime) -> Firing:
    """Return what fires at `now` among one obligation's waiting reminders.

    Only the latest passed mark fires, earlier ones are skipped (T10, C2); the breach is the last mark, so
    it is never skipped (C1). An `overdue_N` that passed while the service was away (before `awake_since`)
    is skipped, told or not.
    """
    passed = sorted((r for r in waiting if _is_passed(r, now)), key=lambda r: r.fires_at)
    marks = [r for r in passed if overdue_number(r.kind) is None]
    if marks:
        rest = [(r, "overtaken") for r in passed if r is not marks[-1]]
        return Firing(fires=marks[-1], skipped=tuple(rest))
    missed = [(r, "service_away") for r in passed if r.fires_at < awake_since]
    fresh = [r for r in passed if r.fires_at >= awake_since]
    overtaken = [(r, "overtaken") for r in fresh[:-1]]
    return Firing(fires=fresh[-1] if fresh else None, skipped=tuple(missed + overtaken))


def _is_passed(reminder: Reminder, now: datetime) -> bool:
    return reminder.state is ReminderState.WAITING and wakes_at(reminder) <= now
