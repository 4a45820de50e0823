"""Dossier: all that a decision about one incident needs; Changes: what a decision asks to be kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from alerts.model import Acknowledgement, Alert, ChannelHealth, Round
from monitor.classifiers.model import Figures, Grade
from monitor.deadlines.model import Obligation, Reminder, RuleBook
from monitor.incidents.model import Incident, Publication
from monitor.office.model import Office
from monitor.orders.model import Order


class Part(StrEnum):
    """What belongs to an incident, by the names of the dossier's fields; a list may need only some."""

    OBLIGATIONS = "obligations"
    REMINDERS = "reminders"
    PUBLICATIONS = "publications"
    ROUNDS = "rounds"
    ACKNOWLEDGEMENTS = "acknowledgements"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One incident as stored, with its parts, oldest first."""

    incident: Incident
    obligations: tuple[Obligation, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    publications: tuple[Publication, ...] = ()
    rounds: tuple[Round, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the journal, and one line of a timeline.

    `facts` hold ids, codes and instants only; a person's free words go to `words`, of which the chain
    keeps a hash.
    """

    at: datetime
    event: str
    incident: int | None
    actor: str = "engine"
    via: str = "engine"
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    words: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """An item that belongs to an incident: as a report, or as reach only (a duplicate, a repost).

    `shared` are the terms that weighed most in that (`Grouping`).
    """

    incident_id: int
    item_id: int
    at: datetime
    reach_only: bool = False
    similarity: float | None = None
    reason: str = ""
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one decision asks to be kept, in one transaction (A1).

    `expected_version` is the incident's version the decision was made on, or None for a new incident.
    `wakes_at` is the next instant at which time alone changes something. An empty decision has no
    `journal` and is not saved.
    """

    incident: Incident
    expected_version: int | None
    obligations: tuple[Obligation, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    publications: tuple[Publication, ...] = ()
    rounds: tuple[Round, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    orders: tuple[Order, ...] = ()
    alerts: tuple[Alert, ...] = ()
    joinings: tuple[Joining, ...] = ()
    journal: tuple[Change, ...] = ()
    wakes_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What every decision is made under.

    `awake_since` is the instant since which the engine has ticked without a gap; `away` how long the gap
    before it was (T10). `health` are the channels that failed lately (C25).
    """

    now: datetime
    office: Office
    rules: RuleBook
    grade: Callable[[Figures, str | None], Grade]
    awake_since: datetime
    away: timedelta = timedelta(0)
    health: Mapping[str, ChannelHealth] = field(default_factory=lambda: MappingProxyType({}))
    actor: str = "engine"
    via: str = "engine"
