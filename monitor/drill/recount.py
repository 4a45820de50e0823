"""Tell what a replay left in the store, incident by incident, in Chinese: the story behind the summary."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.message.words import METRICS, say_person, say_standard
from alerts.model import Alert, AlertState
from monitor.clock import as_local
from monitor.deadlines.model import Obligation
from monitor.desk import words
from monitor.desk.views.board_view import kind_of, why_no_clock
from monitor.desk.views.figures_view import figure_timeline
from monitor.dossier.model import Change, Dossier
from monitor.office.model import Office
from monitor.ports import JoinedItem, Store

MOST = 100_000
_OURS = {True: "属于本辖区", False: "不属本辖区", None: "地点未定"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One incident as the store holds it at the end, with its items, its alerts and its journal."""

    dossier: Dossier
    items: tuple[JoinedItem, ...]
    alerts: tuple[Alert, ...]
    changes: tuple[Change, ...]


def load_stories(store: Store) -> Iterator[Story]:
    """Yield every incident, in order of opening."""
    with store.reading() as transaction:
        incidents = sorted(transaction.incidents(limit=MOST), key=lambda incident: incident.id)
        for dossier in transaction.dossiers_of(incidents):
            number = dossier.incident.id
            journal = transaction.journal(incident_id=number, limit=MOST)
            yield Story(
                dossier=dossier,
                items=transaction.joined_items(number, limit=MOST),
                alerts=transaction.alerts_of(number),
                changes=tuple(entry.change for entry in journal),
            )


def repeats_in(store: Store) -> int:
    """Return how many sent alerts of all incidents said the same again."""
    with store.reading() as transaction:
        incidents = transaction.incidents(limit=MOST)
        return sum(count_repeats(transaction.alerts_of(incident.id)) for incident in incidents)


def tell_story(story: Story, office: Office) -> str:
    """Return what happened, a line for each question a reader asks."""
    incident = story.dossier.incident
    severity, why = words.severity_word(incident.severity), why_no_clock(incident)
    lines = [
        f"事件 {incident.id}：{incident.title}",
        f"  {kind_of(incident)}，{_OURS[incident.local]}，现行级别：{severity}{f'（{why}）' if why else ''}",
        f"  条目：{_reach(story.items)}",
        *(f"  级别：{line}" for line in _severities(story.changes)),
        *(f"  数据：{line}" for line in _figures(story)),
        *(f"  时限：{_clock(obligation)}" for obligation in story.dossier.obligations),
        *(f"  消息：{line}" for line in _told(story.alerts, office)),
        f"  重复的消息：{count_repeats(story.alerts)}",
    ]
    return "\n".join(lines)


def count_repeats(alerts: Iterable[Alert]) -> int:
    """Return how many sent alerts said the same again.

    The same is the same incident, obligation, slip, reason and round, to the same person at the same address.
    """
    sent = Counter(
        (a.incident_id, a.obligation_id, a.order_id, a.reason, a.alert_round, a.to, a.channel)
        for a in alerts
        if a.state is AlertState.SENT
    )
    return sum(count - 1 for count in sent.values())


def _at(at: datetime) -> str:
    return f"{as_local(at):%m-%d %H:%M}"


def _reach(items: Sequence[JoinedItem]) -> str:
    """Return how many items there are, who carried them, and from when to when; a merged one has none."""
    if not items:
        return "0 条"
    reposts = sum(joined.reach_only for joined in items)
    carried = Counter(joined.item.platform or joined.item.source_id for joined in items)
    who = "、".join(f"{name} {count}" for name, count in carried.most_common())
    times = [joined.item.at for joined in items]
    return f"{len(items)} 条（其中转载 {reposts} 条；{who}），{_at(min(times))} 至 {_at(max(times))}"


def _severities(changes: Iterable[Change]) -> Iterator[str]:
    """Yield every version of the severity, with the row of the standard that decided."""
    names = {"incident_opened": "severity", "severity_changed": "to"}
    for change in changes:
        if change.event in names:
            standard = change.facts.get("standard")
            because = f"（{say_standard(standard)}）" if standard else ""
            yield f"{_at(change.at)} {words.severity_word(change.facts[names[change.event]])}{because}"


def _figures(story: Story) -> Iterator[str]:
    """Yield, for each metric, the values that were reported one after the other, with who said each first."""
    said = figure_timeline(story.items, story.dossier.incident.holding)
    for metric in METRICS:
        steps: list[str] = []
        last = ""
        for one in sorted((s for s in said if s.metric == metric), key=lambda s: s.at):
            if one.value != last:
                steps.append(f"{_at(one.at)} {one.value}（{one.source}）")
                last = one.value
        if steps:
            holds = next((s.value for s in said if s.metric == metric and s.holds), "无")
            yield f"{' → '.join(steps)}；现行 {holds}"


def _clock(obligation: Obligation) -> str:
    """Return one clock: from when to when, counted from what, and how it stands at the end."""
    basis = words.word("start_basis", obligation.start_basis)
    state = words.word("obligation_state", obligation.state)
    return f"{obligation.name}，{_at(obligation.starts_at)} {basis}，{_at(obligation.due_at)} 到期，{state}"


def _told(alerts: Iterable[Alert], office: Office) -> Iterator[str]:
    """Yield, for each person, the reasons of what was sent, with how often."""
    sent = [alert for alert in alerts if alert.state is AlertState.SENT]
    for person in sorted({alert.to for alert in sent}):
        mine = sorted((a for a in sent if a.to == person), key=lambda a: a.created_at)
        counted = Counter(_kind_of_reason(alert.reason) for alert in mine)
        reasons = "、".join(f"{reason} {count}" for reason, count in counted.items())
        yield f"{say_person(person, office)} {len(mine)} 条：{reasons}"


def _kind_of_reason(reason: str) -> str:
    """Return the words of a reason; the numbered overdue notices are one."""
    return words.word("reason", "overdue" if reason.startswith("overdue_") else reason)
