"""A source as people look after it: its ledger with sums, and what a trial read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from monitor.collectors.model import Poll, Source
from monitor.collectors.poll import Polled
from monitor.collectors.readers.document import explain
from monitor.items.intake import take_in
from monitor.items.model import Item

MOST_SHOWN = 50
COLUMNS = ("raw", "created", "duplicate", "filtered", "failed")
"""What the ledger counts; the first is always the sum of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEntry:
    """One entry that a trial read; `is_known` if it is already stored."""

    item: Item
    is_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """What a trial brought: numbers, the first entries, and what went wrong where."""

    polled: Polled
    entries: tuple[TrialEntry, ...]
    read: int
    dated: int
    known: int
    unreadable: int
    problems: tuple[str, ...]

    @property
    def fresh(self) -> int:
        """Return how many entries are not stored yet."""
        return self.read - self.known


def read_trial(polled: Polled) -> tuple[Item, ...]:
    """Return the entries as they would be stored."""
    return take_in(polled).items


def trial_view(polled: Polled, items: tuple[Item, ...], known: Collection[str]) -> TrialView:
    """Return what a trial shows; `known` are the keys of entries that are stored."""
    problems = polled.reading.problems if polled.reading else ()
    return TrialView(
        polled=polled,
        entries=tuple(TrialEntry(item=i, is_known=i.key in known) for i in items[:MOST_SHOWN]),
        read=len(items),
        dated=sum(item.published_at is not None for item in items),
        known=sum(item.key in known for item in items),
        unreadable=take_in(polled).failed,
        problems=tuple(map(explain, problems)),
    )


def sums(polls: Iterable[Poll]) -> Mapping[str, int]:
    """Return the ledger's columns added up."""
    rows = tuple(polls)
    return {name: sum(getattr(poll, name) for poll in rows) for name in COLUMNS}


def place_of(source: Source) -> str:
    """Return where a source is read, without what may be a secret: the query of its address."""
    return source.address.partition("?")[0]
