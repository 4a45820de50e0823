"""One incident, one story: everything in the order of time, and what says nothing new is one line."""

from datetime import timedelta

import pytest

from alerts.model import AlertState
from monitor.classifiers.model import Count, Figures
from monitor.collectors.model import Role
from monitor.desk.views.journal_view import Line
from monitor.desk.views.story_view import Moment, report_moments, tell_story
from monitor.dossier.model import Change
from monitor.ports import JoinedItem, JournalEntry
from tests.desk.story import an_office
from tests.support.builders import a_verdict, after, an_alert, an_item

OFFICE = an_office()


def report(
    minutes: int, dead: int | None = None, role: Role = Role.MEDIA, repeat: bool = False
) -> JoinedItem:
    """Return a report of so many dead at this minute."""
    counts = {} if dead is None else {"deaths": Count.exactly(dead)}
    item = an_item(
        id=minutes,
        key=f"k{minutes}",
        title=f"第{minutes}分钟",
        role=role,
        published_at=after(minutes=minutes),
    )
    verdict = a_verdict(figures=Figures(counts=counts))
    return JoinedItem(item=item, verdict=verdict, reach_only=repeat, similarity=None, reason="")


def line(minutes: int, event: str, *, is_routine: bool = False) -> Line:
    """Return an entry of the journal at this minute."""
    change = Change(at=after(minutes=minutes), event=event, incident=1, actor="duty", via="desk")
    return Line(
        entry=JournalEntry(seq=1, change=change, previous_hash="", hash=""),
        actor="王小满",
        facts="",
        is_routine=is_routine,
    )


def told(moments: tuple[Moment, ...]) -> list[str]:
    return [f"{m.what} {m.who} {m.facts}".strip() for m in moments]


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        pytest.param([report(1, 3), report(2, 3), report(3, 5)],
                     ["第1分钟（死亡3人）", "另有 1 条，没有新的数据", "第3分钟（死亡5人）"],
                     id="another figure is told, the same again is not"),
        pytest.param([report(2, 3, repeat=True), report(1)], ["第1分钟", "另有 1 条，没有新的数据"],
                     id="a repeat brings no figure; the first report is told whatever it says"),
        pytest.param([report(1), report(2, role=Role.OFFICIAL), report(3), report(4)],
                     ["第1分钟", "第2分钟", "另有 2 条，没有新的数据"], id="what is official is told"),
        pytest.param([report(1, 3, Role.SOCIAL), report(2, 3, Role.OFFICIAL)],
                     ["第1分钟（死亡3人）", "第2分钟（死亡3人）"], id="the same from another kind of source"),
    ],
)  # fmt: skip
def test_a_report_is_told_where_it_brings_something(reports: list[JoinedItem], said: list[str]) -> None:
    assert [moment.facts for moment in tell_story(report_moments(reports), (), (), OFFICE)] == said


def test_reports_acts_and_messages_stand_in_the_order_of_time_without_routine() -> None:
    alerts = (
        an_alert(to="duty", created_at=after(minutes=2)),
        an_alert(to="leader", created_at=after(minutes=2), state=AlertState.DEAD),
        an_alert(to="duty", created_at=after(minutes=9), reason="reminder_50"),
    )
    lines = (line(5, "acknowledged"), line(1, "incident_opened"), line(6, "item_joined", is_routine=True))
    reports = report_moments([report(0, 2), report(7), report(8)])
    story = tell_story(reports, lines, alerts, OFFICE)
    assert told(story) == [
        "媒体 县报 第0分钟（死亡2人）",
        "事件立案 王小满",
        "告知 发现新事件 王小满、赵谷雨（未能送达）",
        "确认收到 王小满",
        "报道  另有 2 条，没有新的数据",
        "告知 时限过半 王小满",
    ]
    assert [m.at for m in story] == sorted(m.at for m in story)
    assert story[4].at == after(minutes=8)
    assert story[0].at + timedelta(minutes=1) == story[1].at
