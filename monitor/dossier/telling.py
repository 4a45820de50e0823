"""Rounds and alerts: who is told of a change, level after level.

Until somebody acknowledges (A5, A6, C16–C19, C22).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from alerts.model import Alert, AlertState, Round, RoundState
from alerts.policy import Audience, channels_in_order, first_audience, leave_at
from alerts.rota import on_duty
from monitor.deadlines.model import Obligation
from monitor.dossier.draft import Draft
from monitor.incidents.model import Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What people are told: the reason, what it is about, and how late it is.

    `away` is how long the service was away where that made it late (T10); `key` tells messages apart that
    belong to no round and no publication; `facts` are codes the words need.
    """

    reason: str
    obligation: Obligation | None = None
    publication: Publication | None = None
    late_by: timedelta = timedelta(0)
    away: timedelta | None = None
    key: str = ""
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def start_round(draft: Draft, news: News, audience: Audience | None = None) -> None:
    """Open a round and tell its first levels at once.

    An open round is absorbed and its level kept (C17, C22).
    """
    incident = draft.incident
    if audience is None:
        statutory = news.obligation is None or news.obligation.statutory
        audience = first_audience(news.reason, incident.severity, draft.office.policy, statutory=statutory)
    standing = _open_round(draft, news, audience)
    for level in standing.first_levels:
        tell_level(draft, standing, level, news)
    if audience.departments:
        tell_departments(draft, incident.assigned_to, news, standing)
    tell_departments(draft, _routed(draft, news.reason), news, standing)


def _open_round(draft: Draft, news: News, audience: Audience) -> Round:
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
        reason=news.reason,
        obligation_id=news.obligation.id if news.obligation else None,
        started_at=draft.now,
        first_levels=first,
        told_level=max([*first, absorbed.told_level if absorbed else 0]),
        next_at=draft.now + draft.office.policy.ack_wait,
        climbs=audience.climbs or (absorbed is not None and absorbed.climbs),
        max_level=top,
    )
    draft.rounds[standing.id] = standing
    return standing


def _routed(draft: Draft, reason: str) -> tuple[str, ...]:
    severity = draft.incident.severity
    routes = [r for r in draft.office.routes if reason in r.reasons and severity in r.severities]
    return tuple(
        dict.fromkeys(d for r in routes for d in r.departments if d not in draft.incident.assigned_to)
    )


def page_unplaced(draft: Draft, late_by: timedelta = timedelta(0)) -> None:
    """Page level 1 about severity 1–2 that nobody has placed yet; never climbing (T12, C19)."""
    start_round(draft, News(reason="detected", late_by=late_by), Audience(levels=(1,), climbs=False))


def end_round(draft: Draft, reason: str) -> None:
    """End the open round, if there is one: acknowledged | unanswered | absorbed | ended (C27)."""
    standing = draft.open_round
    if standing is None:
        return
    draft.rounds[standing.id] = replace(
        standing, state=RoundState.ENDED, ended_at=draft.now, end_reason=reason, next_at=None
    )
    draft.note("round_ended", reason=reason, round=standing.id)


def tell_level(draft: Draft, standing: Round, level: int, news: News) -> None:
    """Tell everybody on duty at a level.

    Nobody on duty is an event, and the next level is told at once (A6).
    """
    people = on_duty(draft.office, level, draft.now)
    if not people:
        draft.note("nobody_on_duty", level=level)
    reached = [p.id in standing.quieted or queue(draft, p.id, level, news, standing) for p in people]
    if not any(reached):
        pass_on(draft, standing.id, level, "unreachable" if people else "nobody_on_duty", news)


def pass_on(draft: Draft, round_id: str, level: int, cause: str, news: News) -> None:
    """Tell the next level at once what nobody of this level can be told (A4, A6, C25).

    That holds for a round that never climbs as well: someone must know. Nothing is needed where the next
    level is one of the first levels, which are told anyway.
    """
    standing = draft.rounds[round_id]
    if level >= standing.told_level:
        climb(draft, standing, cause, news)
    elif level + 1 not in standing.first_levels:
        draft.note("escalated", from_level=level, to_level=level + 1, reason=cause)
        tell_level(draft, standing, level + 1, news)


