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
_INSTANT = re.compile(rf"{_DAY}(?:[ T]*{_HOUR}\s*(?:许|左右)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"[345]\d{4}(?:\.\d+)?")
_NOTHING = frozenset({"", "无", "/", "-", "—", "——", "未定级", "不定级", "空"})
_SEVERITIES = {
    "特别重大": 1, "重大": 2, "较大": 3, "一般": 4,
    "1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4, "一": 1, "二": 2, "三": 3, "四": 4,
}  # fmt: skip
_SPLIT = re.compile(r"[、，,；;/\n]+")


def words_in(value: Any) -> str:
    """Return a cell as words: wide letters and digits plain, a whole number without its point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return normalize("NFKC", str(value)).strip()


def instant_in(value: Any) -> Stated | None:
    """Return the instant of a cell, local time; None for an empty one."""
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
    found = _INSTANT.fullmatch(said)
    if found is None and (compact := _COMPACT.fullmatch(said)):
        return _stated(_day(said, *compact.groups()), None)
    if found is None:
        raise ValueError(f"“{said[:40]}”不是日期时间，请写成 2025-11-24 08:30 或 2025年11月24日")
    year, month, day, half, hour, minute = found.groups()
    return _stated(_day(said, year, month, day), _time(said, half, hour, minute))


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
    found = (part.strip() for part in _SPLIT.split(words_in(value)))
    return tuple(dict.fromkeys(name for name in found if name not in _NOTHING))
