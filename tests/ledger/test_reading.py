"""Ledgers as counties keep them, read from real workbooks."""

import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.classifiers.model import Severity
from monitor.classifiers.registry import load_table
from monitor.errors import ConfigurationError
from monitor.ledger import sheet as sheets
from monitor.ledger.cells import instant_in, names_in, severity_in
from monitor.ledger.heading import read_mapping
from monitor.ledger.model import Ledger
from monitor.ledger.reading import read_ledger
from monitor.office.example import example_office
from tests.support.builders import T0
from tests.support.sheets import a_workbook, tampered


def a_cell(local: str) -> datetime:
    """Return what an office program writes into a cell: a local time without a zone."""
    return datetime.fromisoformat(local)


HEADING = [
    "序号",
    "监测时间",
    "舆情标题",
    "来源平台",
    "原文链接",
    "事件等级",
    "类型",
    "涉及乡镇",
    "承办单位",
    "回复时间",
]
CASE = [
    1, a_cell("2025-05-03T09:30"), "某小区停水三天", "县论坛", "https://example.org/1", "一般", "火灾",
    "柯街镇", "县应急管理局、县水务局", a_cell("2025-05-04T18:00"),
]  # fmt: skip


def read(*rows: Any, mapping: str = "", more: Any = None, title: str = "2025年") -> Ledger:
    body = a_workbook([["2025年舆情处置台账"], *rows], merged=["A1:J1"], title=title, more=more)
    chosen = read_mapping(mapping.encode(), "列名.yaml") if mapping else None
    return read_ledger(body, "台账.xlsx", example_office(), load_table(), T0, chosen)


def faults(*rows: Any, mapping: str = "") -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read(*rows, mapping=mapping)
    return caught.value.faults


def test_a_ledger_is_read_by_its_usual_headings() -> None:
    ledger = read(HEADING, CASE, ["", "", "合计", 1])
    (row,) = ledger.rows
    assert (row.title, row.source, row.url) == ("某小区停水三天", "县论坛", "https://example.org/1")
    assert (row.severity, row.event_type, row.category) == (Severity.ORDINARY, "fire", "accident")
    assert row.departments == ("emergency_bureau", "县水务局")
    assert row.detected.at == datetime(2025, 5, 3, 1, 30, tzinfo=UTC)
    assert row.answered is not None
    assert row.ended_at == datetime(2025, 5, 4, 10, 0, tzinfo=UTC)
    assert ledger.columns[0] == ("编号", "序号")
    assert ledger.notes == ("office.yaml 里没有、按原名保留的单位：县水务局（1）",)


def test_columns_of_other_names_are_mapped_and_departments_too() -> None:
    mapping = """
columns: {标题: 何事, 发现时间: 何时}
departments: {县水务局: health}
sheets: [2025年]
"""
    rows = [["何时", "何事", "承办单位", "标题"], [date(2025, 5, 3), "停水", "县水务局", "不读这一列"]]
    ledger = read(*rows, mapping=mapping, more={"说明": [["随便"]]})
    (row,) = ledger.rows
    assert (row.title, row.departments, row.detected.is_exact) == ("停水", ("health",), False)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        pytest.param(1, "上周二", "台账.xlsx!2025年!B3: 发现时间：“上周二”不是日期时间", id="no date"),
        pytest.param(1, None, "台账.xlsx!2025年!B3: 发现时间：必须填写", id="no time of detection"),
        pytest.param(
            1, "2025-02-30", "台账.xlsx!2025年!B3: 发现时间：“2025-02-30”没有这一天", id="no such day"
        ),
        pytest.param(2, "", "台账.xlsx!2025年!C3: 标题：必须填写", id="no title"),
        pytest.param(5, "很大", "台账.xlsx!2025年!F3: 级别：“很大”不是级别", id="no severity"),
        pytest.param(
            9, a_cell("2027-01-01"), "台账.xlsx!2025年!J3: 回应时间：在今天之后", id="in the future"
        ),
    ],
)
def test_a_fault_names_sheet_column_and_row(column: int, value: Any, fault: str) -> None:
    row = [*CASE[:column], value, *CASE[column + 1 :]]
    (found,) = faults(HEADING, row)
    assert found.startswith(fault)


def test_all_faults_are_told_at_once_up_to_a_limit() -> None:
    found = faults(HEADING, *([number, "何时", "何事"] for number in range(250)))
    assert len(found) == 201
    assert found[-1] == "台账.xlsx: 另有 50 处"


