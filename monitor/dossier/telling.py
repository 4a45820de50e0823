"""Rounds and alerts: who is told of a change, level after level.

Until somebody acknowledges (A5, A6, C16–C19, C22).
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from alerts.model import Alert, AlertState, Round, RoundState
from alerts.policy import Audience, channels_in_order, first_audience, leave_at
from alerts.rota import on_duty
from monitor.deadlines.model import Obligation, Reminder
from monitor.dossier.draft import Draft
from monitor.incidents.model import Publication


def start_round(
    draft: Draft,
    reason: str,
    *,
    obligation: Obligation | None = None,
    late_by: timedelta = timedelta(0),
    audience: Audience | None = None,
) -> Round:
    """Open a round and tell its first levels at once.

    An open round is absorbed and its level kept (C17, C22).
    """
    statutory = obligation is None or obligation.statutory
    policy = draft.office.policy
    if audience is None:
        audience = first_audience(
            reason, draft.incident.severity, statutory=statutory, policy_hours=policy.overdue_all_every
        )
    absorbed = draft.open_round
    if absorbed is not None:
        end_round(draft, "absorbed")
    top = draft.office.top_level
    first = tuple(level for level in audience.levels if level <= top)
    serial = len(draft.rounds) + 1
    standing = Round(
        id=f"{draft.incident.id}-r{serial}",
        incident_id=draft.incident.id,
        serial=serial,
        reason=reason,
        obligation_id=obligation.id if obligation else None,
        started_at=draft.now,
        first_levels=first,
        told_level=max([*first, absorbed.told_level if absorbed else 0]),
        next_at=draft.now + policy.ack_wait,
        climbs=audience.climbs or (absorbed is not None and absorbed.climbs),
        max_level=top,
        urgent=draft.incident.is_serious or (reason == "due" and statutory),
    )
    draft.rounds[standing.id] = standing
    for level in first:
        tell_level(draft, standing, level, reason, obligation, late_by)
    if audience.departments:
        tell_departments(draft, draft.incident.assigned_to, reason, standing, obligation, late_by)
    tell_departments(draft, _routed(draft, reason), reason, standing, obligation, late_by)
    return draft.rounds[standing.id]


def _routed(draft: Draft, reason: str) -> tuple[str, ...]:
    severity = draft.incident.severity
    routes = [r for r in draft.office.routes if reason in r.reasons and severity in r.severities]
    return tuple(
        dict.fromkeys(d for r in routes for d in r.departments if d not in draft.incident.assigned_to)
    )


def page_unplaced(draft: Draft, late_by: timedelta = timedelta(0)) -> None:
    """Page level 1 about severity 1–2 that nobody has placed yet; never climbing (T12, C19)."""
    start_round(draft, "detected", late_by=late_by, audience=Audience(levels=(1,), climbs=False))


def end_round(draft: Draft, reason: str) -> None:
    """End the open round, if there is one: acknowledged | unanswered | absorbed | ended (C27)."""
    standing = draft.open_round
    if standing is None:
        return
    draft.rounds[standing.id] = replace(
        standing, state=RoundState.ENDED, ended_at=draft.now, end_reason=reason, next_at=None
    )
    draft.note("round_ended", reason=reason, round=standing.id)


def tell_level(
    draft: Draft,
    standing: Round,
    level: int,
    reason: str,
    obligation: Obligation | None = None,
    late_by: timedelta = timedelta(0),
) -> None:
    """Tell everybody on duty at a level.

    Nobody on duty is an event, and the next level is told at once (A6).
    """
    people = on_duty(draft.office, level, draft.now)
    if not people:
        draft.note("nobody_on_duty", level=level)
    reached = [
        p.id in standing.quieted
        or queue(draft, p.id, level, reason, standing=standing, obligation=obligation, late_by=late_by)
        for p in people
    ]
    if any(reached):
        return
    cause = "unreachable" if people else "nobody_on_duty"
    if level == draft.rounds[standing.id].told_level:
        climb(draft, draft.rounds[standing.id], cause, reason, late_by)
    elif level + 1 not in standing.first_levels:
        draft.note("escalated", from_level=level, to_level=level + 1, reason=cause)
        tell_level(draft, standing, level + 1, reason, obligation, late_by)


def tell_departments(
    draft: Draft,
    departments: Iterable[str],
    reason: str,
    standing: Round | None = None,
    obligation: Obligation | None = None,
    late_by: timedelta = timedelta(0),
) -> None:
    """Tell these departments; they take no part in acknowledging."""
    for department in departments:
        queue(draft, department, None, reason, standing=standing, obligation=obligation, late_by=late_by)


def climb(draft: Draft, standing: Round, cause: str, reason: str, late_by: timedelta = timedelta(0)) -> None:
    """Tell the next level, or end the round 15 minutes after its top level was told.

    `cause` is why: unacknowledged | unreachable | nobody_on_duty. An early climb keeps the round's own
    reason and takes the next step of its timetable, so the level after it comes at its usual time (C25).
    """
    if not standing.climbs or standing.told_level >= standing.max_level:
        if cause == "unacknowledged":
            end_round(draft, "unanswered")
        return
    wait = draft.office.policy.ack_wait
    steps = standing.steps + 1
    on_time = standing.started_at + wait * (steps + 1)
    late = standing.next_at is not None and standing.next_at < draft.circumstances.awake_since
    level = standing.told_level + 1
    moved = replace(standing, told_level=level, steps=steps, next_at=draft.now + wait if late else on_time)
    draft.rounds[standing.id] = moved
    draft.note("escalated", from_level=standing.told_level, to_level=level, reason=cause)
    obligation = draft.obligations.get(standing.obligation_id or "")
    tell_level(draft, moved, level, reason, obligation, late_by)


def queue(
    draft: Draft,
    to: str,
    level: int | None,
    reason: str,
    *,
    standing: Round | None = None,
    obligation: Obligation | None = None,
    publication: Publication | None = None,
    late_by: timedelta = timedelta(0),
    **facts: Any,
) -> bool:
    """Put one alert to one recipient into the outbox, through the first channel to try.

    False if there is none.
    """
    channels = channels_in_order(draft.office.channels_of(to), draft.circumstances.health, draft.now)
    if not channels:
        draft.note("alert_held", to=to, level=level, alert_reason=reason, reason="no_channel")
        return False
    statutory = obligation is None or obligation.statutory
    urgent = draft.incident.is_serious or (reason == "due" and statutory)
    leave = leave_at(draft.office, draft.incident.id, level, urgent=urgent, now=draft.now)
    subject = obligation.id if obligation else f"incident:{draft.incident.id}"
    version = obligation.version if obligation else draft.incident.version
    mark = standing.id if standing else (publication.id if publication else f"at{draft.now.timestamp():.0f}")
    alert = Alert(
        id="|".join([subject, f"v{version}", reason, mark, to, channels[0]]),
        incident_id=draft.incident.id,
        obligation_id=obligation.id if obligation else None,
        publication_id=publication.id if publication else None,
        reason=reason,
        alert_round=standing.id if standing else "",
        to=to,
        level=level,
        channel=channels[0],
        urgent=urgent,
        state=AlertState.HELD if leave.held_reason else AlertState.QUEUED,
        created_at=draft.now,
        send_at=leave.at,
        due_at=obligation.due_at if obligation else None,
        late_by=late_by,
        away=draft.circumstances.away if late_by else None,
        held_reason=leave.held_reason,
        facts=json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts else "",
    )
    draft.alerts[alert.id] = alert
    return True


def tell_level_one(
    draft: Draft, reason: str, *, publication: Publication | None = None, **facts: Any
) -> None:
    """Tell whoever is on duty at level 1, for information: no round, nothing to acknowledge."""
    for person in on_duty(draft.office, 1, draft.now):
        queue(draft, person.id, 1, reason, publication=publication, **facts)


def tell_of_obligation(draft: Draft, reminder: Reminder, obligation: Obligation, late_by: timedelta) -> None:
    """Start the round of a reminder, a breach or an overdue notice, and remember who was told of it (A6)."""
    already = set(draft.alerts)
    start_round(draft, reminder.kind, obligation=obligation, late_by=late_by)
    told = [a.to for key, a in draft.alerts.items() if key not in already]
    current = draft.obligations[obligation.id]
    breach = reminder.kind == "due"
    draft.obligations[obligation.id] = replace(
        current,
        told=_union(current.told, told),
        told_breach=_union(current.told_breach, told) if breach else current.told_breach,
    )


def _union(before: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*before, *more]))


def tell_people(
    draft: Draft, people: Iterable[str], reason: str, obligation: Obligation, **facts: Any
) -> None:
    """Tell these people or departments the end of an obligation; nobody is told of their own act (C18)."""
    for to in people:
        if to == draft.circumstances.actor:
            continue
        person = draft.office.person(to)
        queue(draft, to, person.level if person else None, reason, obligation=obligation, **facts)
