"""The incident page: evidence in the original text, and why every message was sent or was not (A9)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from alerts.message.words import METRICS
from alerts.model import Alert, AlertState, Delivery, OutcomeClass
from monitor.classifiers.model import DEGREE_TOLD, Evidence
from monitor.collectors.model import Role
from monitor.desk import words
from monitor.desk.views.board_view import name_of
from monitor.dossier.model import Dossier
from monitor.incidents.model import Holding, Incident, PublicationState, Report
from monitor.incidents.quality import Check, check_answers
from monitor.incidents.reconcile import figures_now
from monitor.office.model import Office
from monitor.ports import JoinedItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text; `why` names what its words were evidence of, or is empty."""

    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One item with its words marked; `why` it is here, `shared` what joined it, or empty."""

    joined: JoinedItem
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    link: str | None
    why: str
    shared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station of a message: what happened, when (None if not yet or without an instant of its own)."""

    name: str
    at: datetime | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One outbox row from decision to receipt."""

    alert: Alert
    to: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One metric as each trust states it, empty where it does not; `doubt` says what contradicts what."""

    name: str
    official: str
    media: str
    social: str
    doubt: str


def pieces(text: str, evidence: Iterable[Evidence], where: str) -> tuple[Piece, ...]:
    """Cut a text at the borders of its evidence.

    Evidence whose words do not stand at its offsets is left out: a wrong mark is worse than none.
    """
    spans = [e for e in evidence if e.where == where and e.text and text[e.start : e.end] == e.text]
    borders = sorted({0, len(text), *(e.start for e in spans), *(e.end for e in spans)})
    return tuple(Piece(text=text[start:end], why=_why(spans, start, end)) for start, end in pairwise(borders))


def _why(spans: Sequence[Evidence], start: int, end: int) -> str:
    """Return the fields that the words in `[start, end)` are evidence of."""
    fields = [words.word("evidence", e.field) for e in spans if e.start <= start and end <= e.end]
    return "、".join(dict.fromkeys(fields))


def safe_link(url: str | None) -> str | None:
    """Return an address that may stand in a link: http and https only, everything else stays text."""
    return url if url and url.lower().startswith(("http://", "https://")) else None


def item_views(joined: Iterable[JoinedItem], incident: Incident) -> tuple[ItemView, ...]:
    """Return the items of an incident with their evidence, the first published first."""
    names = {place.code: place.name for place in incident.places if place.code}
    in_time = sorted(joined, key=lambda j: (j.item.at, j.item.id))
    return tuple(_item_view(j, names, incident.first_item_id) for j in in_time)


def say_joining(joined: JoinedItem, first_item_id: int) -> str:
    """Return why an item is in its incident; what opened another one first came here by a person's merge."""
    if not joined.reason or joined.reason in _JOINED or joined.item.id == first_item_id:
        return words.word("grouping", joined.reason) if joined.reason else ""
    return words.word("grouping", "merged")


_JOINED = ("exact_duplicate", "near_duplicate", "similar", "split", "by_hand")


def say_terms(terms: Iterable[str], places: Mapping[str, str]) -> str:
    """Return the terms that joined an item as people know them: its words, kinds of event, known places."""
    said = [
        words.word("theme", term[1:])
        if term[0] == "@"
        else places.get(term[1:], "")
        if term[0] == "#"
        else term
        for term in terms
    ]
    return "、".join(dict.fromkeys(filter(None, said)))


def _item_view(joined: JoinedItem, places: Mapping[str, str], first_item_id: int) -> ItemView:
    """Return one item with its evidence."""
    evidence = joined.verdict.evidence if joined.verdict else ()
    return ItemView(
        joined=joined,
        title=pieces(joined.item.title, evidence, "title"),
        text=pieces(joined.item.text, evidence, "text"),
        link=safe_link(joined.item.url),
        why=say_joining(joined, first_item_id),
        shared=say_terms(joined.shared, places),
    )


def answer_checks(joined: Iterable[JoinedItem], dossier: Dossier) -> tuple[Check, ...]:
    """Return how far the accepted and offered answers go; empty while there is none.

    What a person recorded counts with its title and the text that was entered.
    """
    shown = [
        p for p in dossier.publications if p.state in (PublicationState.OFFERED, PublicationState.ACCEPTED)
    ]
    if not shown:
        return ()
    items = {j.item.id: j.item for j in joined}
    texts = [items[p.item_id].text if p.item_id in items else p.text for p in shown]
    answers = [(f"{p.title}。{text}", p.effective_at) for p, text in zip(shown, texts, strict=True)]
    public = [f"{i.title}。{i.text}" for i in items.values() if i.role in (Role.SOCIAL, Role.HOTLINE)]
    return check_answers([*public, *dossier.incident.demands], answers)


