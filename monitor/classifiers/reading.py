"""Reading: what the steps found in one passage, before anything is concluded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.classifiers.classify import EventMention, Opinion
from monitor.classifiers.figures import Mention
from monitor.classifiers.lexicon import Hit
from monitor.classifiers.liveness import Liveness
from monitor.classifiers.passage import Passage, Sentence
from monitor.classifiers.places import PlaceMention


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything found in a passage; all places are those of the passage, `at` is when it was published."""

    passage: Passage
    hits: Sequence[Hit]
    sentences: Sequence[Sentence]
    liveness: Liveness
    places: Sequence[PlaceMention]
    mentions: Sequence[Mention]
    events: Sequence[EventMention]
    opinion: Opinion
    source_is_ours: bool
    at: datetime

    @property
    def is_plausible(self) -> bool:
        """Return whether there is anything to judge: an event or an opinion."""
        return bool(self.events) or self.opinion.kind is not None

    @property
    def current_events(self) -> list[EventMention]:
        """Return the events that are about now."""
        return [event for event in self.events if event.label is None]

    @property
    def has_title(self) -> bool:
        """Return whether the first sentence is a headline."""
        return bool(self.sentences) and self.sentences[0].is_title

    def sentence_of(self, place: int) -> int:
        """Return the index of the sentence that holds this place of the passage."""
        for index, sentence in enumerate(self.sentences):
            if place < sentence.end:
                return index
        return len(self.sentences) - 1

    def is_past(self, index: int) -> bool:
        """Return whether a sentence is about nothing current: labelled so, or all its events are."""
        if self.liveness.sentences[index] is not None:
            return True
        here = [event for event in self.events if event.sentence == index]
        return bool(here) and all(event.label is not None for event in here)

    def key_sentences(self) -> list[int]:
        """Return the headline and the sentences of the event, only current ones where there are any."""
        events = self.current_events or self.events
        first = [0] if self.has_title else []
        return list(dict.fromkeys([*first, *(event.sentence for event in events)]))
