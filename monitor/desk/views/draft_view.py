"""The draft of an answer as its page shows it: who signed what, what is missing, and who may give it."""

from dataclasses import dataclass
from datetime import datetime

from alerts.digest.incident_papers import IncidentFile
from monitor.desk import words
from monitor.desk.access import Visitor
from monitor.desk.reads import require_seen
from monitor.dossier.model import Dossier
from monitor.drafting.model import AnswerDraft, DraftVersion, Opinion, Signature, Step
from monitor.drafting.review import Signer, is_ready, next_steps, signed_after, state_of, why_not_sign
from monitor.drafting.telling import may_sign, rank_of
from monitor.office.model import Office
from monitor.pipeline.drafting import drafts_of, numbered
from monitor.pipeline.papers import gather_file
from monitor.pipeline.rostering import with_rota
from monitor.ports import Store

_ANY = "意见"
"""Stands for a reason where only the person is asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftFolder:
    """Everything about the drafts of one incident; `draft` is the one looked at, None while there is none.

    The office of `file` has the rota as the desk changed it.
    """

    file: IncidentFile
    drafts: tuple[AnswerDraft, ...]
    draft: AnswerDraft | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step of the newest version: its last signature, and for one that is next who may give it.

    `why_not` says why whoever is looking may not agree, None if they may; `may_return` that they may send it
    back, as the next to sign or because they have signed.
    """

    step: Step
    signature: Signature | None
    is_next: bool
    who: str
    why_not: str | None
    may_return: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A draft in one line of the incident page; `signed_late` that it was out before the last signature."""

    draft: AnswerDraft
    state: str
    missing: str
    is_ready: bool
    signed_late: bool


def load_drafts(
    store: Store, visitor: Visitor, incident_id: int, office: Office, now: datetime, number: int | None = None
) -> DraftFolder:
    """Return the drafts of an incident this visitor may see, the newest one in hand; raises NotFoundError."""
    with store.reading() as transaction:
        dossier = require_seen(transaction, visitor, incident_id)
        file = gather_file(transaction, with_rota(office, transaction, now, now), incident_id, now)
        drafts = drafts_of(transaction, dossier)
    if number is not None:
        return DraftFolder(file=file, drafts=drafts, draft=numbered(drafts, incident_id, number))
    return DraftFolder(file=file, drafts=drafts, draft=drafts[-1] if drafts else None)


def load_summaries(store: Store, dossier: Dossier) -> tuple[Summary, ...]:
    """Return the drafts of an incident in one line each, the newest first."""
    with store.reading() as transaction:
        drafts = drafts_of(transaction, dossier)
    out_at = {p.id: p.effective_at for p in dossier.publications}
    return tuple(
        Summary(
            draft=draft,
            state=state_of(draft).zh,
            missing="、".join(step.zh for step in next_steps(draft)),
            is_ready=draft.publication_id is None and is_ready(draft),
            signed_late=draft.publication_id in out_at and signed_after(draft, out_at[draft.publication_id]),
        )
        for draft in reversed(drafts)
    )


def step_lines(draft: AnswerDraft, file: IncidentFile, by: str) -> tuple[StepLine, ...]:
    """Return every step of the newest version, in the order of the paper."""
    signer = Signer(by=by, rank=rank_of(file.office, by, file.now))
    last = {s.step: s for s in draft.signatures if s.version == draft.newest.number}
    following = next_steps(draft)
    return tuple(_step_line(draft, step, file, signer, last.get(step), step in following) for step in Step)


def _step_line(
    draft: AnswerDraft,
    step: Step,
    file: IncidentFile,
    signer: Signer,
    signature: Signature | None,
    is_next: bool,
) -> StepLine:
    back = why_not_sign(draft, step, Opinion.RETURN, _ANY, signer)
    refusal = why_not_sign(draft, step, Opinion.AGREE, _ANY, signer)
    return StepLine(
        step=step,
        signature=signature,
        is_next=is_next,
        who=_who_may(draft, step, file) if is_next else "",
        why_not=words.word("refusal", refusal) if refusal else None,
        may_return=back is None,
    )


def _who_may(draft: AnswerDraft, step: Step, file: IncidentFile) -> str:
    """Return the names of those who can sign a step: people of a level, and departments that have it."""
    people = {p.id: p.name for p in file.office.people}
    bodies = {d.id: d.name for d in file.office.departments if d.id in file.dossier.incident.assigned_to}
    every = (people | bodies).items()
    return "、".join(name for id_, name in every if may_sign(draft, step, id_, file.office, file.now))


def version_of(draft: AnswerDraft, number: int | None, otherwise: int) -> DraftVersion:
    """Return a version by number, else another one; both are brought within what there is."""
    wanted = number if number is not None else otherwise
    return draft.versions[min(max(wanted, 1), len(draft.versions)) - 1]
