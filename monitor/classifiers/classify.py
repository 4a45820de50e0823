"""What kind of incident, what kind of opinion: triggers weighed with their sentences."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.classifiers.figures import Mention
from monitor.classifiers.lexicon import EventRule, Hit, Lexicon, any_of
from monitor.classifiers.liveness import Label
from monitor.classifiers.passage import Passage, Sentence, by_sentence
from monitor.classifiers.places import PlaceMention, Standing

# Signs in a sentence that something happened.
_OCCURS = re.compile(
    r"发生|突发|造成|导致|现场|救援|抢险|消防|扑灭|伤亡|事发|获救|遇难|身亡|死亡|受伤|失联|被困|受灾|一处|一辆|一栋|"
    r"牺牲|撤离|送医|抢救|介入|鸣枪|搜救|封闭|停运|多人|多车|"
    r"一居民|一小区|一男子|一女子|"
    r"疏散|转移|警方|通报|遭遇|引发|袭击|致[^力使敬辞谢富癌命电信歉意]"
)
_HAPPENED = re.compile(
    r"受灾|发生|突发|突降|造成|导致|遭遇|遭受|引发|突遇|袭击|爆发|暴发|受损|成灾|致[0-9一二两三四五六七八九十多]"
)
_CLAUSE_ENDS = re.compile(r"[，,。；;！!？?\s]")
_TITLE_MARKS = re.compile(r"《[^《》]{1,30}》")
# Harm that stands for an incident even where no word names its kind.
_GRAVE = frozenset({"deaths", "missing", "swept"})
_HARM = _GRAVE | {
    "injuries", "serious_injuries", "slight_injuries", "trapped", "ill_persons", "casualties", "evacuated",
    "affected", "hospital", "swept", "stranded_persons",
}  # fmt: skip
# Kinds that are told by what was hit and what befell it, together: a freight train, derailed.
_TELLING_BESIDE = frozenset({
    "rail", "aviation", "water_transport", "hazardous_chemicals", "work_safety", "special_equipment",
    "construction", "gas", "dam_or_dyke_failure",
})  # fmt: skip
# The kind that is left when no more exact one is named.
_RESIDUAL = "other_accident"
_RESIDUAL_SHARE = 0.4
_HURT = frozenset({"injuries", "serious_injuries", "ill_persons", "trapped", "hospital"})
_SEVERAL = 3
_MORE_THAN_ONE = 2
_CAUSED = re.compile(r"致|造成|导致")
_REACH = 14
_LEAD = 20


class EventMention(NamedTuple):
    """A trigger that tells of an incident of `type`, at `[start, end)`; `weight` grows with certainty.

    `label` says why it is nothing current: the sentence's own reason, or a word that governs it (防止…发生),
    or that its clause tells of an office's daily work.
    """

    type: str
    start: int
    end: int
    sentence: int
    weight: float
    label: Label | None = None


@dataclass(slots=True, kw_only=True)
class Surroundings:
    """What else a sentence says: a place at home, people harmed, titles in 《》, that something happened.

    `answers` remembers which tiers of which rules hold here, for a sentence may name them often.
    """

    sentence: Sentence
    headline: str
    has_place: bool
    is_ours: bool
    has_harm: bool
    titles: Sequence[tuple[int, int]]
    answers: dict[tuple[str, int], bool] = field(default_factory=dict)

    def supports(self, tier: str, rule: "_Rule") -> bool:
        """Return whether a trigger of this tier holds here."""
        key = (tier, rule.id)
        if key not in self.answers:
            self.answers[key] = self._holds(tier, rule)
        return self.answers[key]

    def _holds(self, tier: str, rule: "_Rule") -> bool:
        text = self.sentence.text
        if rule.without and rule.without.search(text):
            return False
        if tier == "word":
            return True
        if rule.beside and not (rule.beside.search(text) or rule.beside.search(self.headline)):
            return False
        if tier == "ours":
            return self.is_ours
        if tier == "faint":
            return self.has_harm or (self.has_place and bool(_HAPPENED.search(text)))
        if self.has_place or self.has_harm or bool(_OCCURS.search(text)):
            return True
        # A headline that names the train or the ship with what befell it (货运列车脱轨) needs nothing else.
        is_named = self.sentence.is_title and rule.type in _TELLING_BESIDE
        return is_named and rule.beside is not None and bool(rule.beside.search(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    id: int
    type: str
    beside: re.Pattern[str] | None
    without: re.Pattern[str] | None


class EventReader:
    """Finds the triggers that hold in their sentences; built once from the lexicon.

    `is_small` says that the territory is a county or a city, where words suffice (`ours`) that are said of
    a province or the whole country all day.
    """

    def __init__(self, lexicon: Lexicon, *, is_small: bool) -> None:
        self._is_small = is_small
        self._routine = re.compile(any_of(lexicon.routine))
        self._rules = tuple(
            _Rule(id=number, type=rule.type, beside=_pattern(rule.beside), without=_pattern(rule.without))
            for number, rule in enumerate(lexicon.events)
        )
        governors = "|".join(f"(?P<{reason}>{any_of(words)})" for reason, words in lexicon.governors.items())
        starts = "".join(word[0] for words in lexicon.governors.values() for word in words)
        self._governed = re.compile(
            rf"(?=[{re.escape(starts)}])(?:{governors})(?![院所站]|中心)[^，,。；：:！？]{{0,{_REACH}}}$"
        )

    def read(
        self,
        hits: Sequence[Hit],
        sentences: Sequence[Sentence],
        mentions: Sequence[Mention],
        places: Sequence[PlaceMention],
        *,
        source_is_ours: bool,
    ) -> list[EventMention]:
        """Return every trigger that holds, each claimed by the first rule that it satisfies.

        `places` are where places at home are named; an item of our own source needs none. Grave harm
        without a word for its kind is 其他事故.
        """
        found: list[EventMention] = []
        telling = [hit for hit in hits if hit.rules]
        harmed = [mention for mention in mentions if mention.metric in _HARM and mention.count.value > 0]
        if not telling and not harmed:
            return found
        headline = next((sentence.text for sentence in sentences if sentence.is_title), "")
        named = by_sentence(places, sentences)
        headed_ours = bool(headline) and self._is_ours(named[0])
        told = zip(
            sentences, by_sentence(telling, sentences), by_sentence(harmed, sentences), named, strict=True
        )
        for index, (sentence, inside, harm, near) in enumerate(told):
            if not inside and not harm:
                continue
            around = Surroundings(
                sentence=sentence,
                headline=headline,
                has_place=source_is_ours or bool(near),
                is_ours=source_is_ours or headed_ours or self._is_ours(near),
                has_harm=bool(harm),
                titles=titles_in(sentence.text),
            )
            here = [event for hit in inside if (event := self._claim(hit, index, around)) is not None]
            found += here or _from_harm(harm, index, around)
        return found

    def labelled(
        self, events: Sequence[EventMention], sentences: Sequence[Sentence], labels: Sequence[Label | None]
    ) -> list[EventMention]:
        """Return the events with why each is nothing current: its sentence's reason, or a governing word."""
        known = []
        for event in events:
            label = labels[event.sentence] or self._governor(sentences[event.sentence], event) or event.label
            known.append(event if label is event.label else event._replace(label=label))
        return known

    def _routine_beside(self, hit: Hit, around: Surroundings) -> Label | None:
        """Return the word that makes a clause about home an office's daily work: 调研山体滑坡点治理.

        Nobody is counted as harmed in the sentence, and it does not say that something happened.
        """
        if not around.is_ours or around.has_harm or _OCCURS.search(around.sentence.text):
            return None
        text, at = around.sentence.text, hit.start - around.sentence.start
        first = max([mark.end() for mark in _CLAUSE_ENDS.finditer(text, 0, at)], default=0)
        end = _CLAUSE_ENDS.search(text, at)
        found = self._routine.search(text, first, end.start() if end else len(text))
        if found is None:
            return None
        begin = around.sentence.start
        return Label(reason="plan", start=begin + found.start(), end=begin + found.end())

    def _is_ours(self, places: Sequence[PlaceMention]) -> bool:
        return self._is_small and any(place.standing is Standing.OURS for place in places)

    def _claim(self, hit: Hit, index: int, around: Surroundings) -> EventMention | None:
        if around.titles and is_inside(hit.start - around.sentence.start, around.titles):
            return None
        for tier, number in hit.rules:
            rule = self._rules[number]
            if around.supports(tier, rule):
                weight = (3.0 if tier == "word" else 1.5) * _position(around.sentence, index)
                return EventMention(
                    rule.type, hit.start, hit.end, index, weight, self._routine_beside(hit, around)
                )
        return None

    def _governor(self, sentence: Sentence, event: EventMention) -> Label | None:
        lead = sentence.text[: event.start - sentence.start][-_LEAD:]
        found = self._governed.search(lead)
        if found is None or found.lastgroup is None:
            return None
        first = event.start - len(lead)
        start, end = found.span(found.lastgroup)
        return Label(reason=found.lastgroup, start=first + start, end=first + end)


