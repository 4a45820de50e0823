"""收到: who may end a round, what an acknowledgement from below does, and who could not be reached."""

from dataclasses import replace

from alerts.model import Acknowledgement, Alert, Round
from alerts.rota import level_of, on_duty
from monitor.dossier.draft import Draft
from monitor.dossier.model import Changes, Circumstances, Dossier
from monitor.dossier.telling import News, end_round, pass_on
from monitor.errors import RefusedActError


def acknowledge(draft: Draft, by: str, act: str = "acknowledge") -> None:
    """Acknowledge the open round; repeated, or with nothing open, it changes nothing (A5, C17).

    Somebody of the highest level told, or above, ends the round; somebody from below only stops further
    messages of this round to that person. Raises RefusedActError for somebody who belongs to no level.
    """
    standing = draft.open_round
    level = level_of(draft.office, by, draft.now)
    if level is None and act == "acknowledge":
        raise RefusedActError(act, "not_on_a_level")
    if standing is None or level is None or by in (*standing.acknowledged, *standing.quieted):
        return
    if level < standing.told_level:
        draft.rounds[standing.id] = replace(standing, quieted=(*standing.quieted, by))
        draft.note("acknowledged", by=by, level=level, ends_round=False, act=act)
        return
    standing = replace(standing, acknowledged=(*standing.acknowledged, by))
    draft.rounds[standing.id] = standing
    ends = level > standing.told_level or _nobody_missing(draft, standing)
    draft.note("acknowledged", by=by, level=level, ends_round=ends, act=act)
    if ends:
        _stand(draft, standing, by, level)
        end_round(draft, "acknowledged")


def _nobody_missing(draft: Draft, standing: Round) -> bool:
    """Return whether everybody has acknowledged whose acknowledgement this level needs (A5)."""
    level = next((lv for lv in draft.office.levels if lv.number == standing.told_level), None)
    if level is None or not level.all_must_ack:
        return True
    return all(p.id in standing.acknowledged for p in on_duty(draft.office, level.number, draft.now))


def _stand(draft: Draft, standing: Round, by: str, level: int) -> None:
    ack = Acknowledgement(
        id=f"{standing.id}-{by}",
        incident_id=draft.incident.id,
        round_id=standing.id,
        by=by,
        level=level,
        at=draft.now,
        expires_at=draft.now + draft.office.policy.ack_lasts,
    )
    draft.acknowledgements[ack.id] = ack


def note_followed(draft: Draft) -> None:
    """Let no acknowledgement expire: what it promised was done, or the incident has ended (A5)."""
    for ack in list(draft.acknowledgements.values()):
        if ack.state == "standing":
            draft.acknowledgements[ack.id] = replace(ack, state="followed")


def note_unreachable(dossier: Dossier, alert: Alert, circumstances: Circumstances) -> Changes:
    """Record that no channel reached this person.

    If that was everybody of the level, the next is told now (A4, C25).
    """
    draft = Draft(dossier, circumstances)
    draft.note("unreachable", to=alert.to, level=alert.level, alert_reason=alert.reason)
    standing = draft.open_round
    if standing is None or standing.id != alert.alert_round or alert.level is None:
        return draft.finish()
    standing = replace(standing, unreachable=tuple(dict.fromkeys([*standing.unreachable, alert.to])))
    draft.rounds[standing.id] = standing
    # Those who were told: a shift that began meanwhile knows of nothing and could answer nothing.
    told_at = standing.started_at if alert.level in standing.first_levels else alert.created_at
    people = on_duty(draft.office, alert.level, told_at)
    if all(p.id in standing.unreachable for p in people):
        news = News(
            reason=standing.reason,
            obligation=draft.obligations.get(standing.obligation_id or ""),
            late_by=alert.late_by,
            away=alert.away,
        )
        pass_on(draft, standing.id, alert.level, "unreachable", news)
    return draft.finish()
