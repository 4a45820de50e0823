"""Slips of the paper flow: numbered without gaps, found by department and deadline."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ColumnElement, UniqueConstraint, and_, or_, select, update
from sqlmodel import Field, SQLModel

from monitor.errors import NotFoundError
from monitor.orders.model import OWED, Order, OrderKind, OrderState
from monitor.ports.orders import FiledOrder, OrderQuestion
from storage.mapping import Rows, insert_new
from storage.tables import CounterRow, IncidentRow, table_of
from storage.types import Code, Json, UtcDateTime


class OrderRow(SQLModel, table=True):
    """A slip; `number` counts within kind and year."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("number >= 1", name="numbered"),
        UniqueConstraint("kind", "year", "number", name="ux_orders_number"),
    )
    id: str = Field(primary_key=True)
    incident_id: int = Field(foreign_key="incidents.id", index=True)
    kind: OrderKind = Field(sa_type=Code(OrderKind))
    year: int
    number: int
    department: str = Field(index=True)
    state: OrderState = Field(sa_type=Code(OrderState))
    issued_at: datetime = Field(sa_type=UtcDateTime, index=True)
    due_at: datetime | None = Field(sa_type=UtcDateTime)
    value: Order = Field(sa_column=Column("value", Json(Order), nullable=False))


ORDERS = table_of(OrderRow)
_COUNTERS = table_of(CounterRow)
_INCIDENTS = table_of(IncidentRow)
_FILED = select(ORDERS.c.value.label("order"), _INCIDENTS.c.value.label("incident")).select_from(
    ORDERS.join(_INCIDENTS)
)


class OrderRows(Rows):
    """The part of a transaction that numbers and finds slips; a decision about an incident keeps them."""

    def next_order_number(self, kind: OrderKind, year: int) -> int:
        """Take the next number of this kind and year; its counter stays locked until the end."""
        name = f"orders:{kind}:{year}"
        insert_new(self._connection, _COUNTERS, {"name": name, "value": 0})
        counted = update(_COUNTERS).where(_COUNTERS.c.name == name).values(value=_COUNTERS.c.value + 1)
        number: int = self._connection.execute(counted.returning(_COUNTERS.c.value)).scalar_one()
        return number

    def order(self, order_id: str) -> FiledOrder:
        """Return one slip; raises NotFoundError."""
        row = self._connection.execute(_FILED.where(ORDERS.c.id == order_id)).mappings().one_or_none()
        if row is None:
            raise NotFoundError("order", order_id)
        return FiledOrder(**row)

    def orders(self, asked: OrderQuestion) -> tuple[FiledOrder, ...]:
        """Return slips, newest first; those that wait, the one due first before the others."""
        urgent = [ORDERS.c.due_at.asc().nulls_last()] if asked.waiting or asked.overdue_at else []
        question = _FILED.where(*_conditions(asked))
        question = question.order_by(*urgent, ORDERS.c.issued_at.desc(), ORDERS.c.id.desc()).limit(
            asked.limit
        )
        return tuple(FiledOrder(**row) for row in self._connection.execute(question).mappings())


def _conditions(asked: OrderQuestion) -> list[ColumnElement[bool]]:
    found: list[Any] = []
    if asked.department is not None:
        found.append(ORDERS.c.department == asked.department)
    owes = ORDERS.c.kind.in_(sorted(OWED))
    if asked.waiting:
        unsettled = ORDERS.c.state.in_([OrderState.ISSUED, OrderState.ASKED])
        found.append(or_(unsettled, and_(owes, ORDERS.c.state == OrderState.SIGNED)))
    if asked.overdue_at is not None:
        waits = ORDERS.c.state.in_([OrderState.ISSUED, OrderState.SIGNED])
        found += [owes, waits, ORDERS.c.due_at < asked.overdue_at]
    return found
