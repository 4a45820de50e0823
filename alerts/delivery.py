"""What follows from an attempt: sent, again, the next channel, or given up (A3, A4, C15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.backoff import GiveUp, Retry, after_failure
from alerts.model import OWN_LIMIT, Alert, AlertState, ChannelHealth, Message, Outcome, OutcomeClass
from alerts.policy import channels_in_order
from monitor.deadlines.model import Obligation, ObligationState
from monitor.deadlines.reminders import tells_breach
from monitor.dossier.model import Dossier
from monitor.incidents.model import IncidentState, PublicationState
from monitor.office.model import Office
from monitor.orders.model import OrderState

FINAL = frozenset({AlertState.SENT, AlertState.CANCELLED, AlertState.DEAD})
ABOUT_AN_END = frozenset({"obligation_met", "corrected"})
"""Messages that tell of an end: they stay true when the incident or the obligation is over."""


def obsolete_reason(alert: Alert, dossier: Dossier | None) -> str | None:
    """Return why this alert is no longer true and must not be sent, or None (A8)."""
    if alert.state in FINAL:
        return f"already_{alert.state}"
    if dossier is None:
        return None
    if alert.reason in ABOUT_AN_END:
        return _end_taken_back(alert, dossier)
    if dossier.incident.state is not IncidentState.OPEN:
        return f"incident_{dossier.incident.state}"
    return (
        _obligation_obsolete(alert, dossier)
        or _publication_obsolete(alert, dossier)
        or _order_obsolete(alert, dossier)
        or _round_obsolete(alert, dossier)
    )


def _end_taken_back(alert: Alert, dossier: Dossier) -> str | None:
    """Return why good news is no longer true: the publication was withdrawn, the obligation runs again."""
    told_met = alert.reason == "obligation_met"
    runs = any(o.id == alert.obligation_id and o.is_running for o in dossier.obligations)
    return "evidence_withdrawn" if told_met and runs else None


def _obligation_obsolete(alert: Alert, dossier: Dossier) -> str | None:
    obligation: Obligation | None = next(
        (o for o in dossier.obligations if o.id == alert.obligation_id), None
    )
    if obligation is None or obligation.state is ObligationState.BREACHED:
        return None
    if obligation.state is ObligationState.OPEN:
        return "not_breached" if tells_breach(alert.reason) else None
    return f"obligation_{obligation.state}"


def _publication_obsolete(alert: Alert, dossier: Dossier) -> str | None:
    """Return why an offer need not be looked at any more: a person has judged it meanwhile."""
    offered = next((p for p in dossier.publications if p.id == alert.publication_id), None)
    if offered is None or offered.state is PublicationState.OFFERED or offered.recorded_by == "policy":
        return None
    return f"evidence_{offered.state}"


def _order_obsolete(alert: Alert, dossier: Dossier) -> str | None:
    """Return why a slip need not be signed, answered or decided on any more (0011)."""
    order = next((o for o in dossier.orders if o.id == alert.order_id), None)
    if order is None:
        return None
    is_settled = order.state in (OrderState.ANSWERED, OrderState.RETURNED, OrderState.URGED)
    is_over = {
        "assigned": is_settled,
        "order_urged": is_settled,
        "order_unsigned": not order.is_unsigned,
        "feedback_overdue": not order.is_waiting,
    }
    if is_over.get(alert.reason):
        return f"order_{order.state}"
    if alert.reason == "order_handed_over" and order.lead is not None and order.lead.withdrawn_at:
        return "evidence_withdrawn"
    if alert.reason == "feedback_overdue" and order.told == 0:
        return "moved"
    is_decided = alert.reason == "extension_asked" and order.state is not OrderState.ASKED
    return "extension_decided" if is_decided else None


def _round_obsolete(alert: Alert, dossier: Dossier) -> str | None:
    standing = next((r for r in dossier.rounds if r.id == alert.alert_round), None)
    if standing is None:
        return None
    if alert.to in (*standing.acknowledged, *standing.quieted):
        return "acknowledged"
    if alert.reason == "unacknowledged" and standing.end_reason in ("acknowledged", "ended"):
        return str(standing.end_reason)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an attempt leads to.

    `alerts` are the message's alerts in their new state, `delivered` their siblings ended by an
    acceptance, `fallbacks` new alerts through the next channel, `unreachable` alerts whose recipient has
    no channel left.
    """

    message: Message | None = None
    alerts: tuple[Alert, ...] = ()
    delivered: tuple[Alert, ...] = ()
    fallbacks: tuple[Alert, ...] = ()
    unreachable: tuple[Alert, ...] = ()
    health: ChannelHealth | None = None
    became_unhealthy: bool = False


