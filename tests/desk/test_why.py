"""Why somebody was not told always has an answer (A9)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.model import RoundState
from monitor.desk.views.why_view import untold
from monitor.office.model import Department, Person, Shift
from tests.desk.conftest import ServedDesk
from tests.desk.story import an_office
from tests.support.builders import T0, a_dossier, a_round, after, an_alert, an_incident

NOW = after(minutes=5)
OFFICE = replace(
    an_office(),
    people=(
        *an_office().people,
        Person(id="admin", name="系统管理员", channels=("duty-wecom",)),
        Person(id="mute", name="周无声", level=1),
        Person(id="off", name="郑轮休", level=2, channels=("group-wecom",)),
    ),
    rostered_levels=(2,),
    shifts=(Shift(level=2, person="office_head", since=T0, until=after(days=1)),),
)
DUTY = an_alert()
ENDED = {"state": RoundState.ENDED, "next_at": None}


@pytest.mark.parametrize(
    ("who", "rounds", "why"),
    [
        pytest.param("系统管理员", [a_round()], "不在值班层级内", id="no level"),
        pytest.param("周无声", [a_round()], "没有配置通道", id="no channel"),
        pytest.param("郑轮休", [a_round()], "第2层级，通知时不在班", id="off duty"),
        pytest.param(
            "李立春",
            [a_round()],
            "第2层级，第1轮通知到第1层级，今天 08:15 前无人确认才逐级上报",
            id="the round has not come so far",
        ),
        pytest.param(
            "赵谷雨",
            [a_round(), a_round(id="2", serial=2, **ENDED, end_reason="acknowledged")],
            "第3层级，第2轮通知到第1层级为止：已有人确认收到",
            id="somebody acknowledged before",
        ),
        pytest.param(
            "赵谷雨",
            [a_round(climbs=False)],
            "第3层级，第1轮通知到第1层级，不再上报",
            id="a round that does not climb",
        ),
        pytest.param("李立春", [a_round(told_level=2)], "第2层级，通知后才到班", id="came after it"),
        pytest.param("李立春", [], "还没有开始通知", id="no round yet"),
    ],
)
def test_everybody_who_has_no_message_has_a_reason(who: str, rounds: list[Any], why: str) -> None:
    found = untold(a_dossier(rounds=tuple(rounds)), [DUTY], OFFICE, NOW)
    assert {one.who: one.why for one in found}[who] == why


def test_without_a_clock_the_reason_is_that_of_the_clock() -> None:
    found = untold(a_dossier(an_incident(local=False)), [], OFFICE, NOW)
    assert {one.who: one.why for one in found}["赵谷雨"] == "已认定不属于本县"


@pytest.mark.parametrize(
    ("assigned", "channels", "why"),
    [
        pytest.param((), ("x",), "没有交办给该单位", id="not assigned"),
        pytest.param(("education",), (), "已交办，但没有配置通道", id="assigned and unreachable"),
        pytest.param(("education",), ("x",), "已交办", id="assigned, its message not yet queued"),
    ],
)
def test_a_department_is_told_when_assigned(
    assigned: tuple[str, ...], channels: tuple[str, ...], why: str
) -> None:
    school = Department(id="education", name="县教育体育局", channels=channels)
    office = replace(OFFICE, departments=(school,))
    found = untold(a_dossier(an_incident(assigned_to=assigned)), [], office, NOW)
    assert {one.who: one.why for one in found}["县教育体育局"] == why


def test_nobody_is_missing_and_nobody_is_named_twice() -> None:
    found = [one.who for one in untold(a_dossier(), [DUTY], OFFICE, NOW)]
    assert sorted(found) == sorted(
        [*(p.name for p in OFFICE.people if p.id != "duty"), *(d.name for d in OFFICE.departments)]
    )


async def test_the_incident_page_answers_for_everybody(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        served.clock.advance(timedelta(seconds=1))
        page = (await browser.get("/incidents/1")).text
    assert "未通知的人和单位" in page
    assert "没有交办给该单位" in page
