from datetime import datetime, timedelta

import pytest

from monitor.clock import SHANGHAI
from monitor.incidents.promises import read_promises

AT = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)  # a Tuesday


def local(month: int, day: int, hour: int = 23, *, last: bool = True, year: int = 2026) -> datetime:
    minute, second = (59, 59) if last else (0, 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=SHANGHAI)


PROMISES = [
    pytest.param("调查结果将于12月5日前公布。", local(12, 5), id="before a day"),
    pytest.param("将于11月25日9时召开新闻发布会。", local(11, 25, 9, last=False), id="an hour named"),
    pytest.param("我们将在48小时内答复。", local(11, 26, 10, last=False), id="hours"),
    pytest.param("检测结果三天内公布。", local(11, 27, 10, last=False), id="days in words"),
    pytest.param("预计明天恢复供水。", local(11, 25), id="tomorrow"),
    pytest.param("本周内答复群众。", local(11, 29), id="this week"),
    pytest.param("本月底前完成线路改造。", local(11, 30), id="the end of the month"),
    pytest.param("将于1月10日前全部退还。", local(1, 10, year=2027), id="next year"),
    pytest.param("检测结果将在3个工作日内公布。", None, id="nobody knows the days worked"),
]


@pytest.mark.parametrize(("text", "due_at"), PROMISES)
def test_a_promise_is_read_with_its_time(text: str, due_at: datetime | None) -> None:
    (promise,) = read_promises(text, AT)
    assert promise.due_at == due_at
    assert promise.passage in text


def test_working_days_are_counted_from_the_day_of_publication_by_whoever_knows_them() -> None:
    text = "检测结果将在3个工作日内公布。"
    (promise,) = read_promises(text, AT, lambda on, count: on + timedelta(days=count))
    assert promise.due_at == local(11, 27)


NONE = [
    "11月23日已恢复供水。",
    "截至11月24日8时，伤者病情稳定。",
    "下一步，我县将加强监管。",
    "已于11月20日前全部退还。",
    "11月20日，工作组到现场处理。",
]


@pytest.mark.parametrize("text", NONE)
def test_what_is_done_or_has_no_time_is_no_promise(text: str) -> None:
    assert read_promises(text, AT) == ()
