"""How soon and how punctually the public was answered."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from statistics import median

from monitor.analysis.facts import ClockFact, HeldClock, IncidentFact, Material
from monitor.analysis.period import local_month
from monitor.analysis.table import Cell, Column, Naming, Table, counts, hours, rate, share, table, text
from monitor.classifiers.model import Severity
from monitor.deadlines.model import ObligationState

TOTAL = "合计"
UNASSIGNED = "未交办"
_HOUR = timedelta(hours=1)


class Standing(StrEnum):
    """What came of an obligation; left out of every rate are those that no longer had to be met."""

    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"
    OPEN = "open"
    LEFT_OUT = "left_out"


def standing(clock: ClockFact, now: datetime) -> Standing:
    """Return what came of an obligation up to `now`.

    Evidence effective at the due instant itself is on time. One that was closed unanswered after its breach
    stays overdue; one replaced by a change of grade, a merge or a dismissal, or waived, is left out.
    """
    match clock.state:
        case ObligationState.MET:
            return Standing.LATE if clock.met_late else Standing.ON_TIME
        case ObligationState.OPEN | ObligationState.BREACHED:
            is_over = clock.state is ObligationState.BREACHED or now > clock.due_at
            return Standing.OVERDUE if is_over else Standing.OPEN
        case ObligationState.SUPERSEDED if clock.ended_reason == "closed" and clock.breached_at is not None:
            return Standing.OVERDUE
    return Standing.LEFT_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """How many obligations came to what."""

    on_time: int
    late: int
    overdue: int
    open: int
    left_out: int

    @classmethod
    def of(cls, clocks: Iterable[ClockFact], now: datetime) -> "Punctuality":
        """Count these obligations."""
        found = Counter(standing(clock, now) for clock in clocks)
        return cls(**{each.value: found[each] for each in Standing})

    @property
    def all(self) -> int:
        """Return how many had to be met: on time, late, overdue and still open together."""
        return self.on_time + self.late + self.overdue + self.open

    @property
    def rate(self) -> float | None:
        """Return the share of those on time in those that came to their end."""
        return rate(self.on_time, self.on_time + self.late + self.overdue)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Return the cells under `COLUMNS`."""
        return self.all, self.on_time, self.late, self.overdue, self.open, self.rate, self.left_out


COLUMNS: tuple[Column, ...] = (
    *counts(due="应回应", on_time="按时", late="逾期后回应", overdue="逾期未回应", open="未到期"),
    share("rate", "按时率"),
    *counts(left_out="不计（替代、免除）"),
)


def answers_due(material: Material) -> tuple[HeldClock, ...]:
    """Return the obligations by statute to answer the public; reports to superiors are none."""
    return tuple(h for h in material.clocks if h.clock.statutory and not h.clock.is_report)


def departments_of(held: HeldClock) -> tuple[str, ...]:
    """Return the departments it counts for: all that have it, or nobody yet."""
    return held.holder.assigned_to or ("",)


def on_time_by_department(material: Material, naming: Naming) -> Table:
    """Return the on-time rate of each department; one that several have counts for each of them."""
    due = answers_due(material)
    named = [(department, held) for held in due for department in departments_of(held)]
    rows = _grouped(material, named, lambda id_: _department(id_, naming))
    return table((text("department", "责任单位"), *COLUMNS), (*rows, _total(material, due)))


def on_time_by_month(material: Material, naming: Naming) -> Table:
    """Return the on-time rate of each month of the due instants, months without any included."""
    del naming
    due = answers_due(material)
    by_month: dict[date, list[ClockFact]] = {month: [] for month in material.period.months()}
    for held in due:
        by_month[local_month(held.clock.due_at)].append(held.clock)
    rows = [
        (f"{month:%Y-%m}", *Punctuality.of(clocks, material.now).cells) for month, clocks in by_month.items()
    ]
    return table((text("month", "月份"), *COLUMNS), (*rows, _total(material, due)))


