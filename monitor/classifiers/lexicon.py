"""The words the office reads by: events, casualties, cues of liveness, opinions, places."""

import re
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.classifiers.passage import Spelling

# One to one, so that places stay; what else has two cases is left as it is.
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """Which words tell of which kind of incident.

    `words` speak for themselves. `hints` need one of `beside` in the same sentence, where there are any, and
    a place, people harmed or a sign that something happened. `faint` ones need people harmed, or both
    others. `ours` count only where a place of ours is named or a source of ours speaks. None of `without` may
    stand in the sentence. Earlier rules are more specific.
    """

    type: str
    words: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    faint: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that make a sentence, or the whole item, no current event; `reason` is the verdict's code.

    `mild` ones name a topic only (a court, a film): they yield where the text reports what happened.
    """

    reason: str
    mild: bool = False
    sentence: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    item: tuple[str, ...] = ()


class Hit(NamedTuple):
    """A term found at `[start, end)` of a passage; `slots` say what it may mean, as `word:3` or `deaths`."""

    term: str
    slots: tuple[str, ...]
    start: int
    end: int

    @property
    def opinions(self) -> tuple[str, ...]:
        """Return what this term may mean as opinion."""
        return _opinions_of(self.slots)

    @property
    def rules(self) -> tuple[tuple[str, int], ...]:
        """Return (tier, number) of the event rules this term belongs to, the more specific rule first."""
        return _rules_of(self.slots)


@cache
def _opinions_of(slots: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(slot.removeprefix("opinion:") for slot in slots if slot.startswith("opinion:"))


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
        automaton = AhoCorasick(self._terms, matchkind=kind)
        self.scan: Callable[[str], list[tuple[int, int, int]]] = partial(
            automaton.find_matches_as_indexes, overlapping=overlapping
        )
        """Returns (number of the term, start, end) of every hit in order: much cheaper than the hits."""

    def hits(self, found: Iterable[tuple[int, int, int]]) -> list[Hit]:
        """Return what a scan found as hits."""
        terms, slots = self._terms, self._slots
        return [Hit(terms[index], slots[index], start, end) for index, start, end in found]

    def find(self, text: str) -> list[Hit]:
        """Return every hit in order of its place."""
        return self.hits(self.scan(text))

    def numbers(self, wanted: Callable[[str], bool]) -> frozenset[int]:
        """Return the numbers of the terms that have a slot wanted."""
        return frozenset(number for number, slots in enumerate(self._slots) if any(map(wanted, slots)))

    @property
    def terms(self) -> tuple[str, ...]:
        """Return all terms, each once."""
        return self._terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A text is of this topic if it has one of `any_of`, where there are any, and each of `all_of`."""

    name: str
    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A topic found, with the words that led to it in order of place."""

    topic: Topic
    hits: tuple[Hit, ...]


@dataclass(frozen=True, kw_only=True)
class WatchList:
    """Topics, the first that holds wins; a text with a word of `exclude` is of none.

    Latin letters count in either case. A term that begins or ends with one must stand free of other Latin
    letters there: `ai` is not in `gai`.
    """

    topics: tuple[Topic, ...] = ()
    exclude: tuple[str, ...] = ()

    def find(self, text: str) -> Sighting | None:
        """Return the first topic of a text, or None."""
        if not self.topics:
            return None
        found = self._found(text.translate(_LOWER))
        if any(term.translate(_LOWER) in found for term in self.exclude):
            return None
        for topic in self.topics:
            some = [hit for term in topic.any_of if (hit := found.get(term.translate(_LOWER)))]
            needed = [hit for term in topic.all_of if (hit := found.get(term.translate(_LOWER)))]
            if (some or not topic.any_of) and len(needed) == len(topic.all_of):
                hits = dict.fromkeys((*some, *needed))
                return Sighting(topic=topic, hits=tuple(sorted(hits, key=lambda hit: hit.start)))
        return None

    def _found(self, text: str) -> Mapping[str, Hit]:
        """Return the first place of each term that stands free."""
        found: dict[str, Hit] = {}
        for hit in self._finder.find(text):
            if _stands_free(text, hit):
                found.setdefault(hit.term, hit)
        return found

    @cached_property
    def _finder(self) -> TermFinder:
        terms = [term for topic in self.topics for term in (*topic.any_of, *topic.all_of)]
        lowered = dict.fromkeys(term.translate(_LOWER) for term in (*terms, *self.exclude))
        return TermFinder({"watch": lowered}, overlapping=True)


def _stands_free(text: str, hit: Hit) -> bool:
    before, after = text[max(0, hit.start - 1) : hit.start], text[hit.end : hit.end + 1]
    return not (
        (_is_latin(hit.term[0]) and _is_latin(before)) or (_is_latin(hit.term[-1]) and _is_latin(after))
    )


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


NO_TOPICS = WatchList()


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """Everything of `words/` and of the office's own words, read and checked.

    `version` is a hash of the files' texts; `notes` say which of the office's words change nothing.
    """

    forms: Mapping[int, str]
    events: tuple[EventRule, ...]
    casualties: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]
    idioms: tuple[str, ...]
    cues: tuple[Cue, ...]
    not_cues: tuple[str, ...]
    current: tuple[str, ...]
    routine: tuple[str, ...]
    governors: Mapping[str, tuple[str, ...]]
    landmarks: Mapping[str, int]
    figure_words: Mapping[str, tuple[str, ...]]
    opinions: Mapping[str, tuple[str, ...]]
    trouble: tuple[str, ...]
    sensitive: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[str, ...]]
    foreign_short: tuple[tuple[str, ...], tuple[str, ...]]
    divisions: tuple[tuple[str, str, str, bool], ...]
    version: str
    watch: WatchList = NO_TOPICS
    notes: tuple[str, ...] = ()

    @cached_property
    def spelling(self) -> Spelling:
        """Return the spelling that this lexicon's terms are written in."""
        return Spelling(self.forms)

    def triggers(self, home: Iterable[str] = ()) -> TermFinder:
        """Return what finds the words that can make an item a matter; idioms win by their length.

        The names of `home` are found in the same pass: some words count only beside one.
        """
        slots: dict[str, Iterable[str]] = {"void": (*self.ignored, *self.idioms), "home": home}
        for index, rule in enumerate(self.events):
            slots[f"word:{index}"] = rule.words
            slots[f"hint:{index}"] = rule.hints
            slots[f"faint:{index}"] = rule.faint
            slots[f"ours:{index}"] = rule.ours
        slots |= self.casualties
        slots |= {f"none:{name}": self.figure_words[name] for name in NEGATIONS}
        slots |= {f"opinion:{name}": terms for name, terms in self.opinions.items()}
        return TermFinder(slots)

    @cached_property
    def cue_finder(self) -> TermFinder:
        """Return what finds the cues of liveness; a slot is `reason:scope` or `reason:scope:mild`."""
        slots: dict[str, Iterable[str]] = {
            "current": self.current, "landmark": self.landmarks, "void": self.not_cues,
        }  # fmt: skip
        for cue in self.cues:
            for scope in ("sentence", "title", "item"):
                slots[f"{cue.reason}:{scope}{':mild' * cue.mild}"] = getattr(cue, scope)
        return TermFinder(slots, overlapping=True)

    @property
    def user_words(self) -> tuple[str, ...]:
        """Return the terms that segmentation must know as words."""
        return tuple(term for term in self.triggers().terms if 2 <= len(term) <= 6)


TIERS = frozenset({"word", "hint", "faint", "ours"})
NEGATIONS = ("none", "provisional", "no_deaths", "no_injuries", "no_missing", "no_more", "unknown")


def any_of(terms: Iterable[str]) -> str:
    """Return a pattern for any of these terms, the longest first."""
    return "|".join(map(re.escape, sorted(terms, key=len, reverse=True)))
