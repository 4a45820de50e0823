from datetime import datetime

import pytest

from monitor.clock import SHANGHAI
from monitor.incidents.quality import Check, check_answers

AT = datetime(2026, 11, 24, 10, 0, tzinfo=SHANGHAI)  # a Tuesday

PUBLIC = ["漭水镇停水三天，要求尽快恢复供水。", "水费照收，要求退款！"]
ANSWER = "经查，停水系主管道破裂所致。供水公司已连夜抢修，今日恢复供水。咨询电话：0875-7120000。"


def checks(public: list[str], answers: list[str]) -> dict[str, Check]:
    return {check.name: check for check in check_answers(public, [(a, AT) for a in answers])}


def test_each_demand_stands_beside_the_sentence_that_answers_it() -> None:
    found = checks(PUBLIC, [ANSWER])
    assert found["恢复供应"].asked == "漭水镇停水三天，要求尽快恢复供水。"
    assert found["恢复供应"].answered == "供水公司已连夜抢修，今日恢复供水。"
    assert found["退款退费"].answered == ""


def test_a_demand_that_nobody_makes_is_not_asked_for() -> None:
    assert "发放工资" not in checks(PUBLIC, [ANSWER])


def test_the_points_of_a_good_answer_are_found_or_missed() -> None:
    found = checks(PUBLIC, [ANSWER])
    assert found["原因"].answered == "经查，停水系主管道破裂所致。"
    assert found["联系方式"].answered == "咨询电话：0875-7120000。"
    assert found["下一步及时间"].answered == ""


def test_without_an_answer_everything_is_open() -> None:
    assert [check.answered for check in check_answers(PUBLIC, [])] == [""] * len(check_answers(PUBLIC, []))


WITH_TIME = [
    "下一步，将于12月5日前公布调查结果。",
    "12月5日前，我们将继续公布处置进展。",
    "预计明日恢复供水。",
    "力争48小时内完成抢修。",
    "将于今日前全部退还。",
    "将于11月24日16时召开新闻发布会。",
    "后续进展每日18时发布。",
    "工作组将继续每12小时通报一次。",
    "检测结果将在3个工作日内公布。",
]
WORDS_ALONE = [
    pytest.param("下一步，我县将加强监管。", id="no time"),
    pytest.param("我们将尽快恢复供水，并及时公布进展。", id="soon is no time"),
    pytest.param("截至11月24日8时，抢修仍在继续。", id="how it stood"),
    pytest.param("11月24日，县委要求继续做好救治。", id="the day of the meeting"),
    pytest.param("11月24日县委要求继续做好救治。", id="the day of the meeting, without a comma"),
    pytest.param("下一步，将深刻吸取11月23日事故教训。", id="the day of the event"),
    pytest.param("24小时内降雨量达100毫米，后续将加强监测。", id="the rain of a day"),
    pytest.param("预计未来24小时内仍有强降雨。", id="a forecast"),
    pytest.param("已于11月20日前退还，后续问题可来电。", id="done"),
    pytest.param("调查结果12月5日公示于县政府网。", id="a time without a next step"),
    pytest.param("11月24日前往现场继续核查。", id="going there"),
    pytest.param("目前救治工作正在继续。", id="at present"),
]


@pytest.mark.parametrize("text", WITH_TIME)
def test_a_next_step_with_its_time_is_found(text: str) -> None:
    assert checks([], [text])["下一步及时间"].answered == text


@pytest.mark.parametrize("text", WORDS_ALONE)
def test_a_next_step_without_a_time_to_come_is_missed(text: str) -> None:
    assert checks([], [text])["下一步及时间"].answered == ""


def test_a_time_that_has_passed_when_the_answer_came_out_is_none() -> None:
    text = "将于12月5日前公布调查结果。"
    late = datetime(2026, 12, 6, 9, 0, tzinfo=SHANGHAI)
    found = {check.name: check for check in check_answers([], [(text, late)])}
    assert found["下一步及时间"].answered == ""
