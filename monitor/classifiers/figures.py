"""How many: people and their harm, read sentence by sentence by pairing numbers with the words beside them.

A number belongs to the nearest word of harm: `3人死亡2人受伤`, `死亡3人受伤2人`. Parts (其中) never raise a total,
a denial gives 0, silence gives nothing (news-language parts 2 to 5).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.classifiers.lexicon import Hit, Lexicon, TermFinder
from monitor.classifiers.model import Count
from monitor.classifiers.numerals import NUMBER, read_count
from monitor.classifiers.passage import Sentence

# Which harm a number goes to when two words claim it: 2人送医抢救无效死亡 are two dead.
RANK: Mapping[str, int] = {
    "deaths": 0, "missing": 1, "serious_injuries": 2, "critical": 3, "slight_injuries": 4, "injuries": 5,
    "ill_persons": 6, "trapped": 7, "rescued": 8, "escaped": 8, "stranded_persons": 9, "evacuated": 9, "affected": 9,
    "participants": 9, "casualties": 9,
}  # fmt: skip

_NOUN = (
    "女子|男子|男童|女童|儿童|孩子|小孩|学生|小学生|中学生|大学生|幼童|幼儿|婴儿|少年|少女|工人|民工|农民工|矿工|村民|乘客|游客|旅客|警察|"
    "民警|辅警|老人|驴友|员工|职工|居民|男孩|女孩|司机|消防员|女生|男生|青年|男女|市民|保安|教师|老师|师生|妇女|船员|渔民|战士|遇难者|死者|"
    "伤者|小伙|孩|男|女|亲人|同胞|施工人员|作业人员|工作人员|员工|患者|群众|遇难|死亡"
)
_HARM = "死(?!刑|者|角|机|磕)|亡|伤(?!者|害|病|心|感)|遇难|失联|失踪|被困|身亡|受伤|重伤|轻伤|溺亡|坠亡|获救|中毒|被埋|丧生|遇害|生还|轻微伤|牺牲"
_PERSON = re.compile(
    rf"(?P<ordinal>第)?{NUMBER}(?:(?P<unit>个人|条(?:人命|生命)|[人名位口例具](?!次|民币|均|字|单|额|牌|校|义|额|称|胜|贵|利)|人(?=均(?:受伤|死亡|遇难|已|为)))|"
    rf"个?(?P<noun>{_NOUN})|(?=(?:{_HARM})))"
)
_PAIR_OF_KIN = re.compile(
    r"(?:母女|母子|父子|父女|夫妻|夫妇|兄弟|姐妹|姐弟|兄妹|爷孙|祖孙|师徒|情侣|兄弟俩)(?:俩|二人|两人|双双)?"
)
_SHORT = re.compile(
    rf"(?<=[0-9一二两三四五六七八九十百千万余多人名])(?P<near>死(?![亡者刑缓角机于因党磕伤])|亡(?![者羊故])|伤(?![者员亡害病心情势口感痛残]))"
    rf"|(?<![受重轻烧烫摔砸撞砍捅刺炸灼负微])(?P<far>死|亡|伤)(?={NUMBER.replace('(?P<', '(?P<f_')}(?:[人名例]|死|亡|伤|[,，、。；]|$))"
)
_SKIP = re.compile(
    r"[初高大小研][一二三四五六](?=[男女学年级班的]|新生|毕业)|(?:[0-9〇一二三四五六七八九十]{1,4}年)?[0-9一二三四五六七八九十]{1,3}月(?:[0-9一二三四五六七八九十廿]{1,3}[日号])?"
    r"|[0-9]{1,2}[日号](?!人|楼)|[0-9一二三四五六七八九十]{1,3}[时点](?:[0-9一二三四五六七八九十]{1,3}分)?许?|[0-9]{1,2}[:：][0-9]{2}"
    r"|[0-9一二三四五六七八九十]{1,4}(?:多|余)?岁(?:的)?|[GSXYZCTK][0-9]{1,5}(?:\+[0-9]+)?|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤川青藏琼宁][A-Z][·•]?[A-Z0-9]{4,6}"
    r"|(?:核载|核定载客|限载|荷载|实载|准载|搭载|载客|载有|载着|乘坐|核乘|乘载|共载|满载|运载|载)(?:了)?(?:约|近|共)?[0-9一二两三四五六七八九十百余多]+[人名位]"
    r"|(?:出动|投入|派出|组织|调集|调派|抽调|集结|出警|增派|调度|安排)[^，,。；、人名]{0,14}?[0-9一二两三四五六七八九十百千余多]+[人名位](?:次)?"
    r"|[0-9一二两三四五六七八九十百千余多]+(?:多|余)?[人名](?=[^，,。；、死伤亡]{0,3}(?:消防|救援|医护|医务|警力|武警|官兵|指战员|志愿者|干部|专家|记者|队员|特警|公安|搜救|抢险)[^，,。；死伤亡牺殉失遇被]{0,8}(?:[，,。；、]|$|赶|到|参|展|投|前|携|开|在|对|组|正))"
    r"|约?[0-9一二两三四五六七八九十百千万余多.]+(?:人次|个小时|小时|分钟|个月|公里|平方米|万元|亿元|公顷|平方公里|米|层|楼|辆|台|艘|栋|间|户|头|只|起|次|架|级|吨|亩|天|周|年|支|处|座|所|家(?!三口|四口|五口|[二两三四五六七八九十]口|[0-9]+口)|车|元|件|度|岁|倍|%|号|路|幢|组|个多小时|时许|时|多起|多辆)"
)  # fmt: skip
_AFTER = re.compile(
    r"(?:人数|者|人员|病例|员|总数|同胞|的?有|者人数|者已|群众|旅客|学生|职工|矿工|工人)?(?:已经|已|目前|共|共计|又|累计|暂|总计)?"
    r"(?:由[^，。]{1,8})?(?:升至|增至|上升至|上升到|增加到|增加至|上升为|增为|更新为|达到|高达|达|为|有|是|至|约|:|：|了)*$"
)
_GAP_LIMIT = 22
_COMMA = re.compile(r"[，,:：]|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_ANAPHORA = re.compile(r"抢救无效|不治|均|全部|双双|先后|悉数|无一|最终|不幸|当场|随后|已无|没有生命")
# What may stand between two numbers that one word counts together: 5名乘客、2名司机死亡, 一男一女受伤.
_JOIN = re.compile(r"^(?:[^，,。；（）中0-9]{0,8}?(?:、|和|及|与|以及)(?:另|另外)?|[男女大小子]{0,2})$")


_CLAUSE_END = re.compile(r"[，,。；：:]")
_SOMEBODY = re.compile(r"[\u4e00-\u9fff]某(?:某|(?=[于在从因，,]))?")
_LED = re.compile(r"^(?:导致|致|造成|并?致使|经|后|送医|不治|当场|不幸|最终|其?被|随后|因)")
# 8人（男7人、女1人）死亡: a bracket that only divides.
_BY_SEX = re.compile(
    r"（[男女][0-9一二三四五六七八九十]+[人名]?[、，][男女][0-9一二三四五六七八九十]+[人名]?）"
)
_FEW = 3
_RUN_GAP = 40
_LONE_REACH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One number of people with its harm, at `[start, end)` of the passage.

    `kind` is `plain`, `part` of the figure before it, `total`, or `more` on top of an earlier figure.
    """

    metric: str
    count: Count
    start: int
    end: int
    sentence: int
    kind: str = "plain"
    of: str | None = None
    lowered: bool = False


