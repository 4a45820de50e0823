"""Charts: black on white, words as words, nothing of the day or the machine, and 0 is not "no figure"."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest
from PIL import Image, ImageChops

from alerts.charts import Chart, Form, Grid, Limit, Series, bar_chart, heat_map, line_chart, may_draw_png

CHART = Chart(
    title="每日新发现舆情",
    unit="件",
    labels=("3月2日", "3月3日", "3月4日"),
    series=(Series(name="本周", values=(1, None, 0)), Series(name="上周", values=(2, 2, 5))),
    limit=Limit(name="时限", value=4),
)
GRID = Grid(
    title="按乡镇",
    unit="件",
    rows=("白水镇", "青石镇"),
    columns=("一月", "二月"),
    values=((1, None), (0, 12)),
)
DRAWINGS: list[Callable[[Form], bytes]] = [
    lambda form: line_chart(CHART, form),
    lambda form: bar_chart(CHART, form),
    lambda form: bar_chart(CHART, form, is_lying=True),
    lambda form: heat_map(GRID, form),
]
every_drawing = pytest.mark.parametrize("draw", DRAWINGS, ids=["lines", "bars", "lying bars", "cells"])


def words(svg: bytes) -> str:
    """Return the words of a picture that is well formed."""
    return "".join(fromstring(svg).itertext())  # noqa: S314 - our own


@every_drawing
def test_a_picture_names_its_fonts_and_keeps_its_words(draw: Callable[[Form], bytes]) -> None:
    svg = draw(Form.SVG)
    assert b"'Noto Sans CJK SC'" in svg
    assert b"<script" not in svg
    assert not re.search(rb'(?:href|src)="(?!#)', svg)
    assert "（件）" in words(svg)


@every_drawing
def test_equal_values_give_equal_bytes(draw: Callable[[Form], bytes]) -> None:
    for form in Form:
        assert draw(form) == draw(form)


@every_drawing
def test_a_picture_to_print_is_as_wide_as_the_text_and_without_colour(draw: Callable[[Form], bytes]) -> None:
    assert may_draw_png()
    picture = Image.open(io.BytesIO(draw(Form.PNG)))
    assert picture.width / 220 * 25.4 == pytest.approx(156, abs=0.5)
    red, green, blue = picture.convert("RGB").split()
    for one, other in ((red, green), (green, blue), (red, blue)):
        assert max(ImageChops.difference(one, other).tobytes()) < 32


@every_drawing
def test_no_figure_is_said_or_hatched_and_never_drawn_as_nought(draw: Callable[[Form], bytes]) -> None:
    known = replace(CHART, series=(Series(name="本周", values=(1, 0, 0)), CHART.series[1]))
    drawings = [
        (CHART, known, line_chart),
        (CHART, known, bar_chart),
    ]
    assert draw(Form.SVG)
    for missing, nought, way in drawings:
        assert way(missing, Form.SVG) != way(nought, Form.SVG)
    assert "无数据" in words(bar_chart(CHART, Form.SVG))
    assert "无数据" not in words(bar_chart(known, Form.SVG))


def test_series_are_told_apart_by_hatching_and_dashes() -> None:
    assert bar_chart(CHART, Form.SVG).count(b"<pattern") == 1
    assert b"stroke-dasharray" in line_chart(replace(CHART, limit=None), Form.SVG)


def test_what_is_written_is_never_taken_for_a_formula_or_for_markup() -> None:
    chart = replace(CHART, title="$x^2$ <b>&", labels=("$a$", "<i>", "]]>"))
    said = words(bar_chart(chart, Form.SVG))
    assert "$x^2$ <b>&（件）" in said
    assert "$a$" in said


@pytest.mark.parametrize(
    "faulty",
    [
        lambda: replace(CHART, labels=()),
        lambda: replace(CHART, series=()),
        lambda: replace(CHART, labels=("一",)),
        lambda: replace(GRID, rows=()),
        lambda: replace(GRID, columns=("一月",)),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(faulty: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"每日新发现舆情|按乡镇"):
        faulty()
