"""The timeline of a rehearsal as a duty officer would tell it, in Chinese."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from alerts.message.words import say_standard
from monitor.classifiers.explain import REASONS
from monitor.desk import words
from monitor.desk.rehearsing import PlayedStory, StoryLine, moments
from monitor.desk.views.board_view import name_of
from monitor.desk.views.journal_view import NOBODY, say_facts
from monitor.dossier.model import Change
from monitor.drill.scenario import Scenario
from monitor.drill.timeline import Event
from monitor.office.model import Office

A_WAIT = timedelta(minutes=1)
"""A message that left so long after it was due to somebody says so."""

PROMISE = "promise"
LAST = 9
"""Where departments stand among those told together: after every level."""

UNTOLD = frozenset({"alert_queued", "digest_queued", "digest_sent", "items_received", "reminder_skipped"})
"""Events that another one tells as well, or that are no news to a duty officer."""


@dataclass(slots=True)
class Teller:
    """What the telling of one rehearsal needs: who the people are, what the clocks are called.

    `duties` are the names of obligations by kind. It remembers which items were told and when each message
    was queued.
    """

    scenario: Scenario
    duties: Mapping[str, str]
    _unseen: list[Any] = field(init=False)
    _queued: dict[str, datetime] = field(init=False, default_factory=dict)
    _failed: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._unseen = [step.detail for step in self.scenario.steps if step.what == "item"]

    @property
    def office(self) -> Office:
        """Return whose rehearsal it is."""
        return self.scenario.office

    def tell(self, events: Sequence[Event]) -> tuple[StoryLine, ...]:
        """Return the story; alerts of one reason that left together are one line."""
        self._queued = {e["alert"]: instant(e) for e in events if e["event"] == "alert_queued"}
        several = len({e["incident"] for e in events if e["incident"] is not None}) > 1
        told = [e for e in events if not _is_noise(e) and not self._is_retry(e)]
        return tuple(self._line(alike, several=several) for alike in _together(told))

    def _line(self, alike: Sequence[Event], *, several: bool) -> StoryLine:
        first = alike[0]
        text = self._say_alerts(alike) if first["event"] in ALERTS else self.say(first)
        if several and first["incident"] is not None:
            text = f"〔事件{first['incident']}〕{text}"
        at = instant(first)
        return StoryLine(
            at=at, elapsed=at - self.scenario.starts_at, text=text, tone=TONES.get(first["event"], "")
        )

    def say(self, event: Event) -> str:
        """Return one event as a sentence."""
        saying = _SAYINGS.get(event["event"])
        return saying(self, event) if saying else self._say_plainly(event)

    def time(self, text: str, event: Event) -> str:
        """Return an instant that stands in an event as people said it then."""
        return words.when(datetime.fromisoformat(text), instant(event))

    def duty(self, kind: str) -> str:
        """Return the name of a clock."""
        return self.duties.get(kind) or words.word("publication_kind", kind)

    def level(self, number: int) -> str:
        """Return what a level is called."""
        return next((level.name for level in self.office.levels if level.number == number), f"第{number}层级")

    def item_of(self, event: Event) -> Any:
        """Return the step that showed this item, the first not yet told of its source."""
        found = next((shown for shown in self._unseen if shown.source == event["source"]), None)
        if found is not None:
            self._unseen.remove(found)
        return found

    def who(self, id_: str | None) -> str:
        """Return the name of a person or body; nobody is the system."""
        return NOBODY["engine"] if id_ is None else NOBODY.get(id_) or name_of(self.office, id_)

    def _say_plainly(self, event: Event) -> str:
        by = event.get("by")
        facts = {name: value for name, value in event.items() if name not in _STAMPS}
        change = Change(
            at=instant(event), event=event["event"], incident=event["incident"], actor=by or "", facts=facts
        )
        said = say_facts(change, self.office, instant(event), self.duties)
        subject = f"{self.who(by)} " if by else ""
        return f"{subject}{words.word('event', event['event'])}{f'：{said}' if said else ''}"

    def _say_alerts(self, alike: Sequence[Event]) -> str:
        """Return who was told what, through what and why; or why not."""
        first = alike[0]
        told = sorted(alike, key=lambda e: (e["level"] or LAST, e["to"]))
        people = "、".join(dict.fromkeys(f"{self.who(e['to'])}（{e['channel']}）" for e in told))
        reason = self._why(first)
        match first["event"]:
            case "alert_sent":
                return f"告知 {people}：{reason}{self._lateness(first)}"
            case "alert_failed":
                return f"没有发出 {people}：{reason}（{words.word('outcome', first['class'])}）"
            case "alert_dead":
                return f"未能送达 {people}：{reason}（{words.cause_word(first['reason'])}）"
            case "alert_held":
                return f"暂缓告知 {people}：{reason}（{words.cause_word(first['reason'])}）"
        return f"不再告知 {people}：{reason}（{words.cause_word(first['reason'])}）"

    def _is_retry(self, event: Event) -> bool:
        """Return whether this message was already told to have failed: only the first time is news."""
        if event["event"] != "alert_failed":
            return False
        is_known = event["alert"] in self._failed
        self._failed.add(event["alert"])
        return is_known

    def _why(self, event: Event) -> str:
        """Return why somebody is told: the reason, which clock, and until when it runs."""
        reason = words.reason_word(event["alert_reason"])
        if event["obligation"] is None:
            return reason
        runs = event["due_at"] is not None and event["alert_reason"] not in ("obligation_met", "corrected")
        until = f"，{self.time(event['due_at'], event)} 前" if runs else ""
        return f"{reason}（{self.duty(event['obligation'])}{until}）"

    def _lateness(self, event: Event) -> str:
        if event["late_by_s"] >= A_WAIT.total_seconds():
            return f"，迟到 {words.length(timedelta(seconds=event['late_by_s']))}"
        queued_at = self._queued.get(event["alert"], instant(event))
        waited = instant(event) - queued_at
        return f"，{words.when(queued_at, instant(event))} 起等候" if waited > A_WAIT else ""


def instant(event: Event) -> datetime:
    """Return the true time of an event."""
    return datetime.fromisoformat(event["at"])


def print_story(story: PlayedStory) -> Iterator[str]:
    """Yield the lines of a story for a terminal."""
    yield f"《{story.outline.title}》"
    if story.outline.about:
        yield story.outline.about
    yield f"{story.office}，{words.full(story.starts_at)[:-3]} 起，模拟时间，没有真的发出任何消息。"
    for moment in moments(story.lines):
        yield ""
        yield f"{moment.heading}{f'（{moment.elapsed}）' if moment.elapsed else ''}"
        yield from (f"  {line.text}" for line in moment.lines)
    if story.closing:
        yield ""
        yield "结束时："
        yield from story.closing


ALERTS = frozenset({
    "alert_sent", "alert_failed", "alert_dead", "alert_held", "alert_cancelled",
})  # fmt: skip

TONES = {
    "alert_sent": "told", "alert_failed": "late", "alert_dead": "late",
    "obligation_breached": "late", "nobody_on_duty": "late", "unreachable": "late", "service_down": "late",
    "channel_unhealthy": "late",
}  # fmt: skip

_STAMPS = frozenset({"at", "event", "incident", "machine_at", "id", "alert", "message_no"})


def _is_noise(event: Event) -> bool:
    """Return whether the story is clearer without this event."""
    reason, kind = str(event.get("reason")), str(event["event"])
    match kind:
        case "alert_cancelled":
            return reason in ("delivered", "acknowledged")
        case "round_ended":
            return reason != "unanswered"
        case "acknowledged":
            return str(event["act"]) != "acknowledge" and not event["ends_round"]
    return kind in UNTOLD


def _together(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Yield the events of each line: what became of alerts of one reason at one instant is one."""
    for at, group in groupby(events, key=lambda e: e["at"] if e["event"] in ALERTS else None):
        if at is None:
            yield from ([event] for event in group)
            continue
        alike: dict[tuple[Any, ...], list[Event]] = {}
        for event in group:
            names = ("event", "incident", "alert_reason", "obligation", "reason", "class")
            alike.setdefault(tuple(event.get(name) for name in names), []).append(event)
        yield from alike.values()


