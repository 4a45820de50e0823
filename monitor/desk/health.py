"""What is wrong with the service itself: never looks like a quiet night (A10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from monitor.collectors.model import PollState, Source, SourceKind, SourceState
from monitor.desk import words
from monitor.desk.words import length
from monitor.ports import SelfWatch, Transaction

DEAD_SHOWN_FOR = timedelta(hours=24)
MOST_COUNTED = 1000
MOST_LOOKED_AT = 100

AUDIT_EXPECTED_WITHIN = timedelta(minutes=5)
"""The auditor runs every minute; older than this it has stopped."""

BACKLOG_FROM = timedelta(minutes=5)
"""A message that might have left so long ago is stuck: by then every channel took it or gave up (C15)."""

JUMP_SHOWN_FOR = timedelta(hours=1)
"""So long it is told that the machine's clock was moved: somebody should look at its time service."""

FAILING_FROM = 3
"""A step that failed so often in a row, or a heartbeat, is told; a single fault mends itself."""

KINDS = ("store", "engine", "step", "untold", "journal", "audit", "dead", "backlog", "channel", "heartbeat",
         "disk", "clock", "calendar", "source", "configuration")  # fmt: skip
"""Every kind of trouble, the worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that is wrong; `kind` is one of KINDS."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is not in the database: the files, the channels in use, this process's failing steps, the pace.

    `failing` is how often each step failed in a row; `year_fault` what the calendar of days worked lacks;
    `disk_fault` that the disk is nearly full; `pace` how many times faster than real time the clock runs.
    """

    sources: tuple[Source, ...] = ()
    channels: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()
    failing: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    year_fault: str | None = None
    disk_fault: str | None = None
    tick_expected_every: timedelta = timedelta(seconds=5)
    pace: float = 1.0


STORE_IS_DOWN = Trouble(kind="store", text="数据库暂时读不到，时限与消息都无法核对，请立即检查磁盘和数据库")


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


def troubles(transaction: Transaction, around: Surroundings, now: datetime) -> tuple[Trouble, ...]:
    """Return all troubles, the worst first."""
    found = [
        *_of_engine(transaction, around, now),
        *_of_steps(around),
        *_of_audit(transaction.self_watch(), around, now),
        *_of_outbox(transaction, around, now),
        *(Trouble(kind="source", text=f"信源“{s.name}”{why}") for s, why in _down(transaction, around, now)),
    ]
    if around.disk_fault:
        found.append(Trouble(kind="disk", text=around.disk_fault))
    if around.year_fault:
        found.append(Trouble(kind="calendar", text=around.year_fault))
    found += [
        Trouble(kind="configuration", text=f"配置修改有误，仍按原配置运行：{fault}")
        for fault in around.faults
    ]
    return tuple(sorted(found, key=lambda trouble: KINDS.index(trouble.kind)))


def _of_engine(transaction: Transaction, around: Surroundings, now: datetime) -> Iterable[Trouble]:
    pulse = transaction.pulse()
    tick = pulse.last_tick_at
    longest = max(12 * around.tick_expected_every, timedelta(minutes=1)) * around.pace
    if tick is None:
        yield Trouble(kind="engine", text="时限引擎尚未运行")
    elif now - tick > longest:
        text = f"时限引擎已停顿 {length(now - tick)}，倒计时与提醒可能失效"
        yield Trouble(kind="engine", text=text)
    if pulse.jumped_at is not None and pulse.jumped_by is not None and now - pulse.jumped_at < JUMP_SHOWN_FOR:
        way = "拨快" if pulse.jumped_by > timedelta(0) else "拨慢"
        text = (
            f"本机时钟在 {words.when(pulse.jumped_at, now)} 被{way} {length(pulse.jumped_by)}，请核对对时服务"
        )
        yield Trouble(kind="clock", text=text)


def _of_steps(around: Surroundings) -> Iterable[Trouble]:
    for step, times in around.failing.items():
        if times >= FAILING_FROM:
            yield Trouble(kind="step", text=f"“{words.word('step', step)}”连续失败 {times} 次，请查看日志")


def _of_audit(watch: SelfWatch, around: Surroundings, now: datetime) -> Iterable[Trouble]:
    if watch.untold:
        yield Trouble(kind="untold", text=f"有 {watch.untold} 项到期事项没有告知任何人，请立即人工通知")
    if watch.journal_fault:
        yield Trouble(kind="journal", text=f"留痕链不完整：{watch.journal_fault}")
    if watch.audited_at is not None and now - watch.audited_at > AUDIT_EXPECTED_WITHIN * around.pace:
        yield Trouble(kind="audit", text=f"自查已停顿 {length(now - watch.audited_at)}")
    if watch.heartbeat_failures >= FAILING_FROM:
        yield Trouble(kind="heartbeat", text=f"心跳地址连续 {watch.heartbeat_failures} 次没有应答")


def _of_outbox(transaction: Transaction, around: Surroundings, now: datetime) -> Iterable[Trouble]:
    if dead := dead_count(transaction, now):
        yield Trouble(kind="dead", text=f"24小时内有 {dead} 条消息未能送达")
    stuck = backlog_age(transaction, now)
    if stuck > BACKLOG_FROM * around.pace:
        yield Trouble(kind="backlog", text=f"有消息已超过应发时间 {length(stuck)}仍未发出")
    for name, health in transaction.channel_health().items():
        if health.is_unhealthy and name in around.channels:
            yield Trouble(kind="channel", text=f"通道“{name}”连续失败 {health.failures} 次，改走其他通道")


def _down(transaction: Transaction, around: Surroundings, now: datetime) -> tuple[tuple[Source, str], ...]:
    states = transaction.source_states()
    judged = ((s, source_trouble(s, states.get(s.id), now)) for s in around.sources)
    return tuple((source, why) for source, why in judged if why)


def sources_down(transaction: Transaction, around: Surroundings, now: datetime) -> frozenset[str]:
    """Return the ids of the sources that count as down."""
    return frozenset(source.id for source, _ in _down(transaction, around, now))


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


def backlog_age(transaction: Transaction, now: datetime) -> timedelta:
    """Return how long ago the oldest message that waits to be sent might have left."""
    waiting = transaction.alerts_in_states(("queued",), MOST_LOOKED_AT)
    return max((now - alert.send_at for alert in waiting), default=timedelta(0))
