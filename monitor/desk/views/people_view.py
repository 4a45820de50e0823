"""`office.yaml` as it holds: who is told through what, and what rings at night."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.office.model import ChannelSpec, Department, Level, Office, Person, QuietHours


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLine:
    """A channel of somebody, in the order tried; never its address."""

    spec: ChannelSpec
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """Somebody who can be told: level, channels, the quiet hours of the level, and whether anything rings."""

    who: Person | Department
    level: Level | None
    channels: tuple[ChannelLine, ...]
    quiet: QuietHours | None
    is_administrator: bool = False

    @property
    def rings(self) -> tuple[str, ...]:
        """Return the channels that ring."""
        return tuple(line.spec.name for line in self.channels if line.spec.rings)


def people_lines(office: Office) -> tuple[PersonLine, ...]:
    """Return the people of the levels from the lowest up, then the others."""
    levels = {level.number: level for level in office.levels}
    quiet = {hours.level: hours for hours in office.quiet_hours}
    lines = [
        PersonLine(
            who=person,
            level=levels.get(person.level) if person.level is not None else None,
            channels=_channels(office, person.channels),
            quiet=quiet.get(person.level) if person.level is not None else None,
            is_administrator=person.id in office.administrators,
        )
        for person in office.people
    ]
    return tuple(sorted(lines, key=lambda line: line.level.number if line.level else office.top_level + 1))


def department_lines(office: Office) -> tuple[PersonLine, ...]:
    """Return the departments in the order of the file."""
    return tuple(
        PersonLine(who=department, level=None, channels=_channels(office, department.channels), quiet=None)
        for department in office.departments
    )


def _channels(office: Office, names: Iterable[str]) -> tuple[ChannelLine, ...]:
    specs = [spec for name in names if (spec := office.channel(name)) is not None]
    return tuple(ChannelLine(spec=spec, is_first=not place) for place, spec in enumerate(specs))
