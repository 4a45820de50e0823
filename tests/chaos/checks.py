"""What must hold after a storm, recomputed from the rules and the facts: not what the engine believes."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import Alert, AlertState, OutcomeClass, Round, RoundState
from monitor.deadlines.model import Obligation, Reminder, ReminderState
from monitor.deadlines.reminders import JUST_AFTER
from monitor.dossier.model import Dossier
from tests.chaos.facts import Facts, grouped
from tests.chaos.plan import STEP, short_office, short_rules
from tests.chaos.wire import Receipt

OFFICE = short_office("", "")
NO_REFUSALS = ("obsolete", "lease_lost")
MOST_LAG = 3
"""Cycles that a crossing may wait: for whoever was killed over it, and for the next worker."""

ONE, TWO, ALL = {"duty"}, {"duty", "office_head"}, {"duty", "office_head", "leader"}
_TOLD_FIRST = {"reminder_50": ONE, "reminder_75": TWO, "reminder_90": ALL, "due": ALL}
_OVERDUE_TO_ALL = 3  # every 15 of every 5 minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """An instant that passed while its obligation ran, and the reminder row that stands for it, if any."""

    obligation: Obligation
    kind: str
    at: datetime
    row: Reminder | None


def crossings(dossier: Dossier, facts: Facts) -> Iterator[Crossing]:
    """Yield every instant of this incident's obligations that a cycle saw pass, by the arithmetic of T9."""
    rows = {(row.obligation_id, row.kind): row for row in dossier.reminders}
    for obligation in dossier.obligations:
        until = obligation.ended_at or facts.instants[-1]
        for kind, at in _instants(obligation, until, _ladder_from(dossier, obligation, facts)):
            first = _cycle_of(max(at, obligation.opened_at), facts)
            if first < len(facts.instants) and facts.instants[first] < until:
                yield Crossing(obligation=obligation, kind=kind, at=at, row=rows.get((obligation.id, kind)))


def _instants(
    obligation: Obligation, until: datetime, ladder_from: datetime
) -> Iterator[tuple[str, datetime]]:
    for mark in short_rules().rule(obligation.kind).marks:
        yield f"reminder_{mark}", obligation.starts_at + obligation.window * mark / 100
    yield "due", obligation.due_at + JUST_AFTER
    number, at = 1, obligation.due_at + OFFICE.policy.overdue_every
    while at < until:
        if at >= ladder_from:
            yield f"overdue_{number}", at
        number, at = number + 1, at + OFFICE.policy.overdue_every


def _ladder_from(dossier: Dossier, obligation: Obligation, facts: Facts) -> datetime:
    """Return from when on overdue notices come: a house rule has them while the incident is serious (C24)."""
    if obligation.statutory:
        return obligation.due_at
    if not dossier.incident.is_serious:
        return facts.instants[-1]
    raised = (c.at for c in facts.noted("severity_changed") if c.incident == dossier.incident.id)
    return max(raised, default=obligation.due_at)


def _cycle_of(at: datetime, facts: Facts) -> int:
    """Return the number of the first cycle at or after an instant."""
    return bisect_left(facts.instants, at)


def find_faults(facts: Facts) -> list[str]:
    """Return everything that is not as it must be, in words with ids; empty when all is well."""
    faults = [f"untold: {code}" for code in facts.untold]
    faults += [f"a step failed: {said}" for said in facts.complaints]
    faults += [] if facts.journal_holds else ["the journal does not verify"]
    for dossier in facts.dossiers:
        for crossing in crossings(dossier, facts):
            faults += [f"{crossing.obligation.id} {crossing.kind}: {f}" for f in _lost(crossing, facts)]
        for standing in dossier.rounds:
            faults += [f"round {standing.id}: {fault}" for fault in _untold(standing, dossier, facts)]
    for dossier in facts.still_open:
        faults += _asleep(dossier, facts.over_at - STEP)
    noticed = Counter(change.at for change in facts.noted("service_up"))
    faults += [f"the outage that ended at {at} is told {n} times" for at, n in noticed.items() if n > 1]
    faults += _unfinished(facts)
    faults += _unjournalled(facts)
    for number, attempts in facts.deliveries_of.items():
        faults += [f"编号 {number}: {fault}" for fault in _wire_faults(number, facts)]
        faults += [f"编号 {number}: {attempts} out of order" for _ in range(_is_gapped(attempts))]
    unknown = facts.receipts_of.keys() - facts.deliveries_of.keys()
    return faults + [f"编号 {number} arrived and is in no row" for number in sorted(unknown)]


