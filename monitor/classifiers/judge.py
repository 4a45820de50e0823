"""Item -> verdict: the steps of this stage in order, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from monitor.classifiers.classify import EventMention, Opinion, read_events, read_opinion, weigh_types
from monitor.classifiers.figures import FigureReader
from monitor.classifiers.grade import GradingTable, grade_figures
from monitor.classifiers.harm import Harm, read_harm
from monitor.classifiers.lexicon import Hit, Lexicon
from monitor.classifiers.liveness import Label, Liveness, read_liveness
from monitor.classifiers.model import Background, Evidence, Figures, Grade, Moment, Verdict
from monitor.classifiers.passage import Passage, Sentence, read_passage
from monitor.classifiers.places import Gazetteer, PlaceMention, is_local, named
from monitor.classifiers.segment import JiebaSegmenter, Segmenter
from monitor.classifiers.times import TimeMention, dateline_day, read_times
from monitor.collectors.model import Role
from monitor.items.model import Item
from monitor.office.model import Territory

_GATE = frozenset({"deaths", "missing", "trapped", "ill_persons", "casualties"})
_OPINION_GATE = frozenset({"opinion:refuted", "opinion:claimed", "opinion:complaint", "opinion:moral", "opinion:misreading"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the steps found in one passage, before anything is concluded. All places are those of the passage."""

    passage: Passage
    hits: Sequence[Hit]
    sentences: tuple[Sentence, ...]
    liveness: Liveness
    places: Sequence[PlaceMention]
    events: Sequence[EventMention]
    opinion: Opinion
    at: datetime
