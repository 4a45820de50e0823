"""One poll of one source: fetch, recognise what is unchanged, read."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

from monitor.collectors.backoff import Fault
from monitor.collectors.fetch import Fetched
from monitor.collectors.model import Reading, Source, SourceState
from monitor.collectors.readers.document import explain, read_document


class Fetching(Protocol):
    """Whatever can ask a source politely; never raises for what the other side does."""

    async def fetch(self, source: Source, state: SourceState) -> Fetched:
        """Ask once and return what came."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What one poll brought, before anything is decided about it.

    `reading` is None where there is nothing to read: not modified, or failed (`fault` says how). `before`
    is what was remembered of the source when the poll began.
    """

    source: Source
    before: SourceState
    started_at: datetime
    fetched: Fetched
    reading: Reading | None = None
    body_hash: str | None = None
    fault: Fault | None = None
    message: str = ""


async def poll(source: Source, state: SourceState, fetcher: Fetching, now: datetime) -> Polled:
    """Fetch a source and read what changed; parsing happens in a thread."""
    known = state if state.identity == source.identity else SourceState(source_id=source.id)
    fetched = await fetcher.fetch(source, known)
    if fetched.fault is not None or fetched.body is None:
        return Polled(source=source, before=state, started_at=now, fetched=fetched,
                      body_hash=known.body_hash, fault=fetched.fault, message=fetched.message)  # fmt: skip
    body_hash = blake2b(fetched.body, digest_size=16).hexdigest()
    if body_hash == known.body_hash:
        return Polled(source=source, before=state, started_at=now, fetched=fetched,
                      body_hash=body_hash, message="内容与上次相同")  # fmt: skip
    return await asyncio.to_thread(_read, source, state, fetched, now, body_hash)


def receive(
    source: Source, state: SourceState, body: bytes, content_type: str | None, now: datetime
) -> Polled:
    """Take in what was pushed to an inbox: the same ledger as a poll, without a request."""
    return _read(
        source, state, Fetched(body=body, content_type=content_type, bytes_read=len(body)), now, None
    )


def _read(
    source: Source, state: SourceState, fetched: Fetched, now: datetime, body_hash: str | None
) -> Polled:
    """Read the body; a document that yields nothing but problems is a soft fault."""
    reading = read_document(fetched.body or b"", fetched.content_type, source)
    failed = bool(reading.problems) and not reading.items
    return Polled(
        source=source,
        before=state,
        started_at=now,
        fetched=fetched,
        reading=None if failed else reading,
        body_hash=body_hash,
        fault=Fault.SOFT if failed else None,
        message="；".join(map(explain, reading.problems)),
    )
