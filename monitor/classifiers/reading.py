"""Reading: what the steps found in one passage, before anything is concluded."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from monitor.classifiers.classify import EventMention, Opinion
from monitor.classifiers.figures import Mention
from monitor.classifiers.lexicon import Hit
from monitor.classifiers.liveness import Liveness
from monitor.classifiers.passage import Passage, Sentence
from monitor.classifiers.places import PlaceMention


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything found in a passage; all places are those of the passage, `at` is when it was published.

    What follows from it is asked for several times, and kept: `current_events` are the events about now,
    `past_sentences` the numbers of sentences about nothing current, `key_sentences` those of the headline
    and of the event's sentences, `toned` the hits that may be an opinion.
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
    current_events: Sequence[EventMention] = field(init=False)
    past_sentences: frozenset[int] = field(init=False)
    key_sentences: Sequence[int] = field(init=False)
    toned: Sequence[Hit] = field(init=False)
    _starts: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        current = [event for event in self.events if event.label is None]
        keep = partial(object.__setattr__, self)
        keep("current_events", current)
        keep("past_sentences", _past(self.events, current, self.liveness))
        keys = [event.sentence for event in current or self.events]
        keep("key_sentences", list(dict.fromkeys([0, *keys] if self.has_title else keys)))
        keep("toned", [hit for hit in self.hits if hit.opinions])
        keep("_starts", [sentence.start for sentence in self.sentences])

    @property
    def is_plausible(self) -> bool:
        """Return whether there is anything to judge: an event or an opinion."""
        return bool(self.events) or self.opinion.kind is not None

    @property
    def has_title(self) -> bool:
        """Return whether the first sentence is a headline."""
        return bool(self.sentences) and self.sentences[0].is_title

    def sentence_of(self, place: int) -> int:
        """Return the index of the sentence that holds this place of the passage."""
        return bisect_right(self._starts, place) - 1


def _past(
    events: Sequence[EventMention], current: Sequence[EventMention], liveness: Liveness
) -> frozenset[int]:
    """Return the sentences about nothing current: labelled so, or all their events are."""
    labelled = {index for index, label in enumerate(liveness.sentences) if label is not None}
    told = {event.sentence for event in events} - {event.sentence for event in current}
    return frozenset(told | labelled)
