"""The office's own example sentences: what each should be judged as, and where the verdict differs."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import Field

from monitor.classifiers.assess import METRICS, verdict_out
from monitor.classifiers.explain import OPINIONS, REASONS
from monitor.classifiers.judge import Judge
from monitor.classifiers.model import Verdict
from monitor.clock import as_local
from monitor.collectors.model import Role
from monitor.errors import ConfigurationError
from monitor.yamlfile import Fault, LocalInstant, Path, Places, YamlFile, read_yaml

_NAMES: Mapping[str, Mapping[str, str]] = {"not_live_reason": REASONS, "opinion": OPINIONS}
_SAID = {"severity": "（已核实级别）", "severity_precautionary": "（预判级别）"}

Figure = float | None | Annotated[tuple[float, ...], Field(min_length=2, max_length=2)]


class ExpectFile(YamlFile):
    """What a verdict should say: only what is named is looked at, null is unknown."""

    matter: bool | None = None
    live: bool | None = None
    not_live_reason: str | None = None
    local: bool | None = None
    category: str | None = None
    event_type: str | None = None
    opinion: str | None = None
    basis_61: str | None = None
    for_many: bool | None = None
    severity: Literal[1, 2, 3, 4] | None = None
    severity_precautionary: Literal[1, 2, 3, 4] | None = None
    window_hours: Literal[24, 48] | None = None
    occurred_at: LocalInstant | None = None
    figures: dict[str, Figure] = Field(default_factory=dict)


class ExampleFile(YamlFile):
    """One text and what it should be judged as."""

    title: str = ""
    text: str = ""
    published_at: LocalInstant | None = None
    source: str | None = None
    role: Role | None = None
    scope: str | None = None
    expect: ExpectFile


class ExamplesFile(YamlFile):
    """A file of examples."""

    sentences: Annotated[tuple[ExampleFile, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A verdict that is not what an example wants; `differences` name field, wanted and found value."""

    number: int
    text: str
    verdict: Verdict
    differences: tuple[str, ...]


def read_examples(
    text: str | bytes, name: str, event_types: Mapping[str, str], metrics: Collection[str]
) -> tuple[ExampleFile, ...]:
    """Return the examples of a file with the codes of what they name in Chinese.

    `event_types` gives the code of what an analyst may write for it: the code itself or its Chinese name.
    Raises ConfigurationError with every fault and its place.
    """
    file, places = read_yaml(text, name, ExamplesFile)
    known = {"event_type": event_types} | {field: _codes(names) for field, names in _NAMES.items()}
    faults = []
    for index, example in enumerate(file.sentences):
        at = ("sentences", index)
        if not example.title.strip() and not example.text.strip():
            faults.append(places.fault(at, "title 和 text 不能都为空"))
        faults += _unknown(example.expect, (*at, "expect"), places, known, [*metrics, *METRICS])
    if faults:
        raise ConfigurationError(places.error(faults).faults)
    return tuple(one.model_copy(update={"expect": _coded(one.expect, known)}) for one in file.sentences)


def _unknown(
    expect: ExpectFile, at: Path, places: Places, known: Mapping[str, Mapping[str, str]], metrics: list[str]
) -> Iterator[Fault]:
    for field, codes in known.items():
        said = getattr(expect, field)
        if said is not None and said not in codes:
            yield places.fault((*at, field), f"没有“{said}”{_near(said, codes)}")
    for metric in expect.figures:
        if metric not in metrics:
            yield places.fault((*at, "figures", metric), f"没有这项数据{_near(metric, metrics)}")


def _coded(expect: ExpectFile, known: Mapping[str, Mapping[str, str]]) -> ExpectFile:
    """Return what is expected in codes, whatever was written in Chinese."""
    said = {field: getattr(expect, field) for field in known if getattr(expect, field) is not None}
    return expect.model_copy(update={field: known[field][written] for field, written in said.items()})


def _codes(names: Mapping[str, str]) -> dict[str, str]:
    """Return the code of each code and of each Chinese name."""
    return {code: code for code in names} | {name: code for code, name in names.items()}


def _near(said: str, known: Collection[str]) -> str:
    near = get_close_matches(said, known, n=3, cutoff=0.5)
    return f"，是不是 {'、'.join(near)}" if near else f"，只有 {'、'.join(known)}" if len(known) < 40 else ""


def find_misses(examples: tuple[ExampleFile, ...], judge: Judge, now: datetime) -> Iterator[Miss]:
    """Yield the examples whose verdict differs, in order; one without a publication time is of `now`."""
    for number, example in enumerate(examples, 1):
        verdict = judge.judge(
            title=example.title,
            text=example.text,
            published_at=example.published_at,
            source_name=example.source,
            role=example.role,
            scope=example.scope,
            now=example.published_at or now,
        )
        differences = tuple(_differences(example.expect, verdict))
        if differences:
            shown = example.title or example.text
            yield Miss(number=number, text=shown[:60], verdict=verdict, differences=differences)


def _differences(expect: ExpectFile, verdict: Verdict) -> Iterator[str]:
    out = verdict_out(verdict)
    for field in sorted(expect.model_fields_set - {"figures", "occurred_at"}):
        wanted = getattr(expect, field)
        if out[field] != wanted:
            yield f"{field}{_SAID.get(field, '')} 应为 {_shown(wanted)}，实为 {_shown(out[field])}"
    if "occurred_at" in expect.model_fields_set:
        found = verdict.occurred.at if verdict.occurred else None
        if found != expect.occurred_at:
            yield f"occurred_at 应为 {_shown(expect.occurred_at)}，实为 {_shown(found)}"
    for metric, wanted in expect.figures.items():
        value = verdict.figures.value(metric)
        if not _agrees(value, wanted):
            yield f"{metric} 应为 {_shown(wanted)}，实为 {_shown(value)}"


def _agrees(found: float | None, wanted: Any) -> bool:
    if isinstance(wanted, tuple):
        return found is not None and wanted[0] <= found <= wanted[1]
    return bool(found == wanted)


def _shown(value: Any) -> str:
    match value:
        case None:
            return "null（不知道）"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return f"{value[0]:g} 至 {value[1]:g}"
        case datetime():
            return as_local(value).isoformat()
    return str(value)
