"""The timeline of a rehearsal, and what it was expected to show."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.clock import as_local
from monitor.dossier.model import Change
from monitor.drill.scenario import Expectation, Scenario

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


def find_misses(events: Sequence[Event], scenario: Scenario) -> list[str]:
    """Return in Chinese what did not come as expected and what came unexpected; empty is success.

    Expectations are matched in order, events of one instant in any order; none is ever early.
    """
    used: set[int] = set()
    misses = []
    last_at = scenario.starts_at - timedelta(days=36500)
    for expected in scenario.expect:
        found = next((i for i, e in enumerate(events) if i not in used and _fits(e, expected, last_at)), None)
        if found is None:
            misses.append(_describe_miss(expected, events, scenario))
            continue
        used.add(found)
        last_at = max(last_at, _at(events[found]))
    misses += [
        f"多出的事件：{say_event(e, scenario.starts_at)}"
        for i, e in enumerate(events)
        if e["event"] in scenario.expect_only and i not in used
    ]
    return misses


def _fits(event: Event, expected: Expectation, last_at: datetime) -> bool:
    at = _at(event)
    if event["event"] != expected.event or at < last_at:
        return False
    if expected.at is not None and not expected.at <= at <= expected.at + expected.within:
        return False
    return all(_equal(event.get(name), wanted) for name, wanted in expected.fields.items())


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event["at"])


def _equal(got: Any, wanted: Any) -> bool:
    if got == wanted:
        return True
    if not isinstance(got, str) or not isinstance(wanted, str):
        return False
    try:
        return datetime.fromisoformat(got) == datetime.fromisoformat(wanted)
    except (ValueError, TypeError):
        return False


def _describe_miss(expected: Expectation, events: Sequence[Event], scenario: Scenario) -> str:
    when = "任意时间" if expected.at is None else say_offset(expected.at - scenario.starts_at)
    fields = ", ".join(f"{name}={value}" for name, value in expected.fields.items())
    near = [e for e in events if e["event"] == expected.event]
    shown = "；".join(say_event(e, scenario.starts_at) for e in near[:6]) or "没有这类事件"
    return f"第 {expected.line} 行没有出现：{when} {expected.event} {fields}\n    实际：{shown}"


def say_offset(length: timedelta) -> str:
    """Return a length since the start as `+2天 03:15:00`."""
    seconds = round(length.total_seconds())
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    return (f"+{days}天 " if days else "+") + f"{hours:02}:{minutes:02}:{seconds:02}"


def say_event(event: Mapping[str, Any], starts_at: datetime) -> str:
    """Return one line of the story a rehearsal tells."""
    facts = " ".join(
        f"{name}={value}"
        for name, value in event.items()
        if name not in ("at", "event", "incident", "alert", "id", "legal_basis", "machine_at")
        and value is not None
    )
    where = f" 事件{event['incident']}" if event.get("incident") else ""
    return f"{say_offset(_at(dict(event)) - starts_at)}{where} {event['event']} {facts}"
