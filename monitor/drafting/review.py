"""三审三校 and 保密审查: which signature is lawful next and why not another; when a draft may be published.

Source: 国办发〔2018〕123号 (先审后发), 政府信息公开条例 art. 17 (先审查后公开). Our reading: decision 0012.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from monitor.drafting.model import (
    AnswerDraft,
    DraftConflictError,
    DraftState,
    DraftVersion,
    Opinion,
    Signature,
    Step,
    Wording,
)
from monitor.errors import RefusedActError

GAP = "【待填"
_GAP = re.compile(r"【待填[^】]*】?")
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+")

REVIEWS = (Step.FIRST_REVIEW, Step.SECOND_REVIEW, Step.FINAL_REVIEW)
"""The three 审: three different people."""

RANK: Mapping[Step, int] = MappingProxyType({
    Step.FIRST_REVIEW: 1, Step.FIRST_PROOF: 1,
    Step.SECOND_REVIEW: 2, Step.SECOND_PROOF: 1,
    Step.SECRECY_REVIEW: 2,
    Step.FINAL_REVIEW: 3, Step.FINAL_PROOF: 1,
})  # fmt: skip
"""The level one must stand on: 1 whoever handles it, 2 head of office, 3 leader or whom they stand in for."""

NEEDS: Mapping[Step, tuple[Step, ...]] = MappingProxyType({
    Step.FIRST_REVIEW: (),
    Step.FIRST_PROOF: (Step.FIRST_REVIEW,),
    Step.SECOND_REVIEW: (Step.FIRST_REVIEW, Step.FIRST_PROOF),
    Step.SECOND_PROOF: (Step.SECOND_REVIEW,),
    Step.SECRECY_REVIEW: (),
    Step.FINAL_REVIEW: (Step.SECOND_REVIEW, Step.SECOND_PROOF, Step.SECRECY_REVIEW),
    Step.FINAL_PROOF: (Step.FINAL_REVIEW,),
})  # fmt: skip
"""What must be signed before."""

_TOO_LOW = {1: "not_a_reviewer", 2: "needs_head", 3: "needs_level_3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who wants to sign: `rank` is the level they stand on at that moment, 1 for a department, 0 for none."""

    by: str
    rank: int


def standing(draft: AnswerDraft) -> Mapping[Step, Signature]:
    """Return the signatures that count: the last one of each step on the newest version, if it agrees."""
    last = {s.step: s for s in draft.signatures if s.version == draft.newest.number}
    return {step: s for step, s in last.items() if s.opinion is Opinion.AGREE}


def returned_by(draft: AnswerDraft) -> Signature | None:
    """Return the signature that sent the newest version back, or None."""
    back = (s for s in draft.signatures if s.opinion is Opinion.RETURN)
    return next((s for s in back if s.version == draft.newest.number), None)


def gaps(text: str) -> tuple[str, ...]:
    """Return the places that nobody has filled in yet."""
    return tuple(_GAP.findall(text))


def settled(text: str) -> str:
    """Return the sentences that have no gap: the others say nothing yet."""
    sentences = _SENTENCE.findall(_GAP.sub("\0", text))
    return "".join(sentence for sentence in sentences if "\0" not in sentence)


def is_ready(draft: AnswerDraft) -> bool:
    """Return whether the newest version may be published: every step signed, nothing sent back."""
    return returned_by(draft) is None and standing(draft).keys() == set(Step)


def state_of(draft: AnswerDraft) -> DraftState:
    """Return how far a draft has come."""
    if draft.publication_id is not None:
        return DraftState.PUBLISHED
    if returned_by(draft) is not None:
        return DraftState.RETURNED
    if is_ready(draft):
        return DraftState.READY
    return DraftState.REVIEWED if standing(draft) else DraftState.WRITTEN


def next_steps(draft: AnswerDraft) -> tuple[Step, ...]:
    """Return the steps that can be signed now, in the order of the paper."""
    if draft.publication_id is not None or returned_by(draft) is not None:
        return ()
    signed = standing(draft)
    return tuple(s for s in Step if s not in signed and all(need in signed for need in NEEDS[s]))


def why_not_sign(draft: AnswerDraft, step: Step, opinion: Opinion, reason: str, signer: Signer) -> str | None:
    """Return why this person may not sign this step of the newest version so, or None."""
    if draft.publication_id is not None:
        return "draft_published"
    if returned_by(draft) is not None:
        return "draft_returned"
    if opinion is Opinion.RETURN and not reason.strip():
        return "reason_missing"
    signed = standing(draft).get(step)
    if signed is not None and signed.by == signer.by and opinion is Opinion.RETURN:
        return None  # whoever agreed may think better of it until it is published
    return why_not_person(draft, step, signer) or _why_not_step(draft, step, opinion, reason)


