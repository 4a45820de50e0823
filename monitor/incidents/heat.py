"""Reach over time: how many items, sources, platforms and board ranks carry an incident; rising or not.

Rising is a test of two Poisson rates by their conditional binomial (Przyborowski and Wilenski, 1940): given
`n` sightings in all, those of the last window are binomial with the window's share of the time. No
threshold on the number of sightings is chosen by hand; only the chance of a false alarm is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An item of the incident seen at a source; `rank` is 1 for the top of a board."""

    at: datetime
    item_id: int
    source_id: str
    platform: str | None = None
    rank: int | None = None
    heat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What one hour `[at, at + 1 h)` brought."""

    at: datetime
    sightings: int
    best_rank: int | None
    peak_heat: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """Whether the last window is faster than the time before: `chance` is the test's p-value."""

    is_rising: bool
    recent: int
    expected: float
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The reach of an incident at one instant; `growth_per_hour` counts sightings of the last hour."""

    items: int
    sources: int
    platforms: int
    best_rank: int | None
    peak_heat: float | None
    growth_per_hour: int
    rise: Rise
    series: tuple[Bucket, ...]


def measure_heat(sightings: Iterable[Sighting], now: datetime) -> Heat:
    """Return the reach of the sightings up to `now`; later ones are not known yet."""
    seen = sorted((s for s in sightings if s.at <= now), key=lambda s: (s.at, s.source_id, s.item_id))
    rise = rising(seen, now)
    return Heat(
        items=len({s.item_id for s in seen}),
        sources=len({s.source_id for s in seen}),
        platforms=len({s.platform or s.source_id for s in seen}),
        best_rank=_best_rank(seen),
        peak_heat=_peak_heat(seen),
        growth_per_hour=sum(s.at > now - HOUR for s in seen),
        rise=rise,
        series=_series(seen),
    )


def rising(
    seen: Sequence[Sighting],
    now: datetime,
    window: timedelta = HOUR,
    history: timedelta = timedelta(hours=24),
    false_alarm: float = 0.001,
) -> Rise:
    """Return whether sightings in `(now - window, now]` come faster than in the history before them.

    The history is at most `history` long and starts with the first sighting; one shorter than a window
    counts as a window, so that a birth alone is no rise. `false_alarm` is the chance of calling a steady
    incident rising.
    """
    edge = now - window
    start = max(now - history, min((s.at for s in seen), default=now))
    recent = sum(edge < s.at <= now for s in seen)
    before = sum(start <= s.at <= edge for s in seen)
    past = max(edge - start, window)
    share = window / (window + past)
    chance = binomial_tail(recent, recent + before, share)
    return Rise(
        is_rising=chance < false_alarm, recent=recent, expected=before * (window / past), chance=chance
    )


def binomial_tail(at_least: int, trials: int, share: float) -> float:
    """Return the chance of `at_least` or more successes in `trials` of probability `share`."""
    return min(
        1.0,
        sum(comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(at_least, trials + 1)),
    )


def _series(seen: Sequence[Sighting]) -> tuple[Bucket, ...]:
    """Return the hours that brought something, oldest first."""
    hours = Counter(_hour(s.at) for s in seen)
    return tuple(
        Bucket(at=hour, sightings=count, best_rank=_best_rank(within), peak_heat=_peak_heat(within))
        for hour, count in sorted(hours.items())
        for within in [[s for s in seen if _hour(s.at) == hour]]
    )


def _hour(at: datetime) -> datetime:
    """Return the full hour an instant lies in."""
    return at.replace(minute=0, second=0, microsecond=0)


def _best_rank(seen: Iterable[Sighting]) -> int | None:
    """Return the highest place on any board."""
    return min((s.rank for s in seen if s.rank is not None), default=None)


def _peak_heat(seen: Iterable[Sighting]) -> float | None:
    """Return the largest heat a board gave."""
    return max((s.heat for s in seen if s.heat is not None), default=None)
