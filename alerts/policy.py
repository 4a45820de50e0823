"""Who hears of it, when, through what, and why not.

Decisions only; each returns its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import ChannelHealth
from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI
from monitor.office.model import Office, QuietHours

UNHEALTHY_REST = timedelta(minutes=5)
"""A channel that failed three times in a row is passed over until its last failure is this old (C25)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is told first: levels, whether the assigned departments too, and whether the round climbs."""

    levels: tuple[int, ...]
    departments: bool = False
    climbs: bool = True


def first_audience(
    reason: str, severity: Severity | None, *, statutory: bool, policy_hours: timedelta
) -> Audience:
    """Return who hears first of a round's reason (A6, T8).

    `policy_hours` is how often an overdue obligation is told to all levels again; `statutory` False is a
    house rule (a follow-up): for severity 3–4 or none it stays with level 1 and the assigned department
    and does not climb.
    """
    serious = severity is not None and severity.at_least(Severity.SERIOUS)
    if reason in ("detected", "severity_raised", "ack_expired"):
        return Audience(levels=(1, 2) if serious else (1,))
    if not statutory and not serious:
        return Audience(levels=(1,), departments=True, climbs=False)
    if reason.startswith("overdue_"):
        return _overdue_audience(int(reason.removeprefix("overdue_")), policy_hours)
    levels = {"reminder_75": (1, 2), "reminder_90": (1, 2, 3), "due": (1, 2, 3)}.get(reason, (1,))
    return Audience(levels=levels, departments=True)


def _overdue_audience(number: int, all_every: timedelta) -> Audience:
    rounds_a_day = max(1, round(all_every / timedelta(hours=2)))
    everybody = number % rounds_a_day == 0
    return Audience(levels=(1, 2, 3) if everybody else (1, 2), departments=everybody)


def channels_in_order(
    names: Sequence[str], health: Mapping[str, ChannelHealth], now: datetime
) -> tuple[str, ...]:
    """Return a recipient's channels in the order to try them.

    An unhealthy one last, until it has rested (C25).
    """
    return tuple(sorted(names, key=lambda name: _is_resting(health.get(name), now)))


def _is_resting(health: ChannelHealth | None, now: datetime) -> bool:
    if health is None or not health.is_unhealthy or health.last_failure_at is None:
        return False
    return now - health.last_failure_at < UNHEALTHY_REST


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """When a message may leave, and why it is held back until then (`quiet_hours`, `silence`), if it is."""

    at: datetime
    held_reason: str | None = None


def leave_at(
    office: Office, incident: int | None, level: int | None, *, urgent: bool, now: datetime
) -> Leave:
    """Return the first instant this message may leave (A7).

    Severity 1–2 and a breach leave at once, through silences and quiet hours; everything else waits to
    share one message, and longer where quiet hours or a silence hold it back.
    """
    if urgent:
        return Leave(at=now)
    silence = next((s for s in office.silences if s.incident == incident and s.since <= now < s.until), None)
    if silence is not None:
        return Leave(at=silence.until, held_reason="silence")
    quiet = next((q for q in office.quiet_hours if q.level == level and quiet_until(q, now)), None)
    if quiet is not None:
        return Leave(at=quiet_until(quiet, now) or now, held_reason="quiet_hours")
    return Leave(at=now + office.policy.grouping_wait)


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """Return when the quiet hours that hold at `now` end, or None outside them.

    Daily, local time, over midnight too.
    """
    local = now.astimezone(SHANGHAI)
    for days in (-1, 0):
        since = datetime.combine(local.date() + timedelta(days=days), quiet.since, SHANGHAI)
        until = datetime.combine(since.date(), quiet.until, SHANGHAI)
        until += timedelta(days=1) if quiet.until <= quiet.since else timedelta(0)
        if since <= now < until:
            return until.astimezone(now.tzinfo)
    return None
