"""Analysts' questions: words and filters in, pages and counts out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Row, false, func, literal_column, select

from monitor.asking.model import EVERYTHING, Tree
from monitor.items.model import Item
from monitor.ports.history import ClockOutcome, Facets, FoundIncidents, Hit, Page, Question
from storage.facets import FACETS, INCIDENT_FACETS, KINDS, first_place
from storage.grams import fts5_question, number_condition
from storage.history_counts import OPEN_END, count_incidents, count_items, last_place
from storage.history_filters import (
    SEVERITY,
    has_outcome,
    incident_conditions,
    item_conditions,
    of_origin,
    splits_minutes,
    within,
)
from storage.incidents import INCIDENTS
from storage.items import ITEMS, VERDICTS
from storage.mapping import Rows, insert_all_new, value_of
from storage.saved import SAVED_ANSWERS
from storage.word_index import FTS5_GRAMS, NUMBER_GRAMS

_MATCH = literal_column("item_grams").op("MATCH", is_comparison=True)
_LOOKED_AT = 40
"""Among how many of the newest items for each answer of a page the answers are looked for first."""
_ABOUT = (FACETS.c.incident_id, INCIDENT_FACETS.c.state.label("incident_state"), SEVERITY.label("severity"))


class _Offer(NamedTuple):
    """Where answers to the words come from, and their place, which orders them fastest."""

    source: FromClause
    place: ColumnElement[int]
    conditions: Sequence[ColumnElement[bool]]


class HistoryRows(Rows):
    """The part of a transaction that answers questions."""

    def search(self, question: Question) -> Page:
        """Answer from the items, newest first: exactly what a scan for the words would find.

        Newest is by the minute of `Item.at`, within a minute by number. Where all answers would have to be
        sorted for the newest, they are looked for among the newest items first: often enough they are there.
        """
        asked, (low, high) = question.asked, self._range(question)
        count = _LOOKED_AT * (question.limit + 1)
        newest = self._low_of_newest(low, high, count) if self._sorts_all(asked) else low
        rows = self._rows(question, self._offer(asked, newest, high, is_few=True))
        if len(rows) <= question.limit and newest > low:
            rows = self._rows(question, self._offer(asked, low, high))
        hits = tuple(_hit(row) for row in rows[: question.limit])
        return Page(hits=hits, next_before_id=hits[-1].item.id if len(rows) > question.limit else None)

    def _rows(self, question: Question, offer: _Offer) -> Sequence[Mapping[Any, Any]]:
        """Return the rows of a page and one more, if there is one."""
        whole = _with_facts(offer.source).join(ITEMS, ITEMS.c.id == FACETS.c.item_id)
        columns: list[Any] = [ITEMS, *_ABOUT]
        if question.with_verdicts:
            whole = whole.outerjoin(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id)
            columns.append(VERDICTS.c.value.label("verdict"))
        statement = select(*columns).select_from(whole).where(*offer.conditions, *_conditions(question))
        asked = statement.order_by(offer.place.desc()).limit(question.limit + 1)
        return self._connection.execute(asked).mappings().all()

    def _sorts_all(self, tree: Tree) -> bool:
        """Return whether the index gives all answers to the words at once and not the newest first."""
        if tree == EVERYTHING:
            return False
        return not self._on_sqlite or fts5_question(tree).is_rest

    def _low_of_newest(self, low: int, high: int, count: int) -> int:
        """Return the lowest place of the newest items between two places."""
        newest = select(FACETS.c.place).where(*_between(FACETS.c.place, low, high))
        newest = newest.order_by(FACETS.c.place.desc()).limit(1).offset(count - 1)
        found: int | None = self._connection.execute(newest).scalar()
        return low if found is None else found

    def item_facets(self, question: Question) -> Facets:
        """Count the items that answer, whatever page was asked for."""
        columns = (FACETS.c.kind_id, FACETS.c.incident_id, func.count().label("n"))

        def grouped(low: int, high: int) -> Sequence[Row[Any]]:
            offer = self._offer(question.asked, low, high)
            conditions, source = _conditions(question), offer.source
            if item_conditions(question):
                source = _with_facts(source)
            if splits_minutes(question):
                source = source.join(ITEMS, ITEMS.c.id == FACETS.c.item_id)
            statement = select(*columns).select_from(source).where(*offer.conditions, *conditions)
            return self._connection.execute(statement.group_by(FACETS.c.kind_id, FACETS.c.incident_id)).all()

        return count_items(self._connection, question, grouped)

    def search_incidents(self, question: Question) -> FoundIncidents:
        """Return the incidents of which some item answers, the last opened first."""
        whole = INCIDENTS.join(INCIDENT_FACETS, INCIDENT_FACETS.c.incident_id == INCIDENTS.c.id)
        statement = select(INCIDENTS.c.value).select_from(whole).where(*self._answering(question))
        if question.before_id is not None:
            statement = statement.where(INCIDENTS.c.id < question.before_id)
        asked = statement.order_by(INCIDENTS.c.id.desc()).limit(question.limit + 1)
        found = tuple(self._connection.execute(asked).scalars())
        shown = found[: question.limit]
        more = len(found) > question.limit
        return FoundIncidents(incidents=shown, next_before_id=shown[-1].id if more else None)

    def newest_answers(self, question: Question, incident_ids: Sequence[int]) -> Mapping[int, Item]:
        """Return of each of these incidents the newest item that answers the words, none without words."""
        if question.asked == EVERYTHING or not incident_ids:
            return {}
        offer = self._offer(question.asked, 0, OPEN_END)
        places = select(func.max(FACETS.c.place)).select_from(offer.source)
        places = places.where(FACETS.c.incident_id.in_(incident_ids), *offer.conditions)
        statement = select(ITEMS, FACETS.c.incident_id).join(FACETS, FACETS.c.item_id == ITEMS.c.id)
        asked = statement.where(FACETS.c.place.in_(places.group_by(FACETS.c.incident_id)))
        rows = self._connection.execute(asked).mappings()
        return {row["incident_id"]: value_of(Item, row) for row in rows}

    def incident_facets(self, question: Question) -> Facets:
        """Count the incidents of which some item answers."""
        outcomes = {outcome: has_outcome(outcome) for outcome in ClockOutcome}
        return count_incidents(self._connection, self._answering(question), outcomes)

    def note_answers(self, number: int, question: Question) -> int:
        """Note which incidents answer a kept question; return how many were not noted before."""
        conditions = self._answering(replace(question, new_to=number))
        statement = select(INCIDENT_FACETS.c.incident_id).where(*conditions)
        found = self._connection.execute(statement).scalars().all()
        rows = [{"question_id": number, "incident_id": incident} for incident in found]
        insert_all_new(self._connection, SAVED_ANSWERS, rows)
        return len(found)

    def last_item_id(self) -> int:
        """Return the id of the item that was stored last, 0 where there is none."""
        last: int = self._connection.execute(select(func.coalesce(func.max(ITEMS.c.id), 0))).scalar_one()
        return last

    def _answering(self, question: Question) -> list[ColumnElement[bool]]:
        """Return the conditions on an incident: its own, and that one of its items has words and origin."""
        conditions, origin = incident_conditions(question), of_origin(question)
        if question.asked != EVERYTHING or origin:
            offer = self._offer(question.asked, 0, OPEN_END)
            source = offer.source.join(KINDS, KINDS.c.id == FACETS.c.kind_id) if origin else offer.source
            answering = select(FACETS.c.incident_id).select_from(source)
            answering = answering.where(FACETS.c.incident_id.is_not(None), *offer.conditions, *origin)
            conditions.append(INCIDENT_FACETS.c.incident_id.in_(answering))
        if question.new_to is not None:
            seen = select(SAVED_ANSWERS.c.incident_id).where(SAVED_ANSWERS.c.question_id == question.new_to)
            conditions.append(INCIDENT_FACETS.c.incident_id.not_in(seen))
        return conditions

    def _range(self, question: Question) -> tuple[int, int]:
        """Return the places `[low, high)` of the page; a minute that an end splits lies there whole."""
        low = 0 if question.since is None else first_place(question.since)
        high = OPEN_END if question.until is None else last_place(question.until)
        if question.before_id is not None:
            before = select(FACETS.c.place).where(FACETS.c.item_id <= question.before_id)
            before = before.order_by(FACETS.c.item_id.desc()).limit(1)
            high = min(high, self._connection.execute(before).scalar() or 0)
        if question.after_id is not None:
            lowest = select(func.min(FACETS.c.place)).where(FACETS.c.item_id > question.after_id)
            low = max(low, self._connection.execute(lowest).scalar() or 0)
        return low, high

    def _offer(self, tree: Tree, low: int, high: int, *, is_few: bool = False) -> _Offer:
        """Return the answers to the words between two places, between which few items stand or many."""
        if tree == EVERYTHING:
            return _Offer(FACETS, FACETS.c.place, _between(FACETS.c.place, low, high))
        return self._fts5(tree, low, high) if self._on_sqlite else _gin(tree, low, high, is_few=is_few)

    def _fts5(self, tree: Tree, low: int, high: int) -> _Offer:
        asked, row = fts5_question(tree), FTS5_GRAMS.c.rowid
        if asked.match and not asked.is_rest:
            joined = FTS5_GRAMS.join(FACETS, FACETS.c.place == row)
            return _Offer(joined, row, (_MATCH(asked.match), *_between(row, low, high)))
        conditions = _between(FACETS.c.place, low, high)
        if asked.match:
            excluded = select(row).where(_MATCH(asked.match), *_between(row, low, high))
            conditions = (*conditions, FACETS.c.place.not_in(excluded))
        elif not asked.is_rest:
            conditions = (false(),)
        return _Offer(FACETS, FACETS.c.place, conditions)


def _gin(tree: Tree, low: int, high: int, *, is_few: bool) -> _Offer:
    """Match, sort, then read: left to itself the planner walks all places for a rare word.

    Few items are looked at one by one, for the index would give all answers of all times. The sorted places
    are a query of their own, so that a page ends the reading early.
    """
    within = _between(NUMBER_GRAMS.c.place, low, high)
    rows = select(NUMBER_GRAMS).where(*within).offset(0).subquery() if is_few else NUMBER_GRAMS
    wanted = number_condition(tree, rows.c.grams, rows.c.folded)
    matched = select(rows.c.place).where(wanted, *(() if is_few else within))
    offered = matched.cte("offered").prefix_with("MATERIALIZED")
    newest = select(offered.c.place).order_by(offered.c.place.desc()).subquery("newest")
    return _Offer(newest.join(FACETS, FACETS.c.place == newest.c.place), newest.c.place, ())


def _between(place: ColumnElement[int], low: int, high: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a place; an open end is none, or it would be looked up in vain."""
    above = (place >= low,) if low > 0 else ()
    return (*above, place < high) if high < OPEN_END else above


def _with_facts(source: FromClause) -> FromClause:
    judged = source.join(KINDS, KINDS.c.id == FACETS.c.kind_id)
    return judged.outerjoin(INCIDENT_FACETS, INCIDENT_FACETS.c.incident_id == FACETS.c.incident_id)


def _conditions(question: Question) -> list[ColumnElement[bool]]:
    conditions = item_conditions(question)
    if splits_minutes(question):
        conditions += within(question)
    if question.after_id is not None:
        conditions.append(FACETS.c.item_id > question.after_id)
    if question.as_of is not None:
        conditions.append(FACETS.c.item_id <= question.as_of)
    return conditions


def _hit(row: Mapping[Any, Any]) -> Hit:
    return Hit(
        item=value_of(Item, row),
        verdict=row.get("verdict"),
        incident_id=row["incident_id"],
        incident_state=row["incident_state"],
        severity=row["severity"],
    )
