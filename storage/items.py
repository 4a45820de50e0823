"""Items with their verdicts, and what is remembered of sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, insert, select, text

from monitor.classifiers.model import Verdict
from monitor.collectors.model import Poll, SourceState
from monitor.errors import NotFoundError
from monitor.items.model import Item
from storage.facets import mark_items
from storage.mapping import Rows, chunks, row_of, value_of
from storage.tables import ItemRow, JoiningRow, PollRow, SourceStateRow, VerdictRow, table_of
from storage.word_index import Indexed, index_words

ITEMS = table_of(ItemRow)
VERDICTS = table_of(VerdictRow)
JOININGS = table_of(JoiningRow)
POLLS = table_of(PollRow)
STATES = table_of(SourceStateRow)


class ItemRows(Rows):
    """The part of a transaction that keeps items and sources."""

    def known_items(self, keys: Iterable[str]) -> Mapping[str, int]:
        """Return the ids of the items with these keys that are already stored."""
        found: dict[str, int] = {}
        for some in chunks(keys):
            rows = self._connection.execute(select(ITEMS.c.key, ITEMS.c.id).where(ITEMS.c.key.in_(some)))
            found.update((row.key, row.id) for row in rows)
        return found

    def titles(self, keys: Iterable[str]) -> Mapping[str, str]:
        """Return the titles of the items with these keys that are already stored."""
        found: dict[str, str] = {}
        for some in chunks(keys):
            rows = self._connection.execute(select(ITEMS.c.key, ITEMS.c.title).where(ITEMS.c.key.in_(some)))
            found.update((row.key, row.title) for row in rows)
        return found

    def add_items(self, items: Sequence[Item], verdicts: Sequence[Verdict | None]) -> tuple[Item, ...]:
        """Store new items with their verdicts and index them for search; return them with rising ids."""
        if not items:
            return ()
        ids = self._next_item_ids(len(items))
        stored = tuple(replace(item, id=id_) for item, id_ in zip(items, ids, strict=True))
        self._connection.execute(insert(ITEMS), [row_of(item, ITEMS) for item in stored])
        judged = [
            row_of(verdict, VERDICTS, item_id=id_)
            for id_, verdict in zip(ids, verdicts, strict=True)
            if verdict is not None
        ]
        if judged:
            self._connection.execute(insert(VERDICTS), judged)
        places = mark_items(self._connection, stored, verdicts)
        words = [Indexed(places[item.id], item.title, item.text) for item in stored]
        index_words(self._connection, words)
        return stored

    def _next_item_ids(self, count: int) -> list[int]:
        if self._on_sqlite:  # the one writer holds the database, so nobody else counts
            last = self._connection.execute(select(func.coalesce(func.max(ITEMS.c.id), 0))).scalar_one()
            return list(range(last + 1, last + 1 + count))
        statement = text("SELECT nextval('items_id_seq') FROM generate_series(1, :count)")
        return sorted(self._connection.execute(statement, {"count": count}).scalars())

    def items_with_exact_key(self, keys: Iterable[str], since: datetime) -> Mapping[str, int]:
        """Return, for each exact text key seen since then, the id of the first item that had it."""
        found: dict[str, int] = {}
        for some in chunks(keys):
            question = (
                select(ITEMS.c.exact_key, func.min(ITEMS.c.id).label("id"))
                .where(ITEMS.c.exact_key.in_(some), ITEMS.c.first_seen_at >= since)
                .group_by(ITEMS.c.exact_key)
            )
            found.update((row.exact_key, row.id) for row in self._connection.execute(question))
        return found

    def item(self, item_id: int) -> tuple[Item, Verdict | None]:
        """Return one item with its verdict; raises NotFoundError."""
        question = select(ITEMS, VERDICTS.c.value).outerjoin(VERDICTS).where(ITEMS.c.id == item_id)
        row = self._connection.execute(question).mappings().one_or_none()
        if row is None:
            raise NotFoundError("item", item_id)
        return value_of(Item, row), row["value"]

    def incident_of_items(self, item_ids: Iterable[int]) -> Mapping[int, int]:
        """Return the incident that each of these items belongs to."""
        found: dict[int, int] = {}
        for some in chunks(item_ids):
            question = select(JOININGS.c.item_id, JOININGS.c.incident_id).where(JOININGS.c.item_id.in_(some))
            found.update((row.item_id, row.incident_id) for row in self._connection.execute(question))
        return found

    def source_states(self) -> Mapping[str, SourceState]:
        """Return what is remembered of every source."""
        rows = self._connection.execute(select(STATES)).mappings()
        return {row["source_id"]: value_of(SourceState, row) for row in rows}

    def save_poll(self, poll: Poll, state: SourceState) -> None:
        """Add a row to the run ledger and remember the source's new state."""
        self._connection.execute(insert(POLLS), row_of(poll, POLLS))
        self._upsert_value(SourceStateRow, state)

    def polls(self, source_id: str | None, limit: int) -> tuple[Poll, ...]:
        """Return the newest rows of the run ledger."""
        question = select(POLLS).order_by(POLLS.c.id.desc()).limit(limit)
        if source_id is not None:
            question = question.where(POLLS.c.source_id == source_id)
        return tuple(value_of(Poll, row) for row in self._connection.execute(question).mappings())