def on_time_by_department_and_month(material: Material, naming: Naming) -> Table:
    """Return the on-time rate of each department in each month, where there was anything to answer."""
    named = [
        ((department, local_month(held.clock.due_at)), held)
        for held in answers_due(material)
        for department in departments_of(held)
    ]
    groups: dict[tuple[str, date], list[ClockFact]] = {}
    for key, held in named:
        groups.setdefault(key, []).append(held.clock)
    rows = sorted(
        (_department(id_, naming), f"{month:%Y-%m}", *Punctuality.of(clocks, material.now).cells)
        for (id_, month), clocks in groups.items()
    )
    return table((text("department", "责任单位"), text("month", "月份"), *COLUMNS), rows)


def on_time_by_kind(material: Material, naming: Naming) -> Table:
    """Return the on-time rate of each kind of statutory obligation, reports to superiors included."""
    del naming
    named = [(held.clock.name, held) for held in material.clocks if held.clock.statutory]
    return table((text("kind", "义务种类"), *COLUMNS), _grouped(material, named, str))


def _grouped(
    material: Material, named: Sequence[tuple[str, HeldClock]], say: Callable[[str], str]
) -> Iterator[tuple[Cell, ...]]:
    """Yield a row for each name, the one with the most obligations first."""
    groups: dict[str, list[ClockFact]] = {}
    for name, held in named:
        groups.setdefault(name, []).append(held.clock)
    for name, clocks in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        yield say(name), *Punctuality.of(clocks, material.now).cells


def _total(material: Material, due: Iterable[HeldClock]) -> tuple[Cell, ...]:
    return TOTAL, *Punctuality.of((held.clock for held in due), material.now).cells


def _department(id_: str, naming: Naming) -> str:
    return naming.department(id_) if id_ else UNASSIGNED


_LENGTHS = (
    *counts(incidents="舆情事件", answered="已有权威发布", measured="计入用时", first_ours="官方首发"),
    *hours(median="中位数（小时）", p90="九成在此之内（小时）", longest="最长（小时）"),
)


def response_time(material: Material, naming: Naming) -> Table:
    """Return the time from the first post to the first official word, by severity."""
    ours = [incident for incident in material.incidents if incident.counts]
    groups: dict[Severity | None, list[IncidentFact]] = {each: [] for each in (*Severity, None)}
    for incident in ours:
        groups[incident.severity].append(incident)
    rows = [(naming.severity(each), *_lengths(some, material)) for each, some in groups.items()]
    return table((text("severity", "级别"), *_LENGTHS), (*rows, (TOTAL, *_lengths(ours, material))))


def response_time_by_month(material: Material, naming: Naming) -> Table:
    """Return the same by month of detection."""
    del naming
    by_month: dict[date, list[IncidentFact]] = {month: [] for month in material.period.months()}
    for incident in material.incidents:
        if incident.counts:
            by_month[local_month(incident.detected_at)].append(incident)
    rows = ((f"{month:%Y-%m}", *_lengths(some, material)) for month, some in by_month.items())
    return table((text("month", "月份"), *_LENGTHS), rows)


def _lengths(incidents: Iterable[IncidentFact], material: Material) -> tuple[Cell, ...]:
    some = list(incidents)
    taken = sorted(length for i in some if (length := hours_to_word(i, material)) is not None)
    answered = sum(incident.id in material.first_words for incident in some)
    if not taken:
        return len(some), answered, 0, 0, None, None, None
    counted = len(some), answered, len(taken), sum(length == 0 for length in taken)
    return *counted, median(taken), nearest_rank(taken, 0.9), taken[-1]


def hours_to_word(incident: IncidentFact, material: Material) -> float | None:
    """Return the hours from the first post to the first official word, 0 where the office spoke first.

    None where either instant is not known.
    """
    word, post = material.first_words.get(incident.id), incident.first_published_at
    if word is None or post is None:
        return None
    return max((word - post) / _HOUR, 0.0)


def nearest_rank(ordered: Sequence[float], part: float) -> float:
    """Return the smallest of these values, in order, that at least this part of them does not exceed."""
    return ordered[max(ceil(part * len(ordered)), 1) - 1]
