"""What the desk asks for drafts of answers; the pipeline does it."""

from collections.abc import Callable
from typing import Protocol

from monitor.dossier.acts import Act
from monitor.drafting.model import AnswerDraft, Opinion, Step, Wording


class DraftActs(Protocol):
    """What a named person (`by`) may do with drafts; all raise NotFoundError and RefusedActError."""

    def write_draft(
        self, incident_id: int, wording: Wording, *, number: int | None, base: int, by: str, via: str
    ) -> AnswerDraft:
        """Keep a new version of a draft, written over version `base`; return the draft as it is then.

        Without a number a draft is begun, unless one is being worked on. Says the newest version the same,
        nothing changes. Raises DraftConflictError where the newest version is not `base`.
        """
        ...

    def sign_draft(
        self,
        incident_id: int,
        number: int,
        *,
        version: int,
        step: Step,
        opinion: Opinion,
        reason: str,
        by: str,
        via: str,
    ) -> AnswerDraft:
        """Sign one step of the newest version, or send it back; signed the same before, nothing changes.

        Raises DraftConflictError where there is a newer version than the one read.
        """
        ...

    def publish_draft(
        self, incident_id: int, number: int, respond: Callable[[Wording], Act], *, by: str, via: str
    ) -> None:
        """Record a publication as made of a draft that may be published; `respond` gives the act for it."""
        ...
