"""Incident: what several items are about, with its figures, grade and official answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from monitor.classifiers.model import Count, Grade, Moment, NamedPlace, Severity


class IncidentState(StrEnum):
    """Where an incident stands; every state but `open` ends its clocks."""

    OPEN = "open"
    DISMISSED = "dismissed"
    CLOSED = "closed"
    MERGED = "merged"


class Trust(StrEnum):
    """Whose word on figures it is, most trusted first: official, media, social (C12)."""

    OFFICIAL = "official"
    MEDIA = "media"
    SOCIAL = "social"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One reported figure: who said it, when, in which item.

    `settles` says that it replaces whatever its trust said before, also if that was more. `others` are the
    reports of the same trust that may count once more is known, oldest first (`reconcile`).
    """

    count: Count
    at: datetime
    item_id: int
    settles: bool = False
    others: tuple["Report", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """The newest reported value of every metric, for each trust.

    `flags` are the grading conditions ever set by official or media reports; `claimed_flags` are those that
    only social sources or hearsay set: they never confirm a severity.
    """

    official: Mapping[str, Report] = field(default_factory=lambda: MappingProxyType({}))
    media: Mapping[str, Report] = field(default_factory=lambda: MappingProxyType({}))
    social: Mapping[str, Report] = field(default_factory=lambda: MappingProxyType({}))
    flags: frozenset[str] = frozenset()
    claimed_flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a named person decided on the severity, and what that person had seen (C14)."""

    by: str
    at: datetime
    severity: Severity | None
    automatic_seen: Severity | None
    figures_seen: Mapping[str, float]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRise:
    """The last rise of reach that level 1 was told of: when it began, and how many items there were then."""

    begins_at: datetime
    item_count: int


class ReportMeans(StrEnum):
    """By what a report went up."""

    PHONE = "phone"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpwardReport:
    """A report to a superior (信息报送): for which kind of obligation, by what, to whom, by whom, when."""

    id: str
    kind: str
    means: ReportMeans
    to: str
    reporter: str
    effective_at: datetime
    recorded_at: datetime
    recorded_by: str
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident; `id` is also its number 编号, counted from 1 in order of opening.

    All instants are aware UTC. `grade` is the automatic one of the figures that hold now; `severity` is what
    drives clocks and alerts: it rises by itself and is lowered by a named person only (T4, T5). `announced`
    says that a `detected` round was told. `first_published_at` is None while no item had a publication time
    of its own (C11). `corrected_by` names, for each of CORRECTABLE that a person corrected, who did it last.
    `profile` is what grouping compares newcomers with: the sum of the reports' term vectors.
    """

    id: int
    version: int = 1
    state: IncidentState = IncidentState.OPEN
    title: str
    local: bool | None
    places: tuple[NamedPlace, ...] = ()
    category: str | None = None
    event_type: str | None = None
    opinion: str | None = None
    basis_61: str | None = None
    for_many: bool = False
    demands: tuple[str, ...] = ()
    holding: Holding = field(default_factory=Holding)
    grade: Grade = field(default_factory=Grade)
    severity: Severity | None = None
    judgement: Judgement | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    must_answer_by: str | None = None
    must_answer_at: datetime | None = None
    occurred: Moment | None = None
    first_published_at: datetime | None = None
    corrected_by: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    detected_at: datetime
    assigned_to: tuple[str, ...] = ()
    assigned_at: datetime | None = None
    merged_into: int | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_reason: str | None = None
    source_ids: tuple[str, ...] = ()
    trusts: frozenset[Trust] = frozenset()
    on_board: bool = False  # a hot list or a media source carries it (T13)
    item_count: int = 0
    first_item_id: int = 0
    last_item_at: datetime | None = None
    upward_reports: tuple[UpwardReport, ...] = ()
    # From when each report to superiors that the office switched on counts here; None before the first look.
    reports_since: Mapping[str, datetime] | None = None
    conflicts_told: frozenset[str] = frozenset()
    rise_told: ToldRise | None = None
    announced: bool = False
    next_repeat_at: datetime | None = None  # of the page about an unplaced incident (C19)
    repeats_told: int = 0
    profile: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    rules_version: str = ""

    @property
    def is_serious(self) -> bool:
        """Return whether severity 1 or 2 holds: 5 h and 24 h clocks, no grouping wait, levels 1 and 2."""
        return self.severity is not None and self.severity.at_least(Severity.SERIOUS)

    @property
    def is_open(self) -> bool:
        """Return whether clocks may run."""
        return self.state is IncidentState.OPEN


CORRECTABLE = MappingProxyType({"occurred": "occurred", "first_published": "first_published_at"})
"""The instants of an incident that a person may correct, by the basis that clocks name, with their fields."""


def with_corrections(incident: Incident, corrected: Incident) -> Incident:
    """Return the incident with every instant that a person corrected in `corrected`.

    No reading of the machine, earlier or later, changes what a named person corrected (C3).
    """
    values = {CORRECTABLE[basis]: getattr(corrected, CORRECTABLE[basis]) for basis in corrected.corrected_by}
    everyone = MappingProxyType({**incident.corrected_by, **corrected.corrected_by})
    return replace(incident, corrected_by=everyone, **values)


class PublicationKind(StrEnum):
    """What was published (C5)."""

    FIRST_RELEASE = "first_release"
    PRESS_CONFERENCE = "press_conference"
    RESPONSE = "response"
    FOLLOW_UP = "follow_up"


class AnswerForm(StrEnum):
    """How an official answer is written; each form counts as one kind of publication (`answers.yaml`)."""

    DENIAL = "denial"
    CONFERENCE = "conference"
    FINDINGS = "findings"
    UPDATE = "update"
    PROGRESS = "progress"
    STATEMENT = "statement"
    REPLY = "reply"
    BULLETIN = "bulletin"


class PublicationState(StrEnum):
    """Only `accepted` fulfils anything (T6)."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What an answer promises for later, in its own words.

    `due_at` is the last instant of the time named, None where it is not named exactly or lies in working
    days of a year whose holidays nobody knows yet: a person enters it then.
    """

    passage: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Evidence of an official publication: kind, title, channel, link, effective time, recorder.

    `text` is what a person entered of it; of an item the text stays with the item.
    """

    id: str
    incident_id: int
    kind: PublicationKind
    state: PublicationState
    title: str
    channel: str = ""
    url: str = ""
    effective_at: datetime
    recorded_at: datetime
    recorded_by: str
    item_id: int | None = None
    text: str = ""
    passage: str = ""
    similarity: float | None = None
    form: AnswerForm | None = None
    promises: tuple[Promise, ...] = ()
