"""政务公开考核: what a year of answering the public came to, department by department.

Source: the circular on response work and its part in the 政务公开 assessment (国办发〔2016〕61号, part 五).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from alerts.message import mask_personal
from monitor.analysis.answering import (
    TOTAL,
    UNASSIGNED,
    Punctuality,
    Standing,
    answers_due,
    departments_of,
    hours_to_word,
    standing,
)
from monitor.analysis.facts import ClockFact, HeldClock, IncidentFact, Material
from monitor.analysis.table import Cell, Column, Kind, Naming, Table, table, text
from monitor.analysis.trend import is_serious
from monitor.analysis.writing import Sheet, documented
from monitor.clock import as_local
from monitor.deadlines.model import ObligationState

_MEANS = {
    "责任单位": "办理事件的单位，取交办单位；交给几个单位的，各单位都计；没有交办的列为未交办",
    "承办事件": "年内发现、本地、办理中或已办结的舆情事件；已排除、已并入的不计",
    "其中重大及以上": "级别为重大或特别重大的",
    "应回应": "年内届满的法定义务（首次权威信息、新闻发布会、回应）；替代、免除的，报送、续报、承诺都不计",
    "按时": "生效时间在时限届满当时或之前",
    "逾期后回应": "生效时间晚于时限届满",
    "逾期未回应": "时限已过仍无登记的发布，或逾期后未回应即办结",
    "未到期": "制表时时限未到，不进按时率",
    "按时率": "按时÷（按时＋逾期后回应＋逾期未回应）",
    "发布会应开": "应回应中的新闻发布会（重大及以上，24 小时）",
    "发布会按时": "其中按时召开的",
    "首次发布中位用时（小时）": "从首次公开发布到首条权威发布生效，自然小时；缺任一时间的不计",
    "兑现承诺": "年内到期、已兑现的承诺（内部要求，不进按时率）",
    "承诺到期": "年内到期的承诺，替代、免除的不计（内部要求，不进按时率）",
    "不计": "因级别调整、并入、排除而替代的和经批准免除的法定义务",
    "台账导入": "承办事件中由以往台账导入的；导入的没有时限，不进按时率",
}
"""The columns in order, and what each counts."""

_KINDS = {"责任单位": Kind.TEXT, "按时率": Kind.RATE, "首次发布中位用时（小时）": Kind.HOURS}
_KEYS = (
    "department", "incidents", "serious", "due", "on_time", "late", "overdue", "open", "rate", "conferences",
    "conferences_on_time", "median_hours", "promises_kept", "promises_due", "left_out", "imported",
)  # fmt: skip
COLUMNS = tuple(
    Column(key=key, name=name, kind=_KINDS.get(name, Kind.COUNT))
    for key, name in zip(_KEYS, _MEANS, strict=True)
)


@dataclass(slots=True)
class _Share:
    """What one department has to answer for."""

    incidents: list[IncidentFact] = field(default_factory=list)
    due: list[ClockFact] = field(default_factory=list)
    promises: list[ClockFact] = field(default_factory=list)


def assessment(material: Material, naming: Naming, departments: tuple[str, ...]) -> Table:
    """Return a row for each department, those without a case included, and the total."""
    ours = [incident for incident in material.incidents if incident.counts]
    due = answers_due(material)
    promises = [held for held in material.clocks if held.clock.kind.startswith("promise")]
    whole = _Share(ours, [held.clock for held in due], [held.clock for held in promises])
    shares: defaultdict[str, _Share] = defaultdict(_Share)
    for incident in ours:
        for id_ in incident.assigned_to or ("",):
            shares[id_].incidents.append(incident)
    for held, id_ in _by_department(due):
        shares[id_].due.append(held.clock)
    for held, id_ in _by_department(promises):
        shares[id_].promises.append(held.clock)
    others = sorted(id_ for id_ in shares if id_ and id_ not in departments)
    named = [*departments, *others, *([""] if "" in shares else [])]
    rows = [(naming.department(id_) if id_ else UNASSIGNED, *_cells(shares[id_], material)) for id_ in named]
    return table(COLUMNS, (*rows, (TOTAL, *_cells(whole, material))))


def _by_department(some: Iterable[HeldClock]) -> Iterator[tuple[HeldClock, str]]:
    return ((held, id_) for held in some for id_ in departments_of(held))


def _cells(share: _Share, material: Material) -> tuple[Cell, ...]:
    due = Punctuality.of(share.due, material.now)
    conferences = [c for c in share.due if c.kind == "press_conference"]
    held = Punctuality.of(conferences, material.now)
    promises = Punctuality.of(share.promises, material.now)
    lengths = [h for i in share.incidents if (h := hours_to_word(i, material)) is not None]
    return (
        len(share.incidents),
        sum(is_serious(incident) for incident in share.incidents),
        due.all,
        due.on_time,
        due.late,
        due.overdue,
        due.open,
        due.rate,
        held.all,
        held.on_time,
        median(lengths) if lengths else None,
        promises.on_time + promises.late,
        promises.all,
        due.left_out,
        sum(incident.is_imported for incident in share.incidents),
    )


def overdue_list(material: Material, naming: Naming) -> Table:
    """Return every statutory answer that was late or is missing, the earliest due first."""
    late = [h for h in answers_due(material) if _is_late(h, material)]
    rows = [
        _line(held, material, naming) for held in sorted(late, key=lambda h: (h.clock.due_at, h.clock.id))
    ]
    return table(
        (
            Column(key="incident", name="事件编号"),
            text("title", "标题"),
            text("department", "责任单位"),
            text("severity", "级别"),
            text("kind", "义务"),
            text("due_at", "时限届满"),
            text("met_at", "发布生效"),
            Column(key="late_hours", name="逾期（小时）", kind=Kind.HOURS),
            text("standing", "情形"),
        ),
        rows,
    )


def _is_late(held: HeldClock, material: Material) -> bool:
    return standing(held.clock, material.now) in (Standing.LATE, Standing.OVERDUE)


def _line(held: HeldClock, material: Material, naming: Naming) -> tuple[Cell, ...]:
    clock, holder = held.clock, held.holder
    met = clock.met_effective_at if clock.state is ObligationState.MET else None
    is_ended = clock.state is ObligationState.SUPERSEDED
    until = met or material.now
    return (
        clock.incident_id,
        mask_personal(holder.title),
        "、".join(map(naming.department, holder.assigned_to)) or UNASSIGNED,
        naming.severity(holder.severity),
        clock.name,
        _minute(clock.due_at),
        _minute(met) if met else "",
        None if is_ended else (until - clock.due_at).total_seconds() / 3600,
        "逾期后回应" if met else "逾期未回应即办结" if is_ended else "逾期未回应",
    )


def _minute(at: datetime) -> str:
    return f"{as_local(at):%Y-%m-%d %H:%M}"


def sheets(material: Material, naming: Naming, departments: tuple[str, ...]) -> tuple[Sheet, ...]:
    """Return the workbook of a year: the assessment, the list of what was overdue, what each column means."""
    period = material.period
    made = f"统计期间 {period.first} 至 {period.last}（均含），制表 {_minute(material.now)}"
    return (
        Sheet(title="考核表", table=assessment(material, naming, departments), note=made),
        Sheet(title="逾期清单", table=overdue_list(material, naming), note=made),
        Sheet(title="口径说明", table=documented(zip(COLUMNS, _MEANS.values(), strict=True))),
    )
