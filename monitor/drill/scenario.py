"""Text of a drill file in, a scenario out, or every fault with line and column (CONTRACTS section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from monitor.classifiers.model import Precision
from monitor.collectors.model import Role
from monitor.incidents.model import PublicationKind, ReportMeans
from monitor.office.example import example_office
from monitor.office.model import Office
from monitor.office.registry import override_office
from monitor.yamlfile import (
    Fault,
    Instant,
    Length,
    LengthOrInstant,
    Places,
    SignedLength,
    YamlFile,
    read_yaml,
)

Answer = Annotated[
    dict[Literal["refuse", "status", "retry_after"], Annotated[int, Field(ge=0)]],
    Field(min_length=1, max_length=1),
]
Mode = Literal["ok", "down", "hang"] | Answer
"""How a channel's other end behaves; `{refuse: 45009}` is a code in a 200 answer."""


class ItemFile(YamlFile):
    """An item that appears at a source."""

    source: str
    role: Role = Role.MEDIA
    title: str = ""
    text: str = ""
    published_at: Instant | None = None
    url: str | None = None
    heat: float | None = None
    rank: int | None = None
    scope: str | None = None
    id: str | None = None


class ActFile(YamlFile):
    """An act of a person on an incident."""

    incident: int = Field(ge=1)
    by: str


class ReasonedFile(ActFile):
    """An act with a reason."""

    reason: str = ""


class SeverityFile(ReasonedFile):
    """Another severity; null is ungraded."""

    severity: int | None = Field(ge=1, le=4)


class AssignFile(ActFile):
    """Hand to a department."""

    to: str


class RespondFile(ActFile):
    """A publication is recorded."""

    kind: PublicationKind
    title: str
    text: str = ""
    url: str = ""
    channel: str = ""
    effective_at: LengthOrInstant | None = None


class MergeFile(ActFile):
    """One incident goes up in another."""

    by: str = "duty"
    into: int = Field(ge=1)


class SplitFile(ActFile):
    """Items leave into an incident of their own; `items` count the item steps of the file from 1."""

    by: str = "duty"
    items: list[int] = Field(min_length=1)


class PlaceFile(ActFile):
    """Ours or not."""

    local: bool


class WaiveFile(ReasonedFile):
    """One obligation is excused."""

    obligation: str


class AnswerFile(ReasonedFile):
    """An offered publication is accepted or declined; the latest offered one if none is named."""

    publication: str | None = None


class WithdrawFile(ReasonedFile):
    """A publication that counts is taken back; the latest accepted one if none is named."""

    publication: str | None = None


class CorrectStartFile(ReasonedFile):
    """When it occurred or was first published is corrected."""

    start_basis: Literal["occurred", "first_published"]
    at: LengthOrInstant
    precision: Precision = Precision.MINUTE


class CorrectPublicationFile(WithdrawFile):
    """When a publication was effective is corrected; the latest accepted one if none is named."""

    effective_at: LengthOrInstant


class ReportFile(ActFile):
    """A report to a superior, for the obligation of this kind."""

    obligation: str
    means: ReportMeans
    to: str = ""
    reporter: str = ""
    effective_at: LengthOrInstant | None = None


class WithdrawReportFile(ReasonedFile):
    """A report to a superior is taken back."""

    report: str


class PromiseFile(ActFile):
    """A promise is taken up: the first of the latest accepted publication, unless another is named."""

    publication: str | None = None
    number: int = Field(default=1, ge=1)
    due_at: Instant | None = None


class KeptFile(ActFile):
    """A publication kept a promise; the latest accepted one if none is named."""

    obligation: str
    publication: str | None = None


class SlipFile(ReasonedFile):
    """An act on a slip (公文流转): the latest that it can be done to, if none is named."""

    order: str | None = None
    signer: str = ""
    text: str = ""
    due_at: LengthOrInstant | None = None


class CrashFile(YamlFile):
    """The process dies and comes back."""

    down_for: Length


class ClockFile(YamlFile):
    """The machine's clock is moved."""

    jump: SignedLength


class StepFile(YamlFile):
    """One step: `at`, and exactly one thing that happens."""

    at: LengthOrInstant
    item: ItemFile | None = None
    ack: ActFile | None = None
    confirm: ActFile | None = None
    set_severity: SeverityFile | None = None
    assign: AssignFile | None = None
    respond: RespondFile | None = None
    dismiss: ReasonedFile | None = None
    close: ReasonedFile | None = None
    reopen: ReasonedFile | None = None
    merge: MergeFile | None = None
    split: SplitFile | None = None
    place: PlaceFile | None = None
    waive: WaiveFile | None = None
    must_answer: ReasonedFile | None = None
    accept_answer: AnswerFile | None = None
    decline_answer: AnswerFile | None = None
    withdraw: WithdrawFile | None = None
    correct_start: CorrectStartFile | None = None
    correct_publication: CorrectPublicationFile | None = None
    report_up: ReportFile | None = None
    withdraw_report: WithdrawReportFile | None = None
    accept_promise: PromiseFile | None = None
    keep_promise: KeptFile | None = None
    urge: SlipFile | None = None
    sign_order: SlipFile | None = None
    feed_back: SlipFile | None = None
    return_order: SlipFile | None = None
    ask_extension: SlipFile | None = None
    grant_extension: SlipFile | None = None
    channel: dict[str, Mode] | None = None
    crash: CrashFile | None = None
    clock: ClockFile | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "StepFile":
        written = self.model_fields_set - {"at"}
        if len(written) != 1 or getattr(self, next(iter(written))) is None:
            raise ValueError("每一步须且只须写一件事（item、ack、respond 等）")
        return self