def family(alert: Alert) -> str:
    """Return what an alert is, whatever the channel: its id without the channel."""
    return alert.id.rsplit("|", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt at a message, and what came of it.

    `alerts` are those of the message that nobody ended meanwhile, `siblings` the same alerts through any
    channel; `began_at` is the first attempt at this recipient, from which all channels together have two
    minutes (C15, C27).
    """

    message: Message
    alerts: Sequence[Alert]
    siblings: Sequence[Alert]
    outcome: Outcome
    began_at: datetime
    now: datetime


def settle_attempt(attempt: Attempt, office: Office, health: Mapping[str, ChannelHealth]) -> Settlement:
    """Decide what one attempt leads to."""
    channel = attempt.message.channel
    before = health.get(channel, ChannelHealth(channel=channel))
    if attempt.outcome.kind is OutcomeClass.OK:
        return _accepted(attempt, before)
    after = before
    if attempt.outcome.code != OWN_LIMIT:
        after = replace(before, failures=before.failures + 1, last_failure_at=attempt.now)
    settlement = _refused(attempt, office, {**health, channel: after})
    is_news = after.is_unhealthy and not before.is_unhealthy
    return replace(settlement, health=after, became_unhealthy=is_news)


def _accepted(attempt: Attempt, before: ChannelHealth) -> Settlement:
    """Return what an acceptance leads to: it ends the same alerts through other channels (C25)."""
    own = {alert.id for alert in attempt.alerts}
    others = [s for s in attempt.siblings if s.id not in own and s.state not in FINAL]
    told = {family(alert) for alert in attempt.alerts}
    return Settlement(
        alerts=tuple(replace(a, state=AlertState.SENT, closed_at=attempt.now) for a in attempt.alerts),
        delivered=tuple(cancelled(s, "delivered", attempt.now) for s in others if family(s) in told),
        health=replace(before, failures=0, last_failure_at=None),
    )


def _refused(attempt: Attempt, office: Office, health: Mapping[str, ChannelHealth]) -> Settlement:
    """Return what a failure leads to: again, the next channel, both, or neither."""
    act = _next_act(attempt, office.policy.person_give_up)
    may_go_on = attempt.now - attempt.began_at < office.policy.person_give_up
    fallbacks: tuple[Alert, ...] = ()
    if may_go_on and (isinstance(act, GiveUp) or act.fall_back_now):
        fallbacks = _fallbacks(attempt, office, health)
    if isinstance(act, Retry):
        again = replace(attempt.message, send_at=act.at) if attempt.alerts else None
        return Settlement(message=again, alerts=tuple(attempt.alerts), fallbacks=fallbacks)
    dead = tuple(
        replace(a, state=AlertState.DEAD, cause=act.why, closed_at=attempt.now) for a in attempt.alerts
    )
    unreachable = _unreachable(dead, attempt.siblings, fallbacks)
    return Settlement(alerts=dead, fallbacks=fallbacks, unreachable=unreachable)


def _next_act(attempt: Attempt, limit: timedelta) -> Retry | GiveUp:
    message, now = attempt.message, attempt.now
    first = message.first_attempt_at or now
    act = after_failure(message.attempts, attempt.outcome, first, message.urgent, now, seed=str(message.no))
    if isinstance(act, Retry) and act.at - attempt.began_at > limit:
        return GiveUp(why="person_exhausted")
    return act


def _fallbacks(attempt: Attempt, office: Office, health: Mapping[str, ChannelHealth]) -> tuple[Alert, ...]:
    """Return, for each alert, the same through the recipient's next channel that was not tried yet (A4)."""
    made = []
    for alert in attempt.alerts:
        tried = {s.channel for s in attempt.siblings if family(s) == family(alert)} | {alert.channel}
        names = channels_in_order(office.channels_of(alert.to), health, attempt.now)
        left = [name for name in names if name not in tried]
        if left:
            again = _through(alert, left[0], attempt.now)
            made.append(replace(again, to_group=office.is_group(again.channel)))
    return tuple(made)


def _through(alert: Alert, channel: str, now: datetime) -> Alert:
    return replace(
        alert,
        id=f"{family(alert)}|{channel}",
        channel=channel,
        state=AlertState.QUEUED,
        created_at=now,
        send_at=now,
        message_no=0,
        fallback_of=alert.id,
        held_reason=None,
    )


def _unreachable(
    dead: Sequence[Alert], siblings: Sequence[Alert], fallbacks: Sequence[Alert]
) -> tuple[Alert, ...]:
    """Return the alerts whose recipient nothing more will reach: nothing pending, nothing delivered."""
    hopeless = (AlertState.DEAD, AlertState.CANCELLED)
    continued = {f.fallback_of for f in fallbacks}
    return tuple(
        alert
        for alert in dead
        if alert.id not in continued
        and all(s.state in hopeless for s in siblings if family(s) == family(alert) and s.id != alert.id)
    )


def cancelled(alert: Alert, cause: str, now: datetime) -> Alert:
    """Return the alert ended without being sent, with the cause."""
    return replace(alert, state=AlertState.CANCELLED, cause=cause, closed_at=now)
