"""How far the machine's first word held: what was dismissed, and what people graded otherwise."""

from collections import Counter
from collections.abc import Iterable

from monitor.analysis.answering import TOTAL
from monitor.analysis.facts import IncidentFact, Material
from monitor.analysis.table import Cell, Naming, Table, counts, rate, share, table, text
from monitor.classifiers.model import Severity
from monitor.incidents.model import IncidentState

_GRADES = (*Severity, None)


def false_alarms(material: Material, naming: Naming) -> Table:
    """Return how many incidents people dismissed, by the automatic severity."""
    found = [i for i in material.incidents if _is_automatic(i, material)]
    rows = [
        (naming.severity(grade), *_alarms(i for i in found if _automatic(i) == grade)) for grade in _GRADES
    ]
    return table(
        (
            text("automatic", "自动研判级别"),
            *counts(incidents="自动立案", judged="已有人处置", dismissed="其中排除", waiting="待人处置"),
            share("rate", "误报率"),
        ),
        (*rows, (TOTAL, *_alarms(found))),
    )


def _is_automatic(incident: IncidentFact, material: Material) -> bool:
    is_by_people = incident.is_imported or incident.id in material.by_hand
    return not is_by_people and incident.state is not IncidentState.MERGED


def _automatic(incident: IncidentFact) -> Severity | None:
    """Return the severity that the person who judged it saw, else the one that stands now."""
    judgement = incident.judgement
    return judgement.automatic_seen if judgement else incident.grade.effective


def _alarms(incidents: Iterable[IncidentFact]) -> tuple[Cell, ...]:
    some = list(incidents)
    waiting = sum(i.state is IncidentState.OPEN and i.confirmed_at is None for i in some)
    dismissed = sum(i.state is IncidentState.DISMISSED for i in some)
    judged = len(some) - waiting
    return len(some), judged, dismissed, waiting, rate(dismissed, judged)


def corrections(material: Material, naming: Naming) -> Table:
    """Return what people graded, against the automatic severity that they saw."""
    pairs = Counter(
        (incident.judgement.automatic_seen, incident.judgement.severity)
        for incident in material.incidents
        if incident.judgement is not None
    )
    rows = [_graded(grade, pairs, naming) for grade in _GRADES]
    agreed = sum(n for (saw, said), n in pairs.items() if saw == said)
    sums = [sum(n for (_, said), n in pairs.items() if said == grade) for grade in _GRADES]
    keys = {f"s{grade or 0}": f"核定{naming.severity(grade)}" for grade in _GRADES}
    return table(
        (
            text("automatic", "自动研判级别"),
            *counts(**keys, all="合计"),
            share("agreed", "一致率"),
        ),
        (*rows, (TOTAL, *sums, pairs.total(), rate(agreed, pairs.total()))),
    )


def _graded(
    grade: Severity | None, pairs: Counter[tuple[Severity | None, Severity | None]], naming: Naming
) -> tuple[Cell, ...]:
    said = [pairs[grade, each] for each in _GRADES]
    return naming.severity(grade), *said, sum(said), rate(pairs[grade, grade], sum(said))
