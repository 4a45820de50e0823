"""The board: which open incident needs a person next, and why it stands where it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.message.words import OPINIONS
from alerts.model import Acknowledgement, Alert, RoundState
from monitor.classifiers.model import Precision
from monitor.deadlines.derive import no_clock_reason
from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.desk import words
from monitor.dossier.model import Dossier
from monitor.incidents.model import Incident, PublicationState
from monitor.office.model import Office

SOON = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """One obligation as a person reads it; `share` of the window is used (0..1); `tone` is a style."""

    obligation: Obligation
    tone: str  # late | soon | fine | done | advice
    label: str
    share: float
    start_words: str
    starts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One line of the board."""

    incident: Incident
    kind: str
    place: str
    clock: ClockView | None
    other_clocks: int
    step: str
    rank: tuple[int, int, float]
    owners: str
    acknowledged: str
    message: str
    is_waiting: bool
    why: str = ""


def clock_view(obligation: Obligation, incident: Incident, now: datetime) -> ClockView:
    """Return one clock with its words."""
    used = (now - obligation.starts_at) / obligation.window if obligation.window else 1.0
    only_day = (
        obligation.start_basis is StartBasis.OCCURRED
        and incident.occurred is not None
        and incident.occurred.precision is Precision.DAY
    )
    starts = words.day(obligation.starts_at, now) if only_day else words.when(obligation.starts_at, now)
    return ClockView(
        obligation=obligation,
        tone=_tone(obligation, now),
        label=_label(obligation, now),
        share=min(1.0, max(0.0, used)),
        start_words=words.word("start_basis", obligation.start_basis.value),
        starts=starts,
    )


def _tone(obligation: Obligation, now: datetime) -> str:
    """Return the style of a clock; a follow-up is advice and never late (T8)."""
    if not obligation.is_running:
        return "done"
    if not obligation.statutory:
        return "advice"
    if now > obligation.due_at:
        return "late"
    return "soon" if obligation.due_at - now <= max(SOON, obligation.window / 10) else "fine"


def _label(obligation: Obligation, now: datetime) -> str:
    """Return the words that stand where the time runs."""
    if obligation.state is ObligationState.MET:
        return "已完成（逾期）" if obligation.met_late else "按时完成"
    if not obligation.is_running:
        return words.word("obligation_state", obligation.state.value)
    if obligation.statutory:
        return words.remaining(obligation.due_at, now)
    overdue = now > obligation.due_at
    return "建议尽快续报" if overdue else f"建议 {words.length(obligation.due_at - now)}内续报"


def most_pressing(obligations: Iterable[Obligation]) -> Obligation | None:
    """Return the running obligation to show first: the law before house rules, then the earliest due."""
    running = [o for o in obligations if o.is_running]
    return min(running, key=lambda o: (not o.statutory, o.due_at), default=None)


def card(dossier: Dossier, sent: Alert | None, office: Office, now: datetime) -> Card:
    """Return one incident as a line of the board."""
    incident, first = dossier.incident, most_pressing(dossier.obligations)
    running = sum(o.is_running for o in dossier.obligations)
    place, step = _step(dossier, first, now)
    return Card(
        incident=incident,
        kind=kind_of(incident),
        place="、".join(p.name for p in incident.places[:3]) or office.territory.name,
        clock=clock_view(first, incident, now) if first else None,
        other_clocks=max(0, running - 1),
        step=step,
        rank=(place, incident.severity or 9, first.due_at.timestamp() if first else float("inf")),
        owners="、".join(name_of(office, d) for d in incident.assigned_to),
        acknowledged=_acknowledged(dossier.acknowledgements, office, now),
        message=message_words(sent, office, now),
        is_waiting=_is_waiting(dossier),
        why=why_no_clock(incident),
    )


def _step(dossier: Dossier, first: Obligation | None, now: datetime) -> tuple[int, str]:
    """Return the place in the order of "what needs a person next", and what that is.

    A grave incident that nobody acknowledged stands beside what is late: severity decides between them.
    """
    incident, waits = dossier.incident, _is_waiting(dossier)
    name = first.name if first else ""
    is_late = first is not None and first.statutory and now > first.due_at
    answered = any(p.state is PublicationState.ACCEPTED for p in dossier.publications)
    steps = (
        (0, waits and incident.is_serious, "等待确认收到"),
        (0, is_late, f"已逾期：尽快{name}并登记"),
        (1, waits, "等待确认收到"),
        (2, any(p.state is PublicationState.OFFERED for p in dossier.publications), "有疑似官方回应，请认定"),
        (3, not incident.confirmed_at and incident.severity is not None, "请核实并确认级别"),
        (4, not incident.assigned_to and not answered, "请交办责任单位"),
        (5, first is not None and first.statutory, f"等待{name}"),
        (6, first is not None, "建议续报；办理完毕后可办结"),
        (7, answered, "时限义务已完成，可办结"),
    )
    return next(((place, text) for place, holds, text in steps if holds), (8, "请研判"))


def _is_waiting(dossier: Dossier) -> bool:
    """Return whether a round runs: somebody it told has yet to acknowledge (A5)."""
    return any(r.state is RoundState.OPEN for r in dossier.rounds)


def why_no_clock(incident: Incident) -> str:
    """Return why an open incident stands on the to-check list, or nothing if a clock runs (T12, T13)."""
    reason = no_clock_reason(incident) if incident.is_open else None
    return words.word("no_clock", reason) if reason else ""


def kind_of(incident: Incident) -> str:
    """Return what sort of incident it is, in the law's words."""
    if incident.event_type:
        return words.word("event_type", incident.event_type)
    if incident.opinion:
        return OPINIONS.get(incident.opinion, incident.opinion)
    return words.word("category", incident.category) if incident.category else "政务舆情"


def name_of(office: Office, id_: str) -> str:
    """Return the name of a person or department, else the id itself."""
    found = office.person(id_) or office.department(id_)
    return found.name if found else id_


def _acknowledged(acknowledgements: Sequence[Acknowledgement], office: Office, now: datetime) -> str:
    """Return who acknowledged last, and when."""
    if not acknowledgements:
        return ""
    last = max(acknowledgements, key=lambda a: a.at)
    expired = "（已过期）" if last.state == "expired" else ""
    return f"{name_of(office, last.by)} {words.when(last.at, now)}{expired}"


def message_words(sent: Alert | None, office: Office, now: datetime) -> str:
    """Return who was told, of what, and when, of the newest message that was received."""
    if sent is None:
        return ""
    at = words.when(sent.closed_at or sent.created_at, now)
    return f"{at} {name_of(office, sent.to)}：{words.reason_word(sent.reason)}"
