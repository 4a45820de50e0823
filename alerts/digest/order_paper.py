"""交办单, 督办单, 移交单 and 延期 on paper: red head and number, for whom, what, who issued it and when."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from alerts.digest.incident_papers import IncidentFile
from alerts.digest.paper import Block, Paper, Sentence, Stored, StoredKind, points, stored, text
from alerts.digest.sentences import accepted, say_day, say_instant, say_name
from alerts.message.privacy import quote
from alerts.message.words import say_person
from monitor.deadlines.model import Obligation
from monitor.dossier.model import Dossier
from monitor.incidents.model import Incident
from monitor.office.model import Office
from monitor.orders.model import OWED, Lead, Order, OrderKind, OrderState, say_number

NAMES: Mapping[OrderKind, str] = {
    OrderKind.ASSIGNMENT: "交办单",
    OrderKind.URGING: "督办单",
    OrderKind.HANDOVER: "移交单",
    OrderKind.EXTENSION: "延期审批单",
}
_HOUSE_RULE = "回复时限为本办内部约定，不改变法定回应时限。"
_SUMMARY_SIGNS = 120


def order_paper(order: Order, file: IncidentFile) -> Paper:
    """Return a slip as it is printed; `file` is its incident. Extensions are for the head."""
    incident, office, now = file.dossier.incident, file.office, file.now
    said = _body(order, file)
    rows = (*stored(incident), Stored(kind=StoredKind.ORDER, id=order.id))
    body, *asked = (Sentence(said=words, rows=rows) for words in said)
    is_extension = order.kind is OrderKind.EXTENSION
    sender = order.department if is_extension else None
    return Paper(
        title=f"关于{_name(order, incident)}的{NAMES[order.kind]}",
        office_name=office.name,
        dateline=say_number(order),
        made_at=now,
        blocks=(text(body), *points(asked), *_came_of_it(order, file, rows)),
        letterhead=f"{office.name}{NAMES[order.kind]}",
        addressee=office.name if is_extension else say_person(order.department, office),
        signature=(say_person(sender, office) if sender else office.name, say_day(order.issued_at)),
    )


def _name(order: Order, incident: Incident) -> str:
    """Return what the slip is about; one that hands a claim over does not repeat its words."""
    return say_name(incident) if order.lead is None else f"{incident.id}号舆情事件线索"


def _body(order: Order, file: IncidentFile) -> tuple[str, ...]:
    """Return the opening sentence and what follows it, each a numbered paragraph."""
    incident, office, now = file.dossier.incident, file.office, file.now
    about = next((o for o in file.dossier.orders if o.id == order.about), None)
    issued = f"签发人：{say_person(order.issued_by, office)}，{say_instant(order.issued_at, now)}。"
    if order.lead is not None:
        return (_handed_over(incident), *_fixed(order.lead, now), *_asked(order), issued)
    if about is not None and order.kind is OrderKind.EXTENSION:
        return _extension(order, about, office, now)
    rest = (*_asked(order), *_statutory(file), *_due(order, now), issued)
    if about is not None:
        return (f"{say_number(about)}（{_stands(about, now)}），现予督办。", *rest)
    severity = f"（{incident.severity.zh}）" if incident.severity else ""
    opening = f"现将{incident.id}号舆情事件{severity}交你单位办理，请签收。"
    return (opening, *_first_told(file), *_others(order, incident, office), *rest)


def _due(order: Order, now: datetime) -> tuple[str, ...]:
    if order.due_at is None:
        return ()
    was = f"（原{say_instant(order.first_due_at, now)}，经批准延期）" if order.first_due_at else ""
    return (f"回复时限：{say_instant(order.due_at, now)}{was if order.is_extended else ''}。{_HOUSE_RULE}",)


def _how_far(obligation: Obligation, now: datetime) -> str:
    if not obligation.is_running:
        return "（已完成）"
    return "（已超时限）" if now > obligation.due_at else ""


def _first_told(file: IncidentFile) -> tuple[str, ...]:
    """Return what the first report says and where it stands."""
    first = min(file.items, key=lambda item: (item.at, item.id), default=None)
    if first is None:
        return ()
    words = quote(first.text or first.title, _SUMMARY_SIGNS)
    told = f"内容摘要：{words}（{quote(first.source_name, 20)}，{say_instant(first.at, file.now)}）"
    return (told, f"原文链接：{first.url}") if first.url else (told,)


def _others(order: Order, incident: Incident, office: Office) -> tuple[str, ...]:
    others = "、".join(say_person(to, office) for to in incident.assigned_to if to != order.department)
    return (f"其他承办单位：{others}。",) if others else ()


def statutory_clocks(dossier: Dossier) -> tuple[Obligation, ...]:
    """Return by when the law wants or wanted the public answered, the first due first.

    No time on a slip changes it.
    """
    counted = (
        o for o in dossier.obligations if o.statutory and not o.is_report and (o.is_running or o.met_by)
    )
    return tuple(sorted(counted, key=lambda o: o.due_at))


def _statutory(file: IncidentFile) -> tuple[str, ...]:
    said = "；".join(
        f"{o.name}{say_instant(o.due_at, file.now)}前{_how_far(o, file.now)}"
        for o in statutory_clocks(file.dossier)
    )
    return (f"法定回应时限：{said}。",) if said else ()


def _asked(order: Order) -> tuple[str, ...]:
    return (f"办理要求：{order.demands}",) if order.demands else ()


def _stands(order: Order, now: datetime) -> str:
    if order.first_due_at is None:
        return f"{say_instant(order.issued_at, now)}发出"
    late = "，已超时限" if now > (order.due_at or now) else ""
    return f"回复时限{say_instant(order.due_at or order.first_due_at, now)}{late}"


def _handed_over(incident: Incident) -> str:
    return f"{incident.id}号舆情事件中，下列说法已由官方辟谣，现将线索移交你单位依法处理，请签收。"


def _fixed(lead: Lead, now: datetime) -> tuple[str, ...]:
    """Return the lead as fixed: link, hash, times, and what refuted it; no account name is on record here."""
    published = say_instant(lead.published_at, now) if lead.published_at else "不详"
    link = f"，{lead.refutation_url}" if lead.refutation_url else ""
    gone = f"；该辟谣已于{say_instant(lead.withdrawn_at, now)}撤回" if lead.withdrawn_at else ""
    times = f"发布时间{published}，采集时间{say_instant(lead.seen_at, now)}"
    return (
        f"线索链接：{lead.url}",
        f"固定证据：采集内容的SHA-256为{lead.digest}；{times}。",
        f"辟谣依据：《{lead.refutation}》，{say_instant(lead.refuted_at, now)}{link}{gone}。",
    )


def _extension(order: Order, about: Order, office: Office, now: datetime) -> tuple[str, ...]:
    before = about.first_due_at or about.issued_at
    wanted = say_instant(order.due_at, now) if order.due_at else "不详"
    return (
        f"{say_number(about)}的回复时限，申请延长。",
        f"原回复时限：{say_instant(before, now)}；申请延至{wanted}。{_HOUSE_RULE}",
        f"延期理由：{order.demands}",
        f"申请人：{say_person(order.issued_by, office)}，{say_instant(order.issued_at, now)}。",
    )


def _came_of_it(order: Order, file: IncidentFile, rows: tuple[Stored, ...]) -> tuple[Block, ...]:
    """Return what is on record since: the signature, the answer or the ruling, and what was published."""
    office, now = file.office, file.now
    said = []
    if order.signed:
        said.append(f"签收：{order.signed.signer}，{say_instant(order.signed.at, now)}。")
    if order.feedback:
        late = "，晚于回复时限" if order.is_answered_late else ""
        said.append(f"办理反馈（{say_instant(order.feedback.at, now)}{late}）：{order.feedback.text}")
    if order.returned:
        said.append(f"退回（{say_instant(order.returned.at, now)}）：{order.returned.text}")
    if order.ruling:
        decided = "同意延期" if order.state is OrderState.GRANTED else "不同意延期"
        why = f"：{order.ruling.reason}" if order.ruling.reason else ""
        by = say_person(order.ruling.by, office)
        said.append(f"批示：{decided}{why}。{by}，{say_instant(order.ruling.at, now)}。")
    if order.kind in OWED:
        said += _published(file)
    return tuple(text(Sentence(said=words, rows=rows)) for words in said)


def _published(file: IncidentFile) -> Iterator[str]:
    for publication in accepted(file.dossier):
        where = f"，{publication.url}" if publication.url else ""
        at = say_instant(publication.effective_at, file.now)
        yield f"回应链接：《{quote(publication.title, 60)}》，{at}{where}。"
