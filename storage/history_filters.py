"""The filters of a question as conditions of SQL, the same on both databases."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, or_, select, type_coerce

from monitor.asking.figures import Comparison, FigureBound
from monitor.deadlines.model import ObligationState
from monitor.ports.history import ClockOutcome, Question
from storage.facets import FACETS, INCIDENT_FACETS, KINDS, METRICS
from storage.incidents import OBLIGATIONS
from storage.items import ITEMS

Condition = ColumnElement[bool]
_COMPARE: Mapping[Comparison, Any] = {
    Comparison.AT_LEAST: ge,
    Comparison.AT_MOST: le,
    Comparison.ABOVE: gt,
    Comparison.BELOW: lt,
    Comparison.EQUAL: eq,
}


def _held(column: str) -> ColumnElement[Any]:
    """Return what holds of an item: its incident's, its own verdict's where it belongs to none."""
    own, of_incident = KINDS.c[column], INCIDENT_FACETS.c[column]
    return case((FACETS.c.incident_id.is_not(None), of_incident), else_=own)


SEVERITY = _held("severity")


def splits_minutes(question: Question) -> bool:
    """Return whether the range begins or ends within a minute: then places are not exact enough."""
    return any(at is not None and (at.second or at.microsecond) for at in (question.since, question.until))


def item_conditions(question: Question) -> list[Condition]:
    """Return the conditions on an item with its kind and incident, but for words and range."""
    conditions = _of_incident(question)
    conditions += _about(question, _held)
    return conditions + of_origin(question)


def within(question: Question) -> list[Condition]:
    """Return the exact conditions on the instant of an item."""
    return _between(ITEMS.c.at, question.since, question.until)


def incident_conditions(question: Question) -> list[Condition]:
    """Return the conditions on an incident by itself; words, source and role are those of its items."""
    conditions = _of_incident(question)
    conditions += _about(question, lambda column: INCIDENT_FACETS.c[column])
    return conditions + _between(INCIDENT_FACETS.c.detected_at, question.since, question.until)


def of_origin(question: Question) -> list[Condition]:
    """Return the conditions on where an item comes from."""
    wanted = (KINDS.c.source_id, question.sources), (KINDS.c.role, question.roles)
    return [column.in_(values) for column, values in wanted if values]


def _between(column: ColumnElement[Any], since: datetime | None, until: datetime | None) -> list[Condition]:
    after = [column >= since] if since is not None else []
    return after + ([column < until] if until is not None else [])


def _about(question: Question, column: Any) -> list[Condition]:
    """Return the conditions on grade, type and place."""
    conditions: list[Condition] = []
    if question.severities:
        conditions.append(column("severity").in_(question.severities))
    if question.kinds:
        kinds = (column(name).in_(question.kinds) for name in ("event_type", "category", "opinion"))
        conditions.append(or_(*kinds))
    if question.places:
        conditions.append(_has_line(column("places"), question.places))
    return conditions


def _of_incident(question: Question) -> list[Condition]:
    conditions: list[Condition] = []
    if question.states:
        conditions.append(INCIDENT_FACETS.c.state.in_(question.states))
    if question.departments:
        conditions.append(_has_line(INCIDENT_FACETS.c.departments, question.departments))
    if question.outcomes:
        conditions.append(or_(*(has_outcome(ClockOutcome(outcome)) for outcome in question.outcomes)))
    return conditions + [_bounded(bound) for bound in question.figures]


def _has_line(column: ColumnElement[Any], wanted: Iterable[str]) -> Condition:
    return or_(*(column.contains(f"\n{line}\n", autoescape=True) for line in wanted))


def _bounded(bound: FigureBound) -> Condition:
    column = INCIDENT_FACETS.c[METRICS[METRICS.index(bound.metric)]]
    condition: Condition = _COMPARE[bound.comparison](column, bound.number)
    return condition


def has_outcome(outcome: ClockOutcome) -> Condition:
    """Return that one of the statutory clocks of the incident stands so."""
    value = type_coerce(OBLIGATIONS.c.value, Text)
    late = value.contains('"met_late":true')
    state = OBLIGATIONS.c.state
    standing: Mapping[ClockOutcome, Condition] = {
        ClockOutcome.RUNNING: state == ObligationState.OPEN,
        ClockOutcome.BREACHED: state == ObligationState.BREACHED,
        ClockOutcome.LATE: and_(state == ObligationState.MET, late),
        ClockOutcome.MET: and_(state == ObligationState.MET, ~late),
    }
    clocks = select(OBLIGATIONS.c.id).where(
        OBLIGATIONS.c.incident_id == INCIDENT_FACETS.c.incident_id,
        value.contains('"statutory":true'),
        standing[outcome],
    )
    return clocks.exists()
