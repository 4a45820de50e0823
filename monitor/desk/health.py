"""What is wrong with the service itself: never looks like a quiet night (A10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from monitor.collectors.model import PollState, Source, SourceKind, SourceState
from monitor.desk.words import length
from monitor.ports import Transaction

DEAD_SHOWN_FOR = timedelta(hours=24)
MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong; `kind` is engine, source, dead or configuration."""

    kind: str
    text: str


def source_trouble(source: Source, state: SourceState | None, now: datetime) -> str | None:
    """Return why a source counts as down, or None.

    A source never tried, or not verified and never successful (C20), is not down: it is not yet up.
    """
    if state is None or not source.enabled or state.last_poll_at is None:
        return None
    if state.last_success_at is None:
        return "从未成功" if source.verified and state.failures >= 1 else None
    silent = now - state.last_success_at
    if state.last_state is PollState.FAILED and silent > max(3 * source.every, timedelta(minutes=30)):
        return f"已 {length(silent)}未成功"
    quiet = now - (state.last_new_item_at or state.last_success_at)
    if state.usual_gap is not None and quiet > max(4 * state.usual_gap, timedelta(days=1)):
        return f"已 {length(quiet)}无新条目"
    return None


def troubles(
    transaction: Transaction,
    *,
    sources: Iterable[Source],
    faults: Iterable[str],
    now: datetime,
    tick_expected_every: timedelta,
) -> tuple[Trouble, ...]:
    """Return all troubles, the worst first."""
    found = []
    tick, longest = transaction.pulse().last_tick_at, max(12 * tick_expected_every, timedelta(minutes=1))
    if tick is None:
        found.append(Trouble(kind="engine", text="时限引擎尚未运行"))
    elif now - tick > longest:
        found.append(
            Trouble(kind="engine", text=f"时限引擎已停顿 {length(now - tick)}，倒计时与提醒可能失效")
        )
    if dead := dead_count(transaction, now):
        found.append(Trouble(kind="dead", text=f"24小时内有 {dead} 条消息未能送达"))
    states = transaction.source_states()
    found += [
        Trouble(kind="source", text=f"信源“{source.name}”{why}")
        for source in sources
        if (why := source_trouble(source, states.get(source.id), now))
    ]
    found += [
        Trouble(kind="configuration", text=f"配置修改有误，仍按原配置运行：{fault}") for fault in faults
    ]
    return tuple(found)


def unreached(transaction: Transaction, sources: Iterable[Source]) -> int:
    """Return how many sources in use were never read: of what they say nothing is known.

    An inbox does not count: it is the other side's turn.
    """
    states = transaction.source_states()
    polled = (s for s in sources if s.enabled and s.kind is not SourceKind.INBOX)
    return sum((state := states.get(s.id)) is None or state.last_success_at is None for s in polled)


def dead_count(transaction: Transaction, now: datetime) -> int:
    """Return how many messages were given up in the last 24 hours."""
    dead = transaction.alerts_in_states(("dead",), MOST_COUNTED)
    return sum(now - (a.closed_at or a.created_at) <= DEAD_SHOWN_FOR for a in dead)


def metrics(transaction: Transaction, *, found: Iterable[Trouble], now: datetime) -> bytes:
    """Return the numbers for Prometheus."""
    registry = CollectorRegistry()
    tick = transaction.pulse().last_tick_at
    numbers = {
        "huiying_engine_age_seconds": (
            "Age of the engine's last tick",
            (now - tick).total_seconds() if tick else -1,
        ),
        "huiying_open_incidents": (
            "Open incidents",
            len(transaction.incidents(("open",), limit=MOST_COUNTED)),
        ),
        "huiying_dead_messages": ("Messages given up in the last 24 hours", dead_count(transaction, now)),
        "huiying_waiting_messages": (
            "Messages queued or held",
            len(transaction.alerts_in_states(("queued", "held"), MOST_COUNTED)),
        ),
    }
    for name, (about, value) in numbers.items():
        Gauge(name, about, registry=registry).set(value)
    kinds = Gauge("huiying_troubles", "What is wrong with the service itself", ["kind"], registry=registry)
    for kind in ("engine", "dead", "source", "configuration"):
        kinds.labels(kind).set(sum(t.kind == kind for t in found))
    return generate_latest(registry)
