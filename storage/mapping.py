"""Row <-> value, the same for every table: columns carry the names of the value's fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from storage.tables import table_of

V = TypeVar("V")
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def row_of(value: Any, table: Table, **more: Any) -> dict[str, Any]:
    """Return the columns of a value: fields and properties by name, `value` the whole, `more` as given."""
    row = {name: getattr(value, name) for name in _names(table) if name not in more and hasattr(value, name)}
    if "value" in table.columns:
        row["value"] = value
    return row | more


def value_of(kind: type[V], row: Mapping[Any, Any]) -> V:
    """Return the value whose fields these columns hold."""
    return kind(**{name: row[name] for name in _fields(cast(Any, kind))})


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name != "value")


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all of the same columns; where the primary key is taken, replace the other columns."""
    if rows:
        connection.execute(_upsert(table, connection.dialect.name, tuple(rows[0])), rows)


@cache
def _upsert(table: Table, dialect: str, columns: tuple[str, ...]) -> Any:
    keys = [column.name for column in table.primary_key]
    statement = _INSERT[dialect](table)
    changes = {name: statement.excluded[name] for name in columns if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changes)


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one of its keys is taken; return whether it was new."""
    statement = _INSERT[connection.dialect.name](table).on_conflict_do_nothing()
    return connection.execute(statement.execution_options(preserve_rowcount=True), row).rowcount == 1


def insert_all_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all of the same columns; those with a key that is taken are left out."""
    if rows:
        connection.execute(_INSERT[connection.dialect.name](table).on_conflict_do_nothing(), rows)


def chunks(keys: Iterable[V], size: int = 1000) -> Iterable[list[V]]:
    """Cut keys into lists short enough for one `IN`."""
    whole = list(keys)
    return (whole[start : start + size] for start in range(0, len(whole), size))


class Rows:
    """What every store of this package stands on: one connection in one transaction."""

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self._on_sqlite = connection.dialect.name == "sqlite"

    def _upsert_value(self, row: type[SQLModel], value: Any, **more: Any) -> None:
        table = table_of(row)
        upsert(self._connection, table, [row_of(value, table, **more)])
