"""What people do with slips of the paper flow: urge, sign for, answer, return, ask for more time, hand over.

No act here moves, meets or ends a statutory clock. A department acts on its own slips alone; what it says by
telephone or on paper an officer takes down.
"""

from dataclasses import replace
from datetime import datetime

from alerts.rota import level_of
from monitor.classifiers.model import Verdict
from monitor.dossier.acts import Act, require
from monitor.dossier.draft import Draft
from monitor.dossier.ordering import issue, note_order, order_news, reply_due_at, tell_level_two
from monitor.dossier.telling import tell_departments, tell_level_one
from monitor.errors import NotFoundError, RefusedActError
from monitor.items.model import Item
from monitor.orders.handover import fix_lead, handover_refusal, names_account, refutations
from monitor.orders.model import (
    OWED,
    Order,
    OrderKind,
    OrderState,
    Reply,
    Ruling,
    SignFor,
    SignMeans,
    answered,
)

HEAD = 2
"""The level that decides on more time and hands over."""


def urge(order_id: str, demands: str, due_at: datetime | None = None) -> Act:
    """Issue a 督办单 on a slip that waits: it takes over the clock, with a feedback deadline of its own."""

    def act(draft: Draft, by: str) -> None:
        require("urge", None if draft.incident.is_open else f"is_{draft.incident.state}")
        urged = _waiting(draft, order_id, by, "urge")
        due = reply_due_at(draft, due_at)
        require("urge", "in_the_past" if due is not None and due <= draft.now else None)
        _settle(draft, replace(urged, state=OrderState.URGED))
        order = issue(draft, OrderKind.URGING, urged.department, demands, by, about=urged.root, due_at=due)
        tell_departments(draft, (order.department,), order_news("order_urged", order))

    return act


def hand_over(claim: Item, verdict: Verdict | None, publication_id: str, department: str, note: str) -> Act:
    """Issue a 移交单 on a claim that an accepted official denial refuted; a named head alone may.

    The caller sees to it that the claim belongs to the incident.
    """

    def act(draft: Draft, by: str) -> None:
        require("hand_over", None if draft.incident.is_open else f"is_{draft.incident.state}")
        require("hand_over", None if _is_head(draft, by) else "needs_level_2")
        require("hand_over", "names_account" if names_account(note) else None)
        taking = draft.office.policy.handover_to
        is_known = draft.office.department(department) is not None and department in taking
        require("hand_over", None if is_known else "unknown_department")
        known = refutations(draft.publications.values())
        refutation = next((p for p in known if p.id == publication_id), None)
        require("hand_over", handover_refusal(draft.incident, claim, verdict, refutation))
        if refutation is None:
            raise RefusedActError("hand_over", "not_refuted")
        same = (claim.id, department)
        former = (o for o in draft.orders.values() if o.lead and (o.lead.item_id, o.department) == same)
        require("hand_over", "already_handed_over" if any(former) else None)
        lead = fix_lead(claim, refutation)
        order = issue(draft, OrderKind.HANDOVER, department, note, by, lead=lead)
        tell_departments(draft, (department,), order_news("order_handed_over", order))

    return act


def sign_order(order_id: str, signer: str, means: SignMeans) -> Act:
    """Sign for a slip (签收); done before, it changes nothing.

    `means` is how an officer heard of it; what the department does itself says it through its login or link.
    """

    def act(draft: Draft, by: str) -> None:
        order = _own(draft, order_id, by)
        require("sign_order", "not_to_sign" if order.kind is OrderKind.EXTENSION else None)
        if order.state is not OrderState.ISSUED:
            return
        signed = SignFor(by=by, signer=signer, at=draft.now, means=_means(draft, order, by, means))
        draft.orders[order.id] = replace(order, state=OrderState.SIGNED, signed=signed)
        note_order(draft, "order_signed", order, by=by, sign_means=str(signed.means))

    return act


def _means(draft: Draft, order: Order, by: str, means: SignMeans) -> SignMeans:
    if by == order.department:
        return SignMeans.LINK if draft.circumstances.via == "link" else SignMeans.LOGIN
    require("sign_order", None if means in (SignMeans.PHONE, SignMeans.PAPER) else "not_the_department")
    return means


def feed_back(order_id: str, text: str) -> Act:
    """Take down what the department did (办理反馈): its clock stops, and level 1 hears of it."""

    def act(draft: Draft, by: str) -> None:
        order = _waiting(draft, order_id, by, "feed_back")
        for one in answered(draft.orders.values(), order, Reply(by=by, at=draft.now, text=text)):
            _settle(draft, one)
        order = draft.orders[order.id]
        note_order(draft, "order_answered", order, words=text, by=by, after_deadline=order.is_answered_late)
        _tell_office(draft, order, by, "order_answered")

    return act


