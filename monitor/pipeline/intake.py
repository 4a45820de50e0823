"""From a poll to incidents: store what is new, judge it, let it open or join incidents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock

from monitor.classifiers.model import Verdict
from monitor.collectors.model import Poll, Role
from monitor.dossier.intake import Newcomer, join_incident, open_incident
from monitor.dossier.model import Change, Changes, Circumstances
from monitor.errors import ConflictError
from monitor.incidents.answers import match_answer
from monitor.incidents.group import Grouping
from monitor.incidents.model import Incident, IncidentState
from monitor.items.intake import Arrival, close_poll, with_revisions
from monitor.items.model import Item
from monitor.keeping import keep
from monitor.pipeline.known import Known
from monitor.pipeline.rises import tell_rises
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction

TRIES = 3
"""How often a poll is taken in when others change the same incidents meanwhile."""

MOST_ANSWERED = 500
"""How many open incidents, the newest, an official item is held against."""

Judging = Callable[[Item, datetime], Verdict]
Segmenting = Callable[[str], tuple[str, ...]]
Beside = Callable[[Transaction, Sequence[Item]], None]
"""What else is kept of new items, in the transaction that stores them."""


class Intake:
    """Takes in what collectors bring.

    It blocks and runs in a worker thread, one poll at a time.
    """

    def __init__(self, setting: Setting, judge: Judging, known: Known, segment: Segmenting) -> None:
        self._setting = setting
        self._judge = judge
        self._segment = segment
        self._known_incidents = known
        self._one_at_a_time = Lock()

    def take_in(
        self, arrival: Arrival, now: datetime, luck: float = 0.5, beside: Beside | None = None
    ) -> Poll:
        """Store one poll: its ledger row, its new items with their verdicts, and what follows from them.

        Items of one poll are decided in the order of (publication, address): their order within it never
        matters.
        """
        with self._one_at_a_time:
            for _ in range(TRIES - 1):
                try:
                    return self._take_in(arrival, now, luck, beside)
                except ConflictError:
                    continue  # Another worker was faster, or two waited for each other on PostgreSQL.
            return self._take_in(arrival, now, luck, beside)

    def _take_in(self, arrival: Arrival, now: datetime, luck: float, beside: Beside | None) -> Poll:
        with self._setting.store.reading() as transaction:
            keys = [item.key for item in arrival.items]
            arrival = with_revisions(arrival, transaction.titles(keys))
            known = transaction.known_items([item.key for item in arrival.items])
        fresh = sorted(
            (i for i in arrival.items if i.key not in known), key=lambda i: (i.at, i.url or "", i.key)
        )
        verdicts = {item.key: self._judge(item, now) for item in fresh}
        try:
            with self._setting.store.transaction() as transaction:
                return self._store(transaction, arrival, fresh, verdicts, now, luck, beside)
        except BaseException:
            self._known_incidents.forget()
            raise

    def _store(
        self,
        transaction: Transaction,
        arrival: Arrival,
        fresh: Sequence[Item],
        verdicts: Mapping[str, Verdict],
        now: datetime,
        luck: float,
        beside: Beside | None,
    ) -> Poll:
        known = transaction.known_items([item.key for item in arrival.items])
        poll, new, again, state = close_poll(arrival, known, now, luck)
        transaction.save_poll(poll, state)
        transaction.note_sightings({known[item.key]: item for item in again}, now)
        keys = {item.key for item in new}
        ordered = [item for item in fresh if item.key in keys]
        stored = transaction.add_items(ordered, [verdicts[item.key] for item in ordered])
        if beside is not None:
            beside(transaction, stored)
        touched = [self._follow(transaction, item, verdicts[item.key], now) for item in stored]
        tell_rises(transaction, touched, self._setting, now)
        return poll

    def _follow(
        self, transaction: Transaction, item: Item, verdict: Verdict, now: datetime
    ) -> Incident | None:
        """Return the incident that the item opened or joined, if it did."""
        transaction.record([_item_change(item, verdict, now)])
        if item.baseline or not _concerns_us(item, verdict):
            return None
        if item.role is Role.OFFICIAL and not verdict.tokens:
            # Our own channels seldom sound like a matter; whether they answer one is decided on their words.
            verdict = self.with_words(item, verdict)
        grouping = self._known_incidents.refresh(transaction, now).group(item, verdict)
        if (
            item.role is Role.OFFICIAL
            and grouping.incident_id is None
            and not (verdict.matter and verdict.live)
        ):
            grouping = _as_answer(transaction, grouping, item, verdict)
        circumstances = self._setting.circumstances(transaction, now)
        if grouping.incident_id is not None:
            joined = _join(transaction, grouping, item, verdict, circumstances)
            if joined is None:
                return None
            changes = joined
        elif verdict.matter and verdict.live and verdict.local is not False:
            newcomer = Newcomer(item=item, verdict=verdict, reason=grouping.reason, traits=grouping.traits)
            changes = open_incident(transaction.next_incident_id(), [newcomer], circumstances)
        else:
            return None
        keep(transaction, changes)
        self._known_incidents.note(changes.incident, item)
        return changes.incident

    def with_words(self, item: Item, verdict: Verdict) -> Verdict:
        """Return the verdict with the words of its item, which one of no matter is without."""
        return replace(verdict, tokens=self._segment(f"{item.title}\n{item.text}"))


def _as_answer(transaction: Transaction, grouping: Grouping, item: Item, verdict: Verdict) -> Grouping:
    """Return the open incident of ours that an official item answers best, or the grouping as it is.

    An answer may share fewer words with its incident than another report of it would (调查报告公布).
    """
    open_ones = transaction.incidents(("open",), limit=MOST_ANSWERED)
    found = [
        (answer.similarity, incident.id)
        for incident in open_ones
        if incident.local and (answer := match_answer(item, verdict, incident)) is not None
    ]
    if not found:
        return grouping
    similarity, incident_id = max(found)
    return replace(grouping, incident_id=incident_id, reason="similar", similarity=similarity)


def _join(
    transaction: Transaction,
    grouping: Grouping,
    item: Item,
    verdict: Verdict,
    circumstances: Circumstances,
) -> Changes | None:
    """Return what joining changes; None for a notice of our own that answers nothing."""
    dossier = transaction.dossier(_survivor(transaction, grouping.incident_id or 0))
    answer = match_answer(item, verdict, dossier.incident) if item.role is Role.OFFICIAL else None
    if not verdict.matter and answer is None:
        return None
    newcomer = Newcomer(
        item=item,
        verdict=verdict,
        reach_only=grouping.duplicate_of is not None,
        similarity=grouping.similarity,
        reason=grouping.reason,
        shared=grouping.shared,
        answer=answer,
        traits=grouping.traits,
    )
    return join_incident(dossier, [newcomer], circumstances)


def _concerns_us(item: Item, verdict: Verdict) -> bool:
    """Return whether an item can belong to an incident of ours: a live matter, or our own channel."""
    if verdict.local is False:
        return False
    return (verdict.matter and verdict.live) or item.role is Role.OFFICIAL


def _survivor(transaction: Transaction, incident_id: int) -> int:
    """Return the incident that a merged one went up in, or itself."""
    incident = transaction.dossier(incident_id).incident
    while incident.state is IncidentState.MERGED and incident.merged_into is not None:
        incident = transaction.dossier(incident.merged_into).incident
    return incident.id


def _item_change(item: Item, verdict: Verdict, now: datetime) -> Change:
    facts = {
        "item": item.id,
        "source": item.source_id,
        "matter": verdict.matter,
        "live": verdict.live,
        "local": verdict.local,
        "reason": verdict.not_live_reason,
    }
    return Change(at=now, event="item", incident=None, facts=facts)
