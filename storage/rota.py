"""What the desk holds of the rota: imported months and substitutions."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, bindparam, delete, func, insert, select, update
from sqlmodel import Field, SQLModel

from monitor.errors import ConflictError, NotFoundError
from monitor.office.model import MonthRota, Substitution
from storage.mapping import Rows, row_of, upsert, value_of
from storage.tables import table_of
from storage.types import Json, UtcDateTime


class MonthRotaRow(SQLModel, table=True):
    """The shifts of one level in an imported month."""

    __tablename__ = "rota_months"
    __table_args__ = (CheckConstraint("since < until", name="lasts"),)
    month: date = Field(primary_key=True)
    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime, index=True)
    value: MonthRota = Field(sa_column=Column("value", Json(MonthRota), nullable=False))


class SubstitutionRow(SQLModel, table=True):
    """Somebody is away; one that was withdrawn before it began lasts no time."""

    __tablename__ = "substitutions"
    __table_args__ = (
        CheckConstraint("since <= until", name="never_ends_before"),
        CheckConstraint("person != stand_in", name="somebody_else"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person: str
    stand_in: str | None
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime, index=True)
    recorded_by: str


MONTHS = table_of(MonthRotaRow)
_ROTA_LOCKS = 0x726F7461
"""The first half of the keys of our advisory locks on PostgreSQL; the second is the month's first day."""
_ALONE = select(func.pg_try_advisory_xact_lock(_ROTA_LOCKS, bindparam("month")))
SUBSTITUTIONS = table_of(SubstitutionRow)


class RotaRows(Rows):
    """The part of a transaction that keeps the rota."""

    def rota_months(self, since: datetime, until: datetime) -> tuple[MonthRota, ...]:
        """Return the imported months that last at some instant from `since` to `until`, both included."""
        question = select(MONTHS.c.value).where(MONTHS.c.since <= until, MONTHS.c.until > since)
        ordered = question.order_by(MONTHS.c.month, MONTHS.c.level)
        return tuple(self._connection.execute(ordered).scalars())

    def replace_rota_month(self, month: date, rotas: Sequence[MonthRota]) -> int:
        """Keep these instead of what was imported for this month before; return how many levels that was.

        Raises ConflictError for incident 0 where another transaction is importing the same month: what each
        of them brings is whole, and never a mixture. SQLite has one writer, so there it cannot happen.
        """
        if (
            not self._on_sqlite
            and not self._connection.execute(_ALONE, {"month": month.toordinal()}).scalar()
        ):
            raise ConflictError(0)
        gone = self._connection.execute(delete(MONTHS).where(MONTHS.c.month == month)).rowcount
        upsert(self._connection, MONTHS, [row_of(rota, MONTHS) for rota in rotas])
        return gone

    def substitutions(self, since: datetime, until: datetime) -> tuple[Substitution, ...]:
        """Return those that last at some instant from `since` to `until`, both included, oldest first."""
        question = select(SUBSTITUTIONS).where(
            SUBSTITUTIONS.c.since <= until,
            SUBSTITUTIONS.c.until > since,
            SUBSTITUTIONS.c.since < SUBSTITUTIONS.c.until,
        )
        rows = self._connection.execute(question.order_by(SUBSTITUTIONS.c.id)).mappings()
        return tuple(value_of(Substitution, row) for row in rows)

    def substitution(self, id_: int) -> Substitution:
        """Return one; raises NotFoundError."""
        question = select(SUBSTITUTIONS).where(SUBSTITUTIONS.c.id == id_)
        row = self._connection.execute(question).mappings().first()
        if row is None:
            raise NotFoundError("substitution", id_)
        return value_of(Substitution, row)

    def add_substitution(self, substitution: Substitution) -> int:
        """Add one, whatever its id says; return the id it was given."""
        row = row_of(substitution, SUBSTITUTIONS)
        del row["id"]
        given = self._connection.execute(insert(SUBSTITUTIONS).values(row).returning(SUBSTITUTIONS.c.id))
        return int(given.scalar_one())

    def end_substitution(self, id_: int, until: datetime) -> None:
        """Let one end earlier than it says."""
        row = update(SUBSTITUTIONS).where(SUBSTITUTIONS.c.id == id_, SUBSTITUTIONS.c.until > until)
        self._connection.execute(row.values(until=until))
