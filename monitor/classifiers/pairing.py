"""Which number belongs to which word of harm in one sentence.

A number belongs to the nearest word of harm: 3人死亡2人受伤 reads forward, 死亡3人受伤2人 backward
(news-language parts 2 to 4).
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.classifiers.lexicon import Hit
from monitor.classifiers.numerals import NUMBER
from monitor.classifiers.people import PeopleNumber

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
_LOST = frozenset({"missing", "swept", "trapped"})
BARE_NUMBER = NUMBER.replace("(?P<", "(?P<next_")
_AFTER_WORD = re.compile(
    r"(?:人数|者|人员|病例|员|总数|同胞|的?有|者人数|者已|群众|旅客|学生|职工|矿工|工人)?"
    r"(?:已经|已|目前|共|共计|又|累计|暂|总计)?(?:由[^，。]{1,8})?"
    r"(?:升至|增至|上升至|上升到|增加到|增加至|上升为|增为|更新为|更正为|修正为|下调为|核减为|减至|降至|达到|高达|达|为|有|是|至|约|:|：|了)*$"
)
_BRACKET = re.compile(r"（[^（）]{0,24}）")
_COMMA = re.compile(r"[，,:：]|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_CLAUSE_END = re.compile(r"[，,。；：:]")
# Words that carry a number over a comma: 2人送医，经抢救无效死亡.
_ANAPHORA = re.compile(r"抢救无效|不治|均|全部|双双|先后|悉数|无一|最终|不幸|当场|随后|已无|没有生命")
# What may stand between two numbers that one word counts together: 5名乘客、2名司机死亡, 一男一女受伤.
_JOIN = re.compile(r"^(?:[^，,。；（）中0-9]{0,8}?(?:、|和|及|与|以及)(?:另|另外)?|[男女大小子]{1,2})$")
_SOMEBODY = re.compile(r"[\u4e00-\u9fff]某(?:某|(?=[于在从因，,]))?")
_LED = re.compile(r"^(?:导致|致|造成|并?致使|经|后|送医|不治|当场|不幸|最终|其?被|随后|因)")
# 砍伤5人 is a deed and 5人被砍伤 is suffered; between a deed and the number of its victims stand few words.
_DEED = re.compile(r"[撞砍捅刺打砸轧炸毒杀咬扎烧淹划勒掐碾压捂][死伤亡]|杀害|枪杀")
_SUFFERED = re.compile(r"[被遭让]")
_VICTIMS = re.compile(r"[\u4e00-\u9fff]{0,6}")
_VICTIMS_FOLLOW = re.compile(rf"[\u4e00-\u9fff]{{0,6}}?{BARE_NUMBER}[人名个位]")
_GRASPED = re.compile(r"[将把][^，,。；：:]{1,8}$")
# 杀害同学 names one victim; a number before it is of those who did it.
_VICTIM = re.compile(
    r"[\u4e00-\u9fff]{0,3}?(?:[男女][友子孩童生]|前?[妻夫](?:子|$)|[父母]亲|父母|"
    r"[儿孙]子|[孙儿]?女儿|同[学事乡伴]|室友|工友|好友|玩伴|邻居|老[人师板]|孩子|婴儿|司机|[民辅]警|路人|行人|情[妇夫人]|村民)"
)
# 700人搜寻失踪者: those who search are not those who are missing.
_SEARCH = re.compile(r"搜寻|搜救|寻找|搜索|营救")
# 救出3人，均无生命体征.
_ALL_OF_THEM = re.compile(r"[，,]?(?:但|经)?(?:均|全部|都|悉数)")
# 车上共有9人，司机已当场死亡: the number before the comma is not of whom the clause speaks.
_OWN_SUBJECT = re.compile(
    r"[，,](?:其|一名?)?(?:司机|驾驶[员人]|副驾驶|车主|[男女]子|老人|孩子|[男女][孩童]|妻子|丈夫)"
)


@dataclass(slots=True, kw_only=True)
class Pairing:
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


def numbers_of(pairing: Pairing, position: int) -> list[PeopleNumber]:
    """Return the numbers that belong to the word at this position: those before it, else the one after it."""
    word = pairing.words[position]
    return (
        _before(pairing, position)
        or _after(pairing, position)
        or _retaken(pairing, word)
        or _lone(pairing, word)
    )


def _before(pairing: Pairing, position: int) -> list[PeopleNumber]:
    """Return the free numbers before a word and after the word before it, joined ones together."""
    word = pairing.words[position]
    earlier = pairing.words[position - 1] if position else None
    chosen: list[PeopleNumber] = []
    for number in reversed(pairing.starting(0, word.start)):
        if earlier and number.start < (earlier.end if chosen else earlier.start):
            break
        if number.used or number.end > word.start or is_of_doers(pairing.text, number, word):
            continue
        if chosen:
            if not _JOIN.match(pairing.text[number.end : chosen[0].start]):
                break
        elif not _takes(pairing, position, number):
            break
        chosen.insert(0, number)
    return chosen


def _takes(pairing: Pairing, position: int, number: PeopleNumber) -> bool:
    """Return whether a word may take this number before it."""
    word = pairing.words[position]
    if _is_deed(pairing.text, word) or not _reaches(pairing.text, number.end, word.start):
        return False
    if word.slots[0] in _LOST and _SEARCH.search(pairing.text, number.end, word.start):
        return False
    # 11人落水，救起8人: the word has a number of its own.
    return not (_COMMA.search(pairing.text, number.end, word.start) and _after(pairing, position))


def _after(pairing: Pairing, position: int) -> list[PeopleNumber]:
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


def _is_of_next(pairing: Pairing, following: int, after: Sequence[PeopleNumber]) -> bool:
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
    return not _SUFFERED.search(clause) and bool(
        _VICTIMS_FOLLOW.match(text, word.end) or _VICTIM.match(text, word.end)
    )


def names_victim(text: str, word: Hit) -> bool:
    """Return whether a word tells what somebody did to one other: 3名男子打死邻居, 3名男子将其打死."""
    if _is_deed(text, word):
        return not _VICTIMS_FOLLOW.match(text, word.end)
    return bool(_DEED.fullmatch(word.term) and _GRASPED.search(text, 0, word.start))


def is_of_doers(text: str, number: PeopleNumber, word: Hit) -> bool:
    """Return whether a number is of those who did it: 遭3名同学打伤, 3名同学将其打伤."""
    if not _DEED.fullmatch(word.term):
        return False
    return bool(_SUFFERED.match(text, number.start - 1) or _GRASPED.search(text, number.end, word.start))


def _retaken(pairing: Pairing, word: Hit) -> list[PeopleNumber]:
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


def _lone(pairing: Pairing, word: Hit) -> list[PeopleNumber]:
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
