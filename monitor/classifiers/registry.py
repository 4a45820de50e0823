"""The packaged `grading.yaml` and `words/`, with the office's own words over them -> table and lexicon.

A faulty file gives every fault with its file, line and column.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from hashlib import blake2b
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from monitor.classifiers.grade import EventType, GradeRow, GradingTable, Standard, worst_row
from monitor.classifiers.lexicon import Cue, EventRule, Lexicon
from monitor.classifiers.model import Severity
from monitor.classifiers.office_words import OfficeWords, apply_office_words
from monitor.classifiers.passage import SINGLE_FORMS, Spelling
from monitor.classifiers.shape import (
    CasualtiesFile,
    EventsFile,
    FormsFile,
    GradingFile,
    LivenessFile,
    OpinionsFile,
    PlacesFile,
    StandardFile,
)
from monitor.errors import ConfigurationError
from monitor.yamlfile import Fault, Path, Places, YamlFile, read_yaml

PARTS: Mapping[str, type[YamlFile]] = MappingProxyType(
    {
        "events": EventsFile,
        "casualties": CasualtiesFile,
        "liveness": LivenessFile,
        "opinions": OpinionsFile,
        "places": PlacesFile,
        "forms": FormsFile,
    }
)


def packaged(name: str) -> str:
    """Return the text of a packaged file of this stage, such as `grading.yaml` or `words/events.yaml`."""
    return files("monitor.classifiers").joinpath(name).read_text(encoding="utf-8")


def load_table(text: str | None = None, name: str = "grading.yaml") -> GradingTable:
    """Return the grading table of this text, the packaged one by default; raises ConfigurationError."""
    text = packaged("grading.yaml") if text is None else text
    file, places = read_yaml(text, name, GradingFile)
    if faults := _faults_of_table(file, places):
        raise places.error(faults)
    standards = [_standard(entry, convention=False) for entry in file.standards]
    standards += [_standard(entry, convention=True) for entry in file.conventions]
    table = GradingTable(
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
    if faults := list(_failed_checks(table, places)):
        raise places.error(faults)
    return table


def _faults_of_table(file: GradingFile, places: Places) -> list[Fault]:
    """Return what names nothing: it would silently grade nothing, and the clocks would be wrong."""
    faults = []
    for part, entries in (("standards", file.standards), ("conventions", file.conventions)):
        for index, entry in enumerate(entries):
            at: Path = (part, index)
            named = [((*at, "applies_to", n), code) for n, code in enumerate(entry.applies_to)]
            faults += [
                places.fault(where, f"没有“{code}”这种事件类型")
                for where, code in named
                if code not in file.event_types
            ]
            faults += _faults_of_rows(entry, at, file, places)
    ids = {entry.id for entry in (*file.standards, *file.conventions)}
    faults += [
        places.fault(("self_check", index), f"没有“{standard}”这个标准")
        for index, (standard, _, _) in enumerate(file.self_check)
        if standard not in ids
    ]
    return faults


def _faults_of_rows(entry: StandardFile, at: Path, file: GradingFile, places: Places) -> Iterator[Fault]:
    metrics: list[tuple[Path, str]] = [((*at, "thresholds", metric), metric) for metric in entry.thresholds]
    bases = [
        ((*at, "thresholds", metric), b) for metric, row in entry.thresholds.items() for b in row.basis if b
    ]
    for index, condition in enumerate(entry.conditions):
        where = (*at, "conditions", index)
        metrics += [((*where, "min", metric), metric) for metric in condition.min]
        bases.append((where, condition.basis))
    yield from (places.fault(path, f"没有“{m}”这项指标") for path, m in metrics if m not in file.metrics)
    yield from (places.fault(path, f"没有“{b}”这个出处") for path, b in bases if b not in file.sources)
    for metric, row in entry.thresholds.items():
        starts = [start for start in row.starts if start is not None]
        if starts != sorted(starts, reverse=True):
            yield places.fault((*at, "thresholds", metric), "起点须从特别重大到一般依次减小")


def _failed_checks(table: GradingTable, places: Places) -> Iterator[Fault]:
    for index, (id_, given, wanted) in enumerate(table.self_checks):
        row = worst_row(table.standard(id_).rows, given, frozenset())
        found = row.severity if row else None
        if found != wanted:
            said = [level.zh if level else "不定级" for level in (wanted, found)]
            yield places.fault(("self_check", index), f"自检不符：应为{said[0]}，按表是{said[1]}")


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
            name=condition.name,
        )
        for condition in entry.conditions
    ]
    return Standard(
        id=entry.id,
        name=entry.name,
        applies_to=frozenset(entry.applies_to),
        rows=tuple(sorted(rows, key=lambda row: row.severity)),
    )


def load_lexicon(
    read: Callable[[str], str] = packaged, office: Mapping[str, str | bytes] | None = None
) -> Lexicon:
    """Return the lexicon of the files that `read` gives by name, such as `words/events.yaml`.

    `office` are the files of the office's own words by name: what they add and remove is applied in order of
    their names. Raises ConfigurationError with all faults of all files at once.
    """
    texts = {part: read(f"words/{part}.yaml") for part in PARTS}
    divisions = read("words/divisions.txt")
    faults: list[str] = []
    read_files: dict[str, Any] = {}
    for part, model in PARTS.items():
        try:
            read_files[part], _ = read_yaml(texts[part], f"words/{part}.yaml", model)
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(tuple(faults))
    forms = _forms(read_files["forms"])
    own = OfficeWords(parts=read_files)
    if office:
        own = apply_office_words(office, own, written_types(load_table()), Spelling(forms).normal)
    written = "".join(texts.values()) + divisions + repr(sorted((office or {}).items()))
    return _lexicon(own, forms, divisions, _fingerprint(written))


def written_types(table: GradingTable) -> dict[str, str]:
    """Return the code of every event type by what people write for it: the code, or a Chinese name of it.

    洪涝/江河洪水 are two names of one type; brackets only explain.
    """
    kinds = table.event_types.values()
    names = {name: kind.code for kind in kinds for name in kind.name.partition("(")[0].split("/")}
    return {kind.code: kind.code for kind in kinds} | names


def _forms(file: FormsFile) -> dict[int, str]:
    simple = zip(file.traditional, file.simplified, strict=True)
    return {**SINGLE_FORMS, **{ord(written): understood for written, understood in simple}}


def _lexicon(own: OfficeWords, forms: Mapping[int, str], divisions: str, version: str) -> Lexicon:
    events, live, hurt = own.parts["events"], own.parts["liveness"], own.parts["casualties"]
    opinions, places = own.parts["opinions"], own.parts["places"]
    return Lexicon(
        forms=MappingProxyType(dict(forms)),
        events=tuple(EventRule(**rule.model_dump()) for rule in events.rules),
        casualties=MappingProxyType(hurt.words),
        ignored=hurt.ignored,
        idioms=live.idioms,
        cues=tuple(Cue(**cue.model_dump()) for cue in live.cues),
        not_cues=live.not_cues,
        current=live.current,
        routine=live.routine,
        governors=MappingProxyType(live.governors),
        landmarks=MappingProxyType(live.landmarks),
        figure_words=MappingProxyType(hurt.model_dump(exclude={"words", "ignored"})),
        opinions=MappingProxyType(_opinion_terms(opinions)),
        trouble=opinions.trouble,
        sensitive=MappingProxyType(opinions.sensitive),
        places=MappingProxyType(places.model_dump(exclude={"foreign_short"})),
        foreign_short=(places.foreign_short.countries, places.foreign_short.followers),
        divisions=tuple(_divisions(divisions)),
        version=version,
        watch=own.watch,
        notes=own.notes,
    )


def _opinion_terms(file: OpinionsFile) -> dict[str, tuple[str, ...]]:
    return {
        "refuted": file.rumor_refuted,
        "claimed": file.rumor_claimed,
        "handling": file.rumor_handling,
        "complaint": file.complaint.acts,
        "complaint_at_home": file.complaint.allegations,
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
