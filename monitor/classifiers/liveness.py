"""Now or not: which sentences tell of drills, old cases, courts, fiction and the like."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from monitor.classifiers.figures import Mention
from monitor.classifiers.lexicon import Hit, Lexicon
from monitor.classifiers.passage import Passage, Sentence, by_sentence
from monitor.classifiers.times import read_times
from monitor.clock import as_local

# One word of these lists says little: a report of a fire may name a phone or a film star.
_WEAK = frozenset({"fiction", "sport", "commerce"})
_COMPANY = 2
# Reasons whose words also stand in reports of the day.
_GIVES_WAY = frozenset({"history", "plan", "warning"})
# Old cases are told with their dead as well: only what happened just now, or 发生, makes them a report.
_RETOLD = frozenset({"history", "judicial"})
_GRAVE = frozenset({"deaths", "missing"})
_HARM = _GRAVE | {"injuries", "hospital", "swept", "trapped", "ill_persons"}
_OCCURRED = re.compile(r"(?<![案将会能易未防])(?:发生|突发)(?![地时后前])|通报一[起宗]|时突?[遭遇]")
_CAUSED = re.compile(r"造成|导致|遭遇|突遇|致(?:[0-9一二两三四五六七八九十多]|使?其)")
# 暴雨致…: what was warned of has come.
_RESULT = re.compile(r"[雨风雪洪雹](?:已经?)?(?:致|造成|导致)")
_RECENT = timedelta(days=7)
_YEAR = re.compile(r"(?P<year>(?:19|20)[0-9]{2})(?:年|[-./][0-9]{1,2}[-./])")
# 《…》里, 《…》中: what follows is told by a book or a film.
_IN_A_STORY = re.compile(r"《[^《》]{1,20}》(?:里|中|讲述|剧组|主演|导演|剧情|结局|大结局|定档|上映)")
_N = r"[0-9一二两三四五六七八九十百几数]{1,4}多?"
_YEARS_AGO = re.compile(rf"{_N}年(?:前|来|后|过去)|(?:过去|时隔|已过|过后){_N}(?:年|个月)|{_N}个月后")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Why a sentence tells of nothing current: a reason code with the words `[start, end)` that say so.

    `is_mild` marks a topic only, which people counted as harmed outweigh.
    """

    reason: str
    start: int
    end: int
    is_mild: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """The labels of a passage: of the whole item, if any, and of each sentence in order."""

    item: Label | None
    sentences: tuple[Label | None, ...]


class _Account(NamedTuple):
    """A sentence with its cues and whether it counts people harmed; `at` is when it was published."""

    sentence: Sentence
    hits: Sequence[Hit]
    metrics: frozenset[str]
    at: datetime

    def reports(self, reason: str) -> bool:
        """Return whether it says what happened just now, so that a mild cue of `reason` does not count."""
        text = self.sentence.text
        occurred = bool(_OCCURRED.search(text))
        if reason in _RETOLD:
            if reason == "history" and self.sentence.is_title and self.metrics & _GRAVE:
                return True
            if occurred and (self.metrics or self.sentence.is_title):
                return True
            return (occurred or bool(self.metrics)) and self._is_recent()
        if self.metrics & _GRAVE or (
            self.metrics and (reason != "sport" or occurred or _CAUSED.search(text))
        ):
            return True
        return (occurred and self._is_recent()) or (reason == "warning" and bool(_RESULT.search(text)))

    def _is_recent(self) -> bool:
        times = read_times(self.sentence.text, self.sentence.start, self.at)
        return any(time.is_occurrence and self.at - _RECENT <= time.moment.at <= self.at for time in times)


def read_liveness(
    passage: Passage,
    sentences: Sequence[Sentence],
    mentions: Sequence[Mention],
    lexicon: Lexicon,
    published_at: datetime,
) -> Liveness:
    """Return which sentences, or the whole item, are not about something that happens now."""
    hits = _cues(lexicon.cue_finder.find(passage.text))
    weak = Counter([reason for hit in hits for slot in hit.slots if (reason := _parts(slot)[0]) in _WEAK])
    harm = [one for one in mentions if one.metric in _HARM and one.count.value > 0]
    accounts = [
        _Account(sentence, inside, frozenset([m.metric for m in hurt]), published_at)
        for sentence, inside, hurt in zip(
            sentences, by_sentence(hits, sentences), by_sentence(harm, sentences), strict=True
        )
    ]
    labels = tuple(_sentence_label(account, weak, lexicon.landmarks) for account in accounts)
    return Liveness(item=_item_label(passage, hits, accounts), sentences=labels)