def _lost(crossing: Crossing, facts: Facts) -> Iterator[str]:
    """Yield what is wrong with how one crossing was told, or with why it was not."""
    row, until = crossing.row, crossing.obligation.ended_at
    if row is None:
        yield "there is no row"
        return
    lag = waited(crossing, facts)
    if row.state is ReminderState.WAITING or lag is None:
        yield "it still waits"
        return
    if lag > MOST_LAG:
        yield f"it waited {lag} cycles"
    if row.state is ReminderState.CANCELLED and row.done_at != until:
        yield f"it was cancelled ({row.cause}) while its obligation ran"
    if row.state is ReminderState.SKIPPED:
        yield from _wrongly_skipped(row, facts)
    if row.state is ReminderState.FIRED:
        yield from _told_otherwise(crossing, facts)


def waited(crossing: Crossing, facts: Facts) -> int | None:
    """Return how many cycles passed from the first that could see a crossing to the one that settled it."""
    if crossing.row is None or crossing.row.done_at is None:
        return None
    first = _cycle_of(max(crossing.at, crossing.obligation.opened_at), facts)
    return _cycle_of(crossing.row.done_at, facts) - first


def _wrongly_skipped(row: Reminder, facts: Facts) -> Iterator[str]:
    """Yield why no rule lets this one be skipped: T10, C1 and C2 name all that do."""
    others = facts.done_together[row.obligation_id, row.done_at]
    together = {other.kind for other in others}
    if row.kind == "due":
        yield "a breach was skipped"
    elif row.cause == "overtaken":
        if not any(o.state is ReminderState.FIRED and o.fires_at > row.fires_at for o in others):
            yield "it was skipped for nothing that came later"
    elif not row.kind.startswith("overdue_"):
        yield f"it was skipped: {row.cause}"
    elif row.cause == "service_away":
        if not any(_was_away(change.at, row.fires_at, facts) for change in facts.noted("service_up")):
            yield "it was skipped for an outage that was none"
    elif not together - {row.kind}:
        yield f"it was skipped alone: {row.cause}"


def _was_away(back_at: datetime, at: datetime, facts: Facts) -> bool:
    """Return whether an instant lies in the outage that ended then."""
    lengths = [c.facts["away_s"] for c in facts.noted("service_up") if c.at == back_at]
    return back_at - timedelta(seconds=max(lengths)) <= at <= back_at


def _told_otherwise(crossing: Crossing, facts: Facts) -> Iterator[str]:
    """Yield where the people told are not those of A6, or one of them has not exactly one row."""
    rows = facts.first_rows_of.get((crossing.obligation.id, crossing.kind), ())
    yield from _not_once(_people_first(crossing), rows, facts)


def _people_first(crossing: Crossing) -> set[str]:
    if crossing.obligation.kind == "follow_up":
        return ONE  # a house rule: how many more depends on the severity of that moment
    if crossing.kind.startswith("overdue_"):
        number = int(crossing.kind.removeprefix("overdue_"))
        return TWO if number % _OVERDUE_TO_ALL else ALL
    return _TOLD_FIRST[crossing.kind]


def _not_once(wanted: set[str], rows: Sequence[Alert], facts: Facts) -> Iterator[str]:
    told = Counter(alert.to for alert in rows)
    yield from (f"{to} was not told" for to in sorted(wanted - told.keys()))
    yield from (f"{to} has {count} rows" for to, count in told.items() if count > 1)
    channels = grouped((alert.to, alert.channel) for alert in facts.rows_like(rows))
    for to, through in channels.items():
        if len(set(through)) != len(through):
            yield f"{to} has two rows through one channel"


def _untold(standing: Round, dossier: Dossier, facts: Facts) -> Iterator[str]:
    """Yield who of a round's first levels has not exactly one row, and climbs that nobody made."""
    rows = [a for a in facts.alerts_of.get(standing.id, ()) if a.fallback_of is None]
    wanted = {p.id for p in OFFICE.people if p.level in standing.first_levels}
    yield from _not_once(wanted, [a for a in rows if a.reason == standing.reason], facts)
    climbed = Counter(a.to for a in rows if a.reason == "unacknowledged")
    yield from (
        f"{to} was told {count} times that nobody answered" for to, count in climbed.items() if count > 1
    )
    reached = {a.level for a in rows} | {p.level for p in OFFICE.people if p.id in standing.quieted}
    climbs = range(max(standing.first_levels) + 1, standing.told_level + 1)
    kept = _level_before(standing, dossier)
    yield from (f"level {n} was not told" for n in climbs if n > kept and n not in reached)


def _level_before(standing: Round, dossier: Dossier) -> int:
    """Return the level already told by the round that this one absorbed (C22)."""
    before = [r for r in dossier.rounds if r.serial == standing.serial - 1 and r.end_reason == "absorbed"]
    return before[0].told_level if before else 0


