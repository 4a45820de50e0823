"""The daily digest: gathered from what is stored, and due once for each person and day."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from alerts.digest.build import Digest, SourceSummary, build_digest
from alerts.model import Alert, AlertState
from alerts.system import system_alerts
from monitor.clock import SHANGHAI, as_local
from monitor.collectors.backoff import stale
from monitor.collectors.model import Source, SourceKind
from monitor.dossier.model import Change, Part
from monitor.incidents.model import IncidentState
from monitor.keeping import keep_alerts
from monitor.office.model import Office
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction

DAY = timedelta(hours=24)
MOST = 2000


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
    """Return the digest of `[since, until)` with what is open at `now`."""
    open_ones = transaction.incidents((IncidentState.OPEN,), limit=MOST)
    recent = transaction.incidents((), since=since, limit=MOST)
    ours = {i.id: i for i in (*open_ones, *recent) if i.local is not False}
    dossiers = transaction.dossiers_of(
        [ours[number] for number in sorted(ours)], (Part.OBLIGATIONS, Part.PUBLICATIONS)
    )
    head = _printed_hash(transaction, office, until)
    return build_digest(office, dossiers, _summaries(transaction, sources, now), since, until, now, head)


def _printed_hash(transaction: Transaction, office: Office, until: datetime) -> str:
    """Return the hash that every digest of this day prints; for another range the journal's present end."""
    for anchor in transaction.journal_anchors():
        if digest_range(office, anchor.on_day)[1] == until:
            return anchor.hash
    return transaction.journal_head()[1]


def _summaries(
    transaction: Transaction, sources: Sequence[Source], now: datetime
) -> tuple[SourceSummary, ...]:
    states = transaction.source_states()
    summaries = []
    for source in sources:
        if not source.enabled:
            continue
        state = states.get(source.id)
        trouble = stale(source, state, now) if state is not None else None
        down_since = (trouble.since or state.last_poll_at) if state and trouble else None
        untried = source.kind is not SourceKind.INBOX and (state is None or state.last_success_at is None)
        summaries.append(
            SourceSummary(id=source.id, name=source.name, down_since=down_since, is_untried=untried)
        )
    return tuple(summaries)


def digest_for(
    transaction: Transaction, office: Office, sources: Sequence[Source], alert: Alert, now: datetime
) -> Digest:
    """Return the digest that an alert with reason `digest` announces."""
    on = date.fromisoformat(json.loads(alert.facts)["on"])
    since, until = digest_range(office, on)
    return gather_digest(transaction, office, sources, since, until, now)


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
    readers = office.digest_to or tuple(p.id for p in office.people if p.level == office.top_level)
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
