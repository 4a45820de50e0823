"""Bodies of acts: what a form or the API may ask for, checked, each knowing which act it is."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter

from monitor.classifiers.model import Precision, Severity
from monitor.deadlines.model import StartBasis
from monitor.desk.act_body import ActBody, Body, Instant, Line, Link, Number, ReasonedBody, Words
from monitor.desk.order_bodies import OrderActIn
from monitor.dossier import acts
from monitor.incidents.model import PublicationKind, PublicationState, ReportMeans
from monitor.pipeline.receiving import DeskActs


def _listed(value: Any) -> Any:
    """Return a list: a form sends a single ticked box as one string."""
    return [value] if isinstance(value, str | int) else value


class AcknowledgeIn(ActBody):
    """收到."""

    act: Literal["acknowledge"]

    def perform(self, through: DeskActs, incident_id: int, *, by: str, via: str) -> str:
        """Do it, whatever version was looked at; return the answer."""
        return through.acknowledge(incident_id, by=by, via=via)


class ConfirmIn(ActBody):
    """Accept the severity as it stands."""

    act: Literal["confirm"]

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.confirm, "已确认级别"


class SetSeverityIn(ReasonedBody):
    """Set another severity, 1 to 4; null is "not graded" (a form sends `none`)."""

    act: Literal["set_severity"]
    severity: Annotated[Severity | None, BeforeValidator(lambda v: None if v == "none" else v)]

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.set_severity(self.severity, self.reason), "已调整级别"


class AssignIn(ActBody):
    """Hand it to a department by a 交办单; `due_at` is the feedback deadline, null the office's own."""

    act: Literal["assign"]
    department: Line
    demands: Words | None = None
    due_at: Instant | None = None

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.assign(self.department, self.demands or "", self.due_at), "已交办"


class RespondIn(ActBody):
    """Record a publication; `effective_at` null is now. What changed meanwhile does not matter to it."""

    act: Literal["respond"]
    expected_version: Annotated[Number | None, AfterValidator(lambda _: None)] = None
    kind: PublicationKind
    title: Words
    text: Body = ""
    url: Link = ""
    channel: Line = ""
    effective_at: Instant | None = None
    draft: Annotated[Number | None, BeforeValidator(lambda v: None if v == "none" else v)] = None

    def perform(self, through: DeskActs, incident_id: int, *, by: str, via: str) -> str:
        """Do it, as made of a draft where one is named: without a text it has the draft's."""
        if self.draft is None:
            return super().perform(through, incident_id, by=by, via=via)
        through.publish_draft(
            incident_id, self.draft, lambda wording: self._respond(self.text or wording.text), by=by, via=via
        )
        return f"已登记发布，出自第{self.draft}稿"

    def _to_act(self) -> tuple[acts.Act, str]:
        return self._respond(self.text), "已登记发布"

    def _respond(self, text: str) -> acts.Act:
        return acts.respond(
            self.kind,
            title=self.title,
            text=text,
            url=self.url,
            channel=self.channel,
            effective_at=self.effective_at,
        )


class DismissIn(ReasonedBody):
    """End it as no matter of ours."""

    act: Literal["dismiss"]

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.dismiss(self.reason), "已排除"


class CloseIn(ReasonedBody):
    """End it as done."""

    act: Literal["close"]

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.close(self.reason), "已办结"


class ReopenIn(ReasonedBody):
    """Take it up again."""

    act: Literal["reopen"]

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.reopen(self.reason), "已重启办理"


class PlaceIn(ActBody):
    """Say whether it is ours."""

    act: Literal["place"]
    local: bool

    def _to_act(self) -> tuple[acts.Act, str]:
        answer = "已认定属于本县，开始计时" if self.local else "已认定不属于本县"
        return acts.place(local=self.local), answer


class MustAnswerIn(ReasonedBody):
    """Start the clock of a complaint that has none."""

    act: Literal["must_answer"]

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.must_answer(self.reason), "已列为须回应，开始计时"


class WaiveIn(ReasonedBody):
    """Excuse one obligation."""

    act: Literal["waive"]
    obligation_id: Line

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.waive(self.obligation_id, self.reason), "已批准免除"


class AcceptAnswerIn(ActBody):
    """Take an offered official item as evidence."""

    act: Literal["accept_answer"]
    publication_id: Line

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.judge_answer(self.publication_id, PublicationState.ACCEPTED), "已采用为回应"


