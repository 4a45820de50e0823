"""What a poll brought -> new items, items seen again, and the row of the run ledger."""

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.collectors.backoff import Fault, next_poll_at, usual_gap
from monitor.collectors.model import Poll, PollState, SourceKind, SourceState
from monitor.collectors.poll import Polled
from monitor.items.fingerprint import letters
from monitor.items.model import Item
from monitor.items.normalize import normalize_item, revision_key, text_key

_BASELINE_AGE = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A poll with its entries normalised; `failed` had nothing to read, `repeated` stood there twice."""

    polled: Polled
    items: tuple[Item, ...] = ()
    failed: int = 0
    repeated: int = 0
    baseline: bool = False


def take_in(polled: Polled) -> Arrival:
    """Normalise every entry of a poll; first sight is the instant the poll began.

    At a baseline (C20) entries published more than 72 hours before, or undated, are history. An inbox has
    no past of its own: what is pushed without a time is news.
    """
    entries = polled.reading.items if polled.reading else ()
    found = [normalize_item(raw, polled.source, polled.started_at) for raw in entries]
    items = _told_apart([item for item in found if item is not None])
    unique: dict[str, Item] = {}
    for item in items:
        unique.setdefault(item.key, item)
    baseline = polled.fault is None and _is_baseline(polled)
    kept = [replace(item, baseline=baseline and _is_history(item, polled)) for item in unique.values()]
    return Arrival(
        polled=polled,
        items=tuple(kept),
        failed=len(found) - len(items),
        repeated=len(items) - len(kept),
        baseline=baseline,
    )


def with_revisions(arrival: Arrival, titles: Mapping[str, str]) -> Arrival:
    """Return the arrival in which an entry that came back under another title is an item of its own.

    Bulletins are edited in place: 死亡3人 becomes 死亡11人 under the same address, and must not pass for
    a second sight. `titles` are those stored under the arrival's keys; the text alone does not count, it
    holds counters.
    """
    return replace(arrival, items=tuple(_revised(item, titles.get(item.key)) for item in arrival.items))


def _revised(item: Item, stored_title: str | None) -> Item:
    if stored_title is None or letters(stored_title) == letters(item.title):
        return item
    return replace(item, key=revision_key(item))


def close_poll(
    arrival: Arrival, known_keys: Container[str], now: datetime, luck: float = 0.5
) -> tuple[Poll, tuple[Item, ...], tuple[Item, ...], SourceState]:
    """Return the ledger row, the new items, the items seen again, and what to remember of the source.

    Pure: to be called in the transaction that stores the items, with the keys already stored. `raw` =
    created + duplicate + filtered + failed, always.
    """
    polled = arrival.polled
    new = tuple(item for item in arrival.items if item.key not in known_keys)
    again = tuple(item for item in arrival.items if item.key in known_keys)
    state = _state(arrival, new)
    poll = Poll(
        source_id=polled.source.id,
        started_at=polled.started_at,
        ended_at=max(now, polled.started_at),
        state=state,
        raw=len(arrival.items) + arrival.failed + arrival.repeated,
        created=len(new),
        duplicate=len(again) + arrival.repeated,
        failed=arrival.failed,
        status=polled.fetched.status,
        bytes_read=polled.fetched.bytes_read,
        encoding=polled.reading.encoding if polled.reading else None,
        fault=polled.fault or (Fault.SOFT if state is PollState.FAILED else None),
        message=_message(arrival),
    )
    return poll, new, again, _remembered(arrival, poll, now, luck)


def _told_apart(items: list[Item]) -> list[Item]:
    """Give entries that share a key but not their words a key of their words.

    Some feeds put the same guid, some pages the same address on every entry; none of them may be lost for it.
    """
    words: defaultdict[str, set[str]] = defaultdict(set)
    for item in items:
        words[item.key].add(item.exact_key)
    return [replace(item, key=text_key(item)) if len(words[item.key]) > 1 else item for item in items]


def _is_baseline(polled: Polled) -> bool:
    """Return whether this is the first success of the source as it is now configured."""
    return polled.before.baseline_at is None or polled.before.identity != polled.source.identity


def _is_history(item: Item, polled: Polled) -> bool:
    """Return whether an entry of a baseline tells of the past."""
    if item.published_at is None:
        return polled.source.kind is not SourceKind.INBOX
    return item.published_at < polled.started_at - _BASELINE_AGE


def _state(arrival: Arrival, new: tuple[Item, ...]) -> PollState:
    """Return how the poll ended; a document none of whose entries could be read has failed."""
    polled = arrival.polled
    if polled.fault is not None:
        return PollState.FAILED
    if polled.reading is None:
        return PollState.NOT_MODIFIED
    if not arrival.items:
        return PollState.FAILED if arrival.failed else PollState.EMPTY
    if arrival.baseline:
        return PollState.BASELINE
    return PollState.OK if new else PollState.ALL_DUPLICATE


def _message(arrival: Arrival) -> str:
    """Return what the ledger tells a person: the reader's words, and how many entries had none."""
    unreadable = f"{arrival.failed}条无标题无正文" if arrival.failed else ""
    return "；".join(filter(None, (arrival.polled.message, unreadable)))


def _remembered(arrival: Arrival, poll: Poll, now: datetime, luck: float) -> SourceState:
    """Return the source's state after the poll."""
    polled, before = arrival.polled, arrival.polled.before
    before = replace(before, last_poll_at=polled.started_at, last_state=poll.state, last_message=poll.message)
    if poll.state is PollState.FAILED:
        failures = before.failures + (polled.fault or Fault.SOFT).weight
        next_at = next_poll_at(polled.source, failures, now, luck, polled.fetched.retry_after)
        return replace(before, failures=failures, next_poll_at=next_at)
    state = replace(
        before,
        identity=polled.source.identity,
        etag=polled.fetched.etag,
        last_modified=polled.fetched.last_modified,
        body_hash=polled.body_hash,
        failures=0.0,
        last_success_at=now,
        baseline_at=polled.started_at if arrival.baseline else before.baseline_at,
        next_poll_at=next_poll_at(polled.source, 0.0, now, luck, polled.fetched.retry_after),
    )
    if not poll.created:
        return state
    if before.last_new_item_at is None or arrival.baseline:
        return replace(state, last_new_item_at=now)
    gap = usual_gap(before.usual_gap, now - before.last_new_item_at)
    return replace(state, last_new_item_at=now, usual_gap=gap)
