"""Alerts about the service itself: digests, dead channels, silent sources."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from alerts.model import Alert, AlertState, ChannelHealth
from alerts.policy import channels_in_order, leave_at
from monitor.office.model import Office


class Reach(Protocol):
    """What of the circumstances decides how somebody is reached."""

    @property
    def now(self) -> datetime:
        """Return when."""
        ...

    @property
    def office(self) -> Office:
        """Return who there is, and through what."""
        ...

    @property
    def health(self) -> Mapping[str, ChannelHealth]:
        """Return which channels failed lately (C25)."""
        ...


def system_alerts(
    reason: str,
    subject: str,
    to: Sequence[str],
    circumstances: Reach,
    *,
    mark: str = "",
    **facts: str,
) -> tuple[Alert, ...]:
    """Return alerts about the service itself: no incident, no round, nobody climbs (C18).

    Two with the same `mark` are one: what is noticed again and again is told once.
    """
    now = circumstances.now
    alerts = []
    for recipient in to:
        names = circumstances.office.channels_of(recipient)
        channels = channels_in_order(names, circumstances.health, now)
        if channels:
            id_ = "|".join([f"system:{subject}", "v1", reason, mark or f"at{now.timestamp():.0f}", recipient])
            alert = _alert(f"{id_}|{channels[0]}", reason, recipient, channels[0], circumstances, facts)
            alerts.append(replace(alert, alert_round=f"{subject}:{mark}" if mark else ""))
    return tuple(alerts)


def _alert(
    id_: str, reason: str, to: str, channel: str, circumstances: Reach, facts: Mapping[str, str]
) -> Alert:
    office, now = circumstances.office, circumstances.now
    person = office.person(to)
    level = person.level if person else None
    leave = leave_at(office, None, level, urgent=False, now=now)
    return Alert(
        id=id_,
        incident_id=None,
        reason=reason,
        to=to,
        level=level,
        channel=channel,
        to_group=office.is_group(channel) and reason != "shift_handover",  # each is a page of its own
        urgent=False,
        state=AlertState.HELD if leave.held_reason else AlertState.QUEUED,
        created_at=now,
        send_at=leave.at,
        held_reason=leave.held_reason,
        facts=json.dumps(facts, ensure_ascii=False),
    )