def climb(draft: Draft, standing: Round, cause: str, news: News) -> None:
    """Tell the next level, or end the round 15 minutes after its top level was told (C22).

    `cause` is why: unacknowledged | unreachable | nobody_on_duty. An early climb leaves the timetable of the
    round as it is, so the level after it comes at its usual time (C25); after an outage the following one
    comes 15 minutes later (C16).
    """
    is_early = cause != "unacknowledged"
    if standing.told_level >= standing.max_level or not (standing.climbs or is_early):
        if not is_early:
            end_round(draft, "unanswered")
        return
    level = standing.told_level + 1
    planned_at = standing.next_at or draft.now
    is_late = planned_at < draft.circumstances.awake_since
    since = draft.now if is_late or level == standing.max_level else planned_at
    moved = replace(standing, told_level=level, next_at=since + draft.office.policy.ack_wait)
    draft.rounds[standing.id] = moved
    draft.note("escalated", from_level=standing.told_level, to_level=level, reason=cause)
    tell_level(draft, moved, level, news)


def queue(draft: Draft, to: str, level: int | None, news: News, standing: Round | None = None) -> bool:
    """Put one alert to one recipient into the outbox, through the first channel to try.

    False if there is none. Who is told of an obligation's reminder or breach is remembered (A6).
    """
    channels = channels_in_order(draft.office.channels_of(to), draft.circumstances.health, draft.now)
    if not channels:
        draft.note("alert_held", to=to, level=level, alert_reason=news.reason, reason="no_channel")
        return False
    alert = _alert(draft, to, level, channels[0], news, standing)
    draft.alerts[alert.id] = alert
    told = draft.obligations.get(alert.obligation_id or "")
    if standing is not None and told is not None and to not in told.told:
        draft.obligations[told.id] = replace(told, told=(*told.told, to))
    return True


def _alert(
    draft: Draft, to: str, level: int | None, channel: str, news: News, standing: Round | None
) -> Alert:
    urgent = draft.incident.is_serious or news.reason == "due"
    leave = leave_at(draft.office, draft.incident.id, level, urgent=urgent, now=draft.now)
    obligation, publication = news.obligation, news.publication
    return Alert(
        id="|".join([*_subject(draft, news), news.reason, _occasion(draft, news, standing), to, channel]),
        incident_id=draft.incident.id,
        obligation_id=obligation.id if obligation else None,
        publication_id=publication.id if publication else None,
        reason=news.reason,
        alert_round=standing.id if standing else "",
        to=to,
        level=level,
        channel=channel,
        to_group=draft.office.is_group(channel),
        urgent=urgent,
        state=AlertState.HELD if leave.held_reason else AlertState.QUEUED,
        created_at=draft.now,
        send_at=leave.at,
        due_at=obligation.due_at if obligation else None,
        late_by=news.late_by,
        away=news.away,
        held_reason=leave.held_reason,
        facts=json.dumps(dict(news.facts), ensure_ascii=False, sort_keys=True) if news.facts else "",
    )


def _subject(draft: Draft, news: News) -> tuple[str, str]:
    """Return what an alert is about, and its version: two parts of its unique key (A2)."""
    if news.obligation is not None:
        return news.obligation.id, f"v{news.obligation.version}"
    return f"incident:{draft.incident.id}", f"v{draft.incident.version}"


def _occasion(draft: Draft, news: News, standing: Round | None) -> str:
    """Return on which occasion it is told: its round, its publication, its own key, or the instant."""
    if standing is not None:
        return standing.id
    return (news.publication.id if news.publication else news.key) or f"at{draft.now.timestamp():.0f}"


def tell_level_one(draft: Draft, news: News) -> None:
    """Tell whoever is on duty at level 1, for information: no round, nothing to acknowledge.

    Where nobody is, the next level is told instead (A6).
    """
    for level in range(1, draft.office.top_level + 1):
        people = on_duty(draft.office, level, draft.now)
        for person in people:
            queue(draft, person.id, level, news)
        if people:
            return
        draft.note("nobody_on_duty", level=level)


def tell_departments(
    draft: Draft, departments: Iterable[str], news: News, standing: Round | None = None
) -> None:
    """Tell these departments; they take no part in acknowledging."""
    for department in departments:
        queue(draft, department, None, news, standing)


def tell_the_end(
    draft: Draft,
    reason: str,
    obligation: Obligation,
    publication: Publication | None = None,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Tell all who were told of a reminder or the breach how it ended, nobody of their own act (A6, C18).

    `publication` is the one that was withdrawn, where the end is taken back; `facts` say what was corrected.
    """
    news = News(reason=reason, obligation=obligation, publication=publication, facts=facts)
    for to in obligation.told:
        if to != draft.circumstances.actor:
            person = draft.office.person(to)
            queue(draft, to, person.level if person else None, news)