def _asleep(dossier: Dossier, now: datetime) -> Iterator[str]:
    """Yield what time alone should have changed by now."""
    for standing in dossier.rounds:
        if standing.state is RoundState.OPEN and standing.next_at and standing.next_at <= now:
            yield f"round {standing.id} did not climb"
    for ack in dossier.acknowledgements:
        if ack.state == "standing" and ack.expires_at and ack.expires_at <= now:
            yield f"acknowledgement {ack.id} did not expire"


def _unfinished(facts: Facts) -> Iterator[str]:
    """Yield the rows that are not accepted, nor visibly dead, nor cancelled for a reason."""
    for alert in facts.alerts:
        attempts = facts.deliveries_of.get(alert.message_no, ())
        accepted = any(d.outcome and d.outcome.kind is OutcomeClass.OK for d in attempts)
        if alert.state in (AlertState.QUEUED, AlertState.HELD):
            yield f"{alert.id} is still {alert.state}"
        elif alert.state is AlertState.SENT and not accepted:
            yield f"{alert.id} is sent without an accepted attempt"
        elif alert.state is not AlertState.SENT and not alert.cause:
            yield f"{alert.id} is {alert.state} for no reason"


def _unjournalled(facts: Facts) -> Iterator[str]:
    """Yield the rows whose story the journal does not tell exactly once."""
    for event, ids in (
        ("alert_queued", [a.id for a in facts.alerts]),
        ("alert_sent", [a.id for a in facts.alerts if a.state is AlertState.SENT]),
        ("alert_dead", [a.id for a in facts.alerts if a.state is AlertState.DEAD]),
        ("alert_cancelled", [a.id for a in facts.alerts if a.state is AlertState.CANCELLED]),
    ):
        told = Counter(change.facts["alert"] for change in facts.noted(event))
        yield from (f"{id_}: {event} is told {told[id_]} times" for id_ in ids if told[id_] != 1)


def _is_gapped(attempts: Iterable[object]) -> bool:
    numbers = [getattr(attempt, "attempt", 0) for attempt in attempts]
    return numbers != list(range(1, len(numbers) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One message on the wire: what was refused, and how often somebody may have read a part again."""

    refused: int
    settled: int  # attempts that ended in a refusal which is written down
    open_ended: int  # attempts without an outcome: in flight at a kill
    repeated: int
    gaps: int  # parts that came although the one before them was never accepted


def on_the_wire(number: int, facts: Facts) -> Wire:
    """Return what happened to one message."""
    attempts = facts.deliveries_of.get(number, ())
    ended = [d for d in attempts if d.outcome is None or d.outcome.code not in NO_REFUSALS]
    receipts = facts.receipts_of.get(number, ())
    readable = Counter(receipt.part for receipt in receipts if receipt.may_be_read)
    return Wire(
        refused=sum(not receipt.may_be_read for receipt in receipts),
        settled=sum(d.outcome is not None and d.outcome.kind is not OutcomeClass.OK for d in ended),
        open_ended=sum(d.outcome is None for d in attempts),
        repeated=sum(count - 1 for count in readable.values()),
        gaps=sum(_is_early(n, receipts) for n in range(len(receipts))),
    )


def _is_early(n: int, receipts: Sequence[Receipt]) -> bool:
    """Return whether a part arrived before the vendor had accepted the one before it."""
    before = {receipt.part for receipt in receipts[:n] if receipt.errcode == 0}
    return receipts[n].part > 1 and receipts[n].part - 1 not in before


def _wire_faults(number: int, facts: Facts) -> Iterator[str]:
    """Yield where the vendor received less than the rows say, or more than kills explain."""
    wire = on_the_wire(number, facts)
    attempts, receipts = facts.deliveries_of[number], facts.receipts_of.get(number, ())
    if not wire.settled <= wire.refused <= wire.settled + wire.open_ended:
        yield f"{wire.refused} refused, {wire.settled} written down and {wire.open_ended} cut off"
    if wire.repeated > wire.open_ended:
        yield f"{wire.repeated} read again, but only {wire.open_ended} attempts were cut off"
    if wire.gaps:
        yield f"{wire.gaps} parts came before the part before them was accepted"
    if {r.channel for r in receipts} - {d.channel for d in attempts}:
        yield "it arrived through another channel than its row says"
    accepted = {r.part for r in receipts if r.errcode == 0}
    if any(d.outcome and d.outcome.kind is OutcomeClass.OK for d in attempts) and (
        not receipts or not accepted.issuperset(range(1, receipts[-1].parts + 1))
    ):
        yield f"it counts as accepted, but of its parts only {sorted(accepted)} were"
    died_at = {at for at, _ in facts.killed}
    if any(d.outcome is None and d.started_at not in died_at for d in attempts):
        yield "an attempt has no outcome and nobody was killed then"
