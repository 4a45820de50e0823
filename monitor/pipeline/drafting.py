"""Drafts of official answers, done: each act in one transaction, on record by hashes of its texts (A11)."""

from collections.abc import Callable, Sequence
from typing import Any

from monitor.dossier.acts import Act, require
from monitor.dossier.draft import Draft
from monitor.dossier.model import Dossier
from monitor.dossier.publishing import complete
from monitor.drafting import review
from monitor.drafting.model import (
    AnswerDraft,
    Opinion,
    Signature,
    Step,
    Wording,
    unless_withdrawn,
)
from monitor.drafting.telling import rank_of, tell_draft
from monitor.errors import NotFoundError, RefusedActError
from monitor.incidents.model import Publication, PublicationState
from monitor.keeping import keep, keep_alerts
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


class Drafting(Acting):
    """Writes, signs and links drafts in the name of a person."""

    def write_draft(
        self, incident_id: int, wording: Wording, *, number: int | None, base: int, by: str, via: str
    ) -> AnswerDraft:
        """Keep a new version of a draft, written over version `base`; return the draft as it is then.

        Without a number a draft is begun, unless one is being worked on. Says the newest version the same,
        nothing changes. Raises DraftConflictError where the newest version is not `base`.
        """
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
                decision = Draft(dossier, circumstances)
                decision.note("draft_written", draft_kind=written.newest.kind.value, **_facts(written))
                _tell(transaction, decision, known, written)
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
        """Sign one step of the newest version, or send it back; signed the same before, nothing changes.

        Raises DraftConflictError where there is a newer version than the one read.
        """
        with self._deciding(incident_id, by, via, None) as (transaction, dossier, circumstances):
            _require_open(dossier, "sign_draft")
            known = numbered(drafts_of(transaction, dossier), incident_id, number)
            now = circumstances.now
            wanted = Signature(version=version, step=step, opinion=opinion, reason=reason, by=by, at=now)
            signed = review.sign(known, wanted, rank_of(circumstances.office, by, now))
            if signed is not known:
                transaction.save_draft(signed, known)
                decision = Draft(dossier, circumstances)
                codes = {"draft_step": step.value, "draft_opinion": opinion.value}
                decision.note("draft_signed", words=reason or None, **codes, **_facts(known))
                _tell(transaction, decision, known, signed)
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
            decision.note("draft_published", publication=recorded, **_facts(known))
            keep(transaction, decision.finish())
            transaction.save_draft(published, known)

    def link_draft(
        self, incident_id: int, number: int, publication_id: str, *, by: str, via: str
    ) -> AnswerDraft:
        """Say that a publication recorded before was made of this draft; said before, nothing changes."""
        with self._deciding(incident_id, by, via, None) as (transaction, dossier, circumstances):
            _require_open(dossier, "link_draft")
            drafts = drafts_of(transaction, dossier)
            known = numbered(drafts, incident_id, number)
            if known.publication_id == publication_id:
                return known
            publication = _linkable(dossier, drafts, publication_id)
            linked = review.publish(known, publication_id, "link_draft")
            decision = Draft(dossier, circumstances)
            complete(decision, publication, known.newest.text)
            decision.note("draft_published", publication=publication_id, **_facts(known))
            keep(transaction, decision.finish())
            transaction.save_draft(linked, known)
            return linked


def _linkable(dossier: Dossier, drafts: Sequence[AnswerDraft], publication_id: str) -> Publication:
    """Return a publication for which a draft may be named; raises NotFoundError and RefusedActError."""
    publication = next((p for p in dossier.publications if p.id == publication_id), None)
    if publication is None:
        raise NotFoundError("publication", publication_id)
    is_accepted = publication.state is PublicationState.ACCEPTED
    require("link_draft", None if is_accepted else "nothing_accepted")
    is_named = any(draft.publication_id == publication_id for draft in drafts)
    require("link_draft", "publication_has_draft" if is_named else None)
    return publication


def _tell(transaction: Transaction, decision: Draft, before: AnswerDraft | None, draft: AnswerDraft) -> None:
    """Record what was noted and queue what is to be told; the incident itself is not another for it."""
    tell_draft(decision, before, draft)
    transaction.record(decision.journal)
    keep_alerts(transaction, decision.alerts.values())


def _begun(drafts: Sequence[AnswerDraft]) -> AnswerDraft | None:
    """Return the draft that is being worked on; there is one at a time."""
    return drafts[-1] if drafts and drafts[-1].publication_id is None else None


def _require_open(dossier: Dossier, act: str) -> None:
    if not dossier.incident.is_open:
        raise RefusedActError(act, f"is_{dossier.incident.state}")


def _facts(draft: AnswerDraft) -> dict[str, Any]:
    newest = draft.newest
    return {"draft": draft.number, "draft_version": newest.number, "text": newest.digest}
