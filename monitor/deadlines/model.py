"""Obligation: something the office must do, by when, and by which law."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REPORT_KIND = "U_"
"""How the kinds of reports to a superior (信息报送) begin."""


class StartRule(StrEnum):
    """From which instant a window counts (T2, T8); a report upwards counts from when the office knows."""

    KNOWN = "known"
    OCCURRENCE = "occurrence"
    PUBLICATION = "publication"
    LAST_RELEASE = "last_release"


class StartBasis(StrEnum):
    """Which instant was used; shown beside every clock."""

    KNOWN = "known"
    OCCURRED = "occurred"
    FIRST_PUBLISHED = "first_published"
    DETECTED = "detected"
    LAST_RELEASE = "last_release"
    SWITCHED_ON = "switched_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of `rules.yaml`.

    `when` is `serious` (severity 1 and 2), `other` (every other matter with a clock), `answered` (after the
    first fulfilment), `promised` (a person took up a promise: its own time counts, not `window`) or
    `reported` (信息报送 to a superior `to`, of these severities, categories and event types; none given is
    any, ungraded included; the office sets its hours, `window` is nothing). `marks` are shares of the window
    at which a reminder fires.
    """

    kind: str
    name: str
    when: str
    start: StartRule
    window: timedelta
    statutory: bool
    legal_basis: str
    fulfilled_by: tuple[str, ...]
    marks: tuple[int, ...] = (50, 75, 90)
    to: str = ""
    severities: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()

    @property
    def is_report(self) -> bool:
        """Return whether this rule is about reporting to a superior, not about answering the public."""
        return self.when == "reported"

    @property
    def is_promise(self) -> bool:
        """Return whether this rule is for promises that a person took up."""
        return self.when == "promised"

    def covers(self, kind: str) -> bool:
        """Return whether obligations of this kind follow this rule: promises are counted, `promise_2`."""
        return kind == self.kind or (self.is_promise and kind.startswith(f"{self.kind}_"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """All rules, in the order they are derived; `version` is a hash of the file's text."""

    rules: tuple[Rule, ...]
    version: str

    def rule(self, kind: str) -> Rule:
        """Return the rule of this kind, of `promise` for `promise_2`; raises KeyError."""
        for rule in self.rules:
            if rule.covers(kind):
                return rule
        raise KeyError(kind)


class ObligationState(StrEnum):
    """`breached` can still become `met` (late), `superseded` or `waived`."""

    OPEN = "open"
    BREACHED = "breached"
    MET = "met"
    SUPERSEDED = "superseded"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A dated duty; the rule and its basis are frozen onto it. All instants aware UTC.

    `due_at = starts_at + window`, inclusive (T3). `start_limited` says that the start would have lain too far
    back and is the detection instead (T2). `told` are the ids told of a reminder or the breach: they get the
    good news or the correction (A6, T7).
    """

    id: str
    incident_id: int
    version: int = 1
    kind: str
    name: str
    legal_basis: str
    statutory: bool
    rule_version: str
    starts_at: datetime
    start_basis: StartBasis
    start_limited: bool = False
    window: timedelta
    due_at: datetime
    state: ObligationState = ObligationState.OPEN
    opened_at: datetime
    overdue_at_birth: bool = False
    breached_at: datetime | None = None
    met_effective_at: datetime | None = None
    met_by: str | None = None
    met_late: bool = False
    recorded_late: bool = False
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_reason: str | None = None
    told: tuple[str, ...] = ()

    @property
    def is_report(self) -> bool:
        """Return whether it is a report to a superior, which no publication fulfils."""
        return self.kind.startswith(REPORT_KIND)

    @property
    def is_promise(self) -> bool:
        """Return whether it is a promise of an answer that a person took up."""
        return self.kind.startswith("promise_")

    @property
    def is_running(self) -> bool:
        """Return whether it still waits for evidence: open, or breached and not yet made good."""
        return self.state in (ObligationState.OPEN, ObligationState.BREACHED)


class ReminderState(StrEnum):
    """A reminder fires once, or is skipped or cancelled with a reason; it never fires twice."""

    WAITING = "waiting"
    FIRED = "fired"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A mark on the way to `due_at`: `reminder_50|75|90`, `due` (the breach), `overdue_N`."""

    id: str
    obligation_id: str
    incident_id: int
    kind: str
    fires_at: datetime
    state: ReminderState = ReminderState.WAITING
    done_at: datetime | None = None
    cause: str | None = None
