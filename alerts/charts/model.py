"""What a chart shows, before it is drawn."""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """As what a chart is handed out."""

    SVG = "svg"
    PNG = "png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of figures with its name; None is no figure, and is not 0."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A line across the chart at a value of its own: a deadline, a target."""

    name: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Figures along labels: `unit` is what is counted, every series has one value for each label.

    Raises ValueError where it has not, or where there is nothing to draw along.
    """

    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    limit: Limit | None = None

    def __post_init__(self) -> None:
        if not self.labels or not self.series:
            raise ValueError(f"nothing to draw: {self.title}")
        if any(len(series.values) != len(self.labels) for series in self.series):
            raise ValueError(f"a value for each label: {self.title}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Figures in cells: one row of `values` for each of `rows`, in it one value for each of `columns`.

    Raises ValueError where that is not so, or where there are no cells.
    """

    title: str
    unit: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]

    def __post_init__(self) -> None:
        if not self.rows or not self.columns:
            raise ValueError(f"nothing to draw: {self.title}")
        if [len(row) for row in self.values] != [len(self.columns)] * len(self.rows):
            raise ValueError(f"a value for each cell: {self.title}")
