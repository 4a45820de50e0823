"""The outbox: take what is due under a lease, send it, settle what came of it.

At least once, never lost (A2, A3).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from loguru import logger

from alerts.delivery import FINAL, Attempt, Settlement, cancelled, family, obsolete_reason, settle_attempt
from alerts.model import Alert, AlertState, Message, MessageState, Outcome, OutcomeClass, Text
from alerts.policy import room_left
from alerts.system import system_alerts
from monitor.dossier.acknowledging import note_unreachable
from monitor.dossier.model import Change, Circumstances, Dossier
from monitor.drafting.model import unless_withdrawn
from monitor.drafting.telling import draft_obsolete
from monitor.errors import ConflictError
from monitor.keeping import alert_change, keep, keep_alerts
from monitor.ports import Channel, Claim, Dispatch, Store, Transaction

LEASE = timedelta(seconds=60)
"""How long a claimed message belongs to one worker: longer than any attempt may take."""

BATCH = 50
MINUTE = timedelta(minutes=1)
LEASE_LOST = Outcome(kind=OutcomeClass.TRANSIENT, code="lease_lost", detail="已由另一进程接着发送")
OBSOLETE = Outcome(kind=OutcomeClass.PERMANENT, code="obsolete", detail="cancelled before it was sent")

TRIES = 3
"""How often a step is done when another worker ended a row meanwhile, or two waited for each other."""

T = TypeVar("T")

Guard = Callable[[str, Callable[[], Awaitable[None]]], Coroutine[Any, Any, None]]
CircumstancesOf = Callable[[Transaction, datetime], Circumstances]
Render = Callable[[Transaction, Sequence[Alert], Mapping[int, Dossier], datetime], Text]


class Outbox:
    """Moves messages.

    `take` and `settle` block and run in a worker thread; only sending is awaited.
    """

    def __init__(self, store: Store, circumstances: CircumstancesOf, render: Render, name: str) -> None:
        self._store = store
        self._circumstances = circumstances
        self._render = render
        self._name = name

    def take(self, now: datetime, limit: int = BATCH) -> tuple[Dispatch, ...]:
        """Claim due messages, cancel what is no longer true (A8), and render the rest."""
        return _in_a_few_tries(partial(self._take, now, limit))

    def _take(self, now: datetime, limit: int) -> tuple[Dispatch, ...]:
        with self._store.transaction() as transaction:
            office = self._circumstances(transaction, now).office
            room = room_left(office, transaction.attempts_since(now - MINUTE))
            claims = transaction.claim(now, self._name, LEASE, limit, room)
            if not claims:
                return ()
            dossiers = _dossiers(transaction, claims)
            dispatches = []
            for claim in claims:
                alerts = _cancel_obsolete(transaction, claim, dossiers, now)
                if not alerts:
                    transaction.finish_delivery(claim.delivery.id, now, OBSOLETE)
                    transaction.finish_message(_done(claim.message))
                    continue
                text = claim.message.text or self._render(transaction, alerts, dossiers, now)
                dispatches.append(Dispatch(claim=replace(claim, alerts=alerts), text=text))
            return tuple(dispatches)

    def note_part(self, dispatch: Dispatch, now: datetime) -> Dispatch | None:
        """Remember that one more part was accepted, so that no retry repeats it; the lease is renewed.

        None where the lease went to another worker meanwhile: the rest is its business.
        """
        return _in_a_few_tries(partial(self._note_part, dispatch, now))

    def _note_part(self, dispatch: Dispatch, now: datetime) -> Dispatch | None:
        message = replace(
            dispatch.claim.message,
            accepted_parts=dispatch.claim.message.accepted_parts + 1,
            text=replace(dispatch.text, attach=None),
            lease_until=now + LEASE,
        )
        with self._store.transaction() as transaction:
            if not transaction.note_part(message):
                transaction.finish_delivery(dispatch.claim.delivery.id, now, LEASE_LOST)
                return None
        return replace(dispatch, claim=replace(dispatch.claim, message=message))

    def settle(self, dispatch: Dispatch, outcome: Outcome, now: datetime) -> None:
        """Write down what came of an attempt and queue what follows: a retry, a channel, a level.

        A failure that comes after the lease went to another worker leads to nothing: that one's attempt does.
        """
        _in_a_few_tries(partial(self._settle, dispatch, outcome, now))

    def _settle(self, dispatch: Dispatch, outcome: Outcome, now: datetime) -> None:
        claim = dispatch.claim
        with self._store.transaction() as transaction:
            if outcome.kind is not OutcomeClass.OK and not transaction.note_part(claim.message):
                transaction.finish_delivery(claim.delivery.id, now, outcome)
                return
            circumstances = self._circumstances(transaction, now)
            attempt = _attempt(transaction, claim, outcome, now)
            settlement = settle_attempt(attempt, circumstances.office, circumstances.health)
            transaction.finish_delivery(claim.delivery.id, now, outcome)
            transaction.update_alerts([*settlement.alerts, *settlement.delivered])
            transaction.finish_message(_after(claim.message, settlement))
            transaction.record(_changes(settlement, outcome, now))
            keep_alerts(transaction, settlement.fallbacks)
            if settlement.health is not None:
                transaction.save_channel_health(settlement.health)
            if settlement.became_unhealthy:
                _report_unhealthy(transaction, claim.message.channel, circumstances)
            for alert in settlement.unreachable:
                if alert.incident_id is not None and alert.level is not None:
                    dossier = transaction.dossier(alert.incident_id)
                    keep(transaction, note_unreachable(dossier, alert, circumstances))

    async def start_due(
        self,
        group: asyncio.TaskGroup,
        guard: Guard,
        channels: Mapping[str, Channel],
        now: Callable[[], datetime],
    ) -> int:
        """Start a guarded task for each message that is due; return how many.

        One channel's failure never delays another's (A4): nobody waits for anybody else's answer, nor does
        what becomes due meanwhile.
        """
        dispatches = await asyncio.to_thread(self.take, now())
        for dispatch in dispatches:
            group.create_task(guard("send", partial(self._send, dispatch, channels, now)))
        return len(dispatches)

    async def deliver(self, channels: Mapping[str, Channel], now: Callable[[], datetime]) -> int:
        """Send everything that is due and wait for what comes of it; return how many were tried."""
        async with asyncio.TaskGroup() as group:
            return await self.start_due(group, _unguarded, channels, now)

    async def _send(
        self, dispatch: Dispatch, channels: Mapping[str, Channel], now: Callable[[], datetime]
    ) -> None:
        left: Dispatch | None = dispatch
        while left is not None:
            message = left.claim.message
            channel = channels.get(message.channel)
            if channel is None:
                outcome = Outcome(kind=OutcomeClass.PERMANENT, code="no_such_channel")
            else:
                outcome = await channel.send(left.text, message.no, message.accepted_parts + 1)
            if outcome.kind is OutcomeClass.OK and message.accepted_parts + 1 < outcome.parts:
                left = await asyncio.to_thread(self.note_part, left, now())
                continue
            if outcome.kind is not OutcomeClass.OK:
                logger.bind(
                    stage="deliver", message=message.no, channel=message.channel, kind=outcome.kind
                ).warning("delivery refused")
            await asyncio.to_thread(self.settle, left, outcome, now())
            return


def _in_a_few_tries(write: Callable[[], T]) -> T:
    for _ in range(TRIES - 1):
        try:
            return write()
        except ConflictError:
            continue
    return write()


async def _unguarded(_: str, run: Callable[[], Awaitable[None]]) -> None:
    await run()


def _dossiers(transaction: Transaction, claims: Sequence[Claim]) -> dict[int, Dossier]:
    ids = {alert.incident_id for claim in claims for alert in claim.alerts if alert.incident_id is not None}
    return {id_: transaction.dossier(id_) for id_ in sorted(ids)}


def _cancel_obsolete(
    transaction: Transaction, claim: Claim, dossiers: Mapping[int, Dossier], now: datetime
) -> tuple[Alert, ...]:
    left, dropped = [], []
    for alert in claim.alerts:
        dossier = dossiers.get(alert.incident_id or 0)
        reason = obsolete_reason(alert, dossier) or _draft_obsolete(transaction, alert, dossier)
        reason = reason or _told_already(transaction, claim, alert)
        if reason is None:
            left.append(alert)
        elif alert.state in (AlertState.QUEUED, AlertState.HELD):
            dropped.append(cancelled(alert, reason, now))
    if dropped:
        transaction.update_alerts(dropped)
        transaction.record([alert_change("alert_cancelled", a, now, cause=a.cause) for a in dropped])
    return tuple(left)


def _draft_obsolete(transaction: Transaction, alert: Alert, dossier: Dossier | None) -> str | None:
    """Return why what an alert says of a draft of an answer is no longer true, or None."""
    if dossier is None or "draft" not in alert.codes:
        return None
    drafts = transaction.drafts(dossier.incident.id)
    return draft_obsolete(alert, unless_withdrawn(drafts, dossier.publications))


def _told_already(transaction: Transaction, claim: Claim, alert: Alert) -> str | None:
    """Return why not to try (again) what another channel told: its acceptance may have crossed a failure."""
    if claim.message.attempts == 1 and alert.fallback_of is None:
        return None
    others = _siblings(transaction, [alert])
    return "delivered" if any(s.state is AlertState.SENT for s in others) else None


def _attempt(transaction: Transaction, claim: Claim, outcome: Outcome, now: datetime) -> Attempt:
    """Return the attempt with its alerts as they stand now: another channel may have told them meanwhile."""
    siblings = _siblings(transaction, claim.alerts)
    own = {alert.id for alert in claim.alerts}
    return Attempt(
        message=claim.message,
        alerts=tuple(s for s in siblings if s.id in own and s.state not in FINAL),
        siblings=siblings,
        outcome=outcome,
        began_at=_began_at(transaction, siblings, claim),
        now=now,
    )


def _siblings(transaction: Transaction, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Return the same alerts through any channel, themselves included."""
    found = {s.id: s for a in alerts for s in transaction.sibling_alerts(a) if family(s) == family(a)}
    return tuple(found.values())


