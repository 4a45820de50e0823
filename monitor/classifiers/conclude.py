"""From what was read to what is concluded: live or not, ours or not, and the verdict with its evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.classifiers.classify import EventMention, Opinion
from monitor.classifiers.figures import Mention
from monitor.classifiers.harm import Harm
from monitor.classifiers.lexicon import Hit
from monitor.classifiers.liveness import Label, Liveness
from monitor.classifiers.model import Evidence
from monitor.classifiers.passage import Passage, Sentence
from monitor.classifiers.places import ABROAD, PlaceMention
from monitor.classifiers.times import TimeMention, dateline_day, read_times


# Reasons that a headline's word suggests and figures of people harmed outweigh.
SOFT = frozenset({"plan", "warning", "education", "sport", "fiction", "commerce"})
GRAVE = frozenset({"deaths", "missing", "injuries", "trapped", "ill_persons"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the steps found in one passage, before anything is concluded. All places are those of the passage."""

    passage: Passage
    hits: Sequence[Hit]
    sentences: tuple[Sentence, ...]
    liveness: Liveness
    places: Sequence[PlaceMention]
    mentions: Sequence[Mention]
    events: Sequence[EventMention]
    opinion: Opinion
    source_is_ours: bool
    at: datetime

    def sentence_of(self, place: int) -> int:
        """Return the index of the sentence that holds this place of the passage."""
        for index, sentence in enumerate(self.sentences):
            if place < sentence.end:
                return index
        return len(self.sentences) - 1

    @property
    def current_events(self) -> list[EventMention]:
        """Return the events of sentences that are about now."""
        return [event for event in self.events if event.label is None]

    @property
    def is_plausible(self) -> bool:
        """Return whether there is anything to judge: an event or an opinion."""
        return bool(self.events) or self.opinion.kind is not None

    def is_past(self, index: int) -> bool:
        """Return whether a sentence is about nothing current: labelled so, or all its events are."""
        if self.liveness.sentences[index] is not None:
            return True
        here = [event for event in self.events if event.sentence == index]
        return bool(here) and all(event.label is not None for event in here)

    def key_sentences(self) -> list[int]:
        """Return the headline and the sentences that tell of the event, those about now where there are any."""
        events = self.current_events or list(self.events)
        first = [0] if self.sentences and self.sentences[0].is_title else []
        return list(dict.fromkeys([*first, *(event.sentence for event in events)]))


def why_not_live(reading: Reading, foreign_hints: Sequence[str]) -> Label | None:
    """Return why an item tells of nothing that happens now in China, or None where it does."""
    if reading.opinion.is_refuted and not _told_for_true(reading):
        hit = reading.opinion.hits[0]
        return Label(reason="denial", start=hit.start, end=hit.end)
    abroad = _abroad(reading, foreign_hints)
    if abroad is not None:
        return abroad
    item = reading.liveness.item
    if item is not None and not (item.reason in SOFT and _told_with_harm(reading)):
        return item
    if not reading.events or reading.current_events:
        return None
    return reading.events[0].label


def _told_with_harm(reading: Reading) -> bool:
    """Return whether a sentence about now, or the headline, counts people dead, missing or hurt."""
    return any(
        mention.count.value > 0 and mention.metric in GRAVE and not reading.is_past(mention.sentence)
        for mention in reading.mentions
    )


def _told_for_true(reading: Reading) -> bool:
    """Return whether other sentences than those that refute tell of the event as current."""
    refuting = {reading.sentence_of(hit.start) for hit in reading.opinion.hits}
    titled = bool(reading.sentences) and reading.sentences[0].is_title and 0 in refuting
    return not titled and any(
        event.sentence not in refuting and event.weight >= 3.0 for event in reading.current_events
    )


def _abroad(reading: Reading, foreign_hints: Sequence[str]) -> Label | None:
    """Return the foreign place where it happened: what the headline names decides, then the event's sentences."""
    keys = reading.key_sentences()
    within = [(reading.sentence_of(place.start), place) for place in reading.places if not place.is_reference]
    for index in keys[:4]:
        here = [place for sentence, place in within if sentence == index]
        foreign = [place for place in here if place.standing == ABROAD]
        home = [place for place in here if place.standing != ABROAD]
        if foreign and (not home or (foreign[0].start < home[0].start and not _stands_in(reading, home[0]))):
            return Label(reason="foreign", start=foreign[0].start, end=foreign[0].end)
        if home:
            return None
        text = reading.sentences[index].text
        hint = next((hint for hint in foreign_hints if hint in text), None)
        if hint is not None and not any(place.standing != ABROAD for _, place in within):
            start = reading.sentences[index].start + text.index(hint)
            return Label(reason="foreign", start=start, end=start + len(hint))
    return None


def _stands_in(reading: Reading, place: PlaceMention) -> bool:
    return reading.passage.text[max(0, place.start - 1) : place.start] in ("在", "于", "到", "从")


def occurrence(reading: Reading) -> TimeMention | None:
    """Return when it happened: the first time of the event's sentences, else of the text's beginning."""
    spoken = dateline_day(reading.passage.text[reading.passage.title_end :].strip()[:100], reading.at)
    at = reading.at
    keys = reading.key_sentences()
    for index in [*keys, *(i for i in range(min(4, len(reading.sentences))) if i not in keys)]:
        sentence = reading.sentences[index]
        for mention in read_times(sentence.text, sentence.start, at, spoken):
            if mention.is_occurrence and mention.moment.at <= reading.at:
                return mention
    return None


def evidence_of(
    reading: Reading,
    harm: Harm,
    label: Label | None,
    when: TimeMention | None,
    places: Sequence[PlaceMention],
) -> tuple[Evidence, ...]:
    """Return the words behind every field, each the exact text at its place in title or text."""
    spans: list[tuple[str, int, int]] = []
    spans += [("event_type", event.start, event.end) for event in reading.events[:3]]
    spans += harm.spans
    spans += [("opinion", hit.start, hit.end) for hit in reading.opinion.hits]
    if label is not None:
        spans.append(("not_live_reason", label.start, label.end))
    if when is not None:
        spans.append(("occurred_at", when.start, when.end))
    spans += [("places", place.start, place.end) for place in places[:5]]
    found: Callable[[str, int, int], Evidence | None] = reading.passage.evidence
    return tuple(proof for span in spans if (proof := found(*span)) is not None)
