"""What time alone changes in one dossier.

Reminders, climbing rounds, expired acknowledgements, repeated pages, slips that nobody signed or answered.
"""

from dataclasses import replace

from monitor.dossier.clocks import fire_reminders
from monitor.dossier.draft import Draft
from monitor.dossier.model import Changes, Circumstances, Dossier
from monitor.dossier.ordering import watch_orders
from monitor.dossier.telling import News, climb, page_unplaced, start_round
from monitor.incidents.model import PublicationState


def advance(dossier: Dossier, circumstances: Circumstances) -> Changes:
    """Return everything that has become due in this dossier by `now`.

    The open round comes first: after an outage its climb, or its end, lies before the reminders that follow
    (C16, C22). Safe to run twice: what fired once is no longer waiting.
    """
    draft = Draft(dossier, circumstances)
    climb_round(draft)
    if dossier.incident.is_open:
        fire_reminders(draft)
        repeat_unplaced(draft)
        expire_acknowledgements(draft)
        watch_orders(draft)
    return draft.finish()


def climb_round(draft: Draft) -> None:
    """Tell the next level of a round that nobody of its highest level acknowledged in time.

    Or end it (A5, C16, C22).
    """
    standing = draft.open_round
    if standing is None or standing.next_at is None or standing.next_at > draft.now:
        return
    obligation = draft.obligations.get(standing.obligation_id or "")
    climb(draft, standing, "unacknowledged", News(reason="unacknowledged", obligation=obligation))


def expire_acknowledgements(draft: Draft) -> None:
    """Start a new round where an acknowledgement was followed by nothing for 60 minutes (A5, C18)."""
    for ack in list(draft.acknowledgements.values()):
        if ack.state != "standing" or ack.expires_at is None or ack.expires_at > draft.now:
            continue
        followed = is_followed(draft) or draft.incident.local is None
        draft.acknowledgements[ack.id] = replace(ack, state="followed" if followed else "expired")
        if not followed:
            draft.note("acknowledgement_expired", by=ack.by)
            start_round(draft, News(reason="ack_expired"))


def is_followed(draft: Draft) -> bool:
    """Return whether somebody confirmed, assigned or answered the incident."""
    answered = any(p.state is PublicationState.ACCEPTED for p in draft.publications.values())
    return bool(draft.incident.confirmed_at or draft.incident.assigned_to or answered)


def repeat_unplaced(draft: Draft) -> None:
    """Page level 1 again about an unplaced incident: after 1, 2 and 4 h, only the latest passed one (C19)."""
    incident = draft.incident
    if not incident.is_serious or incident.next_repeat_at is None or incident.next_repeat_at > draft.now:
        return
    repeats = draft.office.policy.unplaced_repeats
    first_page = incident.next_repeat_at - repeats[incident.repeats_told]
    passed = sum(first_page + length <= draft.now for length in repeats)
    following = first_page + repeats[passed] if passed < len(repeats) else None
    draft.update(next_repeat_at=following, repeats_told=passed)
    page_unplaced(draft, draft.now - (first_page + repeats[passed - 1]))