class DeclineAnswerIn(ReasonedBody):
    """Say that an offered item answers something else."""

    act: Literal["decline_answer"]
    publication_id: Line

    def _to_act(self) -> tuple[acts.Act, str]:
        act = acts.judge_answer(self.publication_id, PublicationState.DECLINED, self.reason)
        return act, "已标为不采用"


class WithdrawAnswerIn(ReasonedBody):
    """Take back a publication that was accepted or recorded wrongly."""

    act: Literal["withdraw_answer"]
    publication_id: Line

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.withdraw_answer(self.publication_id, self.reason), "已撤回，相关时限恢复计时"


class CorrectStartIn(ReasonedBody):
    """Correct when it occurred or was first published; without a zone `at` is local time."""

    act: Literal["correct_start"]
    start_basis: Literal["occurred", "first_published"]
    at: Instant
    precision: Precision = Precision.MINUTE

    def _to_act(self) -> tuple[acts.Act, str]:
        act = acts.correct_start(StartBasis(self.start_basis), self.at, self.precision, self.reason)
        return act, "已更正，相关时限按更正后的时间计算"


class CorrectPublicationIn(ReasonedBody):
    """Correct when a publication was effective."""

    act: Literal["correct_publication"]
    publication_id: Line
    effective_at: Instant

    def _to_act(self) -> tuple[acts.Act, str]:
        act = acts.correct_publication(self.publication_id, self.effective_at, self.reason)
        return act, "已更正，相关时限按更正后的发布时间判定"


class ReportUpIn(ActBody):
    """Record a report to a superior; `to` empty is whom the rule names, `effective_at` null is now."""

    act: Literal["report_up"]
    expected_version: Annotated[Number | None, AfterValidator(lambda _: None)] = None
    obligation_id: Line
    means: ReportMeans
    to: Line = ""
    reporter: Line = ""
    effective_at: Instant | None = None

    def _to_act(self) -> tuple[acts.Act, str]:
        act = acts.report_up(
            self.obligation_id,
            self.means,
            to=self.to,
            reporter=self.reporter,
            effective_at=self.effective_at,
        )
        return act, "已登记信息报送"


class WithdrawReportIn(ReasonedBody):
    """Take back a report to a superior that was recorded wrongly."""

    act: Literal["withdraw_report"]
    report_id: Line

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.withdraw_report(self.report_id, self.reason), "已撤回，报送时限恢复计时"


class AcceptPromiseIn(ActBody):
    """Take up a promise of a publication; `due_at` null is the time it names."""

    act: Literal["accept_promise"]
    publication_id: Line
    number: Number
    due_at: Instant | None = None

    def _to_act(self) -> tuple[acts.Act, str]:
        act = acts.accept_promise(self.publication_id, self.number, self.due_at)
        return act, "已列为承诺事项，到期前会提醒"


class KeepPromiseIn(ActBody):
    """Say which publication kept a promise."""

    act: Literal["keep_promise"]
    obligation_id: Line
    publication_id: Line

    def _to_act(self) -> tuple[acts.Act, str]:
        return acts.keep_promise(self.obligation_id, self.publication_id), "已登记兑现"


class MergeIn(ActBody):
    """Let it go up in another incident."""

    act: Literal["merge"]
    into: Number

    def perform(self, through: DeskActs, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        through.merge(incident_id, self.into, by=by, via=via, expected_version=self.expected_version)
        return f"已并入 {self.into} 号事件"


class SplitIn(ActBody):
    """Take items out into an incident of their own."""

    act: Literal["split"]
    item_ids: Annotated[list[Number], BeforeValidator(_listed), Field(min_length=1)]

    def perform(self, through: DeskActs, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        through.split(incident_id, self.item_ids, by=by, via=via, expected_version=self.expected_version)
        return "已拆分为新事件"


ActIn = Annotated[
    AcknowledgeIn | ConfirmIn | SetSeverityIn | AssignIn | RespondIn | DismissIn | CloseIn | ReopenIn
    | PlaceIn | MustAnswerIn | WaiveIn | AcceptAnswerIn | DeclineAnswerIn | WithdrawAnswerIn
    | CorrectStartIn | CorrectPublicationIn | ReportUpIn | WithdrawReportIn
    | AcceptPromiseIn | KeepPromiseIn | MergeIn
    | SplitIn | OrderActIn,
    Field(discriminator="act"),
]  # fmt: skip

_ACT: TypeAdapter[ActIn] = TypeAdapter(ActIn)


def read_act(fields: Mapping[str, Any]) -> ActIn:
    """Return the act that a form asks for, empty fields left out; raises pydantic's ValidationError."""
    return _ACT.validate_python({name: value for name, value in fields.items() if value not in ("", [])})
