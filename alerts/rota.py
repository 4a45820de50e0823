"""Who is on duty at a level: substitutions first, then the imported month, then `office.yaml`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from monitor.clock import SHANGHAI, as_local, as_utc
from monitor.deadlines.workdays import UnknownYearError, count_workdays, is_workday
from monitor.office.model import CalendarYear, Days, Office, Person, Rotation

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """During `[since, until)` these people are on duty at one level."""

    since: datetime
    until: datetime
    people: tuple[Person, ...]


def on_duty(office: Office, level: int, now: datetime) -> tuple[Person, ...]:
    """Return the people on duty at this level at `now`; empty means nobody.

    A level without shifts is always staffed by everybody who has it; a level with shifts only by whom
    they name. Whoever is away is replaced by the stand-in, and by that one's stand-in in turn.
    """
    names = (standing_for(office, name, now) for name in _scheduled(office, level, now))
    present = dict.fromkeys(name for name in names if name is not None)
    return tuple(person for name in present if (person := office.person(name)) is not None)


def level_of(office: Office, person_id: str, now: datetime) -> int | None:
    """Return the highest level at which this person is on duty, else the person's own level.

    None for outsiders.
    """
    person = office.person(person_id)
    if person is None:
        return None
    standing = [
        lv.number for lv in office.levels if any(p.id == person_id for p in on_duty(office, lv.number, now))
    ]
    if person.level is not None:
        standing.append(person.level)
    return max(standing, default=None)


def duty_spans(office: Office, level: int, since: datetime, until: datetime) -> tuple[Span, ...]:
    """Return who is on duty at this level during `[since, until)`, one span for each change of people."""
    spans: list[Span] = []
    starts = [since, *changes_between(office, level, since, until)]
    for start, end in zip(starts, [*starts[1:], until], strict=True):
        people = on_duty(office, level, start)
        if spans and spans[-1].people == people:
            spans[-1] = Span(since=spans[-1].since, until=end, people=people)
        else:
            spans.append(Span(since=start, until=end, people=people))
    return tuple(spans)


def changes_between(office: Office, level: int, after: datetime, until: datetime) -> list[datetime]:
    """Return the instants of `(after, until)`, in order, at which other people may be on duty."""
    months = [month for month in office.months if month.level == level]
    shifts = [s for s in office.shifts if s.level == level] + [s for m in months for s in m.shifts]
    ranges = [(shift.since, shift.until) for shift in shifts]
    ranges += [(month.since, month.until) for month in months]
    ranges += [(away.since, away.until) for away in office.substitutions]
    first = as_local(after).date() - DAY
    days = [first + DAY * n for n in range((as_local(until).date() - first).days + 1)]
    ranges += [shift_range(r, on) for r in office.rotations if r.level == level for on in days]
    return sorted({at for range_ in ranges for at in range_ if after < at < until})


def standing_for(office: Office, person_id: str, now: datetime) -> str | None:
    """Return who does this person's duty at `now`: the person, a stand-in, or nobody.

    Of several substitutions at once one with a stand-in counts before one without, the latest first. Two
    who stand in for each other have swapped.
    """
    current = [s for s in office.substitutions if s.since <= now < s.until]
    seen = [person_id]
    while away := [s for s in current if s.person == seen[-1]]:
        stand_in = max(away, key=lambda s: (s.stand_in is not None, s.id)).stand_in
        if stand_in is None:
            return None
        if stand_in in seen:
            break
        seen.append(stand_in)
    return seen[-1]


def _scheduled(office: Office, level: int, now: datetime) -> Iterable[str]:
    """Return whom the rota names, whether present or not."""
    months = [m for m in office.months if m.level == level and m.since <= now < m.until]
    if months:
        return [s.person for month in months for s in month.shifts if s.since <= now < s.until]
    if level not in office.rostered_levels:
        return [person.id for person in office.people if person.level == level]
    names = [s.person for s in office.shifts if s.level == level and s.since <= now < s.until]
    for rotation in office.rotations:
        if rotation.level == level:
            names += _in_turn(rotation, office.calendar, now)
    return names


def _in_turn(rotation: Rotation, calendar: tuple[CalendarYear, ...], now: datetime) -> Iterator[str]:
    """Yield whose turn it is; everybody's where nobody knows yet which days are worked.

    To guess could leave the night unwatched; to tell one too many cannot.
    """
    for on in (as_local(now).date() - DAY, as_local(now).date()):
        since, until = shift_range(rotation, on)
        if on >= rotation.starts_on and since <= now < until:
            try:
                turn = _turn(rotation, calendar, on)
            except UnknownYearError:
                yield from rotation.people
            else:
                if turn is not None:
                    yield rotation.people[turn // rotation.days % len(rotation.people)]


def shift_range(rotation: Rotation, on: date) -> tuple[datetime, datetime]:
    """Return the instants between which the shift that begins on this local day lasts."""
    ends_on = on if rotation.until > rotation.since else on + DAY
    return (
        as_utc(datetime.combine(on, rotation.since, SHANGHAI)),
        as_utc(datetime.combine(ends_on, rotation.until, SHANGHAI)),
    )


@lru_cache(maxsize=4096)
def _turn(rotation: Rotation, calendar: tuple[CalendarYear, ...], on: date) -> int | None:
    """Return how many shifts of this rotation came before the one of this day, or None if it has none."""
    passed = (on - rotation.starts_on).days
    if rotation.on is Days.ALL:
        return passed
    worked = count_workdays(rotation.starts_on, on, calendar)
    if is_workday(on, calendar) is not (rotation.on is Days.WORKDAYS):
        return None
    return worked if rotation.on is Days.WORKDAYS else passed - worked


def unknown_year(office: Office, until: datetime) -> UnknownYearError | None:
    """Return the year that a rotation by days worked has to know until this instant and does not, or None."""
    last = as_local(until).year
    firsts = [rotation.starts_on.year for rotation in office.rotations if rotation.on is not Days.ALL]
    years = range(min(firsts, default=last + 1), last + 1)
    return next((fault for year in years if (fault := missing_year(year, office.calendar))), None)


@lru_cache(maxsize=64)
def missing_year(year: int, calendar: tuple[CalendarYear, ...]) -> UnknownYearError | None:
    """Return what is said of a year whose days worked nobody knows, or None."""
    try:
        count_workdays(date(year, 1, 1), date(year + 1, 1, 1), calendar)
    except UnknownYearError as error:
        return error
    return None
