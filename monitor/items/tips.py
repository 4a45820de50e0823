"""A report taken by hand (接报): what somebody told the desk, and the item it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType

from monitor.collectors.fetch import Fetched
from monitor.collectors.model import RawItem, Reading, Role, Source, SourceKind, SourceState
from monitor.collectors.poll import Polled
from monitor.items.intake import Arrival, take_in
from monitor.items.model import Item

TIPS = "desk.tips"
"""The id of the built-in source; no source of `sources.yaml` may have a dot in its id."""

MOST_FILES = 5
MOST_BYTES = 8 * 1024 * 1024
"""How many files come with one tip, and how long each may be."""


class TipChannel(StrEnum):
    """How it reached the desk."""

    PHONE = "phone"
    GROUP = "group"
    SCENE = "scene"
    SUPERIOR = "superior"
    OTHER = "other"


class FileKind(StrEnum):
    """What an attached file is, by its first bytes; its name says nothing."""

    PNG = "png"
    JPEG = "jpeg"
    PDF = "pdf"


_FIRST_BYTES: Mapping[FileKind, bytes] = MappingProxyType(
    {FileKind.PNG: b"\x89PNG\r\n\x1a\n", FileKind.JPEG: b"\xff\xd8\xff", FileKind.PDF: b"%PDF-"}
)


def file_kind(body: bytes) -> FileKind | None:
    """Return what a file begins as, or None for what is not taken; the rest is never read or decoded.

    A file that is two things at once is what it begins as, and is only ever handed out as that.
    """
    return next((kind for kind, first in _FIRST_BYTES.items() if body.startswith(first)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a tip: its bytes as they were sent."""

    kind: FileKind
    body: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the bytes: what the journal says of them."""
        return sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """What a duty officer was told. `key` is chosen once for a form: the same form sent twice is one tip.

    `contact` is how to reach who told it: it stays on the desk and is no part of the item.
    """

    key: str
    channel: TipChannel
    title: str = ""
    text: str = ""
    place: str = ""
    url: str | None = None
    called_at: datetime
    contact: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """An attachment without its bytes; `number` counts from 1 within its tip."""

    number: int
    kind: FileKind
    size: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTip:
    """What is remembered of a tip beside its item."""

    item_id: int
    channel: TipChannel
    called_at: datetime
    contact: str = field(repr=False)
    recorded_by: str
    recorded_at: datetime
    files: tuple[KeptFile, ...] = ()


def tip_source(channel: TipChannel, name: str, scope: str) -> Source:
    """Return the built-in inbox that a tip comes through: it speaks for our territory.

    A screenshot of a group is what people say on the net; everything else is somebody who turned to us.
    """
    role = Role.SOCIAL if channel is TipChannel.GROUP else Role.HOTLINE
    return Source(id=TIPS, name=name, kind=SourceKind.INBOX, role=role, scope=scope)


def tip_arrival(tip: Tip, source: Source, before: SourceState, by: str, now: datetime) -> Arrival:
    """Return the tip as a poll of the built-in inbox that brought one entry.

    Keys of two people never meet. What is told late is news all the same: this inbox has no past (C20).
    """
    polled = Polled(
        source=source,
        before=replace(before, identity=source.identity, baseline_at=before.baseline_at or now),
        started_at=now,
        fetched=Fetched(),
        reading=Reading(items=(_raw(tip, by),)),
    )
    return take_in(polled)


def _raw(tip: Tip, by: str) -> RawItem:
    """Return the entry; the place stands in the sentence that says what happened, where it is looked for."""
    where = f"{tip.place}：" if tip.place and tip.place not in tip.title + tip.text else ""
    return RawItem(
        native_id=f"{by}\n{tip.key}",
        url=tip.url,
        title=where + tip.title if tip.title else "",
        text=tip.text if tip.title else where + tip.text,
        published_at=tip.called_at,
    )


def tip_item(tip: Tip, source: Source, by: str, now: datetime) -> Item | None:
    """Return the item that a tip would become, or None where nothing was said."""
    return next(iter(tip_arrival(tip, source, SourceState(source_id=source.id), by, now).items), None)
