"""What an item says: severity, figures, evidence, verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType


class Severity(IntEnum):
    """The statutory scale; 1 is the most severe, so never compare with `<`: use `at_least`.

    Source: 突发事件应对法 (2024) art. 3; thresholds in `grading.yaml`.
    """

    PARTICULARLY_SERIOUS = 1
    SERIOUS = 2
    RELATIVELY_SERIOUS = 3
    ORDINARY = 4

    def at_least(self, other: "Severity") -> bool:
        """Return whether this is as severe as `other` or more."""
        return self.value <= other.value

    @property
    def zh(self) -> str:
        """Return the word of the law."""
        return ("特别重大", "重大", "较大", "一般")[self.value - 1]


def more_severe(*levels: Severity | None) -> Severity | None:
    """Return the most severe of the known levels, or None where none is known."""
    known = [level for level in levels if level is not None]
    return min(known) if known else None


class Precision(StrEnum):
    """How exactly an instant is known (C21)."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant read from text: a point, or for `day` the interval `[at, until]` (C21).

    Aware UTC.
    """

    at: datetime
    precision: Precision
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One figure: what the text states, and its bounds.

    `value` is the stated number (the lower bound of a vague one); `high` None is unbounded.

    `claimed` marks hedged or hearsay wording: it never counts as confirmed. `corrects` marks one that the
    text itself calls a correction (更正为, 核减), which may lower what was said before.
    """

    value: float
    low: float
    high: float | None
    claimed: bool = False
    corrects: bool = False

    @classmethod
    def exactly(cls, value: float, *, claimed: bool = False) -> "Count":
        """Return a figure without doubt about its size."""
        return cls(value=value, low=value, high=value, claimed=claimed)


DEGREE_TOLD = "degree_told"
"""Of many reports: how many injured those had that say how many of them are badly hurt; shown to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The metrics that the text states; what is absent is unknown, never 0.

    Names are those of `grading.yaml` and of the contract (`injuries`, `trapped`, …).

    `flags` are the boolean conditions of the grading table that are set.
    """

    counts: Mapping[str, Count] = field(default_factory=lambda: MappingProxyType({}))
    flags: frozenset[str] = frozenset()

    def value(self, metric: str) -> float | None:
        """Return the stated number, or None where the text does not say."""
        count = self.counts.get(metric)
        return None if count is None else count.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The exact words that led to a field: `text == source[start:end]` of the item's title or text."""

    field: str
    text: str
    start: int
    end: int
    where: str  # "title" or "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlace:
    """A place the text names, with its administrative code where it is known."""

    name: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Both severities and the row that decided each; `standard` reads like `WSA2007: deaths >= 10 (S01)`."""

    confirmed: Severity | None = None
    precautionary: Severity | None = None
    standard: str | None = None
    precautionary_standard: str | None = None

    @property
    def effective(self) -> Severity | None:
        """Return the more severe of the two: it drives clocks and alerts (T4)."""
        return more_severe(self.confirmed, self.precautionary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Figures, grade and time of a past, drilled or foreign event that the text tells of."""

    figures: Figures
    grade: Grade
    occurred: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of one item; the fields are those of CONTRACTS.md section 2.

    `local` is True, False or None for "cannot be told". `for_many` says that a complaint speaks for many
    (T13).
    """

    matter: bool
    live: bool
    not_live_reason: str | None = None
    local: bool | None = None
    places: tuple[NamedPlace, ...] = ()
    category: str | None = None
    event_type: str | None = None
    secondary_types: tuple[str, ...] = ()
    basis_61: str | None = None
    opinion: str | None = None
    truncated: bool = False
    occurred: Moment | None = None
    figures: Figures = field(default_factory=Figures)
    grade: Grade = field(default_factory=Grade)
    background: Background | None = None
    for_many: bool = False
    demands: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    sentiment: float = 0.0
    score: float = 0.0
    tokens: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    rules_version: str = ""

    @property
    def severity(self) -> Severity | None:
        """Return the more severe of confirmed and precautionary."""
        return self.grade.effective

    @property
    def window_hours(self) -> int | None:
        """Return 24 for severity 1 and 2, 48 for every other matter, None where it is no matter.

        Source: 国办发〔2016〕61号, part 三, and the county's 2019 work plan.
        """
        if not self.matter:
            return None
        severity = self.severity
        return 24 if severity is not None and severity.at_least(Severity.SERIOUS) else 48
