"""Days, months and hours as people write them in a sheet."""

from dataclasses import replace
from datetime import date, time

import pytest

from monitor.office.duty_sheet.days import Stated, days_in, stated_month, weekday_in
from monitor.office.duty_sheet.hours import UnsaidHoursError, hours_in, whole_day
from monitor.office.example import example_office

NOVEMBER = Stated(year=2026, month=11)
OFFICE = example_office()


@pytest.mark.parametrize(
    ("titles", "stated"),
    [
        (["昌宁县政府办2026年11月值班表"], NOVEMBER),
        (["２０２６年１１月份值班安排"], NOVEMBER),
        (["二〇二六年十一月值班表"], NOVEMBER),
        (["2026年度值班安排", "十月"], Stated(year=2026, month=10)),
        (["值班表（2026.11）"], NOVEMBER),
        (["11月"], Stated(month=11)),
        (["值班表"], Stated()),
    ],
)
def test_the_month_is_read_from_the_titles(titles: list[str], stated: Stated) -> None:
    assert stated_month(titles) == stated


@pytest.mark.parametrize(
    ("written", "days"),
    [
        (date(2026, 11, 24), [24]),
        ("2026-11-24", [24]),
        ("2026/11/24", [24]),
        ("2026年11月24日", [24]),
        ("11月24日", [24]),
        ("11月24日（周二）", [24]),
        ("11.24", [24]),
        ("11-24", [24]),
        ("24日", [24]),
        ("24号", [24]),
        ("２４", [24]),
        ("46350", [24]),
        ("1-3日", [1, 2, 3]),
        ("11月1日至11月3日", [1, 2, 3]),
        ("1—2日", [1, 2]),
    ],
)
def test_days_are_read_as_they_are_written(written: str | date, days: list[int]) -> None:
    assert days_in(written, NOVEMBER) == tuple(date(2026, 11, day) for day in days)


@pytest.mark.parametrize("written", ["备注", "", "合计：30天", "张三"])
def test_what_names_no_day_is_none(written: str) -> None:
    assert days_in(written, NOVEMBER) is None


@pytest.mark.parametrize(
    ("written", "stated", "why"),
    [
        ("31日", NOVEMBER, "没有 2026 年 11 月 31 日"),
        ("24日", Stated(), "看不出是哪年哪月"),
        ("11月24日", Stated(month=11), "看不出是哪年哪月"),
        ("11.1", NOVEMBER, "分不清是 1 日还是 10 日"),
        ("3-1日", NOVEMBER, "终点须不早于起点"),
    ],
)
def test_a_day_that_cannot_be_told_is_refused(written: str, stated: Stated, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        days_in(written, stated)


@pytest.mark.parametrize(
    ("text", "weekday"),
    [("星期一", 0), ("周日", 6), ("天", 6), ("礼拜六", 5), ("24日(星期二)", 1), ("24日", None)],
)
def test_a_weekday_is_read(text: str, weekday: int | None) -> None:
    assert weekday_in(text) == weekday


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("白班", (time(8), time(18))),
        ("夜班值班员", (time(18), time(8))),
        ("白班（8:30-17:30）", (time(8, 30), time(17, 30))),
        ("18时至次日8时", (time(18), time(8))),
        ("0:00—24:00", (time(0), time(0))),
        ("值班员", None),
    ],
)
def test_the_hours_of_a_shift_are_read(text: str, hours: tuple[time, time] | None) -> None:
    assert hours_in(text, OFFICE) == hours


@pytest.mark.parametrize("text", ["中班", "第三班", "8:00-25:00"])
def test_hours_that_nobody_has_said_are_refused(text: str) -> None:
    with pytest.raises(UnsaidHoursError):
        hours_in(text, OFFICE)


def test_the_offices_own_names_of_shifts_go_first() -> None:
    own = (("中班", time(12), time(20)), ("白班", time(9), time(17)), ("全天", time(9), time(9)))
    office = replace(OFFICE, shift_hours=own)
    assert hours_in("中班", office) == (time(12), time(20))
    assert hours_in("白班", office) == (time(9), time(17))
    assert whole_day(office) == (time(9), time(9))
    assert whole_day(OFFICE) == (time(8), time(8))
