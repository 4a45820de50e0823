"""What papers need of the memory: those that were written, and how things stood at an instant of the past."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from alerts.digest.paper import Paper
from alerts.model import Alert
from monitor.dossier.model import Change
from monitor.incidents.model import Incident


class PaperKind(StrEnum):
    """What is written for leaders: 日报, 周报, 月报, 快报, 专报."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    FLASH = "flash"
    SPECIAL = "special"


class PaperState(StrEnum):
    """A draft is issued or dropped, and then stays for ever as it is."""

    DRAFT = "draft"
    ISSUED = "issued"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPaper:
    """A paper as it was written; nothing in it is ever changed.

    `subject` is the day a periodic paper belongs to (`2026-03-03`), or incident and severity (`12/2`) of a
    flash, or the incident of a special report. `number` is 0, and 1 for 更正（第1号）, which `amends` another
    one and gives the `reason`. `readers` are who it goes or went to. All instants aware UTC.
    """

    id: int = 0
    kind: PaperKind
    subject: str
    number: int = 0
    amends: int | None = None
    state: PaperState
    incident_id: int | None = None
    since: datetime | None = None
    until: datetime
    made_at: datetime
    made_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
    readers: tuple[str, ...] = ()
    paper: Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """What the run ledger says of one source: polls and failures in a range, and how it stood at its end.

    `failures` are those in a row since the last success.
    """

    source_id: str
    polls: int
    failed: int
    failures: int
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_new_item_at: datetime | None


class Papers(Protocol):
    """The part of a transaction that keeps papers and looks back."""

    def add_paper(self, paper: KeptPaper) -> int | None:
        """Keep a new paper and return its id; None where one of its kind, subject, number and state is."""
        ...

    def paper(self, paper_id: int) -> KeptPaper:
        """Return one; raises NotFoundError."""
        ...

    def papers(
        self, kind: PaperKind | None = None, subject: str | None = None, limit: int = 100
    ) -> tuple[KeptPaper, ...]:
        """Return the newest, the newest first."""
        ...

    def decide_paper(self, paper: KeptPaper) -> None:
        """Let a draft be what this says; raises ConflictError where somebody decided on it already."""
        ...

    def alerts_of_paper(self, paper_id: int) -> tuple[Alert, ...]:
        """Return the outbox rows of a paper's messages, oldest first."""
        ...

    def unflashed(self) -> tuple[Incident, ...]:
        """Return open incidents of ours, severity 1 or 2, that no flash tells of at their severity."""
        ...

    def incidents_between(self, since: datetime, until: datetime) -> tuple[Incident, ...]:
        """Return all that were found before `until` and were open, ended or answered at or after `since`."""
        ...

    def item_count(self, since: datetime, until: datetime) -> int:
        """Return how many items of `[since, until)` belong to an incident not known to be elsewhere."""
        ...

    def item_words(self, since: datetime, until: datetime) -> Iterator[tuple[int, frozenset[str]]]:
        """Yield the items that `item_count` counts, reposts left out, each with the words in it.

        Words have two characters at least and no digits.
        """
        ...

    def standing_changes(self, incident_ids: Collection[int]) -> Mapping[int, tuple[Change, ...]]:
        """Return, for each of these incidents, what the journal says of its standing, oldest first.

        Who was told of it is left out.
        """
        ...

    def pollings(self, since: datetime, until: datetime) -> Mapping[str, Polling]:
        """Return what the run ledger says of each source that was ever polled before `until`."""
        ...

    def recorded_since(self) -> datetime | None:
        """Return when the first source was polled or the first thing was written down, or None."""
        ...

    def absences(self, since: datetime, until: datetime) -> tuple[timedelta, ...]:
        """Return how much of `[since, until)` each absence of the service took."""
        ...

    def watched(self, starts: Sequence[datetime], length: timedelta) -> tuple[bool, ...]:
        """Return, for each stretch of this length, whether any source was polled in it."""
        ...
