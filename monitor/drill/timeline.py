"""The timeline of a rehearsal (CONTRACTS section 5)."""

import json
from datetime import datetime
from typing import Any

from monitor.clock import as_local
from monitor.dossier.model import Change

Event = dict[str, Any]
"""One line of the timeline: `at` (ISO 8601, +08:00), `event`, `incident`, and the facts of its kind."""


def as_event(change: Change, at: datetime, machine_at: datetime | None) -> Event:
    """Return the line of a change that was seen at true time `at`; `machine_at` once the clock was moved."""
    event: Event = {"at": as_local(at).isoformat(), "event": change.event, "incident": change.incident}
    event |= dict(change.facts)
    if change.words is not None:
        event["reason"] = change.words
    if machine_at is not None:
        event["machine_at"] = as_local(machine_at).isoformat()
    return event


def as_line(event: Event) -> str:
    """Return the event as a line of JSON."""
    return json.dumps(event, ensure_ascii=False)
