"""How things stood at an instant: incidents, their clocks and the sources, also of a day long past."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.digest.build import SourceSummary
from monitor.collectors.backoff import Stale, stale
from monitor.collectors.model import Source, SourceKind, SourceState
from monitor.dossier.intake import Newcomer
from monitor.dossier.model import Dossier, Part
from monitor.dossier.past import as_it_stood
from monitor.ports import Transaction
from monitor.ports.papers import Polling

AN_INSTANT = timedelta(microseconds=1)
MOST_ITEMS = 10_000
"""No incident has more items; the oldest tell what it is about."""

LAG = timedelta(hours=1)
"""A source polled this much later than the instant asked about is taken as it is remembered now."""


def look_back(transaction: Transaction, since: datetime, at: datetime) -> tuple[Dossier, ...]:
    """Return the incidents that were open, ended or answered between `since` and `at`, as they were at `at`.

    What was found at `at` itself is among them. Those known to be elsewhere are not, except that they were
    not placed yet at that time.
    """
    incidents = transaction.incidents_between(since, at + AN_INSTANT)
    dossiers = transaction.dossiers_of(incidents, (Part.OBLIGATIONS, Part.PUBLICATIONS))
    journals = transaction.standing_changes([incident.id for incident in incidents])

    def items_of(incident_id: int) -> Callable[[], Sequence[Newcomer]]:
        return lambda: [
            Newcomer(item=joined.item, verdict=joined.verdict, reach_only=joined.reach_only)
            for joined in transaction.joined_items(incident_id, MOST_ITEMS)
            if joined.verdict is not None
        ]

    stood = (as_it_stood(d, journals[d.incident.id], at, items_of(d.incident.id)) for d in dossiers)
    return tuple(dossier for dossier in stood if dossier is not None and dossier.incident.local is not False)


def source_summaries(
    transaction: Transaction,
    sources: Iterable[Source],
    at: datetime,
    ledger: Mapping[str, Polling] | None = None,
) -> tuple[SourceSummary, ...]:
    """Return how each source fared at `at`, from what is remembered of it, else from the run ledger.

    With a `ledger` also how often it was polled within the ledger's range, and how often in vain.
    """
    states = transaction.source_states()
    is_past = any(state.last_poll_at and state.last_poll_at > at + LAG for state in states.values())
    if ledger is None and is_past:
        ledger = transaction.pollings(at, at)
    return tuple(
        _summary(source, _state_at(source, states.get(source.id), ledger if is_past else None), ledger, at)
        for source in sources
        if source.enabled
    )


def _state_at(
    source: Source, state: SourceState | None, ledger: Mapping[str, Polling] | None
) -> SourceState | None:
    if ledger is None:
        return state
    told = ledger.get(source.id)
    if told is None:
        return None
    return SourceState(
        source_id=source.id,
        last_poll_at=told.last_poll_at,
        last_success_at=told.last_success_at,
        last_new_item_at=told.last_new_item_at,
        failures=told.failures,
        usual_gap=state.usual_gap if state else None,
    )


def _unpolled(source: Source, state: SourceState, at: datetime) -> Stale | None:
    """Return since when nobody asked this source any more: the service itself was away."""
    if source.kind is SourceKind.INBOX or state.last_poll_at is None:
        return None
    is_silent = at - state.last_poll_at > max(3 * source.every, LAG)
    return Stale(reason="unreachable", since=state.last_success_at) if is_silent else None


def _summary(
    source: Source, state: SourceState | None, ledger: Mapping[str, Polling] | None, at: datetime
) -> SourceSummary:
    trouble = (stale(source, state, at) or _unpolled(source, state, at)) if state is not None else None
    told = ledger.get(source.id) if ledger else None
    return SourceSummary(
        id=source.id,
        name=source.name,
        down_since=(trouble.since or state.last_poll_at) if state and trouble else None,
        is_untried=source.kind is not SourceKind.INBOX and (state is None or state.last_success_at is None),
        polls=told.polls if told else 0,
        failed=told.failed if told else 0,
    )
