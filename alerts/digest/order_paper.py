"""交办单, 督办单, 移交单 and 延期 on paper: red head and number, for whom, what, who issued it and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts.digest.paper import Block, Paper, Sentence, Stored, StoredKind, points, stored, text
from alerts.digest.sentences import say_day, say_instant, say_name
from alerts.message.words import say_person
from monitor.incidents.model import Incident
from monitor.office.model import Office
from monitor.orders.model import Lead, Order, OrderKind, OrderState, say_number

NAMES: Mapping[OrderKind, str] = {
    OrderKind.ASSIGNMENT: "交办单",
    OrderKind.URGING: "督办单",
    OrderKind.HANDOVER: "移交单",
    OrderKind.EXTENSION: "延期审批单",
}
_HOUSE_RULE = "回复时限为本办内部约定，不改变法定回应时限。"


def order_paper(
    order: Order, orders: Sequence[Order], incident: Incident, office: Office, now: datetime
) -> Paper:
    """Return a slip as it is printed; `orders` are those of its incident. Extensions are for the head."""
    about = next((o for o in orders if o.id == order.about), None)
    said = _body(order, about, incident, office, now)
    rows = (*stored(incident), Stored(kind=StoredKind.ORDER, id=order.id))
    body, *asked = (Sentence(said=words, rows=rows) for words in said)
    is_extension = order.kind is OrderKind.EXTENSION
    sender = order.department if is_extension else None
    return Paper(
        title=f"关于{say_name(incident)}的{NAMES[order.kind]}",
        office_name=office.name,
        dateline=say_number(order),
        made_at=now,
        blocks=(text(body), *points(asked), *_came_of_it(order, office, now, rows)),
        letterhead=f"{office.name}{NAMES[order.kind]}",
        addressee=office.name if is_extension else say_person(order.department, office),
        signature=(say_person(sender, office) if sender else office.name, say_day(order.issued_at)),
    )


def _body(
    order: Order, about: Order | None, incident: Incident, office: Office, now: datetime
) -> tuple[str, ...]:
    """Return the opening sentence and what follows it, each a numbered paragraph."""
    issued = f"签发人：{say_person(order.issued_by, office)}，{say_instant(order.issued_at, now)}。"
    if order.lead is not None:
        return (_handed_over(incident), *_fixed(order.lead, now), *_asked(order), issued)
    if about is not None and order.kind is OrderKind.EXTENSION:
        return _extension(order, about, office, now)
    due = (f"回复时限：{say_instant(order.due_at, now)}。{_HOUSE_RULE}",) if order.due_at else ()
    if about is not None:
        return (f"{say_number(about)}（{_stands(about, now)}），现予督办。", *_asked(order), *due, issued)
    severity = f"（{incident.severity.zh}）" if incident.severity else ""
    return (f"现将{incident.id}号舆情事件{severity}交你单位办理，请签收。", *_asked(order), *due, issued)


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
    times = f"发布时间{published}，采集时间{say_instant(lead.seen_at, now)}"
    return (
        f"线索链接：{lead.url}",
        f"固定证据：采集内容的SHA-256为{lead.digest}；{times}。",
        f"辟谣依据：《{lead.refutation}》，{say_instant(lead.refuted_at, now)}{link}。",
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


def _came_of_it(order: Order, office: Office, now: datetime, rows: tuple[Stored, ...]) -> tuple[Block, ...]:
    """Return what is on record since: the signature, the answer or the ruling."""
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
    return tuple(text(Sentence(said=words, rows=rows)) for words in said)
