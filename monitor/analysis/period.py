"""A range of local days, and how it is cut."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from monitor.clock import SHANGHAI, as_local, as_utc

DAY = timedelta(days=1)
LONGEST = timedelta(days=3660)
_LONGEST_BY_DAY = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The local days from `first` to `last`, both whole and included.

    Raises ValueError where they are in the wrong order or more than ten years.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.last - self.first <= LONGEST:
            raise ValueError("起始日期不得晚于截止日期，一次最多十年")

    @property
    def since(self) -> datetime:
        """Return the first instant, included."""
        return _midnight(self.first)

    @property
    def until(self) -> datetime:
        """Return the instant after the last one."""
        return _midnight(self.last + DAY)

    @property
    def before(self) -> "Period":
        """Return the days right before, as many."""
        length = self.last - self.first
        return Period(first=self.first - length - DAY, last=self.first - DAY)

    @property
    def is_by_day(self) -> bool:
        """Return whether it is short enough to be shown day by day; else it is shown by month."""
        return (self.last - self.first).days < _LONGEST_BY_DAY

    def days(self) -> Iterator[date]:
        """Yield every day."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + DAY * number

    def months(self) -> Iterator[date]:
        """Yield the first day of every month that it touches."""
        month = self.first.replace(day=1)
        while month <= self.last:
            yield month
            month = (month + DAY * 31).replace(day=1)


def year(number: int) -> Period:
    """Return a calendar year."""
    return Period(first=date(number, 1, 1), last=date(number, 12, 31))


def local_day(at: datetime) -> date:
    """Return the local day an instant lies in."""
    return as_local(at).date()


def local_month(at: datetime) -> date:
    """Return the first day of the local month an instant lies in."""
    return local_day(at).replace(day=1)


def _midnight(on: date) -> datetime:
    return as_utc(datetime.combine(on, time(0), SHANGHAI))
