"""What stands in a cell of a ledger: instants, severities, names; ValueError says in Chinese why not."""

import re
from datetime import date, datetime, time
from typing import Any
from unicodedata import normalize

from openpyxl.utils.datetime import from_excel

from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI, as_utc
from monitor.ledger.model import Stated

_NOON = time(12)
_DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?"
_HOUR = r"(上午|下午|晚上?|凌晨)?\s*(\d{1,2})\s*[:时点]\s*(?:(\d{1,2})\s*分?)?(?::\d{1,2})?"
_CLOCK = rf"(?:[ T]*{_HOUR}\s*(?:许|左右)?)?"
_INSTANT = re.compile(_DAY + _CLOCK)
_OF_A_YEAR = re.compile(rf"(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*[日号]?{_CLOCK}")
_UNSURE = re.compile(r"\d{1,2}\.[123]")
_WEEKDAY = re.compile(r"(?<=[\d日号])\s*[（(]?(?:星期|周)[一二三四五六日天][）)]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"[345]\d{4}(?:\.\d+)?")
_NOTHING = frozenset({"", "无", "/", "-", "—", "——", "未定级", "不定级", "空"})
_SEVERITIES = {
    "特别重大": 1, "重大": 2, "较大": 3, "一般": 4,
    "1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4, "一": 1, "二": 2, "三": 3, "四": 4,
}  # fmt: skip
_SPLIT = re.compile(r"[、，,；;/\n]+")


def text_in(value: Any) -> str:
    """Return a cell as it reads, a whole number without its point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def words_in(value: Any) -> str:
    """Return a cell as words to be recognised: wide letters, digits and signs plain."""
    return normalize("NFKC", text_in(value)).strip()


def instant_in(value: Any, near: date | None = None) -> Stated | None:
    """Return the instant of a cell, local time; None for an empty one.

    One without its year is of the year that puts it nearest to `near`. Raises ValueError.
    """
    match value:
        case datetime():
            return _stated(value.date(), value.time() if value.time() != time(0) else None)
        case date():
            return _stated(value, None)
    said = words_in(value)
    if said in _NOTHING:
        return None
    if _SERIAL.fullmatch(said):
        return instant_in(from_excel(float(said)))
    if compact := _COMPACT.fullmatch(said):
        return _stated(_day(said, *compact.groups()), None)
    if isinstance(value, float) and _UNSURE.fullmatch(said):
        raise ValueError(f"“{said}”在表格里是数字，分不清末位后面有没有 0，请写成几月几日")
    return _written(said, near)


def _written(said: str, near: date | None) -> Stated:
    plain = _WEEKDAY.sub("", said)
    if found := _INSTANT.fullmatch(plain):
        year, month, day, half, hour, minute = found.groups()
        return _stated(_day(said, year, month, day), _time(said, half, hour, minute))
    if found := _OF_A_YEAR.fullmatch(plain):
        month, day, half, hour, minute = found.groups()
        return _stated(_nearest(said, month, day, near), _time(said, half, hour, minute))
    raise ValueError(f"“{said[:40]}”不是日期时间，请写成 2025-11-24 08:30 或 2025年11月24日")


def _nearest(said: str, month: str, day: str, near: date | None) -> date:
    """Return the day of that name nearest to another day."""
    if near is None:
        raise ValueError(f"“{said[:40]}”没有年份，请补上，或在工作表名、表头上方、文件名里写明哪一年")
    years = [year for year in (near.year - 1, near.year, near.year + 1) if _exists(year, month, day)]
    if not years:
        raise ValueError(f"“{said[:40]}”没有这一天")
    return min((date(year, int(month), int(day)) for year in years), key=lambda on: abs(on - near))


def _exists(year: int, month: str, day: str) -> bool:
    try:
        return bool(date(year, int(month), int(day)))
    except ValueError:
        return False


def _day(said: str, *parts: str) -> date:
    try:
        return date(*map(int, parts))
    except ValueError:
        raise ValueError(f"“{said[:40]}”没有这一天") from None


def _time(said: str, half: str | None, hour: str | None, minute: str | None) -> time | None:
    if hour is None:
        return None
    is_later = half in ("下午", "晚", "晚上") and int(hour) < 12
    try:
        return time(int(hour) + 12 * is_later, int(minute or 0))
    except ValueError:
        raise ValueError(f"“{said[:40]}”没有这个时刻") from None


def _stated(on: date, at: time | None) -> Stated:
    local = datetime.combine(on, at or _NOON, SHANGHAI)
    return Stated(at=as_utc(local), is_exact=at is not None)


def severity_in(value: Any) -> Severity | None:
    """Return the severity of a cell, by the words of the law or a number of the scale."""
    said = words_in(value)
    if said in _NOTHING:
        return None
    plain = re.sub(r"[（(].*|级|事件|突发|舆情|\s", "", said).upper()
    if plain not in _SEVERITIES:
        raise ValueError(f"“{said[:20]}”不是级别，应为特别重大、重大、较大、一般，或 1 至 4 级，没有就留空")
    return Severity(_SEVERITIES[plain])


def names_in(value: Any) -> tuple[str, ...]:
    """Return the names of a cell, each once."""
    found = (part.strip() for part in _SPLIT.split(text_in(value)))
    return tuple(dict.fromkeys(name for name in found if name not in _NOTHING))
