"""A workbook is opened within bounds or refused in words; what is shown counts, nothing is evaluated."""

from datetime import date

import pytest

from monitor.errors import ConfigurationError
from monitor.office.duty_sheet import grid
from monitor.office.duty_sheet.grid import read_grids
from tests.support.sheets import a_workbook, tampered

SMALL = a_workbook([["日期"]])
END = b"</sheetData>"


def test_merged_cells_say_what_the_first_says_and_numbers_have_no_point() -> None:
    body = a_workbook([["甲", None], [None, 24.0], [date(2026, 11, 24), "　乙 "]], ["A1:A2"])
    (read,) = read_grids(body, "表.xlsx")
    assert [read.text((1, 1)), read.text((2, 1)), read.text((2, 2)), read.text((3, 2))] == [
        "甲",
        "甲",
        "24",
        "乙",
    ]
    assert read.cells[(3, 1)] == date(2026, 11, 24)
    assert read.anchor((2, 1)) == (1, 1)


def test_a_formula_counts_as_what_was_last_shown_and_is_not_evaluated() -> None:
    (read,) = read_grids(a_workbook([["=1+1"]]), "表.xlsx")
    assert read.text((1, 1)) == ""


def a_merge(ref: str) -> bytes:
    return tampered(SMALL, "sheet1", END, END + f'<mergeCells><mergeCell ref="{ref}"/></mergeCells>'.encode())


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(b"", "打不开", id="nothing"),
        pytest.param(b"\xd0\xcf\x11\xe0 an old or a locked workbook", "另存为 .xlsx", id="an old workbook"),
        pytest.param(SMALL[:-30], "打不开", id="a broken archive"),
        pytest.param(tampered(SMALL, "workbook.xml", b"<workbook", b"<"), "打不开", id="broken inside"),
        pytest.param(b"0" * (grid.MOST_BYTES + 1), "文件超过 2MB", id="too large"),
        pytest.param(
            tampered(SMALL, "theme", b"<a:theme", b" " * grid.MOST_UNPACKED + b"<a:theme"),
            "解压后超过 8MB",
            id="a bomb",
        ),
        pytest.param(
            tampered(SMALL, "sheet1", b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
            "不会有的内容",
            id="a document type",
        ),
        pytest.param(a_merge("A1:XFD1048576"), "范围过大", id="a merged area of everything"),
        pytest.param(a_merge("&#65;1:XFD1048576"), "范围过大", id="a merged area that hides its size"),
        pytest.param(
            tampered(SMALL, "sheet1", END, b"<c/>" * (grid.MOST_TAGS + 1) + END),
            "内容过多",
            id="cells without end",
        ),
        pytest.param(
            a_workbook([[]] * 1_000 + [["甲"]]), "表.xlsx!Sheet1: 超过 1000 行", id="a row far below"
        ),
        pytest.param(
            a_workbook(more={f"{n}": () for n in range(40)}), "超过 40 张工作表", id="too many sheets"
        ),
    ],
)
def test_what_is_no_sheet_or_too_large_is_refused_in_words(body: bytes, fault: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_grids(body, "表.xlsx")
    (said,) = refused.value.faults
    assert said.startswith("表.xlsx")
    assert fault in said
