"""Self-watch: what is overdue that nobody was told about, and which sources fell silent."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from loguru import logger

from alerts.system import system_alerts
from monitor.collectors.backoff import Stale, stale
from monitor.collectors.model import Source, SourceState
from monitor.dossier.audit import find_untold
from monitor.dossier.model import Part
from monitor.incidents.model import IncidentState
from monitor.keeping import keep_once
from monitor.pipeline.setting import Setting
from monitor.ports import JournalCheck, SelfWatch, Transaction

MOST = 10_000

STRETCH = 2_000
"""How many entries of the journal one audit checks: a tenth of a second."""


class Auditor:
    """Recomputes from facts what the engine should have told (A10). It blocks."""

    def __init__(self, setting: Setting, sources: Callable[[], tuple[Source, ...]]) -> None:
        self._setting = setting
        self._sources = sources

    def audit(self, now: datetime) -> tuple[str, ...]:
        """Return what was told to nobody, as codes with ids; empty when all is well."""
        with self._setting.store.reading() as transaction:
            return audit_store(transaction, now)

    def watch(self, now: datetime) -> SelfWatch:
        """Audit, check the next stretch of the journal against its anchors, and keep what was found."""
        store = self._setting.store
        with store.reading() as transaction:
            untold = audit_store(transaction, now)
            before = transaction.self_watch()
            check = transaction.check_journal(before.journal_seq, STRETCH)
        if check.fault:
            logger.bind(stage="audit", seq=check.seq).error("the journal does not hold")
        with store.transaction() as transaction:
            found = _found(transaction.self_watch(), untold, check, now)
            if self._setting.office().heartbeat_url is None:
                found = replace(found, heartbeat_at=None, heartbeat_failures=0)
            transaction.save_self_watch(found)
        return found

    def note_heartbeat(self, now: datetime, *, answered: bool) -> None:
        """Keep whether the heartbeat address answered."""
        with self._setting.store.transaction() as transaction:
            before = transaction.self_watch()
            failures = 0 if answered else before.heartbeat_failures + 1
            at = now if answered else before.heartbeat_at
            transaction.save_self_watch(replace(before, heartbeat_at=at, heartbeat_failures=failures))

    def tell_stale(self, now: datetime) -> None:
        """Tell the administrator once of every source silent for longer than its own habit (C18)."""
        with self._setting.store.reading() as transaction:
            states = transaction.source_states()
        silent = [(s, found) for s in self._sources() if (found := _stale(s, states, now)) is not None]
        if not silent:
            return
        with self._setting.store.transaction() as transaction:
            circumstances = self._setting.circumstances(transaction, now)
            for source, found in silent:
                since = found.since.isoformat() if found.since else ""
                alerts = system_alerts(
                    "source_stale",
                    source.id,
                    circumstances.office.administrators,
                    circumstances,
                    mark=f"{found.reason}{since}",  # lasts as long as the silence: each is told once
                    source=source.name,
                    since=since,
                )
                keep_once(transaction, alerts)


def _stale(source: Source, states: Mapping[str, SourceState], now: datetime) -> Stale | None:
    return stale(source, states[source.id], now) if source.id in states else None


def _found(before: SelfWatch, untold: tuple[str, ...], check: JournalCheck, now: datetime) -> SelfWatch:
    """Return what is kept of one audit; after the end, or a fault, the chain is read from its start again."""
    goes_on = check.fault is None and not check.is_end
    return replace(
        before,
        audited_at=now,
        untold=len(untold),
        first_untold=untold[0] if untold else "",
        journal_seq=check.seq if goes_on else 0,
        journal_whole_at=now if check.is_end else before.journal_whole_at,
        journal_fault=check.fault or (None if check.is_end else before.journal_fault),
    )


def audit_store(transaction: Transaction, now: datetime) -> tuple[str, ...]:
    """Return what of all open incidents is due and was told to nobody."""
    open_ones = transaction.incidents((IncidentState.OPEN,), limit=MOST)
    breaches = transaction.alerts_about([i.id for i in open_ones], "due")
    faults: list[str] = []
    for dossier in transaction.dossiers_of(open_ones, (Part.OBLIGATIONS, Part.REMINDERS, Part.ORDERS)):
        faults += find_untold(dossier, breaches.get(dossier.incident.id, ()), now)
    if faults:
        logger.bind(stage="audit", count=len(faults), first=faults[0]).error(
            "something due was told to nobody"
        )
    return tuple(faults)
