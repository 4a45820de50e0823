"""Bodies of answers about one incident's story: its journal, and why somebody was told or not."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from alerts.model import Alert, Delivery
from monitor.desk.api.answers import AlertOut
from monitor.desk.views.why_view import Untold
from monitor.ports import JournalEntry


class DeliveryOut(BaseModel):
    """One attempt to send a message; `outcome` is null while it runs, `code` the vendor's."""

    attempt: int
    channel: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    code: str | None
    receipt: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryOut":
        """Return the body of an attempt."""
        outcome = delivery.outcome
        return cls(
            attempt=delivery.attempt,
            channel=delivery.channel,
            started_at=delivery.started_at,
            ended_at=delivery.ended_at,
            outcome=outcome.kind.value if outcome else None,
            code=outcome.code if outcome else None,
            receipt=outcome.receipt if outcome else None,
        )


class ToldOut(AlertOut):
    """One alert with every attempt to send it."""

    deliveries: list[DeliveryOut]


class UntoldOut(BaseModel):
    """Somebody to whom no message was ever due, and why, in Chinese."""

    who: str
    why: str


class WhyOut(BaseModel):
    """Who was told of an incident, through what and with what success; and who was not (A9)."""

    alerts: list[ToldOut]
    untold: list[UntoldOut]

    @classmethod
    def of(
        cls, alerts: tuple[Alert, ...], deliveries: tuple[Delivery, ...], untold: tuple[Untold, ...]
    ) -> "WhyOut":
        """Return the body; the attempts of a message are those of each alert in it."""
        return cls(
            alerts=[
                ToldOut(
                    **AlertOut.of(alert).model_dump(),
                    deliveries=[
                        DeliveryOut.of(d)
                        for d in deliveries
                        if d.message_no == alert.message_no and d.channel == alert.channel
                    ],
                )
                for alert in alerts
            ],
            untold=[UntoldOut(who=one.who, why=one.why) for one in untold],
        )


class EntryOut(BaseModel):
    """One entry of the journal; `facts` are codes, ids and instants, `words` what a person wrote."""

    seq: int
    at: datetime
    event: str
    incident: int | None
    actor: str
    via: str
    facts: dict[str, Any]
    words: str | None
    rule_version: str
    previous_hash: str
    hash: str

    @classmethod
    def of(cls, entry: JournalEntry) -> "EntryOut":
        """Return the body of an entry."""
        change = entry.change
        return cls(
            seq=entry.seq,
            at=change.at,
            event=change.event,
            incident=change.incident,
            actor=change.actor,
            via=change.via,
            facts=dict(change.facts),
            words=change.words,
            rule_version=entry.rule_version,
            previous_hash=entry.previous_hash,
            hash=entry.hash,
        )
