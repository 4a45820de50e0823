"""A watched topic of ours where nothing stronger was found: shown on the desk, without a clock."""

from monitor.classifiers.lexicon import Lexicon, Sighting
from monitor.classifiers.model import Evidence, Verdict
from monitor.classifiers.passage import Passage
from monitor.classifiers.places import Gazetteer, PlaceMention, is_local, named
from monitor.classifiers.segment import Segmenter

# A word of the list stands there, and nothing else is known.
_CERTAINTY = 0.25
_SHOWN_WORDS = 3
_SHOWN_PLACES = 5


class TopicReader:
    """Looks for the office's watch list in texts that name a place of ours or come from a source of ours."""

    def __init__(
        self, lexicon: Lexicon, gazetteer: Gazetteer, segmenter: Segmenter, *, level: str, version: str
    ) -> None:
        self._lexicon = lexicon
        self._gazetteer = gazetteer
        self._segmenter = segmenter
        self._level = level
        self._version = version

    def read(self, passage: Passage, *, source_is_ours: bool) -> Verdict | None:
        """Return the verdict on a watched topic, or None: also where it may not be ours (`local` unknown)."""
        sighting = self._lexicon.watch.find(passage.text)
        if sighting is None:
            return None
        places = self._gazetteer.find(passage.text)
        if not is_local(places, names_border=False, source_is_ours=source_is_ours, level=self._level):
            return None
        return Verdict(
            matter=True,
            live=True,
            local=True,
            places=named(place for place in places if not place.is_reference),
            basis_61="hot_topic",
            opinion="topic",
            truncated=passage.truncated,
            score=_CERTAINTY,
            tokens=tuple(token for token in self._segmenter.lcut(passage.text) if len(token) > 1),
            evidence=_evidence(passage, sighting, places),
            rules_version=self._version,
        )


def _evidence(passage: Passage, sighting: Sighting, places: list[PlaceMention]) -> tuple[Evidence, ...]:
    spans = [("opinion", hit.start, hit.end) for hit in sighting.hits[:_SHOWN_WORDS]]
    spans += [("places", place.start, place.end) for place in places[:_SHOWN_PLACES]]
    return tuple(proof for span in spans if (proof := passage.evidence(*span)) is not None)
