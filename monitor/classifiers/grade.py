"""Figures and an event type against the statutory table: both severities and the row that decided each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from types import MappingProxyType

from monitor.classifiers.model import DEGREE_TOLD, Count, Figures, Grade, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One of the 41 kinds of incident: its category, Chinese name and leading county department."""

    code: str
    category: str
    name: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRow:
    """One row of the table: every minimum (inclusive) is reached and every flag is set.

    `requires_flag` is the condition under which its whole standard is used; `name` says in Chinese what a row
    of several conditions asks for.
    """

    standard: str
    severity: Severity
    minimum: Mapping[str, float]
    flags: frozenset[str] = frozenset()
    basis: str = ""
    requires_flag: str | None = None
    by_convention: bool = False
    name: str = ""

    def matches(self, values: Mapping[str, float], flags: frozenset[str]) -> bool:
        """Return whether the row applies; an unknown metric matches nothing, for unknown is not zero."""
        if not self.flags <= flags:
            return False
        for metric, least in self.minimum.items():
            value = values.get(metric)
            if value is None or value < least:
                return False
        return True

    def __str__(self) -> str:
        """Return how the row is named to people: `WSA2007: deaths >= 10 (S01)`."""
        parts = [f"{metric} >= {least:g}" for metric, least in self.minimum.items()] + sorted(self.flags)
        note = ", by convention" if self.by_convention else ""
        return f"{self.standard}: {' and '.join(parts)} ({self.basis}{note})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """The rows of one rule, the most severe first, and the event types it grades."""

    id: str
    name: str
    applies_to: frozenset[str]
    rows: tuple[GradeRow, ...]


@dataclass(frozen=True, kw_only=True)
class GradingTable:
    """The whole of `grading.yaml`; `version` is a hash of its text."""

    event_types: Mapping[str, EventType]
    metrics: Mapping[str, str]
    sources: Mapping[str, str]
    standards: tuple[Standard, ...]
    self_checks: tuple[tuple[str, Mapping[str, float], Severity | None], ...]
    version: str

    @cached_property
    def grade(self) -> Callable[[str, tuple[tuple[str, Count], ...], frozenset[str]], Grade]:
        """Return what grades figures by event type; most figures come again and again, so it remembers."""
        return lru_cache(4_096)(partial(_grade, self.rows_by_type))

    @cached_property
    def rows_by_type(self) -> Mapping[str, tuple[GradeRow, ...]]:
        """Return the rows that grade each event type, the most severe first."""
        found = {}
        for code in self.event_types:
            rows = [
                row for standard in self.standards if code in standard.applies_to for row in standard.rows
            ]
            found[code] = tuple(sorted(rows, key=lambda row: row.severity))
        return found

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Return what the rows of several conditions ask for in Chinese, by the row as it is cited."""
        return {str(row): row.name for standard in self.standards for row in standard.rows if row.name}

    def category(self, event_type: str | None) -> str | None:
        """Return the category of an event type, or None for an unknown one."""
        found = self.event_types.get(event_type or "")
        return found.category if found else None

    def standard(self, id_: str) -> Standard:
        """Return the standard with this id; raises KeyError."""
        for standard in self.standards:
            if standard.id == id_:
                return standard
        raise KeyError(id_)


def worst_row(
    rows: Iterable[GradeRow], values: Mapping[str, float], flags: frozenset[str]
) -> GradeRow | None:
    """Return the first row that applies, or None for ungraded; the most severe rows must come first."""
    for row in rows:
        if row.matches(values, flags):
            return row
    return None


def grade_figures(figures: Figures, event_type: str | None, table: GradingTable) -> Grade:
    """Return the confirmed and the precautionary severity of these figures for this event type.

    Confirmed counts what is stated without a hedge. Precautionary adds hearsay, the upper bound of vague
    numbers, the missing to the dead, and injuries of unknown degree to the serious ones
    (`count_rules` of `grading.yaml`). No row, no severity.
    """
    if not figures.counts and not figures.flags:
        return Grade()
    return table.grade(event_type or "", tuple(figures.counts.items()), figures.flags)


def _grade(
    rows_by_type: Mapping[str, tuple[GradeRow, ...]],
    event_type: str,
    counted: tuple[tuple[str, Count], ...],
    flags: frozenset[str],
) -> Grade:
    counts = dict(counted)
    rows = [
        row
        for row in rows_by_type.get(event_type, ())
        if row.requires_flag is None or row.requires_flag in flags
    ]
    sure = worst_row(rows, _confirmed(counts), flags)
    wary = worst_row(rows, _precautionary(counts), flags)
    return Grade(
        confirmed=sure.severity if sure else None,
        precautionary=wary.severity if wary else None,
        standard=str(sure) if sure else None,
        precautionary_standard=str(wary) if wary else None,
    )


def _confirmed(counts: Mapping[str, Count]) -> dict[str, float]:
    return _with_derived({metric: count.value for metric, count in counts.items() if not count.claimed})


def _precautionary(counts: Mapping[str, Count]) -> dict[str, float]:
    values = {
        metric: count.value if count.high is None else max(count.value, count.high)
        for metric, count in counts.items()
    }
    lost = values.get("missing", 0) + values.get("trapped_lifeless", 0)
    if lost:
        values["deaths"] = values.get("deaths", 0) + lost
        values["missing"] = 0
    badly_hurt = _maybe_badly_hurt(values, counts.get("serious_injuries"))
    if badly_hurt > 0:
        values["serious_injuries"] = badly_hurt
    if "forest_burnt_ha" in values:
        values["forest_area_ha"] = max(values["forest_burnt_ha"], values.get("forest_area_ha", 0))
    return _with_derived(values)


def _maybe_badly_hurt(values: Mapping[str, float], said: Count | None) -> float:
    """Return how many may be badly hurt: those said to be, where that is said, else all not slightly hurt.

    Whom later reports add to the injured among whom it was said may be badly hurt too (DEGREE_TOLD).
    """
    injured, serious = values.get("injuries", 0), values.get("serious_injuries", 0)
    if said is None or said.claimed:
        return max(serious, injured - values.get("slight_injuries", 0))
    return serious + max(0, injured - values.get(DEGREE_TOLD, injured))


def _with_derived(values: dict[str, float]) -> dict[str, float]:
    """Add the metrics that are computed and never read; a part that is unknown adds nothing."""
    for metric, parts in _PARTS.items():
        known = [values[part] for part in parts if part in values]
        if known:
            values[metric] = max(sum(known), values.get(metric, 0))
    return values


_PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "deaths_incl_missing": ("deaths", "missing"),
        "deaths_plus_serious": ("deaths", "serious_injuries"),
        "poisoned_or_serious": ("serious_injuries", "ill_persons"),
        "injured_any": ("injuries",),
    }
)
