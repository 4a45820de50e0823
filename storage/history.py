"""Analysts' questions: words and filters in, pages out, newest first."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from monitor.items.model import Item
from monitor.ports import Hit, Page, Question
from storage.grams import hex_question, number_grams, occurs
from storage.incidents import INCIDENTS
from storage.items import FTS5_GRAMS, ITEMS, JOININGS, NUMBER_GRAMS, VERDICTS
from storage.mapping import Rows, value_of

_SEVERITY = case((INCIDENTS.c.id.is_not(None), INCIDENTS.c.severity), else_=VERDICTS.c.severity)
"""The incident's severity holds; an item without one has its verdict's."""

_COLUMNS = (
    ITEMS,
    VERDICTS.c.value.label("verdict"),
    INCIDENTS.c.id.label("incident_id"),
    INCIDENTS.c.state.label("incident_state"),
    _SEVERITY.label("severity"),
)


class HistoryRows(Rows):
    """The part of a transaction that answers questions."""

    def search(self, question: Question) -> Page:
        """Answer a question to history, newest first: exactly the items a scan for the words would find.

        A word is a substring of title or text in any case; all must occur. The range is over `Item.at`.
        """
        hits: list[Hit] = []
        for row in self._candidates(question):
            if all(occurs(word, row["title"], row["text"]) for word in question.words):
                if len(hits) == question.limit:
                    return Page(hits=tuple(hits), next_before_id=hits[-1].item.id)
                hits.append(_hit(row))
        return Page(hits=tuple(hits), next_before_id=None)

    def _candidates(self, question: Question) -> Iterator[Mapping[Any, Any]]:
        """Yield what the index offers, page by page: few of its offers are not confirmed by the words."""
        offered, key = self._offered(question.words)
        statement = _filtered(select(*_COLUMNS).select_from(_with_incidents(offered)), question)
        statement = statement.order_by(key.desc())
        size, before = question.limit + 1, question.before_id
        while True:
            page = statement if before is None else statement.where(key < before)
            rows = self._connection.execute(page.limit(size)).mappings().all()
            yield from rows
            if len(rows) < size:
                return
            size, before = min(size * 4, 2000), rows[-1]["id"]

    def _offered(self, words: tuple[str, ...]) -> tuple[FromClause, ColumnElement[int]]:
        """Return the items that the index offers for the words, and the column that orders them fastest."""
        if self._on_sqlite and (asked := hex_question(words)):
            match = literal_column("item_grams").op("MATCH")(asked)
            return FTS5_GRAMS.join(ITEMS, and_(ITEMS.c.id == FTS5_GRAMS.c.rowid, match)), FTS5_GRAMS.c.rowid
        if not self._on_sqlite and (numbers := number_grams(*words)) != "{}":
            grams = NUMBER_GRAMS.c.grams.op("@>")(cast(literal(numbers, Text), ARRAY(Integer)))
            # Matched first and sorted after: otherwise the planner walks all items by id for a rare word.
            matched = select(NUMBER_GRAMS.c.item_id).where(grams).cte("offered").prefix_with("MATERIALIZED")
            return matched.join(ITEMS, ITEMS.c.id == matched.c.item_id), ITEMS.c.id
        return ITEMS, ITEMS.c.id


def _with_incidents(items: FromClause) -> FromClause:
    judged = items.outerjoin(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id)
    joined = judged.outerjoin(JOININGS, JOININGS.c.item_id == ITEMS.c.id)
    return joined.outerjoin(INCIDENTS, INCIDENTS.c.id == JOININGS.c.incident_id)


def _filtered(statement: Select[Any], question: Question) -> Select[Any]:
    if question.since is not None:
        statement = statement.where(ITEMS.c.at >= question.since)
    if question.until is not None:
        statement = statement.where(ITEMS.c.at < question.until)
    if question.severities:
        statement = statement.where(_SEVERITY.in_(question.severities))
    if question.states:
        statement = statement.where(INCIDENTS.c.state.in_(question.states))
    return statement


def _hit(row: Mapping[Any, Any]) -> Hit:
    state = row["incident_state"]
    return Hit(
        item=value_of(Item, row),
        verdict=row["verdict"],
        incident_id=row["incident_id"],
        incident_state=None if state is None else str(state),
        severity=row["severity"],
    )
