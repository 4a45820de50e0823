"""Plays a drill or recorded days on a store: the parts of the service put together on simulated time."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from monitor.classifiers.grade import GradingTable, grade_figures
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter
from monitor.deadlines.rules import packaged_rules
from monitor.drill.performing import Performer
from monitor.drill.rehearsal import DrillClock, Rehearsal
from monitor.drill.scenario import Scenario
from monitor.drill.timeline import Event, find_misses
from monitor.incidents.group import Grouper
from monitor.incidents.traits import item_traits
from monitor.office.model import Office
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


@cache
def packaged_words() -> tuple[Lexicon, GradingTable, JiebaSegmenter]:
    """Return the packaged lexicon, grading table and segmenter; slow the first time only."""
    lexicon = load_lexicon()
    return lexicon, load_table(), JiebaSegmenter(lexicon.user_words)


def build_stage(office: Office, store: Store, clock: DrillClock) -> Stage:
    """Put the parts together on simulated time."""
    lexicon, table, segmenter = packaged_words()
    judge = Judge(lexicon, table, office.territory, segmenter=segmenter)
    setting = Setting(
        store=store,
        office=lambda: office,
        rules=packaged_rules,
        grade=lambda figures, kind: grade_figures(figures, kind, table),
        traits=lambda item, verdict: item_traits(item, verdict, segmenter.rarity),
    )
    intake = Intake(setting, judge.judge_item, Known(lambda: Grouper(segmenter.rarity)), segmenter.words)
    return Stage(clock=clock, setting=setting, intake=intake, acting=Acting(setting, clock))


def play_drill(
    scenario: Scenario, store: Store, *, workers: int = 1, emit: Callable[[Event], None]
) -> list[str]:
    """Play a scenario on an empty store, emit every event, return what missed its expectation, in Chinese."""
    clock = DrillClock(scenario.starts_at)
    stage = build_stage(scenario.office, store, clock)
    performer = Performer(stage.setting, stage.intake, stage.acting, clock, scenario.starts_at)
    events: list[Event] = []

    def keep(event: Event) -> None:
        events.append(event)
        emit(event)

    Rehearsal(scenario, stage.setting, clock, workers, performer.perform, keep).run()
    return find_misses(events, scenario)
