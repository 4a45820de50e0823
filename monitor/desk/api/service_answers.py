"""Bodies of answers about the service itself: who is asking, troubles, polls, channels."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from alerts.model import Outcome
from monitor.collectors.model import Poll, Role
from monitor.desk.access import Visitor
from monitor.desk.health import Trouble
from monitor.desk.pages.channel_pages import ChannelView
from monitor.desk.pages.rules_pages import LONGEST
from monitor.desk.roles import acts_of
from monitor.desk.views.journal_view import ChainState


class MeOut(BaseModel):
    """Who is asking: the login, its person, role, what its token covers, and the acts it may ask for."""

    login: str
    person_id: str | None
    role: str
    scopes: list[str] | None
    acts: list[str]
    expires_at: datetime

    @classmethod
    def of(cls, visitor: Visitor) -> "MeOut":
        """Return the body; `scopes` is null for a browser's session, which may all its role may."""
        is_token = visitor.session.kind == "token"
        return cls(
            login=visitor.account.name,
            person_id=visitor.account.person_id,
            role=visitor.account.role,
            scopes=sorted(visitor.scopes) if is_token else None,
            acts=sorted(acts_of(visitor.account)),
            expires_at=visitor.session.expires_at,
        )


class TroubleOut(BaseModel):
    """One thing that is wrong with the service; `text` is Chinese."""

    kind: str
    text: str


class ChainOut(BaseModel):
    """How the journal's chain stands: entries, found whole up to which and when, last printed hash."""

    entries: int
    checked_to: int
    whole_at: datetime | None
    fault: str | None
    anchors: int
    last_anchor: str | None


class ServiceOut(BaseModel):
    """Everything that is wrong, the worst first; `unreached` sources were never read."""

    status: str
    version: str
    troubles: list[TroubleOut]
    unreached: int
    journal: ChainOut

    @classmethod
    def of(
        cls, found: tuple[Trouble, ...], *, version: str, unreached: int, chain: ChainState
    ) -> "ServiceOut":
        """Return the body of the service's health."""
        return cls(
            status="degraded" if found else "ok",
            version=version,
            troubles=[TroubleOut(kind=t.kind, text=t.text) for t in found],
            unreached=unreached,
            journal=ChainOut(
                entries=chain.entries,
                checked_to=chain.watch.journal_seq,
                whole_at=chain.watch.journal_whole_at,
                fault=chain.watch.journal_fault,
                anchors=chain.anchors,
                last_anchor=chain.last.hash if chain.last else None,
            ),
        )


class PastedIn(BaseModel):
    """A text to be judged as if it were published now by a source of this role; nothing is kept."""

    model_config = ConfigDict(extra="forbid")
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST)] = ""
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST)] = ""
    source_name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    role: Role = Role.MEDIA

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.title and not self.text:
            raise ValueError("title and text are both empty")
        return self


class ReasoningOut(BaseModel):
    """A verdict as `huiying assess` prints it, in short, and with its reasons, by which words."""

    verdict: dict[str, Any]
    short: str
    reasons: list[str]
    words_version: str


class PollOut(BaseModel):
    """One row of the run ledger: `raw = created + duplicate + filtered + failed`."""

    source_id: str
    started_at: datetime
    ended_at: datetime
    state: str
    raw: int
    created: int
    duplicate: int
    filtered: int
    failed: int
    status: int | None
    message: str

    @classmethod
    def of(cls, poll: Poll) -> "PollOut":
        """Return the body of a poll."""
        return cls.model_validate({name: getattr(poll, name) for name in cls.model_fields})


class ChannelOut(BaseModel):
    """One channel: whom it reaches and how it fares, never its address."""

    name: str
    kind: str
    audience: str
    rings: bool
    readers: list[str]
    failures: int
    last_failure_at: datetime | None
    is_unhealthy: bool

    @classmethod
    def of(cls, view: ChannelView) -> "ChannelOut":
        """Return the body of a channel."""
        return cls(
            name=view.spec.name,
            kind=view.spec.kind.value,
            audience=view.spec.audience.value,
            rings=view.spec.rings,
            readers=list(view.readers),
            failures=view.health.failures,
            last_failure_at=view.health.last_failure_at,
            is_unhealthy=view.health.is_unhealthy,
        )


class OutcomeOut(BaseModel):
    """What came of a test message: the class of the outcome, the vendor's code, and words."""

    outcome: str
    code: str
    detail: str

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeOut":
        """Return the body of an outcome."""
        return cls(outcome=outcome.kind.value, code=outcome.code, detail=outcome.detail)
