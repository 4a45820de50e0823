"""The board: which open incident needs a person next, and why it stands where it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from alerts.message.words import OPINIONS
from alerts.model import Acknowledgement, Alert, AlertState, Round, RoundState
from monitor.classifiers.model import Precision, Severity
from monitor.deadlines.derive import no_clock_reason
from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.desk import words
from monitor.desk.views.reach_view import Spark, is_rising, spark
from monitor.dossier.model import Dossier
from monitor.incidents.heat import Sighting
from monitor.incidents.model import Incident, PublicationState
from monitor.office.model import Office

SOON = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """One obligation as a person reads it at `now`: how much of the window is used (0 to 100), when it ends.

    `tone` is a style. Two are equal where they look the same.
    """

    obligation: Obligation = field(compare=False)
    incident: Incident = field(compare=False)
    now: datetime = field(compare=False)
    version: tuple[str, int]
    tone: str  # late | soon | fine | done | advice
    label: str
    percent: int
    due: str

    @property
    def start_words(self) -> str:
        """Return what the window is counted from."""
        return words.word("start_basis", self.obligation.start_basis.value)

    @property
    def starts(self) -> str:
        """Return when it started; where only the day is known, that and the instant that counts (C21)."""
        is_occurrence = self.obligation.start_basis is StartBasis.OCCURRED
        counted = words.when(self.obligation.starts_at, self.now)
        moment = self.incident.occurred if is_occurrence else None
        if moment is None or moment.precision is not Precision.DAY:
            return counted
        return f"{words.day(moment.at, self.now)}，按{counted} 计"


class Need(IntEnum):
    """What an incident needs from a person next, the most pressing first."""

    NOW = 0  # late, or grave and nobody has acknowledged it
    SOON = 1
    PLACE = 2
    ACKNOWLEDGE = 3
    JUDGE_OFFER = 4
    CONFIRM = 5
    ASSIGN = 6
    ANSWER = 7
    FOLLOW_UP = 8
    CLOSE = 9
    LOOK = 10


Rank = tuple[bool, Need, int, float, int]


def board_rank(
    *, severity: Severity | None, tone: str, need: Need, due_at: datetime | None, number: int
) -> Rank:
    """Return the place of an incident on the board, the smallest first.

    Severity 1–2 and whatever is late or nearly due stand above everything else; within that, what needs a
    person next, the more severe, the earlier due, the older.
    """
    is_grave = severity is not None and severity.at_least(Severity.SERIOUS)
    can_wait = not is_grave and tone not in {"late", "soon"}
    due = due_at.timestamp() if due_at else float("inf")
    return (can_wait, need, int(severity or 9), due, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One line of the board. Two are equal where they look the same: `version` is the incident's."""

    incident: Incident = field(compare=False)
    version: tuple[int, int]
    kind: str
    place: str
    clock: ClockView | None
    others: tuple[str, ...]
    step: str
    rank: Rank
    owners: str
    acknowledged: str
    message: str
    is_waiting: bool
    why: str = ""
    spark: Spark | None = None
    is_rising: bool = False