def test_a_workbook_without_the_needed_columns_says_which_and_a_missing_sheet_too() -> None:
    assert faults(["甲", "乙"], [1, 2])[0].startswith("台账.xlsx: 没有找到表头：须有“标题”和“发现时间”两列")
    assert faults(HEADING, CASE, mapping="sheets: [2024年]") == ("台账.xlsx: 没有这张工作表：2024年",)


@pytest.mark.parametrize(
    "mapping", ["columns: {标提: 何事}", "column: {}"], ids=["no such field", "no such key"]
)
def test_a_faulty_mapping_is_refused_with_its_line(mapping: str) -> None:
    with pytest.raises(ConfigurationError, match=r"列名\.yaml:1:"):
        read_mapping(mapping.encode(), "列名.yaml")


def test_a_row_has_the_same_key_whenever_it_is_read_and_alike_rows_have_their_own() -> None:
    """A row put in above moves all running numbers: none of the others may come in as another case."""
    again = [2, *CASE[1:]]
    before = [1, a_cell("2025-05-02T08:00"), "更早的一件", *CASE[3:]]
    once, moved = read(HEADING, CASE, again), read(HEADING, before, again, [3, *CASE[1:]])
    assert [row.key for row in once.rows] == [row.key for row in moved.rows[1:]]
    assert len({row.key for row in moved.rows}) == 3


def test_a_row_pasted_twice_is_read_once_and_said() -> None:
    ledger = read(HEADING, CASE, CASE)
    assert len(ledger.rows) == 1
    assert ledger.notes[0] == "与前面某行完全相同、没有再读的行：2025年!4"


def test_cells_merged_downwards_hold_for_each_of_their_rows() -> None:
    """The department and the day stand once for two cases; the second answer of one case is no case."""
    second = [2, None, "另一件停电", *CASE[3:8], None, a_cell("2025-05-05T10:00")]
    third = [None, None, None, *CASE[3:8], None, a_cell("2025-05-06T10:00")]
    body = a_workbook(
        [["2025年舆情处置台账"], HEADING, CASE, second, third], merged=["A1:J1", "B3:B5", "I3:I4", "C4:C5"]
    )
    ledger = read_ledger(body, "台账.xlsx", example_office(), load_table(), T0)
    assert [row.title for row in ledger.rows] == ["某小区停水三天", "另一件停电"]
    assert ledger.rows[1].detected == ledger.rows[0].detected
    assert ledger.rows[1].departments == ledger.rows[0].departments
    assert ledger.notes[0] == "标题与上一行合并、只读第一行的：Sheet1!5"


@pytest.mark.parametrize(
    "merged", [[], ["D2:E2"], ["D2:E2", "A2:A3", "B2:B3", "C2:C3"]], ids=["plain", "across", "and down"]
)
def test_a_heading_of_two_rows_is_read_by_its_particulars(merged: list[str]) -> None:
    rows: list[list[Any]] = [
        ["2025年台账"],
        ["序号", "标题", "发现时间", "回应情况", None],
        [None, None, None, "回应时间", "回应渠道"],
        [1, "停水", "2025-05-03", "2025-05-04", "县政府网"],
    ]
    ledger = read_ledger(a_workbook(rows, merged), "台账.xlsx", example_office(), load_table(), T0)
    (row,) = ledger.rows
    assert row.answered is not None
    assert (row.channel, row.answer) == ("县政府网", "停水")


@pytest.mark.parametrize(
    ("title", "above", "name"),
    [
        pytest.param("2025年", "台账", "台账.xlsx", id="the sheet"),
        pytest.param("Sheet1", "２０２５年度台账", "台账.xlsx", id="above the heading"),
        pytest.param("Sheet1", "台账", "2025年台账.xlsx", id="the file"),
    ],
)
def test_days_without_a_year_are_of_the_year_that_the_ledger_names(title: str, above: str, name: str) -> None:
    rows = [[above], ["标题", "发现时间", "办结时间"], ["停水", "12月30日 8:30", "1.4"], ["停电", "1/1", ""]]
    ledger = read_ledger(a_workbook(rows, title=title), name, example_office(), load_table(), T0)
    first, second = ledger.rows
    assert first.detected.at == datetime(2025, 12, 30, 0, 30, tzinfo=UTC)
    assert first.ended is not None
    assert first.ended.at.date() == date(2026, 1, 4)
    assert second.detected.at.date() == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        pytest.param("3月5日", "“3月5日”没有年份", id="no year"),
        pytest.param(3.1, "“3.1”在表格里是数字", id="the 1st or the 10th"),
        pytest.param("2月30日", "“2月30日”没有", id="no such day"),
    ],
)
def test_a_day_that_cannot_be_told_is_not_guessed(written: Any, fault: str) -> None:
    rows: list[list[Any]] = [["台账"], ["标题", "发现时间"], ["停水", written]]
    with pytest.raises(ConfigurationError) as caught:
        read_ledger(a_workbook(rows), "台账.xlsx", example_office(), load_table(), T0)
    (found,) = caught.value.faults
    assert found.startswith(f"台账.xlsx!Sheet1!B3: 发现时间：{fault}")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(["合 计", None, "2件"], id="a sum in spaced letters"),
        pytest.param(["累计2件"], id="a sum with its number"),
        pytest.param(["审核人：张三", None, None, "填表人：李四"], id="who signed"),
    ],
)
def test_what_stands_below_the_cases_is_none(row: list[Any]) -> None:
    assert len(read(HEADING, CASE, row).rows) == 1


