"""The shapes of `grading.yaml` and of the files under `words/`."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from monitor.yamlfile import YamlFile

Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
Terms = tuple[Term, ...]
Year = Annotated[int, Field(ge=1900, le=2100)]


class EventRuleFile(YamlFile):
    """One entry of `events.yaml`."""

    type: str
    words: Terms = ()
    hints: Terms = ()
    faint: Terms = ()
    ours: Terms = ()
    beside: Terms = Field(default=(), alias="with")
    without: Terms = ()


class EventsFile(YamlFile):
    """`events.yaml`."""

    rules: tuple[EventRuleFile, ...]


class CueFile(YamlFile):
    """One entry of `liveness.yaml`."""

    reason: str
    mild: bool = False
    sentence: Terms = ()
    title: Terms = ()
    item: Terms = ()


class LivenessFile(YamlFile):
    """`liveness.yaml`."""

    cues: tuple[CueFile, ...]
    not_cues: Terms
    current: Terms
    routine: Terms
    governors: dict[str, Terms]
    landmarks: dict[Term, Year]
    idioms: Terms


class CasualtiesFile(YamlFile):
    """`casualties.yaml`."""

    words: dict[str, Terms]
    ignored: Terms
    persons: Terms
    one_person: Terms
    subset: Terms
    total: Terms
    rising: Terms
    increment: Terms
    lowered: Terms
    hedges: Terms
    hearsay: Terms
    none: Terms
    provisional: Terms
    no_deaths: Terms
    no_injuries: Terms
    no_missing: Terms
    no_more: Terms
    unknown: Terms


class ComplaintFile(YamlFile):
    """What makes a complaint: an act of complaining, a subject, and signs that it speaks for many (T13)."""

    acts: Terms
    allegations: Terms
    subjects: Terms
    many: Terms


class SentimentFile(YamlFile):
    """Words that colour a text."""

    negative: Terms
    positive: Terms


class OpinionsFile(YamlFile):
    """`opinions.yaml`."""

    rumor_refuted: Terms
    rumor_claimed: Terms
    rumor_handling: Terms
    complaint: ComplaintFile
    moral_bottom_line: Terms
    policy_misreading: Terms
    demands: Terms
    trouble: Terms
    sensitive: dict[str, Terms]
    sentiment: SentimentFile


class ForeignShortFile(YamlFile):
    """Countries of one character in headlines, and what must follow them."""

    countries: Terms
    followers: Terms


class PlacesFile(YamlFile):
    """`places.yaml`."""

    foreign: Terms
    foreign_hints: Terms
    foreign_short: ForeignShortFile
    foreign_not_place: Terms
    greater_china: Terms
    before_reference: Terms
    after_reference: Terms
    after_place: Terms
    not_places: Terms
    border: Terms
    own: Terms


class FormsFile(YamlFile):
    """`forms.yaml`: two strings of equal length, character by character."""

    traditional: str
    simplified: str
    variants: dict[str, str]


class LevelFile(YamlFile):
    """One level of the statutory scale."""

    level: int = Field(ge=1, le=4)
    code: str
    name: str
    roman: str


class MetricFile(YamlFile):
    """A metric of the table."""

    unit: str
    name: str


class CountRuleFile(YamlFile):
    """How a number in a text becomes a metric, for people to check."""

    rule: str
    basis: tuple[str, ...]


class EventTypeFile(YamlFile):
    """One of the 41 event types."""

    category: str
    name: str
    department: str


Four = Annotated[tuple[float | None, ...], Field(min_length=4, max_length=4)]


class ThresholdFile(YamlFile):
    """The inclusive starts of the four levels of one metric, the most severe first."""

    starts: Four = Field(alias="from")
    basis: tuple[str | None, ...]

    @property
    def basis_of_each(self) -> tuple[str | None, ...]:
        """Return the source of each level: one for all, or four."""
        return self.basis * len(self.starts) if len(self.basis) == 1 else self.basis


class ConditionFile(YamlFile):
    """A row that needs several minima or flags at once."""

    level: int = Field(ge=1, le=4)
    min: dict[str, float] = Field(default_factory=dict)
    flags: tuple[str, ...] = ()
    basis: str
    name: str


class StandardFile(YamlFile):
    """One standard."""

    id: str
    name: str
    applies_to: tuple[str, ...]
    requires_flag: str | None = None
    thresholds: dict[str, ThresholdFile] = Field(default_factory=dict)
    conditions: tuple[ConditionFile, ...] = ()


class ClockFile(YamlFile):
    """From level to deadline; the clocks themselves are those of `rules.yaml`."""

    levels: tuple[int | None, ...]
    hours: int
    act: str
    basis: str


class ActivationFile(YamlFile):
    """When a relief response starts: no grading, listed so that nobody mixes them up."""

    id: str
    level: int
    any_min: dict[str, float]
    basis: str
    name: str


class GradingFile(YamlFile):
    """`grading.yaml`."""

    version: int
    as_of: Any
    levels: tuple[LevelFile, ...]
    metrics: dict[str, MetricFile]
    sources: dict[str, str]
    count_rules: dict[str, CountRuleFile]
    event_types: dict[str, EventTypeFile]
    no_numeric_standard: tuple[str, ...]
    standards: tuple[StandardFile, ...]
    conventions: tuple[StandardFile, ...]
    response_activation: tuple[ActivationFile, ...]
    response_clocks: tuple[ClockFile, ...]
    self_check: tuple[tuple[str, dict[str, float], int | None], ...]