def _say_item(teller: Teller, event: Event) -> str:
    shown = teller.item_of(event)
    if shown is None:
        return f"收到 {event['source']} 的一条"
    judged = ""
    if event["reason"]:
        judged = f"。判为{REASONS.get(event['reason'], event['reason'])}，不立案"
    elif not event["matter"]:
        judged = "。没有突发事件或诉求，不立案"
    elif event["local"] is False:
        judged = "。不属本辖区"
    role = words.word("source_role", shown.role.value)
    return f"收到 {event['source']}（{role}）：{shown.title or shown.text[:40]}{judged}"


def _say_opened(_: Teller, event: Event) -> str:
    type_ = words.word("event_type", event["event_type"]) if event["event_type"] else ""
    standard = f"，依据 {say_standard(event['standard'])}" if event["standard"] else ""
    no_clock = f"。不计时：{words.word('no_clock', event['no_clock'])}" if event["no_clock"] else ""
    kind = "，".join(part for part in (type_, words.severity_word(event["severity"])) if part)
    return f"立案：事件{event['incident']}，{kind}{standard}{no_clock}"


def _say_clock(teller: Teller, event: Event) -> str:
    duty, due = teller.duty(event["obligation"]), teller.time(event["due_at"], event)
    basis = words.word("start_basis", event["start_basis"])
    if event["obligation"] == PROMISE:
        return f"承诺：{due} 前公开结果"
    if not event["statutory"]:
        return f"建议续报：{due} 前为宜"
    began = "恢复计时" if event.get("resumed") else "开始计时"
    late = "，立案时已逾期" if event["overdue_at_birth"] else ""
    return f"{began}：{duty}须在 {due} 前完成，{basis}{late}"


