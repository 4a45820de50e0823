"""What a rehearsal was expected to show and did not, in Chinese."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from alerts.message.words import say_length
from monitor.clock import as_local
from monitor.desk import words
from monitor.drill.scenario import Expectation, Scenario
from monitor.drill.telling import instant
from monitor.drill.timeline import Event

LONG_AGO = timedelta(days=36500)
MOST_SHOWN = 6


def find_misses(events: Sequence[Event], scenario: Scenario) -> list[str]:
    """Return what did not come as expected and what came unexpected; empty is success.

    Expectations are matched in order, events of one instant in any order; none is ever early.
    """
    used: set[int] = set()
    misses = []
    last_at = scenario.starts_at - LONG_AGO
    for expected in scenario.expect:
        found = next((i for i, e in enumerate(events) if i not in used and _fits(e, expected, last_at)), None)
        if found is None:
            misses.append(_describe_miss(expected, events, scenario))
            continue
        used.add(found)
        last_at = max(last_at, instant(events[found]))
    misses += [
        f"多出的事件：{_when(instant(e), scenario)} {_what(e['event'], _facts(e))}"
        for i, e in enumerate(events)
        if e["event"] in scenario.expect_only and i not in used
    ]
    return misses


def _fits(event: Event, expected: Expectation, last_at: datetime) -> bool:
    at = instant(event)
    if event["event"] != expected.event or at < last_at or not _is_in_time(at, expected):
        return False
    return not _differing(event, expected)


def _is_in_time(at: datetime, expected: Expectation) -> bool:
    return expected.at is None or expected.at <= at <= expected.at + expected.within


def _differing(event: Event, expected: Expectation) -> dict[str, Any]:
    """Return the event's values of the fields that are not as expected."""
    return {
        name: event.get(name)
        for name, wanted in expected.fields.items()
        if not _equal(event.get(name), wanted)
    }


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
    when = "任意时间" if expected.at is None else _when(expected.at, scenario)
    of_kind = [e for e in events if e["event"] == expected.event]
    # What came nearest says most: the fewest fields that differ, at the right time if there is a choice.
    nearest = sorted(
        of_kind, key=lambda e: (len(_differing(e, expected)), not _is_in_time(instant(e), expected))
    )
    came = [
        f"    实际：{_when(instant(e), scenario)}，{_difference(e, expected)}" for e in nearest[:MOST_SHOWN]
    ] or ["    实际：整个演练没有这类事件"]
    head = f"第 {expected.line} 行没有出现：{when} {_what(expected.event, expected.fields)}"
    return "\n".join([head, *came])


def _difference(event: Event, expected: Expectation) -> str:
    other = _differing(event, expected)
    if other:
        return "但 " + "、".join(f"{name}={value}" for name, value in other.items())
    return "次序在前一项之前" if _is_in_time(instant(event), expected) else "时间不符"


def _what(event: str, fields: Any) -> str:
    """Return the event in words with its own name and fields, which is how a drill file writes it."""
    said = "".join(f" {name}={value}" for name, value in fields.items())
    return f"{words.word('event', event)}（{event}{said}）"


def _facts(event: Event) -> dict[str, Any]:
    shown = ("incident", "to", "channel", "reason", "obligation", "from", "by", "level", "severity")
    return {name: event[name] for name in shown if event.get(name) is not None}


def _when(at: datetime, scenario: Scenario) -> str:
    """Return the time of day and how long after the start: `3月2日 08:30（开始后 30分钟）`."""
    local, elapsed = as_local(at), at - scenario.starts_at
    clock = f"{local.month}月{local.day}日 {local:%H:%M}" + (f":{local:%S}" if local.second else "")
    return f"{clock}（开始时）" if not elapsed else f"{clock}（开始后 {say_length(elapsed)}）"
