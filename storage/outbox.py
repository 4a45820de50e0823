"""The outbox: alerts queued for ever, messages claimed under a lease, attempts written before the call."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, insert, or_, select, update

from alerts.model import Alert, AlertState, ChannelHealth, Delivery, Message, MessageState, Outcome
from monitor.errors import ConflictError, MonitorError, NotFoundError
from monitor.ports import Claim
from storage.mapping import Rows, chunks, row_of, value_of
from storage.tables import AlertRow, ChannelHealthRow, DeliveryRow, MessageRow, table_of

ALERTS = table_of(AlertRow)
MESSAGES = table_of(MessageRow)
DELIVERIES = table_of(DeliveryRow)
HEALTH = table_of(ChannelHealthRow)
UNFINISHED = (AlertState.QUEUED, AlertState.HELD)


def _last_sent() -> Any:
    """Return the statement for the newest alert of each incident; built once, every open board asks it."""
    newest_first = (ALERTS.c.created_at.desc(), ALERTS.c.message_no.desc(), ALERTS.c.id.desc())
    place = func.row_number().over(partition_by=ALERTS.c.incident_id, order_by=newest_first)
    sent = select(ALERTS.c.id, place.label("place")).where(ALERTS.c.state == AlertState.SENT)
    ranked = sent.where(ALERTS.c.incident_id.in_(bindparam("incidents", expanding=True))).subquery()
    newest = select(ranked.c.id).where(ranked.c.place == 1)
    return select(ALERTS.c.incident_id, ALERTS.c.value).where(ALERTS.c.id.in_(newest))


_LAST_SENT = _last_sent()
_NO_LIMIT: Mapping[str, int] = MappingProxyType({})


@dataclass(slots=True, kw_only=True)
class _Envelope:
    """A message that alerts are being put into; `no` is 0 until it is kept."""

    to: str
    channel: str
    grouping: str
    send_at: datetime
    urgent: bool
    no: int = 0


class OutboxRows(Rows):
    """The part of a transaction that keeps alerts, messages and attempts."""

    def enqueue(self, *decisions: Sequence[Alert]) -> tuple[Alert, ...]:
        """Queue the alerts of each decision; return those that are new, with their message numbers.

        An alert whose id exists is left alone. New ones of one decision to the same recipient and channel, or
        through the same channel to a group, at the same instant share a message. One that may wait (`send_at`
        after `created_at`) joins a message of such alerts that leaves no later than itself; a held one joins
        only what is held to the same instant.
        """
        fresh = self._unknown(decisions)
        if not fresh:
            return ()
        may_wait = {_address(alert) for _, alert in fresh if _grouping(alert) != "now"}
        placed = _place(fresh, self._waiting_envelopes(may_wait))
        self._number({id(envelope): envelope for _, envelope in placed if not envelope.no}.values())
        queued = tuple(replace(alert, message_no=envelope.no) for alert, envelope in placed)
        self._connection.execute(insert(ALERTS), [row_of(alert, ALERTS) for alert in queued])
        return queued

    def _unknown(self, decisions: Sequence[Sequence[Alert]]) -> list[tuple[int, Alert]]:
        """Return the alerts that were never queued, each with the number of its decision."""
        known: set[str] = set()
        for some in chunks(alert.id for alerts in decisions for alert in alerts):
            question = select(ALERTS.c.id).where(ALERTS.c.id.in_(some))
            known.update(self._connection.execute(question).scalars())
        named = {alert.id: (number, alert) for number, alerts in enumerate(decisions) for alert in alerts}
        return [mine for id_, mine in named.items() if id_ not in known]

    def _waiting_envelopes(self, recipients: Collection[str]) -> list[_Envelope]:
        """Return the unclaimed messages to these recipients that others may join, the earliest first."""
        if not recipients:
            return []
        question = (
            select(MESSAGES)
            .where(MESSAGES.c.state == MessageState.QUEUED, MESSAGES.c.attempts == 0)
            .where(MESSAGES.c.grouping != "now", MESSAGES.c.to.in_(recipients))
            .order_by(MESSAGES.c.send_at, MESSAGES.c.no)
            .with_for_update(skip_locked=True)  # one that is being claimed no longer waits
        )
        return [value_of(_Envelope, row) for row in self._connection.execute(question).mappings()]

    def _number(self, envelopes: Iterable[_Envelope]) -> None:
        """Keep new messages and give them their numbers, in this order."""
        new = list(envelopes)
        if not new:
            return
        rows = [
            {name: getattr(envelope, name) for name in ("channel", "to", "urgent", "send_at", "grouping")}
            | {"state": MessageState.QUEUED, "attempts": 0, "accepted_parts": 0}
            for envelope in new
        ]
        numbered = insert(MESSAGES).returning(MESSAGES.c.no, sort_by_parameter_order=True)
        for envelope, number in zip(new, self._connection.execute(numbered, rows).scalars(), strict=True):
            envelope.no = number

    def claim(
        self,
        now: datetime,
        by: str,
        lease: timedelta,
        limit: int,
        room: Mapping[str, int] = _NO_LIMIT,
    ) -> tuple[Claim, ...]:
        """Take due messages under a lease, urgent ones first, and write an attempt row for each.

        Due is a queued message whose time has come, and one whose lease has run out: its sender died. A claim
        holds the alerts that are still to be told. `room` is how many that are not urgent a channel may take.
        """
        due = _within(self._due_messages(now, limit, [name for name, left in room.items() if left < 1]), room)
        if not due:
            return ()
        taken = [_taken(message, now, by, lease) for message in due]
        self._update_messages(taken)
        alerts = self._unfinished_alerts([message.no for message in taken])
        return tuple(
            Claim(
                message=message,
                alerts=tuple(alerts.get(message.no, ())),
                delivery=self._new_delivery(message, now),
            )
            for message in taken
        )

    def _due_messages(self, now: datetime, limit: int, full: Sequence[str]) -> list[Message]:
        """Return what is due, locked, in the order of claiming; full channels take only what is urgent."""
        is_due = or_(
            and_(MESSAGES.c.state == MessageState.QUEUED, MESSAGES.c.send_at <= now),
            and_(MESSAGES.c.state == MessageState.SENDING, MESSAGES.c.lease_until < now),
        )
        question = (
            select(MESSAGES)
            .where(is_due, or_(MESSAGES.c.urgent, MESSAGES.c.channel.not_in(full)))
            .order_by(MESSAGES.c.urgent.desc(), MESSAGES.c.send_at, MESSAGES.c.no)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [value_of(Message, row) for row in self._connection.execute(question).mappings()]

    def _update_messages(self, messages: Sequence[Message]) -> None:
        columns = [name for name in row_of(messages[0], MESSAGES) if name != "no"]
        change = update(MESSAGES).where(MESSAGES.c.no == bindparam("key"))
        change = change.values({name: bindparam(f"new_{name}") for name in columns})
        rows = [
            {"key": message.no} | {f"new_{name}": getattr(message, name) for name in columns}
            for message in messages
        ]
        self._connection.execute(change, rows)

    def _unfinished_alerts(self, numbers: Sequence[int]) -> Mapping[int, list[Alert]]:
        question = (
            select(ALERTS.c.value)
            .where(ALERTS.c.message_no.in_(numbers), ALERTS.c.state.in_(UNFINISHED))
            .order_by(ALERTS.c.created_at, ALERTS.c.id)
        )
        found: dict[int, list[Alert]] = {}
        for alert in self._connection.execute(question).scalars():
            found.setdefault(alert.message_no, []).append(alert)
        return found

    def _new_delivery(self, message: Message, now: datetime) -> Delivery:
        attempt = Delivery(
            id=0, message_no=message.no, channel=message.channel, attempt=message.attempts, started_at=now
        )
        row = row_of(attempt, DELIVERIES)
        del row["id"]
        number = self._connection.execute(insert(DELIVERIES).returning(DELIVERIES.c.id), row).scalar_one()
        return replace(attempt, id=number)

    def alerts_of(self, incident_id: int) -> tuple[Alert, ...]:
        """Return all outbox rows of one incident, oldest first."""
        return self._alerts(ALERTS.c.incident_id == incident_id)

    def last_sent(self, incident_ids: Iterable[int]) -> Mapping[int, Alert]:
        """Return, for each of these incidents that has one, the newest alert somebody received."""
        found: dict[int, Alert] = {}
        for some in chunks(incident_ids):
            rows = self._connection.execute(_LAST_SENT, {"incidents": some})
            found.update((row.incident_id, row.value) for row in rows)
        return found

    def alerts_about(self, incident_ids: Iterable[int], reason: str) -> Mapping[int, tuple[Alert, ...]]:
        """Return the outbox rows of these incidents that have this reason, oldest first."""
        found: dict[int, tuple[Alert, ...]] = {}
        for some in chunks(incident_ids):
            for alert in self._alerts(and_(ALERTS.c.incident_id.in_(some), ALERTS.c.reason == reason)):
                number = alert.incident_id or 0
                found[number] = (*found.get(number, ()), alert)
        return found

    def alerts_in_states(self, states: Sequence[str], limit: int) -> tuple[Alert, ...]:
        """Return outbox rows by state, oldest first (`dead` for dead letters)."""
        return self._alerts(ALERTS.c.state.in_(states), limit)

    def sibling_alerts(self, alert: Alert) -> tuple[Alert, ...]:
        """Return the rows of the same incident, reason, round and recipient, this one included."""
        return self._alerts(
            and_(
                ALERTS.c.incident_id == alert.incident_id,
                ALERTS.c.reason == alert.reason,
                ALERTS.c.alert_round == alert.alert_round,
                ALERTS.c.to == alert.to,
            )
        )

    def _alerts(self, condition: Any, limit: int | None = None) -> tuple[Alert, ...]:
        question = select(ALERTS.c.value).where(condition).limit(limit)
        question = question.order_by(ALERTS.c.created_at, ALERTS.c.message_no, ALERTS.c.id)
        return tuple(self._connection.execute(question).scalars())

    def update_alerts(self, alerts: Sequence[Alert]) -> None:
        """Keep new states of outbox rows, none of which has ended before.

        Raises ConflictError where another worker ended one meanwhile, NotFoundError for one that was never
        queued. A waiting message of which nothing is left to tell is done.
        """
        for alert in sorted(alerts, key=lambda alert: alert.id):  # one order: no two wait for each other
            change = update(ALERTS).where(ALERTS.c.id == alert.id, ALERTS.c.state.in_(UNFINISHED))
            if self._connection.execute(change, row_of(alert, ALERTS)).rowcount != 1:
                raise self._why_not_kept(alert)
        self._end_empty_messages({alert.message_no for alert in alerts})

    def _why_not_kept(self, alert: Alert) -> MonitorError:
        known = self._connection.execute(select(ALERTS.c.id).where(ALERTS.c.id == alert.id)).first()
        return NotFoundError("alert", alert.id) if known is None else ConflictError(alert.incident_id or 0)

    def _end_empty_messages(self, numbers: Iterable[int]) -> None:
        left = exists().where(ALERTS.c.message_no == MESSAGES.c.no, ALERTS.c.state.in_(UNFINISHED))
        for some in chunks(numbers):
            waiting = and_(MESSAGES.c.no.in_(some), MESSAGES.c.state == MessageState.QUEUED)
            ended = update(MESSAGES).where(waiting, ~left).values(state=MessageState.DONE)
            self._connection.execute(ended)

    def finish_message(self, message: Message) -> None:
        """Keep the new state of a claimed message and drop its lease."""
        self._update_messages([replace(message, lease_until=None, lease_by=None)])
        self._end_empty_messages([message.no])

    def note_part(self, message: Message) -> bool:
        """Keep how far a message of several parts has come; False where its lease went to somebody else."""
        change = update(MESSAGES).where(MESSAGES.c.no == message.no, MESSAGES.c.lease_by == message.lease_by)
        change = change.where(MESSAGES.c.attempts == message.attempts)
        return self._connection.execute(change, row_of(message, MESSAGES)).rowcount == 1

    def attempts_since(self, since: datetime) -> Mapping[str, int]:
        """Return how many attempts each channel began since then."""
        question = select(DELIVERIES.c.channel, func.count()).where(DELIVERIES.c.started_at > since)
        rows = self._connection.execute(question.group_by(DELIVERIES.c.channel))
        return {row[0]: row[1] for row in rows}

    def finish_delivery(self, delivery_id: int, ended_at: datetime, outcome: Outcome) -> None:
        """Write the outcome of an attempt; raises NotFoundError."""
        change = update(DELIVERIES).where(DELIVERIES.c.id == delivery_id)
        if self._connection.execute(change.values(ended_at=ended_at, outcome=outcome)).rowcount != 1:
            raise NotFoundError("delivery", delivery_id)

    def deliveries(self, message_nos: Iterable[int]) -> tuple[Delivery, ...]:
        """Return the attempts of these messages, oldest first."""
        found: list[Delivery] = []
        for some in chunks(sorted(set(message_nos))):
            question = select(DELIVERIES).where(DELIVERIES.c.message_no.in_(some))
            rows = self._connection.execute(question).mappings()
            found.extend(value_of(Delivery, row) for row in rows)
        return tuple(sorted(found, key=lambda attempt: attempt.id))

    def channel_health(self) -> Mapping[str, ChannelHealth]:
        """Return the health of every channel that was ever used."""
        rows = self._connection.execute(select(HEALTH)).mappings()
        return {row["channel"]: value_of(ChannelHealth, row) for row in rows}

    def save_channel_health(self, health: ChannelHealth) -> None:
        """Remember a channel's health."""
        self._upsert_value(ChannelHealthRow, health)


