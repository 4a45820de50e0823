"""From what stands in a sheet to the hours of a shift: 白班, 夜班, 18:00-次日8:00."""

import re
from datetime import time

from monitor.office.model import Office

WHOLE_DAY = "全天"

_DAY, _NIGHT, _ALL = (time(8), time(18)), (time(18), time(8)), (time(8), time(8))
_USUAL = {
    "白班": _DAY, "日班": _DAY, "白天": _DAY, "夜班": _NIGHT, "晚班": _NIGHT, "夜间": _NIGHT, "晚上": _NIGHT,
    WHOLE_DAY: _ALL, "全日": _ALL, "昼夜": _ALL, "24小时": _ALL,
}  # fmt: skip
_CLOCK = r"(\d{1,2})[:时点](\d{2})?分?"
_RANGE = re.compile(rf"{_CLOCK}(?:[-—–~至到]+)(?:次日|翌日|第二天)?{_CLOCK}")
_UNSAID = re.compile(r"班次|[早中午晚夜白日大小]班|第[一二三四1-4]班")

Hours = tuple[time, time]


class UnsaidHoursError(ValueError):
    """A shift has a name of which nobody has said the hours."""


def hours_in(text: str, office: Office) -> Hours | None:
    """Return the hours that a cell or a heading names, or None if it names none; raises UnsaidHoursError.

    The office's own names of shifts go before the usual ones.
    """
    plain = "".join(text.split())
    if found := _RANGE.search(plain):
        since, until = (_clock(*found.group(n, n + 1)) for n in (1, 3))
        return since, until
    known = _USUAL | {word: (since, until) for word, since, until in office.shift_hours}
    named = [word for word in known if word in plain]
    if named:
        return known[max(named, key=len)]
    if _UNSAID.fullmatch(plain) and plain != "班次":
        raise UnsaidHoursError(
            f"“{plain}”没有写钟点：请写成 08:00-16:00，或在 office.yaml 的 shift_hours 里写明"
        )
    return None


def whole_day(office: Office) -> Hours:
    """Return the hours of a shift of which nothing is said."""
    return hours_in(WHOLE_DAY, office) or _ALL


def _clock(hour: str, minute: str | None) -> time:
    if int(hour) > 24 or int(minute or 0) > 59:
        raise UnsaidHoursError(f"{hour}:{minute or '00'} 不是钟点")
    return time(int(hour) % 24, int(minute or 0))