def _pattern(terms: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile(any_of(terms)) if terms else None


def _position(sentence: Sentence, index: int) -> float:
    return 3.0 if sentence.is_title else 2.0 if index < 3 else 1.0


def _from_harm(harm: Sequence[Mention], index: int, around: Surroundings) -> list[EventMention]:
    caused = bool(_CAUSED.search(around.sentence.text))
    is_local_headline = around.sentence.is_title and around.has_place
    grave = [
        mention
        for mention in harm
        if mention.metric in _GRAVE
        or (caused and mention.metric in _HURT and mention.count.low >= _SEVERAL)
        or (is_local_headline and mention.metric in _HURT and mention.count.low >= _MORE_THAN_ONE)
    ]
    if not grave or not (
        around.has_place or around.sentence.is_title or _OCCURS.search(around.sentence.text)
    ):
        return []
    first = grave[0]
    return [
        EventMention(
            type=_RESIDUAL,
            start=first.start,
            end=first.end,
            sentence=index,
            weight=0.5 * _position(around.sentence, index),
        )
    ]


def titles_in(text: str) -> list[tuple[int, int]]:
    """Return where titles of works stand, 《 and 》 included."""
    return [mark.span() for mark in _TITLE_MARKS.finditer(text)]


def is_inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Return whether a place lies inside one of these spans, which follow one another."""
    index = bisect_left(spans, (place, 0)) - 1
    return index >= 0 and place < spans[index][1]


def order_of_types(rules: Sequence[EventRule]) -> dict[str, int]:
    """Return the number of the first rule of each event type: the smaller, the more specific."""
    return {rule.type: index for index, rule in reversed(list(enumerate(rules)))}


def weigh_types(events: Sequence[EventMention], order: Mapping[str, int]) -> list[str]:
    """Return the event types, the weightiest first; of equals the more specific, the first in `order`."""
    weights: dict[str, float] = defaultdict(float)
    for event in events:
        weights[event.type] += event.weight * (_RESIDUAL_SHARE if event.type == _RESIDUAL else 1.0)
    return sorted(weights, key=lambda type_: (-weights[type_], order[type_]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What an item is as public opinion: `kind` of the verdict's `opinion`, with the hits that say so."""

    kind: str | None = None
    is_refuted: bool = False
    for_many: bool = False
    demands: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()


_NO_OPINION = Opinion()
_HOUSEHOLDS = re.compile(r"[0-9一二三四五六七八九十百千多几数]+(?:余|多)?户")
_COMPLAINT_REACH = 80
# 停水三天了: who counts the days of a want with 了 still has it, unless the water is said to be back.
_STILL_WANTING = re.compile(
    r"(?:[停断][水电气]|停暖|断网)[^，,。；：！？]{0,4}?[0-9一二两三四五六七八九十几半好]{1,3}个?多?"
    r"(?:天|日|夜|周|星期|礼拜|月)多?了(?!解)(?!.{0,20}(?:终于|恢复了|已经?恢复|恢复正常|来[水电气]了))"
)


def read_opinion(
    hits: Sequence[Hit], passage: Passage, *, from_hotline: bool, has_event: bool, is_ours: bool
) -> Opinion:
    """Return what an item is as opinion: a refuted or unconfirmed rumour, a complaint, or nothing.

    `is_ours` says that it names a place of ours or comes from a source of ours.
    """
    spoken = [hit for hit in hits if hit.opinions]
    if not spoken:
        return _NO_OPINION
    by_slot: dict[str, list[Hit]] = defaultdict(list)
    for hit in spoken:
        for slot in hit.opinions:
            by_slot[slot].append(hit)
    demands = tuple(dict.fromkeys(hit.term for hit in by_slot["demand"]))
    for kind, found in (
        ("rumor", _refuted(by_slot, passage.title_end, has_event=has_event)),
        ("policy_misreading", by_slot["misreading"]),
        ("complaint", _complaint(by_slot, passage.text, from_hotline=from_hotline, is_ours=is_ours)),
        ("rumor_suspected", by_slot["claimed"] if has_event and not by_slot["handling"] else []),
        ("moral_bottom_line", by_slot["moral"]),
    ):
        if found:
            return Opinion(
                kind=kind,
                is_refuted=kind == "rumor",
                for_many=kind == "complaint"
                and (bool(by_slot["many"]) or bool(_HOUSEHOLDS.search(passage.text))),
                demands=demands,
                hits=tuple(found[:3]),
            )
    return Opinion(demands=demands)


def _refuted(by_slot: Mapping[str, list[Hit]], title_end: int, *, has_event: bool) -> list[Hit]:
    refuted = by_slot["refuted"]
    in_title = [hit for hit in refuted if hit.end <= title_end]
    backed = by_slot["claimed"] or by_slot["handling"] or has_event
    return in_title or (refuted if backed else [])


def _complaint(
    by_slot: Mapping[str, list[Hit]], text: str, *, from_hotline: bool, is_ours: bool
) -> list[Hit]:
    """Return the hits of a complaint: an act near its subject; from the hotline either is enough.

    An allegation (引质疑, 被曝) or a want that lasts (停水三天了) is an act only where it is about us: the
    like is said of film stars, and everywhere.
    """
    acts, subjects = by_slot["complaint"], by_slot["subject"]
    if is_ours:
        acts = [*acts, *by_slot["complaint_at_home"], *_wants(subjects, text)]
    if from_hotline:
        return [*acts, *subjects]
    for act in acts:
        for subject in subjects:
            if abs(act.start - subject.start) <= _COMPLAINT_REACH and act.term not in subject.term:
                return [act, subject]
    return []


def _wants(subjects: Sequence[Hit], text: str) -> list[Hit]:
    """Return the want that a text counts the days of, as an act of complaint."""
    found = _STILL_WANTING.search(text) if subjects else None
    return [Hit(found[0], ("opinion:complaint",), *found.span())] if found else []
