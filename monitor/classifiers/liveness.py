"""Now or not: which sentences tell of drills, old cases, courts, fiction and the like."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.classifiers.lexicon import Hit, Lexicon
from monitor.classifiers.passage import Passage, Sentence, by_sentence
from monitor.clock import as_local

# One word of these lists says little: a report of a fire may name a phone or a film star.
_WEAK = frozenset({"fiction", "sport", "commerce"})
_YEAR = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?:年|[-./][0-9]{1,2}[-./])")
_YEARS_AGO = re.compile(r"[0-9一二两三四五六七八九十百几数]{1,4}(?:多)?年(?:前|来|后)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Why a sentence tells of nothing current: a reason code with the words `[start, end)` that say so."""

    reason: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """The labels of a passage: of the whole item, if any, and of each sentence in order."""

    item: Label | None
    sentences: tuple[Label | None, ...]


def read_liveness(
    passage: Passage, sentences: Sequence[Sentence], lexicon: Lexicon, published_at: datetime
) -> Liveness:
    """Return which sentences, or the whole item, are not about something that happens now."""
    hits = lexicon.cue_finder.find(passage.text)
    weak = Counter(slot.split(":")[0] for hit in hits for slot in hit.slots if slot.split(":")[0] in _WEAK)
    item = _item_label(passage, hits)
    labels = tuple(
        _sentence_label(sentence, inside, weak, lexicon.landmarks, published_at)
        for sentence, inside in zip(sentences, by_sentence(hits, sentences), strict=True)
    )
    return Liveness(item=item, sentences=labels)


def _item_label(passage: Passage, hits: Sequence[Hit]) -> Label | None:
    for hit in hits:
        for slot in hit.slots:
            reason, _, scope = slot.partition(":")
            if scope == "item" or (scope == "title" and hit.end <= passage.title_end):
                return Label(reason=reason, start=hit.start, end=hit.end)
    return None


def _sentence_label(
    sentence: Sentence,
    hits: Sequence[Hit],
    weak: Counter[str],
    landmarks: Mapping[str, int],
    published_at: datetime,
) -> Label | None:
    past = _past_year(sentence, published_at)
    if past is not None:
        return past
    year = as_local(published_at).year
    old = next((hit for hit in hits if "landmark" in hit.slots and landmarks[hit.term] < year), None)
    if old is not None:
        return Label(reason="history", start=old.start, end=old.end)
    is_current = any("current" in hit.slots for hit in hits)
    for hit in hits:
        for slot in hit.slots:
            reason, _, scope = slot.partition(":")
            if scope != "sentence" or (reason in _WEAK and weak[reason] < 2):
                continue
            if is_current and reason in ("history", "statistics", "plan", "warning"):
                continue
            return Label(reason=reason, start=hit.start, end=hit.end)
    ago = _YEARS_AGO.search(sentence.text)
    if ago and not is_current:
        return Label(reason="history", start=sentence.start + ago.start(), end=sentence.start + ago.end())
    return None


def _past_year(sentence: Sentence, published_at: datetime) -> Label | None:
    """Return a label where the sentence's only years are over."""
    local = as_local(published_at)
    years = [(int(match["year"]), match) for match in _YEAR.finditer(sentence.text)]
    recent = local.year - 1 if local.month == 1 else local.year
    if not years or any(year >= recent for year, _ in years):
        return None
    match = years[0][1]
    return Label(reason="history", start=sentence.start + match.start(), end=sentence.start + match.end())
