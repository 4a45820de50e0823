"""Bodies of acts: what a form or the API may ask for, checked, each knowing which act it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)

from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI
from monitor.desk.acts import Acts
from monitor.desk.incident_view import safe_link
from monitor.incidents.model import PublicationKind


def _localized(at: datetime | None) -> datetime | None:
    """Return an aware instant: what a form gives without a zone is local time."""
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=SHANGHAI)


def _linkable(url: str) -> str:
    """Return the address if a page may link to it."""
    if url and safe_link(url) is None:
        raise ValueError("链接须以 http:// 或 https:// 开头")
    return url


def _listed(value: Any) -> Any:
    """Return a list: a form sends a single ticked box as one string."""
    return [value] if isinstance(value, str | int) else value


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Link = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_linkable)]
Instant = Annotated[datetime | None, AfterValidator(_localized)]


class _ActIn(BaseModel):
    """What every act has: the version of the incident its author was looking at."""

    model_config = ConfigDict(extra="forbid")
    expected_version: int | None = None


class AcknowledgeIn(_ActIn):
    """收到."""

    act: Literal["acknowledge"]

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        return acts.acknowledge(incident_id, by=by, via=via)


class ConfirmIn(_ActIn):
    """Accept the severity as it stands."""

    act: Literal["confirm"]

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.confirm(incident_id, by=by, via=via, expected_version=self.expected_version)
        return "已确认级别"


class SetSeverityIn(_ActIn):
    """Set another severity, 1 to 4; null is "not graded" (a form sends `none`)."""

    act: Literal["set_severity"]
    severity: Annotated[Severity | None, BeforeValidator(lambda v: None if v == "none" else v)]
    reason: Words

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.set_severity(
            incident_id,
            self.severity,
            by=by,
            reason=self.reason,
            via=via,
            expected_version=self.expected_version,
        )
        return "已调整级别"


class AssignIn(_ActIn):
    """Hand it to a department."""

    act: Literal["assign"]
    department: Line

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.assign(incident_id, self.department, by=by, via=via, expected_version=self.expected_version)
        return "已交办"


class RespondIn(_ActIn):
    """Record a publication; `effective_at` null is now."""

    act: Literal["respond"]
    kind: PublicationKind
    title: Words
    url: Link = ""
    channel: Line = ""
    effective_at: Instant = None

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.respond(
            incident_id,
            self.kind,
            title=self.title,
            url=self.url,
            channel=self.channel,
            effective_at=self.effective_at,
            by=by,
            via=via,
        )
        return "已登记发布"


class _ReasonedIn(_ActIn):
    """An act that needs a reason and nothing else."""

    reason: Words


class DismissIn(_ReasonedIn):
    """End it as no matter of ours."""

    act: Literal["dismiss"]

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.dismiss(incident_id, by=by, reason=self.reason, via=via, expected_version=self.expected_version)
        return "已排除"


class CloseIn(_ReasonedIn):
    """End it as done."""

    act: Literal["close"]

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.close(incident_id, by=by, reason=self.reason, via=via, expected_version=self.expected_version)
        return "已办结"


class ReopenIn(_ReasonedIn):
    """Take it up again."""

    act: Literal["reopen"]

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.reopen(incident_id, by=by, reason=self.reason, via=via, expected_version=self.expected_version)
        return "已重启办理"


class PlaceIn(_ActIn):
    """Say whether it is ours."""

    act: Literal["place"]
    local: bool

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.place(incident_id, self.local, by=by, via=via, expected_version=self.expected_version)
        return "已认定属于本县，开始计时" if self.local else "已认定不属于本县"


class MustAnswerIn(_ReasonedIn):
    """Start the clock of a complaint that has none."""

    act: Literal["must_answer"]

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.must_answer(
            incident_id, by=by, reason=self.reason, via=via, expected_version=self.expected_version
        )
        return "已列为须回应，开始计时"


class WaiveIn(_ReasonedIn):
    """Excuse one obligation."""

    act: Literal["waive"]
    obligation_id: Line

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.waive(
            incident_id,
            self.obligation_id,
            by=by,
            reason=self.reason,
            via=via,
            expected_version=self.expected_version,
        )
        return "已批准免除"


class AcceptAnswerIn(_ActIn):
    """Take an offered official item as evidence."""

    act: Literal["accept_answer"]
    publication_id: Line

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.accept_answer(
            incident_id, self.publication_id, by=by, via=via, expected_version=self.expected_version
        )
        return "已采用为回应"


class DeclineAnswerIn(_ReasonedIn):
    """Say that an offered item answers something else."""

    act: Literal["decline_answer"]
    publication_id: Line

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.decline_answer(
            incident_id,
            self.publication_id,
            by=by,
            reason=self.reason,
            via=via,
            expected_version=self.expected_version,
        )
        return "已标为不采用"


class WithdrawAnswerIn(_ReasonedIn):
    """Take back a publication that was accepted or recorded wrongly."""

    act: Literal["withdraw_answer"]
    publication_id: Line

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.withdraw_answer(
            incident_id,
            self.publication_id,
            by=by,
            reason=self.reason,
            via=via,
            expected_version=self.expected_version,
        )
        return "已撤回，相关时限恢复计时"


class AcceptPromiseIn(_ActIn):
    """Take up a promise of a publication; `due_at` null is the time it names."""

    act: Literal["accept_promise"]
    publication_id: Line
    number: Annotated[int, Field(ge=1)]
    due_at: Instant = None

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.accept_promise(
            incident_id,
            self.publication_id,
            self.number,
            due_at=self.due_at,
            by=by,
            via=via,
            expected_version=self.expected_version,
        )
        return "已列为承诺事项，到期前会提醒"


class KeepPromiseIn(_ActIn):
    """Say which publication kept a promise."""

    act: Literal["keep_promise"]
    obligation_id: Line
    publication_id: Line

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.keep_promise(
            incident_id,
            self.obligation_id,
            self.publication_id,
            by=by,
            via=via,
            expected_version=self.expected_version,
        )
        return "已登记兑现"


class MergeIn(_ActIn):
    """Let it go up in another incident."""

    act: Literal["merge"]
    into: int

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.merge(incident_id, self.into, by=by, via=via, expected_version=self.expected_version)
        return f"已并入 {self.into} 号事件"


class SplitIn(_ActIn):
    """Take items out into an incident of their own."""

    act: Literal["split"]
    item_ids: Annotated[list[int], BeforeValidator(_listed), Field(min_length=1)]

    def perform(self, acts: Acts, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        acts.split(incident_id, self.item_ids, by=by, via=via, expected_version=self.expected_version)
        return "已拆分为新事件"


ActIn = Annotated[
    AcknowledgeIn | ConfirmIn | SetSeverityIn | AssignIn | RespondIn | DismissIn | CloseIn | ReopenIn
    | PlaceIn | MustAnswerIn | WaiveIn | AcceptAnswerIn | DeclineAnswerIn | WithdrawAnswerIn
    | AcceptPromiseIn | KeepPromiseIn | MergeIn
    | SplitIn,
    Field(discriminator="act"),
]  # fmt: skip

_ACT: TypeAdapter[ActIn] = TypeAdapter(ActIn)


def read_act(fields: Mapping[str, Any]) -> ActIn:
    """Return the act that a form asks for, empty fields left out; raises pydantic's ValidationError."""
    return _ACT.validate_python({name: value for name, value in fields.items() if value not in ("", [])})
