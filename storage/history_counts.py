"""Counts of answers by what they differ in: of items from groups of like ones, of incidents one by one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, select

from monitor.asking.model import EVERYTHING
from monitor.clock import SHANGHAI, as_local
from monitor.ports.history import ClockOutcome, FacetCount, Facets, Question
from storage.facets import DAYS, EPOCH, FACETS, INCIDENT_FACETS, KINDS, day_of, first_place
from storage.history_filters import item_conditions
from storage.mapping import chunks

OPEN_END = 2**62
"""Behind every place."""

Grouped = Callable[[int, int], Iterable[Sequence[Any]]]
"""Kind, incident and number of the answers between two places."""


class _Group(NamedTuple):
    """Answers of one kind and incident within a local month."""

    month: str
    kind_id: int
    incident_id: int | None
    items: int


def count_items(connection: Connection, question: Question, grouped: Grouped) -> Facets:
    """Return the counts of the items that answer; of whole days without a condition they are kept."""
    if question.asked == EVERYTHING and not item_conditions(question) and _is_of_days(question):
        groups = [g for month in _months(connection, question) for g in _kept_groups(connection, *month)]
    else:
        groups = [
            _Group(name, kind_id, incident_id, items)
            for name, days in _months(connection, question)
            for kind_id, incident_id, items in grouped(*_places(question, days))
        ]
    kinds = _rows(connection, KINDS.c.id, (group.kind_id for group in groups))
    incidents = _rows(
        connection,
        INCIDENT_FACETS.c.incident_id,
        (g.incident_id for g in groups if g.incident_id is not None),
    )
    return _tallied(groups, kinds, incidents)


def _is_of_days(question: Question) -> bool:
    if question.after_id is not None or question.as_of is not None:
        return False
    ends = (as_local(at) for at in (question.since, question.until) if at is not None)
    return all(at == at.replace(hour=0, minute=0, second=0, microsecond=0) for at in ends)


def _months(connection: Connection, question: Question) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield each local month that has items within the range, with the first and the last of its days."""
    days = select(DAYS.c.day).distinct().order_by(DAYS.c.day)
    if question.since is not None:
        days = days.where(DAYS.c.day >= day_of(question.since))
    if question.until is not None:
        days = days.where(DAYS.c.day <= day_of(question.until - timedelta(microseconds=1)))
    found = connection.execute(days).scalars().all()
    for name, of_month in groupby(found, key=lambda day: f"{_date(day):%Y-%m}"):
        every = list(of_month)
        yield name, (every[0], every[-1])


def _date(day: int) -> date:
    return EPOCH.date() + timedelta(days=day)


def _midnight(day: int) -> datetime:
    on = _date(day)
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI)


def _places(question: Question, days: Sequence[int]) -> tuple[int, int]:
    """Return the places of these days that lie within the range."""
    since, until = _midnight(days[0]), _midnight(days[-1] + 1)
    if question.since is not None:
        since = max(since, question.since)
    low, high = first_place(since), first_place(until)
    if question.until is not None and question.until < until:
        high = last_place(question.until)
    return (0 if days[0] == 0 else low), high


def last_place(until: datetime) -> int:
    """Return the place behind everything before `until`; a minute that it splits lies there whole."""
    whole = until.replace(second=0, microsecond=0)
    return first_place(whole if whole == until else whole + timedelta(minutes=1))


def _kept_groups(connection: Connection, month: str, days: Sequence[int]) -> list[_Group]:
    """Return the groups of whole days from the daily counts, those that belong to incidents counted apart."""
    summed = select(DAYS.c.kind_id, func.sum(DAYS.c.item_count)).where(DAYS.c.day.between(days[0], days[-1]))
    kept = connection.execute(summed.group_by(DAYS.c.kind_id))
    counts = Counter({kind: int(count) for kind, count in kept})
    low, high = (0 if days[0] == 0 else first_place(_midnight(days[0]))), first_place(_midnight(days[-1] + 1))
    columns = (FACETS.c.kind_id, FACETS.c.incident_id, func.count().label("n"))
    joined = select(*columns).where(
        FACETS.c.incident_id.is_not(None), FACETS.c.place >= low, FACETS.c.place < high
    )
    found = connection.execute(joined.group_by(FACETS.c.kind_id, FACETS.c.incident_id)).all()
    groups = [_Group(month, *row) for row in found]
    counts.subtract(_by_kind(groups))
    return groups + [_Group(month, kind, None, count) for kind, count in counts.items() if count]


