"""What the pipeline and the desk need to keep drafts of official answers."""

from typing import Protocol

from monitor.drafting.model import AnswerDraft


class Drafts(Protocol):
    """The part of a transaction that keeps drafts of answers."""

    def drafts(self, incident_id: int) -> tuple[AnswerDraft, ...]:
        """Return the drafts of one incident, oldest first, whole."""
        ...

    def save_draft(self, draft: AnswerDraft, known: AnswerDraft | None) -> None:
        """Keep what a draft has beyond `known`, which is what is stored of it; None where nothing is.

        Raises StoreError where somebody else added the same meanwhile.
        """
        ...
