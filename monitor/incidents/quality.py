"""How far an official answer goes: each demand of the public, and the points a good answer makes.

Help for whoever writes the next one, never a gate. Source of the points: 国办发〔2016〕61号, part 三.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from monitor.incidents.promises import names_time_to_come
from monitor.yamlfile import YamlFile, read_yaml

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_CLAUSE = re.compile(r"[^，,]{0,8}[，,][^，,]*|[^，,]+")  # 下一步，… and 12月5日前，… belong to what follows
_AGAIN = re.compile(r"每(?:日|天|晚|周|[0-9一二两三四六八十]+个?(?:小时|天))")
_FORECAST = re.compile(r"未来")


class DemandFile(YamlFile):
    """A demand of the public in `quality.yaml`: words of those who ask, and of those who answer."""

    name: str
    asked: tuple[str, ...]
    answered: tuple[str, ...]


class PointFile(YamlFile):
    """A point of a good answer in `quality.yaml`; a `dated` one names a time to come beside its word."""

    name: str
    words: tuple[str, ...]
    dated: bool = False


class QualityFile(YamlFile):
    """`quality.yaml`."""

    demands: tuple[DemandFile, ...]
    points: tuple[PointFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the checklist; `answered` is the sentence that answers it, empty where none does.

    `asked` is the sentence of the public, empty for a point that every answer should make.
    """

    name: str
    asked: str
    answered: str


@cache
def packaged_quality() -> QualityFile:
    """Return the packaged `quality.yaml`; raises ConfigurationError."""
    text = files("monitor.incidents").joinpath("quality.yaml").read_text(encoding="utf-8")
    return read_yaml(text, "quality.yaml", QualityFile)[0]


def check_answers(
    public: Iterable[str], answers: Iterable[tuple[str, datetime]], words: QualityFile | None = None
) -> tuple[Check, ...]:
    """Return the checklist of all official texts of an incident against what the public says.

    Every answer comes with the time of its publication (aware): a point that has to name a time is made only
    by one still to come then. Demands that nobody makes are left out; points stand in the order of the file.
    """
    words = words or packaged_quality()
    asked = [sentence for text in public for sentence in _sentences(text)]
    said = [(sentence, at) for text, at in answers for sentence in _sentences(text)]
    every = [sentence for sentence, _ in said]
    demands = [
        Check(name=demand.name, asked=question, answered=_first(every, demand.answered))
        for demand in words.demands
        if (question := _first(asked, demand.asked))
    ]
    points = [Check(name=point.name, asked="", answered=_point_made(said, point)) for point in words.points]
    return (*demands, *points)


def _point_made(said: Iterable[tuple[str, datetime]], point: PointFile) -> str:
    """Return the first sentence that makes a point, or nothing."""
    if not point.dated:
        return _first((sentence for sentence, _ in said), point.words)
    return next((s for s, at in said if any(_is_dated(c, at, point) for c in _CLAUSE.findall(s))), "")


def _is_dated(clause: str, at: datetime, point: PointFile) -> bool:
    """Return whether a clause has a word of the point, and a time to come or an interval."""
    if _FORECAST.search(clause) or not any(word in clause for word in point.words):
        return False
    return _AGAIN.search(clause) is not None or names_time_to_come(clause, at)


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text, in order."""
    return [found[0].strip() for found in _SENTENCE.finditer(text) if found[0].strip()]


def _first(sentences: Iterable[str], words: Iterable[str]) -> str:
    """Return the first sentence that has one of the words, or nothing."""
    return next((s for s in sentences if any(word in s for word in words)), "")