class ExpectFile(YamlFile, extra="allow"):
    """One expected event: its kind, when, and any of its fields."""

    at: LengthOrInstant | None = None
    within: Length = timedelta(seconds=120)
    event: str


class ScenarioFile(YamlFile):
    """The whole drill file."""

    title: str = ""
    about: str = ""
    office: str | dict[str, Any] | None = None
    starts_at: Instant
    channels: dict[str, Mode] = {}  # noqa: RUF012 - pydantic copies it
    steps: list[StepFile] = Field(min_length=1)
    runs_until: LengthOrInstant
    expect: list[ExpectFile] = []  # noqa: RUF012 - pydantic copies it
    expect_only: list[str] = []  # noqa: RUF012 - pydantic copies it


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens at `at`; `what` is the key of the file, `detail` its content."""

    at: datetime
    what: str
    detail: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """An event of this kind with these fields, within `[at, at + within]`; `at` None is any time."""

    at: datetime | None
    within: timedelta
    event: str
    fields: Mapping[str, Any]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A rehearsal: who, from when to when, what happens, what is expected."""

    title: str
    about: str = ""
    office: Office
    starts_at: datetime
    ends_at: datetime
    modes: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...]
    expect: tuple[Expectation, ...] = ()
    expect_only: tuple[str, ...] = ()


def read_scenario(text: str | bytes, name: str, read_office_file: Any = None) -> Scenario:
    """Return the scenario; raises ConfigurationError with every fault.

    `read_office_file(path)` returns the office of a file named under `office:`; relative to the drill's
    own folder.
    """
    file, places = read_yaml(text, name, ScenarioFile)
    office = _office(file, places, read_office_file)
    faults = _faults(file, office, places)
    if faults:
        raise places.error(faults)
    steps = [
        Step(at=_instant(s.at, file.starts_at), what=what, detail=getattr(s, what))
        for s in file.steps
        for what in s.model_fields_set - {"at"}
    ]
    return Scenario(
        title=file.title,
        about=file.about,
        office=office,
        starts_at=file.starts_at,
        ends_at=_instant(file.runs_until, file.starts_at),
        modes=file.channels,
        steps=tuple(sorted(steps, key=lambda s: s.at)),
        expect=tuple(_expectation(e, i, file, places) for i, e in enumerate(file.expect)),
        expect_only=tuple(file.expect_only),
    )


def _office(file: ScenarioFile, places: Places, read_office_file: Any) -> Office:
    if isinstance(file.office, str):
        office: Office = read_office_file(file.office)
        return office
    office = example_office()
    return office if file.office is None else override_office(office, file.office, places, ("office",))


def _instant(written: datetime | timedelta, starts_at: datetime) -> datetime:
    return written if isinstance(written, datetime) else starts_at + written


def _expectation(file: ExpectFile, index: int, scenario: ScenarioFile, places: Places) -> Expectation:
    return Expectation(
        at=None if file.at is None else _instant(file.at, scenario.starts_at),
        within=file.within,
        event=file.event,
        fields=dict(file.model_extra or {}),
        line=places.fault(("expect", index), "").line,
    )


def _faults(file: ScenarioFile, office: Office, places: Places) -> list[Fault]:
    """Return what a single step cannot know: names, times and item numbers that do not exist."""
    faults = [
        places.fault(("channels", c), f"没有这个渠道：{c}")
        for c in file.channels
        if office.channel(c) is None
    ]
    shown = sum(step.item is not None for step in file.steps)
    for index, step in enumerate(file.steps):
        what = next(iter(step.model_fields_set - {"at"}))
        words = [_wrong_time(step, file), *_wrong_names(what, getattr(step, what), office, shown)]
        faults += [places.fault(("steps", index, what), word) for word in words if word is not None]
    return faults


def _wrong_time(step: StepFile, file: ScenarioFile) -> str | None:
    at = _instant(step.at, file.starts_at)
    if file.starts_at <= at <= _instant(file.runs_until, file.starts_at):
        return None
    return "时间不在 starts_at 与 runs_until 之间"


def _wrong_names(what: str, detail: Any, office: Office, shown: int) -> list[str]:
    if what == "channel":
        return [f"没有这个渠道：{c}" for c in detail if office.channel(c) is None]
    by = getattr(detail, "by", None)
    words = [] if by is None or office.person(by) or office.department(by) else [f"没有这个人：{by}"]
    if what == "split":
        words += [f"脚本里没有第 {n} 个条目" for n in detail.items if not 1 <= n <= shown]
    return words
