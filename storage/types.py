"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, DateTime, SmallInteger, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from monitor.clock import as_utc

V = TypeVar("V")
Conversion = Callable[[Any], Any]
MICROSECOND = timedelta(microseconds=1)


def _or_none(convert: Conversion) -> Conversion:
    """Return the conversion that leaves None alone: unknown stays unknown."""
    return lambda value: None if value is None else convert(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in any zone on the way in, aware UTC on the way out; raises NaiveTimeError.

    SQLite keeps ISO text of one width, so that its order is the order of time; PostgreSQL a timestamptz.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose text on SQLite."""
        on_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(String(32) if on_sqlite else DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Conversion:
        """Refuse a naive time and store UTC."""
        if dialect.name == "sqlite":
            return _or_none(lambda at: as_utc(at).isoformat(timespec="microseconds"))
        return _or_none(as_utc)

    def result_processor(self, dialect: Dialect, coltype: object) -> Conversion:
        """Return aware UTC."""
        del coltype
        if dialect.name == "sqlite":
            return _or_none(datetime.fromisoformat)
        return _or_none(lambda at: at.astimezone(UTC))


class Microseconds(TypeDecorator[timedelta]):
    """A length of time as whole microseconds: exact, and sortable on both databases."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Conversion:
        """Count the microseconds."""
        del dialect
        return _or_none(lambda length: length // MICROSECOND)

    def result_processor(self, dialect: Dialect, coltype: object) -> Conversion:
        """Return the length."""
        del dialect, coltype
        return _or_none(lambda count: timedelta(microseconds=count))


class Code(TypeDecorator[StrEnum]):
    """A word of a closed list, stored as its text."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Conversion:
        """Store the plain text; drivers treat enums differently."""
        del dialect
        return _or_none(str)

    def result_processor(self, dialect: Dialect, coltype: object) -> Conversion:
        """Return the member."""
        del dialect, coltype
        return _or_none(self.kind)


class Grading(TypeDecorator[int]):
    """A severity as its plain number."""

    impl = SmallInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Conversion:
        """Store a plain int; drivers treat enums differently."""
        del dialect
        return _or_none(int)


class Json(TypeDecorator[V], Generic[V]):
    """A whole value, nested dataclasses and all, as JSON text; fields not in it take their defaults.

    The values of the last `remembered` different texts are kept: the same text is then read only once. That
    can never be stale, for the text always comes from the row, and values do not change.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any, remembered: int = 0) -> None:
        super().__init__()
        self.kind = kind
        self.remembered = remembered

    def bind_processor(self, dialect: Dialect) -> Conversion:
        """Write the value; read-only mappings are written as plain ones."""
        del dialect
        write = _adapter(self.kind).dump_json
        return _or_none(lambda value: write(value, fallback=dict, warnings=False).decode())

    def result_processor(self, dialect: Dialect, coltype: object) -> Conversion:
        """Read the value and check it."""
        del dialect, coltype
        return _or_none(lru_cache(self.remembered)(_adapter(self.kind).validate_json))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what reads and writes values of a kind; it is slow to build, and every store asks for it."""
    return TypeAdapter(kind)