@dataclass(slots=True)
class _Number:
    count: Count
    start: int
    end: int
    ordinal: bool = False
    used: bool = False


class FigureReader:
    """Reads mentions of people harmed; built once from the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = {metric: terms for metric, terms in lexicon.casualties.items() if metric in RANK}
        self._finder = TermFinder({"void": lexicon.ignored, **words})
        markers = lexicon.figure_words
        self._markers = {
            name: re.compile("|".join(map(re.escape, sorted(markers[name], key=len, reverse=True))))
            for name in ("subset", "total", "rising", "increment", "lowered", "hedges")
        }
        self._single = re.compile(
            rf"(?:一名?|[\u4e00-\u9fff]某[\u4e00-\u9fff某]?|(?<![0-9一二两三四五六七八九十多几名位个]))(?:{'|'.join(markers['one_person'])}|(?<=某)|(?<=某某))$"
        )

    def read(self, sentences: Iterable[tuple[int, Sentence]]) -> list[Mention]:
        """Return every mention of these sentences, in order."""
        return [mention for index, sentence in sentences for mention in self._read_sentence(index, sentence)]

    def _read_sentence(self, index: int, sentence: Sentence) -> list[Mention]:
        text = sentence.text
        words = [hit for hit in self._finder.find(text) if hit.slots != ("void",)]
        words += _short_words(text, words)
        if not words:
            return []
        words.sort(key=lambda hit: hit.start)
        numbers = _numbers(text)
        mentions: list[Mention] = []
        taken: dict[int, tuple[list[_Number], Hit]] = {}
        for position, word in enumerate(words):
            following = words[position + 1].start if position + 1 < len(words) else len(text)
            claimed = self._claim(text, word, words[:position], numbers, following, taken)
            if claimed:
                taken[claimed[0].start] = (claimed, word)
        for claimed, word in taken.values():
            mentions.append(self._mention(index, sentence, claimed, word))
        mentions.sort(key=lambda mention: mention.start)
        return _with_parents(text, sentence.start, mentions)

    def _claim(
        self,
        text: str,
        word: Hit,
        earlier: Sequence[Hit],
        numbers: Sequence[_Number],
        following: int,
        taken: dict[int, tuple[list[_Number], Hit]],
    ) -> list[_Number]:
        """Return the numbers that belong to this word: those before it, else the one right after it."""
        before = [n for n in numbers if n.end <= word.start]
        free = [n for n in before if not n.used]
        if (
            free
            and (not earlier or free[-1].start >= earlier[-1].start)
            and _reaches(text, free[-1].end, word.start)
        ):
            chosen = [free[-1]]
            for number in reversed(free[:-1]):
                if (earlier and number.start < earlier[-1].end) or not _JOIN.match(
                    text[number.end : chosen[0].start]
                ):
                    break
                chosen.insert(0, number)
            return _use(chosen)
        after = [n for n in numbers if n.start >= word.end and n.start <= following and not n.used]
        if after and _AFTER.match(text[word.end : after[0].start]):
            return _use([after[0]])
        retaken = self._retake(text, word, before, taken)
        return retaken or self._lone(text, word, numbers) or self._one_person(text, word, numbers)

    def _retake(
        self, text: str, word: Hit, before: Sequence[_Number], taken: dict[int, tuple[list[_Number], Hit]]
    ) -> list[_Number]:
        """Return the numbers of a lesser harm that turned into this one: 2人送医，经抢救无效死亡."""
        if not taken or not before:
            return []
        key = max(taken)
        held, lesser = taken[key]
        if (
            RANK[word.slots[0]] >= RANK[lesser.slots[0]]
            or held[-1] is not before[-1]
            or held[-1].start > word.start
        ):
            return []
        if lesser.slots[0] in ("rescued", "escaped") or not _reaches(text, lesser.end, word.start):
            return []
        return held

    def _lone(self, text: str, word: Hit, numbers: Sequence[_Number]) -> list[_Number]:
        """Return the sentence's only person for a death at its end: 一名工人滑落，…，导致身亡."""
        if word.slots[0] != "deaths" or len(numbers) != 1 or numbers[0].used or numbers[0].count.value > _FEW:
            return []
        clause = _CLAUSE_END.split(text[: word.start])[-1]
        between = text[numbers[0].end : word.start]
        return _use([numbers[0]]) if 0 < len(between) <= _LONE_REACH and _LED.search(clause) else []

    def _one_person(self, text: str, word: Hit, numbers: Sequence[_Number]) -> list[_Number]:
        """Return a number of one for 一男子坠亡 and 李某身亡."""
        if word.slots[0] not in ("deaths", "missing", "serious_injuries", "injuries") or len(word.term) < 2:
            return []
        if word.slots[0] == "deaths" and not numbers and len(set(_SOMEBODY.findall(text))) == 1:
            return [_Number(count=Count.exactly(1), start=word.start, end=word.end, used=True)]
        clause = re.split(r"[，,。；：:、]", text[: word.start])[-1][-16:]
        clause = re.sub(
            r"(?:不幸|当场|被撞|被砸|被|坠楼|溺水|落水|触电|经|已|坠落|随后|最终|送医|高空|从.{1,8}|在.{1,10})+$",
            "",
            clause,
        )
        found = self._single.search(clause)
        if not found:
            return []
        start = word.start - 1
        return [_Number(count=Count.exactly(1), start=start, end=word.start, used=True)]

    def _mention(self, index: int, sentence: Sentence, held: Sequence[_Number], word: Hit) -> Mention:
        text = sentence.text
        first, last = held[0], held[-1]
        lead = re.split(r"[，,；：:、]", text[: first.start])[-1][-16:]
        between = text[word.end : first.start] if first.start >= word.end else ""
        count = first.count
        for number in held[1:]:
            count = _add(count, number.count)
        context = lead + between
        if self._markers["hedges"].search(lead) and not re.search(r"可能原因|疑似原因", lead):
            count = replace(count, claimed=True)
        kind = "plain"
        if self._markers["increment"].search(lead[-6:] + between):
            kind = "more"
        if self._markers["rising"].search(context) or self._markers["total"].search(context):
            kind = "total"
        if any(number.ordinal for number in held):
            kind, count = "total", Count(value=count.value, low=count.value, high=None)
        return Mention(
            metric=word.slots[0],
            count=count,
            start=sentence.start + min(first.start, word.start),
            end=sentence.start + max(last.end, word.end),
            sentence=index,
            kind=kind,
            lowered=bool(self._markers["lowered"].search(context)),
        )


