"""Numbers of people in a sentence; ages, dates, plates, capacities, rescuers and things are not people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.classifiers.model import Count
from monitor.classifiers.numerals import NUMBER, NUMBER_STARTS, below, from_up, read_count

_HARM = (
    "死(?!刑|者|角|机|磕)|亡|伤(?!者|害|病|心|感)|遇难|失联|失踪|被困|身亡|受伤|重伤|轻伤|溺亡|坠亡|获救|中毒|被埋|丧生|遇害|"
    "生还|轻微伤|牺牲"
)
_UNIT = (
    r"个人|条(?:人命|生命)|[人名位口例具](?!次|民币|均(?!受伤|死亡|遇难|已)|字|单|额|牌|校|义|称|胜|贵|利)"
)
_DIGIT = "0-9一二两三四五六七八九十百千余多"
_HOUR = "[0-9一二三四五六七八九十]{1,3}"
_SENT = "出动|投入|派出|组织|调集|调派|抽调|集结|出警|增派|调度|安排"
_RESCUERS = "消防|救援|医护|医务|警力|武警|官兵|指战员|志愿者|干部|专家|记者|队员|特警|公安|搜救|抢险"
_ACT = "[，,。；、]|$|赶|到|参|展|投|前|携|开|在|对|组|正"
_THINGS = (
    "人次|个?多?小时|分钟|个月|平?方?公里|平方米|万元|亿元|公顷|米|层|楼|辆|台|艘|栋|间|户|头|只|起|次|架|级|吨|亩|天|周|年|支|"
    "处|座|所|家(?![二两三四五六七八九十0-9]+口)|车|元|件|度|岁|倍|%|号|路|幢|组|时许?"
)
_PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤川青藏琼宁"
# What holds a number that is none of people hurt, and what it may begin with. Every gap is bounded.
_NOT_VICTIMS = "|".join(
    (
        r"[初高大小研][一二三四五六](?=[男女学年级班的]|新生|毕业)",
        rf"(?:[0-9〇一二三四五六七八九十]{{1,4}}年)?{_HOUR}月(?:[0-9一二三四五六七八九十廿]{{1,3}}[日号])?",
        rf"[0-9]{{1,2}}[日号](?!人|楼)|{_HOUR}[时点](?:{_HOUR}分)?许?|[0-9]{{1,2}}[:：][0-9]{{2}}",
        r"[0-9一二三四五六七八九十]{1,4}(?:多|余)?岁(?:的)?",
        r"[GSXYZCTK][0-9]{1,5}(?:\+[0-9]+)?",
        rf"[{_PLATES}][A-Z][·•]?[A-Z0-9]{{4,6}}",
        rf"(?:核定载客|核乘|乘坐|[核限荷实准搭乘共满运]?载[客有着]?)了?(?:约|近|共)?[{_DIGIT}]+[人名位]",
        rf"(?:{_SENT})[^，,。；、人名]{{0,14}}?[{_DIGIT}]+[人名位]次?",
        rf"[{_DIGIT}]+[人名](?=[^，,。；、死伤亡]{{0,3}}(?:{_RESCUERS})[^，,。；死伤亡牺殉失遇被]{{0,8}}(?:{_ACT}))",
        rf"约?[0-9一二两三四五六七八九十百千万余多.]+(?:{_THINGS})",
    )
)
_STARTS = f"{_DIGIT}〇万.约初高大小研GSXYZCTK{_PLATES}核乘限荷实准搭共满运载出投派组调抽集增安"
_IGNORED = re.compile(f"(?=[{_STARTS}])(?:{_NOT_VICTIMS})")
# 8人（男7人、女1人）死亡: a bracket that only divides.
_BY_SEX = re.compile(
    r"（[男女][0-9一二三四五六七八九十]+[人名]?[、，][男女][0-9一二三四五六七八九十]+[人名]?）"
)
# 一居民楼, 一幼儿园: a noun for a person that goes on to something else.
_NO_PERSON = "[园楼区院房组委会局所点节站社联公宿医乐]|中心|儿园|家属"
_KIN = "奶奶|爷爷|外[婆公]|[父母]亲|妈妈|爸爸|妻子|丈夫|儿子|女儿|孙[子女]|哥哥|弟弟|姐姐|妹妹|老人|孩子"
_PAIR_OF_KIN = re.compile(
    rf"(?:{_KIN})[和及与](?:{_KIN})|"
    r"(?:母女|母子|父子|父女|夫妻|夫妇|兄弟|姐妹|姐弟|兄妹|爷孙|祖孙|师徒|情侣)(?:俩|二人|两人|双双)?"
)
_JOINS = re.compile(r"[和及与]")
_AND_MORE = re.compile(r"及?以上")
_OR_LESS = re.compile(r"以下|以内")


@dataclass(slots=True, kw_only=True)
class PeopleNumber:
    """A number of people at `[start, end)` of a sentence; 第4名 is ordinal; `used` once a word claimed it."""

    count: Count
    start: int
    end: int
    is_ordinal: bool = False
    used: bool = False


class PeopleReader:
    """Reads numbers of people; `persons` are nouns that may follow a number without a classifier (两女子)."""

    def __init__(self, persons: Iterable[str]) -> None:
        nouns = "|".join(map(re.escape, sorted(persons, key=len, reverse=True)))
        self._pattern = re.compile(
            rf"(?=[第{NUMBER_STARTS}])(?P<ordinal>第)?{NUMBER}"
            rf"(?:(?P<unit>{_UNIT})|个?(?P<noun>{nouns})(?!{_NO_PERSON})|(?=(?:{_HARM})))"
        )

    def read(self, text: str) -> list[PeopleNumber]:
        """Return the numbers of people in one sentence, in order."""
        matches = list(self._pattern.finditer(text))
        ignored = _ignored(text) if matches else []
        found: list[PeopleNumber] = []
        for match in matches:
            count = read_count(match)
            place = match.start("number")
            if count is None or any(start <= place < end for start, end in ignored) or _names(match):
                continue
            if _AND_MORE.match(text, match.end()):
                count = from_up(count)
            elif _OR_LESS.match(text, match.end()):
                count = below(count)
            end = match.start("noun") if match["noun"] else match.end()
            found.append(
                PeopleNumber(count=count, start=match.start(), end=end, is_ordinal=bool(match["ordinal"]))
            )
        for match in _PAIR_OF_KIN.finditer(text):
            if not any(_is_same_pair(text, match, number) for number in found):
                found.append(PeopleNumber(count=Count.exactly(2), start=match.start(), end=match.end()))
        return sorted(found, key=lambda number: number.start)


def _is_same_pair(text: str, pair: re.Match[str], number: PeopleNumber) -> bool:
    """Return whether a number counts a pair of kin: 夫妻2人 is one pair, 夫妇及2名食客 are four people."""
    is_beside = number.start < pair.end() + 4 and number.end > pair.start()
    return is_beside and not _JOINS.match(text, pair.end())


def _names(match: re.Match[str]) -> bool:
    """Return whether a number names a train or a flight: in D2809司机遇难 nobody is counted."""
    before = match.string[: match.start()].removesuffix("-")[-1:]
    return match["unit"] is None and before.isascii() and before.isalpha()


def _ignored(text: str) -> list[tuple[int, int]]:
    return [match.span() for pattern in (_IGNORED, _BY_SEX) for match in pattern.finditer(text)]