def _by_kind(groups: Iterable[_Group]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for group in groups:
        counts[group.kind_id] += group.items
    return counts


def _rows(
    connection: Connection, key: ColumnElement[int], wanted: Iterable[int | None]
) -> Mapping[int, Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for some in chunks(set(wanted)):
        question = select(key.label("number"), *key.table.columns).where(key.in_(some))
        found.update((row.number, row) for row in connection.execute(question))
    return found


def _tallied(
    groups: Sequence[_Group], kinds: Mapping[int, Row[Any]], incidents: Mapping[int, Row[Any]]
) -> Facets:
    """Add up first: source and role follow from the kind, the rest from the incident where there is one."""
    of_kind, by_itself, of_incident = Counter[int](), Counter[int](), Counter[int]()
    months: Counter[str | None] = Counter()
    for month, kind_id, incident_id, count in groups:
        of_kind[kind_id] += count
        months[month] += count
        if incident_id is None:
            by_itself[kind_id] += count
        else:
            of_incident[incident_id] += count
    by = _counters("severity", "kind", "place", "source", "role") | {"month": months}
    labels: dict[str, str] = {}
    for number, count in of_kind.items():
        kind = kinds[number]
        labels[kind.source_id] = kind.source_name
        by["source"][kind.source_id] += count
        by["role"][kind.role] += count
    for rows, counts in ((kinds, by_itself), (incidents, of_incident)):
        for number, count in counts.items():
            _tally(by, rows[number], count)
    return _facets(sum(months.values()), by, labels)


def _counters(*names: str) -> dict[str, Counter[str | None]]:
    return {name: Counter() for name in names}


def _tally(by: Mapping[str, Counter[str | None]], about: Row[Any], count: int) -> None:
    """Count by grade, type and places of a kind or an incident."""
    by["severity"][None if about.severity is None else str(about.severity)] += count
    for kind in {about.event_type, about.opinion, about.category} - {None} or {None}:  # as the filter does
        by["kind"][kind] += count
    for place in about.places.split("\n"):
        if place:
            by["place"][place] += count


def _facets(total: int, by: Mapping[str, Counter[str | None]], labels: Mapping[str, str]) -> Facets:
    counted: dict[str, Sequence[FacetCount]] = {}
    for name, counts in by.items():
        known = sorted(counts.items(), key=lambda found: (found[0] is None, -found[1], found[0] or ""))
        if name == "month":
            known.sort(key=lambda found: found[0] or "")
        counted[name] = tuple(
            FacetCount(value=value, label=labels.get(value or "", value or ""), count=count)
            for value, count in known
        )
    return Facets(total=total, by=counted)


def count_incidents(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], outcomes: Mapping[ClockOutcome, Any]
) -> Facets:
    """Return the counts of incidents that meet these conditions; several departments count each."""
    standing = [condition.label(outcome.value) for outcome, condition in outcomes.items()]
    question = select(INCIDENT_FACETS, *standing).where(*conditions)
    by = _counters("severity", "kind", "place", "state", "department", "outcome", "month")
    total = 0
    for row in connection.execute(question):
        total += 1
        _tally(by, row, 1)
        by["state"][row.state] += 1
        by["month"][f"{as_local(row.detected_at):%Y-%m}"] += 1
        by["department"].update(name for name in row.departments.split("\n") if name)
        by["outcome"].update(outcome.value for outcome in outcomes if row._mapping[outcome.value])  # noqa: SLF001 - its public name
    return _facets(total, by, {})
