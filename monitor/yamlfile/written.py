"""Lengths, instants, times of day and addresses as people write them, for use as types in a `*File`."""

import re
from datetime import datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

from monitor.clock import SHANGHAI, as_utc

_LENGTH = re.compile(r"(-?)(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_CLOCK_RANGE = re.compile(r"\s*([\d:：]+)\s*[-–—~至]\s*([\d:：]+)\s*")


def read_length(text: Any) -> timedelta:
    """Return a length written like `30s`, `5m`, `4h`, `2d`, `1h30m`, with `-` before it if negative."""
    if isinstance(text, timedelta):
        return text
    match = _LENGTH.fullmatch(text) if isinstance(text, str) else None
    if match is None or not any(match.groups()[1:]):
        raise ValueError("应为时长，如 30s、5m、4h、2d")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] else length


def _not_negative(length: timedelta) -> timedelta:
    if length < timedelta(0):
        raise ValueError("时长不得为负")
    return length


def between(shortest: str, longest: str) -> AfterValidator:
    """Return a check for a `Length`: from `shortest` to `longest`, both included."""
    low, high = read_length(shortest), read_length(longest)

    def check(length: timedelta) -> timedelta:
        if not low <= length <= high:
            raise ValueError(f"须在 {shortest} 到 {longest} 之间")
        return length

    return AfterValidator(check)


def _read_moment(text: Any) -> datetime:
    if isinstance(text, datetime):
        return text
    try:
        return datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise ValueError("应为时刻，如 2026-03-02T08:00:00+08:00") from None


def read_instant(text: Any) -> datetime:
    """Return an instant written with its zone, as aware UTC."""
    moment = _read_moment(text)
    if moment.tzinfo is None:
        raise ValueError("时刻须带时区，如 2026-03-02T08:00:00+08:00")
    return as_utc(moment)


def read_local_instant(text: Any) -> datetime:
    """Return an instant as aware UTC; one written without a zone is Beijing time."""
    moment = _read_moment(text)
    return as_utc(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI))


def read_length_or_instant(text: Any) -> timedelta | datetime:
    """Return a length (`4h`) or an instant with its zone."""
    is_length = isinstance(text, timedelta) or (isinstance(text, str) and _LENGTH.fullmatch(text) is not None)
    return _not_negative(read_length(text)) if is_length else read_instant(text)


def read_clock_time(text: Any) -> time:
    """Return a local time of day written like `8:00` or `22:00`."""
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("应为钟点，如 08:00")
    return time(int(match[1]), int(match[2]))


def read_clock_range(text: Any) -> tuple[time, time]:
    """Return a daily range written like `22:00-07:00`; over midnight if the end is earlier."""
    match = _CLOCK_RANGE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("应为起止钟点，如 22:00-07:00")
    since, until = read_clock_time(match[1]), read_clock_time(match[2])
    if since == until:
        raise ValueError("起止钟点不能相同")
    return since, until


def read_web_address(text: str) -> str:
    """Return the address if it is an absolute one of the web."""
    try:
        parts = urlsplit(text)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web or any(character.isspace() for character in text):
        raise ValueError("应为 http:// 或 https:// 开头的网址")
    return text


WebAddress = Annotated[str, AfterValidator(read_web_address)]
SignedLength = Annotated[timedelta, BeforeValidator(read_length)]
Length = Annotated[timedelta, BeforeValidator(read_length), AfterValidator(_not_negative)]
Instant = Annotated[datetime, BeforeValidator(read_instant)]
LocalInstant = Annotated[datetime, BeforeValidator(read_local_instant)]
LengthOrInstant = Annotated[timedelta | datetime, BeforeValidator(read_length_or_instant)]
ClockTime = Annotated[time, BeforeValidator(read_clock_time)]
ClockRange = Annotated[tuple[time, time], BeforeValidator(read_clock_range)]
