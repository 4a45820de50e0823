"""What must be heard: grave incidents whose newest round of messages nobody has acknowledged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.model import RoundState
from monitor.classifiers.model import Severity
from monitor.desk import words
from monitor.dossier.model import Dossier
from monitor.incidents.model import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """An incident to be heard, and which acts make it silent, in Chinese."""

    incident: Incident
    until: str


def unacknowledged(dossiers: Iterable[Dossier]) -> tuple[Unheard, ...]:
    """Return the open incidents of severity 1–2 that still wait for somebody's 收到, the gravest first.

    An acknowledgement of any level counts, and so do the acts that imply one (C17). 收到 changes nothing
    once a round has ended unanswered: such an incident is heard until a person confirms or assigns it.
    """
    grave = (d for d in dossiers if d.incident.is_open and d.incident.is_serious)
    waiting = [Unheard(incident=d.incident, until=until) for d in grave if (until := _until(d))]
    return tuple(sorted(waiting, key=lambda w: (int(w.incident.severity or 9), w.incident.id)))


def _until(dossier: Dossier) -> str:
    """Return what ends the wait of the newest round; nothing where nobody is waited for."""
    newest = max(dossier.rounds, key=lambda r: r.serial, default=None)
    if newest is None or newest.quieted or newest.acknowledged:
        return ""
    if any(a.round_id == newest.id for a in dossier.acknowledgements):
        return ""
    if newest.state is RoundState.OPEN:
        return "点“收到”后解除"
    is_taken_up = dossier.incident.confirmed_at or dossier.incident.assigned_to
    is_unanswered = newest.end_reason == "unanswered" and not is_taken_up
    return "已逐级通知，确认级别或交办后解除" if is_unanswered else ""


def alarm_words(waiting: Sequence[Unheard]) -> str:
    """Return 2 起重大未确认收到: what stands in the title of the page and is read out."""
    kinds = {w.incident.severity for w in waiting}
    grave = words.severity_word(*kinds) if len(kinds) == 1 else f"{words.severity_word(Severity.SERIOUS)}以上"
    return f"{len(waiting)} 起{grave}未确认收到"
