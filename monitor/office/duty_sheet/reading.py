"""The month's duty sheet to the shifts of a month, or every fault at once with its cell."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from monitor.clock import SHANGHAI, as_utc
from monitor.errors import ConfigurationError
from monitor.office.duty_sheet.days import UNDATED, WEEK, Stated, days_in, stated_month, weekday_in
from monitor.office.duty_sheet.grid import Grid, Place, place_name, read_grids
from monitor.office.duty_sheet.heading import Block, DutyColumn, Heading, find_heading
from monitor.office.duty_sheet.hours import Hours, UnsaidHoursError, hours_in, whole_day
from monitor.office.duty_sheet.names import NOBODY, UnknownNameError, people_in
from monitor.office.model import MonthRota, Office, Shift

DAY = timedelta(days=1)
MOST_FAULTS = 200
"""More are counted only."""

_NOTE = re.compile(r"备?注|说明|要求|合计|总计|电话|值班电话|制表|审核")
_HEADLESS = "没有找到表头：须有一行写明“日期”和“值班员”“带班领导”等（或 office.yaml 的层级名称）"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutySheet:
    """What a sheet says of its month; `notes` are for the person who looks at it before it is kept."""

    month: date
    rotas: tuple[MonthRota, ...]
    notes: tuple[str, ...]


def read_duty_sheet(body: bytes, name: str, office: Office, month: date | None = None) -> DutySheet:
    """Read the sheet of a month from a workbook; `month`, any day of it, where the workbook does not say.

    Raises ConfigurationError with every fault, each with its cell: `值班表.xlsx!C7: …`.
    """
    found = [(grid, heading) for grid in read_grids(body, name) if (heading := find_heading(grid, office))]
    if not found:
        raise ConfigurationError((f"{name}: {_HEADLESS}",))
    if month is not None and len(found) > 1:
        found = [(g, h) for g, h in found if stated_month(h.titles).month == month.month] or found
    if len(found) > 1:
        titles = "、".join(grid.title for grid, _ in found)
        raise ConfigurationError(
            (f"{name}: 有 {len(found)} 张值班表（{titles}），请用 --month 2026-11 指明哪个月",)
        )
    grid, heading = found[0]
    return _Reading(grid, heading, office, name, month).read()


@dataclass(slots=True)
class _Row:
    """A row of one block: its days, its hours, and whose names stand where."""

    number: int
    days: tuple[date, ...]
    hours: Hours | None
    is_continued: bool


@dataclass(slots=True)
class _Found:
    """What was read so far."""

    shifts: dict[tuple[int, str], list[tuple[Place, Shift]]] = field(default_factory=dict)
    ranges: dict[int, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    days: set[date] = field(default_factory=set)
    faults: list[tuple[Place, str]] = field(default_factory=list)


class _Reading:
    """One pass over one sheet."""

    def __init__(self, grid: Grid, heading: Heading, office: Office, name: str, month: date | None) -> None:
        self._grid = grid
        self._heading = heading
        self._office = office
        self._name = name
        stated = stated_month(heading.titles)
        self._stated = Stated(year=month.year, month=month.month) if month else stated
        self._found = _Found()

    def read(self) -> DutySheet:
        for block in self._heading.blocks:
            self._read_block(block)
        month = self._month()
        if not (self._found.ranges or self._found.faults):
            self._fault((self._heading.row, 1), "表头下面没有排班")
        if self._found.faults:
            lines = [f"{self._name}!{place_name(at)}: {why}" for at, why in sorted(set(self._found.faults))]
            more = (f"{self._name}: 另有 {len(lines) - MOST_FAULTS} 处",) if len(lines) > MOST_FAULTS else ()
            raise ConfigurationError((*lines[:MOST_FAULTS], *more))
        assert month is not None  # noqa: S101 - without one there is a fault
        rotas = tuple(self._rota(level, month) for level in sorted(self._found.ranges))
        return DutySheet(month=month, rotas=rotas, notes=tuple(self._notes(month)))

    def _fault(self, place: Place, why: str) -> None:
        if why != UNDATED or all(said != UNDATED for _, said in self._found.faults):  # once is enough
            self._found.faults.append((self._grid.anchor(place), why))

    def _read_block(self, block: Block) -> None:
        before: _Row | None = None
        for number in range(self._heading.row + 1, self._grid.rows + 1):
            row = self._row(block, number, before)
            if row is None:
                continue
            for column in block.duties:
                self._read_names(row, column)
            before = row

    def _row(self, block: Block, number: int, before: _Row | None) -> _Row | None:
        """Return one row, or None for one without a duty: empty, a note, the heading again."""
        place = (number, block.day)
        value = self._grid.cells.get(place)
        named = [t for column in block.duties if (t := self._grid.text((number, column.number)))]
        is_heading = value is not None and value == self._grid.cells.get((self._heading.row, block.day))
        if is_heading or (value is None and not named):
            return None
        try:
            days = before.days if value is None and before else days_in(value or "", self._stated)
            if days is None:
                said = self._grid.text(place)
                if not _NOTE.match(said) and any(text != said for text in named):
                    raise ValueError(f"“{said}”不是日期")  # noqa: TRY301
                return None
            is_continued = before is not None and days == before.days
            if value is not None:
                self._check_days(block, number, days)
            return _Row(number, days, self._hours(block, number), is_continued)
        except UnsaidHoursError as error:
            self._fault((number, block.shift or block.day), str(error))
        except ValueError as error:
            self._fault(place, str(error))
        return _Row(number, (), None, is_continued=False)

    def _hours(self, block: Block, number: int) -> Hours | None:
        return hours_in(self._grid.text((number, block.shift)), self._office) if block.shift else None

    def _check_days(self, block: Block, number: int, days: tuple[date, ...]) -> None:
        """Note what is wrong with the days of a row: of another month, or of another weekday."""
        place = (number, block.day)
        month = self._month() or days[0].replace(day=1)
        if any(on.replace(day=1) != month for on in days):
            self._fault(place, f"{days[-1]} 不在 {month.year} 年 {month.month} 月")
        self._found.days.update(days)
        for at in [place] if block.weekday is None else [place, (number, block.weekday)]:
            said = weekday_in(self._grid.text(at))
            if len(days) == 1 and said is not None and said != days[0].weekday():
                right = WEEK[days[0].weekday()]
                self._fault(at, f"{days[0].month}月{days[0].day}日是星期{right}，表中写的是星期{WEEK[said]}")

    def _month(self) -> date | None:
        """Return the month as stated, or that of the first day found."""
        if self._stated.year and self._stated.month:
            return date(self._stated.year, self._stated.month, 1)
        return min(self._found.days).replace(day=1) if self._found.days else None

    def _read_names(self, row: _Row, column: DutyColumn) -> None:
        place = (row.number, column.number)
        text = self._grid.text(place)
        if not text:
            if not row.is_continued or row.hours is not None:
                self._fault(place, f"没有写{column.said}；确实无人值班请写“无”")
            return
        try:
            hours = row.hours or hours_in(column.said, self._office) or whole_day(self._office)
            people = () if text in NOBODY else people_in(text, self._office, column.level)
        except (UnsaidHoursError, UnknownNameError) as error:
            self._fault(place, str(error))
            return
        if not people and text not in NOBODY:
            self._fault(place, f"“{text}”里没有姓名")
        for on in row.days:
            since, until = _range(on, hours)
            self._found.ranges.setdefault(column.level, []).append((since, until))
            for person in people:
                self._add(place, Shift(level=column.level, person=person, since=since, until=until))

    def _add(self, place: Place, shift: Shift) -> None:
        """Add a shift; the same person twice at one time is a fault, unless both are one merged cell."""
        written = self._found.shifts.setdefault((shift.level, shift.person), [])
        for at, other in written:
            if shift.since < other.until and other.since < shift.until:
                if self._grid.anchor(at) != self._grid.anchor(place):
                    self._fault(place, f"与 {place_name(at)} 是同一人，时间重叠")
                return
        written.append((place, shift))

    def _rota(self, level: int, month: date) -> MonthRota:
        """Return one level's shifts, which hold from the first to the last day written, 无 included."""
        written = [w for (number, _), some in self._found.shifts.items() if number == level for w in some]
        ranges = self._found.ranges[level]
        return MonthRota(
            month=month,
            level=level,
            since=min(since for since, _ in ranges),
            until=max(until for _, until in ranges),
            shifts=tuple(sorted((shift for _, shift in written), key=lambda s: (s.since, s.person))),
        )

    def _notes(self, month: date) -> Iterator[str]:
        missing = [on for on in days_of(month) if on not in self._found.days]
        if missing:
            yield f"表中没有的日子：{say_days(missing)}"
        for place in self._heading.unused:
            yield f"没有用到的列：{self._grid.text(place)}（{place_name(place)}）"


def days_of(month: date) -> tuple[date, ...]:
    """Return the days of the month that begins on this one."""
    days = (month + DAY * n for n in range(31))
    return tuple(on for on in days if on.month == month.month)


def say_days(days: Iterable[date]) -> str:
    """Return 1-3日、24日 of days of one month, in order."""
    runs: list[list[int]] = []
    for on in days:
        if runs and on.day == runs[-1][-1] + 1:
            runs[-1].append(on.day)
        else:
            runs.append([on.day])
    return "、".join(f"{run[0]}-{run[-1]}日" if len(run) > 1 else f"{run[0]}日" for run in runs)


def _range(on: date, hours: Hours) -> tuple[datetime, datetime]:
    since, until = hours
    ends_on = on if until > since else on + DAY
    return (
        as_utc(datetime.combine(on, since, SHANGHAI)),
        as_utc(datetime.combine(ends_on, until, SHANGHAI)),
    )
