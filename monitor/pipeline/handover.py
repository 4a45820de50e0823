"""The handover of a shift: whoever comes on duty, and whoever leaves, is told what is open."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.digest.build import Digest
from alerts.message.words import say_person, say_time
from alerts.model import Alert
from alerts.rota import Span, changes_between, duty_spans, on_duty
from alerts.system import system_alerts
from monitor.collectors.model import Source
from monitor.dossier.model import Circumstances
from monitor.keeping import keep_once
from monitor.office.model import Level, Office, Person
from monitor.pipeline.digesting import DAY, gather_digest
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction

FRESH = timedelta(hours=1)
"""A handover missed for longer, because the service was away, is not caught up."""


AHEAD = timedelta(days=60)
"""How far the rota is looked through for the next handover."""


def next_handover_at(office: Office, after: datetime) -> datetime | None:
    """Return when somebody next comes on duty after this instant, or None where handovers are not told."""
    if not office.policy.tell_handover:
        return None
    return min((at for level in office.levels for at in _arrivals(office, level.number, after)), default=None)


def _arrivals(office: Office, level: int, after: datetime) -> Iterator[datetime]:
    """Yield the first instant at which this level has somebody whom it did not have before, if any."""
    before = on_duty(office, level, after)
    for at in changes_between(office, level, after, after + AHEAD):
        people = on_duty(office, level, at)
        if not set(people) <= set(before):
            yield at
            return
        before = people


def queue_handovers(setting: Setting, now: datetime) -> int:
    """Tell of the shifts that began lately, each once; return how many alerts were queued."""
    if not setting.office().policy.tell_handover:
        return 0
    with setting.store.reading() as transaction:
        office = setting.rostered(transaction, now - FRESH, now)
    changes = [(level.number, *change) for level in office.levels if (change := _begun(office, level, now))]
    if not changes:
        return 0
    with setting.store.transaction() as transaction:
        circumstances = setting.circumstances(transaction, now)
        return sum(
            len(keep_once(transaction, _handover_alerts(circumstances, level, before, current, person)))
            for level, before, current in changes
            for person in current.people
            if person not in before.people
        )


def _begun(office: Office, level: Level, now: datetime) -> tuple[Span, Span] | None:
    """Return the span of this level that began lately and the one before it, or None."""
    spans = duty_spans(office, level.number, now - FRESH, now + timedelta(microseconds=1))
    return (spans[-2], spans[-1]) if len(spans) > 1 else None


def _handover_alerts(
    circumstances: Circumstances, level: int, before: Span, current: Span, person: Person
) -> tuple[Alert, ...]:
    """Return the alerts to a person who comes on duty and to those who leave."""
    left = tuple(gone.id for gone in before.people if gone not in current.people)
    at = current.since.isoformat()
    return system_alerts(
        "shift_handover",
        f"level{level}",
        (person.id, *left),
        circumstances,
        mark=at,
        person=person.id,
        at=at,
        left=",".join(left),
    )


def handover_for(
    transaction: Transaction, office: Office, sources: Sequence[Source], alert: Alert, now: datetime
) -> Digest:
    """Return what a `shift_handover` alert announces: the last 24 hours and what is open."""
    facts = json.loads(alert.facts)
    at = datetime.fromisoformat(facts["at"])
    digest = gather_digest(transaction, office, sources, at - DAY, at, now)
    left = "、".join(say_person(person, office) for person in facts["left"].split(",") if person)
    who = f"{left} → {say_person(facts['person'], office)}" if left else say_person(facts["person"], office)
    return replace(digest, heading=f"{office.name}交接班（{say_time(at, now)}，{who}）")
