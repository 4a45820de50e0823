"""Times, lengths and clocks as a message says them."""

import re
from datetime import datetime, timedelta

import pytest

from alerts.message.words import say_clock, say_length, say_standard, say_time
from monitor.classifiers.registry import load_table
from tests.support.builders import T0, after, an_obligation

RELEASE = an_obligation(id="release", name="首次权威信息", window=timedelta(hours=5))
DUE_AT = RELEASE.due_at

TIMES = [
    pytest.param(after(hours=6), "今天 14:00", id="today"),
    pytest.param(after(hours=-9), "3月1日 23:00", id="yesterday in Shanghai"),
    pytest.param(after(hours=16), "3月3日 00:00", id="midnight is tomorrow"),
    pytest.param(after(days=-100), "2025年11月22日 08:00", id="another year"),
]


@pytest.mark.parametrize(("at", "said"), TIMES)
def test_times_are_said_in_local_time(at: datetime, said: str) -> None:
    assert say_time(at, T0) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "不到1分钟"),
        (45, "45分钟"),
        (60, "1小时"),
        (298, "4小时58分"),
        (71 * 60 + 59, "71小时59分"),
        (72 * 60, "3天"),
    ],
)
def test_lengths_are_said_in_hours_and_minutes(minutes: int, said: str) -> None:
    assert say_length(timedelta(minutes=minutes, seconds=59 if minutes else 0)) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        pytest.param(DUE_AT, "今天 13:00 到点，还剩 不到1分钟", id="the last moment still counts"),
        pytest.param(DUE_AT + timedelta(seconds=1), "今天 13:00 到点，已超时 不到1分钟", id="a second later"),
    ],
)
def test_the_due_instant_itself_is_in_time(now: datetime, said: str) -> None:
    assert say_clock(RELEASE, now) == said


def test_every_row_of_the_table_is_cited_in_chinese_alone() -> None:
    cited = [say_standard(str(row)) for standard in load_table().standards for row in standard.rows]
    assert [said for said in cited if re.search(r"[a-z_]{3,}", said)] == []
    assert say_standard("RAIL2012: derailed_cars >= 18 and passenger_train (S02)").endswith(
        "条例：客运列车脱轨18辆以上"
    )
