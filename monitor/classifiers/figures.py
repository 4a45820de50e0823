"""How many people: read sentence by sentence, by pairing numbers with the words of harm beside them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import attrgetter

from monitor.classifiers.lexicon import Hit, Lexicon, TermFinder, any_of
from monitor.classifiers.model import Count
from monitor.classifiers.numerals import total_of
from monitor.classifiers.pairing import BARE_NUMBER, RANK, Pairing, is_of_doers, names_victim, numbers_of
from monitor.classifiers.passage import Sentence, by_sentence
from monitor.classifiers.people import PeopleNumber, PeopleReader

_LEAD = 16
_CLOSE = 4
# What is read of the longest text has some hundred words of harm; one made of nothing else is not read on.
_MOST = 1_000
# Looks around only where one of the three stands: right after a number, or before one.
_SHORT = re.compile(
    r"[死亡伤](?:(?<=[0-9一二两三四五六七八九十百千万余多人名][死亡伤])"
    r"(?:(?<=死)(?![亡者刑缓角机于因党磕伤])|(?<=亡)(?![者羊故])|(?<=伤)(?![者员亡害病心情势口感痛残]))"
    r"|(?<![受重轻烧烫摔砸撞砍捅刺炸灼负微][死亡伤])"
    rf"(?=了?{BARE_NUMBER}(?:[人名例位]|个人|死|亡|伤|[,，、。；]|$)))"
)
_MAY_BE_SHORT = re.compile(r"[死亡伤]")
_VOID = ("void",)
_ANY_MARK = re.compile(r"[，,。；：:、]")
_ITEM_END = re.compile(r"[，,；：:、]")
# 1位遇难者家属 counts neither the dead nor all of their families.
_OF_VICTIMS = re.compile(
    r"(?:者的?|的|(?<=者))(?:家属|亲属|家人|父亲|母亲|父母|妻子|丈夫|儿子|女儿|同学|同事|朋友|邻居|生前|照片|手机|遗物)"
)
# The name of a train or a flight.
_RUN = re.compile(r"[A-Z]{1,2}[0-9]{1,4}(?:次|航班)?")
_ON_THE_WAY = re.compile(
    r"(?:不幸|当场|被撞|被砸|被.{0,10}|遭.{1,8}|[掉跌坠落滑翻]入.{1,6}|掉进.{1,6}|横穿.{1,6}|坠楼|溺水|落水|触电|经|已|坠落|随后|最终|送医|高空|从.{1,8}|在.{1,10})+$"
)
_STILL = re.compile(r"[仍还尚]|剩余|其余|余下")
_ALL_FREE = re.compile(
    r"[^。；]{0,10}?(?:全部|均|悉数|全都|都)[^，,。；]{0,8}?"
    r"(?:救出|获救|脱险|脱困|转移|撤离|升井|安全|生还|营救|平安)"
)
# 2名伤者中1人死亡: the part is drawn from those just told, who are no others than those told before.
_AMONG = re.compile(r"当?[中里](?:又|已|至少)?有?(?:至少)?")
_PART_ENDS = re.compile(r"另|此外|还有|；|;|共造成|共致|截至|目前")


class Kind(StrEnum):
    """How a mention counts: by itself, as part of the one before, as a total, or on top of an earlier one."""

    PLAIN = "plain"
    PART = "part"
    TOTAL = "total"
    MORE = "more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One number of people with its harm, at `[start, end)` of the passage.

    `of` is the metric that a part is part of; `is_lowered` marks a correction, which wins though smaller,
    and `is_left` those who are still so (4人仍被困).
    """

    metric: str
    count: Count
    start: int
    end: int
    sentence: int
    kind: Kind = Kind.PLAIN
    of: str | None = None
    is_lowered: bool = False
    is_left: bool = False