def _short_words(text: str, words: Sequence[Hit]) -> list[Hit]:
    """Return the one-character words of headlines: 3死5伤, 死3人."""
    found = []
    for match in _SHORT.finditer(text):
        if any(word.start <= match.start() < word.end for word in words):
            continue
        char = match["near"] or match["far"]
        slot = "injuries" if char == "伤" else "deaths"
        start = match.start("near") if match["near"] else match.start("far")
        found.append(Hit(term=char, slots=(slot,), start=start, end=start + 1))
    return found


def _numbers(text: str) -> list[_Number]:
    skipped = [match.span() for pattern in (_SKIP, _BY_SEX) for match in pattern.finditer(text)]
    found = []
    for match in _PERSON.finditer(text):
        start = match.start("number")
        if any(a <= start < b for a, b in skipped):
            continue
        count = read_count(match)
        if count is not None and count.value < 100_000_000:
            if re.match(r"(?:以上|及以上)", text[match.end() :]):
                count = Count(value=count.value, low=count.value, high=None)
            end = match.start("noun") if match["noun"] else match.end()
            found.append(_Number(count=count, start=match.start(), end=end, ordinal=bool(match["ordinal"])))
    for match in _PAIR_OF_KIN.finditer(text):
        if not any(n.start < match.end() + 4 and n.end > match.start() for n in found):
            found.append(_Number(count=Count.exactly(2), start=match.start(), end=match.end()))
    return sorted(found, key=lambda number: number.start)


