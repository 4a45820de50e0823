"""Chinese and Arabic numbers as news writes them: 3, 1.2万, 两, 廿余, 近百, 十几, 三五, 2亿3千万."""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import ceil

from monitor.classifiers.model import Count

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "俩": 2, "仨": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000, "廿": 20, "卅": 30}
_LARGE = {"亿": 100_000_000, "万": 10_000}
_ARABIC = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_PART = re.compile(
    rf"(?P<digit>{_ARABIC.pattern}|[〇零一二三四五六七八九两俩仨])(?P<unit>[十百千])?|(?P<alone>[十百千廿卅])"
)
_HAN = "〇零一二三四五六七八九十百千万亿两俩仨廿卅"

_ARABIC_MIXED = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?[十百千万亿]{0,2}(?:[0-9]+[千百]?万)?"
PLAIN = rf"(?:{_ARABIC_MIXED}|[{_HAN}]+|[数几]十?[百千万]{{0,2}})"
# A number with what blurs it: 至少3, 近百, 10余, 十几, 数十, 3至5.
NUMBER = (
    rf"(?P<before>至少|不少于|最少|不低于|不足|不到|超过|超|逾|多于|突破|近|约|大约|上(?=[百千万]))?"
    rf"(?P<number>{PLAIN})"
    rf"(?:(?P<range>至|到|-|~|—)(?P<second>{PLAIN}))?"
    rf"(?P<after>余|多|几|来)?(?P<large>万)?"
)

# What a NUMBER may begin with: a look ahead for these is cheap, and most characters are none of them.
NUMBER_STARTS = f"至不最超逾多突近约大上0-9{_HAN}数几"

# 三五人, 二三十人, 七八百.
_SEVERAL = re.compile(r"([一二两三四五六七八九])([一二三四五六七八九])([十百千])?")
_VAGUE = {"数": (2, 9), "几": (2, 9)}
_AT_LEAST = frozenset({"至少", "不少于", "最少", "不低于", "上"})
_NEARLY = frozenset({"近", "不足", "不到"})
MORE_THAN = frozenset({"超过", "超", "逾", "多于", "突破"})


def read_plain(text: str) -> float | None:
    """Return the value of an unblurred number, or None where it is none (几十, 三五, a stray point)."""
    text = text.replace(",", "")
    for mark, scale in _LARGE.items():
        head, found, tail = text.partition(mark)
        if found:
            left, right = read_plain(head) if head else 1.0, read_plain(tail) if tail else 0.0
            return None if left is None or right is None else left * scale + right
    if _ARABIC.fullmatch(text):
        return float(text)
    if len(text) > 1 and all(char in _DIGITS for char in text):
        # 二〇〇八 is written digit by digit; 两三 is a range.
        return float("".join(str(_DIGITS[char]) for char in text)) if len(text) > 2 else None
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> float | None:
    total, end = 0.0, 0
    for part in _PART.finditer(text):
        if part.start() != end:
            return None
        if part["alone"]:
            total += _UNITS[part["alone"]]
        else:
            total += float(_DIGITS.get(part["digit"], part["digit"])) * _UNITS.get(part["unit"], 1)
        end = part.end()
    return total if end == len(text) and end else None


def read_count(match: re.Match[str]) -> Count | None:
    """Return the figure of a match of `NUMBER`: its value, and the bounds that its wording leaves open.

    以上 and 至少 include the number, 余 and 超过 do not (news-language: 10余 is 11 to 19).
    """
    return _count_of(*match.group("before", "number", "second", "after", "large"))


@lru_cache(4_096)
def _count_of(
    before: str | None, text: str, second: str | None, after: str | None, large: str | None
) -> Count | None:
    if text[0] in _VAGUE:
        return _vague(text)
    several = _SEVERAL.fullmatch(text)
    if several:
        low, high, unit = (_DIGITS.get(part, _UNITS.get(part, 1)) for part in several.groups(""))
        return _between(low * unit, high * unit) if low < high else None
    value = read_plain(text)
    if value is None:
        return None
    if second is not None:
        high_end = read_plain(second)
        found = None if high_end is None or high_end < value else _between(value, high_end)
    else:
        found = _blurred(value, before, after)
    return _times(found, 10_000) if found is not None and large else found


def _times(count: Count, scale: float) -> Count:
    high = None if count.high is None else count.high * scale
    return Count(value=count.value * scale, low=count.low * scale, high=high)


def _blurred(value: float, before: str | None, after: str | None) -> Count:
    if after is not None:
        digits = str(int(value))
        step = 10 ** (len(digits) - len(digits.rstrip("0")))
        return _between(value + 1, value + max(step, 2) - 1)
    if before in _AT_LEAST:
        return _between(value, None)
    if before in MORE_THAN:
        return _between(value + 1, None)
    if before in _NEARLY and value > 1:
        return _between(ceil(value * 0.8) if value >= 10 else value - 1, value - 1)
    return Count.exactly(value)


def from_up(count: Count) -> Count:
    """Return a figure followed by 以上, which includes the number."""
    return Count(value=count.value, low=count.value, high=None)


def below(count: Count) -> Count:
    """Return a figure followed by 以下: at least one, and the number itself is out.

    Source: 生产安全事故报告和调查处理条例 (国务院令第493号) art. 3, 以上包括本数，以下不包括本数.
    """
    return _between(1, max(1, count.value - 1))


def _between(low: float, high: float | None) -> Count:
    return Count(value=low, low=low, high=high)


def _vague(text: str) -> Count | None:
    """Read 数十 as 20 to 99 and 数百 as 200 to 999; a bare 数 or 几 is no figure."""
    scale = 1.0
    for unit in text[1:]:
        scale *= _UNITS.get(unit, _LARGE.get(unit, 1))
    if scale == 1:
        return None
    low, high = _VAGUE[text[0]]
    return _between(low * scale, (high + 1) * scale - 1)


def total_of(counts: Sequence[Count]) -> Count:
    """Return the sum of these figures; one open bound leaves it open, one claim makes it a claim."""
    if len(counts) == 1:
        return counts[0]
    highs = [count.high for count in counts if count.high is not None]
    return Count(
        value=sum(count.value for count in counts),
        low=sum(count.low for count in counts),
        high=sum(highs) if len(highs) == len(counts) else None,
        claimed=any(count.claimed for count in counts),
    )
