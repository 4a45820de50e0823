"""The packaged `grading.yaml` and `words/` -> table and lexicon, or every fault with its line and column."""

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import blake2b
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from monitor.classifiers.grade import EventType, GradeRow, GradingTable, Standard
from monitor.classifiers.lexicon import Cue, EventRule, Lexicon
from monitor.classifiers.model import Severity
from monitor.classifiers.passage import SINGLE_FORMS
from monitor.errors import ConfigurationError
from monitor.yamlfile import YamlFile, read_yaml

PARTS = ("events", "casualties", "liveness", "opinions", "places", "forms")

Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
Terms = tuple[Term, ...]


class EventRuleFile(YamlFile):
    """One entry of `events.yaml`."""

    type: str
    words: Terms = ()
    hints: Terms = ()
    faint: Terms = ()
    beside: Terms = Field(default=(), alias="with")
    without: Terms = ()


class EventsFile(YamlFile):
    """`events.yaml`."""

    rules: tuple[EventRuleFile, ...]


class CueFile(YamlFile):
    """One entry of `liveness.yaml`."""

    reason: str
    sentence: Terms = ()
    title: Terms = ()
    item: Terms = ()


class LivenessFile(YamlFile):
    """`liveness.yaml`."""

    cues: tuple[CueFile, ...]
    current: Terms
    governors: dict[str, Terms]
    landmarks: dict[str, int]
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


def packaged(name: str) -> str:
    """Return the text of a packaged file of this stage, such as `grading.yaml` or `words/events.yaml`."""
    return files("monitor.classifiers").joinpath(name).read_text(encoding="utf-8")


def load_table(text: str | None = None, name: str = "grading.yaml") -> GradingTable:
    """Return the grading table of this text, the packaged one by default; raises ConfigurationError."""
    text = packaged("grading.yaml") if text is None else text
    file, _ = read_yaml(text, name, GradingFile)
    standards = [_standard(entry, convention=False) for entry in file.standards]
    standards += [_standard(entry, convention=True) for entry in file.conventions]
    return GradingTable(
        event_types=MappingProxyType(
            {
                code: EventType(code=code, category=kind.category, name=kind.name, department=kind.department)
                for code, kind in file.event_types.items()
            }
        ),
        metrics=MappingProxyType({code: metric.name for code, metric in file.metrics.items()}),
        sources=MappingProxyType(dict(file.sources)),
        standards=tuple(standards),
        self_checks=tuple(
            (standard, MappingProxyType(given), None if level is None else Severity(level))
            for standard, given, level in file.self_check
        ),
        version=_fingerprint(text),
    )


def _standard(entry: StandardFile, *, convention: bool) -> Standard:
    bare = partial(GradeRow, standard=entry.id, requires_flag=entry.requires_flag, by_convention=convention)
    rows = [
        bare(severity=severity, minimum=MappingProxyType({metric: start}), basis=source or "")
        for metric, threshold in entry.thresholds.items()
        for severity, start, source in zip(Severity, threshold.starts, threshold.basis_of_each, strict=True)
        if start is not None
    ]
    rows += [
        bare(
            severity=Severity(condition.level),
            minimum=MappingProxyType(condition.min),
            flags=frozenset(condition.flags),
            basis=condition.basis,
        )
        for condition in entry.conditions
    ]
    return Standard(
        id=entry.id,
        name=entry.name,
        applies_to=frozenset(entry.applies_to),
        rows=tuple(sorted(rows, key=lambda row: row.severity)),
    )


def load_lexicon(read: Callable[[str], str] = packaged) -> Lexicon:
    """Return the lexicon of the files that `read` gives by name, such as `words/events.yaml`.

    Raises ConfigurationError with all faults of all files at once.
    """
    texts = {part: read(f"words/{part}.yaml") for part in PARTS}
    divisions = read("words/divisions.txt")
    models: dict[str, type[YamlFile]] = {
        "events": EventsFile,
        "casualties": CasualtiesFile,
        "liveness": LivenessFile,
        "opinions": OpinionsFile,
        "places": PlacesFile,
        "forms": FormsFile,
    }
    faults: list[str] = []
    read_files: dict[str, Any] = {}
    for part, model in models.items():
        try:
            read_files[part], _ = read_yaml(texts[part], f"words/{part}.yaml", model)
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(tuple(faults))
    return _lexicon(read_files, divisions, _fingerprint("".join(texts.values()) + divisions))


def _lexicon(read_files: Mapping[str, Any], divisions: str, version: str) -> Lexicon:
    events, live, hurt = read_files["events"], read_files["liveness"], read_files["casualties"]
    opinions, places, forms = read_files["opinions"], read_files["places"], read_files["forms"]
    simple = {ord(a): b for a, b in zip(forms.traditional, forms.simplified, strict=True)}
    return Lexicon(
        forms=MappingProxyType({**SINGLE_FORMS, **simple}),
        events=tuple(EventRule(**rule.model_dump()) for rule in events.rules),
        casualties=MappingProxyType(hurt.words),
        ignored=hurt.ignored,
        idioms=live.idioms,
        cues=tuple(Cue(**cue.model_dump()) for cue in live.cues),
        current=live.current,
        governors=MappingProxyType(live.governors),
        landmarks=MappingProxyType(live.landmarks),
        figure_words=MappingProxyType(hurt.model_dump(exclude={"words", "ignored"})),
        opinions=MappingProxyType(_opinion_terms(opinions)),
        sensitive=MappingProxyType(opinions.sensitive),
        places=MappingProxyType(places.model_dump(exclude={"foreign_short"})),
        foreign_short=(places.foreign_short.countries, places.foreign_short.followers),
        divisions=tuple(_divisions(divisions)),
        version=version,
    )


def _opinion_terms(file: OpinionsFile) -> dict[str, tuple[str, ...]]:
    return {
        "refuted": file.rumor_refuted,
        "claimed": file.rumor_claimed,
        "handling": file.rumor_handling,
        "complaint": file.complaint.acts,
        "subject": file.complaint.subjects,
        "many": file.complaint.many,
        "moral": file.moral_bottom_line,
        "misreading": file.policy_misreading,
        "demand": file.demands,
        "negative": file.sentiment.negative,
        "positive": file.sentiment.positive,
    }


def _divisions(text: str) -> list[tuple[str, str, str, bool]]:
    """Return (code, name, short name, whether the short name needs its parent beside it)."""
    rows = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, name, short, *mark = line.split("\t")
            rows.append((code, name, short, bool(mark)))
    return rows


def _fingerprint(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest()
