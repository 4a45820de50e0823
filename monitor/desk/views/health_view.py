"""How the service fares, in numbers and words, and what to do about what is wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import Alert
from monitor.desk import words
from monitor.desk.health import (
    DEAD_SHOWN_FOR,
    MOST_COUNTED,
    Surroundings,
    Trouble,
    backlog_age,
    sources_down,
    unreached,
)
from monitor.desk.machine import Disk, say_bytes
from monitor.ports import Transaction
from monitor.ports.workers import Worker

DEAD_SHOWN = 20
WORKER_LOST_AFTER = timedelta(minutes=1)
"""Processes report every 15 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One line of the page: what is looked at, how it stands in words, since when, whether that is well."""

    name: str
    value: str
    at: datetime | None = None
    is_well: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """The page: troubles with what to do, readings, processes and whether each is lost, dead letters."""

    troubles: tuple[tuple[Trouble, str], ...]
    readings: tuple[Reading, ...]
    workers: tuple[tuple[Worker, bool], ...]
    dead: tuple[Alert, ...]
    dead_count: int


def health_view(
    transaction: Transaction,
    around: Surroundings,
    found: tuple[Trouble, ...],
    disk: Disk | None,
    now: datetime,
) -> HealthView:
    """Return how everything stands at `now`."""
    letters = transaction.alerts_in_states(("dead",), MOST_COUNTED)
    dead = [a for a in letters if now - (a.closed_at or a.created_at) <= DEAD_SHOWN_FOR]
    kinds = {trouble.kind for trouble in found}
    return HealthView(
        troubles=tuple((trouble, words.word("advice", trouble.kind)) for trouble in found),
        readings=(
            *_of_engine(transaction, kinds, now),
            *_of_messages(transaction, kinds, len(dead), now),
            *_of_sources(transaction, around, now),
            *_of_machine(transaction, disk),
        ),
        workers=tuple(
            (worker, now - worker.seen_at > WORKER_LOST_AFTER * around.pace)
            for worker in transaction.workers()
        ),
        dead=tuple(reversed(dead[-DEAD_SHOWN:])),
        dead_count=len(dead),
    )


def _of_engine(transaction: Transaction, kinds: set[str], now: datetime) -> tuple[Reading, ...]:
    pulse, watch = transaction.pulse(), transaction.self_watch()
    heartbeat = "未设心跳地址，或还没有应答"
    return (
        _last("时限引擎最近一次运行", pulse.last_tick_at, now, is_well="engine" not in kinds),
        Reading(
            name="连续运行自",
            value=words.when(pulse.awake_since, now) if pulse.awake_since else "—",
            at=pulse.awake_since,
        ),
        _last("最近一次自查", watch.audited_at, now, is_well="audit" not in kinds),
        Reading(name="到期而无人得知的事项", value=f"{watch.untold} 项", is_well=not watch.untold),
        _last("心跳地址最近应答", watch.heartbeat_at, now, never=heartbeat, is_well="heartbeat" not in kinds),
    )


def _of_messages(transaction: Transaction, kinds: set[str], dead: int, now: datetime) -> tuple[Reading, ...]:
    waiting = len(transaction.alerts_in_states(("queued",), MOST_COUNTED))
    held = len(transaction.alerts_in_states(("held",), MOST_COUNTED))
    late = backlog_age(transaction, now)
    queue = f"{waiting} 条" + (f"，最久已等 {words.length(late)}" if late > timedelta(0) else "")
    bad = [h.channel for h in transaction.channel_health().values() if h.is_unhealthy]
    return (
        Reading(name="待发消息", value=queue, is_well="backlog" not in kinds),
        Reading(name="暂缓消息（静默时段等）", value=f"{held} 条"),
        Reading(name="24小时内未能送达", value=f"{dead} 条", is_well=not dead),
        Reading(name="异常渠道", value="、".join(bad) or "没有", is_well="channel" not in kinds),
    )


def _of_sources(transaction: Transaction, around: Surroundings, now: datetime) -> tuple[Reading, ...]:
    enabled = sum(source.enabled for source in around.sources)
    down = len(sources_down(transaction, around, now))
    never = unreached(transaction, around.sources)
    return (
        Reading(
            name="信源", value=f"启用 {enabled} 个，异常 {down} 个，从未采集成功 {never} 个", is_well=not down
        ),
        Reading(name="留痕", value=f"{transaction.journal_head()[0]} 条"),
    )


def _of_machine(transaction: Transaction, disk: Disk | None) -> tuple[Reading, ...]:
    size = Reading(name="数据库大小", value=say_bytes(transaction.database_bytes()))
    if disk is None:
        return (size,)
    room = f"剩 {say_bytes(disk.free)}，共 {say_bytes(disk.total)}"
    return size, Reading(name="磁盘", value=room, is_well=disk.fault is None)


def _last(name: str, at: datetime | None, now: datetime, *, is_well: bool, never: str = "还没有") -> Reading:
    """Return the line of what happens again and again: how long ago it last did."""
    value = never if at is None else f"{words.length(now - at)}前"
    return Reading(name=name, value=value, at=at, is_well=is_well)
