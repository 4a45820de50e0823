"""Legal holidays and 调休: which days are worked.

The office's own table goes before the package's. A year of which neither knows the State Council's
arrangement is refused, never guessed.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import chinese_calendar

from monitor.errors import MonitorError
from monitor.office.model import CalendarYear

DAY = timedelta(days=1)


class UnknownYearError(MonitorError):
    """Nobody has said yet which days of `year` are worked."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"还没有 {year} 年的节假日和调休安排：国务院办公厅放假通知公布后，请升级程序（chinesecalendar），"
            f"或在 office.yaml 的 calendar 下录入 {year} 年并写 complete: true"
        )
        self.year = year


def is_workday(on: date, calendar: Sequence[CalendarYear] = ()) -> bool:
    """Return whether this day is worked; raises UnknownYearError.

    Source: 全国年节及纪念日放假办法 and the State Council's yearly notice on 放假调休.
    """
    own = next((year for year in calendar if year.year == on.year), CalendarYear(year=on.year))
    if on in own.holidays:
        return False
    if on in own.workdays:
        return True
    if own.complete:
        return on.isoweekday() <= 5
    try:
        return bool(chinese_calendar.is_workday(on))
    except NotImplementedError as error:
        raise UnknownYearError(on.year) from error


def next_workday(on: date, calendar: Sequence[CalendarYear] = ()) -> date:
    """Return the first day after this one that is worked; raises UnknownYearError."""
    return add_workdays(on, 1, calendar)


def add_workdays(on: date, count: int, calendar: Sequence[CalendarYear] = ()) -> date:
    """Return the last of `count` days worked after `on`; the day itself is not counted.

    Raises UnknownYearError if the count leads into a year that is not known.
    """
    while count > 0:
        on += DAY
        count -= is_workday(on, calendar)
    return on


def count_workdays(since: date, until: date, calendar: Sequence[CalendarYear] = ()) -> int:
    """Return how many days of `[since, until)` are worked; raises UnknownYearError."""
    return sum(is_workday(since + DAY * n, calendar) for n in range((until - since).days))
