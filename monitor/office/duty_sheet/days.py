"""From what stands in a sheet to its month and its days: 2026年11月, 11月24日, 24日, 2026-11-24, 1-3日."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import normalize

from openpyxl.utils.datetime import from_excel

WEEK = "一二三四五六日"
UNDATED = "看不出是哪年哪月：请在标题写明，或用 --month 2026-11 指明"

_CHINESE = {**{digit: str(n) for n, digit in enumerate("〇一二三四五六七八九")}, "零": "0", "○": "0"}
_YEAR = re.compile(r"(?<!\d)(20\d\d)年?(?:度)?|([二2][〇零○0][〇零○一二三四五六七八九]{2})年")
_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])月|(十[一二]?|[一二三四五六七八九])月")
_YEAR_AND_MONTH = re.compile(r"(?<!\d)(20\d\d)[-./](1[0-2]|0?[1-9])(?![\d./-])")
_WEEKDAY = re.compile(r"[(\[]?(?:星期|周|礼拜)([一二三四五六日天])[)\]]?")
_DAY = r"(?:(?:(20\d\d)[-/.年])?(\d{1,2})[/.月])?(\d{1,2})[日号]?"
_ONE_DAY = re.compile(_DAY)
_ISO_DAY = re.compile(r"(20\d\d)-(\d{1,2})-(\d{1,2})")
_MONTH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})")
_SOME_DAYS = re.compile(rf"{_DAY}[-—–~至到]+(?:(?:20\d\d年)?(\d{{1,2}})月)?(\d{{1,2}})[日号]?")
_SERIAL = re.compile(r"4\d{4}|5\d{4}")
_UNCLEAR = re.compile(r"\d{1,2}\.[123]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What titles say of the month; None where they do not."""

    year: int | None = None
    month: int | None = None


def stated_month(texts: Iterable[str]) -> Stated:
    """Return the first year and the first month that these titles name."""
    plain = ["".join(normalize("NFKC", text).split()) for text in texts]
    both = next((found for text in plain if (found := _YEAR_AND_MONTH.search(text))), None)
    if both:
        return Stated(year=int(both[1]), month=int(both[2]))
    year = next((found for text in plain if (found := _YEAR.search(text))), None)
    month = next((found for text in plain if (found := _MONTH.search(text))), None)
    return Stated(
        year=int(year[1] or "".join(_CHINESE.get(sign, sign) for sign in year[2])) if year else None,
        month=(int(month[1]) if month[1] else _number(month[2])) if month else None,
    )


def _number(word: str) -> int:
    return 10 + int(_CHINESE.get(word[1:], "0")) if word.startswith("十") else int(_CHINESE[word])


def weekday_in(text: str) -> int | None:
    """Return the weekday that a text names, 0 for Monday, or None."""
    plain = "".join(text.split())
    found = _WEEKDAY.search(plain)
    name = found[1] if found else plain
    return WEEK.index(name.replace("天", "日")) if len(name) == 1 and name in f"{WEEK}天" else None


def days_in(value: str | date, month: Stated) -> tuple[date, ...] | None:
    """Return the days that a cell names, or None if it names none.

    `month` completes what the cell leaves out. Raises ValueError, with words for people, for a day that
    does not exist or cannot be told.
    """
    if isinstance(value, date):
        return (value,)
    plain = _WEEKDAY.sub("", "".join(normalize("NFKC", value).split()))
    if _SERIAL.fullmatch(plain):
        return (from_excel(int(plain)).date(),)
    if _UNCLEAR.fullmatch(plain):
        raise ValueError(f"“{plain}”分不清是 1 日还是 10 日，请写成 11月1日 的样子")
    if one := _ISO_DAY.fullmatch(plain) or _ONE_DAY.fullmatch(plain):
        return (_day(one[1], one[2], one[3], month),)
    dashed = _MONTH_DAY.fullmatch(plain)
    if dashed and int(dashed[1]) == month.month:  # 11-24 in a November; 1-3 there are three days
        return (_day(None, dashed[1], dashed[2], month),)
    some = _SOME_DAYS.fullmatch(plain)
    if some is None:
        return None
    first = _day(some[1], some[2], some[3], month)
    last = _day(str(first.year), some[4] or str(first.month), some[5], month)
    if not 0 <= (last - first).days <= 31:
        raise ValueError(f"“{plain}”的终点须不早于起点")
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def _day(year: str | None, month: str | None, day: str, stated: Stated) -> date:
    in_year, in_month = (int(year) if year else stated.year), (int(month) if month else stated.month)
    if in_year is None or in_month is None:
        raise ValueError(UNDATED)
    try:
        return date(in_year, in_month, int(day))
    except ValueError:
        raise ValueError(f"没有 {in_year} 年 {in_month} 月 {day} 日") from None