def _reaches(text: str, end: int, start: int) -> bool:
    """Return whether a number ending at `end` can belong to a word starting at `start`."""
    gap = re.sub(r"（[^（）]{0,24}）", "", text[end:start])
    if len(gap) > _GAP_LIMIT:
        return False
    commas = len(_COMMA.findall(gap)) + gap.count("、")
    if commas == 0:
        return True
    return commas == 1 and bool(_ANAPHORA.search(gap + text[start : start + 4])) and "、" not in gap


def _use(numbers: list[_Number]) -> list[_Number]:
    for number in numbers:
        number.used = True
    return numbers


def _add(one: Count, other: Count) -> Count:
    high = None if one.high is None or other.high is None else one.high + other.high
    return Count(
        value=one.value + other.value,
        low=one.low + other.low,
        high=high,
        claimed=one.claimed or other.claimed,
    )


_PART = re.compile(r"其中|包括|内有|分别为|里面|（|分别是|含(?!量)")
_PART_ENDS = re.compile(r"另|此外|还有|；|;|共造成|共致|截至|目前")


def _with_parents(text: str, offset: int, mentions: list[Mention]) -> list[Mention]:
    """Mark the figures that are parts of the one before them."""
    result: list[Mention] = []
    parent: Mention | None = None
    for mention in mentions:
        before = text[(result[-1].end - offset if result else 0) : mention.start - offset]
        marks = [m.end() for m in _PART.finditer(before)]
        opened = bool(marks) and "在内" not in before[marks[-1] :]
        if _PART_ENDS.search(before) or "）" in before or not result:
            parent = None
        if (
            opened
            and result
            and not _PART_ENDS.search(before[marks[-1] :])
            and "）" not in before[marks[-1] :]
        ):
            parent = result[-1]
        if parent is not None and mention.count.value <= max(parent.count.value, 0) + 0:
            result.append(replace(mention, kind="part", of=parent.metric))
        else:
            parent = None
            result.append(mention)
    return result


