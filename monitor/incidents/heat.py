"""Reach over time: how many items, sources, platforms and board ranks carry an incident.

An item that arrives is spread; the same item seen again on its board is presence: it adds a rank and a heat
to the series, never to a count. Whether reach is rising is `rising.py`'s question.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.collectors.model import Role

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An item of the incident seen at its source; `rank` is 1 for the top of a board.

    The first sighting of an item is its arrival, at the instant that orders it among others: its
    publication, or where that is not known its first sight.
    """

    at: datetime
    item_id: int
    source_id: str
    source_name: str = ""
    role: Role = Role.SOCIAL
    platform: str | None = None
    rank: int | None = None
    heat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """What the hour `[at, at + 1 h)` brought: items that arrived, and the best rank and peak heat seen."""

    at: datetime
    arrivals: int
    best_rank: int | None
    peak_heat: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """One source that carries the incident, its duplicates folded; `last_at` is when it was last seen there.

    `best_rank` and `peak_heat` are the highest ever, `last_rank` and `last_heat` those of the last sighting
    that had one.
    """

    source_id: str
    name: str
    role: Role
    platform: str | None
    items: int
    first_at: datetime
    last_at: datetime
    best_rank: int | None
    best_rank_at: datetime | None
    last_rank: int | None
    peak_heat: float | None
    last_heat: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """The reach of an incident at one instant; `growth_per_hour` counts the arrivals of the last hour.

    `series` has every hour from the first arrival to now, also those that brought nothing.
    """

    items: int
    sources: int
    platforms: int
    best_rank: int | None
    peak_heat: float | None
    growth_per_hour: int
    series: tuple[Bucket, ...]
    carriers: tuple[Carrier, ...]


def measure_heat(sightings: Iterable[Sighting], now: datetime) -> Heat:
    """Return the reach of the sightings up to `now`; later ones are not known yet."""
    seen = sorted((s for s in sightings if s.at <= now), key=lambda s: (s.at, s.source_id, s.item_id))
    arrived = arrivals(seen)
    return Heat(
        items=len(arrived),
        sources=len({s.source_id for s in seen}),
        platforms=len({s.platform or s.source_id for s in seen}),
        best_rank=_best_rank(seen),
        peak_heat=_peak_heat(seen),
        growth_per_hour=sum(s.at > now - HOUR for s in arrived),
        series=_series(seen, arrived, now),
        carriers=_carriers(seen, arrived),
    )


def arrivals(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return the first sighting of every item, oldest first."""
    first: dict[int, Sighting] = {}
    for sighting in sorted(sightings, key=lambda s: (s.at, s.source_id, s.item_id)):
        first.setdefault(sighting.item_id, sighting)
    return tuple(first.values())


def per_hour(instants: Iterable[datetime], until: datetime, hours: int) -> tuple[int, ...]:
    """Return how many of these instants lie in each of the last `hours` hours up to `until`, oldest first."""
    counts = [0] * hours
    for at in instants:
        ago = (until - at) // HOUR
        if 0 <= ago < hours:
            counts[hours - 1 - ago] += 1
    return tuple(counts)


def _series(seen: list[Sighting], arrived: tuple[Sighting, ...], now: datetime) -> tuple[Bucket, ...]:
    if not seen:
        return ()
    within: defaultdict[datetime, list[Sighting]] = defaultdict(list)
    for sighting in seen:
        within[_hour(sighting.at)].append(sighting)
    new = [_hour(s.at) for s in arrived]
    first = _hour(seen[0].at)
    hours = [first + HOUR * n for n in range((_hour(now) - first) // HOUR + 1)]
    return tuple(
        Bucket(
            at=hour,
            arrivals=new.count(hour),
            best_rank=_best_rank(within[hour]),
            peak_heat=_peak_heat(within[hour]),
        )
        for hour in hours
    )


def _carriers(seen: list[Sighting], arrived: tuple[Sighting, ...]) -> tuple[Carrier, ...]:
    """Return the sources that carry it, the first one first."""
    by_source: defaultdict[str, list[Sighting]] = defaultdict(list)
    for sighting in seen:
        by_source[sighting.source_id].append(sighting)
    return tuple(_carrier(own, sum(s.source_id == id_ for s in arrived)) for id_, own in by_source.items())


def _carrier(seen: list[Sighting], items: int) -> Carrier:
    first, last, best = seen[0], seen[-1], _best_rank(seen)
    return Carrier(
        source_id=first.source_id,
        name=first.source_name or first.source_id,
        role=first.role,
        platform=first.platform,
        items=items,
        first_at=first.at,
        last_at=last.at,
        best_rank=best,
        best_rank_at=next((s.at for s in seen if best is not None and s.rank == best), None),
        last_rank=next((s.rank for s in reversed(seen) if s.rank is not None), None),
        peak_heat=_peak_heat(seen),
        last_heat=next((s.heat for s in reversed(seen) if s.heat is not None), None),
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
