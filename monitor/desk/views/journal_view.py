"""The journal of an incident as sentences; what the machine does all night is told apart from the rest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.message.words import METRICS
from monitor.deadlines.model import REPORT_KIND
from monitor.desk import words
from monitor.desk.views.board_view import name_of
from monitor.dossier.model import Change, Dossier
from monitor.drafting.model import DraftKind, Opinion, Step
from monitor.office.model import Office
from monitor.orders.model import OrderKind, say_slip
from monitor.ports import JournalAnchor, JournalEntry, SelfWatch, Transaction

ROUTINE = frozenset({
    "item", "item_joined", "alert_queued", "alert_sent", "alert_failed", "alert_held", "alert_cancelled",
    "alert_dead", "escalated", "round_ended", "reminder_skipped",
})  # fmt: skip
"""What the machine does by itself all night; it is shown with the rest of the log only."""

NOBODY = {"engine": "系统", "policy": "系统按本单位规定"}
"""What stands for a person where the machine acted."""

_REASONS = {"round_ended": "round_end", "item_joined": "grouping", "refused": "refusal"}
"""In which book the `reason` of an event stands, where not among the causes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry: what happened, who did it, its facts in words, and a person's own words."""

    entry: JournalEntry
    actor: str
    facts: str
    is_routine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """What a fact is told with; `duties` are the names of the incident's obligations by kind."""

    change: Change
    office: Office
    now: datetime
    duties: Mapping[str, str]

    def time(self, text: str) -> str:
        """Return an instant of the journal as people say it."""
        return words.when(datetime.fromisoformat(text), self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """How the journal's chain stands: what the auditor found, and what the last digest printed (A11)."""

    entries: int
    watch: SelfWatch
    anchors: int
    last: JournalAnchor | None


def chain_state(transaction: Transaction) -> ChainState:
    """Return how the journal's chain stands; nothing is recomputed, that is the auditor's work."""
    anchors = transaction.journal_anchors()
    return ChainState(
        entries=transaction.journal_head()[0],
        watch=transaction.self_watch(),
        anchors=len(anchors),
        last=anchors[-1] if anchors else None,
    )


def journal_lines(
    entries: Iterable[JournalEntry], dossier: Dossier, office: Office, now: datetime
) -> tuple[Line, ...]:
    """Return the journal of an incident, newest first."""
    duties = {o.kind: o.name for o in dossier.obligations}
    lines = [
        Line(
            entry=e,
            actor=_actor(e.change, office),
            facts=say_facts(e.change, office, now, duties),
            is_routine=e.change.event in ROUTINE,
        )
        for e in entries
    ]
    return tuple(reversed(lines))


def _actor(change: Change, office: Office) -> str:
    return NOBODY.get(change.actor) or name_of(office, change.actor)


def say_facts(change: Change, office: Office, now: datetime, duties: Mapping[str, str]) -> str:
    """Return the facts of a change in words; `duties` are the names of obligations by kind."""
    return _facts(_Telling(change=change, office=office, now=now, duties=duties))


def _facts(telling: _Telling) -> str:
    """Return the facts of an entry that say something to a reader, every code as words."""
    facts = telling.change.facts
    told = [say(telling, facts[name]) for name, say in _SAYINGS.items() if facts.get(name) not in (None, "")]
    if telling.change.event == "severity_changed":
        before, after = (words.severity_word(facts.get(name)) for name in ("from", "to"))
        told.insert(0, f"由{before}改为{after}")
    return "，".join(part for part in told if part)


def _reason(telling: _Telling, code: Any) -> str:
    change = telling.change
    if code == change.facts.get("alert_reason"):
        return ""
    return words.word(_REASONS.get(change.event, "cause"), code)


def _to(telling: _Telling, value: Any) -> str:
    match telling.change.event:
        case "severity_changed":
            return ""
        case "incident_split":
            return f"拆出 {value} 号事件"
    return name_of(telling.office, str(value))


def _by(telling: _Telling, value: Any) -> str:
    return "" if value == telling.change.actor else name_of(telling.office, str(value))


def _deed(telling: _Telling) -> str:
    """Return what was done: a report to a superior is no publication."""
    return "报送" if str(telling.change.facts.get("obligation", "")).startswith(REPORT_KIND) else "发布"


def _due(telling: _Telling, value: Any) -> str:
    moved = "改为 " if telling.change.event == "obligation_moved" else ""
    return f"{moved}{telling.time(value)} 前"


def _metric(telling: _Telling, value: Any) -> str:
    facts = telling.change.facts
    name, unit = METRICS.get(str(value), (str(value), ""))
    return f"{name}：通报 {facts.get('official', 0):g}{unit}，网传 {facts.get('claimed', 0):g}{unit}"


def _rise(telling: _Telling, value: Any) -> str:
    facts = telling.change.facts
    return f"{telling.time(facts['since'])} 以来新增 {facts['recent']} 条，此前平均每小时 {value:g} 条"


def _basis(telling: _Telling, value: Any) -> str:
    return words.word("correctable", value) if telling.change.event == "start_corrected" else ""


def _slip(telling: _Telling, _: Any) -> str:
    facts = telling.change.facts
    return say_slip(OrderKind(facts["slip"]), facts["year"], facts["number"])


def _if(holds: bool, said: str) -> Callable[[_Telling, Any], str]:
    """Return a saying that speaks only where the fact has this value."""
    return lambda _, value: said if value is holds else ""


_SAYINGS: Mapping[str, Callable[[_Telling, Any], str]] = {
    "to": _to,
    "severity": lambda _, value: words.severity_word(value),
    "local": lambda _, value: "属于本县" if value else "不属于本县",
    "from_level": lambda _, value: f"由第{value}层级",
    "to_level": lambda _, value: f"到第{value}层级",
    "level": lambda telling, value: f"第{value}层级" if telling.change.event == "nobody_on_duty" else "",
    "act": lambda _, value: words.word("act", value),
    "order": _slip,
    "department": lambda telling, value: name_of(telling.office, str(value)),
    "sign_means": lambda _, value: words.word("sign_means", value),
    "reply_due_at": lambda telling, value: f"回复时限 {telling.time(value)}",
    "after_deadline": _if(holds=True, said="晚于回复时限"),
    "granted": lambda _, value: "已批准" if value else "未批准",
    "kind": lambda _, value: words.word("publication_kind", value),
    "obligation": lambda telling, value: telling.duties.get(value) or words.word("publication_kind", value),
    "reminder": lambda _, value: words.reason_word(str(value)),
    "alert_reason": lambda _, value: words.reason_word(str(value)),
    "start_basis": _basis,
    "from_at": lambda telling, value: f"原 {telling.time(value)}",
    "to_at": lambda telling, value: f"改为 {telling.time(value)}",
    "precision": lambda _, value: "" if value == "minute" else words.word("precision", value),
    "from_due_at": lambda telling, value: f"原 {telling.time(value)} 前",
    "due_at": _due,
    "effective_at": lambda telling, value: f"{telling.time(value)} {_deed(telling)}",
    "at_effective": lambda telling, value: f"{telling.time(value)} {_deed(telling)}",
    "means": lambda _, value: words.word("report_means", value),
    "reason": _reason,
    "no_clock": lambda _, value: words.word("no_clock", value),
    "class": lambda _, value: words.word("outcome", value),
    "metric": _metric,
    "before_per_hour": _rise,
    "into": lambda _, value: f"并入 {value} 号事件",
    "from_incident": lambda _, value: f"来自 {value} 号事件",
    "by": _by,
    "accepted": _if(holds=True, said="按本单位规定自动采用"),
    "late": lambda telling, value: f"逾期后{_deed(telling)}" if value is True else "",
    "recorded_late": _if(holds=True, said="事后补登"),
    "overdue_at_birth": _if(holds=True, said="立案时已逾期"),
    "ends_round": _if(holds=False, said="仅停止催促本人"),
    "draft": lambda _, value: f"第{value}稿",
    "draft_version": lambda _, value: f"第{value}版",
    "draft_kind": lambda _, value: DraftKind(value).zh,
    "draft_step": lambda _, value: Step(value).zh,
    "draft_opinion": lambda _, value: Opinion(value).zh,
    "message_no": lambda _, value: f"编号 {value}",
}
"""How each fact is said, in the order of a sentence; facts not named here are for programs."""
