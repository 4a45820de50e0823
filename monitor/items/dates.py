"""The publisher's own time string -> an instant, or nothing where it is missing or impossible (C11, C21)."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

_MAX_AHEAD = timedelta(minutes=5)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|CST|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
_CLOCK = (
    r"(?:[\sT]*(?:(?:星期|周)[一二三四五六日天])?\s*(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|晚)?\s*"
    r"(?P<hour>\d{1,2})\s*[:时点]\s*(?:(?P<minute>\d{1,2})\s*[:分]?\s*(?:(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?"
    rf"{_ZONE})?"
)
_FULL = re.compile(
    rf"(?P<year>\d{{4}})\s*[-/.年]\s*(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})日?{_CLOCK}"
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)"
                      rf"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{_ZONE})?")  # fmt: skip
_NO_YEAR = re.compile(rf"(?P<month>\d{{1,2}})\s*[-/.月]\s*(?P<day>\d{{1,2}})日?{_CLOCK}")
_NAMED_DAY = re.compile(rf"(?P<name>今天|今日|昨天|昨日|前天){_CLOCK}")
_AGO = re.compile(r"(?P<count>\d+)\s*(?P<unit>秒钟?|分钟|个?小时|天)前")
_JAVA = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}) "
    r"(?P<clock>[\d:]{8}) (?P<zone>\S+) (?P<year>\d{4})"
)
_RFC_CST = re.compile(r"\bCST\b")
_HAN_MONTHS = {f"{name}月": number for number, name in enumerate(
    ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"), start=1)}  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = {"秒": "seconds", "分": "minutes", "个": "hours", "小": "hours", "天": "days"}
_DAYS_BACK = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "前天": 2}
_AFTERNOON = ("下午", "傍晚", "晚上", "晚")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """When something was published, aware UTC; `day_only`: the latest instant of that day not after sight."""

    at: datetime
    day_only: bool = False


def read_published(raw: str | None, *, zone: tzinfo, seen_at: datetime) -> Published | None:
    """Read RFC 822, ISO 8601, Chinese and numeric times; a time without a zone is in `zone`.

    None where there is no time, or an impossible one: more than 5 minutes after `seen_at`, or before 1990
    (C11). A date without a year is the last such day; a date without a time counts at its latest instant
    (C21).
    """
    text = unicodedata.normalize("NFKC", raw or "").strip()[:200]
    if not text:
        return None
    for form in _FORMS:
        try:
            found = form(text, zone, seen_at)
        except (ValueError, OverflowError, IndexError):
            continue
        if found is not None:
            return _within_reason(found, seen_at)
    return None


def _within_reason(found: Published, seen_at: datetime) -> Published | None:
    """Return what may be true of a thing seen at `seen_at`."""
    at = found.at.astimezone(UTC)
    if found.day_only:
        # `at` is the day's first instant; its latest one may not have come yet.
        latest = min(at + _DAY - timedelta(seconds=1), seen_at)
        return Published(at=latest, day_only=True) if _EARLIEST <= at <= seen_at else None
    return Published(at=at) if _EARLIEST <= at <= seen_at + _MAX_AHEAD else None


def _from_number(text: str, _zone: tzinfo, _seen_at: datetime) -> Published | None:
    """Read unix seconds or milliseconds."""
    if not re.fullmatch(r"-?\d{9,10}(?:\.\d+)?|\d{12,13}|-?\d{1,8}", text) or _COMPACT.fullmatch(text):
        return None
    number = float(text)
    return Published(at=datetime.fromtimestamp(number / 1000 if abs(number) >= 1e11 else number, UTC))


def _from_date(text: str, zone: tzinfo, _seen_at: datetime) -> Published | None:
    """Read a date with a year, Chinese, ISO 8601 or compact, with or without a clock time."""
    found = _FULL.search(text) or _COMPACT.fullmatch(text)
    return (
        None
        if found is None
        else _built(found, int(found["year"]), int(found["month"]), int(found["day"]), zone)
    )


def _from_rfc822(text: str, zone: tzinfo, _seen_at: datetime) -> Published | None:
    """Read the date form of RSS and HTTP, months also in Chinese; CST is China's time, not Chicago's."""
    if java := _JAVA.search(text):
        text = f"{java['day']} {java['month']} {java['year']} {java['clock']} {java['zone']}"
    for name, number in sorted(_HAN_MONTHS.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(name, _MONTHS[number - 1])
    text = re.sub(r"\b(\d{1,2})月", lambda m: _MONTHS[int(m[1]) - 1], text)
    text = re.sub(r"^(?:星期|周)[一二三四五六日天],?\s*", "", text)
    day_only = ":" not in text
    at = parsedate_to_datetime(_RFC_CST.sub("+0800", text) + " 00:00" * day_only)
    return Published(at=at if at.tzinfo else at.replace(tzinfo=zone), day_only=day_only)


def _from_ago(text: str, _zone: tzinfo, seen_at: datetime) -> Published | None:
    """Read 刚刚, 5分钟前, 3小时前, 2天前."""
    if text.startswith("刚刚"):
        return Published(at=seen_at)
    found = _AGO.search(text)
    if found is None:
        return None
    return Published(at=seen_at - timedelta(**{_UNITS[found["unit"][0]]: int(found["count"])}))


def _from_named_day(text: str, zone: tzinfo, seen_at: datetime) -> Published | None:
    """Read 今天 08:00, 昨天, 前天."""
    found = _NAMED_DAY.search(text)
    if found is None:
        return None
    day = seen_at.astimezone(zone) - _DAY * _DAYS_BACK[found["name"]]
    return _built(found, day.year, day.month, day.day, zone)


def _from_yearless(text: str, zone: tzinfo, seen_at: datetime) -> Published | None:
    """Read [11-24] and 11月24日 08:00 as the last such day."""
    found = _NO_YEAR.search(text)
    if found is None:
        return None
    year = seen_at.astimezone(zone).year
    month, day = int(found["month"]), int(found["day"])
    this_year = _built(found, year, month, day, zone)
    return this_year if this_year.at <= seen_at + _MAX_AHEAD else _built(found, year - 1, month, day, zone)


_FORMS: tuple[Callable[[str, tzinfo, datetime], Published | None], ...] = (
    _from_number, _from_date, _from_rfc822, _from_ago, _from_named_day, _from_yearless)  # fmt: skip


def _built(found: re.Match[str], year: int, month: int, day: int, zone: tzinfo) -> Published:
    """Return the instant of a date and its clock time, if any; raises ValueError for 31 June."""
    parts = found.groupdict()
    if parts.get("hour") is None:
        return Published(at=datetime(year, month, day, tzinfo=zone), day_only=True)
    hour = int(parts["hour"])
    if parts.get("half") in _AFTERNOON and hour < 12:
        hour += 12
    next_day = timedelta(days=1) if hour == 24 else timedelta(0)
    at = datetime(year, month, day, hour % 24 if next_day else hour, int(parts.get("minute") or 0),
                  int(parts.get("second") or 0), tzinfo=_offset(parts.get("zone")) or zone)  # fmt: skip
    return Published(at=at + next_day)


def _offset(name: str | None) -> tzinfo | None:
    """Return the zone a text names; None for none and for CST, which the source's own zone answers."""
    if name is None or name == "CST":
        return None
    if name in ("Z", "UTC", "GMT"):
        return UTC
    digits = name[1:].replace(":", "").ljust(4, "0")
    return datetime.strptime(name[0] + digits, "%z").tzinfo
