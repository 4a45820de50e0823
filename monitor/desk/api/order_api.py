"""The JSON API of the paper flow (公文流转): the slips of one incident. Acts go through its `acts`."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from monitor.desk.api.conditions import ConditionalAnswer
from monitor.desk.api.description import PROBLEMS
from monitor.desk.context import Caller, IncidentId, TheDesk, require_scope
from monitor.desk.roles import may_see, may_see_order
from monitor.errors import NotFoundError
from monitor.orders.model import Order, OrderKind, OrderState, SignMeans, say_number

order_api = APIRouter(prefix="/api/v1", responses=PROBLEMS, default_response_class=ConditionalAnswer)


class SignOut(BaseModel):
    """Who signed for a slip, when, through which way."""

    by: str
    signer: str
    at: datetime
    means: SignMeans


class ReplyOut(BaseModel):
    """What the department wrote back."""

    by: str
    at: datetime
    text: str


class RulingOut(BaseModel):
    """What a head decided on an extension."""

    by: str
    at: datetime
    reason: str


class LeadOut(BaseModel):
    """A refuted claim as it was handed over: link, hash and time, never an account name."""

    item_id: int
    url: str
    digest: str
    published_at: datetime | None
    seen_at: datetime
    refuted_by: str
    refutation: str
    refutation_url: str
    refuted_at: datetime
    withdrawn_at: datetime | None


class OrderOut(BaseModel):
    """One slip; `due_at` is the feedback deadline, a house rule beside the statutory clocks."""

    id: str
    incident_id: int
    kind: OrderKind
    official_number: str
    state: OrderState
    department: str
    demands: str
    about: str | None
    issued_by: str
    issued_at: datetime
    due_at: datetime | None
    first_due_at: datetime | None
    is_overdue: bool
    signed: SignOut | None
    feedback: ReplyOut | None
    returned: ReplyOut | None
    ruling: RulingOut | None
    lead: LeadOut | None

    @classmethod
    def of(cls, order: Order, now: datetime) -> "OrderOut":
        """Return the body of a slip."""
        more: dict[str, Any] = {"official_number": say_number(order), "is_overdue": order.is_overdue(now)}
        names = cls.model_fields.keys() - more
        values = {name: getattr(order, name) for name in names}
        return cls.model_validate({**values, **more}, from_attributes=True)


@order_api.get("/incidents/{incident_id}/orders", summary="事件的公文")
def list_orders(desk: TheDesk, caller: Caller, incident_id: IncidentId) -> list[OrderOut]:
    """Return the slips of an incident, oldest first; a department gets its own, also without the incident."""
    require_scope(caller, "read")
    with desk.store.reading() as transaction:
        dossier = transaction.dossier(incident_id)
    seen = [order for order in dossier.orders if may_see_order(caller.account, order)]
    if not seen and not may_see(caller.account, dossier.incident):
        raise NotFoundError("incident", incident_id)
    return [OrderOut.of(order, desk.clock.now()) for order in seen]
