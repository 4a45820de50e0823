"""What kind of incident, what kind of opinion: triggers weighed with their sentences."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.classifiers.lexicon import EventRule, Hit, Lexicon
from monitor.classifiers.passage import Sentence

_SUPPORT = re.compile(
    r"发生|突发|造成|导致|致|现场|救援|抢险|消防|扑灭|伤亡|事发|获救|遇难|身亡|死亡|受伤|失联|失踪|被困|一处|一辆|一栋|一居民|一小区|一男子|一女子|疏散|转移|警方|通报|事故|遭遇|引发|袭击"
)
_TITLE_MARKS = re.compile(r"《[^《》]{1,30}》")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMention:
    """A trigger that tells of an incident of `type`, at `[start, end)`; `weight` grows with certainty."""

    type: str
    term: str
    start: int
    end: int
    sentence: int
    weight: float


def read_events(
    hits: Sequence[Hit], sentences: Sequence[Sentence], lexicon: Lexicon, place_starts: Sequence[int]
) -> list[EventMention]:
    """Return the triggers that hold in their sentences, each claimed by the first rule that it satisfies.

    `place_starts` are where places are named: a place is support for a hint.
    """
    found: list[EventMention] = []
    headline = next((sentence.text for sentence in sentences if sentence.is_title), "")
    position = 0
    for hit in hits:
        while position < len(sentences) and sentences[position].end <= hit.start:
            position += 1
        if position == len(sentences):
            break
        sentence = sentences[position]
        if _inside_title_marks(sentence, hit):
            continue
        has_place = any(sentence.start <= start < sentence.end for start in place_starts)
        mention = _claim(hit, position, sentence, headline, lexicon.events, has_place)
        if mention is not None:
            found.append(mention)
    return found


def _inside_title_marks(sentence: Sentence, hit: Hit) -> bool:
    if "《" not in sentence.text:
        return False
    return any(
        sentence.start + mark.start() < hit.start < sentence.start + mark.end()
        for mark in _TITLE_MARKS.finditer(sentence.text)
    )


def _claim(
    hit: Hit, index: int, sentence: Sentence, headline: str, rules: Sequence[EventRule], has_place: bool
) -> EventMention | None:
    for slot in sorted(hit.slots, key=lambda slot: int(slot.partition(":")[2]) if ":" in slot and slot[0] in "wh" else 999):
        kind, _, number = slot.partition(":")
        if kind not in ("word", "hint"):
            continue
        rule = rules[int(number)]
        if any(term in sentence.text for term in rule.without):
            continue
        if kind == "hint" and not _is_supported(rule, sentence, headline, has_place):
            continue
        weight = (3.0 if kind == "word" else 1.5) * (3.0 if sentence.is_title else 2.0 if index < 3 else 1.0)
        return EventMention(
            type=rule.type, term=hit.term, start=hit.start, end=hit.end, sentence=index, weight=weight
        )
    return None


def _is_supported(rule: EventRule, sentence: Sentence, headline: str, has_place: bool) -> bool:
    if rule.beside:
        return any(term in sentence.text or term in headline for term in rule.beside)
    return has_place or bool(_SUPPORT.search(sentence.text))


def weigh_types(events: Sequence[EventMention], rules: Sequence[EventRule]) -> list[str]:
    """Return the event types, the weightiest first; of equals the more specific rule's."""
    weights: dict[str, float] = defaultdict(float)
    for event in events:
        weights[event.type] += event.weight
    order: Mapping[str, int] = {rule.type: -index for index, rule in reversed(list(enumerate(rules)))}
    return sorted(weights, key=lambda type_: (-weights[type_], -order[type_]))