def _say_breach(teller: Teller, event: Event) -> str:
    duty, due = teller.duty(event["obligation"]), teller.time(event["due_at"], event)
    if event["obligation"] == PROMISE:
        return f"承诺公开结果的时间已到：{due}"
    if not event["statutory"]:
        return f"建议续报的时间已到：{due}"
    return f"逾期：{duty}应在 {due} 前完成，没有完成"


def _say_met(teller: Teller, event: Event) -> str:
    late = "，晚于时限" if event["late"] else ""
    recorded = "，事后补登" if event["recorded_late"] else ""
    published = teller.time(event["at_effective"], event)
    return f"完成：{teller.duty(event['obligation'])}（{published}）{late}{recorded}"


def _say_acknowledged(teller: Teller, event: Event) -> str:
    if event["act"] != "acknowledge":
        return f"{teller.who(event['by'])} 的办理视同确认收到，不再逐级上报"
    effect = "不再逐级上报" if event["ends_round"] else "上面的层级尚未确认，只停止催促本人"
    return f"{teller.who(event['by'])} 确认收到，{effect}"


def _say_escalated(teller: Teller, event: Event) -> str:
    return f"{words.cause_word(event['reason'])}，上报{teller.level(event['to_level'])}"


def _say_end(_: Teller, event: Event) -> str:
    journal = "留痕完整" if event["journal_ok"] else "留痕不完整"
    audit = "自查没有遗漏" if event["auditor_clean"] else "自查发现有到期事项没有告知任何人"
    unsent = f"还有 {event['unsent']} 条消息没有发出" if event["unsent"] else "没有积压的消息"
    return f"演练结束：{journal}，{audit}，{unsent}"


_SAYINGS: Mapping[str, Callable[[Teller, Event], str]] = {
    "item": _say_item,
    "incident_opened": _say_opened,
    "obligation_opened": _say_clock,
    "obligation_breached": _say_breach,
    "obligation_met": _say_met,
    "acknowledged": _say_acknowledged,
    "escalated": _say_escalated,
    "unreachable": lambda t, e: f"{t.who(e['to'])} 的通道均不通",
    "nobody_on_duty": lambda t, e: f"{t.level(e['level'])}这一层级此时无人值班",
    "channel_unhealthy": lambda _, e: f"通道“{e['channel']}”连续失败，改走其他通道",
    "service_up": lambda _, e: f"服务恢复，中断了 {words.length(timedelta(seconds=e['away_s']))}",
    "drill_ended": _say_end,
}
