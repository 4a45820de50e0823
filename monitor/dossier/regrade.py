"""Figures into severity.

It rises by itself, falls only by a person, and rises again above what the person saw.
"""

from typing import Any

from monitor.classifiers.model import Figures, Grade, Severity
from monitor.dossier.draft import Draft
from monitor.dossier.telling import News, start_round, tell_level_one
from monitor.incidents.model import Judgement
from monitor.incidents.reconcile import Now, figures_now


def regrade(draft: Draft) -> Severity | None:
    """Grade the figures that hold now, raise the severity if they ask for it, return the one before (T4).

    After a person confirmed or lowered, only figures above those the person saw raise again; then the
    incident is unconfirmed again (C14).
    """
    before = draft.incident.severity
    standing = figures_now(draft.incident.holding)
    grade = grade_of(draft, standing)
    draft.update(grade=grade)
    judgement = draft.incident.judgement
    if judgement is not None and not _is_beyond(draft, judgement, standing.precautionary):
        return before
    if is_more_severe(grade.effective, before):
        draft.update(severity=grade.effective, judgement=None, confirmed_at=None, confirmed_by=None)
    return before


def _is_beyond(draft: Draft, judgement: Judgement, figures: Figures) -> bool:
    """Return whether figures above those the person saw ask for more than was decided then (C14).

    The new figures must do so by themselves, or together with the others more than all did at the time: a
    number of injured that was not known yet never brings back the deaths that the person judged.
    """
    seen = judgement.figures_seen
    counts = {
        metric: count for metric, count in figures.counts.items() if count.value > seen.get(metric, 0.0)
    }
    above = Figures(counts=counts, flags=frozenset(flag for flag in figures.flags if flag not in seen))
    if not counts and not above.flags:
        return False
    grade, kind = draft.circumstances.grade, draft.incident.event_type
    more_than_seen = is_more_severe(grade(figures, kind).effective, judgement.automatic_seen)
    return more_than_seen or is_more_severe(grade(above, kind).effective, draft.incident.severity)


def grade_of(draft: Draft, standing: Now) -> Grade:
    """Return both severities.

    The confirmed one from trusted figures, the precautionary one from all credible ones.
    """
    grade, kind = draft.circumstances.grade, draft.incident.event_type
    confirmed, wary = grade(standing.confirmed, kind), grade(standing.precautionary, kind)
    return Grade(
        confirmed=confirmed.confirmed,
        standard=confirmed.standard,
        precautionary=wary.precautionary,
        precautionary_standard=wary.precautionary_standard,
    )


def is_more_severe(one: Severity | None, other: Severity | None) -> bool:
    """Return whether `one` is more severe than `other`; an unknown severity is the least severe."""
    return one is not None and (other is None or (one != other and one.at_least(other)))


def note_severity(draft: Draft, before: Severity | None, reason: str, by: str | None = None) -> None:
    """Record a changed severity; `reason` is a code, or a person's own words."""
    after = draft.incident.severity
    facts: dict[str, Any] = {"from": before and int(before), "to": after and int(after), "by": by}
    if by is None:
        draft.note(
            "severity_changed", reason=reason, standard=draft.incident.grade.precautionary_standard, **facts
        )
    else:
        draft.note("severity_changed", words=reason, **facts)


def tell_severity(draft: Draft, before: Severity | None) -> None:
    """Start a round where the severity rose; from unknown to 3 or 4 is a version without an alert (C14)."""
    after = draft.incident.severity
    if is_more_severe(after, before) and (before is not None or draft.incident.is_serious):
        start_round(draft, News(reason="severity_raised"))


def tell_conflicts(draft: Draft) -> None:
    """Tell level 1 once for each official figure that a higher social claim contradicts (C12, C27)."""
    for conflict in figures_now(draft.incident.holding).conflicts:
        key = f"{conflict.metric}@{conflict.official_item_id}"
        if key in draft.incident.conflicts_told:
            continue
        draft.update(conflicts_told=draft.incident.conflicts_told | {key})
        draft.note(
            "figures_conflict", metric=conflict.metric, official=conflict.official, claimed=conflict.claimed
        )
        facts = {"metric": conflict.metric, "claimed": conflict.claimed}
        tell_level_one(draft, News(reason="figures_conflict", key=key, facts=facts))
