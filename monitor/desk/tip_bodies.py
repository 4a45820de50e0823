"""Bodies of reports taken by hand: what form and API may send, checked, and what the API answers."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from monitor.classifiers.model import Severity
from monitor.desk.act_body import Instant, Line, Link, Words
from monitor.desk.views.tip_view import Judged, Placed
from monitor.dossier import acts
from monitor.items.normalize import canonical_url
from monitor.items.tips import MOST_BYTES, MOST_FILES, Attachment, Tip, TipChannel, file_kind

_ONLY_A_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_LABELS = {
    "channel": "来源", "title": "标题", "text": "正文", "place": "地点", "url": "链接",
    "called_at": "来电或发现时间", "contact": "反映人联系方式", "reason": "理由",
    "severity": "处理", "attachments": "附件",
}  # fmt: skip


def _attachable(body: bytes) -> bytes:
    """Return the bytes of a file that is taken."""
    if len(body) > MOST_BYTES:
        raise ValueError(f"每个文件最多 {MOST_BYTES // 1024 // 1024} MB")
    if file_kind(body) is None:
        raise ValueError("只收 PNG、JPEG 图片和 PDF，按文件内容判断，改名没有用")
    return body


File = Annotated[bytes, AfterValidator(_attachable)]


class TipIn(BaseModel):
    """A report taken by hand; `called_at` null is now, without a zone it is local time.

    `key` is chosen by the sender: the same key with the same content is one report.
    """

    model_config = ConfigDict(extra="forbid")
    key: Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=100)]
    channel: Literal["phone", "group", "scene", "superior", "other"] = "phone"
    title: Line = ""
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] = ""
    place: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    url: Link = ""
    called_at: Instant | None = None
    contact: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    attachments: Annotated[list[File], Field(max_length=MOST_FILES)] = []

    @model_validator(mode="after")
    def _take_a_bare_link(self) -> Self:
        """Take a text that is nothing but an address for the link it is."""
        if not self.url and _ONLY_A_LINK.fullmatch(self.text):
            self.url, self.text = self.text, ""
        return self

    @property
    def says_something(self) -> bool:
        """Return whether there is anything to judge: an address alone is not, for no page is fetched."""
        return bool(self.title or self.text)

    def to_tip(self, now: datetime) -> Tip:
        """Return the report."""
        files = [(kind, body) for body in self.attachments if (kind := file_kind(body)) is not None]
        return Tip(
            key=self.key,
            channel=TipChannel(self.channel),
            title=self.title,
            text=self.text,
            place=self.place,
            url=canonical_url(self.url),
            called_at=self.called_at or now,
            contact=self.contact,
            attachments=tuple(Attachment(kind=kind, body=body) for kind, body in files),
        )


class TipBodyIn(TipIn):
    """The same as JSON: files in Base64."""

    attachments: Annotated[
        list[Annotated[Base64Bytes, AfterValidator(_attachable)]],
        Field(max_length=MOST_FILES, description="PNG、JPEG、PDF，Base64 编码，每个不超过 8 MB"),
    ] = []


class OpenIn(BaseModel):
    """A person's word that it is a matter: to be answered, or of this severity."""

    model_config = ConfigDict(extra="forbid")
    severity: Severity | None = None
    reason: Words

    def to_act(self) -> acts.Act:
        """Return the act with which the incident begins."""
        if self.severity is None:
            return acts.must_answer(self.reason)
        return acts.set_severity(self.severity, self.reason)


class TipOut(BaseModel):
    """What came of it: the item, the incident it opened or joined, and the verdict with its reasons.

    `known_item` is an earlier item with the same link. Null where nothing was kept, or nothing is known.
    """

    item: int | None
    created: bool
    incident: int | None
    opened: bool
    known_item: int | None
    known_incident: int | None
    matter: bool
    live: bool
    local: bool | None
    severity: int | None
    reasons: list[str]

    @classmethod
    def of(cls, found: Judged, *, placed: Placed | None, known: Placed | None, created: bool) -> "TipOut":
        """Return the body of an answer."""
        verdict = found.verdict
        return cls(
            item=placed.item.id if placed else None,
            created=created,
            incident=placed.number if placed else None,
            opened=placed is not None and placed.opened,
            known_item=known.item.id if known else None,
            known_incident=known.number if known else None,
            matter=verdict.matter,
            live=verdict.live,
            local=verdict.local,
            severity=verdict.severity,
            reasons=list(found.lines),
        )


def read_tip(fields: Mapping[str, Any], files: Iterable[bytes]) -> TipIn:
    """Return what a form says, empty fields left out; raises pydantic's ValidationError."""
    typed = {name: value for name, value in fields.items() if value}
    return TipIn.model_validate({**typed, "attachments": list(files)})


def faults_of(error: ValidationError) -> tuple[str, ...]:
    """Return what is wrong with a form, in Chinese."""
    return tuple(dict.fromkeys(_fault(fault) for fault in error.errors(include_input=False)))


def _fault(fault: Any) -> str:
    label = next((_LABELS[str(part)] for part in fault["loc"] if str(part) in _LABELS), "表单")
    bounds = fault.get("ctx", {})
    match fault["type"]:
        case "missing":
            return f"{label}：必须填写"
        case "string_too_short":
            return f"{label}：至少 {bounds['min_length']} 个字"
        case "string_too_long":
            return f"{label}：最多 {bounds['max_length']} 个字"
        case "too_long":
            return f"{label}：最多 {bounds['max_length']} 个"
        case "value_error":
            return f"{label}：{bounds['error']}"
        case _:
            return f"{label}：格式不对"
