"""Bodies of drafts: what form and API may send, checked, and what the API answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from monitor.desk.act_body import STORABLE, Line, Number
from monitor.drafting.model import (
    AnswerDraft,
    DraftKind,
    DraftState,
    DraftVersion,
    Opinion,
    Signature,
    Step,
    Wording,
)
from monitor.drafting.review import gaps, next_steps, state_of
from monitor.incidents.quality import Check

LONGEST_TEXT = 20_000
Opinionated = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=STORABLE)]


class DraftIn(BaseModel):
    """What a version says; `channel` is where it is meant to be published."""

    model_config = ConfigDict(extra="forbid")
    kind: DraftKind
    title: Line
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT, pattern=STORABLE)]
    channel: Line = ""

    def to_wording(self) -> Wording:
        """Return what it says."""
        return Wording(kind=self.kind, title=self.title, text=self.text, channel=self.channel)


class VersionIn(DraftIn):
    """A new version, written over version `base`."""

    base: Number


class SignatureIn(BaseModel):
    """An opinion on the version that was read; sending it back, and the secrecy review, need a reason."""

    model_config = ConfigDict(extra="forbid")
    version: Number
    step: Step
    opinion: Opinion
    reason: Opinionated = ""


class LinkIn(BaseModel):
    """A publication on record that was made of the draft."""

    model_config = ConfigDict(extra="forbid")
    publication_id: Line


class VersionOut(BaseModel):
    """One version."""

    number: int
    kind: DraftKind
    title: str
    text: str
    channel: str
    author: str
    written_at: datetime

    @classmethod
    def of(cls, version: DraftVersion) -> "VersionOut":
        """Return the body of a version."""
        return cls.model_validate(version, from_attributes=True)


class SignatureOut(BaseModel):
    """One signature; those on older versions stay on record and count no more."""

    version: int
    step: Step
    opinion: Opinion
    reason: str
    by: str
    at: datetime

    @classmethod
    def of(cls, signature: Signature) -> "SignatureOut":
        """Return the body of a signature."""
        return cls.model_validate(signature, from_attributes=True)


class DraftOut(BaseModel):
    """A draft with all versions and signatures; `gaps` are the places of the newest text left open."""

    incident: int
    number: int
    state: DraftState
    version: int
    next_steps: list[Step]
    gaps: list[str]
    publication_id: str | None
    published_version: int | None
    versions: list[VersionOut]
    signatures: list[SignatureOut]

    @classmethod
    def of(cls, draft: AnswerDraft) -> "DraftOut":
        """Return the body of a draft."""
        return cls(
            incident=draft.incident_id,
            number=draft.number,
            state=state_of(draft),
            version=draft.newest.number,
            next_steps=list(next_steps(draft)),
            gaps=list(gaps(f"{draft.newest.title}\n{draft.newest.text}")),
            publication_id=draft.publication_id,
            published_version=draft.published_version,
            versions=[VersionOut.of(version) for version in draft.versions],
            signatures=[SignatureOut.of(signature) for signature in draft.signatures],
        )


class CheckOut(BaseModel):
    """One line of the checklist of 61号: what is asked, and the sentence that answers it, or nothing."""

    name: str
    asked: str
    answered: str


class ProposalOut(BaseModel):
    """A first text of stored facts, kept nowhere, and how far it goes."""

    kind: DraftKind
    title: str
    text: str
    gaps: list[str]
    checks: list[CheckOut]

    @classmethod
    def of(cls, wording: Wording, checks: tuple[Check, ...]) -> "ProposalOut":
        """Return the body of a proposal."""
        return cls(
            kind=wording.kind,
            title=wording.title,
            text=wording.text,
            gaps=list(gaps(f"{wording.title}\n{wording.text}")),
            checks=[CheckOut.model_validate(check, from_attributes=True) for check in checks],
        )