def clock_view(obligation: Obligation, incident: Incident, now: datetime) -> ClockView:
    """Return one clock with its words."""
    used = (now - obligation.starts_at) / obligation.window if obligation.window else 1.0
    return ClockView(
        obligation=obligation,
        incident=incident,
        now=now,
        version=(obligation.id, obligation.version),
        tone=_tone(obligation, now),
        label=_label(obligation, now),
        percent=int(min(1.0, max(0.0, used)) * 100),
        due=words.when(obligation.due_at, now),
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
    if obligation.is_promise:
        return "答应的时间已过" if overdue else f"{words.length(obligation.due_at - now)}内兑现"
    return "建议尽快续报" if overdue else f"建议 {words.length(obligation.due_at - now)}内续报"


def in_order(obligations: Iterable[Obligation]) -> list[Obligation]:
    """Return obligations as they are shown: running ones, the law before house rules, the earliest due."""
    return sorted(obligations, key=lambda o: (not o.is_running, not o.statutory, o.due_at))


def card(
    dossier: Dossier, sent: Alert | None, office: Office, now: datetime, arrivals: Sequence[Sighting] = ()
) -> Card:
    """Return one incident as a line of the board.

    `sent` is the newest message somebody received, `arrivals` are the items of the last 24 hours.
    """
    incident = dossier.incident
    running = in_order(o for o in dossier.obligations if o.is_running)
    clock = clock_view(running[0], incident, now) if running else None
    need, step = _step(dossier, clock)
    return Card(
        incident=incident,
        version=(incident.id, incident.version),
        kind=kind_of(incident),
        place="、".join(p.name for p in incident.places[:3]) or office.territory.name,
        clock=clock,
        others=tuple(f"{o.name} {words.when(o.due_at, now)}" for o in running[1:]),
        step=step,
        rank=board_rank(
            severity=incident.severity,
            tone=clock.tone if clock else "",
            need=need,
            due_at=running[0].due_at if running else None,
            number=incident.id,
        ),
        owners="、".join(name_of(office, d) for d in incident.assigned_to),
        acknowledged=acknowledged_words(dossier.acknowledgements, office, now),
        message=message_words(sent, office, now),
        is_waiting=_is_waiting(dossier),
        why=why_no_clock(incident),
        spark=spark([sighting.at for sighting in arrivals], now) if len(arrivals) > 1 else None,
        is_rising=is_rising(incident, now),
    )


def _step(dossier: Dossier, clock: ClockView | None) -> tuple[Need, str]:
    """Return what needs a person next, and the words for it."""
    incident, waits = dossier.incident, _is_waiting(dossier)
    first = clock.obligation if clock else None
    name, tone = (clock.obligation.name, clock.tone) if clock else ("", "")
    answered = any(p.state is PublicationState.ACCEPTED for p in dossier.publications)
    offered = any(p.state is PublicationState.OFFERED for p in dossier.publications)
    steps = (
        (Need.NOW, tone == "late", f"已逾期：{name}尚未登记，请尽快发布并登记"),
        (Need.NOW, waits and incident.is_serious, "等待确认收到"),
        (Need.SOON, tone == "soon" and not offered, f"即将到期：{name}"),
        (Need.PLACE, incident.local is None, "请认定是否属于本县"),
        (Need.ACKNOWLEDGE, waits, "等待确认收到"),
        (Need.JUDGE_OFFER, offered, "有疑似官方回应，请认定"),
        (Need.CONFIRM, not incident.confirmed_at and incident.severity is not None, "请核实并确认级别"),
        (Need.ASSIGN, not incident.assigned_to and not answered, "请交办责任单位"),
        (Need.ANSWER, first is not None and first.statutory, f"等待{name}"),
        (Need.FOLLOW_UP, first is not None, "建议续报；办理完毕后可办结"),
        (Need.CLOSE, answered, "时限义务已完成，可办结"),
    )
    return next(((need, text) for need, holds, text in steps if holds), (Need.LOOK, "请研判"))


def _is_waiting(dossier: Dossier) -> bool:
    """Return whether a round runs: somebody it told has yet to acknowledge (A5)."""
    return any(r.state is RoundState.OPEN for r in dossier.rounds)


def may_end_round(rounds: Iterable[Round], level: int | None) -> bool:
    """Return whether 收到 from this level ends the open round; from below it only quiets that person (A5)."""
    told = [r.told_level for r in rounds if r.state is RoundState.OPEN]
    return level is not None and all(level >= t for t in told)


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


def acknowledged_words(acknowledgements: Sequence[Acknowledgement], office: Office, now: datetime) -> str:
    """Return who acknowledged last, and when."""
    if not acknowledgements:
        return ""
    last = max(acknowledgements, key=lambda a: a.at)
    expired = "（已过期）" if last.state == "expired" else ""
    return f"{name_of(office, last.by)} {words.when(last.at, now)}{expired}"


def newest_sent(alerts: Iterable[Alert]) -> Alert | None:
    """Return the newest alert that somebody received, or None."""
    sent = [a for a in alerts if a.state is AlertState.SENT]
    return max(sent, key=lambda a: (a.created_at, a.message_no, a.id), default=None)


def message_words(sent: Alert | None, office: Office, now: datetime) -> str:
    """Return who was told, of what, and when, of the newest message that was received."""
    if sent is None:
        return ""
    at = words.when(sent.closed_at or sent.created_at, now)
    return f"{at} {name_of(office, sent.to)}：{words.reason_word(sent.reason)}"
