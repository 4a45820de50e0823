"""What a source promises and allows, and what a reader hands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from monitor.clock import SHANGHAI


class SourceKind(StrEnum):
    """How the bytes of a source are read."""

    FEED = "feed"
    HOTLIST = "hotlist"
    PAGE = "page"
    INBOX = "inbox"


class Role(StrEnum):
    """What a source is to us; `trust` orders their word on figures."""

    OFFICIAL = "official"
    WARNING = "warning"
    MEDIA = "media"
    HOTLINE = "hotline"
    SOCIAL = "social"


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """How gently a source is asked."""

    timeout: timedelta = timedelta(seconds=20)
    max_bytes: int = 8 * 1024 * 1024
    max_redirects: int = 5
    spacing: timedelta = timedelta(seconds=2)
    own: bool = False
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One entry of `sources.yaml`.

    `id` is unique and stable; `scope` names the region the source speaks for (`county`, `city`,
    `province`, `nation`) or is None; `reading` holds what the reader of its kind needs: selectors, a
    shape, a mapping.
    """

    id: str
    name: str
    kind: SourceKind
    role: Role
    address: str = ""
    rank: int = 5
    scope: str | None = None
    every: timedelta = timedelta(minutes=10)
    zone: ZoneInfo = SHANGHAI
    verified: bool = True
    enabled: bool = True
    platform: str | None = None
    politeness: Politeness = field(default_factory=Politeness)
    reading: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    secret: str = field(default="", repr=False)
    comment: str = ""

    @property
    def identity(self) -> str:
        """Return what a baseline belongs to: another address, selector or mapping is another source (C20)."""
        return "|".join([self.kind, self.address, repr(sorted(self.reading.items()))])


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """One entry as the source gave it: text may hold HTML, the time is the publisher's own string.

    `published_at` is set only where the reader got an exact aware instant (JSON numbers, for example).
    """

    native_id: str | None = None
    url: str | None = None
    title: str = ""
    text: str = ""
    published_raw: str | None = None
    published_at: datetime | None = None
    author: str | None = None
    heat: float | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader made of one document; `problems` are codes with a place, for the ledger."""

    items: tuple[RawItem, ...] = ()
    encoding: str | None = None
    problems: tuple[str, ...] = ()


class PollState(StrEnum):
    """How one poll ended (DESIGN 2.1, C20)."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    EMPTY = "empty"
    ALL_DUPLICATE = "all_duplicate"
    BASELINE = "baseline"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One row of the run ledger; `raw = created + duplicate + filtered + failed` always adds up."""

    source_id: str
    started_at: datetime
    ended_at: datetime
    state: PollState
    raw: int = 0
    created: int = 0
    duplicate: int = 0
    filtered: int = 0
    failed: int = 0
    status: int | None = None
    bytes_read: int = 0
    encoding: str | None = None
    fault: str | None = None
    message: str = ""

    def __post_init__(self) -> None:
        """Refuse a ledger row that does not add up."""
        if self.raw != self.created + self.duplicate + self.filtered + self.failed:
            raise ValueError(f"poll of {self.source_id} does not add up: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What we remember of a source between polls; `failures` is the weighted count that drives back-off."""

    source_id: str
    identity: str = ""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    next_poll_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_item_at: datetime | None = None
    baseline_at: datetime | None = None
    failures: float = 0.0
    usual_gap: timedelta | None = None
    last_state: PollState | None = None
    last_message: str = ""
