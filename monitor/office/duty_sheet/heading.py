"""Where a sheet's heading stands, and which column is the day, the weekday, the shift, and whose names."""

import re
from dataclasses import dataclass

from monitor.office.duty_sheet.grid import Grid, Place
from monitor.office.model import Office

DEEPEST = 15
"""The heading begins in one of the first rows."""

_DATE = re.compile(r"(?:值班)?日期.*|日|月日")
_TIME = re.compile(r"(?:值班)?时间(?:\(.*\))?")
_SHIFT = re.compile(r"班次|班别|(?:值班)?时段")
_WEEKDAY = re.compile(r"星期.?|周.?|礼拜.?")
_OTHER = re.compile(r"电话|手机|号码|联系方式|备注|地点|职务|序号")
_UNDER = re.compile(r"[白夜日早中晚]班|姓名|\d[:时点]")
_LEVELS = (
    (2, re.compile(r"主任|负责人|中层|科长|股长|组长")),
    (3, re.compile(r"带班|领导")),
    (
        1,
        re.compile(
            r"值班(?:工作)?(?:人员|员|人|干部|同志)|值班$|^(?:主|副)(?:班|值)|^(?:白|夜|日|早|中|晚)班"
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyColumn:
    """A column of names; `said` is what the heading says, hours of a shift perhaps included."""

    number: int
    level: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Columns that belong to one column of days; a sheet may have two side by side."""

    day: int
    weekday: int | None
    shift: int | None
    duties: tuple[DutyColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading's last row, its words and the titles above it, and columns of which nothing is taken."""

    row: int
    titles: tuple[str, ...]
    blocks: tuple[Block, ...]
    unused: tuple[Place, ...]


def find_heading(grid: Grid, office: Office) -> Heading | None:
    """Return the first row that names a day and people on duty, and what belongs to it; None without one."""
    for row in range(1, min(grid.rows, DEEPEST) + 1):
        last, said = _joined(grid, row)
        blocks = _blocks(said, office)
        if blocks:
            titles = (grid.text((above, c)) for above in range(1, row) for c in range(1, grid.columns + 1))
            used = {n for b in blocks for n in (b.day, b.weekday, b.shift, *(d.number for d in b.duties))}
            unused = tuple((row, n) for n, word in said.items() if n not in used and not _OTHER.search(word))
            shown = (*dict.fromkeys(filter(None, titles)), *said.values(), grid.title)
            return Heading(row=last, titles=shown, blocks=blocks, unused=unused)
    return None


def _joined(grid: Grid, row: int) -> tuple[int, dict[int, str]]:
    """Return the last row of a heading that begins here, and its words by column, those below each added."""
    said = {n: "".join(grid.text((row, n)).split()) for n in range(1, grid.columns + 1)}
    days = [n for n, word in said.items() if _DATE.fullmatch(word) or _TIME.fullmatch(word)]
    last = row
    while days and last < grid.rows and _continues(grid, row, last + 1, days[0]):
        last += 1
        for n in said:
            below = "".join(grid.text((last, n)).split())
            if grid.anchor((last, n)) != grid.anchor((last - 1, n)):
                said[n] += below
    return last, {n: word for n, word in said.items() if word}


def _continues(grid: Grid, row: int, below: int, day: int) -> bool:
    """Return whether a row still belongs to the heading: merged into it, or naming shifts and no day."""
    if grid.anchor((below, day)) == grid.anchor((row, day)):
        return True
    is_dayless = not grid.text((below, day))
    return is_dayless and any(_UNDER.search(grid.text((below, n))) for n in range(1, grid.columns + 1))


def _blocks(said: dict[int, str], office: Office) -> tuple[Block, ...]:
    dates = [n for n, word in said.items() if _DATE.fullmatch(word)]
    times = [n for n, word in said.items() if _TIME.fullmatch(word)]
    days = [n for n in dates or times if n - 1 not in (dates or times)]
    blocks = []
    for place, day in enumerate(days):
        first = day if place else 1
        end = days[place + 1] if place + 1 < len(days) else max(said) + 1
        here = {n: word for n, word in said.items() if first <= n < end and n != day}
        shifts = [n for n, word in here.items() if _SHIFT.fullmatch(word) or (dates and n in times)]
        weekdays = [n for n, word in here.items() if _WEEKDAY.fullmatch(word)]
        duties = tuple(
            DutyColumn(number=n, level=level, said=word)
            for n, word in here.items()
            if n not in shifts and (level := _level(word, office)) is not None
        )
        if duties:
            weekday, shift = next(iter(weekdays), None), next(iter(shifts), None)
            blocks.append(Block(day=day, weekday=weekday, shift=shift, duties=duties))
    return tuple(blocks)


def _level(said: str, office: Office) -> int | None:
    """Return the level whose people this column names: by the office's own word for it, or the usual ones."""
    if _OTHER.search(said):
        return None
    own = [level.number for level in office.levels if level.name in said]
    if own:
        return own[0]
    known = {level.number for level in office.levels}
    return next((n for n, word in _LEVELS if n in known and word.search(said)), None)
