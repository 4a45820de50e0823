"""What the desk needs to look through the journal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.ports.model import JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalQuestion:
    """What is asked of the journal: filters that must all hold, range `[since, until)`, and a page.

    `by_people` leaves out what the machine did by itself.
    """

    incident: int | None = None
    actor: str | None = None
    event: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    by_people: bool = False
    before_seq: int | None = None
    limit: int = 100


class JournalSearch(Protocol):
    """The part of a transaction that looks through the journal."""

    def find_entries(self, question: JournalQuestion) -> tuple[JournalEntry, ...]:
        """Return the entries asked for, newest first."""
        ...
