"""Papers that are written by themselves: at their hour, and a flash as soon as something serious is known."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.digest.review import Term
from monitor.clock import as_local
from monitor.collectors.model import Source
from monitor.office.model import Office, PaperTime
from monitor.pipeline.digesting import digest_range, queue_digests, say_late
from monitor.pipeline.issuing import (
    POLICY,
    Writing,
    keep_draft,
    keep_issued,
    tell_reviewers,
    write_daily,
    write_on_incident,
    write_periodic,
)
from monitor.pipeline.papers import due_after, due_before, span_before
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction
from monitor.ports.papers import KeptPaper, PaperKind

CATCH_UP = timedelta(days=3)
"""A weekly or monthly paper missed for longer, because the service was away, is left to a person."""


def queue_papers(setting: Setting, sources: Sequence[Source], now: datetime) -> int:
    """Queue the digests and periodic papers whose hour has come, each once; return how many were written.

    What leaves late, because the service was away, says so.
    """
    queue_digests(setting, now)
    office = setting.office()
    written = 0
    if office.digest_at is not None and _daily_is_wanted(setting, office, now):
        with setting.store.transaction() as transaction:
            writing = _writing(setting, transaction, sources, now)
            daily = write_daily(writing, as_local(now).date())
            written += keep_issued(writing, daily, tell=False) is not None
    for term, time in _times(office):
        if _is_due(setting, term, time, now):
            with setting.store.transaction() as transaction:
                written += _write(_writing(setting, transaction, sources, now), term, time)
    return written


def next_paper_at(office: Office, after: datetime) -> datetime | None:
    """Return when the next weekly or monthly paper is due, or None where none is."""
    return min((due_after(term, time, after) for term, time in _times(office)), default=None)


def queue_flashes(setting: Setting, sources: Sequence[Source], now: datetime) -> int:
    """Write and queue a flash on each open incident of severity 1 or 2 that has none at its severity."""
    if not setting.office().papers.flash_to:
        return 0
    with setting.store.reading() as transaction:
        serious = transaction.unflashed()
    if not serious:
        return 0
    with setting.store.transaction() as transaction:
        writing = _writing(setting, transaction, sources, now)
        flashes = [write_on_incident(writing, PaperKind.FLASH, i.id, f"{i.id}/{i.severity}") for i in serious]
        return sum(keep_issued(writing, flash) is not None for flash in flashes)


def _times(office: Office) -> Iterator[tuple[Term, PaperTime]]:
    for term in Term:
        time: PaperTime | None = getattr(office.papers, term)
        if time is not None:
            yield term, time


def _writing(setting: Setting, transaction: Transaction, sources: Sequence[Source], now: datetime) -> Writing:
    return Writing(
        transaction=transaction,
        office=setting.office(),
        sources=sources,
        now=now,
        by=POLICY,
        via="engine",
        health=transaction.channel_health(),
    )


def _daily_is_wanted(setting: Setting, office: Office, now: datetime) -> bool:
    """Return whether today's digest was sent and is not kept yet as it was."""
    on = as_local(now).date()
    if now < digest_range(office, on)[1]:
        return False
    with setting.store.reading() as transaction:
        is_sent = any(anchor.on_day == on for anchor in transaction.journal_anchors())
        return is_sent and not transaction.papers(PaperKind.DAILY, on.isoformat(), limit=1)


def _is_due(setting: Setting, term: Term, time: PaperTime, now: datetime) -> bool:
    """Return whether nobody wrote the last one yet, and we were there when its time ended."""
    due_at = due_before(term, time, now)
    if now - due_at > CATCH_UP:
        return False
    _, since, until = span_before(term, as_local(due_at).date())
    with setting.store.reading() as transaction:
        recorded_since = transaction.recorded_since()
        was_there = recorded_since is not None and recorded_since < until
        return was_there and not transaction.papers(PaperKind(term), since.date().isoformat(), limit=1)


def _write(writing: Writing, term: Term, time: PaperTime) -> int:
    """Write one periodic paper, as things stood when it was due; return how many were kept."""
    due_at = due_before(term, time, writing.now)
    paper = write_periodic(writing, term, as_local(due_at).date(), due_at)
    late = say_late(writing.transaction, due_at, writing.now)
    if late:
        paper = replace(paper, paper=replace(paper.paper, closing=(late, *paper.paper.closing)))
    return int((_keep_for_review if time.review else keep_issued)(writing, paper) is not None)


def _keep_for_review(writing: Writing, paper: KeptPaper) -> KeptPaper | None:
    draft = keep_draft(writing, paper)
    if draft is not None:
        tell_reviewers(writing, draft)
    return draft
