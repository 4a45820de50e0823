"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, DateTime, SmallInteger, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from monitor.clock import as_utc

V = TypeVar("V")
MICROSECOND = timedelta(microseconds=1)


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

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a naive time and store UTC."""
        if value is None:
            return None
        at = as_utc(value)
        return at.isoformat(timespec="microseconds") if dialect.name == "sqlite" else at

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return aware UTC."""
        if value is None:
            return None
        return datetime.fromisoformat(value) if dialect.name == "sqlite" else value.astimezone(UTC)


class Microseconds(TypeDecorator[timedelta]):
    """A length of time as whole microseconds: exact, and sortable on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Count the microseconds."""
        del dialect
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """Return the length."""
        del dialect
        return None if value is None else timedelta(microseconds=value)


class Code(TypeDecorator[StrEnum]):
    """A word of a closed list, stored as its text."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Store the plain text; drivers treat enums differently."""
        del dialect
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return the member."""
        del dialect
        return None if value is None else self.kind(value)


class Grading(TypeDecorator[int]):
    """A severity as its plain number."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Store a plain int; drivers treat enums differently."""
        del dialect
        return None if value is None else int(value)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class Json(TypeDecorator[V], Generic[V]):
    """A whole value, nested dataclasses and all, as JSON text; fields not in it take their defaults."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: V | None, dialect: Dialect) -> str | None:
        """Write the value; read-only mappings are written as plain ones."""
        del dialect
        if value is None:
            return None
        return _adapter(self.kind).dump_json(value, fallback=dict, warnings=False).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> V | None:
        """Read the value and check it."""
        del dialect
        return None if value is None else _adapter(self.kind).validate_json(value)