def _cues(hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the hits without those inside a longer term that is no cue: 电影 in 电影院."""
    voids = [hit for hit in hits if "void" in hit.slots]
    if not voids:
        return hits
    return [hit for hit in hits if not any(v.start <= hit.start and hit.end <= v.end for v in voids)]


def _item_label(passage: Passage, hits: Sequence[Hit], accounts: Sequence[_Account]) -> Label | None:
    for hit in hits:
        for slot in hit.slots:
            reason, scope, is_mild = _parts(slot)
            if scope != "item" and not (scope == "title" and hit.end <= passage.title_end):
                continue
            if is_mild and any(account.reports(reason) for account in accounts):
                continue
            is_mild = is_mild and reason not in _RETOLD
            return Label(reason=reason, start=hit.start, end=hit.end, is_mild=is_mild)
    return None


@cache
def _parts(slot: str) -> tuple[str, str, bool]:
    """Return reason, scope and whether the cue is mild."""
    reason, _, rest = slot.partition(":")
    scope, _, mild = rest.partition(":")
    return reason, scope, bool(mild)


def _sentence_label(account: _Account, weak: Counter[str], landmarks: Mapping[str, int]) -> Label | None:
    sentence, hits = account.sentence, account.hits
    if not hits:
        return _told_story(sentence) or _past_year(sentence, account.at) or _years_ago(sentence)
    is_current = any("current" in hit.slots for hit in hits)
    return (
        _told_story(sentence)
        or _past_year(sentence, account.at)
        or _landmark(hits, landmarks, account.at)
        or _cue(account, weak, is_current=is_current)
        or (None if is_current else _years_ago(sentence))
    )


def _cue(account: _Account, weak: Counter[str], *, is_current: bool) -> Label | None:
    """Return the first cue that holds: weak ones need company, some give way to words like 今日."""
    for hit in account.hits:
        for slot in hit.slots:
            reason, scope, is_mild = _parts(slot)
            if scope != "sentence" or (reason in _WEAK and weak[reason] < _COMPANY):
                continue
            if (is_current and reason in _GIVES_WAY) or (is_mild and account.reports(reason)):
                continue
            return Label(reason=reason, start=hit.start, end=hit.end)
    return None


def _landmark(hits: Sequence[Hit], landmarks: Mapping[str, int], published_at: datetime) -> Label | None:
    """Return a label where an event known by name is spoken of after its year."""
    for hit in hits:
        if "landmark" in hit.slots and landmarks[hit.term] < as_local(published_at).year:
            return Label(reason="history", start=hit.start, end=hit.end)
    return None


def _past_year(sentence: Sentence, published_at: datetime) -> Label | None:
    """Return a label where the only years that a sentence names are over."""
    if not _YEAR.search(sentence.text):
        return None
    years = list(_YEAR.finditer(sentence.text))
    local = as_local(published_at)
    recent = local.year - 1 if local.month == 1 else local.year
    if any(int(match["year"]) >= recent for match in years):
        return None
    return _label("history", sentence, years[0])


def _years_ago(sentence: Sentence) -> Label | None:
    if "年" not in sentence.text and "个月" not in sentence.text:
        return None
    return _label("history", sentence, _YEARS_AGO.search(sentence.text))


def _told_story(sentence: Sentence) -> Label | None:
    if "《" not in sentence.text:
        return None
    return _label("fiction", sentence, _IN_A_STORY.search(sentence.text))


def _label(reason: str, sentence: Sentence, match: re.Match[str] | None) -> Label | None:
    if match is None:
        return None
    return Label(reason=reason, start=sentence.start + match.start(), end=sentence.start + match.end())
