"""Does this official item answer that incident, what kind of answer is it, and which passage says so.

An offer is made only where place, kind of event, day and words agree; a near miss (another township, another
accident, a routine notice) must never stop a clock. A person, or the office's policy, accepts the offer
(T6, C13).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files

from monitor.classifiers.model import NamedPlace, Verdict
from monitor.incidents.group import hard_contradiction
from monitor.incidents.model import Incident, PublicationKind
from monitor.incidents.traits import Themes, packaged_themes
from monitor.items.model import Item
from monitor.yamlfile import YamlFile, read_yaml

ENOUGH_WITH_PLACE = 0.25
"""The share of the incident's words that an answer naming its very place must say."""

ENOUGH_WITHOUT_PLACE = 0.5
"""The same for an answer that names no place more exact than the county."""

_EARLY = timedelta(hours=24)  # how long before the first report we know an official one may have been out
_HEAD = 200
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_TOWNSHIP = re.compile(r"[\u4e00-\u9fff]{2,6}(?:镇|乡|街道办)")
_SUFFIX = re.compile(
    r"(?:(?:傣|彝|苗|彝族苗|白|回|傈僳)族)?(?:自治)?(?:省|市|州|县|区|镇|乡|街道|社区|村|村委会)$"
)


class AnswersFile(YamlFile):
    """`answers.yaml`."""

    kinds: dict[PublicationKind, tuple[str, ...]]
    not_yet: tuple[str, ...]
    routine: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An official item that answers an incident: its kind, the share of the incident's words, the passage."""

    kind: PublicationKind
    similarity: float
    passage: str


@cache
def packaged_words() -> AnswersFile:
    """Return the packaged `answers.yaml`; raises ConfigurationError."""
    text = files("monitor.incidents").joinpath("answers.yaml").read_text(encoding="utf-8")
    return read_yaml(text, "answers.yaml", AnswersFile)[0]


def match_answer(
    item: Item,
    verdict: Verdict,
    incident: Incident,
    *,
    words: AnswersFile | None = None,
    themes: Themes | None = None,
) -> Answer | None:
    """Return the answer that an official item is to an incident, or None where it answers something else.

    The text itself is compared, so that a notice which is no matter of its own (情况说明) is found too.
    """
    words, themes = words or packaged_words(), themes or packaged_themes()
    text = f"{item.title}\n{item.text}"
    if _is_too_early(item, incident) or _is_another_event(item, verdict, incident, themes):
        return None
    kind = answer_kind(item.title, item.text, words)
    if kind is None:
        return None
    weights = _words_of(incident)
    similarity = _said(weights, text)
    enough = ENOUGH_WITH_PLACE if _names_its_place(incident.places, text) else ENOUGH_WITHOUT_PLACE
    if similarity < enough:
        return None
    return Answer(kind=kind, similarity=round(similarity, 3), passage=_passage(weights, text))


def answer_kind(title: str, text: str, words: AnswersFile) -> PublicationKind | None:
    """Return what kind of release this is, None for a routine notice; a conference to come is none yet."""
    for part in (title, text[:_HEAD]):
        for kind, cues in words.kinds.items():
            cue = next((cue for cue in cues if cue in part), None)
            if cue is None:
                continue
            if kind is PublicationKind.PRESS_CONFERENCE and any(word in part for word in words.not_yet):
                continue
            if part is not title and any(word in title for word in words.routine):
                return None
            return kind
    return None if any(word in title for word in words.routine) else PublicationKind.FIRST_RELEASE


def _is_too_early(item: Item, incident: Incident) -> bool:
    """Return whether the item was out before there was anything to answer."""
    first = incident.first_published_at or incident.detected_at
    occurred = incident.occurred
    return item.at < first - _EARLY or (occurred is not None and item.at < occurred.at)


def _is_another_event(item: Item, verdict: Verdict, incident: Incident, themes: Themes) -> bool:
    """Return whether place, day, victims or kind of event speak against it."""
    if _names_another_place(incident.places, f"{item.title}\n{item.text}"):
        return True
    if hard_contradiction(incident, item, verdict):
        return True
    mine = themes.of_type.get(incident.event_type or "", frozenset())
    shown = themes.themes_of(f"{item.title}\n{item.text}", verdict.event_type)
    return bool(mine and shown) and mine.isdisjoint(shown)


def _words_of(incident: Incident) -> Mapping[str, float]:
    """Return the words of an incident's profile with their weight, without themes and place codes."""
    return {term: weight for term, weight in incident.profile.items() if term[0] not in "@#"}


def _said(weights: Mapping[str, float], text: str) -> float:
    """Return the share of the incident's words, by the square of their weight, that a text says."""
    total = sum(weight * weight for weight in weights.values())
    return sum(weight * weight for term, weight in weights.items() if term in text) / total if total else 0.0


def _names_its_place(places: Sequence[NamedPlace], text: str) -> bool:
    """Return whether a text names a place of the incident below the county, in full or in short."""
    return any(name in text for place in places if _is_exact(place) for name in _spellings(place.name))


def _names_another_place(places: Sequence[NamedPlace], text: str) -> bool:
    """Return whether the beginning names a township, but none of the incident's exact places."""
    exact = any(_is_exact(place) for place in places)
    return exact and _TOWNSHIP.search(text[:_HEAD]) is not None and not _names_its_place(places, text)


def _is_exact(place: NamedPlace) -> bool:
    """Return whether a place is a township or smaller."""
    return place.code is None or len(place.code) >= 9


def _spellings(name: str) -> tuple[str, ...]:
    """Return a place's name in full and, if two characters remain, without its last part."""
    short = _SUFFIX.sub("", name)
    return (name, short) if len(short) >= 2 else (name,)


def _passage(weights: Mapping[str, float], text: str) -> str:
    """Return the sentence that says most of the incident's words."""
    sentences = [match[0].strip() for match in _SENTENCE.finditer(text)]
    return max(sentences, key=lambda sentence: _said(weights, sentence), default="")
