"""Reach as people see it: a small chart with words, who carries it, the opinion level with its reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from monitor.desk import words
from monitor.incidents.heat import HOUR, Heat, Sighting, measure_heat, per_hour
from monitor.incidents.model import Incident
from monitor.incidents.opinion_level import Attention, LevelTable, Reason, measure_attention
from monitor.ports import JoinedItem

DAY_HOURS: Final = 24
MOST_HOURS: Final = 72
HEIGHT: Final = 24
STEP: Final = 5
FRESH: Final = timedelta(hours=6)
"""How long a rise that was told is marked on the board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """One bar an hour, the newest at the right, as an inline SVG, and the same in words."""

    svg: Markup
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachView:
    """The reach of one incident; `hours` are the hours in which something happened, newest first."""

    heat: Heat
    attention: Attention
    reasons: tuple[str, ...]
    spark: Spark
    hours: tuple[tuple[datetime, int, int | None, float | None], ...]


def spark(instants: Sequence[datetime], now: datetime, hours: int = DAY_HOURS) -> Spark:
    """Return the arrivals of the last hours as a chart; an hour with an item is never invisible."""
    counts = per_hour(instants, now, hours)
    tallest = max(counts, default=0)
    bars = "".join(
        f"M{STEP * n + STEP // 2} {HEIGHT}v-{max(2, round(count / tallest * (HEIGHT - 2)))}"
        for n, count in enumerate(counts)
        if count
    )
    span = f"{hours} 小时" if hours != MOST_HOURS else "3 天"
    said = f"近 {span}新增 {sum(counts)} 条，最近 1 小时 {counts[-1]} 条，一小时最多 {tallest} 条"
    # Made here and not by a macro, which would cost the board more than the chart; all of it is our own.
    svg = Markup(  # noqa: S704
        f'<svg class="spark" viewBox="0 0 {STEP * hours} {HEIGHT}" role="img" aria-label="{said}">'
        f'<path d="{bars}"/></svg>'
    )
    return Spark(svg=svg, said=said)


def is_rising(incident: Incident, now: datetime) -> bool:
    """Return whether level 1 was told lately that the incident spreads faster."""
    told = incident.rise_told
    return told is not None and now - told.begins_at < FRESH


def reach_view(
    incident: Incident,
    sightings: Sequence[Sighting],
    reports: Sequence[JoinedItem],
    table: LevelTable,
    now: datetime,
) -> ReachView:
    """Return the reach of an incident with its opinion level."""
    heat = measure_heat(sightings, now)
    attention = measure_attention(incident, heat, [(j.item, j.verdict) for j in reports], table)
    arrived = [bucket.at for bucket in heat.series for _ in range(bucket.arrivals)]
    is_old = bool(heat.series) and now - heat.series[0].at > DAY_HOURS * HOUR
    return ReachView(
        heat=heat,
        attention=attention,
        reasons=tuple(say_points(reason) for reason in attention.reasons),
        spark=spark(arrived, now, MOST_HOURS if is_old else DAY_HOURS),
        hours=tuple(
            (b.at, b.arrivals, b.best_rank, b.peak_heat)
            for b in reversed(heat.series)
            if b.arrivals or b.best_rank is not None or b.peak_heat is not None
        ),
    )


def say_points(reason: Reason) -> str:
    """Return one reason with its points: `平台数 3（+1 分）`, `敏感因素：学校（+1 分）`."""
    name = words.word("attention", reason.factor)
    match reason.factor:
        case "severity":
            found = f" {words.severity_word(int(reason.found[0]))}"
        case "sensitive":
            found = "：" + "、".join(words.word("sensitive", code) for code in reason.found)
        case "demand" | "offline" if reason.found:
            found = "：" + "、".join(reason.found)
        case "rumor" | "demand" | "offline":
            found = ""
        case _:
            found = f" {reason.found[0]}"
    return f"{name}{found}（+{reason.points} 分）"


def say_heat(heat: float | None) -> str:
    """Return a board's own number as people read it: `123.4万`; boards count differently."""
    if heat is None:
        return "—"
    return f"{heat / 10_000:.1f}万" if heat >= 10_000 else f"{heat:g}"
