"""When it happened: phrases of time against the instant of publication (C21)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from monitor.classifiers.model import Moment, Precision
from monitor.clock import SHANGHAI, as_local, as_utc

_N = r"[0-9]{1,2}"
_DAY = (
    rf"(?:(?P<year>(?:19|20)[0-9]{{2}})年)?(?P<month>{_N})月(?P<day>{_N})[日号]?"
    rf"|(?P<iso>(?:19|20)[0-9]{{2}}[-./](?:0?[1-9]|1[0-2])[-./]{_N})"
    rf"|(?P<lone>(?<![0-9.·月])(?:[12][0-9]|3[01]|0?[1-9]))[日号](?!楼|线|院|店|路|机|车|桥|矿|井|令|文|人)"
    r"|(?P<word>大前天|前天|前日|前晚|昨天|昨日|昨晚|昨夜|昨|今天|今日|今晨|今早|今晚|今夜|当天|当日|当晚|今年)"
)
_PART = (
    r"(?P<part>凌晨|清晨|早晨|早上|今早|上午|中午|午间|下午|午后|傍晚|晚间|晚上|深夜|夜间|夜里|半夜|午夜|"
    r"晚|晨|早|夜|今晨)"
)
_CLOCK = rf"(?P<hour>{_N})(?:[时点](?P<half>半)?(?:(?P<minute>{_N})分?)?|[:：](?P<colon>[0-9]{{2}}))(?!以前)"
# The first look costs little where no phrase can begin, which is nearly everywhere.
_PHRASE = re.compile(
    rf"(?=[0-9大前昨今当])(?:{_DAY})[，,]?(?:星期[一二三四五六日天]|周[一二三四五六日])?(?:（[^（）]{{1,9}}）)?"
    rf"(?:[，,]?{_PART})?(?:[，,]?(?:大约|约|左右)?{_CLOCK})?"
)
_NOT_OCCURRENCE = re.compile(r"(?:截至|截止|截至目前|到|至|记者|发稿|自|从|比|较)(?:北京时间)?$")
_WRITTEN_ON = re.compile(rf"(?P<month>{_N})月(?P<day>{_N})日(?:电|讯|消息|报道|综合)")
_DATELINE = re.compile(
    r"^(?:电|讯|消息|报道|从|获悉|表示|通报|发布|公布|记者|上午从|下午从|在|宣布|称|介绍|披露)"
)

# The hours that a part of the day spans; a clock reading in the second half of the day is shifted by 12.
_PARTS = {
    "凌晨": (0, 6), "清晨": (5, 8), "早晨": (5, 9), "早上": (5, 9), "今早": (5, 9), "早": (5, 9),
    "晨": (0, 8), "今晨": (0, 8), "上午": (8, 12), "中午": (11, 14), "午间": (11, 14),
    "下午": (12, 18), "午后": (12, 18),
    "傍晚": (17, 20), "晚间": (18, 24), "晚上": (18, 24), "晚": (18, 24), "深夜": (21, 24), "夜间": (18, 24),
    "夜里": (18, 24), "半夜": (0, 6), "午夜": (21, 24), "夜": (18, 24),
}  # fmt: skip
_AFTERNOON = frozenset(
    {"中午", "午间", "下午", "午后", "傍晚", "晚间", "晚上", "晚", "深夜", "夜间", "夜里", "夜"}
)
_BACK = {"大前天": 3, "前天": 2, "前日": 2, "前晚": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "昨": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMention:
    """A phrase of time at `[start, end)` of a text, and the instant it means."""

    moment: Moment
    start: int
    end: int
    is_occurrence: bool


def read_times(
    text: str, offset: int, published_at: datetime, written_on: date | None = None
) -> Iterator[TimeMention]:
    """Yield the phrases of time in `text`, read as of `published_at`; places are counted from `offset`.

    A year that is not written is the nearest one that is not in the future. `written_on` is the day of a
    dateline: 今天 and 昨天 count from it. 当天 is the day named before.
    """
    today = written_on or _day_of(published_at)
    spoken_of: date | None = None
    for match in _PHRASE.finditer(text):
        on = _day(match, today, spoken_of)
        if on is None:
            continue
        moment = _moment(on, match, published_at)
        if moment is None:
            continue
        lead = text[max(0, match.start() - 5) : match.start()]
        tail = text[match.end() : match.end() + 4].removeprefix("，").removeprefix(",")
        is_dateline = bool(_DATELINE.match(tail)) and match["hour"] is None
        spoken_of = on
        yield TimeMention(
            moment=moment,
            start=offset + match.start(),
            end=offset + match.end(),
            is_occurrence=not _NOT_OCCURRENCE.search(lead) and not is_dateline,
        )


def dateline_day(text: str, published_at: datetime) -> date | None:
    """Return the day of a dateline such as 新华社昆明11月22日电: what 今天 and 昨天 of the text refer to."""
    match = _WRITTEN_ON.search(text[:80])
    if match is None:
        return None
    today = _day_of(published_at)
    return _date(today.year, int(match["month"]), int(match["day"]), today)


@lru_cache(256)
def _day_of(published_at: datetime) -> date:
    return as_local(published_at).date()


def _day(match: re.Match[str], today: date, spoken_of: date | None) -> date | None:
    if match["iso"]:
        year, month, day = (int(part) for part in re.split(r"[-./]", match["iso"]))
        return _date(year, month, day, None)
    if match["month"]:
        year = int(match["year"]) if match["year"] else today.year
        return _date(year, int(match["month"]), int(match["day"]), None if match["year"] else today)
    if match["lone"]:
        day = int(match["lone"])
        if day <= today.day:
            return _date(today.year, today.month, day, None)
        last = today.replace(day=1) - timedelta(days=1)
        return _date(last.year, last.month, day, None)
    word = match["word"]
    if word == "今年":
        return None
    if word.startswith("当"):
        return spoken_of
    return today - timedelta(days=_BACK.get(word, 0))


def _date(year: int, month: int, day: int, not_after: date | None) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    if not_after is not None and found > not_after:
        return _date(year - 1, month, day, None)
    return found


def _moment(on: date, match: re.Match[str], published_at: datetime) -> Moment | None:
    part = match["part"] or _implied_part(match["word"])
    if match["hour"] is None:
        first, last = _PARTS.get(part or "", (0, 24))
        midnight = datetime.combine(on, time(), SHANGHAI)
        until = min(midnight + timedelta(hours=last), max(published_at, midnight + timedelta(hours=first)))
        return Moment(
            at=as_utc(midnight + timedelta(hours=first)), precision=Precision.DAY, until=as_utc(until)
        )
    hour = int(match["hour"])
    if part in _AFTERNOON and hour < 12 and not (part in ("中午", "午间") and hour >= 10):
        hour += 12
    minute = match["minute"] or match["colon"] or ("30" if match["half"] else None)
    if hour > 24 or int(minute or 0) > 59:
        return None
    at = datetime.combine(on, time(), SHANGHAI) + timedelta(hours=hour, minutes=int(minute or 0))
    return Moment(at=as_utc(at), precision=Precision.MINUTE if minute else Precision.HOUR)


def _implied_part(word: str | None) -> str | None:
    if not word:
        return None
    for tail in ("晨", "早", "晚", "夜"):
        if word.endswith(tail):
            return tail
    return None