def test_words_keep_their_signs() -> None:
    case = [*CASE[:2], "停水（三天），求助！", *CASE[3:8], "县水务局（供水科）", CASE[9]]
    (row,) = read(HEADING, case).rows
    assert (row.title, row.departments) == ("停水（三天），求助！", ("县水务局（供水科）",))


@pytest.mark.parametrize(
    ("written", "local", "is_exact"),
    [
        pytest.param("2025年11月24日", "2025-11-24 12:00", False, id="a day"),
        pytest.param("2025.11.4", "2025-11-04 12:00", False, id="dots"),
        pytest.param("20251124", "2025-11-24 12:00", False, id="without signs"),
        pytest.param("2025-11-24 08:30", "2025-11-24 08:30", True, id="a minute"),
        pytest.param("2025年11月24日下午3时许", "2025-11-24 15:00", True, id="in words"),
        pytest.param("2025年11月24日（星期一）", "2025-11-24 12:00", False, id="a weekday"),
        pytest.param("２０２５／１１／２４ ８：０５：３０", "2025-11-24 08:05", True, id="wide signs"),
        pytest.param("45985.5", "2025-11-24 12:00", True, id="a number of the office program"),
        pytest.param(a_cell("2025-11-24"), "2025-11-24 12:00", False, id="a date cell"),
    ],
)
def test_instants_are_read_as_they_are_written(written: Any, local: str, is_exact: bool) -> None:
    found = instant_in(written)
    assert found is not None
    assert found.is_exact is is_exact
    assert found.at == datetime.fromisoformat(f"{local}+08:00")


@pytest.mark.parametrize("written", ["", "无", "/", None, "—"])
def test_nothing_written_is_unknown(written: Any) -> None:
    assert (instant_in(written), severity_in(written), names_in(written)) == (None, None, ())


@pytest.mark.parametrize(
    ("written", "severity"),
    [("特别重大事件", 1), ("Ⅱ级", 2), ("较大", 3), ("4级（蓝色）", 4), ("三级", 3), (2, 2)],
)
def test_severities_are_the_words_of_the_law_or_numbers(written: Any, severity: int) -> None:
    assert severity_in(written) == severity


def test_a_length_of_time_needs_both_ends_to_the_minute() -> None:
    heading = [*HEADING, "首发时间"]
    exact = read(heading, [*CASE, a_cell("2025-05-03T08:00")]).rows[0]
    by_day = read(heading, [*CASE, date(2025, 5, 3)]).rows[0]
    assert exact.first_published_at == datetime(2025, 5, 3, 0, 0, tzinfo=UTC)
    assert (by_day.published is not None, by_day.first_published_at) == (True, None)


def bomb() -> bytes:
    """Return an archive of little that unpacks to much."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (65 * 1024 * 1024))
    return written.getvalue()


def entities() -> bytes:
    """Return a workbook with a document type, which only a bomb needs."""
    return tampered(a_workbook([HEADING, CASE]), "sheet1.xml", b"<worksheet", b"<!DOCTYPE x []><worksheet")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(b"no workbook", "打不开", id="no workbook"),
        pytest.param(bomb(), "解压后超过64MB", id="unpacks to too much"),
        pytest.param(entities(), "台账不会有的内容", id="entities"),
        pytest.param(b"0" * (sheets.MOST_BYTES + 1), "文件超过 16MB", id="too large"),
    ],
)
def test_what_is_no_ledger_is_refused_before_it_is_read(body: bytes, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        read_ledger(body, "台账.xlsx", example_office(), load_table(), T0)


def test_more_rows_than_a_ledger_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    with pytest.raises(ConfigurationError, match="超过 3 行"):
        read(HEADING, CASE, CASE, CASE)
