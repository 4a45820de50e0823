"""Who hears of it, when, through what, and why not.

Decisions only; each returns its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import ChannelHealth
from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI
from monitor.office.model import LIMITED, Office, Policy, QuietHours

UNHEALTHY_REST = timedelta(minutes=5)
"""A channel that failed three times in a row is passed over until its last failure is this old (C25)."""

EVERY_LEVEL = tuple(range(1, 10))
"""More levels than any office has; a round takes those that exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is told first: levels, whether the assigned departments too, and whether the round climbs."""

    levels: tuple[int, ...]
    departments: bool = False
    climbs: bool = True


def first_audience(reason: str, severity: Severity | None, policy: Policy, *, statutory: bool) -> Audience:
    """Return who hears first of a round's reason (A6, C18, T8).

    `statutory` False is a house rule (a follow-up): for severity 3–4 or none it stays with level 1 and the
    assigned department and does not climb.
    """
    serious = severity is not None and severity.at_least(Severity.SERIOUS)
    if reason in ("detected", "severity_raised", "ack_expired"):
        return Audience(levels=(1, 2) if serious else (1,))
    if not statutory and not serious:
        return Audience(levels=(1,), departments=True, climbs=False)
    if reason.startswith("overdue_"):
        return _overdue_audience(int(reason.removeprefix("overdue_")), policy)
    levels = {"reminder_75": (1, 2), "reminder_90": (1, 2, 3), "due": EVERY_LEVEL}.get(reason, (1,))
    return Audience(levels=levels, departments=True)


def _overdue_audience(number: int, policy: Policy) -> Audience:
    notices_a_day = max(1, round(policy.overdue_all_every / policy.overdue_every))
    everybody = number % notices_a_day == 0
    return Audience(levels=EVERY_LEVEL if everybody else (1, 2), departments=everybody)


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


def room_left(office: Office, attempts: Mapping[str, int]) -> Mapping[str, int]:
    """Return how many messages that are not urgent each channel with a limit may take now.

    `attempts` are those of the last minute. A quarter of each limit is kept for what is urgent, so that a
    breach overtakes whatever waits.
    """
    return {
        spec.name: max(1, spec.per_minute * 3 // 4) - attempts.get(spec.name, 0)
        for spec in office.channels
        if spec.kind in LIMITED
    }


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
    share one message, and longer where quiet hours or a silence hold it back: until none of them does.
    """
    if urgent:
        return Leave(at=now)
    leave = Leave(at=now)
    for _ in (*office.silences, *office.quiet_hours):
        held = _held_until(office, incident, level, leave.at)
        if held is None:
            break
        leave = Leave(at=held.at, held_reason=leave.held_reason or held.held_reason)
    return leave if leave.held_reason else Leave(at=now + office.policy.grouping_wait)


def _held_until(office: Office, incident: int | None, level: int | None, now: datetime) -> Leave | None:
    for silence in office.silences:
        if silence.incident == incident and silence.since <= now < silence.until:
            return Leave(at=silence.until, held_reason="silence")
    for quiet in office.quiet_hours:
        if quiet.level == level and (until := quiet_until(quiet, now)) is not None:
            return Leave(at=until, held_reason="quiet_hours")
    return None


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
