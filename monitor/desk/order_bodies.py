"""Bodies of acts on slips (公文流转): what a form or the API may ask for."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from monitor.desk.act_body import STORABLE, ActBody, Body, Instant, Line, Number, Words
from monitor.dossier import order_acts
from monitor.dossier.acts import Act
from monitor.orders.model import SignMeans
from monitor.pipeline.receiving import DeskActs

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=STORABLE)]


class OrderBody(ActBody):
    """An act on one slip. What changed meanwhile in the incident does not matter to it."""

    expected_version: Annotated[Number | None, AfterValidator(lambda _: None)] = None
    order_id: Line


class UrgeIn(OrderBody):
    """Urge a slip by a 督办单; `due_at` is its feedback deadline, null the office's own."""

    act: Literal["urge"]
    demands: Words
    due_at: Instant | None = None

    def _to_act(self) -> tuple[Act, str]:
        return order_acts.urge(self.order_id, self.demands, self.due_at), "已发出督办单"


class SignOrderIn(OrderBody):
    """Sign for a slip; `means` is how an officer heard of it, a department's own way is known."""

    act: Literal["sign_order"]
    signer: Name
    means: Literal["phone", "paper"] = "phone"

    def _to_act(self) -> tuple[Act, str]:
        return order_acts.sign_order(self.order_id, self.signer, SignMeans(self.means)), "已签收"


class FeedBackIn(OrderBody):
    """Take down what the department did."""

    act: Literal["feed_back"]
    text: Annotated[Body, StringConstraints(min_length=2)]

    def _to_act(self) -> tuple[Act, str]:
        return order_acts.feed_back(self.order_id, self.text), "已登记办理反馈"


class ReturnOrderIn(OrderBody):
    """Return a slip that is not the department's."""

    act: Literal["return_order"]
    reason: Words

    def _to_act(self) -> tuple[Act, str]:
        return order_acts.give_back(self.order_id, self.reason), "已退回"


class AskExtensionIn(OrderBody):
    """Ask for a later feedback deadline."""

    act: Literal["ask_extension"]
    due_at: Instant
    reason: Words

    def _to_act(self) -> tuple[Act, str]:
        act = order_acts.ask_extension(self.order_id, self.due_at, self.reason)
        return act, "已申请延期，待批示"


class GrantExtensionIn(OrderBody):
    """Give the time that a 延期 asks for."""

    act: Literal["grant_extension"]
    reason: Words | None = None

    def _to_act(self) -> tuple[Act, str]:
        act = order_acts.decide_extension(self.order_id, granted=True, reason=self.reason or "")
        return act, "已批准延期，只改回复时限"


class RefuseExtensionIn(OrderBody):
    """Refuse the time that a 延期 asks for."""

    act: Literal["refuse_extension"]
    reason: Words

    def _to_act(self) -> tuple[Act, str]:
        act = order_acts.decide_extension(self.order_id, granted=False, reason=self.reason)
        return act, "未批准延期"


class HandOverIn(ActBody):
    """Hand a claim that an official denial refuted over to the police or a network regulator (移交单)."""

    act: Literal["hand_over"]
    item_id: Number
    publication_id: Line
    department: Line
    note: Words | None = None

    def perform(self, through: DeskActs, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        through.hand_over(
            incident_id,
            self.item_id,
            publication_id=self.publication_id,
            department=self.department,
            note=self.note or "",
            by=by,
            via=via,
            expected_version=self.expected_version,
        )
        return "已移交"


OrderActIn = (
    UrgeIn
    | SignOrderIn
    | FeedBackIn
    | ReturnOrderIn
    | AskExtensionIn
    | GrantExtensionIn
    | RefuseExtensionIn
    | HandOverIn
)
