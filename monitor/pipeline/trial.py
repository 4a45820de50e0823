"""Trial words over the stored items: which verdicts would change; nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from monitor.classifiers.judge import Judge
from monitor.classifiers.model import Verdict
from monitor.clock import Clock
from monitor.items.model import Item
from monitor.ports import Question, Store

PAGE = 500
_OF_THE_KIND = frozenset({"event_type", "opinion", "not_live_reason"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTrial:
    """A judge that has words on trial; `notes` say which of the office's words change nothing with them."""

    judge: Judge
    notes: tuple[str, ...] = ()


class Words(Protocol):
    """The words that verdicts rest on, as they hold now, and with others on trial."""

    @property
    def judge(self) -> Judge:
        """Return the judge in force."""
        ...

    @property
    def version(self) -> str:
        """Return the hash of the words in force, as `rules check` names it."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Return which of the office's own words change nothing, each with its place."""
        ...

    def trial(self, files: Mapping[str, bytes]) -> OnTrial:
        """Return a judge that has these files of words too; raises ConfigurationError with every fault."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far a trial looks: items of the last `days`, at most `items` of them, for at most `time`."""

    days: int = 7
    items: int = 20_000
    time: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An item whose verdict would change."""

    item: Item
    before: Verdict
    after: Verdict

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words that only one of the two verdicts rests on, each once; of its kind if any."""
        differing = set(self.before.evidence) ^ set(self.after.evidence)
        kind = [proof for proof in differing if proof.field in _OF_THE_KIND]
        ordered = sorted(kind or differing, key=lambda proof: (proof.where, proof.start))
        return tuple(dict.fromkeys(proof.text for proof in ordered))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a trial found, the last to arrive first.

    `seen_until` is when the last item looked at arrived, where time or number ran out before the range was
    through; None means that every item of the range was looked at.
    """

    since: datetime
    looked_at: int
    shifts: tuple[Shift, ...]
    seen_until: datetime | None = None

    @property
    def appearing(self) -> int:
        """Return how many items would become matters."""
        return sum(shift.after.matter and not shift.before.matter for shift in self.shifts)

    @property
    def vanishing(self) -> int:
        """Return how many items would no longer be matters."""
        return sum(shift.before.matter and not shift.after.matter for shift in self.shifts)


def try_words(store: Store, before: Judge, after: Judge, clock: Clock, bounds: Bounds) -> Trial:
    """Judge the stored items twice, each as of its arrival, the last first, and return where the two differ.

    Both verdicts are made now: what is stored may be of older words. It keeps a core busy: call it in a
    thread.
    """
    started_at = clock.now()
    since = started_at - timedelta(days=bounds.days)
    shifts: list[Shift] = []
    looked_at, last_at = 0, None
    for item in _items(store, since):
        if looked_at >= bounds.items or clock.now() - started_at >= bounds.time:
            return Trial(since=since, looked_at=looked_at, shifts=tuple(shifts), seen_until=last_at or since)
        shift = Shift(
            item=item,
            before=before.judge_item(item, item.first_seen_at),
            after=after.judge_item(item, item.first_seen_at),
        )
        looked_at, last_at = looked_at + 1, item.first_seen_at
        if differs(shift.before, shift.after):
            shifts.append(shift)
    return Trial(since=since, looked_at=looked_at, shifts=tuple(shifts))


def _items(store: Store, since: datetime) -> Iterator[Item]:
    """Yield the items since then, the last to arrive first, a transaction a page: nobody waits for it."""
    before_id: int | None = None
    while True:
        with store.reading() as transaction:
            page = transaction.search(Question(since=since, limit=PAGE, before_id=before_id))
        yield from (hit.item for hit in page.hits)
        if page.next_before_id is None:
            return
        before_id = page.next_before_id


def differs(one: Verdict, other: Verdict) -> bool:
    """Return whether a duty officer would notice: matter, liveness, place, kind or grade."""
    return _noticed(one) != _noticed(other)


def _noticed(verdict: Verdict) -> tuple[object, ...]:
    return (
        verdict.matter,
        verdict.live,
        verdict.not_live_reason,
        verdict.local,
        verdict.event_type,
        verdict.opinion,
        verdict.severity,
    )