class FigureReader:
    """Reads mentions of people harmed; built once from the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = {metric: terms for metric, terms in lexicon.casualties.items() if metric in RANK}
        self._finder = TermFinder({"void": lexicon.ignored, **words})
        marks = lexicon.figure_words
        self._people = PeopleReader(marks["persons"])
        self._marks = {
            name: re.compile(any_of(marks[name]))
            for name in ("subset", "total", "rising", "increment", "lowered", "hedges", "hearsay")
        }
        self._single = re.compile(
            r"(?:一名?|[\u4e00-\u9fff]某[\u4e00-\u9fff某]?|(?<![0-9一二两三四五六七八九十多几名位个]))"
            rf"(?:{any_of(marks['one_person'])}|(?<=某)|(?<=某某))$"
        )

    def read(self, text: str, sentences: Sequence[Sentence]) -> list[Mention]:
        """Return every mention of a passage's sentences, in order."""
        found: list[Mention] = []
        hits = self._finder.find(text)
        if not hits and not _MAY_BE_SHORT.search(text):
            return found
        words, count = by_sentence(hits, sentences), 0
        for index, sentence in enumerate(sentences):
            if count > _MOST:
                break
            if words[index] or _MAY_BE_SHORT.search(sentence.text):
                here = self._read_sentence(index, sentence, words[index])
                found += here
                count += max(len(words[index]), len(here))
        return found

    def _read_sentence(self, index: int, sentence: Sentence, hits: Sequence[Hit]) -> list[Mention]:
        text, first = sentence.text, sentence.start
        words = [
            Hit(hit.term, hit.slots, hit.start - first, hit.end - first)
            for hit in hits
            if hit.slots != _VOID and not _OF_VICTIMS.match(text, hit.end - first)
        ]
        short = _short_words(text, words)
        words = sorted([*words, *short], key=attrgetter("start")) if short else words
        if not words:
            return []
        pairing = Pairing(text=text, words=words, numbers=self._people.read(text))
        for position in range(len(words)):
            claimed = self._claim(pairing, position)
            if claimed:
                pairing.pairs[claimed[0].start] = (claimed, words[position])
        mentions = [self._mention(index, sentence, *pair) for pair in pairing.pairs.values()]
        mentions.sort(key=lambda mention: mention.start)
        return self._with_parts(text, sentence.start, mentions)

    def _claim(self, pairing: Pairing, position: int) -> list[PeopleNumber]:
        """Return the numbers that belong to this word: those before it, else the one right after it."""
        word = pairing.words[position]
        found = numbers_of(pairing, position) or self._one_person(pairing, word)
        for number in found:
            number.used = True
        return found

    def _one_person(self, pairing: Pairing, word: Hit) -> list[PeopleNumber]:
        """Return a number of one for 一男子坠亡 and 李某身亡."""
        if RANK[word.slots[0]] > RANK["injuries"] or len(word.term) < 2:
            return []
        is_about_one = (
            (word.slots[0] == "deaths" and pairing.is_about_somebody())
            or names_victim(pairing.text, word)
            or self._befell_one(pairing, word)
        )
        return [
            PeopleNumber(count=Count.exactly(1), start=max(0, word.start - 1), end=word.end)
        ] * is_about_one

    def _befell_one(self, pairing: Pairing, word: Hit) -> bool:
        """Return whether the clause before a word is about one person whom nobody counts."""
        lead = _RUN.sub("", pairing.text[max(0, word.start - _LEAD) : word.start])
        clause = _ANY_MARK.split(lead)[-1]
        counted = pairing.starting(word.start - len(clause), word.start)
        return all(is_of_doers(pairing.text, number, word) for number in counted) and bool(
            self._single.search(_ON_THE_WAY.sub("", clause))
        )

    def _mention(self, index: int, sentence: Sentence, held: Sequence[PeopleNumber], word: Hit) -> Mention:
        first, last = held[0], held[-1]
        lead = _ITEM_END.split(sentence.text[max(0, first.start - _LEAD) : first.start])[-1]
        between = sentence.text[word.end : first.start] if first.start >= word.end else ""
        count = total_of([number.count for number in held])
        if self._marks["hedges"].search(lead) or self._marks["hearsay"].search(sentence.text, 0, first.start):
            count = replace(count, claimed=True)
        kind = self._kind(lead, between)
        if any(number.is_ordinal for number in held):
            # 第4名遇难者: at least four so far.
            kind, count = Kind.TOTAL, replace(count, high=None)
        return Mention(
            metric=_freed(word, sentence.text[max(last.end, word.end) :]),
            count=count,
            start=sentence.start + min(first.start, word.start),
            end=sentence.start + max(last.end, word.end),
            sentence=index,
            kind=kind,
            is_lowered=bool(self._marks["lowered"].search(lead + between)),
            is_left=bool(_STILL.search(lead[-_CLOSE:] + sentence.text[last.end : word.start])),
        )

    def _kind(self, lead: str, between: str) -> Kind:
        context = lead + between
        if self._marks["increment"].search(lead[-_CLOSE:] + between):
            return Kind.MORE
        if self._marks["rising"].search(context) or self._marks["total"].search(context):
            return Kind.TOTAL
        return Kind.PLAIN

    def _with_parts(self, text: str, offset: int, mentions: Sequence[Mention]) -> list[Mention]:
        """Mark the figures that are parts of the one before them: 9人受伤，其中2人重伤."""
        if len(mentions) < 2:
            return list(mentions)
        result: list[Mention] = []
        parent: Mention | None = None
        for mention in mentions:
            before = text[(result[-1].end - offset if result else 0) : mention.start - offset]
            opened = self._opened(before)
            if not result or _PART_ENDS.search(before) or "）" in before:
                parent = None
            if result and _AMONG.fullmatch(before):
                kind = Kind.PART if result[-1].kind is Kind.PART else Kind.TOTAL
                parent = result[-1] = replace(result[-1], kind=kind)
            elif result and opened is not None and not (_PART_ENDS.search(opened) or "）" in opened):
                parent = result[-1]
            if parent is not None and mention.count.value <= parent.count.value:
                result.append(replace(mention, kind=Kind.PART, of=parent.metric))
            else:
                parent = None
                result.append(mention)
        return result

    def _opened(self, before: str) -> str | None:
        """Return what follows the last 其中 or bracket, or None; 包括司机在内的5人 opens nothing."""
        marks = [match.end() for match in self._marks["subset"].finditer(before)]
        if not marks or "在内" in before[marks[-1] :]:
            return None
        return before[marks[-1] :]


def _freed(word: Hit, tail: str) -> str:
    """Return the metric of a word, that of the rescued where all trapped or missing came free."""
    metric = word.slots[0]
    return "rescued" if metric in ("trapped", "swept") and _ALL_FREE.match(tail) else metric


def _short_words(text: str, words: Sequence[Hit]) -> list[Hit]:
    """Return the one-character words of headlines: 3死5伤, 死3人."""
    places = [match.start() for match in _SHORT.finditer(text)]
    inside = {place for word in words for place in range(word.start, word.end)} if places else ()
    found = []
    for start in places:
        if start not in inside:
            slot = "injuries" if text[start] == "伤" else "deaths"
            found.append(Hit(text[start], (slot,), start, start + 1))
    return found
