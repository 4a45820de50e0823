"""Every row of one database into another, of whatever kind: the way between SQLite and PostgreSQL."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy import table as table_named
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from storage.facets import FACETS
from storage.items import ITEMS
from storage.types import UtcDateTime
from storage.word_index import Indexed, index_words

LEFT_OUT = "sessions"
"""Signed-in browsers, access tokens and setup links: whoever holds a backup must not get in with it."""

_SEEDED = frozenset({"counters", "journal_head"})
_AT_ONCE = 500


def revision_of(connection: Connection) -> str:
    """Return the revision that a database is at."""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def count_rows(connection: Connection) -> Mapping[str, int]:
    """Return how many rows each table has, but for the index of words, which follows from the items."""
    names = sorted(name for name in inspect(connection).get_table_names() if _is_counted(name))
    counting = (select(func.count()).select_from(table_named(name)) for name in names)
    return {name: connection.execute(count).scalar_one() for name, count in zip(names, counting, strict=True)}


def _is_counted(name: str) -> bool:
    return name not in {LEFT_OUT, "alembic_version"} and not name.startswith("item_grams")


def holds_something(connection: Connection) -> bool:
    """Return whether anything was ever kept here; what a migration wrote does not count."""
    ours = set(SQLModel.metadata.tables) - _SEEDED
    return any(count for name, count in count_rows(connection).items() if name in ours)


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row but those left out into a fresh database of this version, and index the items."""
    for table in map(_plain, SQLModel.metadata.sorted_tables):
        if table.name == LEFT_OUT:
            continue
        if table.name in _SEEDED:
            target.execute(delete(table))
        found = source.execute(select(table).execution_options(yield_per=_AT_ONCE)).mappings()
        for some in found.partitions():
            target.execute(insert(table), [dict(row) for row in some])
    _index_words(target)
    if target.dialect.name == "postgresql":
        _continue_numbers(target)


@cache
def _plain(table: Table) -> Table:
    """Return the table with whole values as the text they are: copied, never read and written anew."""
    columns = (Column(column.name, _plain_type(column.type)) for column in table.columns)
    return Table(table.name, MetaData(), *columns)


def _plain_type(kind: Any) -> Any:
    is_read = isinstance(kind, TypeDecorator) and not isinstance(kind, UtcDateTime)
    return kind.impl_instance if is_read else kind


def _index_words(target: Connection) -> None:
    """Put the words of all stored items into the index of words."""
    question = select(FACETS.c.place, ITEMS.c.title, ITEMS.c.text).join(ITEMS, ITEMS.c.id == FACETS.c.item_id)
    last = -1
    while rows := target.execute(
        question.where(FACETS.c.place > last).order_by(FACETS.c.place).limit(_AT_ONCE)
    ).all():
        index_words(target, [Indexed(*row) for row in rows])
        last = rows[-1].place


def _continue_numbers(target: Connection) -> None:
    """Let PostgreSQL number new rows behind the copied ones; SQLite does so by itself."""
    for table in SQLModel.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            last = select(func.max(column)).scalar_subquery()
            target.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))
