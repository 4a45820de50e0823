"""The processes that share this database, and how large it is."""

from datetime import datetime

from sqlalchemy import delete, select, text
from sqlmodel import Field, SQLModel

from monitor.ports.workers import Worker
from storage.mapping import Rows, value_of
from storage.tables import table_of
from storage.types import Json, UtcDateTime

_SIZE = {
    True: "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    False: "SELECT pg_database_size(current_database())",
}


class WorkerRow(SQLModel, table=True):
    """One process."""

    __tablename__ = "workers"
    name: str = Field(primary_key=True)
    host: str
    roles: tuple[str, ...] = Field(sa_type=Json(tuple[str, ...]))
    version: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)


WORKERS = table_of(WorkerRow)


class WorkerRows(Rows):
    """The part of a transaction that knows the processes."""

    def note_worker(self, worker: Worker, forget_before: datetime) -> None:
        """Remember that a process lives; those not seen since `forget_before` are forgotten."""
        self._connection.execute(delete(WORKERS).where(WORKERS.c.seen_at < forget_before))
        self._upsert_value(WorkerRow, worker)

    def drop_worker(self, name: str) -> None:
        """Forget a process that ended as it should."""
        self._connection.execute(delete(WORKERS).where(WORKERS.c.name == name))

    def workers(self) -> tuple[Worker, ...]:
        """Return the processes that are remembered, the oldest first."""
        rows = self._connection.execute(select(WORKERS).order_by(WORKERS.c.started_at)).mappings()
        return tuple(value_of(Worker, row) for row in rows)

    def database_bytes(self) -> int:
        """Return how much room the database takes."""
        return int(self._connection.execute(text(_SIZE[self._on_sqlite])).scalar_one())
