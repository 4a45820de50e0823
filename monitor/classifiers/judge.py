"""Item -> verdict: the steps of this stage in order, and nothing else."""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from monitor.classifiers.classify import EventReader, read_opinion
from monitor.classifiers.conclude import Concluder, may_matter, why_not_live
from monitor.classifiers.figures import FigureReader
from monitor.classifiers.grade import GradingTable
from monitor.classifiers.lexicon import Hit, Lexicon
from monitor.classifiers.liveness import read_liveness
from monitor.classifiers.model import Verdict
from monitor.classifiers.passage import Passage, is_cut, plain_text, read_passage
from monitor.classifiers.places import Gazetteer, Standing
from monitor.classifiers.reading import Reading
from monitor.classifiers.segment import JiebaSegmenter, Segmenter
from monitor.classifiers.topics import TopicReader
from monitor.collectors.model import Role
from monitor.items.model import Item
from monitor.office.model import Territory

# Far more trigger words than any report has: what follows from them is work that has to end.
_MOST = 2_000
_NONE: frozenset[int] = frozenset()

# Slots of which one hit at least must be there before an item can be a matter; a complaint needs two.
_GATE_PREFIXES = ("word:", "hint:", "faint:", "opinion:refuted", "opinion:moral", "opinion:misreading")
_GATE = frozenset({"deaths", "missing", "trapped", "ill_persons", "injuries", "casualties"})


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
        self._spelling = lexicon.spelling
        self._foreign_hints = lexicon.places["foreign_hints"]
        self._watches = bool(lexicon.watch.topics)
        self._territory = territory
        self._is_small = territory.level in ("county", "city")
        self._gazetteer = Gazetteer(lexicon, territory)
        self._triggers = lexicon.triggers(self._gazetteer.home_names if self._is_small else ())
        self._opening = self._triggers.numbers(_opens)
        self._complaints = self._triggers.numbers(lambda slot: slot.startswith("opinion:complaint"))
        self._subjects = self._triggers.numbers(lambda slot: slot == "opinion:subject")
        self._ours = self._triggers.numbers(lambda slot: slot.startswith("ours:"))
        # Most items have none of these.
        self._telling = self._opening | self._complaints | self._ours
        self._home = self._triggers.numbers(lambda slot: slot == "home")
        self._figures = FigureReader(lexicon)
        self._events = EventReader(lexicon, is_small=self._is_small)
        self._concluder = Concluder(lexicon, table, territory)
        self._segmenter = segmenter or JiebaSegmenter(lexicon.user_words, cache_dir)
        version = f"{lexicon.version}-{table.version}"
        self._nothing = Verdict(matter=False, live=False, rules_version=version)
        self._nothing_in_parts = replace(self._nothing, truncated=True)
        self._topics = TopicReader(
            lexicon,
            self._gazetteer,
            self._segmenter,
            level=territory.level,
            is_small=self._is_small,
            version=version,
        )

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
        plain = plain_text(title, text, self._spelling)
        found = self._triggers.scan(plain)[:_MOST]
        numbers = {number for number, _, _ in found} if found else _NONE
        nothing = self._nothing_in_parts if is_cut(title, text) else self._nothing
        is_ours = bool(source_name or scope) and self._is_ours(source_name or "", scope)
        is_home = is_ours or not self._home.isdisjoint(numbers)
        opens = role is Role.HOTLINE or self._opens(numbers, is_home=is_home)
        is_shown = is_home or self._watches
        if not opens and not is_shown:
            return nothing
        passage, at = read_passage(title, text, self._spelling, plain), published_at or now
        verdict = None
        if opens and (reading := self._read(passage, self._triggers.hits(found), role, is_ours, at)):
            verdict = self._conclude(reading)
        if verdict is None and is_shown:
            verdict = self._topics.read(passage, role, at, source_is_ours=is_ours)
        return verdict or nothing

    def _conclude(self, reading: Reading) -> Verdict | None:
        """Return the verdict of a reading; a matter is segmented, which may take away all it rests on."""
        label = why_not_live(reading, self._foreign_hints)
        if not may_matter(reading, label):
            return self._concluder.conclude(reading, label)
        tokens = self._segmenter.lcut(reading.passage.text)
        checked = _on_word_borders(reading, tokens)
        if checked is not reading:
            if not checked.is_plausible:
                return None
            label = why_not_live(checked, self._foreign_hints)
        return self._concluder.conclude(checked, label, tuple([token for token in tokens if len(token) > 1]))

    def _read(
        self, passage: Passage, hits: Sequence[Hit], role: Role | None, source_is_ours: bool, at: datetime
    ) -> Reading | None:
        """Return what a passage says, or None where there is nothing to judge: no event, no opinion."""
        sentences = passage.sentences()
        places = self._gazetteer.find(passage.text)
        at_home = [p for p in places if p.standing is not Standing.ABROAD and not p.is_reference]
        mentions = self._figures.read(passage.text, sentences)
        events = self._events.read(hits, sentences, mentions, at_home, source_is_ours=source_is_ours)
        opinion = read_opinion(
            hits,
            passage,
            from_hotline=role is Role.HOTLINE,
            has_event=bool(events),
            is_ours=source_is_ours or any(place.standing is Standing.OURS for place in at_home),
        )
        if not events and opinion.kind is None:
            return None
        liveness = read_liveness(passage, sentences, mentions, self._lexicon, at)
        return Reading(
            passage=passage,
            hits=hits,
            sentences=sentences,
            liveness=liveness,
            places=places,
            mentions=mentions,
            events=self._events.labelled(events, sentences, liveness.sentences),
            opinion=opinion,
            source_is_ours=source_is_ours,
            at=at,
        )

    def _opens(self, numbers: Set[int], *, is_home: bool) -> bool:
        """Return whether what was found can make a matter: a trigger, or a complaint with its subject.

        Words that count only at home do so where `is_home`: a place of ours is named, or a source is ours.
        """
        if self._telling.isdisjoint(numbers):
            return False
        return (
            not self._opening.isdisjoint(numbers)
            or (is_home and not self._ours.isdisjoint(numbers))
            or not (self._complaints.isdisjoint(numbers) or self._subjects.isdisjoint(numbers))
        )

    def _is_ours(self, source_name: str, scope: str | None) -> bool:
        """Return whether a source speaks for a county or city of ours: by its scope, or by its name."""
        home = self._territory
        return self._is_small and (
            scope == home.level or any(name in source_name for name in (home.name, *home.aliases))
        )


def _opens(slot: str) -> bool:
    return slot.startswith(_GATE_PREFIXES) or slot in _GATE


def _on_word_borders(reading: Reading, tokens: Sequence[str]) -> Reading:
    """Return the reading without events whose words are cut by tokens on both sides: 起火 in 一起/火锅店.

    Where the sentence counts people harmed, what happened does not hang on one word.
    """
    harmed = {mention.sentence for mention in reading.mentions}
    if all(event.sentence in harmed for event in reading.events):
        return reading
    borders = {0, *accumulate(map(len, tokens))}
    events = [
        event
        for event in reading.events
        if event.start in borders or event.end in borders or event.sentence in harmed
    ]
    return reading if len(events) == len(reading.events) else replace(reading, events=events)