def why_not_person(draft: AnswerDraft, step: Step, signer: Signer) -> str | None:
    """Return why this person can never sign this step of the newest version, or None."""
    if signer.rank < RANK[step]:
        return _TOO_LOW[RANK[step]] if signer.rank else "not_a_reviewer"
    if signer.by == draft.newest.author:
        return "own_text"
    reviewers = {s.by for other, s in standing(draft).items() if other in REVIEWS and other is not step}
    return "reviewed_before" if step in REVIEWS and signer.by in reviewers else None


def _why_not_step(draft: AnswerDraft, step: Step, opinion: Opinion, reason: str) -> str | None:
    signed = standing(draft)
    if step in signed:
        return "step_signed"
    if any(need not in signed for need in NEEDS[step]):
        return "step_too_early"
    if opinion is Opinion.RETURN:
        return None
    if step is Step.FINAL_REVIEW and gaps(draft.newest.title + draft.newest.text):
        return "gaps_left"
    # 保密审查 leaves a written record with its reason.
    return "reason_missing" if step is Step.SECRECY_REVIEW and not reason.strip() else None


def sign(draft: AnswerDraft, wanted: Signature, rank: int) -> AnswerDraft:
    """Return the draft with a signature more; signed the same before by the same person it is unchanged.

    Raises DraftConflictError where there is a newer version, RefusedActError.
    """
    if wanted.version != draft.newest.number:
        raise DraftConflictError(draft)
    of_step = [s for s in draft.signatures if (s.version, s.step) == (wanted.version, wanted.step)]
    if of_step and (of_step[-1].by, of_step[-1].opinion) == (wanted.by, wanted.opinion):
        return draft
    signer = Signer(by=wanted.by, rank=rank)
    refusal = why_not_sign(draft, wanted.step, wanted.opinion, wanted.reason, signer)
    if refusal is not None:
        raise RefusedActError("sign_draft", refusal)
    return replace(draft, signatures=(*draft.signatures, wanted))


def begin(incident_id: int, number: int, wording: Wording, author: str, now: datetime) -> AnswerDraft:
    """Return a new draft with its first version; raises RefusedActError."""
    version = _version(1, _complete(wording), author, now)
    return AnswerDraft(incident_id=incident_id, number=number, versions=(version,))


def rewrite(draft: AnswerDraft, wording: Wording, base: int, author: str, now: datetime) -> AnswerDraft:
    """Return the draft with a version more, written over version `base`; nothing new leaves it unchanged.

    Signatures given to older versions stay on record and count no more. Raises DraftConflictError where the
    newest version is another one, RefusedActError.
    """
    if says_the_same(draft.newest, wording):
        return draft
    if base != draft.newest.number:
        raise DraftConflictError(draft)
    if draft.publication_id is not None:
        raise RefusedActError("write_draft", "draft_published")
    version = _version(base + 1, _complete(wording), author, now)
    return replace(draft, versions=(*draft.versions, version))


def says_the_same(one: Wording, other: Wording) -> bool:
    """Return whether two versions differ in nothing."""
    return one.digest == other.digest


def _complete(wording: Wording) -> Wording:
    if not wording.title.strip():
        raise RefusedActError("write_draft", "title_missing")
    if not wording.text.strip():
        raise RefusedActError("write_draft", "text_missing")
    return wording


def _version(number: int, wording: Wording, author: str, now: datetime) -> DraftVersion:
    return DraftVersion(
        number=number,
        kind=wording.kind,
        title=wording.title,
        text=wording.text,
        channel=wording.channel,
        author=author,
        written_at=now,
    )


def signed_after(draft: AnswerDraft, published_at: datetime) -> bool:
    """Return whether a signature of the version published came after it was out: 先审后发 was not kept.

    A publication is known to the minute, so a signature of that minute was in time.
    """
    signed = (s.at for s in draft.signatures if s.version == draft.published_version)
    return any(at.replace(second=0, microsecond=0) > published_at for at in signed)


def publish(draft: AnswerDraft, publication_id: str, act: str = "respond") -> AnswerDraft:
    """Return the draft as published; raises RefusedActError unless it is ready and not published yet."""
    if draft.publication_id is not None:
        raise RefusedActError(act, "draft_published")
    if not is_ready(draft):
        raise RefusedActError(act, "draft_not_ready")
    return replace(draft, publication_id=publication_id, published_version=draft.newest.number)
