"""`huiying rota`: a sheet is shown before it is kept, with all its faults; who is on duty and when nobody."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.sheets import a_workbook

TITLE = "2026年12月值班表"


def write_sheet(home: Path, *rows: list[str], title: str = TITLE) -> str:
    path = home / "值班表.xlsx"
    path.write_bytes(a_workbook([[title], ["日期", "值班员"], *rows]))
    return str(path)


def append(home: Path, text: str) -> None:
    with (home / "office.yaml").open("a", encoding="utf-8") as office:
        office.write(text)


def test_a_sheet_is_shown_asked_about_and_kept(home: Path, huiying: Run) -> None:
    path = write_sheet(home, ["1日", "办公室主任"], ["2日", "值班员"])
    refused = huiying("rota", "import", path, stdin=b"n\n")
    assert refused.code == 1
    assert " 1日周二　 值班员 办公室主任" in refused.out
    assert "! 表中没有的日子：3-31日" in refused.out
    assert "没有导入" in refused.out
    assert "1日周二　 值班员 值班员" in huiying("rota", "show", "--month", "2026-12").out

    kept = huiying("rota", "import", path, stdin=b"y\n")
    assert (kept.code, kept.out.splitlines()[-1]) == (
        0,
        "导入以上 2026年12月 的安排吗？ [y/N]: 已导入 2026年12月 的值班表",
    )
    shown = huiying("rota", "show", "--month", "2026-12").out
    assert "1日周二　 值班员 办公室主任　办公室负责人 办公室主任" in shown
    assert huiying("rota", "import", path, "--yes").out.endswith("，替换了以前导入的\n")


def test_every_fault_is_told_at_once_and_nothing_is_kept(home: Path, huiying: Run) -> None:
    path = write_sheet(home, ["1日", "王五"], ["32日", "值班员"])
    ran = huiying("rota", "import", path, "--yes")
    assert ran.code == 2
    assert ran.err.splitlines() == [
        "值班表.xlsx!B3: office.yaml 里没有“王五”这个人，请先加到 people",
        "值班表.xlsx!A4: 没有 2026 年 12 月 32 日",
    ]
    assert "1日周二　 值班员 值班员" in huiying("rota", "show", "--month", "2026-12").out


def test_a_sheet_without_a_month_needs_one(home: Path, huiying: Run) -> None:
    path = write_sheet(home, ["1日", "值班员"], title="值班表")
    assert "用 --month 2026-11 指明" in huiying("rota", "import", path, "--yes").err
    assert "已导入 2026年11月" in huiying("rota", "import", path, "--yes", "--month", "2026-11").out


def test_the_present_month_is_shown_by_default(huiying: Run) -> None:
    assert len(huiying("rota", "show").out.splitlines()) in range(29, 33)


@pytest.mark.parametrize(
    ("rota", "code", "said"),
    [
        pytest.param("", 0, "今后 31 天各层级都有人值班", id="everybody always"),
        pytest.param("rota: {1: []}\n", 1, "! 第 1 层级（值班员）今天", id="nobody ever"),
        pytest.param(
            "rotations: {1: [{people: [duty], from: 2003-01-01, on: workdays}]}\n",
            1,
            "还没有 2003 年的节假日和调休安排",
            id="a year that nobody knows",
        ),
    ],
)
def test_gaps_and_missing_years_are_found(home: Path, huiying: Run, rota: str, code: int, said: str) -> None:
    append(home, rota)
    ran = huiying("rota", "check")
    assert ran.code == code
    assert said in ran.out