def _grouping(alert: Alert) -> str:
    if alert.state is AlertState.HELD:
        return "held"
    return "waits" if alert.send_at > alert.created_at else "now"


def _address(alert: Alert) -> str:
    """Return whose address within the channel it is; nobody's own where a group reads it."""
    return "" if alert.to_group else alert.to


def _place(fresh: Iterable[tuple[int, Alert]], waiting: Iterable[_Envelope]) -> list[tuple[Alert, _Envelope]]:
    """Return the message each alert leaves in: one that waits, its decision's own, or a new one."""
    envelopes: dict[tuple[str, ...], list[_Envelope]] = {}
    for envelope in waiting:
        envelopes.setdefault((envelope.to, envelope.channel, envelope.grouping), []).append(envelope)
    own: dict[tuple[Any, ...], _Envelope] = {}
    placed = []
    for decision, alert in fresh:
        address = (_address(alert), alert.channel, _grouping(alert))
        key = (decision, alert.send_at, *address)
        if key not in own:
            standing = envelopes.setdefault(address, [])
            joined = next((envelope for envelope in standing if _may_join(alert, envelope)), None)
            own[key] = joined or _Envelope(
                to=_address(alert),
                channel=alert.channel,
                grouping=_grouping(alert),
                send_at=alert.send_at,
                urgent=alert.urgent,
            )
            if joined is None and _grouping(alert) != "now":
                standing.append(own[key])
        placed.append((alert, own[key]))
    return placed


def _may_join(alert: Alert, envelope: _Envelope) -> bool:
    """Return whether an alert may leave in this message to its own address."""
    if envelope.grouping == "held":
        return envelope.send_at == alert.send_at
    return alert.created_at < envelope.send_at <= alert.send_at


def _within(due: Iterable[Message], room: Mapping[str, int]) -> list[Message]:
    """Return the messages that their channels have room for: all that are urgent, of the others the first."""
    left = dict(room)
    taken = []
    for message in due:
        if not message.urgent and message.channel in left:
            left[message.channel] -= 1
            if left[message.channel] < 0:
                continue
        taken.append(message)
    return taken


def _taken(message: Message, now: datetime, by: str, lease: timedelta) -> Message:
    return replace(
        message,
        state=MessageState.SENDING,
        attempts=message.attempts + 1,
        first_attempt_at=message.first_attempt_at or now,
        lease_until=now + lease,
        lease_by=by,
    )
