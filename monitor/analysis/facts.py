"""What the tables are made of: a few fields of incidents, obligations, publications and items.

The names of fields are those of the values they are read from, so that storage can read them out of a whole
value without the rest. All instants are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from monitor.analysis.period import Period
from monitor.classifiers.model import Grade, NamedPlace, Severity
from monitor.deadlines.model import REPORT_KIND, ObligationState
from monitor.incidents.model import IncidentState, PublicationState

LEDGER = "ledger"
"""Who ended an incident that came from the office's own past ledger; it never had a clock or a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a person decided on the severity, and the automatic one that person saw."""

    severity: Severity | None
    automatic_seen: Severity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFact:
    """What is counted of an incident."""

    id: int
    title: str
    state: IncidentState
    local: bool | None
    severity: Severity | None
    grade: Grade = field(default_factory=Grade)
    judgement: Judged | None = None
    confirmed_at: datetime | None = None
    category: str | None = None
    event_type: str | None = None
    opinion: str | None = None
    places: tuple[NamedPlace, ...] = ()
    assigned_to: tuple[str, ...] = ()
    detected_at: datetime
    first_published_at: datetime | None = None
    ended_by: str | None = None

    @property
    def is_imported(self) -> bool:
        """Return whether it came from a past ledger and was never worked on here."""
        return self.ended_by == LEDGER

    @property
    def counts(self) -> bool:
        """Return whether it is one of ours: merged ones live on in the survivor, dismissed ones were none."""
        return self.local is not False and self.state in (IncidentState.OPEN, IncidentState.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderFact:
    """What is asked of the incident that an obligation belongs to."""

    title: str
    severity: Severity | None = None
    assigned_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFact:
    """What is counted of an obligation."""

    id: str
    incident_id: int
    kind: str
    name: str
    statutory: bool
    due_at: datetime
    state: ObligationState
    breached_at: datetime | None = None
    met_effective_at: datetime | None = None
    met_late: bool = False
    ended_reason: str | None = None

    @property
    def is_report(self) -> bool:
        """Return whether it is a report to a superior, which is the office's own and no department's."""
        return self.kind.startswith(REPORT_KIND)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClock:
    """An obligation with what is asked of its incident."""

    clock: ClockFact
    holder: HolderFact


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFact:
    """When an official publication was effective."""

    state: PublicationState
    effective_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalFact:
    """An item of an incident: where it stood, when it was published there (else seen)."""

    incident_id: int
    source_id: str
    source_name: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WordCount:
    """In how many reports each word stands, and how many reports there are."""

    reports: int = 0
    words: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything that the tables of one period are made of.

    `incidents` were detected in the period, `first_words` are their first accepted publications by number,
    `by_hand` those of them that a person opened, `arrivals` their items; `clocks` fall due in the period,
    whenever the incident began; `daily_items` are the items of incidents by local day; `words` and
    `words_before` are of the period and of the one before.
    """

    period: Period
    now: datetime
    incidents: tuple[IncidentFact, ...] = ()
    first_words: Mapping[int, datetime] = field(default_factory=lambda: MappingProxyType({}))
    by_hand: frozenset[int] = frozenset()
    arrivals: tuple[ArrivalFact, ...] = ()
    clocks: tuple[HeldClock, ...] = ()
    daily_items: Mapping[date, int] = field(default_factory=lambda: MappingProxyType({}))
    words: WordCount = field(default_factory=WordCount)
    words_before: WordCount = field(default_factory=WordCount)
