"""Item -> verdict: the steps of this stage in order, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from monitor.classifiers.classify import EventReader, read_opinion, weigh_types
from monitor.classifiers.conclude import Reading, evidence_of, occurrence, why_not_live
from monitor.classifiers.figures import FigureReader
from monitor.classifiers.grade import GradingTable, grade_figures
from monitor.classifiers.harm import Harm, read_harm
from monitor.classifiers.lexicon import Hit, Lexicon
from monitor.classifiers.liveness import Label, read_liveness
from monitor.classifiers.model import Background, Figures, Verdict
from monitor.classifiers.passage import Passage, read_passage
from monitor.classifiers.places import ABROAD, Gazetteer, PlaceMention, is_local, named
from monitor.classifiers.segment import JiebaSegmenter, Segmenter
from monitor.collectors.model import Role
from monitor.items.model import Item
from monitor.office.model import Territory

_GATE = (
    "word:",
    "hint:",
    "faint:",
    "opinion:refuted",
    "opinion:complaint",
    "opinion:moral",
    "opinion:misreading",
)
_GATE_METRICS = frozenset({"deaths", "missing", "trapped", "ill_persons", "casualties"})
NOTHING = Verdict(matter=False, live=False)
NOTHING_TRUNCATED = replace(NOTHING, truncated=True)
_BASIS = {
    "policy_misreading": "policy_misreading",
    "moral_bottom_line": "moral_bottom_line",
    "rumor": "hot_topic",
    "rumor_suspected": "hot_topic",
}


class Judge:
    """Judges items for one territory by one lexicon and one grading table; holds no state between items."""

    def __init__(
        self,
        lexicon: Lexicon,
        table: GradingTable,
        territory: Territory,
        *,
        segmenter: Segmenter | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        self._lexicon = lexicon
        self._table = table
        self._territory = territory
        self._gazetteer = Gazetteer(lexicon, territory)
        self._figures = FigureReader(lexicon)
        self._events = EventReader(lexicon)
        self._segmenter = segmenter or JiebaSegmenter(lexicon.user_words, cache_dir)
        self.rules_version = f"{lexicon.version}-{table.version}"

    def judge_item(self, item: Item, now: datetime) -> Verdict:
        """Return the verdict of an item."""
        return self.judge(
            title=item.title,
            text=item.text,
            published_at=item.published_at,
            source_name=item.source_name,
            role=item.role,
            scope=item.scope,
            heat=item.heat,
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
        heat: float | None,
        now: datetime,
    ) -> Verdict:
        """Return what this item says, judged as of its publication, or of `now` where that is unknown.

        Most items are no matter: they are found out by one pass for trigger words, before any segmentation.
        """
        passage = read_passage(title, text, self._lexicon.forms)
        hits = self._lexicon.triggers.find(passage.text)
        nothing = NOTHING_TRUNCATED if passage.truncated else NOTHING
        if not _may_matter(hits) and role is not Role.HOTLINE:
            return nothing
        is_ours = self._is_ours(source_name or "", scope)
        reading = self._read(passage, hits, role, is_ours, published_at or now)
        if not reading.is_plausible:
            return nothing
        tokens = self._segmenter.lcut(passage.text)
        reading = _on_word_borders(reading, tokens)
        if not reading.is_plausible:
            return nothing
        verdict = self._conclude(reading)
        return replace(verdict, tokens=tuple(token for token in tokens if len(token) > 1))

    def _read(
        self, passage: Passage, hits: Sequence[Hit], role: Role | None, source_is_ours: bool, at: datetime
    ) -> Reading:
        sentences = passage.sentences()
        places = self._gazetteer.find(passage.text)
        liveness = read_liveness(passage, sentences, self._lexicon, at)
        mentions = self._figures.read(enumerate(sentences))
        home = [place.start for place in places if place.standing != ABROAD and not place.is_reference]
        events = self._events.read(
            passage.text, hits, sentences, liveness.sentences, home, mentions, source_is_ours=source_is_ours
        )
        opinion = read_opinion(
            hits,
            passage.text,
            from_hotline=role is Role.HOTLINE,
            has_event=bool(events),
            title_end=passage.title_end,
        )
        return Reading(
            passage=passage,
            hits=hits,
            sentences=sentences,
            liveness=liveness,
            places=places,
            mentions=mentions,
            events=events,
            opinion=opinion,
            source_is_ours=source_is_ours,
            at=at,
        )

    def _conclude(self, reading: Reading) -> Verdict:
        label = why_not_live(reading, self._lexicon.places["foreign_hints"])
        live = label is None
        event_type = next(
            iter(weigh_types(reading.current_events if live else reading.events, self._lexicon.events)), None
        )
        wanted = [
            (index, sentence)
            for index, sentence in enumerate(reading.sentences)
            if not live or not reading.is_past(index)
        ]
        harm = read_harm(reading.mentions, wanted, reading.hits, with_magnitude=event_type == "earthquake")
        if live:
            return self._live(reading, harm)
        return self._not_live(reading, harm, label, event_type)

    def _live(self, reading: Reading, harm: Harm) -> Verdict:
        types = weigh_types(reading.current_events, self._lexicon.events)
        event_type = types[0] if types else None
        keys = reading.key_sentences()
        places = [p for p in reading.places if reading.sentence_of(p.start) in keys]
        when = occurrence(reading) if event_type else None
        opinion = reading.opinion.kind
        basis = "emergency_disaster" if event_type else _BASIS.get(opinion or "")
        if basis is None and reading.opinion.for_many:
            basis = "public_interest"
        figures = harm.figures if event_type else Figures()
        return Verdict(
            matter=True,
            live=True,
            local=self._is_local(places, reading),
            places=named([p for p in (places or reading.places) if not p.is_reference]),
            category=self._table.category(event_type),
            event_type=event_type,
            secondary_types=tuple(types[1:4]),
            basis_61=basis,
            opinion=opinion,
            truncated=reading.passage.truncated,
            occurred=when.moment if when else None,
            figures=figures,
            grade=grade_figures(figures, event_type, self._table),
            for_many=reading.opinion.for_many,
            demands=reading.opinion.demands,
            sensitive=self._sensitive(reading),
            sentiment=_sentiment(reading.hits),
            score=_score(reading),
            evidence=evidence_of(reading, harm, None, when, places),
            rules_version=self.rules_version,
        )

    def _not_live(self, reading: Reading, harm: Harm, label: Label, event_type: str | None) -> Verdict:
        when = occurrence(reading)
        refuted = reading.opinion.is_refuted
        background = Background(
            figures=harm.figures,
            grade=grade_figures(harm.figures, event_type, self._table),
            occurred=when.moment if when else None,
        )
        return Verdict(
            matter=refuted,
            live=False,
            not_live_reason=label.reason,
            local=False if label.reason == "foreign" else self._is_local(reading.places, reading),
            places=named(place for place in reading.places if not place.is_reference),
            basis_61=_BASIS["rumor"] if refuted else None,
            opinion=reading.opinion.kind if refuted else None,
            truncated=reading.passage.truncated,
            background=background if harm.figures.counts or when else None,
            sentiment=_sentiment(reading.hits),
            score=_score(reading) if refuted else 0.0,
            evidence=evidence_of(reading, harm, label, when, reading.places),
            rules_version=self.rules_version,
        )

    def _is_ours(self, source_name: str, scope: str | None) -> bool:
        """Return whether a source speaks for the territory: by its scope, or by its name."""
        home = self._territory
        return scope == home.level or any(name in source_name for name in (home.name, *home.aliases))

    def _is_local(self, places: Sequence[PlaceMention], reading: Reading) -> bool | None:
        text = reading.passage.text
        words = self._lexicon.places
        return is_local(
            places,
            names_border=any(word in text for word in words["border"]),
            source_is_ours=reading.source_is_ours,
            level=self._territory.level,
        )

    def _sensitive(self, reading: Reading) -> tuple[str, ...]:
        text = reading.passage.text
        return tuple(
            name for name, words in self._lexicon.sensitive.items() if any(word in text for word in words)
        )


def _may_matter(hits: Sequence[Hit]) -> bool:
    return any(slot.startswith(_GATE) or slot in _GATE_METRICS for hit in hits for slot in hit.slots)


def _on_word_borders(reading: Reading, tokens: Sequence[str]) -> Reading:
    """Return the reading without events whose words are cut by a token: 起火 in 一起/火锅 is none."""
    borders = {0, *accumulate(map(len, tokens))}
    events = [event for event in reading.events if event.start in borders or event.end in borders]
    return reading if len(events) == len(reading.events) else replace(reading, events=events)


def _sentiment(hits: Sequence[Hit]) -> float:
    bad = sum("opinion:negative" in hit.slots for hit in hits)
    good = sum("opinion:positive" in hit.slots for hit in hits)
    return round((good - bad) / (good + bad), 2) if good + bad else 0.0


def _score(reading: Reading) -> float:
    """Return how sure the matter is, 0 to 1: it grows with the number and weight of what was found."""
    weight = sum(event.weight for event in reading.current_events) + 2.0 * len(reading.opinion.hits)
    return round(weight / (weight + 3.0), 3)
