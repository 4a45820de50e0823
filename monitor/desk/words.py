"""Codes, instants and lengths as a duty officer reads them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

import yaml
from markupsafe import Markup

from monitor.classifiers.model import Moment, Precision
from monitor.clock import as_local

_WEEKDAYS = "一二三四五六日"


@cache
def _book() -> dict[str, dict[str, str]]:
    """Return `words.yaml`: the packaged words of the desk."""
    text = files("monitor.desk").joinpath("words.yaml").read_text(encoding="utf-8")
    return {
        name: {str(code): word for code, word in words.items()}
        for name, words in yaml.safe_load(text).items()
    }


def book(name: str) -> Mapping[str, str]:
    """Return all words of a book by their codes, in the order of the file."""
    return _book()[name]


def word(book: str, code: object) -> str:
    """Return the Chinese word of a code, or the code itself where no word is known."""
    return _book()[book].get(str(code), str(code))


def severity_word(severity: int | None) -> str:
    """Return the word of the law, or 未定级."""
    return "未定级" if severity is None else word("severity", int(severity))


def reason_word(reason: str) -> str:
    """Return the words of an alert's reason; `overdue_3` is 逾期催办（第3次）."""
    if reason.startswith("overdue_"):
        return f"{word('reason', 'overdue')}（第{reason.removeprefix('overdue_')}次）"
    return word("reason", reason)


def cause_word(cause: str | None) -> str:
    """Return the words of a cause, or a person's own words as they are."""
    return word("cause", cause) if cause else ""


def moment_words(moment: Moment, now: datetime) -> str:
    """Return when it happened, as exactly as it is known: 仅到日 or 约, never more (C21)."""
    if moment.precision is Precision.DAY:
        return day(moment.at, now)
    return when(moment.at, now) + ("（约）" if moment.precision is Precision.HOUR else "")


@lru_cache(maxsize=16)
def _day_of(at: datetime) -> date:
    """Return the local day of an instant; a page asks a thousand times which day its own is."""
    return as_local(at).date()


def when(at: datetime, now: datetime) -> str:
    """Return 今天 14:05, 昨天 23:10, 11月24日 08:00 or with the year, in local time."""
    return _when(at, _day_of(now))


def _when(at: datetime, today: date) -> str:
    local = as_local(at)
    clock = f"{local.hour:02}:{local.minute:02}"
    days = (local.date() - today).days
    if -1 <= days <= 1:
        return f"{('今天', '明天', '昨天')[days]} {clock}"
    year = "" if local.year == today.year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {clock}"


def day(at: datetime, now: datetime) -> str:
    """Return the same without the time of day, for what is known only to the day (C21)."""
    return when(at, now).rsplit(" ", 1)[0] + "（仅到日）"


def full(at: datetime) -> str:
    """Return 2026年11月24日（周二）14:05:09, in local time."""
    local = as_local(at)
    return f"{local.year}年{local.month}月{local.day}日（周{_WEEKDAYS[local.weekday()]}）{local:%H:%M:%S}"


def time_tag(at: datetime, now: datetime) -> Markup:
    """Return an instant for a page: 今天 14:05, and the full instant for whoever points at it."""
    return _time_tag(at, _day_of(now))


@lru_cache(maxsize=4096)
def _time_tag(at: datetime, today: date) -> Markup:
    """Return the same; a board shows most of its times again and again."""
    tag = f'<time datetime="{at.isoformat()}" title="{full(at)}">{_when(at, today)}</time>'
    return Markup(tag)  # noqa: S704 - digits and words of our own


def length(span: timedelta) -> str:
    """Return 2天3小时, 3小时12分, 12分钟 or 45秒 of the absolute length, rounded down."""
    seconds = int(abs(span).total_seconds())
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        return f"{days}天{hours}小时"
    if hours:
        return f"{hours}小时{minutes:02d}分"
    return f"{minutes}分钟" if minutes else f"{seconds}秒"


def remaining(due_at: datetime, now: datetime) -> str:
    """Return 剩 3小时12分 or 已逾期 12分钟; at `due_at` itself nothing is overdue (T3)."""
    return f"已逾期 {length(now - due_at)}" if now > due_at else f"剩 {length(due_at - now)}"
