"""公文流转: the list of slips, one slip to act on and to print, and the page behind a department's link."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from alerts.digest.order_paper import order_paper, statutory_clocks
from monitor.desk import words
from monitor.desk.access import AccessError
from monitor.desk.bodies import read_act
from monitor.desk.context import Desk, IncidentId, Signed, TheDesk, require_order
from monitor.desk.links import is_order_signed
from monitor.desk.pages.desk_pages import Form, said_before, shown_once
from monitor.desk.pages.handing_out import PaperForm, handed_out
from monitor.desk.roles import acts_of, may_see, may_see_order
from monitor.desk.views.order_view import order_view
from monitor.errors import NotFoundError, RefusedActError
from monitor.pipeline.papers import gather_file
from monitor.ports.orders import FiledOrder, OrderQuestion

orders = APIRouter(include_in_schema=False)

OrderId = Annotated[str, Path(pattern=r"^[1-9][0-9]{0,9}-o[1-9][0-9]{0,5}$")]
Show = Literal["open", "overdue", "all"]
_BY_LINK = frozenset({"sign_order", "feed_back", "ask_extension"})


@orders.get("/orders")
def orders_page(desk: TheDesk, visitor: Signed, show: Show = "open", department: str = "") -> HTMLResponse:
    """List slips, what is due first before the rest; a department's own only."""
    now, account = desk.clock.now(), visitor.account
    only = account.person_id or "" if account.role == "department" else department or None
    asked = OrderQuestion(
        department=only, waiting=show == "open", overdue_at=now if show == "overdue" else None
    )
    with desk.store.reading() as transaction:
        found = transaction.orders(asked)
    rows = [(order_view(f.order, (f.order,), (), now), f.incident) for f in found]
    return desk.page(
        "orders.html",
        visitor,
        rows=[(view, incident, may_see(account, incident)) for view, incident in rows],
        show=show,
        department=department,
        most=asked.limit,
    )


@orders.get("/incidents/{incident_id}/orders/{order_id}")
def order_page(
    request: Request, desk: TheDesk, visitor: Signed, incident_id: IncidentId, order_id: OrderId
) -> Response:
    """Show one slip with what can be done with it; one that a merge moved is found where it is now."""
    with desk.store.reading() as transaction:
        moved = transaction.order(order_id)
        if moved.order.incident_id != incident_id and may_see_order(visitor.account, moved.order):
            return RedirectResponse(
                f"/incidents/{moved.order.incident_id}/orders/{order_id}", status_code=307
            )
        filed = require_order(transaction, visitor, incident_id, order_id)
        dossier = transaction.dossier(incident_id)
    page = desk.page(
        "order.html",
        visitor,
        said=said_before(request),
        incident=filed.incident,
        view=order_view(filed.order, dossier.orders, acts_of(visitor.account), desk.clock.now()),
        clocks=statutory_clocks(dossier),
        sees_incident=may_see(visitor.account, filed.incident),
    )
    return shown_once(request, page)


@orders.get("/incidents/{incident_id}/orders/{order_id}/{form}")
def order_file(
    desk: TheDesk, visitor: Signed, incident_id: IncidentId, order_id: OrderId, form: PaperForm
) -> Response:
    """Hand out one slip in the official layout, to print, sign and file."""
    with desk.store.reading() as transaction:
        filed = require_order(transaction, visitor, incident_id, order_id)
        file = gather_file(transaction, desk.office(), incident_id, desk.clock.now())
    return handed_out(order_paper(filed.order, file), form, f"order-{order_id}")


@orders.get("/orders/{order_id}/{message_no}/{signature}")
def linked_order_page(desk: TheDesk, order_id: OrderId, message_no: int, signature: str) -> HTMLResponse:
    """Show a department its slip; fetching signs nothing (A12)."""
    return _linked_page(desk, _linked(desk, order_id, message_no, signature))


@orders.post("/orders/{order_id}/{message_no}/{signature}")
def act_by_link(
    desk: TheDesk, order_id: OrderId, message_no: int, signature: str, form: Form
) -> HTMLResponse:
    """Sign for a slip, answer it or ask for more time, as the department that the message told (A12)."""
    filed = _linked(desk, order_id, message_no, signature)
    if form.get("act") not in _BY_LINK:
        raise RefusedActError("orders", "forbidden")
    try:
        body = read_act({**form, "order_id": order_id})
        answer = body.perform(desk.acts, filed.order.incident_id, by=filed.order.department, via="link")
    except ValidationError:
        fault, status = "填写有误：请填写完整，内容不要过长", 422
    except RefusedActError as error:
        fault, status = words.word("refusal", error.reason), 403
    else:
        return _linked_page(desk, _linked(desk, order_id, message_no, signature), answer=answer)
    typed = [str(form[name]) for name in ("signer", "text", "due_at", "reason") if form.get(name)]
    return _linked_page(desk, filed, fault=fault, typed=typed, status=status)


def _linked(desk: Desk, order_id: str, message_no: int, signature: str) -> FiledOrder:
    """Return the slip of a signed link; raises NotFoundError, or AccessError `link_used` when it is old."""
    secret = desk.settings.secret.get_secret_value().encode()
    if not is_order_signed(secret, order_id, message_no, signature):
        raise NotFoundError("order", order_id)
    with desk.store.reading() as transaction:
        filed = transaction.order(order_id)
        # The message was about the incident that issued the slip, or the one that it went up in.
        incidents = {int(order_id.partition("-")[0]), filed.order.incident_id}
        told = [a for id_ in incidents for a in transaction.alerts_of(id_) if a.message_no == message_no]
    if not told or desk.clock.now() - max(a.created_at for a in told) > desk.settings.link_lasts:
        raise AccessError("link_used")
    return filed


def _linked_page(
    desk: Desk,
    filed: FiledOrder,
    *,
    answer: str = "",
    fault: str = "",
    typed: Sequence[str] = (),
    status: int = 200,
) -> HTMLResponse:
    """Return the page behind a department's link; nothing that was `typed` is lost where it was refused."""
    with desk.store.reading() as transaction:
        dossier = transaction.dossier(filed.order.incident_id)
    return desk.page(
        "order_link.html",
        None,
        status=status,
        incident=filed.incident,
        view=order_view(filed.order, dossier.orders, _BY_LINK, desk.clock.now()),
        clocks=statutory_clocks(dossier),
        answer=answer,
        fault=fault,
        typed=typed,
    )
