"""Item -> verdict: the steps of this stage in order, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from monitor.classifiers.classify import EventReader, read_opinion
from monitor.classifiers.conclude import Concluder
from monitor.classifiers.figures import FigureReader
from monitor.classifiers.grade import GradingTable
from monitor.classifiers.lexicon import Hit, Lexicon
from monitor.classifiers.liveness import read_liveness
from monitor.classifiers.model import Verdict
from monitor.classifiers.passage import Passage, read_passage
from monitor.classifiers.places import Gazetteer, Standing
from monitor.classifiers.reading import Reading
from monitor.classifiers.segment import JiebaSegmenter, Segmenter
from monitor.collectors.model import Role
from monitor.items.model import Item
from monitor.office.model import Territory

NOTHING = Verdict(matter=False, live=False)
NOTHING_TRUNCATED = replace(NOTHING, truncated=True)

# Slots of which one hit at least must be there before an item can be a matter.
_GATE_PREFIXES = (
    "word:", "hint:", "faint:", "opinion:refuted", "opinion:complaint", "opinion:moral", "opinion:misreading",
)  # fmt: skip
_GATE = frozenset({"deaths", "missing", "trapped", "ill_persons", "casualties"})


class Judge:
    """Judges items for one territory by one lexicon and one table; holds no state between items.

    Without a `segmenter` it builds its own, whose dictionary cache lies in `cache_dir`.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        table: GradingTable,
        territory: Territory,
        *,
        segmenter: Segmenter | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        self.table = table
        self._lexicon = lexicon
        self._territory = territory
        self._gazetteer = Gazetteer(lexicon, territory)
        self._figures = FigureReader(lexicon)
        self._events = EventReader(lexicon)
        self._concluder = Concluder(lexicon, table, territory)
        self._segmenter = segmenter or JiebaSegmenter(lexicon.user_words, cache_dir)

    def judge_item(self, item: Item, now: datetime) -> Verdict:
        """Return the verdict of an item."""
        return self.judge(
            title=item.title,
            text=item.text,
            published_at=item.published_at,
            source_name=item.source_name,
            role=item.role,
            scope=item.scope,
            now=now,
        )

    def judge(
        self,
        *,
        title: str,
        text: str,
        published_at: datetime | None,
        source_name: str | None,
        role: Role | None,
        scope: str | None,
        now: datetime,
    ) -> Verdict:
        """Return what this item says, judged as of its publication, or of `now` where that is unknown.

        Most items are no matter: they are found out by one pass for trigger words, before any segmentation.
        """
        passage = read_passage(title, text, self._lexicon.spelling)
        hits = self._lexicon.triggers.find(passage.text)
        nothing = NOTHING_TRUNCATED if passage.truncated else NOTHING
        if role is not Role.HOTLINE and not _may_matter(hits):
            return nothing
        is_ours = self._is_ours(source_name or "", scope)
        reading = self._read(passage, hits, role, is_ours, published_at or now)
        if not reading.is_plausible:
            return nothing
        verdict = self._concluder.conclude(reading)
        return self._by_words(reading, verdict) if verdict.matter else verdict

    def _by_words(self, reading: Reading, verdict: Verdict) -> Verdict:
        """Return the verdict on a matter after segmentation, which may take away the words it rests on."""
        tokens = self._segmenter.lcut(reading.passage.text)
        checked = _on_word_borders(reading, tokens)
        if not checked.is_plausible:
            return NOTHING_TRUNCATED if verdict.truncated else NOTHING
        if checked is not reading:
            verdict = self._concluder.conclude(checked)
        return replace(verdict, tokens=tuple(token for token in tokens if len(token) > 1))

    def _read(
        self, passage: Passage, hits: Sequence[Hit], role: Role | None, source_is_ours: bool, at: datetime
    ) -> Reading:
        sentences = passage.sentences()
        places = self._gazetteer.find(passage.text)
        at_home = [p for p in places if p.standing is not Standing.ABROAD and not p.is_reference]
        liveness = read_liveness(passage, sentences, self._lexicon, at)
        mentions = self._figures.read(passage.text, sentences)
        events = self._events.read(
            hits, sentences, liveness.sentences, mentions, at_home, source_is_ours=source_is_ours
        )
        return Reading(
            passage=passage,
            hits=hits,
            sentences=sentences,
            liveness=liveness,
            places=places,
            mentions=mentions,
            events=events,
            opinion=read_opinion(hits, passage, from_hotline=role is Role.HOTLINE, has_event=bool(events)),
            source_is_ours=source_is_ours,
            at=at,
        )

    def _is_ours(self, source_name: str, scope: str | None) -> bool:
        """Return whether a source speaks for a county or city of ours: by its scope, or by its name."""
        home = self._territory
        if home.level not in ("county", "city"):
            return False
        return scope == home.level or any(name in source_name for name in (home.name, *home.aliases))


def _may_matter(hits: Sequence[Hit]) -> bool:
    return any(slot.startswith(_GATE_PREFIXES) or slot in _GATE for hit in hits for slot in hit.slots)


def _on_word_borders(reading: Reading, tokens: Sequence[str]) -> Reading:
    """Return the reading without events whose words are cut by tokens on both sides: 起火 in 一起/火锅店.

    Where the sentence counts people harmed, what happened does not hang on one word.
    """
    borders = {0, *accumulate(map(len, tokens))}
    harmed = {mention.sentence for mention in reading.mentions}
    events = [
        event
        for event in reading.events
        if event.start in borders or event.end in borders or event.sentence in harmed
    ]
    return reading if len(events) == len(reading.events) else replace(reading, events=events)