def _began_at(transaction: Transaction, siblings: Sequence[Alert], claim: Claim) -> datetime:
    """Return when the first attempt at the recipient began; one that died with its process does not count."""
    numbers = {s.message_no for s in siblings} | {claim.message.no}
    ended = [d.started_at for d in transaction.deliveries(numbers) if d.ended_at is not None]
    return min([*ended, claim.delivery.started_at])


def _after(message: Message, settlement: Settlement) -> Message:
    if settlement.message is not None:
        return replace(settlement.message, state=MessageState.QUEUED, lease_by=None, lease_until=None)
    return _done(message)


def _done(message: Message) -> Message:
    """Return a message that nobody claims again; words kept for its parts are not needed any more."""
    return replace(message, state=MessageState.DONE, lease_by=None, lease_until=None, text=None)


def _changes(settlement: Settlement, outcome: Outcome, now: datetime) -> list[Change]:
    changes = []
    for alert in settlement.alerts:
        if alert.state is AlertState.SENT:
            changes.append(alert_change("alert_sent", alert, now))
            if alert.reason == "digest":
                changes.append(alert_change("digest_sent", alert, now))
            continue
        changes.append(
            alert_change("alert_failed", alert, now, **{"class": str(outcome.kind), "code": outcome.code})
        )
        if alert.state is AlertState.DEAD:
            changes.append(alert_change("alert_dead", alert, now, cause=alert.cause))
    changes += [alert_change("alert_cancelled", a, now, cause=a.cause) for a in settlement.delivered]
    return changes


def _report_unhealthy(transaction: Transaction, channel: str, circumstances: Circumstances) -> None:
    """Record that a channel failed three times in a row and tell the administrator (A4, C18, C25)."""
    now, office = circumstances.now, circumstances.office
    transaction.record([Change(at=now, event="channel_unhealthy", incident=None, facts={"channel": channel})])
    keep_alerts(
        transaction,
        system_alerts("channel_unhealthy", channel, office.administrators, circumstances, channel=channel),
    )
