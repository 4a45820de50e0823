"""Drive recorded days of hot lists through the service on simulated time (CONTRACTS section 4)."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from monitor.clock import SHANGHAI, as_utc
from monitor.collectors.model import Role, Source, SourceKind
from monitor.drill.days import Board, DaysError, boards, read_days

_NAMES = {
    "weibo": "微博热搜",
    "zhihu": "知乎热榜",
    "baidu": "百度热搜",
    "douyin": "抖音热点",
    "kuaishou": "快手热榜",
}
_EDITED = frozenset({"baidu"})  # its entries are headlines of licensed media

Deliver = Callable[[datetime, Source, bytes], Awaitable[None]]
"""Hands a source's answer to the collectors at an instant."""

Advance = Callable[[datetime], Awaitable[None]]
"""Lets the service live up to an instant: reminders, rounds and deliveries in between happen at theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a replay came to; `speed` is items a second of real time."""

    days: int
    polls: int
    items: int
    matters: int
    incidents: int
    alerts: int
    seconds: float

    @property
    def speed(self) -> float:
        """Return items a second."""
        return self.items / self.seconds if self.seconds else 0.0


def board_source(platform: str) -> Source:
    """Return the source that a recorded list stands for; the address is a name only, nothing is fetched."""
    return Source(
        id=f"replay-{platform}",
        name=_NAMES.get(platform, platform),
        kind=SourceKind.HOTLIST,
        role=Role.MEDIA if platform in _EDITED else Role.SOCIAL,
        address=f"https://replay.invalid/api/s?id={platform}",
        platform=platform,
        reading=MappingProxyType({"shape": "newsnow"}),
    )


def recorded_boards(folder: Path, since: date | None = None, until: date | None = None) -> Iterator[Board]:
    """Yield the lists of the days from `since` to `until`, both included; raises DaysError where there are none."""
    days = read_days(folder, since, until)
    if not days:
        raise DaysError(folder, "no recorded day in this range")
    for day in days:
        yield from boards(folder, day)


async def replay_days(
    folder: Path,
    deliver: Deliver,
    advance: Advance,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Counter[str]:
    """Deliver every recorded list at its instant, and let the service live on to the end of the last day.

    Returns the number of polls and days. Between days that do not follow each other the service lives on as
    well.
    """
    counts: Counter[str] = Counter()
    sources: dict[str, Source] = {}
    last: date | None = None
    for board in recorded_boards(folder, since, until):
        source = sources.setdefault(board.platform, board_source(board.platform))
        await advance(board.at)
        await deliver(board.at, source, board.body)
        day = board.at.astimezone(SHANGHAI).date()
        counts["days"] += day != last
        counts["polls"] += 1
        last = day
    if last is not None:
        await advance(as_utc(datetime.combine(last, time.min, SHANGHAI) + timedelta(days=1)))
    return counts


def summarize(
    timeline: Iterable[Mapping[str, Any]], counts: Mapping[str, int], matters: int, seconds: float
) -> Summary:
    """Return the summary of a timeline (CONTRACTS section 5) and of what `replay_days` counted."""
    events = Counter(line["event"] for line in timeline)
    return Summary(
        days=counts.get("days", 0),
        polls=counts.get("polls", 0),
        items=events["item"],
        matters=matters,
        incidents=events["incident_opened"],
        alerts=events["alert_queued"],
        seconds=seconds,
    )
