"""Who is on duty as people read it: now and next, day by day, and where nobody is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from alerts.rota import Span, duty_spans, missing_year, unknown_year
from monitor.clock import SHANGHAI, as_local, as_utc
from monitor.deadlines.workdays import UnknownYearError, is_workday
from monitor.desk import words
from monitor.office.duty_sheet.days import WEEK
from monitor.office.model import CalendarYear, Level, Office, Person

DAY = timedelta(days=1)
AHEAD = timedelta(days=31)
"""How far the next change is looked for."""

WARNED = timedelta(days=7)
"""How long before nobody is on duty the desk says so."""

LISTED = timedelta(days=366)
"""Substitutions that begin later are not listed yet."""

NOBODY = "无人值班"


@dataclass(frozen=True, slots=True, kw_only=True)
class NowView:
    """One level: who is on duty until when, and who comes then; `next` is empty if nothing changes."""

    level: Level
    people: str
    until: str
    next: str
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """People of one level during some hours of a day; `hours` are empty for a whole day."""

    people: str
    hours: str
    is_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """One day of the calendar; `duties` by level, `is_off` None where nobody knows yet."""

    on: date
    weekday: str
    is_off: bool | None
    is_today: bool
    duties: tuple[tuple[Level, tuple[Duty, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nobody is on duty at this level."""

    level: Level
    span: str


def month_range(month: date) -> tuple[datetime, datetime]:
    """Return the instants from which to which a calendar of this month looks, a day more on either side."""
    return _midnight(month - DAY), _midnight(next_month(month) + DAY)


def next_month(month: date) -> date:
    """Return the first day of the month after the one that this day is of."""
    return (month.replace(day=28) + 4 * DAY).replace(day=1)


def now_views(office: Office, now: datetime) -> tuple[NowView, ...]:
    """Return who is on duty at each level."""
    return tuple(_now_view(office, level, now) for level in office.levels)


def _now_view(office: Office, level: Level, now: datetime) -> NowView:
    current, *later = duty_spans(office, level.number, now, now + AHEAD)
    return NowView(
        level=level,
        people=_names(current.people),
        until=words.when(current.until, now) if later else "",
        next=_names(later[0].people) if later else "",
        is_empty=not current.people,
    )


def month_days(office: Office, month: date, now: datetime) -> tuple[DayView, ...]:
    """Return every day of a month with who is on duty at each level.

    A level's day begins when its shifts usually change: what a duty sheet puts on a day stands on that day.
    """
    since, until = month_range(month)
    spans = [(level, duty_spans(office, level.number, since, until)) for level in office.levels]
    levels = [(level, all_, _change_time(all_)) for level, all_ in spans]
    return tuple(
        DayView(
            on=on,
            weekday=f"周{WEEK[on.weekday()]}",
            is_off=_is_off(on, office.calendar),
            is_today=on == as_local(now).date(),
            duties=tuple((level, _duties(all_, on, begins)) for level, all_, begins in levels),
        )
        for on in (month + DAY * n for n in range(31))
        if on.month == month.month
    )


def _change_time(spans: Sequence[Span]) -> time:
    """Return the time of day at which people change most often, the earliest of several."""
    times = Counter(as_local(span.since).time() for span in spans[1:])
    return min(times, key=lambda at: (-times[at], at), default=time(8))


def _duties(spans: Sequence[Span], on: date, begins: time) -> tuple[Duty, ...]:
    """Return who is on duty during the 24 hours from this time of the day on."""
    since = as_utc(datetime.combine(on, begins, SHANGHAI))
    until = since + DAY
    return tuple(
        Duty(
            people=_names(span.people),
            hours=_hours(on, max(span.since, since), min(span.until, until)),
            is_empty=not span.people,
        )
        for span in spans
        if span.since < until and since < span.until
    )


def _hours(on: date, since: datetime, until: datetime) -> str:
    """Return 08:00–18:00 or 18:00–次日08:00; nothing for 24 hours."""
    if until - since >= DAY:
        return ""
    first, last = ((as_local(at).date() > on, f"{as_local(at):%H:%M}") for at in (since, until))
    return "–".join(f"{'次日' if is_next else ''}{clock}" for is_next, clock in (first, last))


def _is_off(on: date, calendar: Sequence[CalendarYear]) -> bool | None:
    try:
        return not is_workday(on, calendar)
    except UnknownYearError:
        return None


def gaps(office: Office, now: datetime, until: datetime) -> tuple[Gap, ...]:
    """Return when nobody is on duty from `now` on, by level."""
    return tuple(
        Gap(level=level, span=f"{words.when(span.since, now)} 至 {words.when(span.until, now)}")
        for level in office.levels
        for span in duty_spans(office, level.number, now, until)
        if not span.people
    )


def year_fault(office: Office, now: datetime) -> str | None:
    """Return what the rotations or the office's own calendar lack for the coming month, or None.

    An office that writes days of a year into its calendar counts on that year being known.
    """
    if fault := unknown_year(office, now + AHEAD):
        return f"{fault}。在此之前，按工作日、节假日轮班的人员一律算在岗。"
    written = {year.year for year in office.calendar}
    needed = sorted(written & {as_local(now).year, as_local(now + AHEAD).year})
    if fault := next((f for year in needed if (f := missing_year(year, office.calendar))), None):
        return f"{fault}。在此之前，按工作日写的承诺期限须由人填写日期。"
    return None


def _names(people: Sequence[Person]) -> str:
    return "、".join(person.name for person in people) or NOBODY


def _midnight(on: date) -> datetime:
    return as_utc(datetime.combine(on, time(0), SHANGHAI))