def combine(mentions: Sequence[Mention]) -> dict[str, Count]:
    """Return one figure a metric: totals beat parts, parts of one sentence add up, later corrections win."""
    counts: dict[str, Count] = {}
    for metric in dict.fromkeys(mention.metric for mention in mentions):
        found = _combine_metric([mention for mention in mentions if mention.metric == metric])
        if found is not None:
            counts[metric] = found
    return _with_rest(_with_injuries(counts, mentions), mentions)


def _combine_metric(mentions: list[Mention]) -> Count | None:
    lowered = [mention for mention in mentions if mention.lowered]
    if lowered:
        return lowered[-1].count
    whole = [mention for mention in mentions if mention.kind in ("plain", "total")]
    more = [mention for mention in mentions if mention.kind == "more"]
    if not whole:
        parts = [mention for mention in mentions if mention.kind == "part" and mention.of != mention.metric]
        return _best(parts or more) if parts or more else None
    best = _best(whole)
    for run in _runs(whole):
        total = run[0].count
        for mention in run[1:]:
            total = _add(total, mention.count)
        others = [mention for mention in whole if mention not in run]
        said = {mention.count.value for mention in others}
        known_total = any(mention.kind == "total" for mention in others)
        biggest = max(mention.count.value for mention in run)
        if total.value > best.value and (total.value in said or not (known_total or biggest in said)):
            best = total
    if more and not any(mention.kind == "total" for mention in whole) and more[0].start > whole[0].start:
        best = _add(best, more[0].count)
    return best


def _runs(mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Return the figures that stand side by side in one sentence and may be parts of an unstated total."""
    runs: list[list[Mention]] = []
    for mention in mentions:
        last = runs[-1][-1] if runs else None
        if (
            last
            and last.sentence == mention.sentence
            and mention.start - last.end <= _RUN_GAP
            and mention.kind == "plain"
        ):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    return [run for run in runs if len(run) > 1]


def _best(mentions: Sequence[Mention]) -> Count:
    """Return the greatest figure, a stated one before a claimed one."""
    sure = [mention for mention in mentions if not mention.count.claimed]
    return max((mention.count for mention in sure or mentions), key=lambda count: count.value)


def _with_injuries(counts: dict[str, Count], mentions: Sequence[Mention]) -> dict[str, Count]:
    """Derive the injured of any degree, and leave out those of them who died."""
    degrees = [counts[m] for m in ("serious_injuries", "critical", "slight_injuries") if m in counts]
    if "injuries" not in counts and degrees:
        total = degrees[0]
        for count in degrees[1:]:
            total = _add(total, count)
        counts["injuries"] = total
    hurt = ("injuries", "critical", "serious_injuries")
    died = [m for m in mentions if m.metric == "deaths" and m.kind == "part" and m.of in hurt]
    if died and "injuries" in counts and counts["injuries"].value > died[-1].count.value:
        gone, all_ = died[-1].count.value, counts["injuries"]
        high = None if all_.high is None else all_.high - gone
        counts["injuries"] = Count(value=all_.value - gone, low=all_.low - gone, high=high)
    return counts


def _with_rest(counts: dict[str, Count], mentions: Sequence[Mention]) -> dict[str, Count]:
    """Let those missing or trapped be the ones of the newest report, and nobody trapped who is accounted for."""
    deaths = counts.get("deaths")
    anchors = [m.start for m in mentions if m.metric == "deaths" and deaths and m.count.value == deaths.value]
    for metric in ("missing", "trapped"):
        found = [m for m in mentions if m.metric == metric]
        if len(found) > 1 and anchors and metric in counts:
            counts[metric] = min(found, key=lambda m: min(abs(m.start - anchor) for anchor in anchors)).count
    accounted = sum(counts[m].value for m in ("deaths", "injuries", "rescued") if m in counts)
    rescued = counts["rescued"].value if "rescued" in counts else 0
    if "trapped" in counts and max(accounted - rescued, rescued) >= counts["trapped"].value:
        del counts["trapped"]
    return counts
