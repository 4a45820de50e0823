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
_COMPANY = 2
# Reasons whose words also stand in reports of the day.
_GIVES_WAY = frozenset({"history", "plan", "warning"})
_YEAR = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?:年|[-./][0-9]{1,2}[-./])")
# 《…》里, 《…》中: what follows is told by a book or a film.
_IN_A_STORY = re.compile(r"《[^《》]{1,20}》(?:里|中|讲述|剧组|主演|导演|剧情|结局|大结局|定档|上映)")
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
    is_current = any("current" in hit.slots for hit in hits)
    return (
        _told_story(sentence)
        or _past_year(sentence, published_at)
        or _landmark(hits, landmarks, published_at)
        or _cue(hits, weak, is_current=is_current)
        or (None if is_current else _years_ago(sentence))
    )


def _cue(hits: Sequence[Hit], weak: Counter[str], *, is_current: bool) -> Label | None:
    """Return the first cue that holds: weak ones need company, some give way to words like 今日."""
    for hit in hits:
        for slot in hit.slots:
            reason, _, scope = slot.partition(":")
            if scope != "sentence" or (reason in _WEAK and weak[reason] < _COMPANY):
                continue
            if not (is_current and reason in _GIVES_WAY):
                return Label(reason=reason, start=hit.start, end=hit.end)
    return None


def _landmark(hits: Sequence[Hit], landmarks: Mapping[str, int], published_at: datetime) -> Label | None:
    """Return a label where an event known by name is spoken of after its year."""
    year = as_local(published_at).year
    old = next((hit for hit in hits if "landmark" in hit.slots and landmarks[hit.term] < year), None)
    return None if old is None else Label(reason="history", start=old.start, end=old.end)


def _past_year(sentence: Sentence, published_at: datetime) -> Label | None:
    """Return a label where the only years that a sentence names are over."""
    local = as_local(published_at)
    recent = local.year - 1 if local.month == 1 else local.year
    years = list(_YEAR.finditer(sentence.text))
    if not years or any(int(match["year"]) >= recent for match in years):
        return None
    return _label("history", sentence, years[0])


def _years_ago(sentence: Sentence) -> Label | None:
    return _label("history", sentence, _YEARS_AGO.search(sentence.text) if "年" in sentence.text else None)


def _told_story(sentence: Sentence) -> Label | None:
    return _label("fiction", sentence, _IN_A_STORY.search(sentence.text) if "《" in sentence.text else None)


def _label(reason: str, sentence: Sentence, match: re.Match[str] | None) -> Label | None:
    if match is None:
        return None
    return Label(reason=reason, start=sentence.start + match.start(), end=sentence.start + match.end())
