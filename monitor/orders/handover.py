"""What may be handed over to police and network regulators (移交): a claim that an official answer refuted.

Never a complaint, never a claim of casualties: concealing those is an offence too, and the law protects
whoever complains. Source: 国办发〔2016〕61号 on rumours; 突发事件应对法 (2024) art. 9, 84–85.
"""

import hashlib
from collections.abc import Iterable

from monitor.classifiers.model import Verdict
from monitor.collectors.model import Role
from monitor.incidents.model import AnswerForm, Incident, Publication, PublicationState
from monitor.items.model import Item
from monitor.orders.model import Lead

CASUALTIES = frozenset({
    "deaths", "missing", "deaths_incl_missing", "serious_injuries", "poisoned_or_serious",
    "deaths_plus_serious", "injuries", "injured_any", "critical", "slight_injuries", "casualties", "trapped",
    "ill_persons", "cases_in_window",
})  # fmt: skip
"""Figures of people harmed."""


def refutations(publications: Iterable[Publication]) -> tuple[Publication, ...]:
    """Return the official items that a person accepted as a denial (辟谣), oldest first."""
    found = (p for p in publications if p.form is AnswerForm.DENIAL and p.item_id is not None)
    return tuple(
        sorted(
            (p for p in found if p.state is PublicationState.ACCEPTED), key=lambda p: (p.effective_at, p.id)
        )
    )


def handover_refusal(
    incident: Incident, claim: Item, verdict: Verdict | None, refutation: Publication | None
) -> str | None:
    """Return why this claim may not be handed over, or None where it may.

    `refutation` is one of `refutations`, or None where there is none.
    """
    if claim.role is Role.HOTLINE or "complaint" in (incident.opinion, verdict and verdict.opinion):
        return "is_complaint"
    if claim.role is not Role.SOCIAL:
        return "not_a_claim"
    if verdict is None or _tells_of_harm(verdict):
        return "claims_casualties"
    if not claim.url:
        return "no_link"
    if refutation is None or refutation.effective_at <= claim.at:
        return "not_refuted"
    return None


def _tells_of_harm(verdict: Verdict) -> bool:
    """Return whether the claim names people harmed, be it in a figure, of another event, or in words only."""
    told = {*verdict.figures.counts, *(e.field for e in verdict.evidence)}
    if verdict.background is not None:
        told.update(verdict.background.figures.counts)
    return bool(CASUALTIES & told)


def fix_lead(claim: Item, refutation: Publication) -> Lead:
    """Return the lead with its evidence fixed: link, hash and time of what was stored."""
    return Lead(
        item_id=claim.id,
        url=claim.url or "",
        digest=hashlib.sha256(f"{claim.title}\n{claim.text}".encode()).hexdigest(),
        published_at=claim.published_at,
        seen_at=claim.first_seen_at,
        refuted_by=refutation.id,
        refutation=refutation.title,
        refutation_url=refutation.url,
        refuted_at=refutation.effective_at,
    )
