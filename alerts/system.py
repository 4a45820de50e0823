"""Alerts about the service itself: digests, dead channels, silent sources."""

import json
from collections.abc import Sequence

from alerts.model import Alert, AlertState
from alerts.policy import channels_in_order, leave_at
from monitor.dossier.model import Circumstances


def system_alerts(
    reason: str,
    subject: str,
    to: Sequence[str],
    circumstances: Circumstances,
    *,
    mark: str = "",
    **facts: str,
) -> tuple[Alert, ...]:
    """Return alerts about the service itself: no incident, no round, nobody climbs (C18).

    Two with the same `mark` are one: what is noticed again and again is told once.
    """
    office, now = circumstances.office, circumstances.now
    alerts = []
    for recipient in to:
        channels = channels_in_order(office.channels_of(recipient), circumstances.health, now)
        if not channels:
            continue
        person = office.person(recipient)
        level = person.level if person else None
        leave = leave_at(office, None, level, urgent=False, now=now)
        alerts.append(
            Alert(
                id="|".join(
                    [
                        f"system:{subject}",
                        "v1",
                        reason,
                        mark or f"at{now.timestamp():.0f}",
                        recipient,
                        channels[0],
                    ]
                ),
                incident_id=None,
                reason=reason,
                to=recipient,
                level=level,
                channel=channels[0],
                urgent=False,
                state=AlertState.HELD if leave.held_reason else AlertState.QUEUED,
                created_at=now,
                send_at=leave.at,
                held_reason=leave.held_reason,
                facts=json.dumps(facts, ensure_ascii=False),
            )
        )
    return tuple(alerts)
