"""How many people: read sentence by sentence, by pairing numbers with the words of harm beside them.

A number belongs to the nearest word of harm: 3人死亡2人受伤 reads forward, 死亡3人受伤2人 backward
(news-language parts 2 to 4).
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from operator import attrgetter

from monitor.classifiers.lexicon import Hit, Lexicon, TermFinder, any_of
from monitor.classifiers.model import Count
from monitor.classifiers.numerals import NUMBER, total_of
from monitor.classifiers.passage import Sentence, by_sentence
from monitor.classifiers.people import PeopleNumber, PeopleReader

# Which harm a number goes to when two words claim it: 2人送医抢救无效死亡 are two dead.
RANK: Mapping[str, int] = {
    "deaths": 0, "missing": 1, "swept": 1, "serious_injuries": 2, "critical": 3, "slight_injuries": 4,
    "injuries": 5, "hospital": 5, "ill_persons": 6, "trapped": 7, "rescued": 8, "escaped": 8,
    "stranded_persons": 9, "evacuated": 9, "affected": 9, "participants": 9, "casualties": 9,
}  # fmt: skip

# How far a number stands before its word, and a lone person before a death at the end of the sentence.
_REACH = 22
_LONE_REACH = 60
_FEW = 3
_LEAD = 16
_CLOSE = 4
_LOST = frozenset({"missing", "swept", "trapped"})
# What is read of the longest text has some hundred words of harm; one made of nothing else is not read on.
_MOST = 1_000

_BARE_NUMBER = NUMBER.replace("(?P<", "(?P<next_")
# Looks around only where one of the three stands: right after a number, or before one.
_SHORT = re.compile(
    r"[死亡伤](?:(?<=[0-9一二两三四五六七八九十百千万余多人名][死亡伤])"
    r"(?:(?<=死)(?![亡者刑缓角机于因党磕伤])|(?<=亡)(?![者羊故])|(?<=伤)(?![者员亡害病心情势口感痛残]))"
    r"|(?<![受重轻烧烫摔砸撞砍捅刺炸灼负微][死亡伤])"
    rf"(?=了?{_BARE_NUMBER}(?:[人名例]|死|亡|伤|[,，、。；]|$)))"
)
_MAY_BE_SHORT = re.compile(r"[死亡伤]")
_VOID = ("void",)
_AFTER_WORD = re.compile(
    r"(?:人数|者|人员|病例|员|总数|同胞|的?有|者人数|者已|群众|旅客|学生|职工|矿工|工人)?"
    r"(?:已经|已|目前|共|共计|又|累计|暂|总计)?(?:由[^，。]{1,8})?"
    r"(?:升至|增至|上升至|上升到|增加到|增加至|上升为|增为|更新为|更正为|修正为|下调为|核减为|减至|降至|达到|高达|达|为|有|是|至|约|:|：|了)*$"
)
_BRACKET = re.compile(r"（[^（）]{0,24}）")
_COMMA = re.compile(r"[，,:：]|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_CLAUSE_END = re.compile(r"[，,。；：:]")
_ANY_MARK = re.compile(r"[，,。；：:、]")
_ITEM_END = re.compile(r"[，,；：:、]")
# Words that carry a number over a comma: 2人送医，经抢救无效死亡.
_ANAPHORA = re.compile(r"抢救无效|不治|均|全部|双双|先后|悉数|无一|最终|不幸|当场|随后|已无|没有生命")
# What may stand between two numbers that one word counts together: 5名乘客、2名司机死亡, 一男一女受伤.
_JOIN = re.compile(r"^(?:[^，,。；（）中0-9]{0,8}?(?:、|和|及|与|以及)(?:另|另外)?|[男女大小子]{1,2})$")
_SOMEBODY = re.compile(r"[\u4e00-\u9fff]某(?:某|(?=[于在从因，,]))?")
# 1位遇难者家属 counts neither the dead nor all of their families.
_OF_VICTIMS = re.compile(
    r"(?:者的?|的|(?<=者))(?:家属|亲属|家人|父亲|母亲|父母|妻子|丈夫|儿子|女儿|同学|同事|朋友|邻居|生前|照片|手机|遗物)"
)
# The name of a train or a flight.
_RUN = re.compile(r"[A-Z]{1,2}[0-9]{1,4}(?:次|航班)?")
_LED = re.compile(r"^(?:导致|致|造成|并?致使|经|后|送医|不治|当场|不幸|最终|其?被|随后|因)")
_ON_THE_WAY = re.compile(
    r"(?:不幸|当场|被撞|被砸|被.{0,10}|遭.{1,8}|[掉跌坠落滑翻]入.{1,6}|掉进.{1,6}|横穿.{1,6}|坠楼|溺水|落水|触电|经|已|坠落|随后|最终|送医|高空|从.{1,8}|在.{1,10})+$"
)
# 砍伤5人 is a deed and 5人被砍伤 is suffered; between a deed and the number of its victims stand few words.
_DEED = re.compile(r"[撞砍捅刺打砸轧炸毒杀咬扎烧淹划][死伤亡]|杀害")
_SUFFERED = re.compile(r"[被遭让]")
_VICTIMS = re.compile(r"[\u4e00-\u9fff]{0,6}")
_VICTIMS_FOLLOW = re.compile(rf"[\u4e00-\u9fff]{{0,6}}?{_BARE_NUMBER}[人名个位]")
# 700人搜寻失踪者: those who search are not those who are missing.
_SEARCH = re.compile(r"搜寻|搜救|寻找|搜索|营救")
# 救出3人，均无生命体征.
_ALL_OF_THEM = re.compile(r"[，,]?(?:但|经)?(?:均|全部|都|悉数)")
_STILL = re.compile(r"[仍还尚]|剩余|其余|余下")
_ALL_FREE = re.compile(
    r"[^。；]{0,10}?(?:全部|均|悉数|全都|都)[^，,。；]{0,8}?"
    r"(?:救出|获救|脱险|脱困|转移|撤离|升井|安全|生还|营救|平安)"
)
# 车上共有9人，司机已当场死亡: the number before the comma is not of whom the clause speaks.
_OWN_SUBJECT = re.compile(
    r"[，,](?:其|一名?)?(?:司机|驾驶[员人]|副驾驶|车主|[男女]子|老人|孩子|[男女][孩童]|妻子|丈夫)"
)
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


@dataclass(slots=True, kw_only=True)
class _Pairing:
    """The state of one sentence: its words of harm and numbers, and which were paired so far.

    All is asked for by place, so that a sentence full of numbers costs no square of them.
    """

    text: str
    words: Sequence[Hit]
    numbers: Sequence[PeopleNumber]
    pairs: dict[int, tuple[list[PeopleNumber], Hit]] = field(default_factory=dict)
    starts: list[int] = field(init=False)
    names_somebody: bool | None = None

    def __post_init__(self) -> None:
        self.starts = [number.start for number in self.numbers]

    def starting(self, first: int, stop: int) -> Sequence[PeopleNumber]:
        """Return the numbers that begin in `[first, stop)`."""
        return self.numbers[bisect_left(self.starts, first) : bisect_left(self.starts, stop)]

    def is_about_somebody(self) -> bool:
        """Return whether the sentence counts nobody and names one person as 李某."""
        if self.names_somebody is None:
            self.names_somebody = not self.numbers and len(set(_SOMEBODY.findall(self.text))) == 1
        return self.names_somebody


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
        pairing = _Pairing(text=text, words=words, numbers=self._people.read(text))
        for position in range(len(words)):
            claimed = self._claim(pairing, position)
            if claimed:
                pairing.pairs[claimed[0].start] = (claimed, words[position])
        mentions = [self._mention(index, sentence, *pair) for pair in pairing.pairs.values()]
        mentions.sort(key=lambda mention: mention.start)
        return self._with_parts(text, sentence.start, mentions)

    def _claim(self, pairing: _Pairing, position: int) -> list[PeopleNumber]:
        """Return the numbers that belong to this word: those before it, else the one right after it."""
        word = pairing.words[position]
        found = (
            _before(pairing, position)
            or _after(pairing, position)
            or _retaken(pairing, word)
            or _lone(pairing, word)
            or self._one_person(pairing, word)
        )
        for number in found:
            number.used = True
        return found

    def _one_person(self, pairing: _Pairing, word: Hit) -> list[PeopleNumber]:
        """Return a number of one for 一男子坠亡 and 李某身亡."""
        if RANK[word.slots[0]] > RANK["injuries"] or len(word.term) < 2:
            return []
        if not (word.slots[0] == "deaths" and pairing.is_about_somebody()):
            lead = _RUN.sub("", pairing.text[max(0, word.start - _LEAD) : word.start])
            clause = _ANY_MARK.split(lead)[-1]
            is_counted = pairing.starting(word.start - len(clause), word.start)
            if is_counted or not self._single.search(_ON_THE_WAY.sub("", clause)):
                return []
        return [PeopleNumber(count=Count.exactly(1), start=max(0, word.start - 1), end=word.end)]

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
            if result and opened is not None and not (_PART_ENDS.search(opened) or "）" in opened):
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


def _before(pairing: _Pairing, position: int) -> list[PeopleNumber]:
    """Return the free numbers before a word and after the word before it, joined ones together."""
    word = pairing.words[position]
    earlier = pairing.words[position - 1] if position else None
    chosen: list[PeopleNumber] = []
    for number in reversed(pairing.starting(0, word.start)):
        if earlier and number.start < (earlier.end if chosen else earlier.start):
            break
        if number.used or number.end > word.start:
            continue
        if chosen:
            if not _JOIN.match(pairing.text[number.end : chosen[0].start]):
                break
        elif not _takes(pairing, position, number):
            break
        chosen.insert(0, number)
    return chosen


def _takes(pairing: _Pairing, position: int, number: PeopleNumber) -> bool:
    """Return whether a word may take this number before it."""
    word = pairing.words[position]
    if _is_deed(pairing.text, word) or not _reaches(pairing.text, number.end, word.start):
        return False
    if word.slots[0] in _LOST and _SEARCH.search(pairing.text, number.end, word.start):
        return False
    # 11人落水，救起8人: the word has a number of its own.
    return not (_COMMA.search(pairing.text, number.end, word.start) and _after(pairing, position))


def _after(pairing: _Pairing, position: int) -> list[PeopleNumber]:
    word = pairing.words[position]
    is_last = position + 1 == len(pairing.words)
    limit = len(pairing.text) if is_last else pairing.words[position + 1].start
    after = [n for n in pairing.starting(word.end, limit + 1) if not n.used]
    if not is_last and _is_of_next(pairing, position + 1, after):
        return []
    # The second of two is the newer one: 死亡人数由3人升至5人.
    fits = [n for n in after[:2] if _AFTER_WORD.match(pairing.text[word.end : n.start])]
    if not fits and _is_deed(pairing.text, word):
        return [n for n in after[:1] if _VICTIMS.fullmatch(pairing.text, word.end, n.start)]
    return fits[-1:]


def _is_of_next(pairing: _Pairing, following: int, after: Sequence[PeopleNumber]) -> bool:
    """Return whether a number belongs to the next word: 司机身亡8人受伤, but 死亡8人受伤2人."""
    word = pairing.words[following]
    limit = pairing.words[following + 1].start if following + 1 < len(pairing.words) else len(pairing.text)
    return bool(
        after
        and after[-1].end == word.start
        and _AFTER_WORD.fullmatch(pairing.text, pairing.words[following - 1].end, after[-1].start)
        and not any(
            _AFTER_WORD.fullmatch(pairing.text, word.end, n.start) for n in pairing.starting(word.end, limit)
        )
    )


def _is_deed(text: str, word: Hit) -> bool:
    """Return whether a word tells what somebody did to others, whose number follows: 持刀砍伤5人."""
    if not _DEED.fullmatch(word.term):
        return False
    clause = _CLAUSE_END.split(text[: word.start])[-1]
    return not _SUFFERED.search(clause) and bool(_VICTIMS_FOLLOW.match(text, word.end))


def _retaken(pairing: _Pairing, word: Hit) -> list[PeopleNumber]:
    """Return the numbers of a lesser harm that turned into this one: 2人送医，经抢救无效死亡."""
    if not pairing.pairs:
        return []
    held, lesser = pairing.pairs[max(pairing.pairs)]
    if pairing.starting(held[-1].start + 1, word.start) or held[-1].start > word.start:
        return []
    if lesser.slots[0] in ("rescued", "escaped") and not _ALL_OF_THEM.match(pairing.text, held[-1].end):
        return []
    if RANK[word.slots[0]] >= RANK[lesser.slots[0]]:
        return []
    return held if _reaches(pairing.text, lesser.end, word.start) else []


def _lone(pairing: _Pairing, word: Hit) -> list[PeopleNumber]:
    """Return the sentence's only person for a death at its end: 一名工人滑落，…，导致身亡."""
    numbers = pairing.numbers
    if word.slots[0] != "deaths" or len(numbers) != 1 or numbers[0].used or numbers[0].count.value > _FEW:
        return []
    clause = _CLAUSE_END.split(pairing.text[: word.start])[-1]
    is_near = 0 < word.start - numbers[0].end <= _LONE_REACH
    return [numbers[0]] if is_near and _LED.search(clause) else []


def _reaches(text: str, end: int, start: int) -> bool:
    """Return whether a number ending at `end` can belong to a word starting at `start`."""
    gap = _BRACKET.sub("", text[end:start])
    if len(gap) > _REACH or _OWN_SUBJECT.search(gap):
        return False
    commas = len(_COMMA.findall(gap))
    if "、" in gap or commas > 1:
        return False
    return commas == 0 or bool(_ANAPHORA.search(gap + text[start : start + 4]))
