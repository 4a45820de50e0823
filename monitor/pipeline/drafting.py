"""Drafts of official answers, done: each act in one transaction, on record by hashes of its texts (A11)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from alerts.rota import level_of
from monitor.dossier.acts import Act
from monitor.dossier.draft import Draft
from monitor.dossier.model import Change, Circumstances, Dossier
from monitor.drafting import review
from monitor.drafting.model import (
    AnswerDraft,
    Opinion,
    Signature,
    Step,
    Wording,
    unless_withdrawn,
)
from monitor.errors import NotFoundError, RefusedActError
from monitor.keeping import keep
from monitor.office.model import Office
from monitor.pipeline.acting import Acting
from monitor.ports import Transaction


def drafts_of(transaction: Transaction, dossier: Dossier) -> tuple[AnswerDraft, ...]:
    """Return the drafts of one incident as they stand, oldest first."""
    return unless_withdrawn(transaction.drafts(dossier.incident.id), dossier.publications)


def numbered(drafts: Sequence[AnswerDraft], incident_id: int, number: int) -> AnswerDraft:
    """Return the draft of this number; raises NotFoundError."""
    found = next((draft for draft in drafts if draft.number == number), None)
    if found is None:
        raise NotFoundError("draft", f"{incident_id}/{number}")
    return found


def rank_of(office: Office, by: str, now: datetime) -> int:
    """Return the level on which somebody signs: a department's is 1, whoever has none has 0."""
    return level_of(office, by, now) or (1 if office.department(by) else 0)


class Drafting(Acting):
    """Writes, signs and links drafts in the name of a person; see the desk's port for what each means."""

    def write_draft(
        self, incident_id: int, wording: Wording, *, number: int | None, base: int, by: str, via: str
    ) -> AnswerDraft:
        """Keep a new version of a draft, written over version `base`; without a number begin a draft."""
        with self._deciding(incident_id, by, via, None) as (transaction, dossier, circumstances):
            _require_open(dossier, "write_draft")
            drafts, now = drafts_of(transaction, dossier), circumstances.now
            known = _begun(drafts) if number is None else numbered(drafts, incident_id, number)
            if known is None:
                written = review.begin(incident_id, len(drafts) + 1, wording, by, now)
            else:
                written = review.rewrite(known, wording, base, by, now)
            if written is not known:
                transaction.save_draft(written, known)
                facts = _facts(written) | {"draft_kind": written.newest.kind.value}
                transaction.record([_change("draft_written", incident_id, circumstances, facts)])
            return written

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
        """Sign one step of the newest version, or send it back; signed the same before, nothing changes."""
        with self._deciding(incident_id, by, via, None) as (transaction, dossier, circumstances):
            _require_open(dossier, "sign_draft")
            known = numbered(drafts_of(transaction, dossier), incident_id, number)
            now = circumstances.now
            wanted = Signature(version=version, step=step, opinion=opinion, reason=reason, by=by, at=now)
            signed = review.sign(known, wanted, rank_of(circumstances.office, by, now))
            if signed is not known:
                transaction.save_draft(signed, known)
                facts = _facts(known) | {"draft_step": step.value, "draft_opinion": opinion.value}
                change = _change("draft_signed", incident_id, circumstances, facts, reason or None)
                transaction.record([change])
            return signed

    def publish_draft(
        self, incident_id: int, number: int, respond: Callable[[Wording], Act], *, by: str, via: str
    ) -> None:
        """Record a publication as made of a draft that may be published; `respond` gives the act for it."""
        with self._deciding(incident_id, by, via, None) as (transaction, dossier, circumstances):
            known = numbered(drafts_of(transaction, dossier), incident_id, number)
            decision = Draft(dossier, circumstances)
            respond(known.newest)(decision, by)
            (recorded,) = decision.publications.keys() - {p.id for p in dossier.publications}
            published = review.publish(known, recorded)
            keep(transaction, decision.finish())
            transaction.save_draft(published, known)
            facts = _facts(known) | {"publication": recorded}
            transaction.record([_change("draft_published", incident_id, circumstances, facts)])


def _begun(drafts: Sequence[AnswerDraft]) -> AnswerDraft | None:
    """Return the draft that is being worked on; there is one at a time."""
    return drafts[-1] if drafts and drafts[-1].publication_id is None else None


def _require_open(dossier: Dossier, act: str) -> None:
    if not dossier.incident.is_open:
        raise RefusedActError(act, f"is_{dossier.incident.state}")


def _facts(draft: AnswerDraft) -> dict[str, object]:
    newest = draft.newest
    return {"draft": draft.number, "draft_version": newest.number, "text": newest.digest}


def _change(
    event: str,
    incident_id: int,
    circumstances: Circumstances,
    facts: dict[str, object],
    words: str | None = None,
) -> Change:
    who = circumstances
    return Change(
        at=who.now, event=event, incident=incident_id, actor=who.actor, via=who.via, facts=facts, words=words
    )
