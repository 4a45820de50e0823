"""Who is on duty at a level."""

from datetime import datetime

from monitor.office.model import Office, Person


def on_duty(office: Office, level: int, now: datetime) -> tuple[Person, ...]:
    """Return the people on duty at this level at `now`; empty means nobody.

    A level without shifts is always staffed by everybody who has it; a level with shifts only by whom
    they name.
    """
    if level not in office.rostered_levels:
        return tuple(person for person in office.people if person.level == level)
    names = [s.person for s in office.shifts if s.level == level and s.since <= now < s.until]
    return tuple(person for name in names if (person := office.person(name)) is not None)


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
