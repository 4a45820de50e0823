"""Chinese and Arabic numbers as news writes them: 3, 1.2万, 两, 廿余, 近百, 十几, 三五, 2亿3千万."""

import re
from math import inf

from monitor.classifiers.model import Count

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "俩": 2, "仨": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000, "廿": 20, "卅": 30}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_HAN = "〇零一二三四五六七八九十百千万亿两俩仨廿卅"

PLAIN = rf"(?:[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?[十百千万亿]{{0,2}}(?:[0-9]+[千百]?万)?|[{_HAN}]+|[数几]十?[百千万]{{0,2}})"
# A number with what blurs it: 至少3, 近百, 10余, 十几, 数十, 3至5.
NUMBER = (
    rf"(?P<before>至少|不少于|最少|不低于|超过|超|逾|多于|突破|近|约|大约|上(?=[百千万]))?"
    rf"(?P<number>{PLAIN})"
    rf"(?:(?P<range>至|到|-|~|—)(?P<second>{PLAIN}))?"
    rf"(?P<after>余|多|几|来)?(?P<large>万)?"
)

_VAGUE = {"数": (2, 9), "几": (2, 9)}
_AT_LEAST = frozenset({"至少", "不少于", "最少", "不低于", "上"})
_MORE_THAN = frozenset({"超过", "超", "逾", "多于", "突破"})


def read_plain(text: str) -> float | None:
    """Return the value of an unblurred number, or None where it is none (`几十`, `.`)."""
    text = text.replace(",", "")
    if not text:
        return None
    if text.isascii():
        return float(text)
    if all(c in _DIGITS for c in text) and len(text) > 1:
        return _adjacent_digits(text)
    total = part = 0.0
    number: float | None = None
    for token in re.findall(r"[0-9]+(?:\.[0-9]+)?|.", text):
        if token[0].isascii():
            number = float(token)
        elif token in _DIGITS:
            number = float(_DIGITS[token])
        elif token in _UNITS:
            unit = _UNITS[token]
            part += (1 if number is None else number) * unit if unit in (10, 100, 1000) else unit
            number = None
        elif token in _LARGE:
            total = (
                (total + part + (number or 0)) * _LARGE[token]
                if token == "亿"
                else (total + (part + (number or 0) or 1) * _LARGE[token])
            )
            part, number = 0.0, None
        else:
            return None
    return total + part + (number or 0)


def _adjacent_digits(text: str) -> float | None:
    """Read 二〇〇八 as 2008; 两三, 三五 are ranges and no plain number."""
    if len(text) == 2 and text[0] not in "〇零":
        return None
    return float("".join(str(_DIGITS[c]) for c in text))


def read_count(match: re.Match[str]) -> Count | None:
    """Return the figure of a match of `NUMBER`: its value, and the bounds that its wording leaves open.

    以上 and 至少 include the number, 余 and 超过 do not (news-language: 10余 is 11 to 19).
    """
    text, second = match["number"], match["second"]
    if text[0] in _VAGUE:
        return _vague(text)
    if len(text) == 2 and text.isalpha() and all(c in _DIGITS for c in text):
        low, high = _DIGITS[text[0]], _DIGITS[text[1]]
        return Count(value=low, low=low, high=high) if low < high else None
    value = read_plain(text)
    if value is None:
        return None
    if match["large"]:
        value *= 10_000
    if second is not None:
        high_end = read_plain(second)
        return None if high_end is None or high_end < value else Count(value=value, low=value, high=high_end)
    return _blurred(value, match["before"], match["after"])


def _blurred(value: float, before: str | None, after: str | None) -> Count:
    if after is not None:
        step = 10 ** (len(str(int(value))) - len(str(int(value)).rstrip("0")))
        return Count(value=value, low=value + 1, high=value + max(step, 2) - 1)
    if before in _AT_LEAST:
        return Count(value=value, low=value, high=None)
    if before in _MORE_THAN:
        return Count(value=value, low=value + 1, high=None)
    if before == "近":
        return Count(value=value, low=value * 0.8, high=value - 1 if value > 1 else value)
    return Count(value=value, low=value, high=value)


def _vague(text: str) -> Count | None:
    """Read 数十 as 20 to 99 and 数百 as 200 to 999; a bare 数 or 几 is no figure."""
    scale = 1.0
    for unit in text[1:]:
        scale *= _UNITS.get(unit, _LARGE.get(unit, 1))
    if scale == 1:
        return None
    low, high = _VAGUE[text[0]]
    return Count(value=low * scale, low=low * scale, high=(high + 1) * scale - 1)


def upper(count: Count) -> float:
    """Return the greatest value the wording allows."""
    return inf if count.high is None else count.high
