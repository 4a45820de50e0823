"""Bodies of answers about reach: counts, hours, carriers, opinion level, and figures over time."""

from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel

from monitor.desk.views.figures_view import Said
from monitor.desk.views.reach_view import ReachView


class HourOut(BaseModel):
    """What one hour from `at` brought; rank and heat null where no board said."""

    at: datetime
    arrivals: int
    best_rank: int | None
    peak_heat: float | None


class CarrierOut(BaseModel):
    """One source that carries the incident, its duplicates folded."""

    source_id: str
    name: str
    role: str
    platform: str | None
    items: int
    first_at: datetime
    last_at: datetime
    best_rank: int | None
    best_rank_at: datetime | None
    last_rank: int | None
    peak_heat: float | None
    last_heat: float | None


class PointsOut(BaseModel):
    """What gave points to the opinion level: the factor's code and what was found."""

    factor: str
    found: list[str]
    points: int


class OpinionLevelOut(BaseModel):
    """舆情热度, apart from the severity; `raised` says that a severity of 1 or 2 lifted it."""

    level: str
    points: int
    raised: bool
    reasons: list[PointsOut]


class SaidOut(BaseModel):
    """One reported figure: metric, value in words, who and when, whether it holds now, and why."""

    metric: str
    value: str
    at: datetime
    source: str
    role: str
    holds: bool
    doubt: bool
    why: str


class ReachOut(BaseModel):
    """The reach of one incident now; `hours` run from the first arrival without a gap."""

    items: int
    sources: int
    platforms: int
    best_rank: int | None
    peak_heat: float | None
    growth_per_hour: int
    opinion_level: OpinionLevelOut
    hours: list[HourOut]
    carriers: list[CarrierOut]
    figures: list[SaidOut]

    @classmethod
    def of(cls, view: ReachView, timeline: tuple[Said, ...]) -> "ReachOut":
        """Return the body of an incident's reach."""
        heat, attention = view.heat, view.attention
        return cls(
            items=heat.items,
            sources=heat.sources,
            platforms=heat.platforms,
            best_rank=heat.best_rank,
            peak_heat=heat.peak_heat,
            growth_per_hour=heat.growth_per_hour,
            opinion_level=OpinionLevelOut(
                level=attention.level.value,
                points=attention.points,
                raised=attention.raised,
                reasons=[PointsOut(**asdict(r) | {"found": list(r.found)}) for r in attention.reasons],
            ),
            hours=[HourOut(**asdict(bucket)) for bucket in heat.series],
            carriers=[CarrierOut(**asdict(carrier)) for carrier in heat.carriers],
            figures=[SaidOut(**asdict(said)) for said in timeline],
        )
