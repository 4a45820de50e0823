"""The daily digest: gathered from what is stored, and due once for each person and day."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from alerts.digest.build import Digest, build_digest
from alerts.digest.sentences import say_instant
from alerts.model import Alert, AlertState
from alerts.system import system_alerts
from monitor.clock import SHANGHAI, as_local
from monitor.collectors.model import Source
from monitor.dossier.model import Change
from monitor.keeping import keep_alerts
from monitor.office.model import Office
from monitor.pipeline.looking_back import look_back, source_summaries
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction

DAY = timedelta(hours=24)
PROMPT = timedelta(minutes=10)
"""What leaves so soon after its hour is not called late."""


def digest_range(office: Office, on: date) -> tuple[datetime, datetime]:
    """Return the 24 hours `[since, until)` of the digest of this day: up to its fixed hour, local time."""
    at = office.digest_at
    until = datetime(on.year, on.month, on.day, at.hour if at else 8, at.minute if at else 0, tzinfo=SHANGHAI)
    return until - DAY, until


def gather_digest(
    transaction: Transaction,
    office: Office,
    sources: Sequence[Source],
    since: datetime,
    until: datetime,
    now: datetime,
) -> Digest:
    """Return the digest of `[since, until)`, with what was open at `now`: an instant of the past, or this."""
    dossiers = look_back(transaction, since, now)
    head = _printed_hash(transaction, office, until)
    return build_digest(
        office, dossiers, source_summaries(transaction, sources, now), since, until, now, head
    )


def _printed_hash(transaction: Transaction, office: Office, until: datetime) -> str:
    """Return the hash that every digest of this day prints; for another range the journal's present end."""
    for anchor in transaction.journal_anchors():
        if digest_range(office, anchor.on_day)[1] == until:
            return anchor.hash
    return transaction.journal_head()[1]


def digest_for(
    transaction: Transaction, office: Office, sources: Sequence[Source], alert: Alert, now: datetime
) -> Digest:
    """Return the digest that an alert with reason `digest` announces, as things stood at its hour.

    One that leaves late says so, and why.
    """
    on = date.fromisoformat(json.loads(alert.facts)["on"])
    since, until = digest_range(office, on)
    digest = gather_digest(transaction, office, sources, since, until, min(until, now))
    return replace(digest, remark=say_late(transaction, until, now))


def say_late(transaction: Transaction, due_at: datetime, now: datetime) -> str:
    """Return that what was due at an instant leaves late, and whether the service was away; or nothing."""
    if now - due_at <= PROMPT:
        return ""
    pulse = transaction.pulse()
    # The engine may not have noticed its own absence yet: then its last tick lies before.
    ticked = pulse.last_tick_at is not None and pulse.last_tick_at >= due_at
    was_awake = ticked and (pulse.awake_since is None or pulse.awake_since <= due_at)
    why = "故" if was_awake else "服务中断"
    said = f"本期应于{say_instant(due_at, now)}送出，因{why}迟至{say_instant(now, now)}"
    return f"{said}，所列情况截至应送出时。"


def readers_by_default(office: Office) -> tuple[str, ...]:
    """Return who gets the digest: those named, else the people of the highest level."""
    return office.digest_to or tuple(p.id for p in office.people if p.level == office.top_level)


def next_digest_at(office: Office, after: datetime) -> datetime | None:
    """Return the hour of the next digest after this instant, or None where none is sent."""
    if office.digest_at is None:
        return None
    today = digest_range(office, as_local(after).date())[1]
    return today if today > after else today + DAY


def queue_digests(setting: Setting, now: datetime) -> int:
    """Queue today's digest for everybody who gets one, if its hour has come; return how many were queued.

    Each person and day is claimed in the database, so two processes send one.
    """
    office = setting.office()
    if office.digest_at is None:
        return 0
    on = as_local(now).date()
    until = digest_range(office, on)[1]
    if now < until:
        return 0
    readers = readers_by_default(office)
    with setting.store.transaction() as transaction:
        if _is_before_our_time(transaction, until):
            return 0
        due = [reader for reader in readers if transaction.digest_due(on, reader)]
        circumstances = setting.circumstances(transaction, now)
        alerts = system_alerts("digest", on.isoformat(), due, circumstances, on=on.isoformat())
        # At the hour the office chose, in a message of its own: a digest is written out, not announced.
        queued = keep_alerts(
            transaction,
            [replace(a, state=AlertState.QUEUED, held_reason=None, send_at=now) for a in alerts],
        )
        transaction.record(
            [
                Change(at=now, event="digest_queued", incident=None, facts={"to": a.to, "on": on.isoformat()})
                for a in queued
            ]
        )
        if queued:
            transaction.anchor_journal(on)
    return len(queued)


def _is_before_our_time(transaction: Transaction, until: datetime) -> bool:
    """Return whether the service was first started after this day's hour: it knows of nothing before.

    A digest that finds nothing, because nobody watched, would be taken for a quiet day.
    """
    awake_since = transaction.pulse().awake_since
    return not transaction.journal_anchors() and awake_since is not None and awake_since > until
