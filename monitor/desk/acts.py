"""Acts: everything a person can change, as the desk asks for it; the pipeline does it."""

from collections.abc import Sequence
from typing import Protocol

from monitor.collectors.model import Poll
from monitor.desk.draft_acts import DraftActs
from monitor.dossier.acts import Act
from monitor.items.tips import Tip


class Acts(DraftActs, Protocol):
    """What a named person (`by`) may do, through the desk, the API or a signed link (`via`).

    Every method blocks and is called in a worker thread. All raise NotFoundError, RefusedActError when the
    rules say no, and ConflictError when `expected_version` is given and the incident has moved on.
    """

    def do(
        self, incident_id: int, act: Act, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Do an act on one incident; `monitor.dossier.acts` says which there are."""
        ...

    def acknowledge(self, incident_id: int, *, by: str, via: str) -> str:
        """Say 收到; return in Chinese who acknowledged when, also if it was done before (A5)."""
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

    def hand_over(
        self,
        incident_id: int,
        item_id: int,
        *,
        publication_id: str,
        department: str,
        note: str,
        by: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Hand a claim of this incident that an official denial refuted over to a department (移交单)."""
        ...

    def receive(self, source_id: str, body: bytes, *, timestamp: str, signature: str) -> Poll:
        """Take a signed inbox post; return its row of the run ledger.

        Raises NotFoundError for an unknown inbox, RefusedActError `timestamp` or `signature`.
        """
        ...

    def register(self, tip: Tip, *, by: str, via: str) -> tuple[int, bool]:
        """Take a report by hand; return the id of its item, and whether it is new.

        The same form sent twice is one report. Raises RefusedActError `in_the_future`, `nothing_said`, and
        `key_used` where the form was sent before with something else in it.
        """
        ...

    def open_with_tip(self, item_id: int, act: Act, *, by: str, via: str) -> int:
        """Open an incident with a report taken by hand, on a person's word; return its number.

        Asked again by the same person it changes nothing. Raises ConflictError with the incident that the
        report belongs to by now.
        """
        ...
