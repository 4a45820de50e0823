"""All figures of an item: people and measures of the sentences that count, with denials, as one set."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from monitor.classifiers.figures import Mention
from monitor.classifiers.lexicon import Hit
from monitor.classifiers.measures import Measure, largest, read_measures
from monitor.classifiers.model import Count, Figures
from monitor.classifiers.passage import Sentence
from monitor.classifiers.totals import combine

# What each kind of denial says is none.
_DENIED = {
    "none:none": ("deaths", "injuries"),
    "none:provisional": ("deaths", "injuries"),
    "none:no_deaths": ("deaths",),
    "none:no_injuries": ("injuries",),
    "none:no_missing": ("missing",),
    "none:no_more": ("deaths", "serious_injuries"),
}

# Whose words are the evidence of a figure that is said in others (`combine`).
_STANDS_FOR = {
    "injuries": ("hospital", "serious_injuries", "critical", "slight_injuries"),
    "ill_persons": ("hospital",),
    "missing": ("swept",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """The figures of some sentences, and the spans of a passage that state them."""

    figures: Figures
    spans: tuple[tuple[str, int, int], ...]


def read_harm(
    mentions: Sequence[Mention],
    sentences: Sequence[tuple[int, Sentence]],
    hits: Sequence[Hit],
    *,
    with_magnitude: bool,
    is_illness: bool = False,
) -> Harm:
    """Return the figures of these sentences; a denial counts only where no sentence states the contrary."""
    wanted = {index for index, _ in sentences}
    mentions = [mention for mention in mentions if mention.sentence in wanted]
    counts = combine(mentions, is_illness=is_illness)
    measures = largest(
        [measure for _, sentence in sentences for measure in read_measures(sentence.text, sentence.start)]
    )
    counts |= {
        metric: measure.count
        for metric, measure in measures.items()
        if metric != "magnitude" or with_magnitude
    }
    spans = _spans(mentions, measures, counts)
    for hit in hits:
        denied = [metric for slot in hit.slots for metric in _DENIED.get(slot, ()) if metric not in counts]
        if denied and any(sentence.start <= hit.start < sentence.end for _, sentence in sentences):
            counts |= dict.fromkeys(denied, Count.exactly(0))
            spans += [(metric, hit.start, hit.end) for metric in denied]
    return Harm(figures=Figures(counts=MappingProxyType(counts)), spans=tuple(spans))


def _spans(
    mentions: Sequence[Mention], measures: dict[str, Measure], counts: dict[str, Count]
) -> list[tuple[str, int, int]]:
    spans = []
    for metric, count in counts.items():
        if metric in measures:
            spans.append((metric, measures[metric].start, measures[metric].end))
            continue
        same = [mention for mention in mentions if mention.metric == metric] or [
            mention for mention in mentions if mention.metric in _STANDS_FOR.get(metric, ())
        ]
        exact = [mention for mention in same if mention.count.value == count.value]
        spans += [(metric, mention.start, mention.end) for mention in (exact[:1] or same)]
    return spans