def give_back(order_id: str, reason: str) -> Act:
    """Return a slip with a reason (退回): the matter is not the department's; level 1 hears of it."""

    def act(draft: Draft, by: str) -> None:
        order = _waiting(draft, order_id, by, "return_order")
        returned = Reply(by=by, at=draft.now, text=reason)
        _settle(draft, replace(order, state=OrderState.RETURNED, returned=returned))
        note_order(draft, "order_returned", order, words=reason, by=by)
        _unassign(draft, order.department, by)
        _tell_office(draft, order, by, "order_returned")

    return act


def _unassign(draft: Draft, department: str, by: str) -> None:
    """Take the incident from a department that has no other slip of it, open or answered."""
    held = (OrderState.ISSUED, OrderState.SIGNED, OrderState.ANSWERED)
    others = (o for o in draft.orders.values() if o.department == department and o.kind in OWED)
    assigned = draft.incident.assigned_to
    if department in assigned and not any(o.state in held for o in others):
        draft.update(assigned_to=tuple(to for to in assigned if to != department))
        draft.note("unassigned", to=department, by=by)


def ask_extension(order_id: str, until: datetime, reason: str) -> Act:
    """Ask for a later feedback deadline (延期), with a reason; a head decides."""

    def act(draft: Draft, by: str) -> None:
        order = _waiting(draft, order_id, by, "ask_extension")
        require("ask_extension", _extension_refusal(draft, order, until))
        asked = issue(draft, OrderKind.EXTENSION, order.department, reason, by, about=order.id, due_at=until)
        tell_level_two(draft, order_news("extension_asked", asked))

    return act


def _extension_refusal(draft: Draft, order: Order, until: datetime) -> str | None:
    if order.due_at is None:
        return "no_deadline"
    if until <= max(order.due_at, draft.now):
        return "not_later"
    pending = (o for o in draft.orders.values() if o.about == order.id and o.state is OrderState.ASKED)
    return "already_asked" if any(pending) else None


def decide_extension(order_id: str, *, granted: bool, reason: str = "") -> Act:
    """Grant or refuse the time asked for by a 延期, as a named head; a refusal needs a reason.

    Granted, the feedback deadline moves, and no other clock.
    """
    name = "grant_extension" if granted else "refuse_extension"

    def act(draft: Draft, by: str) -> None:
        require(name, None if _is_head(draft, by) else "needs_level_2")
        require(name, None if granted or reason.strip() else "reason_missing")
        asked = _own(draft, order_id, by)
        require(name, None if asked.state is OrderState.ASKED else "already_decided")
        if granted:
            order = _waiting(draft, asked.about or "", by, name)
            draft.orders[order.id] = replace(order, due_at=asked.due_at, told=0)
        state = OrderState.GRANTED if granted else OrderState.REFUSED
        ruling = Ruling(by=by, at=draft.now, reason=reason)
        draft.orders[asked.id] = replace(asked, state=state, ruling=ruling)
        note_order(draft, "extension_decided", asked, words=reason or None, granted=granted, by=by)
        tell_departments(draft, (asked.department,), order_news("extension_decided", asked))

    return act


def _own(draft: Draft, order_id: str, by: str) -> Order:
    """Return a slip; raises NotFoundError, also where it is another department's than the one that asks."""
    order = draft.orders.get(order_id)
    is_department = draft.office.department(by) is not None
    if order is None or (is_department and by != order.department):
        raise NotFoundError("order", order_id)
    return order


def _waiting(draft: Draft, order_id: str, by: str, act: str) -> Order:
    """Return a slip of which an answer is still owed; raises NotFoundError and RefusedActError."""
    order = _own(draft, order_id, by)
    require(act, None if order.is_waiting else "not_waiting")
    return order


def _settle(draft: Draft, order: Order) -> None:
    """Keep a slip of which nothing is owed any more; more time that was asked for it is not needed."""
    draft.orders[order.id] = order
    for other in list(draft.orders.values()):
        if other.about == order.id and other.state is OrderState.ASKED:
            draft.orders[other.id] = replace(other, state=OrderState.LAPSED)


def _tell_office(draft: Draft, order: Order, by: str, reason: str) -> None:
    """Tell level 1 what a department did; what an officer took down, level 1 knows."""
    if by == order.department:
        tell_level_one(draft, order_news(reason, order))


def _is_head(draft: Draft, by: str) -> bool:
    level = level_of(draft.office, by, draft.now)
    return level is not None and level >= HEAD
