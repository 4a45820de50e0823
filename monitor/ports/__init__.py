"""What the pipeline, the outbox and the desk need from the outside.

Everything happens inside a transaction: load, decide, save (A1). A transaction is synchronous; callers
run it in a worker thread (one writer thread for SQLite).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from alerts.model import Alert, ChannelHealth, Delivery, Message, Outcome
from alerts.model import Text as Text
from monitor.classifiers.model import Verdict
from monitor.collectors.model import Poll, SourceState
from monitor.dossier.model import Change, Changes, Dossier, Part
from monitor.incidents.heat import Sighting
from monitor.incidents.model import Incident
from monitor.items.model import Item
from monitor.office.model import MonthRota, Substitution
from monitor.ports.analysis import Analysis
from monitor.ports.answers import Answers
from monitor.ports.drafts import Drafts
from monitor.ports.history import History, SavedQuestions
from monitor.ports.history import Hit as Hit
from monitor.ports.history import Page as Page
from monitor.ports.history import Question as Question
from monitor.ports.journal import JournalSearch
from monitor.ports.logins import Logins
from monitor.ports.model import Account as Account
from monitor.ports.model import Claim as Claim
from monitor.ports.model import Dispatch as Dispatch
from monitor.ports.model import GivenAnswer as GivenAnswer
from monitor.ports.model import JoinedItem as JoinedItem
from monitor.ports.model import JournalAnchor as JournalAnchor
from monitor.ports.model import JournalCheck as JournalCheck
from monitor.ports.model import JournalEntry as JournalEntry
from monitor.ports.model import Pulse as Pulse
from monitor.ports.model import SelfWatch as SelfWatch
from monitor.ports.model import Session as Session
from monitor.ports.orders import Orders
from monitor.ports.papers import Papers
from monitor.ports.tips import Tips
from monitor.ports.workers import Workers


class Transaction(
    History,
    SavedQuestions,
    Analysis,
    Papers,
    Drafts,
    Logins,
    JournalSearch,
    Workers,
    Orders,
    Tips,
    Answers,
    Protocol,
):
    """One unit of work; leaving it normally commits, an exception rolls everything back."""

    # -- items and sources
    def known_items(self, keys: Iterable[str]) -> Mapping[str, int]:
        """Return the ids of the items with these keys that are already stored."""
        ...

    def titles(self, keys: Iterable[str]) -> Mapping[str, str]:
        """Return the titles of the items with these keys that are already stored."""
        ...

    def add_items(self, items: Sequence[Item], verdicts: Sequence[Verdict | None]) -> tuple[Item, ...]:
        """Store new items with their verdicts and index them for search; return them with rising ids."""
        ...

    def items_with_exact_key(self, keys: Iterable[str], since: datetime) -> Mapping[str, int]:
        """Return, for each exact text key seen since then, the id of the first item that had it."""
        ...

    def note_sightings(self, seen: Mapping[int, Item], at: datetime) -> None:
        """Record the rank and heat of known items, by id, that were seen again; without either, nothing."""
        ...

    def arrivals(self, incident_ids: Iterable[int], since: datetime) -> Mapping[int, tuple[Sighting, ...]]:
        """Return the items that arrived in these incidents since then: when, and at which source."""
        ...

    def sightings(self, incident_id: int) -> tuple[Sighting, ...]:
        """Return the reach of one incident: every arrival, and how boards ranked its items afterwards."""
        ...

    def item(self, item_id: int) -> tuple[Item, Verdict | None]:
        """Return one item with its verdict; raises NotFoundError."""
        ...

    def incident_of_items(self, item_ids: Iterable[int]) -> Mapping[int, int]:
        """Return the incident that each of these items belongs to."""
        ...

    def source_states(self) -> Mapping[str, SourceState]:
        """Return what is remembered of every source."""
        ...

    def save_poll(self, poll: Poll, state: SourceState) -> None:
        """Add a row to the run ledger and remember the source's new state."""
        ...

    def polls(self, source_id: str | None, limit: int) -> tuple[Poll, ...]:
        """Return the newest rows of the run ledger."""
        ...

    # -- incidents
    def next_incident_id(self) -> int:
        """Reserve the number of an incident that is about to be opened in this transaction."""
        ...

    def dossier(self, incident_id: int) -> Dossier:
        """Load one incident for a decision, locked against other writers; raises NotFoundError."""
        ...

    def dossiers(self, incident_ids: Sequence[int]) -> tuple[Dossier, ...]:
        """Load incidents for decisions, locked; those that another worker is deciding on are left out."""
        ...

    def dossiers_of(
        self, incidents: Sequence[Incident], parts: Collection[Part] = tuple(Part)
    ) -> tuple[Dossier, ...]:
        """Return these incidents with the parts asked for, in their order, for reading: nothing is locked."""
        ...

    def save(self, changes: Changes) -> tuple[Alert, ...]:
        """Keep one decision, as `save_all` does; a ConflictError names the incident."""
        ...

    def save_all(self, decisions: Sequence[Changes]) -> tuple[Alert, ...]:
        """Keep decisions about different incidents; return the queued alerts with their message numbers.

        Compare-and-set on the version; raises ConflictError if somebody was faster. Alerts that exist are
        left alone. Those of one decision to one address share a message; what may wait joins a waiting one.
        """
        ...

    def sleep_until(self, changes: Changes) -> None:
        """Keep `wakes_at` of a decision that changed nothing, unless somebody else changed the incident."""
        ...

    def wake(self, now: datetime, limit: int) -> tuple[int, ...]:
        """Return incidents whose `wakes_at` has come, earliest first."""
        ...

    def next_wake_at(self) -> datetime | None:
        """Return the earliest instant at which an incident or a message needs the engine."""
        ...

    def candidates(self, since: datetime) -> tuple[Incident, ...]:
        """Return the incidents an item published now may belong to: open ones, and ended ones since then."""
        ...

    def incidents(
        self,
        states: Sequence[str] = (),
        since: datetime | None = None,
        limit: int = 200,
        before_id: int | None = None,
    ) -> tuple[Incident, ...]:
        """Return incidents for lists, newest first; with `before_id` those opened before that one."""
        ...

    def joined_items(
        self, incident_id: int, limit: int = 200, *, newest: bool = False, after_id: int = 0
    ) -> tuple[JoinedItem, ...]:
        """Return the first items of an incident, or the last ones (`newest`), oldest first.

        With `after_id` only those that were stored after that one.
        """
        ...

    def move_items(self, item_ids: Sequence[int], to_incident: int) -> None:
        """Let these items belong to another incident (merge, split)."""
        ...

    # -- outbox
    def enqueue(self, *decisions: Sequence[Alert]) -> tuple[Alert, ...]:
        """Queue the alerts of decisions that are not about an incident, by the same rules as `save`."""
        ...

    def claim(
        self,
        now: datetime,
        by: str,
        lease: timedelta,
        limit: int,
        room: Mapping[str, int] = MappingProxyType({}),
    ) -> tuple[Claim, ...]:
        """Take due messages under a lease, urgent ones first, and write an attempt row for each.

        `room` is how many that are not urgent a channel may take; one that is not named takes them all.
        """
        ...

    def attempts_since(self, since: datetime) -> Mapping[str, int]:
        """Return how many attempts each channel began since then."""
        ...

    def alerts_of(self, incident_id: int) -> tuple[Alert, ...]:
        """Return all outbox rows of one incident, oldest first."""
        ...

    def last_sent(self, incident_ids: Iterable[int]) -> Mapping[int, Alert]:
        """Return, for each of these incidents that has one, the newest alert somebody received."""
        ...

    def alerts_about(self, incident_ids: Iterable[int], reason: str) -> Mapping[int, tuple[Alert, ...]]:
        """Return the outbox rows of these incidents that have this reason, oldest first."""
        ...

    def alerts_in_states(self, states: Sequence[str], limit: int) -> tuple[Alert, ...]:
        """Return outbox rows by state, oldest first (`dead` for dead letters)."""
        ...

    def sibling_alerts(self, alert: Alert) -> tuple[Alert, ...]:
        """Return the rows of the same incident, reason, round and recipient, through any channel."""
        ...

    def update_alerts(self, alerts: Sequence[Alert]) -> None:
        """Keep new states of outbox rows; raises ConflictError where somebody else ended one meanwhile."""
        ...

    def finish_message(self, message: Message) -> None:
        """Keep the new state of a claimed message and drop its lease."""
        ...

    def note_part(self, message: Message) -> bool:
        """Keep how far a message of several parts has come; False where its lease went to somebody else."""
        ...

    def finish_delivery(self, delivery_id: int, ended_at: datetime, outcome: Outcome) -> None:
        """Write the outcome of an attempt."""
        ...

    def deliveries(self, message_nos: Iterable[int]) -> tuple[Delivery, ...]:
        """Return the attempts of these messages, oldest first."""
        ...

    def channel_health(self) -> Mapping[str, ChannelHealth]:
        """Return the health of every channel that was ever used."""
        ...

    def save_channel_health(self, health: ChannelHealth) -> None:
        """Remember a channel's health."""
        ...

    # -- engine, journal, history
    def pulse(self, *, to_change: bool = False) -> Pulse:
        """Return the engine's pulse; with `to_change` locked, so that one worker alone notices a gap."""
        ...

    def save_pulse(self, pulse: Pulse) -> None:
        """Keep the engine's pulse."""
        ...

    def record(self, changes: Iterable[Change], rule_version: str = "") -> None:
        """Append to the journal's hash chain."""
        ...

    def journal(
        self, after_seq: int = 0, incident_id: int | None = None, limit: int = 1000
    ) -> tuple[JournalEntry, ...]:
        """Return journal entries in order."""
        ...

    def journal_head(self) -> tuple[int, str]:
        """Return number and hash of the newest journal entry; 0 for an empty journal."""
        ...

    def journal_entry(self, hash_start: str) -> JournalEntry | None:
        """Return the entry whose hash begins so, or None where none or several do."""
        ...

    def anchor_journal(self, on_day: date) -> JournalAnchor:
        """Keep the end of the chain as the digest of this day prints it; the first of a day stands."""
        ...

    def journal_anchors(self) -> tuple[JournalAnchor, ...]:
        """Return what the digests printed, oldest first."""
        ...

    def check_journal(self, after_seq: int = 0, limit: int | None = None) -> JournalCheck:
        """Recompute the chain behind this entry, `limit` entries of it, and hold it against the anchors."""
        ...

    def verify_journal(self) -> tuple[bool, str]:
        """Check the whole chain; return whether it holds, and its head hash or what is wrong where."""
        ...

    def self_watch(self) -> SelfWatch:
        """Return what the auditor found last."""
        ...

    def save_self_watch(self, found: SelfWatch) -> None:
        """Keep what the auditor found."""
        ...

    def digest_due(self, on: date, person_id: str) -> bool:
        """Claim the daily digest of one person and day; True exactly once, also with several processes."""
        ...

    # -- rota
    def rota_months(self, since: datetime, until: datetime) -> tuple[MonthRota, ...]:
        """Return the imported months that last at some instant from `since` to `until`, both included."""
        ...

    def replace_rota_month(self, month: date, rotas: Sequence[MonthRota]) -> int:
        """Keep these instead of what was imported for this month before; return how many levels that was."""
        ...

    def substitutions(self, since: datetime, until: datetime) -> tuple[Substitution, ...]:
        """Return those that last at some instant from `since` to `until`, both included, oldest first."""
        ...

    def substitution(self, id_: int) -> Substitution:
        """Return one; raises NotFoundError."""
        ...

    def add_substitution(self, substitution: Substitution) -> int:
        """Add one, whatever its id says; return the id it was given."""
        ...

    def end_substitution(self, id_: int, until: datetime) -> None:
        """Let one end earlier than it says."""
        ...


class Store(Protocol):
    """The memory: hands out transactions.

    Safe to use from several threads.
    """

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a unit of work that may write."""
        ...

    def reading(self) -> AbstractContextManager[Transaction]:
        """Begin a unit of work that only reads and never waits for a writer."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


class Posting(Protocol):
    """The outbox as a rehearsal sees it: what is due, and what came of it."""

    def take(self, now: datetime, limit: int = 50) -> tuple[Dispatch, ...]:
        """Claim due messages, cancel what is no longer true, render the rest."""
        ...

    def settle(self, dispatch: Dispatch, outcome: Outcome, now: datetime) -> None:
        """Write down what came of an attempt and queue what follows."""
        ...


class Channel(Protocol):
    """One way of reaching a person; it never raises for what the other side does: the outcome says it."""

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:
        """Send one part of a message, counted from 1, and judge the answer by its body."""
        ...
