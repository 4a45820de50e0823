"""The board: which open incident needs a person next, and why it stands where it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from markupsafe import Markup, escape

from alerts.message.words import OPINIONS
from alerts.model import Alert, AlertState, Round, RoundState
from monitor.classifiers.model import Precision, Severity
from monitor.deadlines.derive import no_clock_reason
from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.desk import words
from monitor.desk.choice import codes_of
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
    due: Markup

    @property
    def start_words(self) -> str:
        """Return what the window is counted from."""
        return words.word("start_basis", self.obligation.start_basis.value)

    @property
    def starts(self) -> str | Markup:
        """Return when it started; where only the day is known, that and the instant that counts (C21)."""
        is_occurrence = self.obligation.start_basis is StartBasis.OCCURRED
        counted = words.time_tag(self.obligation.starts_at, self.now)
        moment = self.incident.occurred if is_occurrence else None
        if moment is None or moment.precision is not Precision.DAY:
            return counted
        return Markup("{}，按{} 计").format(words.day(moment.at, self.now), counted)


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


class Wait(StrEnum):
    """What of an incident waits for a person; an incident may wait for several things at once."""

    LATE = "late"
    SOON = "soon"
    UNACKNOWLEDGED = "unacknowledged"
    UNPLACED = "unplaced"
    UNCONFIRMED = "unconfirmed"
    OFFERED = "offered"
    UNASSIGNED = "unassigned"


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
    waits: tuple[Wait, ...] = field(compare=False)
    is_waiting: bool
    why: str = ""
    spark: Spark | None = None
    is_rising: bool = False

    @property
    def is_pressing(self) -> bool:
        """Return whether nobody may overlook it: late, or of severity 1–2."""
        return self.incident.is_serious or Wait.LATE in self.waits


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
        due=words.time_tag(obligation.due_at, now),
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
    waits = _waits(dossier, clock)
    need, step = _step(dossier, clock, waits)
    return Card(
        incident=incident,
        version=(incident.id, incident.version),
        kind=kind_of(incident),
        place="、".join(p.name for p in incident.places[:3]) or office.territory.name,
        clock=clock,
        others=tuple(_timed(o.name, o.due_at, now) for o in running[1:]),
        step=step,
        rank=board_rank(
            severity=incident.severity,
            tone=clock.tone if clock else "",
            need=need,
            due_at=running[0].due_at if running else None,
            number=incident.id,
        ),
        owners="、".join(name_of(office, d) for d in incident.assigned_to),
        acknowledged=acknowledged_words(dossier, office, now),
        message=message_words(sent, office, now),
        waits=waits,
        is_waiting=Wait.UNACKNOWLEDGED in waits,
        why=why_no_clock(incident),
        spark=spark([sighting.at for sighting in arrivals], now) if len(arrivals) > 1 else None,
        is_rising=is_rising(incident, now),
    )


def _waits(dossier: Dossier, clock: ClockView | None) -> tuple[Wait, ...]:
    """Return what waits for a person; an answered incident needs no department any more."""
    incident, tone = dossier.incident, clock.tone if clock else ""
    states = {p.state for p in dossier.publications}
    is_answered = PublicationState.ACCEPTED in states
    holding = {
        Wait.LATE: tone == "late",
        Wait.SOON: tone == "soon",
        Wait.UNACKNOWLEDGED: any(r.state is RoundState.OPEN for r in dossier.rounds),
        Wait.UNPLACED: incident.local is None,
        Wait.UNCONFIRMED: not incident.confirmed_at and incident.severity is not None,
        Wait.OFFERED: PublicationState.OFFERED in states,
        Wait.UNASSIGNED: not incident.assigned_to and not is_answered,
    }
    return tuple(wait for wait, holds in holding.items() if holds)


def _step(dossier: Dossier, clock: ClockView | None, waits: Sequence[Wait]) -> tuple[Need, str]:
    """Return what needs a person next, and the words for it."""
    first = clock.obligation if clock else None
    name = first.name if first else ""
    is_late, offered, unheard = Wait.LATE in waits, Wait.OFFERED in waits, Wait.UNACKNOWLEDGED in waits
    answered = any(p.state is PublicationState.ACCEPTED for p in dossier.publications)
    steps = (
        # Whoever publishes again what lies there to be accepted loses hours that were kept.
        (Need.NOW, is_late and offered, f"已逾期：{name}；有疑似官方回应，请先认定"),
        (Need.NOW, is_late, f"已逾期：{name}尚未登记，请尽快发布并登记"),
        (Need.NOW, unheard and dossier.incident.is_serious, _say_unheard(dossier)),
        (Need.SOON, Wait.SOON in waits and not offered, f"即将到期：{name}"),
        (Need.PLACE, Wait.UNPLACED in waits, "请认定是否属于本县"),
        (Need.ACKNOWLEDGE, unheard, _say_unheard(dossier)),
        (Need.JUDGE_OFFER, offered, "有疑似官方回应，请认定"),
        (Need.CONFIRM, Wait.UNCONFIRMED in waits, "请核实并确认级别"),
        (Need.ASSIGN, Wait.UNASSIGNED in waits, "请交办责任单位"),
        (Need.ANSWER, first is not None and first.statutory, f"等待{name}"),
        (Need.FOLLOW_UP, first is not None, "建议续报；办理完毕后可办结"),
        (Need.CLOSE, answered, "时限义务已完成，可办结"),
    )
    return next(((need, text) for need, holds, text in steps if holds), (Need.LOOK, "请研判"))


def _say_unheard(dossier: Dossier) -> str:
    """Return whose 收到 the open round waits for, where somebody below has given theirs (A5)."""
    quieted = [r for r in dossier.rounds if r.state is RoundState.OPEN and r.quieted]
    return f"等待第{quieted[0].told_level}层级确认收到" if quieted else "等待确认收到"


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
    codes = codes_of(incident)
    return kind_name(codes[0]) if codes else "政务舆情"


def kind_name(code: str) -> str:
    """Return the word of an event type, a kind of opinion or a category."""
    known = (words.book("event_type"), OPINIONS, words.book("category"))
    return next((book[code] for book in known if code in book), code)


def name_of(office: Office, id_: str) -> str:
    """Return the name of a person or department, else the id itself."""
    found = office.person(id_) or office.department(id_)
    return found.name if found else id_


def acknowledged_words(dossier: Dossier, office: Office, now: datetime) -> str:
    """Return who acknowledged the open round from below, else who acknowledged last, and when."""
    quieted = [by for r in dossier.rounds if r.state is RoundState.OPEN for by in r.quieted]
    if quieted:
        return f"{name_of(office, quieted[-1])}已收到（仍逐级上报）"
    if not dossier.acknowledgements:
        return ""
    last = max(dossier.acknowledgements, key=lambda a: a.at)
    expired = "（已过期）" if last.state == "expired" else ""
    return _timed(name_of(office, last.by), last.at, now) + expired


def _timed(name: str, at: datetime, now: datetime) -> Markup:
    """Return a name and its instant."""
    return escape(name) + " " + words.time_tag(at, now)


def newest_sent(alerts: Iterable[Alert]) -> Alert | None:
    """Return the newest alert that somebody received, or None."""
    sent = [a for a in alerts if a.state is AlertState.SENT]
    return max(sent, key=lambda a: (a.created_at, a.message_no, a.id), default=None)


def message_words(sent: Alert | None, office: Office, now: datetime) -> str:
    """Return who was told, of what, and when, of the newest message that was received."""
    if sent is None:
        return ""
    at = words.time_tag(sent.closed_at or sent.created_at, now)
    return at + f" {name_of(office, sent.to)}：{words.reason_word(sent.reason)}"
