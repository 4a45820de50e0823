"""How far an official answer goes: each demand of the public, and the points a good answer makes.

Help for whoever writes the next one, never a gate. Source of the points: 国办发〔2016〕61号, part 三.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from monitor.yamlfile import YamlFile, read_yaml

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


class DemandFile(YamlFile):
    """A demand of the public in `quality.yaml`: words of those who ask, and of those who answer."""

    name: str
    asked: tuple[str, ...]
    answered: tuple[str, ...]


class PointFile(YamlFile):
    """A point of a good answer in `quality.yaml`."""

    name: str
    words: tuple[str, ...]


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
    public: Iterable[str], answers: Iterable[str], words: QualityFile | None = None
) -> tuple[Check, ...]:
    """Return the checklist of all official texts of an incident against what the public says.

    Demands that nobody makes are left out; points stand in the order of the file.
    """
    words = words or packaged_quality()
    asked, said = _sentences(public), _sentences(answers)
    demands = [
        Check(name=demand.name, asked=question, answered=_first(said, demand.answered))
        for demand in words.demands
        if (question := _first(asked, demand.asked))
    ]
    points = [Check(name=point.name, asked="", answered=_first(said, point.words)) for point in words.points]
    return (*demands, *points)


def _sentences(texts: Iterable[str]) -> list[str]:
    """Return the sentences of several texts, in order."""
    return [found[0].strip() for text in texts for found in _SENTENCE.finditer(text) if found[0].strip()]


def _first(sentences: Iterable[str], words: Iterable[str]) -> str:
    """Return the first sentence that has one of the words, or nothing."""
    return next((s for s in sentences if any(word in s for word in words)), "")
