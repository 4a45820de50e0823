"""Charts drawn by matplotlib: black on white, told apart by hatching, markers and dashes.

The library is loaded with the first chart: most runs of a command draw none, and it takes most of a second.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from threading import Lock
from typing import TYPE_CHECKING, Any

from alerts.charts.fonts import FACES
from alerts.charts.model import Chart, Form, Grid, Limit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_MM = 156
"""As wide as the text area of a paper."""

_HEIGHT_MM = 72
_BAR_MM, _CELL_MM, _FRAME_MM = 8, 8, 26
_DPI = 220
_INCH_MM = 25.4
_INK = "#1f2937"
_FILLS = (("#ffffff", "////"), ("#9ca3af", ""), ("#ffffff", "...."), ("#4b5563", ""), ("#ffffff", "xxxx"))
_STROKES = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"), ((0, (6, 1, 1, 1, 1, 1)), "v"))
_MOST_TICKS, _MOST_MARKERS = 10, 62
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}

_STYLE: Any = {
    "font.family": [*FACES, "sans-serif"],
    "font.size": 9,
    "axes.unicode_minus": False,
    "axes.edgecolor": _INK,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "hatch.linewidth": 0.6,
    "hatch.color": _INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "huiying",
    "text.color": _INK,
    "text.parse_math": False,
}
_LOCK = Lock()
"""The library keeps its settings and letters for the whole program, unguarded."""


def bar_chart(chart: Chart, form: Form, *, is_lying: bool = False) -> bytes:
    """Return bars side by side for each label; `is_lying` for long labels, the first at the top."""
    count = len(chart.labels) * len(chart.series)
    height = max(_HEIGHT_MM // 2, _FRAME_MM + _BAR_MM * count) if is_lying else _HEIGHT_MM
    with _sheet(chart, height) as (figure, axes):
        thick = 0.8 / len(chart.series)
        for at, (series, (face, hatch)) in enumerate(zip(chart.series, cycle(_FILLS), strict=False)):
            places = [
                place + (at - (len(chart.series) - 1) / 2) * thick for place in range(len(chart.labels))
            ]
            draw = axes.barh if is_lying else axes.bar
            bars = draw(
                places,
                [value or 0 for value in series.values],
                thick * 0.9,
                label=series.name,
                facecolor=face,
                hatch=hatch,
                edgecolor=_INK,
            )
            said = [_say(value) for value in series.values]
            axes.bar_label(bars, labels=said, padding=2, fontsize=8, bbox=_PAPER)
        _label(figure, axes, chart, is_lying=is_lying)
        return _written(figure, form, chart.title)


def line_chart(chart: Chart, form: Form) -> bytes:
    """Return one line with markers for each series, broken where there is no figure."""
    with _sheet(chart, _HEIGHT_MM) as (figure, axes):
        for series, (dash, marker) in zip(chart.series, cycle(_STROKES), strict=False):
            values = [float("nan") if value is None else value for value in series.values]
            axes.plot(
                range(len(values)),
                values,
                linestyle=dash,
                marker=marker,
                markerfacecolor="white",
                markersize=5,
                markevery=-(-len(values) // _MOST_MARKERS),
                color=_INK,
                clip_on=False,
                label=series.name,
            )
        _label(figure, axes, chart, is_lying=False)
        return _written(figure, form, chart.title)


def heat_map(grid: Grid, form: Form) -> bytes:
    """Return a cell for each figure, the darker the more, with the figure in it; hatched is no figure."""
    known = [value for row in grid.values for value in row if value is not None]
    most = max(known, default=0) or 1
    with _sheet(grid, _FRAME_MM + _CELL_MM * len(grid.rows)) as (figure, axes):
        for top, row in enumerate(grid.values):
            for left, value in enumerate(row):
                _cell(axes, left, top, value, most)
        axes.set_xlim(-0.5, len(grid.columns) - 0.5)
        axes.set_ylim(len(grid.rows) - 0.5, -0.5)
        axes.set_xticks(*_ticks(grid.columns))
        axes.set_yticks(range(len(grid.rows)), grid.rows)
        axes.tick_params(length=0)
        return _written(figure, form, grid.title)


def _cell(axes: "Axes", left: int, top: int, value: float | None, most: float) -> None:
    shade = 1 - 0.8 * max(value or 0, 0) / most
    axes.bar(
        left,
        1,
        1,
        bottom=top - 0.5,
        facecolor=str(shade),
        edgecolor="#9ca3af",
        linewidth=0.5,
        hatch="////" if value is None else "",
    )
    if value is not None:
        axes.text(left, top, f"{value:g}", ha="center", va="center", color="white" if shade < 0.5 else _INK)


@contextmanager
def _sheet(shown: Chart | Grid, height_mm: float) -> "Iterator[tuple[Figure, Axes]]":
    """Lend an empty chart in our style; nobody else draws meanwhile."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with _LOCK, mpl.rc_context(_STYLE):
        size = (WIDTH_MM / _INCH_MM, height_mm / _INCH_MM)
        figure = Figure(figsize=size, layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        axes.set_title(f"{shown.title}（{shown.unit}）" if shown.unit else shown.title)
        yield figure, axes


def _label(figure: "Figure", axes: "Axes", chart: Chart, *, is_lying: bool) -> None:
    """Write on the axes what they are, and say what each series is where there are several."""
    from matplotlib.ticker import MaxNLocator

    ticks = (range(len(chart.labels)), chart.labels) if is_lying else _ticks(chart.labels)
    (axes.set_yticks if is_lying else axes.set_xticks)(*ticks)
    scale = axes.xaxis if is_lying else axes.yaxis
    scale.set_major_locator(MaxNLocator(5, integer=True))
    shown = [value for series in chart.series for value in series.values if value is not None]
    most = max((*shown, chart.limit.value if chart.limit else 0, 1)) * 1.15
    (axes.set_xlim if is_lying else axes.set_ylim)(0, most)
    if is_lying:
        axes.set_ylim(len(chart.labels) - 0.5, -0.5)
    if chart.limit:
        _draw_limit(axes, chart.limit, is_lying=is_lying)
    if len(chart.series) > 1 or chart.limit:
        figure.legend(frameon=False, ncols=4, loc="outside lower center", fontsize=8, handlelength=3)


def _draw_limit(axes: "Axes", limit: Limit, *, is_lying: bool) -> None:
    draw = axes.axvline if is_lying else axes.axhline
    draw(limit.value, linestyle=(0, (8, 3)), linewidth=1.5, color=_INK, label=limit.name)


def _ticks(labels: tuple[str, ...]) -> tuple[list[int], list[str]]:
    """Return where labels stand so that they do not run into each other: the first, then every n-th."""
    step = -(-len(labels) // _MOST_TICKS)
    places = list(range(0, len(labels), step))
    return places, [labels[place] for place in places]


def _say(value: float | None) -> str:
    return "无数据" if value is None else f"{value:g}"


def _written(figure: "Figure", form: Form, title: str) -> bytes:
    file = io.BytesIO()
    # Nothing of the day or the machine, so that equal values give equal bytes.
    unsaid = ("Date", "Creator") if form is Form.SVG else ("Software",)
    metadata = {"Title": title, **dict.fromkeys(unsaid)}
    with warnings.catch_warnings():
        # SVG leaves the words to whoever shows it: that this machine lacks the letters is no matter.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(file, format=form, dpi=_DPI, metadata=metadata)
    return file.getvalue()