def figure_rows(holding: Holding) -> tuple[FigureRow, ...]:
    """Return every reported metric, official, media and social side by side (C12)."""
    metrics = dict.fromkeys([*holding.official, *holding.media, *holding.social])
    metrics.pop(DEGREE_TOLD, None)
    standing = figures_now(holding)
    contradicted = {conflict.metric for conflict in standing.conflicts}
    doubted = {conflict.metric for conflict in standing.doubts}
    return tuple(
        FigureRow(
            name="{}（{}）".format(*METRICS.get(metric, (metric, "数"))),
            official=_figure(holding.official.get(metric)),
            media=_figure(holding.media.get(metric)),
            social=_claim(holding, metric),
            doubt=_CONTRADICTED if metric in contradicted else _DOUBTED if metric in doubted else "",
        )
        for metric in metrics
    )


_CONTRADICTED = "网民说法与通报不一致，待核。官方数据是否已过时？"
_DOUBTED = "网民说法高于媒体报道，待核。"


def _figure(report: Report | None) -> str:
    """Return one figure as text, marked 待核 where it was only claimed."""
    if report is None:
        return ""
    return f"{report.count.value:g}" + ("（待核）" if report.count.claimed else "")


def _claim(holding: Holding, metric: str) -> str:
    """Return what social sources say, marked 待核 unless an official or media report says the same."""
    claim = holding.social.get(metric)
    if claim is None:
        return ""
    firm = [r.count.value for r in (holding.official.get(metric), holding.media.get(metric)) if r]
    return f"{claim.count.value:g}" + ("" if claim.count.value in firm else "（待核）")


def message_views(
    alerts: Iterable[Alert], deliveries: Iterable[Delivery], office: Office
) -> tuple[MessageView, ...]:
    """Return every message of an incident, newest first, with each station on its way."""
    attempts: defaultdict[int, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        attempts[delivery.message_no].append(delivery)
    views = [_message_view(a, attempts, office) for a in alerts]
    return tuple(sorted(views, key=lambda v: v.alert.created_at, reverse=True))


def _message_view(alert: Alert, attempts: Mapping[int, Sequence[Delivery]], office: Office) -> MessageView:
    """Return one message with its stations: decided, queued, held back, attempts, end."""
    level = f"第{alert.level}层级" if alert.level else "指定单位"
    steps = [
        Step(name="研判决定", at=alert.created_at, words=f"{words.reason_word(alert.reason)}，告知{level}"),
        Step(name="排定发送", at=alert.send_at, words=f"消息编号 {alert.message_no}，通道 {alert.channel}"),
    ]
    if alert.held_reason:
        steps.append(Step(name="暂缓", at=None, words=words.cause_word(alert.held_reason)))
    steps += [_attempt(d) for d in attempts.get(alert.message_no, ()) if d.channel == alert.channel]
    if alert.state is AlertState.SENT:
        said = _accepted(attempts.get(alert.message_no, ()))
        steps.append(Step(name="送出", at=alert.closed_at, words=said))
    elif alert.state in (AlertState.CANCELLED, AlertState.DEAD):
        name = words.word("alert_state", alert.state.value)
        steps.append(Step(name=name, at=alert.closed_at, words=words.cause_word(alert.cause)))
    return MessageView(alert=alert, to=name_of(office, alert.to), steps=tuple(steps))


def _accepted(deliveries: Iterable[Delivery]) -> str:
    """Return that the other side took it; a channel that cannot prove it says so itself."""
    taken = [d.outcome.detail for d in deliveries if d.outcome and d.outcome.kind is OutcomeClass.OK]
    return next((detail for detail in taken if detail), "对方已接收")


def _attempt(delivery: Delivery) -> Step:
    """Return one attempt with its outcome and receipt."""
    outcome = delivery.outcome
    if outcome is None:
        return Step(name=f"第{delivery.attempt}次发送", at=delivery.started_at, words="尚无结果")
    code = "" if outcome.kind is OutcomeClass.OK else outcome.code
    parts = [words.word("outcome", outcome.kind.value), code, outcome.detail]
    receipt = f"回执 {outcome.receipt}" if outcome.receipt else ""
    text = "，".join(p for p in (*parts, receipt) if p)
    return Step(name=f"第{delivery.attempt}次发送", at=delivery.started_at, words=text)
