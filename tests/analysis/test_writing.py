"""Files of tables: what they hold, and that nothing in them is a formula."""

import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from monitor.analysis.assessment import sheets
from monitor.analysis.catalog import ANALYSES, Analysis
from monitor.analysis.pictures import draw
from monitor.analysis.table import Table, counts, share, table, text
from monitor.analysis.writing import Sheet, as_csv, as_xlsx
from tests.analysis.facts import NAMING, NOW, a_clock, an_arrival, an_incident, material
from tests.support.builders import after

HOSTILE = ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝HYPERLINK()", '=cmd|"/c calc"!A1']
FILLED = material(
    incidents=(an_incident(id=1), an_incident(id=2, event_type="fire", confirmed_at=NOW)),
    first_words={1: after(hours=2)},
    arrivals=(an_arrival("forum", 0), an_arrival("paper", 1)),
    clocks=(a_clock("water"), a_clock("police", id="b", state="breached")),
)


def read(made: bytes) -> Any:
    return load_workbook(io.BytesIO(made))


def of_words(*words: str) -> Table:
    return table((text("word", "词"), *counts(n="次"), share("r", "占比")), [(w, 1, 0.25) for w in words])


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_anybody_become_a_formula(words: str) -> None:
    page = read(as_xlsx([Sheet(title="词", table=of_words(words))], NOW))["词"]
    assert page["A2"].data_type == "s"
    assert page["A2"].value.startswith("'")
    assert as_csv(of_words(words)).split("\r\n", 1)[1].lstrip('"').startswith("'")


@given(words=st.text(st.characters(codec="utf-8"), max_size=40))
@settings(max_examples=50, deadline=None)
def test_a_workbook_takes_any_words(words: str) -> None:
    page = read(as_xlsx([Sheet(title="词", table=of_words(words))], NOW))["词"]
    assert page["A2"].data_type in "sn"
    assert (page["B2"].value, page["C2"].value) == (1, 0.25)


def test_a_rate_is_a_number_that_reads_as_percent_and_no_figure_is_empty() -> None:
    made = table((text("a", "项"), share("r", "率")), [("甲", 0.5), ("乙", None)])
    page = read(as_xlsx([Sheet(title="率", table=made, note="口径")], NOW))["率"]
    assert (page["B2"].value, page["B2"].number_format, page["B3"].value) == (0.5, "0.0%", None)
    assert page["A5"].value == "口径"
    assert as_csv(made) == "项,率\r\n甲,0.5\r\n乙,\r\n"


def test_the_assessment_has_a_row_for_each_department_a_list_of_the_late_and_its_own_explanation() -> None:
    book = read(as_xlsx(sheets(FILLED, NAMING, ("water", "police", "idle")), NOW))
    assert book.sheetnames == ["考核表", "逾期清单", "口径说明"]
    rows = list(book["考核表"].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:6]] == ["县水务局", "县公安局", "idle", "未交办", "合计"]
    late = list(book["逾期清单"].iter_rows(min_row=2, max_row=2, values_only=True))
    assert late == [
        (1, "柯街镇一处道路塌方", "县公安局", "未定级", "回应", "2026-03-03 08:00", None, 576, "逾期未回应")
    ]
    page = book["考核表"].page_setup
    assert (page.orientation, page.paperSize, page.fitToHeight) == ("landscape", 9, 0)
    means = list(book["口径说明"].iter_rows(min_row=2, values_only=True))
    assert [name for name, _ in means] == list(rows[0])


def test_a_telephone_number_in_a_title_does_not_leave_the_desk() -> None:
    held = a_clock("water", state="breached")
    told = replace(held, holder=replace(held.holder, title="请回电13912345678"))
    book = read(as_xlsx(sheets(material(clocks=(told,)), NAMING, ()), NOW))
    assert book["逾期清单"]["B2"].value == "请回电139****5678"


@pytest.mark.parametrize("each", [pytest.param(each, id=each.code) for each in ANALYSES if each.draw])
def test_a_chart_is_drawn_where_there_is_something_to_see_and_none_where_not(each: Analysis) -> None:
    drawing = each.drawing(each.build(FILLED, NAMING))
    assert drawing is not None
    assert b"<svg" in draw(drawing)
    assert each.drawing(each.build(material(), NAMING)) is None
