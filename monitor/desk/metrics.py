"""The same in numbers, for Prometheus; `alert_rules.yaml` beside this module says which are alarming."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from monitor.desk.health import (
    KINDS,
    MOST_COUNTED,
    Surroundings,
    Trouble,
    backlog_age,
    dead_count,
    sources_down,
)
from monitor.ports import Transaction


def metrics(transaction: Transaction, around: Surroundings, found: Iterable[Trouble], now: datetime) -> bytes:
    """Return the numbers for Prometheus; -1 stands for the age of what never was."""
    registry = CollectorRegistry()
    for name, about, value in _numbers(transaction, now):
        Gauge(f"huiying_{name}", about, registry=registry).set(value)
    for name, about, label, values in _families(transaction, around, found, now):
        family = Gauge(f"huiying_{name}", about, [label], registry=registry)
        for key, value in values.items():
            family.labels(key).set(value)
    return generate_latest(registry)


def _age(at: datetime | None, now: datetime) -> float:
    return -1 if at is None else (now - at).total_seconds()


def _numbers(transaction: Transaction, now: datetime) -> Iterable[tuple[str, str, float]]:
    """Yield name, description and value of everything that there is one of."""
    watch = transaction.self_watch()
    incidents = transaction.incidents(("open",), limit=MOST_COUNTED)
    waiting = transaction.alerts_in_states(("queued", "held"), MOST_COUNTED)
    yield "engine_age_seconds", "Age of the engine's last tick", _age(transaction.pulse().last_tick_at, now)
    yield "open_incidents", "Open incidents", len(incidents)
    yield "dead_messages", "Messages given up in the last 24 hours", dead_count(transaction, now)
    yield "waiting_messages", "Messages queued or held", len(waiting)
    yield "backlog_seconds", "Longest overdue message", backlog_age(transaction, now).total_seconds()
    yield "audit_age_seconds", "Age of the last self-audit", _age(watch.audited_at, now)
    yield "untold", "Things due that nobody was told of", watch.untold
    yield "heartbeat_failures", "Heartbeats without an answer, in a row", watch.heartbeat_failures
    yield "journal_entries", "Entries of the journal", transaction.journal_head()[0]
    yield (
        "journal_broken",
        "1 if the journal's chain or an anchor does not hold",
        watch.journal_fault is not None,
    )
    yield (
        "journal_age_seconds",
        "Age of the last check of the whole journal",
        _age(watch.journal_whole_at, now),
    )


def _families(
    transaction: Transaction, around: Surroundings, found: Iterable[Trouble], now: datetime
) -> Iterable[tuple[str, str, str, Mapping[str, float]]]:
    """Yield name, description, label and values of everything that there are several of."""
    kinds, health = [t.kind for t in found], transaction.channel_health()
    down = sources_down(transaction, around, now)
    yield "troubles", "What is wrong with the service itself", "kind", {k: kinds.count(k) for k in KINDS}
    yield (
        "source_stale",
        "1 if a source counts as down",
        "source",
        {s.id: s.id in down for s in around.sources},
    )
    yield (
        "channel_unhealthy",
        "1 if a channel failed three times in a row",
        "channel",
        {name: name in health and health[name].is_unhealthy for name in sorted(around.channels)},
    )
    yield "step_failures", "Failures in a row of a step of this process", "step", around.failing
