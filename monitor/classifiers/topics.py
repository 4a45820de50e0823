"""Watched topics and signs of trouble of ours: shown on the desk where nothing stronger was found.

Neither has a clock or pages anybody.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from monitor.classifiers.classify import is_inside, titles_in
from monitor.classifiers.lexicon import Hit, Lexicon, TermFinder, any_of
from monitor.classifiers.liveness import read_liveness
from monitor.classifiers.model import Evidence, Verdict
from monitor.classifiers.passage import Passage
from monitor.classifiers.places import Gazetteer, PlaceMention, is_local, named
from monitor.classifiers.segment import Segmenter
from monitor.collectors.model import Role

# A word of a list stands there, and nothing else is known.
_CERTAINTY = 0.25
_SHOWN_WORDS = 3
_SHOWN_PLACES = 5


class TopicReader:
    """Looks for the office's watch list, and for signs of trouble, in what names a place of ours or is ours.

    Signs (着了, 掉进, 没灯) are said of a province or the whole country all day: they are looked for only
    where the territory `is_small`, a county or a city, and not where an office tells of its own work.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        gazetteer: Gazetteer,
        segmenter: Segmenter,
        *,
        level: str,
        is_small: bool,
        version: str,
    ) -> None:
        self._lexicon = lexicon
        self._gazetteer = gazetteer
        self._segmenter = segmenter
        self._level = level
        self._is_small = is_small
        self._version = version
        self._signs = TermFinder({"sign": lexicon.trouble, "void": (*lexicon.idioms, *lexicon.ignored)})
        self._routine = re.compile(any_of(lexicon.routine))

    def read(
        self, passage: Passage, role: Role | None, at: datetime, *, source_is_ours: bool
    ) -> Verdict | None:
        """Return the verdict on a topic or a sign, or None: also where it may not be ours."""
        sighting = self._lexicon.watch.find(passage.text)
        hits = sighting.hits if sighting else self._trouble(passage, role, at)
        if not hits:
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
            evidence=_evidence(passage, hits, places),
            rules_version=self._version,
        )

    def _trouble(self, passage: Passage, role: Role | None, at: datetime) -> Sequence[Hit]:
        """Return the words of trouble in a text about now; none where it tells of routine, or is official.

        Words of trade do not count against them: shops and savings have their trouble too.
        """
        if not self._is_small or role is Role.OFFICIAL:
            return ()
        titles = titles_in(passage.text)
        hits = [
            hit
            for hit in self._signs.find(passage.text)
            if "sign" in hit.slots and not is_inside(hit.start, titles)
        ]
        if not hits or self._routine.search(passage.text):
            return ()
        liveness = read_liveness(passage, passage.sentences(), (), self._lexicon, at)
        labels = [label for label in (liveness.item, *liveness.sentences) if label is not None]
        return hits if all(label.reason == "commerce" for label in labels) else ()


def _evidence(passage: Passage, hits: Sequence[Hit], places: Sequence[PlaceMention]) -> tuple[Evidence, ...]:
    spans = [("opinion", hit.start, hit.end) for hit in hits[:_SHOWN_WORDS]]
    spans += [("places", place.start, place.end) for place in places[:_SHOWN_PLACES]]
    return tuple(proof for span in spans if (proof := passage.evidence(*span)) is not None)
