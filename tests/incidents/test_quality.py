from monitor.incidents.quality import Check, check_answers

PUBLIC = ["漭水镇停水三天，要求尽快恢复供水。", "水费照收，要求退款！"]
ANSWER = "经查，停水系主管道破裂所致。供水公司已连夜抢修，今日恢复供水。咨询电话：0875-7120000。"


def checks(public: list[str], answers: list[str]) -> dict[str, Check]:
    return {check.name: check for check in check_answers(public, answers)}


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
