"""Slips (公文流转) as a page shows them: number, state, clock of their own, what may be done with each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.desk import words
from monitor.desk.reads import Folder
from monitor.desk.roles import acts_of
from monitor.dossier.model import Dossier
from monitor.incidents.model import Publication
from monitor.office.model import Department, Office
from monitor.orders.handover import handover_refusal, refutations
from monitor.orders.model import Order, OrderKind, OrderState, say_number
from monitor.ports import Account, JoinedItem

SOON = timedelta(hours=2)
"""A feedback deadline this near is shown as near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One slip: `clock` is the time left or over, `tone` how loud it is, `about` the number it refers to.

    `extensions` are the 延期 asked for it, `may` the acts that its state and the reader's role allow.
    """

    order: Order
    number: str
    about: str
    state: str
    clock: str
    tone: str
    extensions: tuple["OrderView", ...]
    may: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim that may be handed over, and the denial that refuted it."""

    joined: JoinedItem
    refutation: Publication


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverView:
    """What may be handed over to whom; without a claim `why` says why not."""

    claims: tuple[Claim, ...]
    departments: tuple[Department, ...]
    why: str


def order_views(
    orders: Iterable[Order], may: Collection[str], now: datetime, department: str | None = None
) -> tuple[OrderView, ...]:
    """Return slips with their extensions, newest first; with `department` only its own."""
    mine = [o for o in orders if department in (None, o.department)]
    mains = [o for o in mine if o.kind is not OrderKind.EXTENSION]
    return tuple(order_view(o, mine, may, now) for o in reversed(mains))


def order_view(order: Order, orders: Sequence[Order], may: Collection[str], now: datetime) -> OrderView:
    """Return one slip; `orders` are those of its incident."""
    numbers = {o.id: say_number(o) for o in orders}
    asked = [o for o in orders if o.about == order.id and o.kind is OrderKind.EXTENSION]
    clock, tone = _clock(order, now)
    return OrderView(
        order=order,
        number=say_number(order),
        about=numbers.get(order.about or "", ""),
        state=words.word("order_state", order.state),
        clock=clock,
        tone=tone,
        extensions=tuple(order_view(o, (order,), may, now) for o in asked),
        may=_allowed(order, asked) & frozenset(may),
    )


def _clock(order: Order, now: datetime) -> tuple[str, str]:
    """Return the words and the tone of the feedback deadline: a house rule, never a statutory 逾期."""
    if not order.is_waiting or order.due_at is None:
        late = "（晚于回复时限）" if order.is_answered_late else ""
        return words.word("order_state", order.state) + late, "done"
    if order.is_overdue(now):
        return f"已超回复时限 {words.length(now - order.due_at)}", "late"
    left = order.due_at - now
    return f"剩 {words.length(left)}", "soon" if left <= SOON else "calm"


def _allowed(order: Order, asked: Iterable[Order]) -> frozenset[str]:
    """Return the acts that the state of a slip allows."""
    if order.state is OrderState.ASKED:
        return frozenset({"grant_extension", "refuse_extension"})
    found = {"sign_order"} if order.is_unsigned else set()
    if order.is_waiting:
        found |= {"feed_back", "return_order", "urge"}
        is_pending = any(o.state is OrderState.ASKED for o in asked)
        found |= {"ask_extension"} if order.due_at and not is_pending else set()
    return frozenset(found)


def order_facts(folder: Folder, account: Account, office: Office, now: datetime) -> Mapping[str, Any]:
    """Return what the incident page shows of the paper flow; a department sees its own slips."""
    own = account.person_id or "" if account.role == "department" else None
    may = acts_of(account)
    handover = handover_view(folder.reports.items, folder.dossier, office) if "hand_over" in may else None
    return {"orders": order_views(folder.dossier.orders, may, now, own), "handover": handover}


def handover_view(items: Iterable[JoinedItem], dossier: Dossier, office: Office) -> HandoverView:
    """Return the claims of an incident that may be handed over, each with the first denial after it."""
    denials = refutations(dossier.publications)
    gone = {o.lead.item_id for o in dossier.orders if o.lead}
    claims, reasons = [], []
    for joined in items:
        after = next((p for p in denials if p.effective_at > joined.item.at), None)
        reason = handover_refusal(dossier.incident, joined.item, joined.verdict, after)
        if reason is None and after is not None and joined.item.id not in gone:
            claims.append(Claim(joined=joined, refutation=after))
        elif reason is not None and reason != "not_a_claim":
            reasons.append(reason)
    why = "" if claims else words.word("refusal", reasons[0] if reasons else "not_a_claim")
    taking = office.policy.handover_to
    return HandoverView(
        claims=tuple(claims),
        departments=tuple(d for d in office.departments if d.id in taking),
        why=why,
    )
