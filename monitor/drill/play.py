"""Plays a drill or recorded days on a store: the parts of the service put together on simulated time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

from monitor.classifiers.grade import GradingTable, grade_figures
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.model import Verdict
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter
from monitor.deadlines.model import RuleBook
from monitor.deadlines.rules import packaged_rules
from monitor.drill.misses import find_misses
from monitor.drill.performing import Performer
from monitor.drill.rehearsal import DrillClock, Rehearsal
from monitor.drill.scenario import Scenario
from monitor.drill.timeline import Event
from monitor.incidents.group import Grouper
from monitor.incidents.traits import item_traits
from monitor.items.model import Item
from monitor.office.model import Office, Territory
from monitor.pipeline.acting import Acting
from monitor.pipeline.intake import Intake
from monitor.pipeline.known import Known
from monitor.pipeline.setting import Setting
from monitor.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The parts of the service that a rehearsal plays on."""

    clock: DrillClock
    setting: Setting
    intake: Intake
    acting: Acting


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What judges and dates in a rehearsal: the packaged words and rules, or those of a running service."""

    judge: Callable[[Item, datetime], Verdict]
    table: Callable[[], GradingTable]
    rules: Callable[[], RuleBook]
    segment: Callable[[str], tuple[str, ...]]
    rarity: Callable[[str], float]


@cache
def packaged_words() -> tuple[Lexicon, GradingTable, JiebaSegmenter]:
    """Return the packaged lexicon, grading table and segmenter; slow the first time only."""
    lexicon = load_lexicon()
    return lexicon, load_table(), JiebaSegmenter(lexicon.user_words)


def packaged_ground(office: Office) -> Ground:
    """Return the packaged words and rules, in the territory of this office."""
    _, table, segmenter = packaged_words()
    return Ground(
        judge=_packaged_judge(office.territory).judge_item,
        table=lambda: table,
        rules=packaged_rules,
        segment=segmenter.words,
        rarity=segmenter.rarity,
    )


@lru_cache(maxsize=1)
def _packaged_judge(territory: Territory) -> Judge:
    """Return the packaged judge of a territory; rehearsals of one office share it."""
    lexicon, table, segmenter = packaged_words()
    return Judge(lexicon, table, territory, segmenter=segmenter)


def build_stage(office: Office, store: Store, clock: DrillClock, ground: Ground | None = None) -> Stage:
    """Put the parts together on simulated time; without `ground` everything is packaged."""
    on = ground or packaged_ground(office)
    setting = Setting(
        store=store,
        office=lambda: office,
        rules=on.rules,
        grade=lambda figures, kind: grade_figures(figures, kind, on.table()),
        traits=lambda item, verdict: item_traits(item, verdict, on.rarity),
    )
    intake = Intake(setting, on.judge, Known(lambda: Grouper(on.rarity)), on.segment)
    return Stage(clock=clock, setting=setting, intake=intake, acting=Acting(setting, clock))


def play_drill(
    scenario: Scenario,
    store: Store,
    *,
    workers: int = 1,
    emit: Callable[[Event], None],
    ground: Ground | None = None,
) -> list[str]:
    """Play a scenario on an empty store, emit every event, return what missed its expectation, in Chinese."""
    clock = DrillClock(scenario.starts_at)
    stage = build_stage(scenario.office, store, clock, ground)
    performer = Performer(stage.setting, stage.intake, stage.acting, clock, scenario.starts_at)
    events: list[Event] = []

    def keep(event: Event) -> None:
        events.append(event)
        emit(event)

    Rehearsal(scenario, stage.setting, clock, workers, performer.perform, keep).run()
    return find_misses(events, scenario)
