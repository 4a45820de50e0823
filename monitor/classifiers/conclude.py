"""From what was read to what is concluded: live or not, ours or not, how severe, and the words behind it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from monitor.classifiers.classify import EventMention, order_of_types, weigh_types
from monitor.classifiers.grade import GradingTable, grade_figures
from monitor.classifiers.harm import Harm, read_harm
from monitor.classifiers.lexicon import Hit, Lexicon, TermFinder
from monitor.classifiers.liveness import Label
from monitor.classifiers.model import Background, Evidence, Figures, Verdict
from monitor.classifiers.places import PlaceMention, Standing, is_local, named
from monitor.classifiers.reading import Reading
from monitor.classifiers.times import TimeMention, dateline_day, read_times
from monitor.office.model import Territory

_GRAVE = frozenset({"deaths", "missing", "swept", "injuries", "hospital", "trapped", "ill_persons"})
# An event of this weight is told by a strong word in the first sentences.
_TOLD = 3.0
_FOREIGN_SEARCH = 4
_AT = frozenset({"在", "于", "到", "从"})
_TIME_SEARCH = 4
_SHOWN_EVENTS = 3
_SHOWN_PLACES = 5
_SHOWN_TONES = 3
_TONES = {
    "demands": frozenset({"opinion:demand"}),
    "sentiment": frozenset({"opinion:negative", "opinion:positive"}),
}
_BASIS = {
    "policy_misreading": "policy_misreading",
    "moral_bottom_line": "moral_bottom_line",
    "rumor": "hot_topic",
    "rumor_suspected": "hot_topic",
}


class Concluder:
    """Draws the verdict from a reading, for one territory."""

    def __init__(self, lexicon: Lexicon, table: GradingTable, territory: Territory) -> None:
        self._lexicon = lexicon
        self._table = table
        self._territory = territory
        self._version = f"{lexicon.version}-{table.version}"
        self._order = order_of_types(lexicon.events)
        self._factors = TermFinder(lexicon.sensitive, overlapping=True)

    def conclude(self, reading: Reading, label: Label | None, tokens: tuple[str, ...] = ()) -> Verdict:
        """Return the verdict of a reading with an event or an opinion; `label` is why it is not live."""
        return self._live(reading, tokens) if label is None else self._not_live(reading, label, tokens)

    def _live(self, reading: Reading, tokens: tuple[str, ...]) -> Verdict:
        types = weigh_types(reading.current_events, self._order)
        event_type = types[0] if types else None
        harm = self._harm(reading, event_type, current_only=True)
        keys = reading.key_sentences if types else range(len(reading.sentences))
        places = [place for place in reading.places if reading.sentence_of(place.start) in keys]
        when = occurrence(reading) if event_type else None
        sensitive = self._sensitive(reading.passage.text)
        return Verdict(
            matter=True,
            live=True,
            local=self._is_local(places, reading),
            places=named(place for place in places or reading.places if not place.is_reference),
            category=self._table.category(event_type),
            event_type=event_type,
            secondary_types=tuple(types[1:4]),
            basis_61=_basis(event_type, reading),
            opinion=reading.opinion.kind,
            truncated=reading.passage.truncated,
            occurred=when.moment if when else None,
            figures=harm.figures,
            grade=grade_figures(harm.figures, event_type, self._table),
            for_many=reading.opinion.for_many,
            demands=reading.opinion.demands,
            sensitive=tuple(sensitive),
            sentiment=sentiment(reading.toned),
            score=certainty(reading),
            tokens=tokens,
            evidence=evidence_of(reading, event_type, harm, None, when, places, sensitive),
            rules_version=self._version,
        )

    def _not_live(self, reading: Reading, label: Label, tokens: tuple[str, ...]) -> Verdict:
        """Return the verdict of what is not now: figures are background, a refuted rumour stays a matter."""
        event_type = next(iter(weigh_types(reading.events, self._order)), None)
        harm = self._harm(reading, event_type, current_only=False)
        when = occurrence(reading)
        is_rumor = may_matter(reading, label)
        background = Background(
            figures=harm.figures,
            grade=grade_figures(harm.figures, event_type, self._table),
            occurred=when.moment if when else None,
        )
        return Verdict(
            matter=is_rumor,
            live=False,
            not_live_reason=label.reason,
            local=False if label.reason == "foreign" else self._is_local(reading.places, reading),
            places=named(place for place in reading.places if not place.is_reference),
            basis_61=_BASIS["rumor"] if is_rumor else None,
            opinion=reading.opinion.kind if is_rumor else None,
            truncated=reading.passage.truncated,
            background=background if harm.figures.counts or when else None,
            sentiment=sentiment(reading.toned),
            score=certainty(reading) if is_rumor else 0.0,
            tokens=tokens,
            evidence=evidence_of(reading, event_type, harm, label, when, reading.places),
            rules_version=self._version,
        )

    def _harm(self, reading: Reading, event_type: str | None, *, current_only: bool) -> Harm:
        if event_type is None:
            return Harm(figures=Figures(), spans=())
        past = reading.past_sentences if current_only else frozenset[int]()
        wanted = [(index, one) for index, one in enumerate(reading.sentences) if index not in past]
        return read_harm(
            reading.mentions,
            wanted,
            reading.hits,
            with_magnitude=event_type == "earthquake",
            is_illness=self._table.category(event_type) == "public_health",
        )

    def _is_local(self, places: Sequence[PlaceMention], reading: Reading) -> bool | None:
        return is_local(
            places,
            names_border=any(word in reading.passage.text for word in self._lexicon.places["border"]),
            source_is_ours=reading.source_is_ours,
            level=self._territory.level,
        )

    def _sensitive(self, text: str) -> dict[str, tuple[int, int]]:
        """Return the sensitive factors, each with the place of a word that tells of it."""
        first: dict[str, tuple[int, int]] = {}
        for hit in self._factors.find(text):
            first.setdefault(hit.term, (hit.start, hit.end))
        if not first:
            return {}
        return {
            name: first[word]
            for name, words in self._lexicon.sensitive.items()
            if (word := next((word for word in words if word in first), None))
        }


def _basis(event_type: str | None, reading: Reading) -> str | None:
    """Return why it must be answered (61号文 part 一); `superior_ordered` only a person can say."""
    if event_type is not None:
        return "emergency_disaster"
    if reading.opinion.for_many:
        return "public_interest"
    return _BASIS.get(reading.opinion.kind or "")


def may_matter(reading: Reading, label: Label | None) -> bool:
    """Return whether an item is a matter: it tells of something now, or it refutes a rumour."""
    return label is None or (label.reason == "denial" and reading.opinion.is_refuted)


def why_not_live(reading: Reading, foreign_hints: Sequence[str]) -> Label | None:
    """Return why an item tells of nothing that happens now in China, or None where it does."""
    if reading.opinion.is_refuted and not _told_for_true(reading):
        hit = reading.opinion.hits[0]
        return Label(reason="denial", start=hit.start, end=hit.end)
    abroad = _abroad(reading, foreign_hints)
    if abroad is not None:
        return abroad
    item = reading.liveness.item
    if item is not None and not (item.is_mild and (_counts_people(reading) or _complains_of_us(reading))):
        return item
    if reading.current_events or not reading.events or reading.opinion.kind == "complaint":
        return None
    return reading.events[0].label


def _counts_people(reading: Reading) -> bool:
    """Return whether a sentence about now counts people dead, missing or hurt."""
    past = reading.past_sentences
    return any(
        mention.count.value > 0 and mention.metric in _GRAVE and mention.sentence not in past
        for mention in reading.mentions
    )


def _complains_of_us(reading: Reading) -> bool:
    """Return whether it is a complaint about the territory: it may use words of trade or of plans."""
    return reading.opinion.kind == "complaint" and any(
        place.standing is Standing.OURS and not place.is_reference for place in reading.places
    )


def _told_for_true(reading: Reading) -> bool:
    """Return whether other sentences than those that refute tell of the event as current."""
    refuting = {reading.sentence_of(hit.start) for hit in reading.opinion.hits}
    if reading.has_title and 0 in refuting:
        return False
    return any(event.sentence not in refuting and event.weight >= _TOLD for event in reading.current_events)


def _abroad(reading: Reading, foreign_hints: Sequence[str]) -> Label | None:
    """Return the foreign place where it happened: the headline's decides, then the event sentences'."""
    named_at = [(reading.sentence_of(p.start), p) for p in reading.places if not p.is_reference]
    names_home = any(place.standing is not Standing.ABROAD for _, place in named_at)
    for index in reading.key_sentences[:_FOREIGN_SEARCH]:
        here = [place for sentence, place in named_at if sentence == index]
        foreign = next((place for place in here if place.standing is Standing.ABROAD), None)
        home = next((place for place in here if place.standing is not Standing.ABROAD), None)
        if foreign and (home is None or _comes_first(reading, foreign, home)):
            return Label(reason="foreign", start=foreign.start, end=foreign.end)
        if home is not None:
            return None
        sentence = reading.sentences[index]
        hint = next((hint for hint in foreign_hints if hint in sentence.text), None)
        if hint is not None and not names_home:
            start = sentence.start + sentence.text.index(hint)
            return Label(reason="foreign", start=start, end=start + len(hint))
    return None if names_home else _foreigners(reading)


def _foreigners(reading: Reading) -> Label | None:
    """Return the people of another country whom an event befell, where no place at home is named."""
    text, keys = reading.passage.text, reading.key_sentences
    return next(
        (
            Label(reason="foreign", start=place.start, end=place.end)
            for place in reading.places
            if place.standing is Standing.ABROAD
            and text.startswith("人", place.end)
            and reading.sentence_of(place.start) in keys
        ),
        None,
    )


def _comes_first(reading: Reading, foreign: PlaceMention, home: PlaceMention) -> bool:
    """Return whether it happened abroad though home is named: in 昆明男子在曼谷 the one after 在 counts.

    What falls 入 a place at home, as a shell from over the border, happens at home.
    """
    if _word_before(reading, home) in {*_AT, "入"}:
        return False
    return foreign.start < home.start or _word_before(reading, foreign) in _AT


def _word_before(reading: Reading, place: PlaceMention) -> str:
    return reading.passage.text[max(0, place.start - 1) : place.start]


def occurrence(reading: Reading) -> TimeMention | None:
    """Return when it happened: the first time of the event's sentences, else of the text's beginning."""
    passage = reading.passage
    written_on = dateline_day(passage.text[passage.title_end :].strip(), reading.at)
    keys = reading.key_sentences
    rest = [index for index in range(min(_TIME_SEARCH, len(reading.sentences))) if index not in keys]
    for index in [*keys, *rest]:
        sentence = reading.sentences[index]
        for mention in read_times(sentence.text, sentence.start, reading.at, written_on):
            if mention.is_occurrence and mention.moment.at <= reading.at:
                return mention
    return None


def evidence_of(
    reading: Reading,
    event_type: str | None,
    harm: Harm,
    label: Label | None,
    when: TimeMention | None,
    places: Sequence[PlaceMention],
    sensitive: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> tuple[Evidence, ...]:
    """Return the words behind every field, each the exact text at its place in title or text."""
    spans = [("event_type", event.start, event.end) for event in _telling(reading, event_type)]
    spans += harm.spans
    spans += [("opinion", hit.start, hit.end) for hit in reading.opinion.hits]
    if label is not None:
        spans.append(("not_live_reason", label.start, label.end))
    if when is not None:
        spans.append(("occurred_at", when.start, when.end))
    spans += [("places", place.start, place.end) for place in places[:_SHOWN_PLACES]]
    spans += [("sensitive", start, end) for start, end in sensitive.values()]
    for field, slots in _TONES.items() if reading.toned else ():
        told = [hit for hit in reading.toned if not slots.isdisjoint(hit.slots)]
        spans += [(field, hit.start, hit.end) for hit in told[:_SHOWN_TONES]]
    proofs = [reading.passage.evidence(*span) for span in spans]
    return tuple([proof for proof in proofs if proof is not None])


def _telling(reading: Reading, event_type: str | None) -> Sequence[EventMention]:
    """Return the mentions to show for an event type: those about now where there are any, its own first."""
    told = reading.current_events or reading.events
    return sorted(told, key=lambda event: event.type != event_type)[:_SHOWN_EVENTS]


def sentiment(hits: Sequence[Hit]) -> float:
    """Return the colour of the words, -1 to 1."""
    told = [slot for hit in hits for slot in hit.opinions]
    bad, good = told.count("negative"), told.count("positive")
    return round((good - bad) / (good + bad), 2) if good + bad else 0.0


def certainty(reading: Reading) -> float:
    """Return how sure the matter is, 0 to 1: it grows with the number and weight of what was found."""
    weight = sum(event.weight for event in reading.current_events) + 2.0 * len(reading.opinion.hits)
    return round(weight / (weight + 3.0), 3)
