"""The grouper kept in step with the database: what this process decided, and what others did meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.incidents.group import Grouper
from monitor.incidents.model import Incident
from monitor.items.model import Item
from monitor.ports import Transaction

LOOK_BACK = timedelta(days=30)
"""How long an ended incident can still be joined by a late report or a repost (C10)."""

MOST_ITEMS = 200
EXPIRE_EVERY = timedelta(hours=1)
MOVES_ITEMS = frozenset({"incident_merged", "incident_split", "items_received"})


class Known:
    """The incidents an item may join, by the journal's growing number. For one thread at a time."""

    def __init__(self, build: Callable[[], Grouper]) -> None:
        self._build = build
        self._grouper: Grouper | None = None
        self._seq = 0
        self._expired_at: datetime | None = None

    def refresh(self, transaction: Transaction, now: datetime) -> Grouper:
        """Learn what changed since the last look, or everything at the first; return the grouper."""
        if self._grouper is None:
            return self._learn(transaction, now)
        if self._expired_at is None or now - self._expired_at > EXPIRE_EVERY:
            self._grouper.expire(now)
            self._expired_at = now
        while entries := transaction.journal(after_seq=self._seq):
            self._seq = entries[-1].seq
            touched = {e.change.incident for e in entries if e.change.incident is not None}
            moved = {e.change.incident for e in entries if e.change.event in MOVES_ITEMS}
            for incident_id in sorted(touched):
                self._grouper.put(transaction.dossier(incident_id).incident)
                if incident_id in moved:
                    self._remember_items(transaction, incident_id)
        return self._grouper

    def _learn(self, transaction: Transaction, now: datetime) -> Grouper:
        self._grouper = self._build()
        self._seq, _ = transaction.journal_head()
        for incident in transaction.candidates(now - LOOK_BACK):
            self._grouper.put(incident)
            self._remember_items(transaction, incident.id)
        return self._grouper

    def _remember_items(self, transaction: Transaction, incident_id: int) -> None:
        if self._grouper is not None:
            for joined in transaction.joined_items(incident_id, limit=MOST_ITEMS):
                self._grouper.remember(joined.item, incident_id)

    def note(self, incident: Incident, item: Item) -> None:
        """Learn what this process has just decided, before the journal is read again."""
        if self._grouper is not None:
            self._grouper.put(incident)
            self._grouper.remember(item, incident.id)

    def forget(self) -> None:
        """Learn everything anew at the next look: a transaction failed, or the rules were changed."""
        self._grouper = None
