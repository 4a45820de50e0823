"""Reading: what the steps found in one passage, before anything is concluded."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from monitor.classifiers.classify import EventMention, Opinion
from monitor.classifiers.figures import Mention
from monitor.classifiers.lexicon import Hit
from monitor.classifiers.liveness import Liveness
from monitor.classifiers.passage import Passage, Sentence
from monitor.classifiers.places import PlaceMention


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything found in a passage; all places are those of the passage, `at` is when it was published.

    What follows from it is asked for several times, and kept.
    """

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

    @cached_property
    def current_events(self) -> list[EventMention]:
        """Return the events that are about now."""
        return [event for event in self.events if event.label is None]

    @property
    def has_title(self) -> bool:
        """Return whether the first sentence is a headline."""
        return bool(self.sentences) and self.sentences[0].is_title

    def sentence_of(self, place: int) -> int:
        """Return the index of the sentence that holds this place of the passage."""
        return bisect_right(self._starts, place) - 1

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    @cached_property
    def past_sentences(self) -> frozenset[int]:
        """Return the sentences about nothing current: labelled so, or all their events are."""
        current = {event.sentence for event in self.current_events}
        past = {event.sentence for event in self.events} - current
        labelled = {index for index, label in enumerate(self.liveness.sentences) if label is not None}
        return frozenset(past | labelled)

    @cached_property
    def key_sentences(self) -> list[int]:
        """Return the headline and the sentences of the event, only current ones where there are any."""
        events = self.current_events or self.events
        first = [0] if self.has_title else []
        return list(dict.fromkeys([*first, *(event.sentence for event in events)]))
