"""The words the office reads by: events, casualties, cues of liveness, opinions, places."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.classifiers.passage import Spelling


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """Which words tell of which kind of incident.

    `words` speak for themselves. `hints` need one of `beside` in the same sentence, where there are any, and
    a place, people harmed or a sign that something happened. `faint` ones need people harmed, or both
    others. None of `without` may stand in the sentence. Earlier rules are more specific.
    """

    type: str
    words: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    faint: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that make a sentence, or the whole item, no current event; `reason` is the verdict's code."""

    reason: str
    sentence: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    item: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A term found at `[start, end)` of a passage; `slots` say what it may mean, as `word:3` or `deaths`."""

    term: str
    slots: tuple[str, ...]
    start: int
    end: int

    @property
    def rules(self) -> tuple[tuple[str, int], ...]:
        """Return (tier, number) of the event rules this term belongs to, the more specific rule first."""
        return _rules_of(self.slots)


@cache
def _rules_of(slots: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    parts = [slot.partition(":") for slot in slots]
    rules = [(tier, int(number)) for tier, _, number in parts if tier in TIERS]
    return tuple(sorted(rules, key=lambda rule: rule[1]))


class TermFinder:
    """All terms of some slots in one automaton pass; of overlapping terms the leftmost longest is found."""

    def __init__(self, slots: Mapping[str, Iterable[str]], *, overlapping: bool = False) -> None:
        by_term: dict[str, list[str]] = {}
        for slot, terms in slots.items():
            for term in terms:
                by_term.setdefault(term, []).append(slot)
        self._terms = tuple(by_term)
        self._slots = tuple(tuple(by_term[term]) for term in self._terms)
        kind = MatchKind.Standard if overlapping else MatchKind.LeftmostLongest
        self._automaton = AhoCorasick(self._terms, matchkind=kind)
        self._overlapping = overlapping

    def find(self, text: str) -> list[Hit]:
        """Return every hit in order of its place."""
        return [
            Hit(term=self._terms[index], slots=self._slots[index], start=start, end=end)
            for index, start, end in self._automaton.find_matches_as_indexes(
                text, overlapping=self._overlapping
            )
        ]

    @property
    def terms(self) -> tuple[str, ...]:
        """Return all terms, each once."""
        return self._terms


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """Everything of `words/`, read and checked; `version` is a hash of the files' texts."""

    forms: Mapping[int, str]
    events: tuple[EventRule, ...]
    casualties: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]
    idioms: tuple[str, ...]
    cues: tuple[Cue, ...]
    current: tuple[str, ...]
    governors: Mapping[str, tuple[str, ...]]
    landmarks: Mapping[str, int]
    figure_words: Mapping[str, tuple[str, ...]]
    opinions: Mapping[str, tuple[str, ...]]
    sensitive: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[str, ...]]
    foreign_short: tuple[tuple[str, ...], tuple[str, ...]]
    divisions: tuple[tuple[str, str, str, bool], ...]
    version: str

    @cached_property
    def spelling(self) -> Spelling:
        """Return the spelling that this lexicon's terms are written in."""
        return Spelling(self.forms)

    @cached_property
    def triggers(self) -> TermFinder:
        """Return what finds the words that can make an item a matter; idioms win by their length."""
        slots: dict[str, Iterable[str]] = {"void": (*self.ignored, *self.idioms)}
        for index, rule in enumerate(self.events):
            slots[f"word:{index}"] = rule.words
            slots[f"hint:{index}"] = rule.hints
            slots[f"faint:{index}"] = rule.faint
        slots |= self.casualties
        slots |= {f"none:{name}": self.figure_words[name] for name in NEGATIONS}
        slots |= {f"opinion:{name}": terms for name, terms in self.opinions.items()}
        return TermFinder(slots)

    @cached_property
    def cue_finder(self) -> TermFinder:
        """Return what finds the cues of liveness; a slot is `reason:scope`."""
        slots: dict[str, Iterable[str]] = {"current": self.current, "landmark": self.landmarks}
        for cue in self.cues:
            for scope in ("sentence", "title", "item"):
                slots[f"{cue.reason}:{scope}"] = getattr(cue, scope)
        return TermFinder(slots, overlapping=True)

    @property
    def user_words(self) -> tuple[str, ...]:
        """Return the terms that segmentation must know as words."""
        return tuple(term for term in self.triggers.terms if 2 <= len(term) <= 6)


TIERS = frozenset({"word", "hint", "faint"})
NEGATIONS = ("none", "provisional", "no_deaths", "no_injuries", "no_missing", "no_more", "unknown")


def any_of(terms: Iterable[str]) -> str:
    """Return a pattern for any of these terms, the longest first."""
    return "|".join(map(re.escape, sorted(terms, key=len, reverse=True)))
