"""The grouper kept in step with the database: what this process decided, and what others did meanwhile."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from monitor.dossier.model import Change
from monitor.incidents.group import Grouper
from monitor.incidents.model import Incident
from monitor.items.model import Item
from monitor.ports import Transaction

LOOK_BACK = timedelta(days=30)
"""How long an ended incident can still be joined by a late report or a repost (C10)."""

MOST_ITEMS = 200
"""How many items of an incident are remembered at a restart: the newest, which reposts repeat."""

EXPIRE_EVERY = timedelta(hours=1)
_PAGE = 1_000  # journal entries read at once
CHANGES_GROUPING = frozenset(
    {
        "incident_opened",
        "item_joined",
        "items_received",
        "incident_merged",
        "incident_split",
        "incident_dismissed",
        "incident_closed",
        "incident_reopened",
        "incident_placed",
    }
)
"""What the journal says of an incident that changes where items belong; alerts and clocks do not."""


class Known:
    """The incidents an item may join, by the journal's growing number. For one thread at a time."""

    def __init__(self, build: Callable[[], Grouper], most_items: int = MOST_ITEMS) -> None:
        self._build = build
        self._most_items = most_items
        self._grouper: Grouper | None = None
        self._seq = 0
        self._homes: dict[int, int] = {}
        self._expired_at: datetime | None = None

    def refresh(self, transaction: Transaction, now: datetime) -> Grouper:
        """Learn what changed since the last look, or everything at the first; return the grouper."""
        if self._grouper is None:
            self._grouper = self._learn(transaction, now)
        else:
            self._catch_up(transaction, self._grouper)
        if self._expired_at is None or now - self._expired_at > EXPIRE_EVERY:
            self._grouper.expire(now)
            self._expired_at = now
        return self._grouper

    def _learn(self, transaction: Transaction, now: datetime) -> Grouper:
        grouper = self._build()
        self._seq, _ = transaction.journal_head()
        self._homes.clear()
        self._expired_at = None
        for incident in transaction.candidates(now - LOOK_BACK):
            grouper.put(incident)
            self._remember_items(transaction, grouper, incident.id)
        return grouper

    def _catch_up(self, transaction: Transaction, grouper: Grouper) -> None:
        is_behind = True
        while is_behind:
            entries = transaction.journal(after_seq=self._seq, limit=_PAGE)
            is_behind = len(entries) == _PAGE
            changes = [
                e.change
                for e in entries
                if e.change.event in CHANGES_GROUPING and not self._is_noted(e.change)
            ]
            for incident_id in sorted({c.incident for c in changes if c.incident is not None}):
                grouper.put(transaction.dossier(incident_id).incident)
            for change in changes:
                if change.incident is not None:
                    self._follow_items(transaction, grouper, change, change.incident)
            self._seq = entries[-1].seq if entries else self._seq

    def _is_noted(self, change: Change) -> bool:
        """Return whether the items that a change let in are known already, and with them their incident.

        This process reads its own decisions back: to load each incident again would cost more than grouping.
        """
        came = _items_of(change)
        return bool(came) and all(self._homes.get(item_id) == change.incident for item_id in came)

    def _follow_items(
        self, transaction: Transaction, grouper: Grouper, change: Change, incident_id: int
    ) -> None:
        """Learn which items came into an incident: taken in by another process, split off, or merged."""
        if change.event == "items_received":
            self._remember_items(transaction, grouper, incident_id)
        for item_id in _items_of(change):
            if self._homes.get(item_id) != incident_id:
                self._remember(grouper, transaction.item(item_id)[0], incident_id)

    def _remember_items(self, transaction: Transaction, grouper: Grouper, incident_id: int) -> None:
        for joined in transaction.joined_items(incident_id, limit=self._most_items, newest=True):
            self._remember(grouper, joined.item, incident_id)

    def _remember(self, grouper: Grouper, item: Item, incident_id: int) -> None:
        self._homes[item.id] = incident_id
        grouper.remember(item, incident_id)

    def note(self, incident: Incident, item: Item) -> None:
        """Learn what this process has just decided, before the journal is read again."""
        if self._grouper is not None:
            self._grouper.put(incident)
            self._remember(self._grouper, item, incident.id)

    def forget(self) -> None:
        """Learn everything anew at the next look: a transaction failed, or the rules were changed."""
        self._grouper = None


def _items_of(change: Change) -> Sequence[int]:
    """Return the items with which an incident was opened, or the one that joined it."""
    if change.event == "item_joined":
        return [change.facts["item"]]
    items: Sequence[int] = change.facts.get("items", ()) if change.event == "incident_opened" else ()
    return items
