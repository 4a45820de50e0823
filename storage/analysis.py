"""What analysts read: a few fields of whole values, by period; and the verdicts of a reclassification."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, type_coerce, update

from monitor.analysis.facts import (
    ArrivalFact,
    ClockFact,
    HeldClock,
    HolderFact,
    IncidentFact,
    Material,
    WordCount,
    WordFact,
)
from monitor.analysis.period import Period
from monitor.classifiers.model import Verdict
from monitor.dossier.by_hand import BY_HAND
from monitor.incidents.model import PublicationState
from monitor.items.model import Item
from monitor.ports.analysis import NewVerdict, Reclassification, StoredItem
from storage.facets import mark_judged_anew
from storage.incidents import INCIDENTS, OBLIGATIONS, PUBLICATIONS
from storage.items import ITEMS, JOININGS, VERDICTS
from storage.mapping import Rows, row_of, upsert, value_of
from storage.reclassified import NEW_VERDICTS, RUNS
from storage.types import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    tokens: tuple[str, ...] = ()


# Slim readers of whole values: built once, as each holds its own reader of JSON.
_INCIDENT = Json[IncidentFact](IncidentFact)
_CLOCK, _HOLDER = Json[ClockFact](ClockFact), Json[HolderFact](HolderFact)
_WORD, _TOKENS = Json[WordFact](WordFact), Json[_Tokens](_Tokens)


class AnalysisRows(Rows):
    """The part of a transaction that reads for analysts."""

    def analysis_material(self, period: Period, now: datetime, *, with_words: bool = False) -> Material:
        """Return what the tables of a period are made of; the words only where asked for."""
        return Material(
            period=period,
            now=now,
            incidents=self._incident_facts(period),
            first_words=self._first_words(period),
            by_hand=self._opened_by_hand(period),
            arrivals=self._arrival_facts(period),
            clocks=self._clock_facts(period),
            daily_items=self._daily_items(period),
            words=self._word_count(period) if with_words else WordCount(),
            words_before=self._word_count(period.before) if with_words else WordCount(),
        )

    def _incident_facts(self, period: Period) -> tuple[IncidentFact, ...]:
        question = select(type_coerce(INCIDENTS.c.value, _INCIDENT))
        question = question.where(_within(INCIDENTS.c.detected_at, period)).order_by(INCIDENTS.c.id)
        return tuple(self._connection.execute(question).scalars())

    def _first_words(self, period: Period) -> Mapping[int, datetime]:
        question = (
            select(PUBLICATIONS.c.incident_id, type_coerce(PUBLICATIONS.c.value, _WORD))
            .join(INCIDENTS, INCIDENTS.c.id == PUBLICATIONS.c.incident_id)
            .where(_within(INCIDENTS.c.detected_at, period))
            .where(PUBLICATIONS.c.state == PublicationState.ACCEPTED)
        )
        first: dict[int, datetime] = {}
        for incident_id, word in self._connection.execute(question):
            first[incident_id] = min(word.effective_at, first.get(incident_id, word.effective_at))
        return first

    def _clock_facts(self, period: Period) -> tuple[HeldClock, ...]:
        question = (
            select(type_coerce(OBLIGATIONS.c.value, _CLOCK), type_coerce(INCIDENTS.c.value, _HOLDER))
            .join(INCIDENTS, INCIDENTS.c.id == OBLIGATIONS.c.incident_id)
            .where(_within(OBLIGATIONS.c.due_at, period))
            .order_by(OBLIGATIONS.c.due_at, OBLIGATIONS.c.id)
        )
        return tuple(HeldClock(clock=c, holder=h) for c, h in self._connection.execute(question))

    def _arrival_facts(self, period: Period) -> tuple[ArrivalFact, ...]:
        question = (
            select(JOININGS.c.incident_id, ITEMS.c.source_id, ITEMS.c.source_name, ITEMS.c.role, ITEMS.c.at)
            .join(ITEMS, ITEMS.c.id == JOININGS.c.item_id)
            .join(INCIDENTS, INCIDENTS.c.id == JOININGS.c.incident_id)
            .where(_within(INCIDENTS.c.detected_at, period))
        )
        return tuple(value_of(ArrivalFact, row) for row in self._connection.execute(question).mappings())

    def _opened_by_hand(self, period: Period) -> frozenset[int]:
        question = select(JOININGS.c.incident_id).where(JOININGS.c.reason == BY_HAND)
        question = question.join(INCIDENTS, INCIDENTS.c.id == JOININGS.c.incident_id)
        found = self._connection.execute(question.where(_within(INCIDENTS.c.detected_at, period)))
        return frozenset(found.scalars())

    def _daily_items(self, period: Period) -> Mapping[date, int]:
        """Return how many items of incidents each local day has; Shanghai keeps one offset all the year."""
        if self._on_sqlite:
            day: ColumnElement[Any] = func.date(ITEMS.c.at, "+8 hours")
        else:
            day = func.date(func.timezone("Asia/Shanghai", ITEMS.c.at))
        question = (
            select(day, func.count()).select_from(JOININGS).join(ITEMS, ITEMS.c.id == JOININGS.c.item_id)
        )
        question = question.where(_within(ITEMS.c.at, period)).group_by(day)
        return {date.fromisoformat(str(on)): count for on, count in self._connection.execute(question)}

    def _word_count(self, period: Period) -> WordCount:
        question = (
            select(type_coerce(VERDICTS.c.value, _TOKENS))
            .join(JOININGS, JOININGS.c.item_id == VERDICTS.c.item_id)
            .join(ITEMS, ITEMS.c.id == VERDICTS.c.item_id)
            .where(_within(ITEMS.c.at, period), JOININGS.c.reach_only.is_(False))
        )
        words: Counter[str] = Counter()
        reports = 0
        for found in self._connection.execute(question).scalars():
            words.update({token for token in found.tokens if len(token) > 1 and token.isalpha()})
            reports += 1
        return WordCount(reports=reports, words=words)

    def items_after(
        self,
        item_id: int,
        limit: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[StoredItem, ...]:
        """Return the items behind this one in the order of ids, those of `[since, until)` by `Item.at`."""
        question = (
            select(ITEMS, VERDICTS.c.value, JOININGS.c.incident_id)
            .outerjoin(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id)
            .outerjoin(JOININGS, JOININGS.c.item_id == ITEMS.c.id)
            .where(ITEMS.c.id > item_id)
        )
        if since is not None:
            question = question.where(ITEMS.c.at >= since)
        if until is not None:
            question = question.where(ITEMS.c.at < until)
        rows = self._connection.execute(question.order_by(ITEMS.c.id).limit(limit)).mappings()
        return tuple(
            StoredItem(item=value_of(Item, row), verdict=row["value"], incident_id=row["incident_id"])
            for row in rows
        )

    def newest_item_id(self) -> int:
        """Return the id of the newest item, 0 where there is none."""
        newest: int = self._connection.execute(select(func.coalesce(func.max(ITEMS.c.id), 0))).scalar_one()
        return newest

    def reclassification(self, rules_version: str) -> Reclassification | None:
        """Return the reclassification by this version of the rules, None where it has to begin anew."""
        others = RUNS.alias()
        applied_since = select(others.c.rules_version).where(
            others.c.rules_version != rules_version, others.c.applied_at >= RUNS.c.started_at
        )
        question = select(RUNS).where(RUNS.c.rules_version == rules_version, ~applied_since.exists())
        row = self._connection.execute(question).mappings().one_or_none()
        return None if row is None else value_of(Reclassification, row)

    def save_reclassification(self, run: Reclassification, found: Sequence[NewVerdict] = ()) -> None:
        """Keep how far it has come, with the new verdicts found on the way."""
        upsert(self._connection, RUNS, [row_of(run, RUNS)])
        rows = [
            {"rules_version": run.rules_version, "item_id": each.item_id, "value": each.verdict}
            for each in found
        ]
        upsert(self._connection, NEW_VERDICTS, rows)

    def new_verdicts(self, rules_version: str, after_item: int, limit: int) -> tuple[NewVerdict, ...]:
        """Return the new verdicts of items behind this one, in the order of ids."""
        question = select(NEW_VERDICTS.c.item_id, NEW_VERDICTS.c.value)
        question = question.where(
            NEW_VERDICTS.c.rules_version == rules_version, NEW_VERDICTS.c.item_id > after_item
        )
        rows = self._connection.execute(question.order_by(NEW_VERDICTS.c.item_id).limit(limit))
        return tuple(NewVerdict(item_id=item_id, verdict=verdict) for item_id, verdict in rows)

    def drop_new_verdicts(self, rules_version: str) -> None:
        """Forget what this version of the rules would change."""
        self._connection.execute(delete(NEW_VERDICTS).where(NEW_VERDICTS.c.rules_version == rules_version))

    def replace_verdicts(self, judged: Sequence[tuple[Item, Verdict]]) -> None:
        """Put new verdicts in place of those that stored items have; history is asked by them at once."""
        for item, verdict in judged:
            row = row_of(verdict, VERDICTS, item_id=item.id)
            self._connection.execute(update(VERDICTS).where(VERDICTS.c.item_id == item.id).values(**row))
        mark_judged_anew(self._connection, judged)


def _within(column: ColumnElement[datetime], period: Period) -> ColumnElement[bool]:
    return (column >= period.since) & (column < period.until)
