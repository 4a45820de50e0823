"""What the desk needs to know of the processes that share a database, and of the database itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One running process: where, since when, with which roles and of which version; `name` is its own."""

    name: str
    host: str
    roles: tuple[str, ...]
    version: str
    started_at: datetime
    seen_at: datetime


class Workers(Protocol):
    """The part of a transaction that knows the processes."""

    def note_worker(self, worker: Worker, forget_before: datetime) -> None:
        """Remember that a process lives; those not seen since `forget_before` are forgotten."""
        ...

    def drop_worker(self, name: str) -> None:
        """Forget a process that ended as it should."""
        ...

    def workers(self) -> tuple[Worker, ...]:
        """Return the processes that are remembered, the oldest first."""
        ...

    def database_bytes(self) -> int:
        """Return how much room the database takes."""
        ...
