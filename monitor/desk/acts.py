"""Acts: everything a person can change, as the desk asks for it; the pipeline does it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from monitor.classifiers.model import Severity
from monitor.collectors.model import Poll
from monitor.incidents.model import PublicationKind


class Acts(Protocol):
    """What a named person (`by`) may do, through the desk, the API or a signed link (`via`).

    Every method blocks and is called in a worker thread. All raise NotFoundError, RefusedActError when the
    rules say no, and ConflictError when `expected_version` is given and the incident has moved on.
    """

    def acknowledge(self, incident_id: int, *, by: str, via: str) -> str:
        """Say 收到; return in Chinese who acknowledged when, also if it was done before (A5)."""
        ...

    def confirm(self, incident_id: int, *, by: str, via: str, expected_version: int | None = None) -> None:
        """Accept the severity as it stands (T4)."""
        ...

    def set_severity(
        self,
        incident_id: int,
        severity: Severity | None,
        *,
        by: str,
        reason: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Set another severity; None is "not graded" (T4, T5)."""
        ...

    def assign(
        self, incident_id: int, department: str, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Hand the incident to a department (交办)."""
        ...

    def respond(
        self,
        incident_id: int,
        kind: PublicationKind,
        *,
        title: str,
        url: str,
        channel: str,
        effective_at: datetime | None,
        by: str,
        via: str,
    ) -> None:
        """Record a publication as evidence; `effective_at` aware, None is now (T6, T7)."""
        ...

    def dismiss(
        self, incident_id: int, *, by: str, reason: str, via: str, expected_version: int | None = None
    ) -> None:
        """End it as no matter of ours (T5)."""
        ...

    def close(
        self, incident_id: int, *, by: str, reason: str, via: str, expected_version: int | None = None
    ) -> None:
        """End it as done (C8)."""
        ...

    def reopen(
        self, incident_id: int, *, by: str, reason: str, via: str, expected_version: int | None = None
    ) -> None:
        """Take up an ended incident again (C9)."""
        ...

    def place(
        self, incident_id: int, local: bool, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Say whether it is ours (T12, C23)."""
        ...

    def must_answer(
        self, incident_id: int, *, by: str, reason: str, via: str, expected_version: int | None = None
    ) -> None:
        """Start the clock of a complaint that has none (T13)."""
        ...

    def waive(
        self,
        incident_id: int,
        obligation_id: str,
        *,
        by: str,
        reason: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Excuse one obligation; level 3 alone may (C5, C27)."""
        ...

    def accept_answer(
        self, incident_id: int, publication_id: str, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Take an offered official item as evidence (C13)."""
        ...

    def decline_answer(
        self,
        incident_id: int,
        publication_id: str,
        *,
        by: str,
        reason: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Say that an offered item answers something else."""
        ...

    def withdraw_answer(
        self,
        incident_id: int,
        publication_id: str,
        *,
        by: str,
        reason: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Take back a publication that was accepted wrongly: what it met runs again (T6)."""
        ...

    def accept_promise(
        self,
        incident_id: int,
        publication_id: str,
        number: int,
        *,
        due_at: datetime | None,
        by: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Take up promise `number` (from 1) of a publication; `due_at` aware, None is the time it names."""
        ...

    def keep_promise(
        self,
        incident_id: int,
        obligation_id: str,
        publication_id: str,
        *,
        by: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Say which publication kept a promise."""
        ...

    def merge(
        self, incident_id: int, into: int, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Let this incident go up in another one (C9)."""
        ...

    def split(
        self,
        incident_id: int,
        item_ids: Sequence[int],
        *,
        by: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Take these items out into an incident of their own (C9)."""
        ...

    def receive(self, source_id: str, body: bytes, *, timestamp: str, signature: str) -> Poll:
        """Take a signed inbox post; return its row of the run ledger.

        Raises NotFoundError for an unknown inbox, RefusedActError `timestamp` or `signature`.
        """
        ...
