"""The month's duty sheet as counties make it: to shifts, or every fault at once with its cell."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.clock import as_local
from monitor.errors import ConfigurationError
from monitor.office.duty_sheet.reading import DutySheet, read_duty_sheet
from monitor.office.example import example_office
from monitor.office.model import Office, Person
from tests.support.sheets import Rows, a_workbook

NAMES = [
    ("zhang", "张三", 1),
    ("li", "李四", 1),
    ("he", "和中", 1),
    ("wang", "王 五", 1),
    ("zhou", "周主任", 2),
    ("zhao", "赵六六", 3),
]
MUTE = Person(id="mute", name="吴声")
NAMESAKES = (
    Person(id="chen1", name="陈明", level=1, channels=("duty-wecom",)),
    Person(id="chen3", name="陈明", level=3, channels=("duty-wecom",)),
)


def an_office() -> Office:
    people = tuple(Person(id=id_, name=name, level=n, channels=("duty-wecom",)) for id_, name, n in NAMES)
    return replace(example_office(), people=(*people, MUTE, *NAMESAKES))


def read(rows: Rows, merged: Sequence[str] = (), **more: Any) -> DutySheet:
    month = more.pop("month", None)
    return read_duty_sheet(a_workbook(rows, merged, **more), "表.xlsx", an_office(), month)


def duties(sheet: DutySheet) -> list[tuple[int, str, str]]:
    """Return level, person and hours of each shift, local time."""
    return [
        (rota.level, s.person, f"{as_local(s.since):%d %H:%M}-{as_local(s.until):%d %H:%M}")
        for rota in sheet.rotas
        for s in rota.shifts
    ]


def faults(rows: Rows, merged: Sequence[str] = (), **more: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        read(rows, merged, **more)
    return [fault.removeprefix("表.xlsx!").removeprefix("表.xlsx: ") for fault in refused.value.faults]


TITLE = ["昌宁县人民政府办公室2026年11月值班表"]
WHOLE = "24 08:00-25 08:00"


@pytest.mark.parametrize(
    ("rows", "merged", "expected"),
    [
        pytest.param(
            [TITLE, ["日期", "星期", "带班领导", "值班员", "电话"], ["24日", "二", "赵六六", "张三", "138"]],
            ["A1:E1"],
            [(1, "zhang", WHOLE), (3, "zhao", WHOLE)],
            id="the usual sheet",
        ),
        pytest.param(
            [TITLE, ["值班人员", "日 期", "值班主任", "值班领导"], ["张三", "11月24日", "周主任", "赵六六"]],
            [],
            [(1, "zhang", WHOLE), (2, "zhou", WHOLE), (3, "zhao", WHOLE)],
            id="other words in another order",
        ),
        pytest.param(
            [TITLE, ["日期", "分管领导"], [date(2026, 11, 24), "赵六六"]],
            [],
            [(3, "zhao", WHOLE)],
            id="the office's own word for a level",
        ),
        pytest.param(
            [TITLE, ["日期", "值班员"], ["24日", "张　三、李四\n王五 和 中（科员）13800001111"]],
            [],
            [(1, "he", WHOLE), (1, "li", WHOLE), (1, "wang", WHOLE), (1, "zhang", WHOLE)],
            id="several names in a cell",
        ),
        pytest.param(
            [TITLE, ["日期", "值班员", "带班领导"], ["24日", "张三 李四", "副县长赵六六"]],
            [],
            [(1, "li", WHOLE), (1, "zhang", WHOLE), (3, "zhao", WHOLE)],
            id="names with a space between, a title before",
        ),
        pytest.param(
            [TITLE, ["日期", "带班领导", "值班员"], ["24日", "赵六六", "张三"], ["25日", None, "李四"]],
            ["B3:B4"],
            [
                (1, "zhang", WHOLE),
                (1, "li", "25 08:00-26 08:00"),
                (3, "zhao", WHOLE),
                (3, "zhao", "25 08:00-26 08:00"),
            ],
            id="a leader over two days",
        ),
        pytest.param(
            [
                TITLE,
                ["日期", "值班员", None],
                [None, "白班", "夜班（17:30-次日8:30）"],
                ["24日", "张三", "李四"],
            ],
            ["A2:A3", "B2:C2"],
            [(1, "zhang", "24 08:00-24 18:00"), (1, "li", "24 17:30-25 08:30")],
            id="day and night in two columns",
        ),
        pytest.param(
            [TITLE, ["日期", "班次", "值班员"], ["24日", "白班", "张三"], [None, "夜班", "李四"]],
            ["A3:A4"],
            [(1, "zhang", "24 08:00-24 18:00"), (1, "li", "24 18:00-25 08:00")],
            id="day and night in two rows",
        ),
        pytest.param(
            [TITLE, ["日期", "时间", "值班"], ["24日", "8:00-20:00", "张三"], ["24日", "20:00-8:00", "李四"]],
            [],
            [(1, "zhang", "24 08:00-24 20:00"), (1, "li", "24 20:00-25 08:00")],
            id="hours in a column",
        ),
        pytest.param(
            [TITLE, ["日期", "值班员"], ["24日", "张三"], ["日期", "值班员"], ["25日", "李四"]],
            [],
            [(1, "zhang", WHOLE), (1, "li", "25 08:00-26 08:00")],
            id="the heading again on a second page",
        ),
        pytest.param(
            [TITLE, ["日期", "值班员", "日期", "值班员"], ["24日", "张三", "25日", "李四"]],
            [],
            [(1, "zhang", WHOLE), (1, "li", "25 08:00-26 08:00")],
            id="two halves side by side",
        ),
        pytest.param(
            [
                TITLE,
                ["日期", "值班员"],
                ["24日", "张三"],
                [None, "李四"],
                ["备注：24小时在岗"],
                ["注", "带班领导不离县"],
            ],
            ["A5:B5"],
            [(1, "li", WHOLE), (1, "zhang", WHOLE)],
            id="a second row for a day, notes below",
        ),
        pytest.param(
            [TITLE, ["日期", "值班员", "带班领导"], ["24日", "陈明", "陈明"], ["25日", "无", "赵六六"]],
            [],
            [(1, "chen1", WHOLE), (3, "chen3", WHOLE), (3, "zhao", "25 08:00-26 08:00")],
            id="namesakes told apart by level, and nobody on purpose",
        ),
    ],
)
def test_a_sheet_is_read(rows: Rows, merged: list[str], expected: list[tuple[int, str, str]]) -> None:
    sheet = read(rows, merged)
    assert sheet.month == date(2026, 11, 1)
    assert duties(sheet) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([["值班表"]], ["没有找到表头"], id="no heading"),
        pytest.param([TITLE, ["日期", "值班员"]], ["A2: 表头下面没有排班"], id="nothing under it"),
        pytest.param(
            [
                TITLE,
                ["日期", "星期", "值班员"],
                ["24日", "三", "王六"],
                ["31日", "二", ""],
                ["12月1日", "二", "吴声"],
            ],
            [
                "B3: 11月24日是星期二，表中写的是星期三",
                "C3: office.yaml 里没有“王六”这个人",
                "A4: 没有 2026 年 11 月 31 日",
                "C4: 没有写值班员",
                "A5: 2026-12-01 不在 2026 年 11 月",
                "C5: “吴声”没有任何渠道",
            ],
            id="every fault at once",
        ),
        pytest.param(
            [TITLE, ["日期", "值班员"], ["24日", "张三"], ["24日", "张三"], ["25日", None], ["周末", "李四"]],
            ["B4: 与 B3 是同一人，时间重叠", "B5: 没有写值班员；确实无人值班请写“无”", "A6: “周末”不是日期"],
            id="twice, nobody, no day",
        ),
        pytest.param(
            [TITLE, ["日期", "班次", "值班员"], ["24日", "中班", "张三"]],
            ["B3: “中班”没有写钟点"],
            id="hours unsaid",
        ),
        pytest.param(
            [TITLE, ["日期", "值班员"], ["24日", "138 0000 1111"]],
            ["B3: “138 0000 1111”里没有姓名"],
            id="no name",
        ),
        pytest.param(
            [TITLE, ["日期", "值班主任"], ["24日", "陈明"]], ["B3: 有 2 人都叫“陈明”"], id="namesakes"
        ),
        pytest.param(
            [["日期", "值班员"], ["1日", "张三"], ["2日", "李四"]],
            ["A2: 看不出是哪年哪月"],
            id="no month, said once",
        ),
    ],
)
def test_every_fault_is_told_with_its_cell(rows: Rows, expected: list[str]) -> None:
    said = faults(rows)
    assert len(said) == len(expected)
    for fault, begins in zip(sorted(said), sorted(expected), strict=True):
        assert fault.startswith(begins)


def test_a_day_with_nobody_on_purpose_is_part_of_the_month() -> None:
    (rota,) = read([TITLE, ["日期", "值班员"], ["23日", "无"], ["24日", "张三"], ["25日", "—"]]).rotas
    assert (as_local(rota.since).day, as_local(rota.until).day, len(rota.shifts)) == (23, 26, 1)


def test_a_weekday_beside_the_day_is_held_against_it() -> None:
    assert faults([TITLE, ["日期", "值班员"], ["24日（星期三）", "张三"], ["25日(周三)", "李四"]]) == [
        "A3: 11月24日是星期二，表中写的是星期三"
    ]


def test_the_month_may_be_given() -> None:
    sheet = read([["日期", "值班员"], ["24日", "张三"]], month=date(2026, 11, 9))
    assert sheet.month == date(2026, 11, 1)


YEAR = {
    "10月": [["2026年10月值班表"], ["日期", "值班员"], ["24日", "张三"]],
    "11月": [TITLE, ["日期", "值班员"], ["24日", "李四"]],
}


def test_of_several_sheets_the_month_given_is_taken() -> None:
    sheet = read(YEAR["10月"], title="10月", more={"11月": YEAR["11月"]}, month=date(2026, 11, 1))
    assert duties(sheet) == [(1, "li", WHOLE)]
    assert faults(YEAR["10月"], title="10月", more={"11月": YEAR["11月"]}) == [
        "有 2 张值班表（10月、11月），请用 --month 2026-11 指明哪个月"
    ]


def test_the_reader_is_told_what_a_sheet_leaves_out() -> None:
    days = [[f"{n}日", "张三"] for n in (*range(1, 10), *range(12, 30))]
    sheet = read([TITLE, ["日期", "值班员", "食堂"], *days])
    assert sheet.notes == ("表中没有的日子：10-11日、30日", "没有用到的列：食堂（C2）")


WRITTEN = (
    "日期|值班员|带班领导|夜班|班次|星期|二|24日|11月31日|1-3日|11.1|2026-11-24|99999|张三|李 四|张三、李四"
)
WRITTEN += "|赵六六（副县长）|王六|无|备注|8:00-25:00|2026年11月|=A1|"
CELLS = st.sampled_from(WRITTEN.split("|")) | st.dates(date(1900, 3, 1), date(2100, 1, 1))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(CELLS, max_size=6), max_size=8), st.sampled_from([[], ["A1:B2"], ["B3:C5", "A1:F1"]])
)
def test_whatever_stands_in_a_sheet_is_read_or_refused_in_words(rows: Rows, merged: list[str]) -> None:
    with suppress(ConfigurationError):
        sheet = read([["日期", "值班员", "夜班"], *rows], merged, month=date(2026, 11, 1))
        for rota in sheet.rotas:
            assert all(rota.since <= s.since < s.until <= rota.until for s in rota.shifts)
