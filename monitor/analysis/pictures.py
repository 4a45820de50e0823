"""From a table to its chart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from alerts.charts import Chart, Form, Grid, Series, bar_chart, heat_map, line_chart
from monitor.analysis.table import Kind, Table

_MOST_BARS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn, and by what; equal ones are drawn once."""

    shown: Chart | Grid
    is_line: bool = False
    is_lying: bool = False


Picture = Callable[[Table, str], Drawing | None]
"""Makes a drawing of a table under a title; None where it has nothing to show."""


@lru_cache(maxsize=64)
def draw(drawing: Drawing) -> bytes:
    """Return the SVG of a drawing: up to 0.2 s, so never in the event loop."""
    match drawing.shown:
        case Grid():
            return heat_map(drawing.shown, Form.SVG)
        case Chart() if drawing.is_line:
            return line_chart(drawing.shown, Form.SVG)
    return bar_chart(drawing.shown, Form.SVG, is_lying=drawing.is_lying)


def lines(along: str, keys: tuple[str, ...], unit: str) -> Picture:
    """Return what draws a line for each of these columns, for all but the first where none is named."""

    def picture(table: Table, title: str) -> Drawing | None:
        chart = _chart(table, title, along, keys, unit)
        return Drawing(shown=chart, is_line=True) if chart else None

    return picture


def bars(along: str, keys: tuple[str, ...], unit: str) -> Picture:
    """Return what draws bars side by side for each row but the totals."""

    def picture(table: Table, title: str) -> Drawing | None:
        chart = _chart(_without_total(table), title, along, keys, unit)
        return Drawing(shown=chart) if chart else None

    return picture


def lying(along: str, keys: tuple[str, ...], unit: str) -> Picture:
    """Return what draws bars that lie, for long names: the first rows, the totals left out."""

    def picture(table: Table, title: str) -> Drawing | None:
        kept = _without_total(table)
        top = Table(columns=kept.columns, rows=kept.rows[:_MOST_BARS])
        some = f"{title}，前 {_MOST_BARS} 项" if len(kept.rows) > _MOST_BARS else title
        chart = _chart(top, some, along, keys, unit)
        return Drawing(shown=chart, is_lying=True) if chart else None

    return picture


def days(unit: str) -> Picture:
    """Return what draws a heat map of the cells behind the first column."""

    def picture(table: Table, title: str) -> Drawing | None:
        if not any(isinstance(cell, int) and cell for row in table.rows for cell in row[1:]):
            return None
        grid = Grid(
            title=title,
            unit=unit,
            rows=tuple(str(row[0]) for row in table.rows),
            columns=tuple(column.name.removesuffix("日") for column in table.columns[1:]),
            values=tuple(
                tuple(None if isinstance(cell, str) else cell for cell in row[1:]) for row in table.rows
            ),
        )
        return Drawing(shown=grid)

    return picture


def _without_total(table: Table) -> Table:
    return Table(columns=table.columns, rows=tuple(row for row in table.rows if row[0] != "合计"))


def _chart(table: Table, title: str, along: str, keys: tuple[str, ...], unit: str) -> Chart | None:
    shown = [column for column in table.columns if column.key in keys] or list(table.columns[1:])
    series = tuple(
        Series(name=column.name, values=tuple(_scaled(table.figures(column.key), column.kind)))
        for column in shown
    )
    is_rate = any(column.kind is Kind.RATE for column in shown)  # of which 0 says the most
    if not any(value or (is_rate and value == 0) for each in series for value in each.values):
        return None
    labels = tuple(str(cell) for cell in table.column(along))
    return Chart(title=title, unit=unit, labels=labels, series=series)


def _scaled(values: Iterable[float | None], kind: Kind) -> Iterable[float | None]:
    """Return what is drawn: rates in percent, lengths to a tenth of an hour."""
    scale = 100 if kind is Kind.RATE else 1
    return (None if value is None else round(value * scale, 1) for value in values)
