"""A table with what it counts: the same for the desk, the API, files and charts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from monitor.analysis.facts import IncidentFact

Cell = str | int | float | None
"""None is "no figure": nothing to divide by, nothing measured; never 0."""

WITHOUT = "—"


class Kind(StrEnum):
    """What stands in a column: words, a count, a share from 0 to 1, hours, or any other figure."""

    TEXT = "text"
    COUNT = "count"
    RATE = "rate"
    HOURS = "hours"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: `key` for programs, `name` for people."""

    key: str
    name: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under columns; raises ValueError where a row has too many cells or too few."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a cell for each column")

    def column(self, key: str) -> tuple[Cell, ...]:
        """Return the cells of one column; raises ValueError where there is none."""
        at = [column.key for column in self.columns].index(key)
        return tuple(row[at] for row in self.rows)

    def figures(self, key: str) -> tuple[float | None, ...]:
        """Return the cells of a column of figures."""
        return tuple(None if isinstance(cell, str) else cell for cell in self.column(key))

    @property
    def is_empty(self) -> bool:
        """Return whether it counts nothing: every figure in it is 0, or there is none."""
        return not any(cell for row in self.rows for cell in row if not isinstance(cell, str))

    def shown(self) -> tuple[tuple[str, ...], ...]:
        """Return the rows as people read them."""
        kinds = [column.kind for column in self.columns]
        return tuple(tuple(map(say, row, kinds)) for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What codes are called in Chinese."""

    department: Callable[[str], str]
    kind: Callable[[IncidentFact], str]
    role: Callable[[str], str]
    severity: Callable[[int | None], str]


def say(cell: Cell, kind: Kind) -> str:
    """Return a cell as people read it: 85.7%, 3.5, — for no figure."""
    if cell is None:
        return WITHOUT
    if isinstance(cell, str):
        return cell
    if kind is Kind.RATE:
        return f"{cell:.1%}"
    return f"{cell:.1f}" if kind in (Kind.HOURS, Kind.NUMBER) else f"{cell:d}"


def rate(part: int, whole: int) -> float | None:
    """Return the share of a part in the whole, from 0 to 1; None where there is nothing to divide by."""
    return part / whole if whole else None


def text(key: str, name: str) -> Column:
    """Return a column of words."""
    return Column(key=key, name=name, kind=Kind.TEXT)


def counts(**names: str) -> tuple[Column, ...]:
    """Return columns of counts, by key and name."""
    return tuple(Column(key=key, name=name) for key, name in names.items())


def hours(**names: str) -> tuple[Column, ...]:
    """Return columns of hours, by key and name."""
    return tuple(Column(key=key, name=name, kind=Kind.HOURS) for key, name in names.items())


def share(key: str, name: str) -> Column:
    """Return a column of rates."""
    return Column(key=key, name=name, kind=Kind.RATE)


def table(columns: Iterable[Column], rows: Iterable[tuple[Cell, ...]]) -> Table:
    """Return the table of these columns and rows."""
    return Table(columns=tuple(columns), rows=tuple(rows))
