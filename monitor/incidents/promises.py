"""What an answer promises for later, and by when: 将于12月5日前公布, 48小时内答复, 3个工作日内公布.

Working days are counted by whoever knows the holidays; a promise in days of a year that nobody knows yet is
shown without a time, and a person enters it.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from monitor.clock import SHANGHAI, as_local, as_utc
from monitor.incidents.model import Promise

AddWorkdays = Callable[[date, int], date | None]
"""Returns the last of so many days worked after a day, the day itself not counted; None where not known."""

MOST = 10
"""How many promises of one answer are kept."""

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_PROMISES = re.compile(
    r"(?:将|拟|力争|争取|预计|承诺|确保)[^。；]{0,40}(?:公布|公开|发布|通报|答复|回复|反馈|恢复|完成|办结|修复|整改|退还|发放|支付|解决|处理|召开)"
    r"|(?:公布|公开|发布|通报|答复|回复|反馈|恢复|完成|办结|修复|整改到位|退还|发放|支付|解决)[^。；，]{0,6}(?:前|内)"
    r"|(?:前|内|底)[^。；，]{0,12}(?:公布|公开|发布|通报|答复|回复|反馈|恢复|完成|办结|修复|退还|发放|支付|解决)"
)
_NAMED = re.compile(r"(?:(20[0-9]{2})年)?([0-9]{1,2})月([0-9]{1,2})[日号](?:([0-9]{1,2})[时点])?")
_SPAN = re.compile(
    r"([0-9]{1,3}|[一二两三四五六七八九十]{1,3})(?:个)?(小时|工作日|自然日|日|天|周|星期)(?:之)?内"
)
_WORD = re.compile(r"(今日|今天|今晚|明日|明天|后天|本周|下周|本月|月底)(?:内|前|底|之前)?")
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_PAST = re.compile(r"截至|已于|已在|已经|经查")
_LIMIT = re.compile(r"(?<![目此以提])前(?![往期来])|内|今晚")
_END = time(23, 59, 59)


def read_promises(
    text: str, at: datetime, add_workdays: AddWorkdays = lambda _on, _count: None
) -> tuple[Promise, ...]:
    """Return the promises of an answer published at `at` (aware), in the order of the text.

    A day named and a last working day count to their end, local time; a length counts from the publication,
    working days from the day after it. Source of the latter: 民法典 第二百零一条.
    """
    found = []
    for match in _SENTENCE.finditer(text):
        for clause in re.split(r"[，,]", match[0]):
            sentence = clause.strip()
            if _PAST.search(sentence) or not _PROMISES.search(sentence):
                continue
            due_at, is_dated = _due(sentence, at, add_workdays)
            if is_dated:
                found.append(Promise(passage=sentence, due_at=due_at))
    return tuple(dict.fromkeys(found))[:MOST]


def names_time_to_come(clause: str, at: datetime) -> bool:
    """Return whether a clause written at `at` (aware) names a length of time or a time still to come.

    The day it is written on is one only as a limit (11月24日前) or with an hour that has not come.
    """
    if _PAST.search(clause):
        return False
    if _SPAN.search(clause):
        return True
    today = as_local(at).date()
    named = _named(clause, today)
    if named is None or as_utc(datetime.combine(*named, SHANGHAI)) <= at:
        return False
    return named[0] > today or named[1] != _END or _LIMIT.search(clause) is not None


def _due(clause: str, at: datetime, add_workdays: AddWorkdays) -> tuple[datetime | None, bool]:
    """Return until when a clause promises, and whether it names a time to come at all."""
    span = _SPAN.search(clause)
    if span is not None:
        return _after(span[1], span[2], at, add_workdays), True
    named = _named(clause, as_local(at).date())
    if named is None:
        return None, False
    due_at = as_utc(datetime.combine(*named, SHANGHAI))
    return (due_at, True) if due_at > at else (None, False)


def _after(count: str, unit: str, at: datetime, add_workdays: AddWorkdays) -> datetime | None:
    """Return the end of so many hours, days, weeks or days worked; None where nobody knows these."""
    number = int(count) if count.isdecimal() else _number(count)
    if unit == "工作日":
        last = add_workdays(as_local(at).date(), number)
        return as_utc(datetime.combine(last, _END, SHANGHAI)) if last else None
    if unit == "小时":
        return at + timedelta(hours=number)
    return at + timedelta(days=number * (7 if unit in ("周", "星期") else 1))


def _number(word: str) -> int:
    """Return the value of 三, 十, 十五 or 二十."""
    if "十" not in word:
        return _DIGITS.get(word, 0)
    tens, _, ones = word.partition("十")
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0)


def _named(clause: str, today: date) -> tuple[date, time] | None:
    """Return the last day that a clause names, and the time of day, or None."""
    days = list(_NAMED.finditer(clause))
    if days:
        return _day_of(days[-1], today)
    word = _WORD.search(clause)
    return None if word is None else (_day_of_word(word[1], today), _END)


def _day_of(match: re.Match[str], today: date) -> tuple[date, time] | None:
    """Return the day written; without a year it is the next one of this date."""
    month, day, hour = int(match[2]), int(match[3]), match[4]
    try:
        on = date(int(match[1] or today.year), month, day)
    except ValueError:
        return None
    if not match[1] and (today - on).days > 180:
        on = on.replace(year=on.year + 1)
    return on, _END if hour is None or int(hour) > 23 else time(int(hour))


def _day_of_word(word: str, today: date) -> date:
    """Return the last day of 明天, 本周, 月底 and their kin."""
    if word.startswith("明"):
        return today + timedelta(days=1)
    if word == "后天":
        return today + timedelta(days=2)
    if word.endswith("周"):
        sunday = today + timedelta(days=6 - today.weekday())
        return sunday + timedelta(days=7 if word == "下周" else 0)
    if "月" in word:
        return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return today
