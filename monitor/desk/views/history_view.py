"""What a page of history shows: answers with the words marked, counts to click on, questions to ask again."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from alerts.message.words import OPINIONS
from monitor.asking.figures import METRICS
from monitor.asking.model import wanted_words
from monitor.asking.passages import Piece, marked, passages
from monitor.desk import words
from monitor.desk.views.board_view import name_of
from monitor.incidents.model import Incident
from monitor.items.model import Item
from monitor.office.model import Department, Office
from monitor.pipeline.asking import Asked
from monitor.ports.history import FacetCount, Facets, Hit, Question

SHOWN = 12
"""How many counts of a kind a page shows."""

_FIELD = {
    "severity": "severity", "kind": "kind", "place": "place", "source": "source", "role": "role",
    "state": "status", "department": "department", "outcome": "outcome",
}  # fmt: skip
NAMES = {
    "severity": "级别", "kind": "类型", "place": "地点", "source": "信源", "role": "信源类别",
    "state": "状态", "department": "交办部门", "outcome": "法定时限", "month": "月份",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HitView:
    """An answer; `title` and `passages` in pieces, those that were asked for marked."""

    hit: Hit
    title: tuple[Piece, ...]
    passages: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """An incident that answers; `answer` is its newest item that has the words, if there are any."""

    incident: Incident
    title: tuple[Piece, ...]
    answer: Item | None
    passages: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """How many answers have a value; `query` asks for these alone, None where that cannot be asked."""

    label: str
    count: int
    query: str | None
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetView:
    """The counts of one kind; `more` says how many values are not shown."""

    name: str
    counts: tuple[CountView, ...]
    more: int


def hit_views(hits: Sequence[Hit], question: Question) -> tuple[HitView, ...]:
    """Return answers with the words that were asked for marked."""
    wanted = wanted_words(question.asked)
    return tuple(
        HitView(
            hit=hit,
            title=marked(hit.item.title or "（无标题）", wanted),
            passages=passages(hit.item.text, wanted),
        )
        for hit in hits
    )


def incident_views(
    incidents: Sequence[Incident], answers: Mapping[int, Item], question: Question
) -> tuple[IncidentView, ...]:
    """Return incidents with the words that were asked for marked, in the title and in the newest answer."""
    wanted = wanted_words(question.asked)
    return tuple(
        IncidentView(
            incident=incident,
            title=marked(incident.title, wanted),
            answer=answers.get(incident.id),
            passages=passages(answers[incident.id].text, wanted) if incident.id in answers else (),
        )
        for incident in incidents
    )


def query_of(asked: Asked, **more: str) -> str:
    """Return the question as a query of an address; what is blank is left out."""
    pairs = [
        (field.name, value)
        for field in fields(asked)
        for value in _values(getattr(asked, field.name))
        if value and not (field.name == "order" and value == Asked().order)
    ]
    return urlencode([*pairs, *((name, value) for name, value in more.items() if value)])


def _values(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def facet_views(facets: Facets, asked: Asked, office: Office, scope: str) -> tuple[FacetView, ...]:
    """Return the counts in the desk's words; a click asks for one value, a second one for all again."""
    return tuple(
        FacetView(
            name=NAMES[name],
            counts=tuple(_count_view(name, count, asked, office, scope) for count in counts[:SHOWN]),
            more=max(0, len(counts) - SHOWN),
        )
        for name, counts in facets.by.items()
        if counts
    )


def _count_view(name: str, count: FacetCount, asked: Asked, office: Office, scope: str) -> CountView:
    label, field = _label(name, count, office), _FIELD.get(name)
    if name == "month" and count.value is not None:
        return _month_view(count.value, count.count, asked, scope)
    if field is None or count.value is None:
        return CountView(label=label, count=count.count, query=None, is_chosen=False)
    is_chosen = count.value in getattr(asked, field)
    chosen: dict[str, Any] = {field: () if is_chosen else (count.value,)}
    query = query_of(replace(asked, **chosen), scope=scope)
    return CountView(label=label, count=count.count, query=query, is_chosen=is_chosen)


def _month_view(month: str, count: int, asked: Asked, scope: str) -> CountView:
    year, number = (int(part) for part in month.split("-"))
    days: dict[str, Any] = {"since": f"{month}-01", "until": f"{month}-{monthrange(year, number)[1]}"}
    is_chosen = (asked.since, asked.until) == tuple(days.values())
    chosen = replace(asked, since="", until="") if is_chosen else replace(asked, **days)
    return CountView(label=month, count=count, query=query_of(chosen, scope=scope), is_chosen=is_chosen)


def _label(name: str, count: FacetCount, office: Office) -> str:
    value = count.value
    if name == "severity":
        return words.severity_word(None if value is None else int(value))
    if value is None:
        return "其他" if name == "kind" else "不详"
    match name:
        case "kind":
            return kind_word(value)
        case "role":
            return words.word("source_role", value)
        case "state":
            return words.word("state", value)
        case "outcome":
            return words.word("clock_outcome", value)
        case "department":
            return name_of(office, value)
        case _:
            return count.label


def kind_word(code: str) -> str:
    """Return the Chinese word of an event type, an opinion or a category."""
    for book in ("event_type", "category"):
        if (said := words.word(book, code)) != code:
            return said
    return OPINIONS.get(code, code)


def metric_words() -> dict[str, str]:
    """Return the figures that may be bounded, by their codes."""
    return dict(METRICS)


def export_books(departments: Iterable[Department]) -> Mapping[str, Mapping[str, str]]:
    """Return the words of a workbook's codes by the names of its columns."""
    return {
        "status": words.book("state"),
        "role": words.book("source_role"),
        "kind": {**OPINIONS, **words.book("category"), **words.book("event_type")},
        "departments": {department.id: department.name for department in departments},
    }
