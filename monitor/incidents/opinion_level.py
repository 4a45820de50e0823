"""How much public attention an incident has: 红橙黄蓝, by points of the office's table, with the reasons.

No national scale exists; the table (`opinion_level.yaml`) is the office's. The level is kept apart from the
statutory severity: it changes no clock, opens no round and grades nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import Field

from monitor.classifiers.model import Verdict
from monitor.incidents.heat import Heat
from monitor.incidents.model import Incident, Trust
from monitor.items.model import Item
from monitor.yamlfile import YamlFile, read_yaml


class OpinionLevel(StrEnum):
    """How urgent public attention is, the most urgent first."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


Points = Annotated[int, Field(ge=0, le=100)]
Steps = dict[Annotated[float, Field(gt=0)], Points]


class ThresholdFile(YamlFile):
    """How many points make a level; fewer than `yellow` are blue."""

    red: Points
    orange: Points
    yellow: Points


class AdviceFile(YamlFile):
    """What to do at each level."""

    red: str
    orange: str
    yellow: str
    blue: str


class LevelTable(YamlFile):
    """`opinion_level.yaml`: points of every factor, and how many make a level."""

    levels: ThresholdFile
    advice: AdviceFile
    serious_at_least: OpinionLevel
    severity: dict[Annotated[int, Field(ge=1, le=4)], Points]
    source_rank: Steps
    items: Steps
    growth_per_hour: Steps
    platforms: Steps
    negative: Steps
    board_rank: Steps
    demand: Points
    sensitive: Points
    sensitive_at_most: Points
    rumor: Points
    offline: Points
    offline_words: tuple[Annotated[str, Field(min_length=1)], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What gave points: the factor's code, what was found (a number or codes and words), and how many."""

    factor: str
    found: tuple[str, ...]
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """The level with its points and reasons; `raised` says that the severity alone lifted it."""

    level: OpinionLevel
    points: int
    reasons: tuple[Reason, ...]
    raised: bool
    advice: str


def read_levels(text: str, name: str = "opinion_level.yaml") -> LevelTable:
    """Return the table; raises ConfigurationError with every fault."""
    table, places = read_yaml(text, name, LevelTable)
    if not table.levels.red > table.levels.orange > table.levels.yellow:
        raise places.error([places.fault(("levels",), "红、橙、黄的分数须依次降低")])
    return table


@cache
def packaged_levels() -> LevelTable:
    """Return the table that is shipped with the package."""
    return read_levels(files("monitor.incidents").joinpath("opinion_level.yaml").read_text(encoding="utf-8"))


def measure_attention(
    incident: Incident, heat: Heat, reports: Sequence[tuple[Item, Verdict | None]], table: LevelTable
) -> Attention:
    """Return the opinion level of an incident with this reach and these reports.

    Source: the advice on opinion levels; a severity of 1 or 2 is never below what the table says (orange).
    """
    reasons = tuple(
        r for r in (*_reach(incident, heat, reports, table), *_words(incident, reports, table)) if r.points
    )
    points = sum(reason.points for reason in reasons)
    order = list(OpinionLevel)
    scored = next((lv for lv in order[:-1] if points >= getattr(table.levels, lv)), OpinionLevel.BLUE)
    level = min(scored, table.serious_at_least, key=order.index) if incident.is_serious else scored
    return Attention(
        level=level,
        points=points,
        reasons=reasons,
        raised=level is not scored,
        advice=getattr(table.advice, level),
    )


def _reach(
    incident: Incident, heat: Heat, reports: Sequence[tuple[Item, Verdict | None]], table: LevelTable
) -> Iterable[Reason]:
    """Return the points of severity, sources and spread."""
    severity, rank = incident.severity, max((item.rank for item, _ in reports), default=0)
    given = table.severity.get(int(severity), 0) if severity else 0
    yield Reason(factor="severity", found=(str(int(severity)),) if severity else (), points=given)
    for factor, value, steps in (
        ("source_rank", rank, table.source_rank),
        ("items", heat.items, table.items),
        ("growth_per_hour", heat.growth_per_hour, table.growth_per_hour),
        ("platforms", heat.platforms, table.platforms),
    ):
        yield Reason(factor=factor, found=(str(value),), points=_reached(steps, value))
    best = heat.best_rank
    points = max((p for first, p in table.board_rank.items() if best and best <= first), default=0)
    yield Reason(factor="board_rank", found=(str(best),), points=points)


def _words(
    incident: Incident, reports: Sequence[tuple[Item, Verdict | None]], table: LevelTable
) -> Iterable[Reason]:
    """Return the points of what the reports say."""
    verdicts = [verdict for _, verdict in reports if verdict is not None]
    negative = -sum(v.sentiment for v in verdicts) / len(verdicts) if verdicts else 0.0
    yield Reason(factor="negative", found=(f"{negative:.1f}",), points=_reached(table.negative, negative))
    yield Reason(factor="demand", found=incident.demands[:3], points=table.demand * bool(incident.demands))
    sensitive = tuple(sorted({code for v in verdicts for code in v.sensitive} | _death(incident)))
    points = min(len(sensitive) * table.sensitive, table.sensitive_at_most)
    yield Reason(factor="sensitive", found=sensitive, points=points)
    # What an official or media source reports as well is no rumour any more, however it began.
    is_rumor = incident.opinion in ("rumor", "rumor_suspected") and incident.trusts <= {Trust.SOCIAL}
    yield Reason(factor="rumor", found=(str(incident.opinion),), points=table.rumor * is_rumor)
    offline = tuple(
        word for word in table.offline_words if any(word in i.title or word in i.text for i, _ in reports)
    )
    gathers = bool(offline) or incident.event_type == "mass_incident"
    yield Reason(factor="offline", found=offline[:3], points=table.offline * gathers)


def _death(incident: Incident) -> set[str]:
    """Return the sensitive factor of a death, whoever reports it."""
    shelves = (incident.holding.official, incident.holding.media, incident.holding.social)
    dead = any(shelf["deaths"].count.value > 0 for shelf in shelves if "deaths" in shelf)
    return {"death"} if dead else set()


def _reached(steps: Mapping[float, int], value: float) -> int:
    """Return the points of the highest step that is reached."""
    return max((points for at_least, points in steps.items() if value >= at_least), default=0)
