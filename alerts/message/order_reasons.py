"""What is said of slips (公文流转): number, demands, deadline; a house rule is never 超时 of a statute."""

from collections.abc import Callable, Mapping
from datetime import datetime

from alerts.message.privacy import quote
from alerts.message.words import say_length, say_person, say_time
from monitor.office.model import Office
from monitor.orders.model import Order, OrderState, say_number

Say = Callable[[Order, Office, datetime], str]


def say_demands(order: Order, now: datetime) -> str:
    """Return number, demands and feedback deadline of a slip."""
    asked = f"，要求：{quote(order.demands, 100)}" if order.demands else ""
    due = f"，回复时限 {say_time(order.due_at, now)}" if order.due_at else ""
    return f"交办单 {say_number(order)}{asked}{due}，请签收。"


def _say_urged(order: Order, _: Office, now: datetime) -> str:
    due = f"，请于 {say_time(order.due_at, now)} 前反馈" if order.due_at else "，请尽快反馈"
    return f"督办：{say_number(order)}{due}。要求：{quote(order.demands, 100)}。"


def _say_handed_over(order: Order, office: Office, _: datetime) -> str:
    return (
        f"移交：{say_number(order)}，已由官方辟谣的线索移交{say_person(order.department, office)}，请签收。"
    )


def _say_unsigned(order: Order, office: Office, now: datetime) -> str:
    since = say_length(now - order.issued_at)
    return f"{say_number(order)} 发出 {since} 无人签收：请联系{say_person(order.department, office)}。"


def _say_overdue(order: Order, office: Office, now: datetime) -> str:
    if order.due_at is None:
        return f"{say_number(order)} 尚未反馈。"
    over = say_length(now - order.due_at)
    asked = "请反馈办理情况，或申请延期"
    return (
        f"{say_number(order)}（{say_person(order.department, office)}）已超回复时限 {over}："
        f"应于 {say_time(order.due_at, now)} 前反馈，{asked}。"
    )


def _say_answered(order: Order, office: Office, _: datetime) -> str:
    text = f"：{quote(order.feedback.text, 100)}" if order.feedback else ""
    return f"{say_person(order.department, office)}已反馈 {say_number(order)}{text}。"


def _say_returned(order: Order, office: Office, _: datetime) -> str:
    text = f"：{quote(order.returned.text, 100)}" if order.returned else ""
    return f"{say_person(order.department, office)}退回 {say_number(order)}{text}。请另行交办。"


def _say_asked(order: Order, office: Office, now: datetime) -> str:
    until = f"到 {say_time(order.due_at, now)}" if order.due_at else ""
    reason = quote(order.demands, 100)
    return f"{say_person(order.department, office)}申请延期{until}（{say_number(order)}）：{reason}。请批示。"


def _say_decided(order: Order, _: Office, now: datetime) -> str:
    if order.state is OrderState.GRANTED and order.due_at is not None:
        return f"延期已批准（{say_number(order)}）：回复时限改为 {say_time(order.due_at, now)}。"
    reason = f"：{quote(order.ruling.reason, 100)}" if order.ruling and order.ruling.reason else ""
    return f"延期未获批准（{say_number(order)}）{reason}。请按原时限反馈。"


def _say_unfounded(order: Order, _: Office, __: datetime) -> str:
    return f"{say_number(order)} 所依据的官方辟谣已撤回：请停止据此处理，并联系值班室。"


SENTENCES: Mapping[str, Say] = {
    "order_urged": _say_urged,
    "order_handed_over": _say_handed_over,
    "handover_unfounded": _say_unfounded,
    "order_unsigned": _say_unsigned,
    "feedback_overdue": _say_overdue,
    "order_answered": _say_answered,
    "order_returned": _say_returned,
    "extension_asked": _say_asked,
    "extension_decided": _say_decided,
}

TITLES: Mapping[str, str] = {
    "order_urged": "督办",
    "order_handed_over": "移交",
    "handover_unfounded": "移交依据已撤回",
    "order_unsigned": "无人签收",
    "feedback_overdue": "已超回复时限",
    "order_answered": "办理反馈",
    "order_returned": "退回",
    "extension_asked": "申请延期",
    "extension_decided": "延期结果",
}
