"""The handover of a shift: whoever comes on duty, and whoever leaves, is told what is open."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.digest.build import Digest
from alerts.message.words import say_person, say_time
from alerts.model import Alert
from alerts.system import system_alerts
from monitor.collectors.model import Source
from monitor.keeping import keep_once
from monitor.office.model import Office, Shift
from monitor.pipeline.digesting import DAY, gather_digest
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction

FRESH = timedelta(hours=1)
"""A handover missed for longer, because the service was away, is not caught up."""


def next_handover_at(office: Office, after: datetime) -> datetime | None:
    """Return when the next shift begins after this instant, or None where handovers are not told."""
    if not office.policy.tell_handover:
        return None
    return min((shift.since for shift in office.shifts if shift.since > after), default=None)


def queue_handovers(setting: Setting, now: datetime) -> int:
    """Tell of the shifts that began lately, each once; return how many alerts were queued."""
    office = setting.office()
    if not office.policy.tell_handover:
        return 0
    begun = [s for s in office.shifts if s.since <= now < min(s.until, s.since + FRESH)]
    changing = [(shift, before) for shift in begun if shift.person not in (before := _before(office, shift))]
    if not changing:
        return 0
    with setting.store.transaction() as transaction:
        circumstances = setting.circumstances(transaction, now)
        return sum(
            len(
                keep_once(
                    transaction,
                    system_alerts(
                        "shift_handover",
                        f"level{shift.level}",
                        (shift.person, *before),
                        circumstances,
                        mark=shift.since.isoformat(),
                        person=shift.person,
                        at=shift.since.isoformat(),
                        left=",".join(before),
                    ),
                )
            )
            for shift, before in changing
        )


def _before(office: Office, shift: Shift) -> tuple[str, ...]:
    """Return who was on duty at this level until the shift began."""
    ending = (s for s in office.shifts if s.level == shift.level and s.since < shift.since <= s.until)
    return tuple(dict.fromkeys(s.person for s in ending))


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
