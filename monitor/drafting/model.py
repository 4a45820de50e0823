"""A draft of an official answer: what its versions say, and who signed what on which of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from alerts.message.draft_reasons import STEPS
from monitor.errors import ConflictError
from monitor.incidents.model import Publication, PublicationState


class DraftKind(StrEnum):
    """As what an answer is written: 通报, 回应, 续报, 辟谣."""

    NOTICE = "notice"
    RESPONSE = "response"
    FOLLOW_UP = "follow_up"
    DENIAL = "denial"

    @property
    def zh(self) -> str:
        """Return the word of the paper."""
        return _ZH[self]


class Step(StrEnum):
    """One signature that an answer needs before it is published, in the order of the paper (三审三校)."""

    FIRST_REVIEW = "first_review"
    FIRST_PROOF = "first_proof"
    SECOND_REVIEW = "second_review"
    SECOND_PROOF = "second_proof"
    SECRECY_REVIEW = "secrecy_review"
    FINAL_REVIEW = "final_review"
    FINAL_PROOF = "final_proof"

    @property
    def zh(self) -> str:
        """Return the word of the paper."""
        return STEPS[self]


class Opinion(StrEnum):
    """What a signature says: 同意, or 退回修改."""

    AGREE = "agree"
    RETURN = "return"

    @property
    def zh(self) -> str:
        """Return the word of the paper."""
        return _ZH[self]


class DraftState(StrEnum):
    """How far a draft has come, by its newest version."""

    WRITTEN = "written"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    READY = "ready"
    PUBLISHED = "published"

    @property
    def zh(self) -> str:
        """Return the word of the paper."""
        return _ZH[self]


_ZH: dict[StrEnum, str] = {
    DraftKind.NOTICE: "通报", DraftKind.RESPONSE: "回应",
    DraftKind.FOLLOW_UP: "续报", DraftKind.DENIAL: "辟谣",
    Opinion.AGREE: "同意", Opinion.RETURN: "退回修改",
    DraftState.WRITTEN: "待审", DraftState.REVIEWED: "审校中", DraftState.RETURNED: "已退回修改",
    DraftState.READY: "可发布", DraftState.PUBLISHED: "已发布",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a version says; `channel` is where it is meant to be published."""

    kind: DraftKind
    title: str
    text: str
    channel: str = ""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of it all: what the journal says of it (A11)."""
        return sha256("\0".join((self.kind, self.title, self.text, self.channel)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftVersion(Wording):
    """One version, counted from 1 within its draft; it never changes."""

    number: int
    author: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a person said of one version in one step."""

    version: int
    step: Step
    opinion: Opinion
    reason: str = ""
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDraft:
    """One draft, counted from 1 within its incident; versions and signatures are only ever added.

    `publication_id` names the publication that was recorded as made of version `published_version`.
    """

    incident_id: int
    number: int
    versions: tuple[DraftVersion, ...]
    signatures: tuple[Signature, ...] = ()
    publication_id: str | None = None
    published_version: int | None = None

    @property
    def newest(self) -> DraftVersion:
        """Return the version that counts."""
        return self.versions[-1]


class DraftConflictError(ConflictError):
    """Somebody wrote a newer version meanwhile; `draft` is as it stands now."""

    def __init__(self, draft: AnswerDraft) -> None:
        super().__init__(draft.incident_id)
        self.draft = draft


def unless_withdrawn(
    drafts: Iterable[AnswerDraft], publications: Iterable[Publication]
) -> tuple[AnswerDraft, ...]:
    """Return the drafts as they stand: one whose publication was taken back is not published."""
    gone = {p.id for p in publications if p.state is PublicationState.WITHDRAWN}
    return tuple(
        replace(draft, publication_id=None, published_version=None) if draft.publication_id in gone else draft
        for draft in drafts
    )
